/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What owns a server's session in the tests. */
#include "exchange/fake_owner.h"
#include "pake/opaque_login.h"
#include "pake/opaque_registration.h"

#include <check.h>
#include <stdlib.h>

/** when the tests take place */
#define START_AT 1800000000

#define NO_KSF ((enum obol_ksf_id)0xff)

static const uint8_t certificate[] = { 0x30, 0x03, 0x02, 0x01, 0x01 };

void fake_owner_init(struct fake_owner *owner)
{
	struct obol_rng *rng = obol_rng_system();

	memset(owner, 0, sizeof(*owner));
	driven_clock_init(&owner->clock, START_AT);
	owner->ksf.id = NO_KSF;
	owner->least_ksf = obol_ksf_default;
	owner->answer = calloc(1, sizeof(*owner->answer));
	ck_assert_ptr_nonnull(owner->answer);
	ck_assert_int_eq(obol_rng_secret(rng, OBOL_OPAQUE_NH, &owner->oprf_seed),
					 OBOL_OK);
	ck_assert_int_eq(obol_rng_secret(rng, 32, &owner->fake_seed), OBOL_OK);
	ck_assert_int_eq(obol_opaque_generate_key_pair(rng, &owner->private_key,
												   owner->public_key),
					 OBOL_OK);
	ck_assert_int_eq(obol_opaque_local_keys_init(&owner->keys, FAKE_KEY_NUMBER,
												 owner->oprf_seed,
												 owner->private_key),
					 OBOL_OK);
	ck_assert_int_eq(obol_account_key_new(rng, &owner->account_key), OBOL_OK);
}

void fake_owner_clear(struct fake_owner *owner)
{
	size_t i;

	for (i = 0; i < owner->n_credentials; i++)
	{
		free(owner->credentials[i].sealed);
	}
	obol_opaque_local_keys_clear(&owner->keys);
	obol_secret_free(owner->oprf_seed);
	obol_secret_free(owner->private_key);
	obol_secret_free(owner->fake_seed);
	obol_account_key_clear(&owner->account_key);
	free(owner->answer);
}

/* kind, device id, name */
static struct obol_bytes
credential_identifier(uint8_t kind, const uint8_t *device_id,
					  struct obol_bytes name,
					  uint8_t out[1 + OBOL_DEVICE_ID_LEN + OBOL_NAME_MAX])
{
	out[0] = kind;
	memcpy(out + 1, device_id, OBOL_DEVICE_ID_LEN);
	memcpy(out + 1 + OBOL_DEVICE_ID_LEN, name.ptr, name.len);
	return obol_bytes(out, 1 + OBOL_DEVICE_ID_LEN + name.len);
}

static struct fake_slot *find_slot(struct fake_owner *owner, uint8_t kind,
								   const uint8_t *device_id)
{
	size_t i;

	for (i = 0; i < owner->n_slots; i++)
	{
		if (owner->slots[i].kind == kind &&
			memcmp(owner->slots[i].device_id, device_id, OBOL_DEVICE_ID_LEN) ==
				0)
		{
			return &owner->slots[i];
		}
	}
	return NULL;
}

static struct fake_slot *make_slot(struct fake_owner *owner, uint8_t kind,
								   const uint8_t *device_id)
{
	struct fake_slot *slot = find_slot(owner, kind, device_id);

	if (!slot)
	{
		ck_assert_uint_lt(owner->n_slots, OBOL_SLOTS_MAX);
		slot = &owner->slots[owner->n_slots++];
	}
	slot->kind = kind;
	memcpy(slot->device_id, device_id, OBOL_DEVICE_ID_LEN);
	return slot;
}

void fake_owner_add(struct fake_owner *owner, enum obol_slot_kind kind,
					const uint8_t *device_id, const char *secret)
{
	struct obol_secret *typed = obol_secret_dup(secret, strlen(secret));

	ck_assert_ptr_nonnull(typed);
	fake_owner_add_secret(owner, kind, device_id, typed);
	obol_secret_free(typed);
}

void fake_owner_add_secret(struct fake_owner *owner, enum obol_slot_kind kind,
						   const uint8_t *device_id,
						   const struct obol_secret *typed)
{
	static const uint8_t none[OBOL_DEVICE_ID_LEN];
	struct fake_slot *slot =
		make_slot(owner, (uint8_t)kind, device_id ? device_id : none);
	struct obol_bytes name = obol_bytes_str(FAKE_ACCOUNT);
	struct obol_opaque_identities ids = { .client = name };
	struct obol_opaque_registration *state = NULL;
	uint8_t id[1 + OBOL_DEVICE_ID_LEN + OBOL_NAME_MAX];
	uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN];
	uint8_t response[OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN];
	uint8_t public_key[OBOL_OPAQUE_NPK];
	struct obol_secret *input = NULL, *export_key = NULL;
	struct obol_rng *rng = obol_rng_system();
	struct obol_writer w;
	struct obol_ksf ksf;

	slot->ksf =
		kind == OBOL_SLOT_PASSWORD ? obol_ksf_default : obol_ksf_identity;
	ck_assert_int_eq(obol_ksf_init(&ksf, &slot->ksf), OBOL_OK);
	ck_assert_int_eq(obol_login_oprf_input(name, typed, &input), OBOL_OK);
	ck_assert_int_eq(
		obol_opaque_registration_start(rng, input, request, &state), OBOL_OK);
	ck_assert_int_eq(
		obol_opaque_registration_respond(
			&owner->keys, FAKE_KEY_NUMBER,
			credential_identifier(slot->kind, slot->device_id, name, id),
			obol_bytes(request, sizeof(request)), response),
		OBOL_OK);
	ck_assert_int_eq(obol_opaque_registration_finish(
						 state, obol_bytes(response, sizeof(response)), &ids,
						 &ksf, slot->record, &export_key, public_key),
					 OBOL_OK);
	obol_writer_init(&w);
	ck_assert_int_eq(
		obol_slot_wrap(rng, export_key, kind, &owner->account_key, &w),
		OBOL_OK);
	slot->wrap_len = obol_writer_view(&w).len;
	memcpy(slot->wrap, obol_writer_view(&w).ptr, slot->wrap_len);
	obol_writer_clear(&w);
	obol_opaque_registration_free(state);
	obol_secret_free(input);
	obol_secret_free(export_key);
}

struct obol_server_session *fake_owner_session(struct fake_owner *owner,
											   const uint8_t *exporter)
{
	struct obol_server_session_config config = {
		.rng = obol_rng_system(),
		.clock = &owner->clock.clock,
		.keys = &owner->keys,
	};
	struct obol_server_session *session = NULL;

	memcpy(config.exporter, exporter, sizeof(config.exporter));
	ck_assert_int_eq(obol_server_session_new(&config, &session), OBOL_OK);
	return session;
}

static struct fake_slot *slot_of(struct fake_owner *owner,
								 const struct obol_login_start *login)
{
	if (!obol_bytes_eq(login->name, obol_bytes_str(FAKE_ACCOUNT)))
	{
		return NULL;
	}
	return find_slot(owner, login->kind, login->device_id);
}

static void on_login_start(struct fake_owner *owner,
						   struct obol_server_session *session)
{
	const struct obol_login_start *login = obol_server_session_login(session);
	const struct fake_slot *slot = slot_of(owner, login);
	struct obol_server_challenge challenge = { .key_number = FAKE_KEY_NUMBER };
	uint8_t id[1 + OBOL_DEVICE_ID_LEN + OBOL_NAME_MAX];
	uint8_t fake[OBOL_OPAQUE_RECORD_LEN];

	owner->n_starts++;
	if (owner->later_s)
	{
		obol_server_session_later(session, owner->later_s);
		return;
	}
	challenge.credential_identifier =
		credential_identifier(login->kind, login->device_id, login->name, id);
	challenge.ksf = login->kind == OBOL_SLOT_PASSWORD ? obol_ksf_default
													  : obol_ksf_identity;
	if (slot)
	{
		challenge.ksf = slot->ksf;
		challenge.record = obol_bytes(slot->record, sizeof(slot->record));
	}
	else
	{
		ck_assert_int_eq(
			obol_opaque_fake_record(owner->fake_seed, login->name, fake),
			OBOL_OK);
		challenge.record = obol_bytes(fake, sizeof(fake));
	}
	if (owner->ksf.id != NO_KSF)
	{
		challenge.ksf = owner->ksf;
	}
	/* what comes of it shows in the session */
	(void)!obol_server_session_challenge(session, &challenge);
}

static void on_login_finish(struct fake_owner *owner,
							struct obol_server_session *session)
{
	const struct fake_slot *slot =
		slot_of(owner, obol_server_session_login(session));
	struct obol_error_message error = {
		.text = obol_bytes_str("the account is disabled: ask the operator"),
	};
	struct obol_login_done done = {
		.n_failures = 2,
		.last_failure_at = START_AT - 60,
		.last_failure_source = obol_bytes_str("192.0.2.7"),
		.last_login_at = START_AT - 3600,
		.server_time = obol_now(&owner->clock.clock),
		.migrate = owner->migrate,
	};

	owner->n_finishes++;
	if (owner->refuse_login)
	{
		ck_assert_int_eq(
			obol_server_session_refuse(session, owner->refuse_login, &error),
			OBOL_OK);
		return;
	}
	ck_assert_ptr_nonnull(slot);
	if (!owner->no_wrap && slot->kind != OBOL_SLOT_ENROLMENT)
	{
		done.wrap = obol_bytes(slot->wrap, slot->wrap_len);
	}
	if (owner->hooks.login_done)
	{
		owner->hooks.login_done(owner->hooks.ctx, &done);
	}
	ck_assert_int_eq(obol_server_session_accept(session, &done), OBOL_OK);
}

static struct fake_credential *find_credential(struct fake_owner *owner,
											   struct obol_bytes name)
{
	size_t i;

	for (i = 0; i < owner->n_credentials; i++)
	{
		if (obol_bytes_eq(obol_bytes_str(owner->credentials[i].name), name))
		{
			return &owner->credentials[i];
		}
	}
	return NULL;
}

static enum obol_reply do_list(struct fake_owner *owner)
{
	struct obol_list_answer *list = &owner->answer->list;
	size_t i;

	for (i = 0; i < owner->n_credentials; i++)
	{
		const struct fake_credential *found = &owner->credentials[i];

		list->items[i].name = obol_bytes_str(found->name);
		list->items[i].format = found->format;
		list->items[i].version = found->version;
		list->items[i].size = (uint32_t)found->sealed_len;
		list->items[i].deleted = found->sealed_len == 0;
	}
	list->n_items = (uint16_t)owner->n_credentials;
	return OBOL_REPLY_OK;
}

static enum obol_reply do_get(struct fake_owner *owner,
							  const struct obol_get_request *get)
{
	struct obol_get_answer *answer = &owner->answer->get;
	size_t i;

	for (i = 0; i < owner->n_credentials; i++)
	{
		const struct fake_credential *found = &owner->credentials[i];
		struct obol_get_item *item = &answer->items[answer->n_items];

		if (found->sealed_len == 0 ||
			(get->name.len &&
			 !obol_bytes_eq(get->name, obol_bytes_str(found->name))))
		{
			continue;
		}
		if (get->held_version == found->version)
		{
			answer->unchanged = true;
			return OBOL_REPLY_OK;
		}
		item->name = obol_bytes_str(found->name);
		item->format = found->format;
		item->version = found->version;
		item->sealed = obol_bytes(found->sealed, found->sealed_len);
		answer->n_items++;
	}
	return get->name.len && answer->n_items == 0 ? OBOL_REPLY_NOT_FOUND
												 : OBOL_REPLY_OK;
}

static enum obol_reply do_put(struct fake_owner *owner,
							  const struct obol_put_request *put)
{
	struct fake_credential *found = find_credential(owner, put->name);

	if (!found)
	{
		ck_assert_uint_lt(owner->n_credentials, FAKE_CREDENTIALS_MAX);
		found = &owner->credentials[owner->n_credentials++];
		memcpy(found->name, put->name.ptr, put->name.len);
	}
	if (put->base_version != found->version)
	{
		return OBOL_REPLY_STALE;
	}
	free(found->sealed);
	found->sealed = malloc(put->sealed.len);
	ck_assert_ptr_nonnull(found->sealed);
	memcpy(found->sealed, put->sealed.ptr, put->sealed.len);
	found->sealed_len = put->sealed.len;
	found->format = put->format;
	found->version++;
	owner->answer->put.version = found->version;
	return OBOL_REPLY_OK;
}

static enum obol_reply do_delete(struct fake_owner *owner,
								 const struct obol_delete_request *delete_)
{
	struct fake_credential *found = find_credential(owner, delete_->name);

	if (!found || found->sealed_len == 0)
	{
		return OBOL_REPLY_NOT_FOUND;
	}
	found->sealed_len = 0;
	found->version++;
	owner->answer->deleted_version = found->version;
	return OBOL_REPLY_OK;
}

static enum obol_reply
do_slot_start(struct fake_owner *owner,
			  const struct obol_slot_start_request *start)
{
	struct obol_slot_start_answer *answer = &owner->answer->slot_start;
	uint8_t id[1 + OBOL_DEVICE_ID_LEN + OBOL_NAME_MAX];

	answer->key_number = FAKE_KEY_NUMBER;
	answer->ksf = start->kind == OBOL_SLOT_PASSWORD ? owner->least_ksf
													: obol_ksf_identity;
	return obol_opaque_registration_respond(
			   &owner->keys, FAKE_KEY_NUMBER,
			   credential_identifier(start->kind, start->device_id,
									 obol_bytes_str(FAKE_ACCOUNT), id),
			   obol_bytes(start->request, sizeof(start->request)),
			   answer->response) == OBOL_OK
			   ? OBOL_REPLY_OK
			   : OBOL_REPLY_PARAMETER;
}

static void put_slot(struct fake_owner *owner,
					 const struct obol_slot_message *message)
{
	struct fake_slot *slot =
		make_slot(owner, message->kind, message->device_id);

	memcpy(slot->label, message->label.ptr, message->label.len);
	slot->label[message->label.len] = '\0';
	slot->ksf = message->ksf;
	memcpy(slot->record, message->record.ptr, sizeof(slot->record));
	memcpy(slot->wrap, message->wrap.ptr, message->wrap.len);
	slot->wrap_len = message->wrap.len;
}

static enum obol_reply
do_account_start(struct fake_owner *owner,
				 const struct obol_account_start_request *start)
{
	struct obol_account_start_answer answer = { .n_slots = start->n_slots };
	enum obol_reply reply = OBOL_REPLY_OK;
	size_t i;

	for (i = 0; i < start->n_slots && reply == OBOL_REPLY_OK; i++)
	{
		reply = do_slot_start(owner, &start->slots[i]);
		answer.slots[i] = owner->answer->slot_start;
	}
	owner->answer->account_start = answer;
	return reply;
}

static enum obol_reply
do_account_create(struct fake_owner *owner,
				  const struct obol_account_create_request *create)
{
	size_t i;

	for (i = 0; i < create->n_slots; i++)
	{
		put_slot(owner, &create->slots[i]);
	}
	owner->answer->waits = owner->waits;
	owner->refuse_login = owner->waits ? OBOL_REPLY_WAITING : 0;
	return OBOL_REPLY_OK;
}

static enum obol_reply do_slot_delete(struct fake_owner *owner,
									  const struct obol_slot_delete_request *d)
{
	struct fake_slot *slot = find_slot(owner, d->kind, d->device_id);

	if (!slot)
	{
		return OBOL_REPLY_NOT_FOUND;
	}
	*slot = owner->slots[--owner->n_slots];
	return OBOL_REPLY_OK;
}

static enum obol_reply do_slot_list(struct fake_owner *owner)
{
	struct obol_slot_list_answer *list = &owner->answer->slot_list;
	size_t i;

	for (i = 0; i < owner->n_slots; i++)
	{
		list->items[i].kind = owner->slots[i].kind;
		list->items[i].label = obol_bytes_str(owner->slots[i].label);
		memcpy(list->items[i].device_id, owner->slots[i].device_id,
			   OBOL_DEVICE_ID_LEN);
	}
	list->n_items = (uint16_t)owner->n_slots;
	return OBOL_REPLY_OK;
}

static enum obol_reply do_rekey(struct fake_owner *owner,
								const struct obol_rekey_request *rekey)
{
	size_t i;

	owner->n_slots = 0;
	for (i = 0; i < rekey->n_slots; i++)
	{
		put_slot(owner, &rekey->slots[i]);
	}
	owner->answer->generation = rekey->generation;
	return OBOL_REPLY_OK;
}

static enum obol_reply do_history(struct fake_owner *owner)
{
	struct obol_history_item *item = owner->answer->history.items;

	item->id = 4;
	item->at = START_AT;
	item->operation = OBOL_OP_LOGIN;
	item->reply = OBOL_REPLY_OK;
	item->kind = OBOL_SLOT_DEVICE;
	item->source = obol_bytes_str("192.0.2.7");
	owner->answer->history.n_items = 1;
	return OBOL_REPLY_OK;
}

static enum obol_reply do_info(struct fake_owner *owner)
{
	struct obol_info_answer *info = &owner->answer->info;

	info->server_name = obol_bytes_str("vpn.example.org");
	info->server_time = obol_now(&owner->clock.clock);
	info->n_suites = 1;
	info->suites[0] = OBOL_SUITE_1;
	info->frame_max = OBOL_FRAME_MAX;
	return OBOL_REPLY_OK;
}

static enum obol_reply do_request(struct fake_owner *owner,
								  const struct obol_request *request)
{
	enum obol_reply reply =
		owner->hooks.request ? owner->hooks.request(owner->hooks.ctx, request)
							 : (enum obol_reply)0;

	if (reply)
	{
		return reply;
	}
	switch (request->type)
	{
		case OBOL_INFO:
			return do_info(owner);
		case OBOL_LIST:
			return do_list(owner);
		case OBOL_GET:
			return do_get(owner, &request->get);
		case OBOL_PUT:
			return do_put(owner, &request->put);
		case OBOL_DELETE:
			return do_delete(owner, &request->delete_);
		case OBOL_SLOT_START:
			return do_slot_start(owner, &request->slot_start);
		case OBOL_SLOT_FINISH:
			put_slot(owner, &request->slot);
			return OBOL_REPLY_OK;
		case OBOL_SLOT_DELETE:
			return do_slot_delete(owner, &request->slot_delete);
		case OBOL_SLOT_LIST:
			return do_slot_list(owner);
		case OBOL_STAGE:
			return OBOL_REPLY_OK;
		case OBOL_REKEY:
			return do_rekey(owner, &request->rekey);
		case OBOL_ISSUE:
			owner->answer->issue.certificate =
				obol_bytes(certificate, sizeof(certificate));
			return OBOL_REPLY_OK;
		case OBOL_ANCHORS:
			owner->answer->anchors.unchanged = true;
			return OBOL_REPLY_OK;
		case OBOL_HISTORY:
			return do_history(owner);
		case OBOL_ACCOUNT_START:
			return do_account_start(owner, &request->account_start);
		case OBOL_ACCOUNT_CREATE:
			return do_account_create(owner, &request->account_create);
		case OBOL_ACCOUNT_DELETE:
			owner->n_slots = 0;
			return OBOL_REPLY_OK;
		default:
			return OBOL_REPLY_UNSUPPORTED;
	}
}

static void on_request(struct fake_owner *owner,
					   struct obol_server_session *session)
{
	const struct obol_request *request = obol_server_session_request(session);
	struct obol_error_message error = { .version = 9 };
	enum obol_reply reply;

	owner->n_requests++;
	memset(owner->answer, 0, sizeof(*owner->answer));
	owner->answer->type = (enum obol_frame_type)(request->type + 1);
	reply = owner->refuse_request ? owner->refuse_request
								  : do_request(owner, request);
	if (reply == OBOL_REPLY_OK)
	{
		ck_assert_int_eq(obol_server_session_answer(session, owner->answer),
						 OBOL_OK);
		return;
	}
	ck_assert_int_eq(obol_server_session_refuse(session, reply, &error),
					 OBOL_OK);
}

void fake_owner_serve(struct fake_owner *owner,
					  struct obol_server_session *session)
{
	while (!owner->is_idle)
	{
		switch (obol_server_session_event(session))
		{
			case OBOL_EVENT_NONE:
				return;
			case OBOL_EVENT_LOGIN_START:
				on_login_start(owner, session);
				break;
			case OBOL_EVENT_LOGIN_FINISH:
				on_login_finish(owner, session);
				break;
			case OBOL_EVENT_LOGIN_FAILED:
				owner->n_failed++;
				break;
			case OBOL_EVENT_REQUEST:
				on_request(owner, session);
				break;
			case OBOL_EVENT_CLOSE:
				owner->is_closed = true;
				return;
		}
	}
}
