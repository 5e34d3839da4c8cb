/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store over SQL: slots. */
#include "store/store_sql_private.h"

#include <stdio.h>

static void read_ksf(struct obol_sql_query *q, struct obol_ksf_params *ksf)
{
	ksf->id = (enum obol_ksf_id)obol_sql_get_uint(q, UINT8_MAX);
	ksf->log2_n = (uint8_t)obol_sql_get_uint(q, UINT8_MAX);
	ksf->r = (uint16_t)obol_sql_get_uint(q, UINT16_MAX);
	ksf->p = (uint16_t)obol_sql_get_uint(q, UINT16_MAX);
}

void obol_sql_read_set(struct obol_sql_query *q,
					   struct obol_store_slot_set *set)
{
	set->kind = (uint8_t)obol_sql_get_uint(q, UINT8_MAX);
	read_ksf(q, &set->ksf);
	set->key_number = (uint32_t)obol_sql_get_uint(q, UINT32_MAX);
}

void obol_sql_read_slot(struct obol_sql_query *q, struct obol_slot *slot)
{
	slot->serial = obol_sql_get_int(q);
	slot->kind = (uint8_t)obol_sql_get_uint(q, UINT8_MAX);
	obol_sql_get_fixed(q, slot->device_id, sizeof(slot->device_id));
	obol_sql_get_str(q, slot->label, sizeof(slot->label));
	read_ksf(q, &slot->ksf);
	slot->key_number = (uint32_t)obol_sql_get_uint(q, UINT32_MAX);
	slot->generation = (uint32_t)obol_sql_get_uint(q, UINT32_MAX);
	obol_sql_get_fixed(q, slot->record, sizeof(slot->record));
	slot->wrap_len =
		(uint16_t)obol_sql_get_upto(q, slot->wrap, sizeof(slot->wrap));
	slot->created_at = obol_sql_get_time(q);
	slot->last_used_at = obol_sql_get_time(q);
	obol_sql_get_str(q, slot->last_source, sizeof(slot->last_source));
	slot->expires_at = obol_sql_get_time(q);
}

enum obol_status obol_sql_write_slot(struct obol_sql_store *this,
									 int64_t account_id,
									 const struct obol_slot *slot, uint64_t now)
{
	enum obol_status status;
	struct obol_sql_query q;
	int64_t serial = 0;

	if (slot->wrap_len > sizeof(slot->wrap))
	{
		return OBOL_ERR_ARG;
	}
	status = obol_sql_slot_is_back(this, account_id, slot);
	if (status == OBOL_OK)
	{
		status = obol_sql_count(this, "slot_serial", 1, &serial);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	q = obol_sql_begin(
		this->sql,
		"INSERT INTO slot (account_id, serial, kind, device_id, "
		"label, ksf_id, ksf_log2_n, ksf_r, ksf_p, key_number, generation, "
		"record, wrap, created_at, expires_at) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
		"ON CONFLICT (account_id, kind, device_id) DO UPDATE SET "
		"serial = excluded.serial, label = excluded.label, "
		"ksf_id = excluded.ksf_id, ksf_log2_n = excluded.ksf_log2_n, "
		"ksf_r = excluded.ksf_r, ksf_p = excluded.ksf_p, "
		"key_number = excluded.key_number, generation = excluded.generation, "
		"record = excluded.record, wrap = excluded.wrap, "
		"created_at = excluded.created_at, last_used_at = 0, "
		"last_source = '', expires_at = excluded.expires_at");
	obol_sql_put_int(&q, account_id);
	obol_sql_put_int(&q, serial);
	obol_sql_put_int(&q, slot->kind);
	obol_sql_put_blob(&q, slot->device_id, sizeof(slot->device_id));
	obol_sql_put_str(&q, slot->label);
	obol_sql_put_int(&q, slot->ksf.id);
	obol_sql_put_int(&q, slot->ksf.log2_n);
	obol_sql_put_int(&q, slot->ksf.r);
	obol_sql_put_int(&q, slot->ksf.p);
	obol_sql_put_int(&q, slot->key_number);
	obol_sql_put_int(&q, slot->generation);
	obol_sql_put_blob(&q, slot->record, sizeof(slot->record));
	obol_sql_put_blob(&q, slot->wrap, slot->wrap_len);
	obol_sql_put_time(&q, now);
	obol_sql_put_time(&q, slot->expires_at);
	return obol_sql_finish(&q);
}

enum obol_status obol_sql_check_devices(struct obol_sql_store *this,
										struct obol_store_op *op,
										int64_t account_id)
{
	struct obol_sql_query q =
		obol_sql_begin(this->sql, "SELECT count(*) FROM slot "
								  "WHERE account_id = ? AND kind = ?");
	enum obol_status status;
	int64_t n_devices = 0;

	obol_sql_put_int(&q, account_id);
	obol_sql_put_int(&q, OBOL_SLOT_DEVICE);
	if (obol_sql_row(&q))
	{
		n_devices = obol_sql_get_int(&q);
	}
	status = obol_sql_end(&q);
	if (status == OBOL_OK && n_devices > OBOL_DEVICES_MAX)
	{
		status = obol_sql_refuse(op, OBOL_ERR_DENIED, OBOL_REPLY_QUOTA);
	}
	return status;
}

enum obol_status obol_sql_label(struct obol_sql_store *this, int64_t account_id,
								uint8_t kind, const uint8_t *device_id,
								char label[OBOL_LABEL_MAX + 1])
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "SELECT label FROM slot "
				   "WHERE account_id = ? AND kind = ? AND device_id = ?");

	label[0] = '\0';
	obol_sql_put_int(&q, account_id);
	obol_sql_put_int(&q, kind);
	obol_sql_put_blob(&q, device_id, OBOL_DEVICE_ID_LEN);
	if (obol_sql_row(&q))
	{
		obol_sql_get_str(&q, label, OBOL_LABEL_MAX + 1);
	}
	return obol_sql_end(&q);
}

void obol_sql_slot_text(uint8_t kind, const char *label, char *out, size_t size)
{
	static const char *const kinds[] = {
		[OBOL_SLOT_PASSWORD] = "password",
		[OBOL_SLOT_ACTIVATION] = "activation code",
		[OBOL_SLOT_RECOVERY] = "recovery code",
		[OBOL_SLOT_DEVICE] = "device",
		[OBOL_SLOT_ENROLMENT] = "enrolment code",
	};
	const char *name = "slot";

	if (kind > 0 && kind < sizeof(kinds) / sizeof(kinds[0]))
	{
		name = kinds[kind];
	}
	(void)snprintf(out, size, "%s%s%s", name, label[0] ? " " : "", label);
}

static enum obol_status note_change(struct obol_sql_store *this,
									const struct obol_store_request *request,
									enum obol_operation operation,
									const struct obol_sql_session *session,
									const char *detail)
{
	struct obol_sql_event event = {
		.account_id = request->account_id,
		.now = request->now,
		.actor = &request->actor,
		.operation = operation,
		.reply = OBOL_REPLY_OK,
		.label = session->label,
		.detail = obol_bytes_str(detail),
	};

	return obol_sql_audit(this, &event);
}

enum obol_status obol_sql_slot_put(struct obol_sql_store *this,
								   struct obol_store_op *op)
{
	const struct obol_store_slot_put *arg = op->arg.slot_put;
	const struct obol_slot *slot = &arg->in.slot;
	struct obol_sql_session session;
	char detail[OBOL_LABEL_MAX + 32];
	enum obol_status status;

	status = obol_sql_check(this, op, &arg->in.request, true, &session);
	if (status == OBOL_OK && slot->generation != session.generation)
	{
		status = obol_sql_refuse(op, OBOL_ERR_AUTH, OBOL_REPLY_LOGIN_NEEDED);
	}
	if (status == OBOL_OK)
	{
		status = obol_sql_write_slot(this, arg->in.request.account_id, slot,
									 arg->in.request.now);
	}
	if (status == OBOL_OK && slot->kind == OBOL_SLOT_DEVICE)
	{
		status = obol_sql_check_devices(this, op, arg->in.request.account_id);
	}
	if (status == OBOL_OK && slot->kind == OBOL_SLOT_RECOVERY)
	{
		status = obol_sql_drop_unreadable(this, arg->in.request.account_id);
	}
	if (status == OBOL_OK)
	{
		obol_sql_slot_text(slot->kind, slot->label, detail, sizeof(detail));
		status = note_change(this, &arg->in.request, OBOL_OP_SLOT_NEW, &session,
							 detail);
	}
	return status;
}

static enum obol_status revoke_device(struct obol_sql_store *this,
									  struct obol_store_slot_delete *arg,
									  const char *label)
{
	struct obol_sql_revoke revoke = {
		.account_id = arg->in.request.account_id,
		.device_id = arg->in.device_id,
		.reason = OBOL_REVOKED_KEY_COMPROMISE,
		.actor = &arg->in.request.actor,
		.label = label,
		.now = arg->in.request.now,
	};

	return obol_sql_revoke(this, &revoke, &arg->out.revoked);
}

enum obol_status obol_sql_slot_delete(struct obol_sql_store *this,
									  struct obol_store_op *op)
{
	struct obol_store_slot_delete *arg = op->arg.slot_delete;
	const struct obol_store_request *request = &arg->in.request;
	struct obol_sql_session session;
	char label[OBOL_LABEL_MAX + 1];
	char detail[OBOL_LABEL_MAX + 32];
	enum obol_status status;
	struct obol_sql_query q;
	size_t n_gone = 0;

	memset(&arg->out, 0, sizeof(arg->out));
	status = obol_sql_check(this, op, request, true, &session);
	if (status == OBOL_OK)
	{
		status = obol_sql_label(this, request->account_id, arg->in.kind,
								arg->in.device_id, label);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	q = obol_sql_begin(this->sql,
					   "DELETE FROM slot WHERE account_id = ? AND kind = ? "
					   "AND device_id = ? " OBOL_GONE_RETURNING);
	obol_sql_put_int(&q, request->account_id);
	obol_sql_put_int(&q, arg->in.kind);
	obol_sql_put_blob(&q, arg->in.device_id, OBOL_DEVICE_ID_LEN);
	status =
		obol_sql_end_gone(this, &q, request->account_id, request->now, &n_gone);
	if (status == OBOL_OK && n_gone == 0)
	{
		status = OBOL_ERR_NOT_FOUND;
	}
	if (status == OBOL_OK)
	{
		obol_sql_slot_text(arg->in.kind, label, detail, sizeof(detail));
		status =
			note_change(this, request, OBOL_OP_SLOT_DELETE, &session, detail);
	}
	if (status == OBOL_OK && arg->in.kind == OBOL_SLOT_DEVICE)
	{
		status = revoke_device(this, arg, session.label);
	}
	return status;
}

enum obol_status obol_sql_slot_list(struct obol_sql_store *this,
									struct obol_store_op *op)
{
	struct obol_store_slot_list *arg = op->arg.slot_list;
	struct obol_sql_session session;
	enum obol_status status;
	struct obol_sql_query q;
	size_t n = 0;

	arg->out.n_slots = 0;
	status = obol_sql_check(this, op, &arg->in, false, &session);
	if (status != OBOL_OK)
	{
		return status;
	}
	q = obol_sql_begin(this->sql, "SELECT " OBOL_SLOT_COLUMNS " FROM slot "
								  "WHERE account_id = ? "
								  "ORDER BY kind, created_at, device_id");
	obol_sql_put_int(&q, arg->in.account_id);
	while (n < OBOL_SLOTS_MAX && obol_sql_row(&q))
	{
		obol_sql_read_slot(&q, &arg->out.slots[n++]);
	}
	status = obol_sql_end(&q);
	if (status == OBOL_OK)
	{
		arg->out.n_slots = n;
	}
	return status;
}

enum obol_status obol_sql_slot_sets(struct obol_sql_store *this,
									struct obol_store_op *op)
{
	struct obol_store_slot_sets *arg = op->arg.slot_sets;
	struct obol_sql_query q = obol_sql_begin(
		this->sql,
		"SELECT " OBOL_SET_COLUMNS ", CAST(sum(n) AS BIGINT), "
		"CAST(sum(n_gone) AS BIGINT) FROM "
		"(SELECT " OBOL_SET_COLUMNS ", count(*) AS n, 0 AS n_gone FROM slot "
		"GROUP BY " OBOL_SET_COLUMNS " UNION ALL "
		"SELECT ?, 0, 0, 0, 0, key_number, count(*), 0 FROM enrolment "
		"GROUP BY key_number UNION ALL "
		"SELECT " OBOL_SET_COLUMNS ", 0, count(*) FROM gone "
		"GROUP BY " OBOL_SET_COLUMNS ") AS one "
		"GROUP BY " OBOL_SET_COLUMNS " ORDER BY 1, 7 DESC LIMIT ?");
	enum obol_status status;
	size_t n = 0;

	arg->out.n_sets = 0;
	obol_sql_put_int(&q, OBOL_SLOT_ENROLMENT);
	obol_sql_put_int(&q, OBOL_SLOT_SETS_MAX);
	while (n < OBOL_SLOT_SETS_MAX && obol_sql_row(&q))
	{
		struct obol_store_slot_set *set = &arg->out.sets[n++];

		obol_sql_read_set(&q, set);
		set->n_slots = obol_sql_get_uint(&q, INT64_MAX);
		set->n_gone = obol_sql_get_uint(&q, INT64_MAX);
	}
	status = obol_sql_end(&q);
	if (status == OBOL_OK)
	{
		arg->out.n_sets = n;
	}
	return status;
}
