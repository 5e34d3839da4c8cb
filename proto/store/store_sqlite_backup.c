/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The embedded store: a copy of the whole while others use it. */
#include "store/store_sqlite_private.h"

#include <fcntl.h>
#include <unistd.h>

/** Pages per step; the lock is free between the steps. */
#define STEP_PAGES 1024
/** Pause after a step that found the database busy, in milliseconds. */
#define PAUSE_MS 20

enum obol_status obol_sqlite_copy_pages(sqlite3 *from, sqlite3 *to)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
	int code = SQLITE_OK;

	if (!backup)
	{
		return OBOL_ERR_STORE;
	}
	while (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED)
	{
		code = sqlite3_backup_step(backup, STEP_PAGES);
		if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		{
			(void)sqlite3_sleep(PAUSE_MS);
		}
	}
	return sqlite3_backup_finish(backup) == SQLITE_OK && code == SQLITE_DONE
			   ? OBOL_OK
			   : OBOL_ERR_STORE;
}

enum obol_status obol_store_sqlite_backup(struct obol_store *store,
										  const char *path)
{
	struct obol_sqlite_store *this = (struct obol_sqlite_store *)store;
	enum obol_status status = OBOL_ERR_STORE;
	sqlite3 *to = NULL;
	int fd;

	obol_sqlite_flush(store);
	fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
	{
		return access(path, F_OK) == 0 ? OBOL_ERR_EXISTS : OBOL_ERR_IO;
	}
	/* one file, without a log beside it, until it is opened for use */
	if (sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK)
	{
		status = obol_sqlite_copy_pages(this->sqlite.db, to);
	}
	if (status == OBOL_OK && sqlite3_exec(to, "PRAGMA journal_mode = DELETE",
										  NULL, NULL, NULL) != SQLITE_OK)
	{
		status = OBOL_ERR_STORE;
	}
	(void)sqlite3_close(to);
	if (status == OBOL_OK && fsync(fd) != 0)
	{
		status = OBOL_ERR_IO;
	}
	(void)close(fd);
	if (status != OBOL_OK)
	{
		(void)unlink(path);
	}
	return status;
}
