/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One process at a time. */
#include "tools/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void file_lock_init(struct file_lock *lock)
{
	lock->fd = -1;
}

/* Who held it may have removed it between our opening and our locking it, and
 * somebody else may have made the next one. */
static bool is_still_there(int fd, const char *path)
{
	struct stat held, named;

	return fstat(fd, &held) == 0 && lstat(path, &named) == 0 &&
		   held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

enum obol_status file_lock_take(struct file_lock *lock, const char *path)
{
	int fd;

	(void)snprintf(lock->path, sizeof(lock->path), "%s.lock", path);
	for (;;)
	{
		fd = open(lock->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0)
		{
			return OBOL_ERR_IO;
		}
		if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		{
			int err = errno;

			(void)close(fd);
			errno = err;
			return err == EWOULDBLOCK ? OBOL_ERR_EXISTS : OBOL_ERR_IO;
		}
		if (is_still_there(fd, lock->path))
		{
			lock->fd = fd;
			return OBOL_OK;
		}
		(void)close(fd);
	}
}

void file_lock_release(struct file_lock *lock)
{
	if (lock->fd >= 0)
	{
		(void)unlink(lock->path);
		(void)close(lock->fd);
		lock->fd = -1;
	}
}
