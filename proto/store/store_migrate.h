/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * From a file of SQLite's to a PostgreSQL server.
 */
#ifndef OBOL_STORE_STORE_MIGRATE_H_
#define OBOL_STORE_STORE_MIGRATE_H_

#include "store/store_open.h"

struct obol_store_migrate_options {
	/** SQLite's file, which nobody may be using; it is left as it is but for
	 * this build's schema */
	const char *from;
	/** a connection string; the database must be empty */
	const char *to;
	struct obol_rng *rng;
	struct obol_log *log;
	/** rows copied and compared so far, of twice the rows that there are */
	void (*progress)(void *ctx, uint64_t done, uint64_t total);
	void *ctx;
};

struct obol_store_migrated {
	uint64_t n_accounts;
	/** of all tables */
	uint64_t n_rows;
	/** SHA-256 over all rows in the order of their keys, in hexadecimal: the
	 * same on both sides */
	char digest[65];
};

/**
 * Copy everything, in one transaction, and compare it before that is committed:
 * so it is there as a whole or not at all. What connections had staged for a
 * new account key is not taken along.
 *
 * @param why	receives a sentence for the operator on failure
 * @return		OK; DENIED when somebody uses the file; EXISTS when the database
 *				is not empty; VERSION when a table is not known; and what
 *				opening either of them returns
 */
enum obol_status
obol_store_migrate(const struct obol_store_migrate_options *options,
				   struct obol_store_migrated *migrated, char *why,
				   size_t size) OBOL_MUST_CHECK;

#endif /* OBOL_STORE_STORE_MIGRATE_H_ */
