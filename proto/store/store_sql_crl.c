/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store over SQL: what a CRL has, and the last one that was signed. */
#include "store/store_sql_private.h"

/** Partial, so that counting and listing look at revoked ones alone. */
#define LISTED "FROM certificate WHERE revocation > 0 AND not_after > ? "

static enum obol_status count_listed(struct obol_sql_store *this, uint64_t now,
									 size_t *n)
{
	struct obol_sql_query q =
		obol_sql_begin(this->sql, "SELECT count(*) " LISTED);

	obol_sql_put_time(&q, now);
	*n = obol_sql_row(&q) ? (size_t)obol_sql_get_uint(&q, UINT32_MAX) : 0;
	return obol_sql_end(&q);
}

enum obol_status obol_sql_crl_entries(struct obol_sql_store *this,
									  struct obol_store_op *op)
{
	struct obol_store_crl_entries *arg = op->arg.crl_entries;
	struct obol_crl_entry *entries;
	enum obol_status status;
	struct obol_sql_query q;
	size_t n_listed, n = 0;

	memset(&arg->out, 0, sizeof(arg->out));
	status = obol_sql_last_revocation(this, &arg->out.last);
	if (status == OBOL_OK)
	{
		status = count_listed(this, arg->in.now, &n_listed);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	entries = obol_sql_alloc(op, n_listed * sizeof(*entries));
	if (!entries)
	{
		return OBOL_ERR_NOMEM;
	}
	q = obol_sql_begin(this->sql, "SELECT serial, reason, revoked_at " LISTED
								  "ORDER BY revocation");
	obol_sql_put_time(&q, arg->in.now);
	while (n < n_listed && obol_sql_row(&q))
	{
		struct obol_crl_entry *entry = &entries[n++];

		entry->serial_len = (uint8_t)obol_sql_get_upto(&q, entry->serial,
													   sizeof(entry->serial));
		entry->reason = (uint8_t)obol_sql_get_uint(&q, UINT8_MAX);
		entry->revoked_at = obol_sql_get_time(&q);
	}
	status = obol_sql_end(&q);
	if (status == OBOL_OK)
	{
		arg->out.entries = entries;
		arg->out.n_entries = n;
	}
	return status;
}

enum obol_status obol_sql_crl_get(struct obol_sql_store *this,
								  struct obol_store_op *op)
{
	struct obol_store_crl_get *arg = op->arg.crl_get;
	struct obol_store_crl *crl = &arg->out.crl;
	enum obol_status status, ended;
	struct obol_sql_query q;
	bool found;

	memset(&arg->out, 0, sizeof(arg->out));
	status = obol_sql_last_revocation(this, &arg->out.last);
	if (status != OBOL_OK)
	{
		return status;
	}
	q = obol_sql_begin(this->sql,
					   "SELECT number, revocation, this_update, next_update, "
					   "CASE WHEN ? <> 0 THEN x'' ELSE der END FROM crl");
	obol_sql_put_int(&q, arg->in.is_brief);
	found = obol_sql_row(&q);
	if (found)
	{
		crl->number = obol_sql_get_time(&q);
		crl->revocation = obol_sql_get_time(&q);
		crl->this_update = obol_sql_get_time(&q);
		crl->next_update = obol_sql_get_time(&q);
		status = obol_sql_copy(op, obol_sql_get_bytes(&q), &crl->der);
	}
	ended = obol_sql_end(&q);
	status = status == OBOL_OK ? ended : status;
	return status == OBOL_OK && !found ? OBOL_ERR_NOT_FOUND : status;
}

enum obol_status obol_sql_crl_put(struct obol_sql_store *this,
								  struct obol_store_op *op)
{
	const struct obol_store_crl *crl = &op->arg.crl_put->in.crl;
	struct obol_sql_query q = obol_sql_begin(
		this->sql,
		"INSERT INTO crl (id, number, revocation, this_update, next_update, "
		"der) VALUES (1, ?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE SET "
		"number = ?1, revocation = ?2, this_update = ?3, next_update = ?4, "
		"der = ?5 WHERE crl.number < ?1 AND crl.revocation <= ?2");
	enum obol_status status;

	obol_sql_put_time(&q, crl->number);
	obol_sql_put_time(&q, crl->revocation);
	obol_sql_put_time(&q, crl->this_update);
	obol_sql_put_time(&q, crl->next_update);
	obol_sql_put_blob(&q, crl->der.ptr, crl->der.len);
	status = obol_sql_finish(&q);
	return status == OBOL_OK && obol_sql_changes(this->sql) == 0
			   ? OBOL_ERR_EXISTS
			   : status;
}
