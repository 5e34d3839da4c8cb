/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file with the parent's process number. */
#include "daemon/pid_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

void obol_pid_file_write(const char *path, struct obol_log *log)
{
	FILE *file;
	int fd;

	if (!*path)
	{
		return;
	}
	fd =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!file || fprintf(file, "%d\n", (int)getpid()) < 0 || fflush(file) != 0)
	{
		obol_log(log, OBOL_LOG_WARN, "daemon", "%s: cannot be written: %s",
				 path, strerror(errno));
	}
	if (file)
	{
		(void)fclose(file);
	}
	else if (fd >= 0)
	{
		(void)close(fd);
	}
}
