/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * PostgreSQL behind the cursor of sql.h: the statements' texts in its dialect,
 * parameters and results in its binary formats. Who sends a statement and waits
 * for its result is somebody else: execute().
 *
 * A result is held whole until obol_sql_end(), so that a cursor may be left
 * open while other statements run.
 */
#ifndef OBOL_STORE_SQL_POSTGRESQL_H_
#define OBOL_STORE_SQL_POSTGRESQL_H_

#include <libpq-fe.h>

#include "store/sql.h"

/** Parameters of one statement. */
#define OBOL_SQL_PARAMETERS_MAX 20

/** A statement, by the address of its text. */
struct obol_sql_postgresql_statement {
	const char *text;
	/** what the server is told; owned */
	char *translated;
	/** its name at the server */
	char name[8];
	size_t index;
	bool writes;
};

/** Those of the statement that is begun: bound and sent without another one in
 * between. */
struct obol_sql_parameters {
	int n;
	Oid types[OBOL_SQL_PARAMETERS_MAX];
	const char *values[OBOL_SQL_PARAMETERS_MAX];
	int lengths[OBOL_SQL_PARAMETERS_MAX];
	int formats[OBOL_SQL_PARAMETERS_MAX];
	uint8_t integers[OBOL_SQL_PARAMETERS_MAX][8];
};

struct obol_sql_postgresql {
	/** first: the interface */
	struct obol_sql sql;
	struct obol_sql_parameters parameters;
	int64_t n_changes;
	size_t n_statements;
	struct obol_sql_postgresql_statement statements[OBOL_SQL_STATEMENTS_MAX];
	/**
	 * Run a statement with the parameters; returns when its result is there.
	 *
	 * @param result	receives it, to be cleared by the caller; also a
	 *					server's refusal. NULL on failure
	 * @return			OK when there is one; STORE
	 */
	enum obol_status (*execute)(struct obol_sql_postgresql *this,
								struct obol_sql_postgresql_statement *statement,
								PGresult **result);
};

void obol_sql_postgresql_init(struct obol_sql_postgresql *this,
							  struct obol_log *log);
void obol_sql_postgresql_clear(struct obol_sql_postgresql *this);

/** A statement of the table, added when it is new; NULL when memory ran out. */
struct obol_sql_postgresql_statement *
obol_sql_postgresql_statement(struct obol_sql_postgresql *this,
							  const char *text);

/** What the result of a statement means: OK; EXISTS when a key was taken;
 * STORE, logged unless the statement may be run again with success. */
enum obol_status
obol_sql_postgresql_judge(struct obol_sql_postgresql *this,
						  const PGresult *result) OBOL_MUST_CHECK;

/** A text in PostgreSQL's dialect: ? and ?1 become $1, x'' becomes empty
 * bytes. NULL when memory ran out. */
char *obol_sql_postgresql_translate(const char *text);

#endif /* OBOL_STORE_SQL_POSTGRESQL_H_ */
