/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Opening the store that a configuration names: a file is SQLite's, a
 * connection string PostgreSQL's.
 */
#ifndef OBOL_STORE_STORE_OPEN_H_
#define OBOL_STORE_STORE_OPEN_H_

#include "store/store.h"

/** Connections of a store to its server when nothing is said. */
#define OBOL_STORE_CONNECTIONS 2
/** Rows of the audit trail kept of one account when nothing is said. */
#define OBOL_STORE_HISTORY_ROWS 2000

struct obol_store_options {
	/** a path, or "host=... dbname=..." or "postgresql://..." */
	const char *database;
	/** make it, or its tables in an empty database */
	bool create;
	/** connections to a server; 0 for one */
	unsigned n_connections;
	/** rows of the guess table at most */
	uint32_t guess_rows_max;
	/** rows of the audit trail kept of one account, at least; 0 for
	 * OBOL_STORE_HISTORY_ROWS */
	uint32_t history_rows_max;
	struct obol_rng *rng;
	struct obol_log *log;
};

/** True for a database that is reached by connections, not by files. */
bool obol_store_is_remote(const char *database);

/** The database for people: its path, or server and name. */
void obol_store_describe(const char *database, char *text, size_t size);

/**
 * Check a connection string, without connecting.
 *
 * @param why	receives a sentence for the operator on failure
 * @return		OK; ARG when it cannot be read, or has a password in it; DENIED
 *				when this build is without PostgreSQL
 */
enum obol_status obol_store_check_target(const char *database, char *why,
										 size_t size) OBOL_MUST_CHECK;

/** The password's file that a connection string names; false for none. */
bool obol_store_passfile(const char *database, char *path, size_t size);

/** Certificates and keys of a connection string, each read anew for every
 * connection. */
#define OBOL_STORE_FILES_MAX 4
struct obol_store_files {
	size_t n;
	char paths[OBOL_STORE_FILES_MAX][1024];
};

/** The files that opening a connection to the database reads, none for one that
 * is a file itself. */
void obol_store_files_of(const char *database, struct obol_store_files *files);

/** See the engines' functions, store_sqlite.h and store_postgresql.h. */
enum obol_status obol_store_open(const struct obol_store_options *options,
								 struct obol_store **store, char *why,
								 size_t size) OBOL_MUST_CHECK;

#endif /* OBOL_STORE_STORE_OPEN_H_ */
