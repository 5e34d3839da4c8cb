/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The embedded store: counters, each a row. */
#include "store/store_sqlite_private.h"

#define GUESS_ROWS "guess_rows"
#define AUDIT_ID "audit_id"

static enum obol_status add(struct obol_sql *sql, const char *name, int64_t by,
							int64_t *value)
{
	struct obol_sql_query q =
		obol_sql_begin(sql, "UPDATE counter SET value = value + ? "
							"WHERE name = ? RETURNING value");
	enum obol_status status;
	bool found;

	obol_sql_put_int(&q, by);
	obol_sql_put_str(&q, name);
	found = obol_sql_row(&q);
	if (found && value)
	{
		*value = obol_sql_get_int(&q);
	}
	status = obol_sql_finish(&q);
	return status == OBOL_OK && !found ? OBOL_ERR_STORE : status;
}

static enum obol_status read_tally(struct obol_sqlite_store *this)
{
	struct obol_sqlite_tally *tally = &this->guess_rows;
	struct obol_sql_query q;
	enum obol_status status;
	bool found;

	q = obol_sql_begin(&this->sqlite.sql, "SELECT value FROM counter "
										  "WHERE name = '" GUESS_ROWS "'");
	found = obol_sql_row(&q);
	if (found)
	{
		tally->stored = obol_sql_get_int(&q);
		tally->value = tally->stored;
	}
	status = obol_sql_end(&q);
	tally->is_known = status == OBOL_OK && found;
	return status == OBOL_OK && !found ? OBOL_ERR_STORE : status;
}

enum obol_status obol_sqlite_write_tally(struct obol_sqlite_store *this)
{
	struct obol_sqlite_tally tally = this->guess_rows;

	this->guess_rows.is_known = false;
	return tally.is_known && tally.value != tally.stored
			   ? add(&this->sqlite.sql, GUESS_ROWS, tally.value - tally.stored,
					 NULL)
			   : OBOL_OK;
}

/** The audit trail's newest id is its own counter; what is rolled back leaves a
 * gap. */
static enum obol_status next_audit_id(struct obol_sqlite_store *this,
									  int64_t *value)
{
	enum obol_status status = OBOL_OK;
	struct obol_sql_query q;

	if (!this->in_transaction || !this->audit_id.is_known)
	{
		q = obol_sql_begin(&this->sqlite.sql,
						   "SELECT coalesce(max(id), 0) FROM audit");
		if (obol_sql_row(&q))
		{
			this->audit_id.value = obol_sql_get_int(&q);
		}
		status = obol_sql_end(&q);
		this->audit_id.is_known = status == OBOL_OK;
	}
	if (status == OBOL_OK)
	{
		*value = ++this->audit_id.value;
	}
	return status;
}

enum obol_status obol_sqlite_count(struct obol_sql_store *store,
								   const char *name, int64_t by, int64_t *value)
{
	struct obol_sqlite_store *this = (struct obol_sqlite_store *)store;
	enum obol_status status;

	if (strcmp(name, AUDIT_ID) == 0)
	{
		return next_audit_id(this, value);
	}
	if (!this->in_transaction || strcmp(name, GUESS_ROWS) != 0)
	{
		return add(store->sql, name, by, value);
	}
	status = this->guess_rows.is_known ? OBOL_OK : read_tally(this);
	if (status == OBOL_OK)
	{
		this->guess_rows.value += by;
		if (value)
		{
			*value = this->guess_rows.value;
		}
	}
	return status;
}
