/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store over SQL: slots that are gone, and what they were answered with. */
#include "store/store_sql_private.h"

#include "store/slot_sets.h"

/** Rows that one GONE_DROP takes of a set: others wait for its transaction. */
#define DROP_MAX 10000

/** Of one account; its slots, and nothing is lost if there were more. */
#define GONE_MAX (OBOL_SLOTS_MAX + 1)

/** A slot that was just deleted. */
struct gone {
	uint8_t device_id[OBOL_DEVICE_ID_LEN];
	struct obol_store_slot_set set;
};

enum obol_status obol_sql_note_gone(struct obol_sql_store *this,
									struct obol_bytes name,
									const uint8_t *device_id,
									const struct obol_store_slot_set *set,
									uint64_t now)
{
	uint8_t who[OBOL_GONE_KEY_LEN];
	enum obol_status status =
		obol_store_gone_key(&this->store, set->kind, name, device_id, who);
	struct obol_sql_query q;

	if (status != OBOL_OK)
	{
		return status;
	}
	q = obol_sql_begin(
		this->sql,
		"INSERT INTO gone (who, kind, ksf_id, ksf_log2_n, ksf_r, ksf_p, "
		"key_number, gone_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
		"ON CONFLICT (who) DO UPDATE SET ksf_id = excluded.ksf_id, "
		"ksf_log2_n = excluded.ksf_log2_n, ksf_r = excluded.ksf_r, "
		"ksf_p = excluded.ksf_p, key_number = excluded.key_number, "
		"gone_at = excluded.gone_at");
	obol_sql_put_blob(&q, who, sizeof(who));
	obol_sql_put_int(&q, set->kind);
	obol_sql_put_int(&q, set->ksf.id);
	obol_sql_put_int(&q, set->ksf.log2_n);
	obol_sql_put_int(&q, set->ksf.r);
	obol_sql_put_int(&q, set->ksf.p);
	obol_sql_put_int(&q, set->key_number);
	obol_sql_put_time(&q, now);
	return obol_sql_finish(&q);
}

static enum obol_status read_name(struct obol_sql_store *this,
								  int64_t account_id,
								  char name[OBOL_NAME_MAX + 1], size_t *len)
{
	struct obol_sql_query q =
		obol_sql_begin(this->sql, "SELECT name FROM account WHERE id = ?");

	*len = 0;
	obol_sql_put_int(&q, account_id);
	if (obol_sql_row(&q))
	{
		*len = obol_sql_get_upto(&q, name, OBOL_NAME_MAX);
	}
	return obol_sql_end(&q);
}

enum obol_status obol_sql_end_gone(struct obol_sql_store *this,
								   struct obol_sql_query *q, int64_t account_id,
								   uint64_t now, size_t *n_gone)
{
	struct gone gone[GONE_MAX];
	char name[OBOL_NAME_MAX + 1];
	enum obol_status status;
	size_t i, n = 0, len;

	while (n < GONE_MAX && obol_sql_row(q))
	{
		memset(&gone[n], 0, sizeof(gone[n]));
		obol_sql_get_fixed(q, gone[n].device_id, sizeof(gone[n].device_id));
		obol_sql_read_set(q, &gone[n].set);
		n++;
	}
	status = obol_sql_finish(q);
	if (n_gone)
	{
		*n_gone = n;
	}
	if (status == OBOL_OK && n > 0)
	{
		status = read_name(this, account_id, name, &len);
	}
	for (i = 0; status == OBOL_OK && i < n; i++)
	{
		status = obol_sql_note_gone(this, obol_bytes(name, len),
									gone[i].device_id, &gone[i].set, now);
	}
	return status;
}

/*
 * What need not be remembered any more
 */

enum obol_status obol_sql_forget_gone(struct obol_sql_store *this,
									  struct obol_bytes name, uint8_t kind,
									  const uint8_t *device_id)
{
	uint8_t who[OBOL_GONE_KEY_LEN];
	enum obol_status status =
		obol_store_gone_key(&this->store, kind, name, device_id, who);
	struct obol_sql_query q;

	if (status != OBOL_OK)
	{
		return status;
	}
	q = obol_sql_begin(this->sql, "DELETE FROM gone WHERE who = ?");
	obol_sql_put_blob(&q, who, sizeof(who));
	return obol_sql_finish(&q);
}

enum obol_status obol_sql_slot_is_back(struct obol_sql_store *this,
									   int64_t account_id,
									   const struct obol_slot *slot)
{
	char name[OBOL_NAME_MAX + 1];
	size_t len;
	enum obol_status status = read_name(this, account_id, name, &len);

	return status == OBOL_OK ? obol_sql_forget_gone(this, obol_bytes(name, len),
													slot->kind, slot->device_id)
							 : status;
}

static enum obol_status drop_set(struct obol_sql_store *this,
								 const struct obol_store_slot_set *set)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql,
		"DELETE FROM gone WHERE who IN (SELECT who FROM gone WHERE kind = ? "
		"AND ksf_id = ? AND ksf_log2_n = ? AND ksf_r = ? AND ksf_p = ? "
		"AND key_number = ? LIMIT ? FOR UPDATE SKIP LOCKED)");

	obol_sql_put_int(&q, set->kind);
	obol_sql_put_int(&q, set->ksf.id);
	obol_sql_put_int(&q, set->ksf.log2_n);
	obol_sql_put_int(&q, set->ksf.r);
	obol_sql_put_int(&q, set->ksf.p);
	obol_sql_put_int(&q, set->key_number);
	obol_sql_put_int(&q, DROP_MAX);
	return obol_sql_finish(&q);
}

static enum obol_status drop_eldest(struct obol_sql_store *this, uint64_t n)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "DELETE FROM gone WHERE who IN (SELECT who FROM gone "
				   "ORDER BY gone_at LIMIT ? FOR UPDATE SKIP LOCKED)");

	obol_sql_put_int(&q, (int64_t)n);
	return obol_sql_finish(&q);
}

enum obol_status obol_sql_gone_drop(struct obol_sql_store *this,
									struct obol_store_op *op)
{
	const struct obol_store_slot_sets *sets = op->arg.gone_drop->in.sets;
	uint64_t n_gone = obol_slot_sets_gone(sets);
	enum obol_status status = OBOL_OK;
	size_t i;

	for (i = 0; status == OBOL_OK && i < sets->out.n_sets; i++)
	{
		if (sets->out.sets[i].n_gone > 0 && obol_slot_set_is_past(sets, i))
		{
			n_gone -= sets->out.sets[i].n_gone;
			status = drop_set(this, &sets->out.sets[i]);
		}
	}
	return status == OBOL_OK && n_gone > OBOL_SLOTS_GONE_MAX
			   ? drop_eldest(this, n_gone - OBOL_SLOTS_GONE_MAX)
			   : status;
}
