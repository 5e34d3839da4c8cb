/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The database's schema: numbered migrations, each in a transaction of its
 * own. The table meta holds the version reached.
 */
#ifndef OBOL_STORE_SCHEMA_H_
#define OBOL_STORE_SCHEMA_H_

#include <sqlite3.h>
#include <stddef.h>

#include <obol/status.h>

struct obol_migration {
	const char *sql;
};

/** proto/store/schema/NNNN-*.sql in their order: number one comes first. */
extern const struct obol_migration obol_schema_migrations[];
extern const unsigned obol_schema_n_migrations;

/** The same of proto/store/schema/postgresql. */
extern const struct obol_migration obol_schema_postgresql[];
extern const unsigned obol_schema_n_postgresql;

/**
 * Bring a database to the version n, that of the last migration given.
 *
 * @param version	receives the version it has now
 * @return			OK; VERSION when it is newer than n; STORE
 */
enum obol_status obol_schema_migrate(sqlite3 *db,
									 const struct obol_migration *migrations,
									 unsigned n,
									 unsigned *version) OBOL_MUST_CHECK;

#endif /* OBOL_STORE_SCHEMA_H_ */
