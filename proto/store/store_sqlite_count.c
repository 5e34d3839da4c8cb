/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The embedded store: counters, each a row. */
#include "store/store_sqlite_private.h"

enum obol_status obol_sqlite_count(struct obol_sql_store *this,
								   const char *name, int64_t by, int64_t *value)
{
	struct obol_sql_query q =
		obol_sql_begin(this->sql, "UPDATE counter SET value = value + ? "
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
