/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * SQLite behind the cursor of sql.h.
 */
#ifndef OBOL_STORE_SQL_SQLITE_H_
#define OBOL_STORE_SQL_SQLITE_H_

#include <sqlite3.h>

#include "store/sql.h"

/** A connection with its statements, found by the address of their text. */
struct obol_sql_sqlite {
	/** first: the interface */
	struct obol_sql sql;
	sqlite3 *db;
	size_t n_statements;
	struct obol_sql_sqlite_statement {
		const char *text;
		sqlite3_stmt *stmt;
	} statements[OBOL_SQL_STATEMENTS_MAX];
};

/** Not open yet: db is the caller's to open. */
void obol_sql_sqlite_init(struct obol_sql_sqlite *this, struct obol_log *log);

/** Finalize all statements and close the connection. */
void obol_sql_sqlite_clear(struct obol_sql_sqlite *this);

#endif /* OBOL_STORE_SQL_SQLITE_H_ */
