/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Codes that were used on this device. */
#include "tools/spent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <obol/transfer.h>

/* A folder that is ours alone; false with errno. */
static bool folder(char *out, size_t size)
{
	const char *base = getenv("XDG_RUNTIME_DIR");
	struct stat st;

	if (!base || *base != '/')
	{
		base = geteuid() == 0 ? "/run" : "/tmp";
	}
	if (snprintf(out, size, "%s/obol-receive-%ld", base, (long)geteuid()) >=
		(int)size)
	{
		errno = ENAMETOOLONG;
		return false;
	}
	if (mkdir(out, 0700) && errno != EEXIST)
	{
		return false;
	}
	if (lstat(out, &st))
	{
		return false;
	}
	errno = EPERM;
	return S_ISDIR(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 077);
}

/* Its time is over, or lies ahead, which a clock set back explains. */
static bool is_old(const char *path)
{
	time_t now = time(NULL);
	struct stat st;

	return stat(path, &st) == 0 &&
		   (st.st_mtime > now ||
			now - st.st_mtime > OBOL_TRANSFER_LIFE_MS / 1000);
}

/* Marks whose time is over. */
static void sweep(const char *dir)
{
	char path[SPENT_PATH_MAX];
	struct dirent *entry;
	DIR *all = opendir(dir);

	while (all && (entry = readdir(all)))
	{
		if (entry->d_name[0] != '.' &&
			snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name) <
				(int)sizeof(path) &&
			is_old(path))
		{
			(void)unlink(path);
		}
	}
	if (all)
	{
		(void)closedir(all);
	}
}

enum obol_status spent_mark(uint32_t number, char path[SPENT_PATH_MAX])
{
	char dir[SPENT_PATH_MAX - 16];
	int fd;

	path[0] = '\0';
	if (!folder(dir, sizeof(dir)))
	{
		return OBOL_ERR_IO;
	}
	sweep(dir);
	(void)snprintf(path, SPENT_PATH_MAX, "%s/%05u", dir, (unsigned)number);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
	{
		path[0] = '\0';
		return errno == EEXIST ? OBOL_ERR_EXISTS : OBOL_ERR_IO;
	}
	(void)close(fd);
	return OBOL_OK;
}

void spent_take_back(const char *path)
{
	if (path[0])
	{
		(void)unlink(path);
	}
}
