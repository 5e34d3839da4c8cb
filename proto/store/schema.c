/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbered migrations of the database's schema. */
#include "store/schema.h"

#include <stdio.h>

static enum obol_status read_number(sqlite3 *db, const char *sql,
									unsigned *number)
{
	enum obol_status status = OBOL_ERR_STORE;
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
	{
		goto out;
	}
	if (sqlite3_step(stmt) == SQLITE_ROW &&
		sqlite3_column_int64(stmt, 0) >= 0 &&
		sqlite3_column_int64(stmt, 0) <= 9999)
	{
		*number = (unsigned)sqlite3_column_int64(stmt, 0);
		status = OBOL_OK;
	}
out:
	sqlite3_finalize(stmt);
	return status;
}

/** 0 for an empty database. */
static enum obol_status read_version(sqlite3 *db, unsigned *version)
{
	enum obol_status status;
	unsigned n_tables;

	status = read_number(db, "SELECT count(*) FROM sqlite_schema", &n_tables);
	if (status == OBOL_OK && n_tables == 0)
	{
		*version = 0;
		return OBOL_OK;
	}
	if (status == OBOL_OK)
	{
		status = read_number(db, "SELECT value FROM meta WHERE name = 'schema'",
							 version);
	}
	return status;
}

/** One step, inside the caller's transaction. */
static enum obol_status step(sqlite3 *db, const struct obol_migration *next,
							 unsigned number)
{
	char note[96];

	(void)snprintf(
		note, sizeof(note),
		"INSERT OR REPLACE INTO meta (name, value) VALUES ('schema', "
		"%u)",
		number);
	if (sqlite3_exec(db, next->sql, NULL, NULL, NULL) != SQLITE_OK ||
		sqlite3_exec(db, note, NULL, NULL, NULL) != SQLITE_OK)
	{
		return OBOL_ERR_STORE;
	}
	return OBOL_OK;
}

enum obol_status obol_schema_migrate(sqlite3 *db,
									 const struct obol_migration *migrations,
									 unsigned n, unsigned *version)
{
	enum obol_status status = read_version(db, version);

	while (status == OBOL_OK && *version < n)
	{
		if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
		{
			return OBOL_ERR_STORE;
		}
		/* another process may have done it while this one waited */
		status = read_version(db, version);
		if (status == OBOL_OK && *version < n)
		{
			status = step(db, &migrations[*version], *version + 1);
		}
		if (status == OBOL_OK &&
			sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		{
			status = OBOL_ERR_STORE;
		}
		if (status != OBOL_OK)
		{
			(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
			return status;
		}
		status = read_version(db, version);
	}
	if (status == OBOL_OK && *version > n)
	{
		status = OBOL_ERR_VERSION;
	}
	return status;
}
