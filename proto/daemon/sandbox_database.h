/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a process needs of the file system for the database that it uses.
 */
#ifndef OBOL_DAEMON_SANDBOX_DATABASE_H_
#define OBOL_DAEMON_SANDBOX_DATABASE_H_

#include "daemon/config.h"
#include "store/store_open.h"

/** For obol_sandbox_enter(). */
struct obol_sandbox_database {
	/** ended by NULL, with room for one more */
	const char *list[OBOL_STORE_FILES_MAX + 2];
	size_t n;
	/** where the list points to */
	struct obol_store_files files;
	char folder[OBOL_CONFIG_TEXT_MAX];
	/** for the caller's one more */
	char beside[OBOL_CONFIG_TEXT_MAX];
};

/** A file's folder, or what is read for a connection to a server. */
void obol_sandbox_database_of(const char *database,
							  struct obol_sandbox_database *folders);

#endif /* OBOL_DAEMON_SANDBOX_DATABASE_H_ */
