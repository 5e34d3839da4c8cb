/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The embedded store: one SQLite file, WAL, synchronous=FULL.
 */
#ifndef OBOL_STORE_STORE_SQLITE_H_
#define OBOL_STORE_STORE_SQLITE_H_

#include "store/store.h"

struct obol_store_sqlite_options {
	const char *path;
	/** make the file, its schema and the id key; an existing one is an error */
	bool create;
	/** rows of the guess table at most */
	uint32_t guess_rows_max;
	struct obol_rng *rng;
	struct obol_log *log;
};

/**
 * Open the store; an older schema is migrated.
 *
 * @param why	receives a sentence for the operator on failure; size bytes
 * @return		OK; NOT_FOUND; EXISTS; VERSION when the schema is newer than
 *				this build; DENIED for permissions; STORE; NOMEM
 */
enum obol_status
obol_store_sqlite_open(const struct obol_store_sqlite_options *options,
					   struct obol_store **store, char *why,
					   size_t size) OBOL_MUST_CHECK;

/** Copy the whole database to a new file while others use it (backup). */
enum obol_status obol_store_sqlite_backup(struct obol_store *store,
										  const char *path) OBOL_MUST_CHECK;

#endif /* OBOL_STORE_STORE_SQLITE_H_ */
