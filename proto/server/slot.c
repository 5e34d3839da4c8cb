/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SlotStart, SlotFinish, SlotDelete, SlotList. What a login may do is in the
 * session's table; here is what a slot must be. */
#include "server/slot.h"

#include "group/p256.h"
#include "pake/opaque_registration.h"

#define NO_DEVICE ((const uint8_t[OBOL_DEVICE_ID_LEN]){ 0 })

static bool has_device_id(const uint8_t device_id[OBOL_DEVICE_ID_LEN])
{
	return memcmp(device_id, NO_DEVICE, OBOL_DEVICE_ID_LEN) != 0;
}

/* The operator alone makes activation slots. */
static bool may_be_registered(uint8_t kind,
							  const uint8_t device_id[OBOL_DEVICE_ID_LEN])
{
	switch (kind)
	{
		case OBOL_SLOT_PASSWORD:
		case OBOL_SLOT_RECOVERY:
			return !has_device_id(device_id);
		case OBOL_SLOT_DEVICE:
			return has_device_id(device_id);
		default:
			return false;
	}
}

static const struct obol_ksf_params *
least_ksf(const struct obol_server_connection *conn, uint8_t kind)
{
	return kind == OBOL_SLOT_PASSWORD
			   ? &conn->server->options.policy.password_ksf
			   : &obol_ksf_identity;
}

/* Passwords: what clients accept at a login, and not below the policy.
 * Machine-made secrets: the identity, which is fixed by the kind. */
static bool ksf_is_allowed(const struct obol_server_connection *conn,
						   uint8_t kind, const struct obol_ksf_params *ksf)
{
	const struct obol_ksf_params *least = least_ksf(conn, kind);

	if (kind != OBOL_SLOT_PASSWORD)
	{
		return obol_ksf_params_eq(ksf, &obol_ksf_identity);
	}
	return obol_ksf_params_valid(ksf) && obol_ksf_accept(ksf) == OBOL_OK &&
		   ((uint64_t)ksf->r << ksf->log2_n) >=
			   ((uint64_t)least->r << least->log2_n) &&
		   ksf->p >= least->p;
}

/* A record that no login can be answered from must not be kept. */
static bool record_is_usable(struct obol_bytes record)
{
	struct obol_p256_point point;
	bool usable = record.len == OBOL_OPAQUE_RECORD_LEN &&
				  obol_p256_decode(obol_bytes(record.ptr, OBOL_OPAQUE_NPK),
								   &point) == OBOL_OK;

	obol_p256_clear(&point);
	return usable;
}

const char *obol_slot_fault(const struct obol_server_connection *conn,
							const struct obol_slot_message *slot,
							uint32_t generation)
{
	if (!may_be_registered(slot->kind, slot->device_id))
	{
		return "a slot of this kind and device cannot be registered";
	}
	if (!ksf_is_allowed(conn, slot->kind, &slot->ksf))
	{
		return "the slot's key stretching is not what this server asks for";
	}
	if (slot->key_number != conn->server->options.current_key)
	{
		return "the slot was not registered with the server's present key";
	}
	if (slot->generation != generation)
	{
		return "the slot is not for the account's key";
	}
	if (!record_is_usable(slot->record) || !slot->wrap.len ||
		slot->wrap.len > OBOL_WRAP_MAX || slot->label.len > OBOL_LABEL_MAX)
	{
		return "the slot's record, wrap or label is malformed";
	}
	return NULL;
}

void obol_slot_take(struct obol_slot *out, const struct obol_slot_message *slot,
					uint64_t now)
{
	memset(out, 0, sizeof(*out));
	out->kind = slot->kind;
	memcpy(out->device_id, slot->device_id, sizeof(out->device_id));
	memcpy(out->label, slot->label.ptr, slot->label.len);
	out->ksf = slot->ksf;
	out->key_number = slot->key_number;
	out->generation = slot->generation;
	memcpy(out->record, slot->record.ptr, sizeof(out->record));
	memcpy(out->wrap, slot->wrap.ptr, slot->wrap.len);
	out->wrap_len = (uint16_t)slot->wrap.len;
	out->created_at = now;
}

/*
 * Registration
 */

enum obol_status obol_slot_respond(const struct obol_server_connection *conn,
								   struct obol_bytes name,
								   const struct obol_slot_start_request *start,
								   struct obol_slot_start_answer *answer)
{
	const struct obol_server_options *options = &conn->server->options;
	uint8_t identifier[32];
	enum obol_status status;

	status = obol_store_credential_identifier(options->store, start->kind, name,
											  start->device_id, identifier);
	if (status == OBOL_OK)
	{
		status = obol_opaque_registration_respond(
			options->keys, options->current_key, obol_bytes(identifier, 32),
			obol_bytes(start->request, sizeof(start->request)),
			answer->response);
	}
	answer->key_number = options->current_key;
	answer->ksf = *least_ksf(conn, start->kind);
	return status;
}

void obol_slot_refuse(struct obol_server_connection *conn,
					  enum obol_status status)
{
	obol_handler_refuse(
		conn,
		status == OBOL_ERR_FORMAT ? OBOL_REPLY_PARAMETER : OBOL_REPLY_TEMPORARY,
		status == OBOL_ERR_FORMAT
			? "the registration request is no point"
			: "the server's keys cannot be used at the moment; try again later",
		0);
}

void obol_handle_slot_start(struct obol_server_connection *conn,
							const struct obol_request *request)
{
	const struct obol_slot_start_request *start = &request->slot_start;
	struct obol_bytes name = obol_server_session_login(conn->session)->name;
	struct obol_answer answer = { .type = OBOL_SLOT_START_ANSWER };
	enum obol_status status;

	if (!may_be_registered(start->kind, start->device_id))
	{
		obol_handler_refuse(conn, OBOL_REPLY_PARAMETER,
							"a slot of this kind and device cannot be "
							"registered",
							0);
		return;
	}
	status = obol_slot_respond(conn, name, start, &answer.slot_start);
	if (status != OBOL_OK)
	{
		obol_slot_refuse(conn, status);
		return;
	}
	obol_handler_answer(conn, &answer);
}

static void slot_put(struct obol_server_connection *conn,
					 enum obol_status status)
{
	struct obol_answer answer = { .type = OBOL_SLOT_FINISH_ANSWER };

	if (status != OBOL_OK)
	{
		obol_handler_not_ok(conn, OBOL_OP_SLOT_NEW, status, 0);
		return;
	}
	obol_handler_answer(conn, &answer);
}

void obol_handle_slot_finish(struct obol_server_connection *conn,
							 const struct obol_request *request)
{
	const char *fault =
		obol_slot_fault(conn, &request->slot, conn->account.generation);
	struct obol_store_slot_put *arg;

	if (fault)
	{
		obol_handler_refuse_audited(conn, OBOL_OP_SLOT_NEW,
									OBOL_REPLY_PARAMETER, fault, 0);
		return;
	}
	arg = obol_handler_argument(conn, sizeof(*arg));
	if (arg)
	{
		arg->in.request = obol_handler_request(conn);
		obol_slot_take(&arg->in.slot, &request->slot, arg->in.request.now);
		obol_handler_submit(conn, OBOL_STORE_SLOT_PUT, arg, slot_put);
	}
}

/*
 * The others
 */

static void slot_deleted(struct obol_server_connection *conn,
						 enum obol_status status)
{
	struct obol_answer answer = { .type = OBOL_SLOT_DELETE_ANSWER };

	if (status != OBOL_OK)
	{
		obol_handler_not_ok(conn, OBOL_OP_SLOT_DELETE, status, 0);
		return;
	}
	obol_handler_answer(conn, &answer);
}

void obol_handle_slot_delete(struct obol_server_connection *conn,
							 const struct obol_request *request)
{
	struct obol_store_slot_delete *arg;

	if (request->slot_delete.kind == OBOL_SLOT_PASSWORD)
	{
		obol_handler_refuse_audited(conn, OBOL_OP_SLOT_DELETE,
									OBOL_REPLY_NOT_ALLOWED,
									"the password can be replaced, not "
									"deleted",
									0);
		return;
	}
	arg = obol_handler_argument(conn, sizeof(*arg));
	if (arg)
	{
		arg->in.request = obol_handler_request(conn);
		arg->in.kind = request->slot_delete.kind;
		memcpy(arg->in.device_id, request->slot_delete.device_id,
			   sizeof(arg->in.device_id));
		obol_handler_submit(conn, OBOL_STORE_SLOT_DELETE, arg, slot_deleted);
	}
}

static void slots_listed(struct obol_server_connection *conn,
						 enum obol_status status)
{
	const struct obol_store_slot_list *arg = conn->op.arg.slot_list;
	struct obol_answer answer = { .type = OBOL_SLOT_LIST_ANSWER };
	size_t i;

	if (status != OBOL_OK)
	{
		obol_handler_not_ok(conn, 0, status, 0);
		return;
	}
	answer.slot_list.n_items = (uint16_t)arg->out.n_slots;
	for (i = 0; i < arg->out.n_slots; i++)
	{
		const struct obol_slot *slot = &arg->out.slots[i];
		struct obol_slot_item *item = &answer.slot_list.items[i];

		item->kind = slot->kind;
		memcpy(item->device_id, slot->device_id, sizeof(item->device_id));
		item->label = obol_bytes_str(slot->label);
		item->created_at = slot->created_at;
		item->last_used_at = slot->last_used_at;
		item->last_source = obol_bytes_str(slot->last_source);
		item->expires_at = slot->expires_at;
	}
	obol_handler_answer(conn, &answer);
}

void obol_handle_slot_list(struct obol_server_connection *conn,
						   const struct obol_request *request)
{
	struct obol_store_slot_list *arg =
		obol_handler_argument(conn, sizeof(*arg));

	(void)request;
	if (arg)
	{
		arg->in = obol_handler_request(conn);
		obol_handler_submit(conn, OBOL_STORE_SLOT_LIST, arg, slots_listed);
	}
}
