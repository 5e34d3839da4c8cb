/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Standard input, output and error. */
#include "base/standard_io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

bool obol_standard_io_open(void)
{
	int fd;

	/* upwards, as what is opened gets the lowest number that is free */
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
	{
		/* the wrong way round, so that its use is an error */
		int mode = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;

		if (fcntl(fd, F_GETFD) < 0 &&
			(errno != EBADF || open("/dev/null", mode | O_NOCTTY) != fd))
		{
			return false;
		}
	}
	return true;
}

bool obol_standard_output_is_whole(void)
{
	/* what could not be written before is not tried again by fflush() */
	return fflush(stdout) == 0 && !ferror(stdout);
}
