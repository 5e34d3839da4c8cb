/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Only one process at a time replaces a file whose content cannot be had twice,
 * such as a device's secret. The lock is a file beside it, which is gone again
 * when nobody holds it; that of a process that was killed is in nobody's way.
 */
#ifndef OBOL_TOOLS_FILE_LOCK_H_
#define OBOL_TOOLS_FILE_LOCK_H_

#include <obol/status.h>

#include "tools/profile.h"

struct file_lock {
	char path[PROFILE_PATH_MAX + sizeof(".lock")];
	/** -1: it is not held */
	int fd;
};

/** Not held. */
void file_lock_init(struct file_lock *lock);

/**
 * Hold it; nobody waits.
 *
 * @param path	the file that is going to be replaced
 * @return		OK; EXISTS when another process holds it; IO, with errno
 */
enum obol_status file_lock_take(struct file_lock *lock,
								const char *path) OBOL_MUST_CHECK;

/** Let it go, if it is held. */
void file_lock_release(struct file_lock *lock);

#endif /* OBOL_TOOLS_FILE_LOCK_H_ */
