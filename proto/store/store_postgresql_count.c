/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store in PostgreSQL: counters that nobody waits for. */
#include "store/store_postgresql_private.h"

/** Additions to the guess table between two looks at its size. */
#define ASK_EVERY 64

/** Rows of the guess table, as they were when last asked, and what this store
 * has added since; its share of others' additions is small. */
static enum obol_status guess_rows(struct obol_postgresql_store *this,
								   int64_t *value)
{
	struct obol_sql_query q;
	enum obol_status status = OBOL_OK;

	if (this->n_guess_asks++ % ASK_EVERY == 0)
	{
		q = obol_sql_begin(this->sql_store.sql,
						   "SELECT CAST(sum(value) AS BIGINT) FROM counter "
						   "WHERE name = 'guess_rows'");
		if (obol_sql_row(&q))
		{
			this->n_guess_rows = obol_sql_get_int(&q);
		}
		status = obol_sql_end(&q);
	}
	*value = this->n_guess_rows +
			 (this->current ? this->current->link->group.n_guess_rows : 0);
	return status;
}

enum obol_status obol_postgresql_count(struct obol_sql_store *store,
									   const char *name, int64_t by,
									   int64_t *value)
{
	struct obol_postgresql_store *this = (struct obol_postgresql_store *)store;
	struct obol_sql_query q;
	bool is_parted;
	int64_t unused;

	if (strcmp(name, "guess_rows") == 0)
	{
		/* written with the commit, once for the whole group */
		this->current->link->group.n_guess_rows += by;
		return by == 0 ? guess_rows(this, value) : OBOL_OK;
	}
	if (strcmp(name, "slot_serial") == 0)
	{
		q = obol_sql_begin(store->sql, "SELECT nextval('slot_serial')");
		return obol_sql_finish_id(&q, value);
	}
	is_parted = strcmp(name, "unknown_failures") == 0;
	q = is_parted
			? obol_sql_begin(store->sql,
							 "UPDATE counter SET value = value + ? "
							 "WHERE name = ? AND part = pg_backend_pid() % 32 "
							 "RETURNING value")
			: obol_sql_begin(store->sql,
							 "UPDATE counter SET value = value + ? "
							 "WHERE name = ? AND part = 0 RETURNING value");
	obol_sql_put_int(&q, by);
	obol_sql_put_str(&q, name);
	return obol_sql_finish_id(&q, value ? value : &unused);
}
