/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the files of the embedded store share.
 */
#ifndef OBOL_STORE_STORE_SQLITE_PRIVATE_H_
#define OBOL_STORE_STORE_SQLITE_PRIVATE_H_

#include "store/sql_sqlite.h"
#include "store/store_sql_private.h"
#include "store/store_sqlite.h"

/** A counter that goes up and down with every login: kept here for as long as
 * the transaction shuts others out, and written once at its end. */
struct obol_sqlite_tally {
	bool is_known;
	int64_t value;
	/** what the table has */
	int64_t stored;
};

struct obol_sqlite_store {
	/** first: the interface */
	struct obol_sql_store sql_store;
	struct obol_sql_sqlite sqlite;
	/** a transaction is open, for the operations in the list */
	bool in_transaction;
	/** it has failed as a whole: all of them get STORE */
	bool group_failed;
	/** in a transaction */
	struct obol_sqlite_tally guess_rows;
	/** of the newest row of the audit trail */
	struct obol_sqlite_tally audit_id;
	struct obol_store_op *first;
	struct obol_store_op *last;
};

void obol_sqlite_submit(struct obol_store *store, struct obol_store_op *op);
void obol_sqlite_flush(struct obol_store *store);

/** Counters (store_sqlite_count.c), see obol_sql_count(). */
enum obol_status obol_sqlite_count(struct obol_sql_store *this,
								   const char *name, int64_t by,
								   int64_t *value) OBOL_MUST_CHECK;

/** Write what was counted since the transaction began; before its end. */
enum obol_status
obol_sqlite_write_tally(struct obol_sqlite_store *this) OBOL_MUST_CHECK;

/** Copy all pages of one database to another. OK or STORE. */
enum obol_status obol_sqlite_copy_pages(sqlite3 *from,
										sqlite3 *to) OBOL_MUST_CHECK;

#endif /* OBOL_STORE_STORE_SQLITE_PRIVATE_H_ */
