/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The store in a PostgreSQL database, which several obolds may share.
 *
 * Nothing here waits for the database but _open(), _flush() and _close(): what
 * is submitted is sent by obol_store_push(), and obol_store_ready() takes what
 * has come when obol_store_descriptor() can be read.
 */
#ifndef OBOL_STORE_STORE_POSTGRESQL_H_
#define OBOL_STORE_STORE_POSTGRESQL_H_

#include "store/store.h"

/** Connections of one store at most. */
#define OBOL_POSTGRESQL_LINKS_MAX 8

struct obol_store_postgresql_options {
	/** "host=... dbname=..." or "postgresql://..."; several hosts are tried in
	 * turn, and their names looked up once, by _open() */
	const char *target;
	/** make schema and id key in an empty database */
	bool create;
	/** groups of operations under way at one time, each on its connection; 0
	 * for one */
	unsigned n_links;
	/** rows of the guess table at most, about */
	uint32_t guess_rows_max;
	/** see struct obol_store_options */
	uint32_t history_rows_max;
	struct obol_rng *rng;
	struct obol_log *log;
};

/** See obol_store_check_target(). */
enum obol_status obol_store_postgresql_check(const char *target, char *why,
											 size_t size) OBOL_MUST_CHECK;

struct obol_store_files;

/** See obol_store_files_of(). */
void obol_store_postgresql_files(const char *target,
								 struct obol_store_files *files);

/** See obol_store_passfile(). */
bool obol_store_postgresql_passfile(const char *target, char *path,
									size_t size);

/** The target for people, without a password: "PostgreSQL database obol at
 * db1.example.org,db2.example.org". */
void obol_store_postgresql_describe(const char *target, char *text,
									size_t size);

/**
 * Connect, and migrate an older schema.
 *
 * @param why	receives a sentence for the operator on failure; size bytes
 * @return		OK; ARG for a target that cannot be read; NOT_FOUND when there
 *				is no Obol in the database, or no server; EXISTS; VERSION when
 *				the schema is newer than this build; DENIED for a password or
 *				permissions; STORE; NOMEM
 */
enum obol_status
obol_store_postgresql_open(const struct obol_store_postgresql_options *options,
						   struct obol_store **store, char *why,
						   size_t size) OBOL_MUST_CHECK;

#endif /* OBOL_STORE_STORE_POSTGRESQL_H_ */
