/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server's session: who may ask for what, and the order of a slot's two
 * steps. */
#include "session/server_internal.h"

static const struct refusal kind_may_not = {
	OBOL_REPLY_NOT_ALLOWED,
	"a login of this kind may not do that: log in with the password"
};
static const struct refusal activation_may_not = {
	OBOL_REPLY_NOT_ALLOWED,
	"an activation code can only set the account up: activate it first"
};
static const struct refusal enrolment_may_not = {
	OBOL_REPLY_NOT_ALLOWED,
	"an enrolment code can only make an account: log in to that one"
};
static const struct refusal makes_none = {
	OBOL_REPLY_NOT_ALLOWED,
	"accounts are made before a login, or with an enrolment code"
};
static const struct refusal deleted = {
	OBOL_REPLY_LOGIN_NEEDED, "the account was deleted on this connection"
};
static const struct refusal not_first = {
	OBOL_REPLY_PARAMETER,
	"an account begins with a password and, if wanted, a device"
};
static const struct refusal not_fresh = {
	OBOL_REPLY_LOGIN_NEEDED, "the login is too old for that: log in once more"
};
static const struct refusal rekeyed = {
	OBOL_REPLY_LOGIN_NEEDED,
	"the account has a new key: log in with one of its new slots"
};
static const struct refusal unknown_kind = {
	OBOL_REPLY_UNSUPPORTED,
	"this kind of slot is not known here: update client or server"
};
static const struct refusal operators_kind = {
	OBOL_REPLY_NOT_ALLOWED,
	"an activation code is made by the operator: ask for a new one"
};
static const struct refusal too_many_begun = {
	OBOL_REPLY_QUOTA, "too many slots were begun: finish some of them first"
};
static const struct refusal not_begun = {
	OBOL_REPLY_SEQUENCE,
	"this slot was not begun on this connection: update the client"
};
static const struct refusal other_key = {
	OBOL_REPLY_PARAMETER,
	"the slot's key number is not the one that was answered: begin it again"
};
static const struct refusal weak_ksf = {
	OBOL_REPLY_PARAMETER,
	"the slot's key stretching is out of bounds: take what was answered"
};

static struct begun_slot *find_begun(struct obol_server_session *session,
									 uint8_t kind, const uint8_t *device_id)
{
	size_t i;

	for (i = 0; i < session->n_begun; i++)
	{
		if (session->begun[i].kind == kind &&
			memcmp(session->begun[i].device_id, device_id,
				   OBOL_DEVICE_ID_LEN) == 0)
		{
			return &session->begun[i];
		}
	}
	return NULL;
}

/* Kinds that a client can make. */
static enum obol_status check_kind(uint8_t kind, struct refusal *why)
{
	switch (kind)
	{
		case OBOL_SLOT_PASSWORD:
		case OBOL_SLOT_RECOVERY:
		case OBOL_SLOT_DEVICE:
			return OBOL_OK;
		case OBOL_SLOT_ACTIVATION:
			*why = operators_kind;
			break;
		default:
			*why = unknown_kind;
			break;
	}
	return OBOL_ERR_DENIED;
}

static enum obol_status
check_slot_start(struct obol_server_session *session,
				 const struct obol_slot_start_request *start,
				 struct refusal *why)
{
	if (check_kind(start->kind, why) != OBOL_OK)
	{
		return OBOL_ERR_DENIED;
	}
	if (session->n_begun == OBOL_SLOTS_MAX &&
		!find_begun(session, start->kind, start->device_id))
	{
		*why = too_many_begun;
		return OBOL_ERR_DENIED;
	}
	return OBOL_OK;
}

static uint64_t ksf_memory(const struct obol_ksf_params *params)
{
	return (uint64_t)params->r << params->log2_n;
}

/* not below the floor, not above what a client accepts at login, and not
 * below what this server asks for */
static bool ksf_fits(const struct begun_slot *begun,
					 const struct obol_ksf_params *ksf)
{
	if (begun->kind != OBOL_SLOT_PASSWORD)
	{
		return obol_ksf_params_eq(ksf, &obol_ksf_identity);
	}
	return obol_ksf_accept(ksf) == OBOL_OK &&
		   ksf_memory(ksf) >= ksf_memory(&begun->ksf) && ksf->p >= begun->ksf.p;
}

static enum obol_status check_slot(struct obol_server_session *session,
								   const struct obol_slot_message *slot,
								   struct refusal *why)
{
	const struct begun_slot *begun;

	if (check_kind(slot->kind, why) != OBOL_OK)
	{
		return OBOL_ERR_DENIED;
	}
	begun = find_begun(session, slot->kind, slot->device_id);
	if (!begun)
	{
		*why = not_begun;
		return OBOL_ERR_FORMAT;
	}
	if (slot->key_number != begun->key_number)
	{
		*why = other_key;
		return OBOL_ERR_DENIED;
	}
	if (!ksf_fits(begun, &slot->ksf))
	{
		*why = weak_ksf;
		return OBOL_ERR_DENIED;
	}
	return OBOL_OK;
}

static enum obol_status check_rekey(struct obol_server_session *session,
									const struct obol_rekey_request *rekey,
									struct refusal *why)
{
	enum obol_status status = OBOL_OK;
	size_t i;

	for (i = 0; i < rekey->n_slots && status == OBOL_OK; i++)
	{
		status = check_slot(session, &rekey->slots[i], why);
	}
	return status;
}

/* a recovery slot is made afterwards, by who has logged in */
static bool is_first(uint8_t kind, bool *has_password)
{
	*has_password |= kind == OBOL_SLOT_PASSWORD;
	return kind == OBOL_SLOT_PASSWORD || kind == OBOL_SLOT_DEVICE;
}

static enum obol_status
check_account_start(const struct obol_account_start_request *start,
					struct refusal *why)
{
	bool has_password = false, fits = true;
	size_t i;

	for (i = 0; i < start->n_slots; i++)
	{
		fits = is_first(start->slots[i].kind, &has_password) && fits;
	}
	if (!fits || !has_password)
	{
		*why = not_first;
		return OBOL_ERR_DENIED;
	}
	return OBOL_OK;
}

static enum obol_status
check_account_create(struct obol_server_session *session,
					 const struct obol_account_create_request *create,
					 struct refusal *why)
{
	bool has_password = false, fits = true;
	enum obol_status status = OBOL_OK;
	size_t i;

	if (session->begun_name_len == 0 ||
		!obol_bytes_eq(create->name, obol_bytes(session->begun_name,
												session->begun_name_len)))
	{
		*why = not_begun;
		return OBOL_ERR_FORMAT;
	}
	for (i = 0; i < create->n_slots && status == OBOL_OK; i++)
	{
		fits = is_first(create->slots[i].kind, &has_password) && fits;
		status = check_slot(session, &create->slots[i], why);
	}
	if (status == OBOL_OK && (!fits || !has_password))
	{
		*why = not_first;
		status = OBOL_ERR_DENIED;
	}
	return status;
}

static enum obol_status check_slot_delete(uint8_t kind, struct refusal *why)
{
	if (kind < OBOL_SLOT_PASSWORD || kind > OBOL_SLOT_DEVICE)
	{
		*why = unknown_kind;
		return OBOL_ERR_DENIED;
	}
	return OBOL_OK;
}

static enum obol_status check_parameters(struct obol_server_session *session,
										 struct refusal *why)
{
	const struct obol_request *request = session->request;

	switch (request->type)
	{
		case OBOL_SLOT_START:
			return check_slot_start(session, &request->slot_start, why);
		case OBOL_SLOT_FINISH:
			return check_slot(session, &request->slot, why);
		case OBOL_SLOT_DELETE:
			return check_slot_delete(request->slot_delete.kind, why);
		case OBOL_REKEY:
			return check_rekey(session, &request->rekey, why);
		case OBOL_ACCOUNT_START:
			return check_account_start(&request->account_start, why);
		case OBOL_ACCOUNT_CREATE:
			return check_account_create(session, &request->account_create, why);
		default:
			return OBOL_OK;
	}
}

/* a device that was told to migrate, about its own slot */
static bool migrates_itself(const struct obol_server_session *session)
{
	const struct obol_request *request = session->request;
	const uint8_t *device_id;
	uint8_t kind;

	if (session->login.kind != OBOL_SLOT_DEVICE || !session->migrate)
	{
		return false;
	}
	if (request->type == OBOL_SLOT_START)
	{
		kind = request->slot_start.kind;
		device_id = request->slot_start.device_id;
	}
	else
	{
		kind = request->slot.kind;
		device_id = request->slot.device_id;
	}
	return kind == OBOL_SLOT_DEVICE &&
		   memcmp(device_id, session->login.device_id, OBOL_DEVICE_ID_LEN) == 0;
}

static bool kind_may(const struct obol_server_session *session, unsigned flags)
{
	if (flags & 1u << session->login.kind)
	{
		return true;
	}
	return flags & BY_DEVICE_TO_MIGRATE && migrates_itself(session);
}

static bool is_fresh(const struct obol_server_session *session)
{
	return obol_mono_ms(session->clock) - session->login_mono_ms <
		   (uint64_t)OBOL_FRESH_LOGIN_S * 1000;
}

static struct refusal no_kind(const struct obol_server_session *session,
							  unsigned flags)
{
	if (flags & BY_ENROLMENT)
	{
		return makes_none;
	}
	switch (session->login.kind)
	{
		case OBOL_SLOT_ACTIVATION:
			return activation_may_not;
		case OBOL_SLOT_ENROLMENT:
			return enrolment_may_not;
		default:
			return kind_may_not;
	}
}

enum obol_status obol_server_session_permit(struct obol_server_session *session,
											unsigned flags, struct refusal *why)
{
	if (session->state == SERVER_START)
	{
		/* what may come before the login is for anybody */
		return check_parameters(session, why);
	}
	if (session->is_deleted && !(flags & AFTER_REKEY))
	{
		*why = deleted;
		return OBOL_ERR_DENIED;
	}
	if (session->is_rekeyed && !(flags & AFTER_REKEY))
	{
		*why = rekeyed;
		return OBOL_ERR_DENIED;
	}
	if (!kind_may(session, flags))
	{
		*why = no_kind(session, flags);
		return OBOL_ERR_DENIED;
	}
	if (flags & FRESH && !is_fresh(session))
	{
		*why = not_fresh;
		return OBOL_ERR_DENIED;
	}
	return check_parameters(session, why);
}

/* a slot begun anew takes the place of what was begun before */
static void note_slot_start(struct obol_server_session *session,
							const struct obol_slot_start_answer *answer)
{
	const struct obol_slot_start_request *start = &session->request->slot_start;
	struct begun_slot *begun =
		find_begun(session, start->kind, start->device_id);

	if (!begun)
	{
		begun = &session->begun[session->n_begun++];
	}
	begun->kind = start->kind;
	memcpy(begun->device_id, start->device_id, sizeof(begun->device_id));
	begun->key_number = answer->key_number;
	begun->ksf = answer->ksf;
}

/* its slots are the only ones that this connection has begun */
static void note_account_start(struct obol_server_session *session,
							   const struct obol_account_start_answer *answer)
{
	const struct obol_account_start_request *start =
		&session->request->account_start;
	size_t i;

	session->n_begun = 0;
	for (i = 0; i < start->n_slots && i < answer->n_slots; i++)
	{
		struct begun_slot *begun = &session->begun[session->n_begun++];

		begun->kind = start->slots[i].kind;
		memcpy(begun->device_id, start->slots[i].device_id,
			   sizeof(begun->device_id));
		begun->key_number = answer->slots[i].key_number;
		begun->ksf = answer->slots[i].ksf;
	}
	memcpy(session->begun_name, start->name.ptr, start->name.len);
	session->begun_name_len = start->name.len;
}

static void note_slot_finish(struct obol_server_session *session)
{
	const struct obol_slot_message *slot = &session->request->slot;
	struct begun_slot *begun = find_begun(session, slot->kind, slot->device_id);

	if (begun)
	{
		*begun = session->begun[--session->n_begun];
	}
}

void obol_server_session_note_answer(struct obol_server_session *session,
									 const struct obol_answer *answer)
{
	switch (answer->type)
	{
		case OBOL_SLOT_START_ANSWER:
			note_slot_start(session, &answer->slot_start);
			break;
		case OBOL_SLOT_FINISH_ANSWER:
			note_slot_finish(session);
			break;
		case OBOL_ACCOUNT_START_ANSWER:
			note_account_start(session, &answer->account_start);
			break;
		case OBOL_ACCOUNT_CREATE_ANSWER:
			session->n_begun = 0;
			session->begun_name_len = 0;
			break;
		case OBOL_ACCOUNT_DELETE_ANSWER:
			session->is_deleted = true;
			break;
		case OBOL_REKEY_ANSWER:
			session->n_begun = 0;
			session->is_rekeyed = true;
			break;
		default:
			break;
	}
}
