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
	/** see struct obol_store_options */
	uint32_t history_rows_max;
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

/** What a restore came to. */
struct obol_store_restored {
	/** in the restored database */
	uint32_t n_accounts;
	/** that the backup has active, and that were disabled or removed since:
	 * they are disabled now */
	uint32_t n_disabled;
	/** whose account key was replaced since: nothing of today opens what the
	 * backup has, so they have no slots and need a reset */
	uint32_t n_without_slots;
	/** added since the backup, and lost */
	uint32_t n_lost;
	/** there was a database, and it is kept beside the restored one */
	bool is_kept;
};

struct obol_store_restore_options {
	/** the backup, and the database it shall be again; path and create of
	 * this are not looked at */
	const char *backup;
	const char *path;
	struct obol_rng *rng;
	struct obol_log *log;
	/** for the audit trail */
	struct obol_store_actor actor;
	uint64_t now;
	/** go on without the present database, which is gone or damaged */
	bool without_present;
};

/**
 * Put a backup in the place of the database, which nobody may be using. From
 * the present one are taken over: spent guesses; what was disabled, removed or
 * ended; slots, so that no revoked device and no replaced password comes back;
 * audit trail and issued certificates. It is kept as PATH.before-restore.
 *
 * @param why	receives a sentence for the operator on failure; nothing was
 *				changed then
 * @return		OK; NOT_FOUND; EXISTS when PATH.before-restore is there; DENIED
 *				when somebody uses the database or a file's permissions are
 *				wrong; AUTH when it is another server's; VERSION; STORE; IO
 */
enum obol_status
obol_store_sqlite_restore(const struct obol_store_restore_options *options,
						  struct obol_store_restored *restored, char *why,
						  size_t size) OBOL_MUST_CHECK;

/** Copy the whole database to a new file while others use it (backup). */
enum obol_status obol_store_sqlite_backup(struct obol_store *store,
										  const char *path) OBOL_MUST_CHECK;

#endif /* OBOL_STORE_STORE_SQLITE_H_ */
