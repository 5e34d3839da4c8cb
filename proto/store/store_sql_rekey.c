/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store over SQL: a new account key, in one transaction. */
#include "store/store_sql_private.h"

#include <stdio.h>

/** What is staged and not taken is dropped after so many seconds. */
#define STAGE_AGE_MAX_S 3600
/** Staged items of one account: two re-keys under way at once. */
#define STAGED_MAX (2 * OBOL_CREDENTIALS_MAX)

static enum obol_status drop_stale(struct obol_sql_store *this, uint64_t now)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "DELETE FROM stage WHERE (account_id, stage_id, name) IN "
				   "(SELECT account_id, stage_id, name FROM stage WHERE "
				   "staged_at <= ? FOR UPDATE SKIP LOCKED)");

	obol_sql_put_time(&q, now > STAGE_AGE_MAX_S ? now - STAGE_AGE_MAX_S : 0);
	return obol_sql_finish(&q);
}

static enum obol_status count(struct obol_sql_query *q, int64_t *n)
{
	*n = obol_sql_row(q) ? obol_sql_get_int(q) : 0;
	return obol_sql_end(q);
}

enum obol_status obol_sql_stage(struct obol_sql_store *this,
								struct obol_store_op *op)
{
	const struct obol_store_stage *arg = op->arg.stage;
	const struct obol_store_request *request = &arg->in.request;
	const struct obol_put_request *put = &arg->in.put;
	struct obol_sql_session session;
	enum obol_status status;
	struct obol_sql_query q;
	int64_t n_staged;

	status = obol_sql_check(this, op, request, true, &session);
	if (status == OBOL_OK && put->generation != session.generation + 1)
	{
		status = OBOL_ERR_AUTH;
	}
	if (status == OBOL_OK)
	{
		status = put->sealed.len > OBOL_SEALED_MAX
					 ? OBOL_ERR_ARG
					 : drop_stale(this, request->now);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	q = obol_sql_begin(
		this->sql,
		"INSERT INTO stage (account_id, stage_id, "
		"name, format, base_version, generation, staged_at, "
		"sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
		"ON CONFLICT (account_id, stage_id, name) DO UPDATE SET "
		"format = excluded.format, base_version = excluded.base_version, "
		"generation = excluded.generation, staged_at = excluded.staged_at, "
		"sealed = excluded.sealed");
	obol_sql_put_int(&q, request->account_id);
	obol_sql_put_blob(&q, arg->in.stage_id, sizeof(arg->in.stage_id));
	obol_sql_put_text(&q, put->name);
	obol_sql_put_int(&q, put->format);
	obol_sql_put_time(&q, put->base_version);
	obol_sql_put_int(&q, put->generation);
	obol_sql_put_time(&q, request->now);
	obol_sql_put_blob(&q, put->sealed.ptr, put->sealed.len);
	status = obol_sql_finish(&q);
	if (status != OBOL_OK)
	{
		return status;
	}
	q = obol_sql_begin(this->sql,
					   "SELECT count(*) FROM stage WHERE account_id = ?");
	obol_sql_put_int(&q, request->account_id);
	status = count(&q, &n_staged);
	return status == OBOL_OK && n_staged > STAGED_MAX
			   ? obol_sql_refuse(op, OBOL_ERR_DENIED, OBOL_REPLY_QUOTA)
			   : status;
}

static enum obol_status unstage(struct obol_sql_store *this, int64_t account_id,
								const uint8_t *stage_id)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "DELETE FROM stage WHERE account_id = ? AND stage_id = ?");

	obol_sql_put_int(&q, account_id);
	obol_sql_put_blob(&q, stage_id, 16);
	return obol_sql_finish(&q);
}

enum obol_status obol_sql_unstage(struct obol_sql_store *this,
								  struct obol_store_op *op)
{
	return unstage(this, op->arg.unstage->in.account_id,
				   op->arg.unstage->in.stage_id);
}

/** Every live credential is staged on its version, and nothing is staged on
 * another one. */
static enum obol_status check_staged(struct obol_sql_store *this,
									 const struct obol_store_rekey *arg,
									 uint32_t present)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql,
		"SELECT (SELECT count(*) FROM credential c WHERE c.account_id = ?1 "
		"AND c.generation = ?3 AND c.deleted = 0 AND NOT EXISTS "
		"(SELECT 1 FROM stage s WHERE s.account_id = ?1 AND s.stage_id = ?2 "
		"AND s.name = c.name AND s.base_version = c.version)) + "
		"(SELECT count(*) FROM stage s WHERE s.account_id = ?1 "
		"AND s.stage_id = ?2 AND (s.generation <> ?3 + 1 OR s.base_version <> "
		"coalesce((SELECT version FROM credential c WHERE c.account_id = ?1 "
		"AND c.generation = ?3 AND c.name = s.name), 0)))");
	enum obol_status status;
	int64_t n_wrong;

	obol_sql_put_int(&q, arg->in.request.account_id);
	obol_sql_put_blob(&q, arg->in.stage_id, sizeof(arg->in.stage_id));
	obol_sql_put_int(&q, present);
	status = count(&q, &n_wrong);
	return status == OBOL_OK && n_wrong > 0 ? OBOL_ERR_EXISTS : status;
}

/** Tombstones go over as they are, credentials as they were staged. */
static enum obol_status take_staged(struct obol_sql_store *this,
									struct obol_store_op *op, uint32_t present)
{
	const struct obol_store_rekey *arg = op->arg.rekey;
	const struct obol_store_request *request = &arg->in.request;
	enum obol_status status;
	struct obol_sql_query q;

	q = obol_sql_begin(this->sql, "UPDATE credential SET generation = ? + 1 "
								  "WHERE account_id = ? AND generation = ?");
	obol_sql_put_int(&q, present);
	obol_sql_put_int(&q, request->account_id);
	obol_sql_put_int(&q, present);
	status = obol_sql_finish(&q);
	if (status != OBOL_OK)
	{
		return status;
	}
	q = obol_sql_begin(
		this->sql,
		"INSERT INTO credential (account_id, generation, name, format, "
		"version, changed_at, deleted, size, sealed) "
		"SELECT account_id, generation, name, format, base_version + 1, ?, 0, "
		"length(sealed), sealed FROM stage "
		"WHERE account_id = ? AND stage_id = ? "
		"ON CONFLICT (account_id, generation, name) DO UPDATE SET "
		"format = excluded.format, version = excluded.version, "
		"changed_at = excluded.changed_at, deleted = 0, size = excluded.size, "
		"sealed = excluded.sealed");
	obol_sql_put_time(&q, request->now);
	obol_sql_put_int(&q, request->account_id);
	obol_sql_put_blob(&q, arg->in.stage_id, sizeof(arg->in.stage_id));
	status = obol_sql_finish(&q);
	if (status == OBOL_OK)
	{
		status = obol_sql_check_credentials(this, op, request->account_id,
											present + 1);
	}
	return status;
}

static enum obol_status replace_slots(struct obol_sql_store *this,
									  struct obol_store_op *op,
									  uint32_t present)
{
	const struct obol_store_rekey *arg = op->arg.rekey;
	int64_t account_id = arg->in.request.account_id;
	struct obol_sql_query q =
		obol_sql_begin(this->sql, "DELETE FROM slot WHERE account_id = ? "
								  "AND NOT (kind = ? AND generation < "
								  "?) " OBOL_GONE_RETURNING);
	enum obol_status status;
	size_t i, j;

	obol_sql_put_int(&q, account_id);
	obol_sql_put_int(&q, OBOL_SLOT_RECOVERY);
	obol_sql_put_int(&q, present);
	status = obol_sql_end_gone(this, &q, account_id, arg->in.request.now, NULL);
	for (i = 0; status == OBOL_OK && i < arg->in.n_slots; i++)
	{
		const struct obol_slot *slot = &arg->in.slots[i];

		if (slot->generation != present + 1)
		{
			return OBOL_ERR_ARG;
		}
		for (j = 0; j < i; j++)
		{
			if (arg->in.slots[j].kind == slot->kind &&
				memcmp(arg->in.slots[j].device_id, slot->device_id,
					   sizeof(slot->device_id)) == 0)
			{
				return OBOL_ERR_ARG;
			}
		}
		status =
			obol_sql_write_slot(this, account_id, slot, arg->in.request.now);
	}
	return status == OBOL_OK ? obol_sql_check_devices(this, op, account_id)
							 : status;
}

static enum obol_status
next_generation(struct obol_sql_store *this,
				const struct obol_store_request *request, uint32_t generation)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "UPDATE account SET generation = ?, activated_at = "
				   "CASE activated_at WHEN 0 THEN ? ELSE activated_at END "
				   "WHERE id = ?");

	obol_sql_put_int(&q, generation);
	obol_sql_put_time(&q, request->now);
	obol_sql_put_int(&q, request->account_id);
	return obol_sql_finish(&q);
}

static enum obol_status note_rekey(struct obol_sql_store *this,
								   const struct obol_store_rekey *arg,
								   const char *label)
{
	char detail[64];
	struct obol_sql_event event = {
		.account_id = arg->in.request.account_id,
		.now = arg->in.request.now,
		.actor = &arg->in.request.actor,
		.operation = OBOL_OP_REKEY,
		.reply = OBOL_REPLY_OK,
		.label = label,
	};

	(void)snprintf(detail, sizeof(detail), "account key %lu, slots: %zu",
				   (unsigned long)arg->in.generation, arg->in.n_slots);
	event.detail = obol_bytes_str(detail);
	return obol_sql_audit(this, &event);
}

/* Who replaces the account key in its full possession thinks that somebody else
 * has it; what an activation replaces was revoked at the reset. */
static enum obol_status revoke_rekeyed(struct obol_sql_store *this,
									   const struct obol_store_request *request,
									   const char *label)
{
	struct obol_sql_revoke revoke = {
		.account_id = request->account_id,
		.reason = OBOL_REVOKED_KEY_COMPROMISE,
		.actor = &request->actor,
		.label = label,
		.now = request->now,
	};
	struct obol_store_revoked revoked;

	return request->actor.kind == OBOL_SLOT_ACTIVATION
			   ? OBOL_OK
			   : obol_sql_revoke(this, &revoke, &revoked);
}

enum obol_status obol_sql_rekey(struct obol_sql_store *this,
								struct obol_store_op *op)
{
	const struct obol_store_rekey *arg = op->arg.rekey;
	const struct obol_store_request *request = &arg->in.request;
	struct obol_sql_session session;
	enum obol_status status;

	status = obol_sql_check(this, op, request, true, &session);
	if (status == OBOL_OK && arg->in.generation != session.generation + 1)
	{
		status = OBOL_ERR_AUTH;
	}
	if (status == OBOL_OK)
	{
		status = check_staged(this, arg, session.generation);
	}
	if (status == OBOL_OK)
	{
		status = take_staged(this, op, session.generation);
	}
	if (status == OBOL_OK)
	{
		status = replace_slots(this, op, session.generation);
	}
	if (status == OBOL_OK)
	{
		status = next_generation(this, request, arg->in.generation);
	}
	if (status == OBOL_OK)
	{
		status = unstage(this, request->account_id, arg->in.stage_id);
	}
	if (status == OBOL_OK)
	{
		status = obol_sql_drop_unreadable(this, request->account_id);
	}
	if (status == OBOL_OK)
	{
		status = note_rekey(this, arg, session.label);
	}
	if (status == OBOL_OK)
	{
		status = revoke_rekeyed(this, request, session.label);
	}
	return status;
}
