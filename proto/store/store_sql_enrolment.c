/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store over SQL: teams' enrolment codes. */
#include "store/store_sql_private.h"

#include <stdio.h>

/** Codes of one page of ENROLMENT_LIST at most. */
#define PAGE_MAX 1000

#define COLUMNS                                                                \
	"id, name, names, approve, uses, uses_left, created_at, expires_at, "      \
	"last_used_at, key_number, record"

static void read_enrolment(struct obol_sql_query *q,
						   struct obol_enrolment *enrolment)
{
	enrolment->id = obol_sql_get_int(q);
	obol_sql_get_str(q, enrolment->name, sizeof(enrolment->name));
	obol_sql_get_str(q, enrolment->names, sizeof(enrolment->names));
	enrolment->approve = obol_sql_get_uint(q, 1);
	enrolment->uses = (uint32_t)obol_sql_get_uint(q, UINT32_MAX);
	enrolment->uses_left = (uint32_t)obol_sql_get_uint(q, UINT32_MAX);
	enrolment->created_at = obol_sql_get_time(q);
	enrolment->expires_at = obol_sql_get_time(q);
	enrolment->last_used_at = obol_sql_get_time(q);
	enrolment->key_number = (uint32_t)obol_sql_get_uint(q, UINT32_MAX);
	obol_sql_get_fixed(q, enrolment->record, sizeof(enrolment->record));
}

static enum obol_status note(struct obol_sql_store *this, int64_t id,
							 const char *name,
							 const struct obol_store_actor *actor, uint64_t now,
							 enum obol_operation operation,
							 enum obol_reply reply, const char *detail)
{
	struct obol_sql_event event = {
		.account_id = OBOL_STORE_TEAM(id),
		.now = now,
		.actor = actor,
		.operation = operation,
		.reply = reply,
		.label = name,
		.detail = obol_bytes_str(detail),
	};

	return obol_sql_audit(this, &event);
}

/*
 * Logins
 */

enum obol_status obol_sql_find_enrolment(struct obol_sql_store *this,
										 struct obol_bytes name,
										 struct obol_slot *slot)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "SELECT " COLUMNS " FROM enrolment WHERE name = ?");
	struct obol_enrolment enrolment;

	memset(slot, 0, sizeof(*slot));
	obol_sql_put_text(&q, name);
	if (obol_sql_row(&q))
	{
		read_enrolment(&q, &enrolment);
		slot->serial = enrolment.id;
		slot->kind = OBOL_SLOT_ENROLMENT;
		slot->ksf = obol_ksf_identity;
		slot->key_number = enrolment.key_number;
		memcpy(slot->record, enrolment.record, sizeof(slot->record));
		slot->expires_at = enrolment.expires_at;
	}
	return obol_sql_end(&q);
}

enum obol_status obol_sql_enrolment(struct obol_sql_store *this, int64_t id,
									uint64_t now,
									struct obol_enrolment *enrolment)
{
	struct obol_sql_query q =
		obol_sql_begin(this->sql, "SELECT " COLUMNS " FROM enrolment "
								  "WHERE id = ? AND expires_at > ? FOR UPDATE");
	enum obol_status status;
	bool found;

	obol_sql_put_int(&q, id);
	obol_sql_put_time(&q, now);
	found = obol_sql_row(&q);
	if (found)
	{
		read_enrolment(&q, enrolment);
	}
	status = obol_sql_end(&q);
	return status == OBOL_OK && !found ? OBOL_ERR_NOT_FOUND : status;
}

static enum obol_status note_use(struct obol_sql_store *this,
								 const struct obol_store_login_done *arg,
								 const char *name)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "UPDATE enrolment SET last_used_at = ? WHERE id = ?");
	enum obol_status status;

	obol_sql_put_time(&q, arg->in.now);
	obol_sql_put_int(&q, arg->in.slot_serial);
	status = obol_sql_finish(&q);
	return status == OBOL_OK
			   ? note(this, arg->in.slot_serial, name, &arg->in.actor,
					  arg->in.now, OBOL_OP_LOGIN, OBOL_REPLY_OK, "")
			   : status;
}

static enum obol_status refuse_login(struct obol_sql_store *this,
									 struct obol_store_op *op, const char *name,
									 enum obol_reply reply, const char *why)
{
	struct obol_store_login_done *arg = op->arg.login_done;
	enum obol_status status;

	(void)snprintf(arg->out.refusal, sizeof(arg->out.refusal), "%s", why);
	status = note(this, arg->in.slot_serial, name, &arg->in.actor, arg->in.now,
				  OBOL_OP_LOGIN, reply, why);
	return status == OBOL_OK ? obol_sql_refuse(op, OBOL_ERR_DENIED, reply)
							 : status;
}

enum obol_status obol_sql_enrolment_login(struct obol_sql_store *this,
										  struct obol_store_op *op)
{
	struct obol_store_login_done *arg = op->arg.login_done;
	struct obol_enrolment enrolment;
	enum obol_status status;

	memset(&arg->out, 0, sizeof(arg->out));
	status = obol_sql_give_back(this, arg->in.guess_key, arg->in.reservation);
	if (status == OBOL_OK)
	{
		status = obol_sql_enrolment(this, arg->in.slot_serial, arg->in.now,
									&enrolment);
	}
	if (status == OBOL_ERR_NOT_FOUND)
	{
		/* the same as a moment later */
		return refuse_login(this, op, "", OBOL_REPLY_AUTH,
							"this enrolment code was revoked a moment ago");
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	if (enrolment.uses_left == 0)
	{
		return refuse_login(this, op, enrolment.name, OBOL_REPLY_NO_ENROLMENT,
							"this enrolment code is used up; ask its operator "
							"for another one");
	}
	return note_use(this, arg, enrolment.name);
}

/*
 * What the operator does
 */

/** A code that has ended makes room for another one, which is no older. */
static enum obol_status drop_ended(struct obol_sql_store *this,
								   const char *name, uint64_t now)
{
	struct obol_sql_query q =
		obol_sql_begin(this->sql, "DELETE FROM enrolment WHERE name = ? "
								  "AND (expires_at <= ? OR uses_left = 0)");

	obol_sql_put_str(&q, name);
	obol_sql_put_time(&q, now);
	return obol_sql_finish(&q);
}

static enum obol_status insert(struct obol_sql_store *this,
							   const struct obol_store_enrolment_add *arg,
							   int64_t *id)
{
	const struct obol_enrolment *enrolment = &arg->in.enrolment;
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "INSERT INTO enrolment (name, names, approve, uses, "
				   "uses_left, created_at, expires_at, key_number, record) "
				   "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id");

	obol_sql_put_str(&q, enrolment->name);
	obol_sql_put_str(&q, enrolment->names);
	obol_sql_put_int(&q, enrolment->approve);
	obol_sql_put_int(&q, enrolment->uses);
	obol_sql_put_int(&q, enrolment->uses);
	obol_sql_put_time(&q, arg->in.now);
	obol_sql_put_time(&q, enrolment->expires_at);
	obol_sql_put_int(&q, enrolment->key_number);
	obol_sql_put_blob(&q, enrolment->record, sizeof(enrolment->record));
	return obol_sql_finish_id(&q, id);
}

enum obol_status obol_sql_enrolment_add(struct obol_sql_store *this,
										struct obol_store_op *op)
{
	const struct obol_store_enrolment_add *arg = op->arg.enrolment_add;
	const char *name = arg->in.enrolment.name;
	enum obol_status status;
	int64_t id = 0;

	if (arg->in.enrolment.uses == 0 ||
		arg->in.enrolment.uses > OBOL_ENROLMENT_USES_MAX)
	{
		return OBOL_ERR_ARG;
	}
	status = drop_ended(this, name, arg->in.now);
	if (status == OBOL_OK)
	{
		status = insert(this, arg, &id);
	}
	if (status == OBOL_OK)
	{
		status = obol_sql_forget_gone(this, obol_bytes_str(name),
									  OBOL_SLOT_ENROLMENT, NULL);
	}
	if (status == OBOL_OK)
	{
		status = note(this, id, name, &arg->in.actor, arg->in.now,
					  OBOL_OP_ENROLMENT_ADD, OBOL_REPLY_OK, "");
	}
	return status;
}

enum obol_status obol_sql_enrolment_list(struct obol_sql_store *this,
										 struct obol_store_op *op)
{
	struct obol_store_enrolment_list *arg = op->arg.enrolment_list;
	size_t limit = arg->in.limit < PAGE_MAX ? arg->in.limit : PAGE_MAX;
	struct obol_enrolment *enrolments;
	enum obol_status status;
	struct obol_sql_query q;
	size_t n = 0;

	arg->out.n_enrolments = 0;
	enrolments = obol_sql_alloc(op, limit * sizeof(*enrolments));
	if (!enrolments)
	{
		return OBOL_ERR_NOMEM;
	}
	q = obol_sql_begin(this->sql, "SELECT " COLUMNS " FROM enrolment "
								  "WHERE name > ? ORDER BY name LIMIT ?");
	obol_sql_put_text(&q, arg->in.after);
	obol_sql_put_int(&q, (int64_t)limit);
	while (obol_sql_row(&q))
	{
		read_enrolment(&q, &enrolments[n++]);
	}
	status = obol_sql_end(&q);
	if (status == OBOL_OK)
	{
		arg->out.enrolments = enrolments;
		arg->out.n_enrolments = n;
	}
	return status;
}

enum obol_status obol_sql_enrolment_revoke(struct obol_sql_store *this,
										   struct obol_store_op *op)
{
	const struct obol_store_enrolment_revoke *arg = op->arg.enrolment_revoke;
	struct obol_sql_query q =
		obol_sql_begin(this->sql, "DELETE FROM enrolment WHERE name = ? "
								  "RETURNING id, name, key_number");
	struct obol_store_slot_set set = { .kind = OBOL_SLOT_ENROLMENT };
	int64_t id = 0;
	char name[OBOL_LABEL_MAX + 1] = "";
	enum obol_status status;
	bool found;

	obol_sql_put_text(&q, arg->in.name);
	found = obol_sql_row(&q);
	if (found)
	{
		id = obol_sql_get_int(&q);
		obol_sql_get_str(&q, name, sizeof(name));
		set.key_number = (uint32_t)obol_sql_get_uint(&q, UINT32_MAX);
	}
	status = obol_sql_finish(&q);
	if (status == OBOL_OK && !found)
	{
		return OBOL_ERR_NOT_FOUND;
	}
	if (status == OBOL_OK)
	{
		status =
			obol_sql_note_gone(this, arg->in.name, NULL, &set, arg->in.now);
	}
	return status == OBOL_OK ? note(this, id, name, &arg->in.actor, arg->in.now,
									OBOL_OP_ENROLMENT_REVOKE, OBOL_REPLY_OK, "")
							 : status;
}
