/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that get their names once they are whole. */
#include "tools/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE 0600
#define SUFFIX ".new-XXXXXX"

/* The path's directory, in out. */
static bool directory_of(const char *path, char out[PATH_MAX])
{
	char *slash;

	if (strlen(path) >= PATH_MAX)
	{
		errno = ENAMETOOLONG;
		return false;
	}
	strcpy(out, path);
	slash = strrchr(out, '/');
	if (!slash)
	{
		strcpy(out, ".");
	}
	else if (slash == out)
	{
		slash[1] = '\0';
	}
	else
	{
		*slash = '\0';
	}
	return true;
}

int spool_open(const char *path, char *temporary, size_t size)
{
	char dir[PATH_MAX];
	int fd;

	temporary[0] = '\0';
	if (!directory_of(path, dir))
	{
		return -1;
	}
	fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, MODE);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
	{
		return fd;
	}
	if (snprintf(temporary, size, "%s" SUFFIX, path) >= (int)size)
	{
		temporary[0] = '\0';
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
	{
		temporary[0] = '\0';
	}
	return fd;
}

/* Give a nameless file a name; it must be a new one. */
static bool link_to(int fd, const char *path)
{
	char self[64];

	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
}

/* In place of what is there: by way of a name beside it. */
static bool replace(int fd, const char *temporary, const char *path)
{
	char beside[PATH_MAX];

	if (!temporary[0])
	{
		if (snprintf(beside, sizeof(beside), "%s.new-%ld", path,
					 (long)getpid()) >= (int)sizeof(beside))
		{
			errno = ENAMETOOLONG;
			return false;
		}
		if (!link_to(fd, beside))
		{
			return false;
		}
		temporary = beside;
	}
	if (rename(temporary, path))
	{
		int failure = errno;

		(void)unlink(temporary);
		errno = failure;
		return false;
	}
	return true;
}

static bool sync_directory_of(const char *path)
{
	char dir[PATH_MAX];
	bool done;
	int fd;

	if (!directory_of(path, dir))
	{
		return false;
	}
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
	{
		return false;
	}
	done = fsync(fd) == 0;
	(void)close(fd);
	return done;
}

bool spool_commit(int fd, const char *temporary, const char *path, bool force)
{
	bool done = fsync(fd) == 0;
	int failure;

	if (done && force)
	{
		done = replace(fd, temporary, path);
	}
	else if (done)
	{
		done = temporary[0] ? link(temporary, path) == 0 : link_to(fd, path);
	}
	failure = errno;
	if (temporary[0] && !(done && force))
	{
		/* it has its name, or gets none */
		(void)unlink(temporary);
	}
	errno = failure;
	done = done && sync_directory_of(path);
	failure = errno;
	(void)close(fd);
	errno = failure;
	return done;
}

void spool_abort(int fd, const char *temporary)
{
	if (temporary[0])
	{
		(void)unlink(temporary);
	}
	if (fd >= 0)
	{
		(void)close(fd);
	}
}
