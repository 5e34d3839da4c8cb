/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole small files. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What an attempt at a temporary name is worth. */
#define TEMPORARY_SUFFIX ".new-XXXXXX"

static enum obol_status fail(enum obol_status status, char *why, size_t size,
							 const char *path, const char *what, int err)
{
	(void)snprintf(why, size, "%s: %s%s%s", path, what, err ? ": " : "",
				   err ? strerror(err) : "");
	return status;
}

static enum obol_status check_opened(int fd, const char *path,
									 enum obol_file_access access, size_t max,
									 size_t *len, char *why, size_t size)
{
	struct stat st;
	char what[64];

	if (fstat(fd, &st) != 0)
	{
		return fail(OBOL_ERR_IO, why, size, path, "cannot be looked at", errno);
	}
	if (!S_ISREG(st.st_mode))
	{
		return fail(OBOL_ERR_FORMAT, why, size, path, "is no regular file", 0);
	}
	if (access == OBOL_FILE_PRIVATE && (st.st_mode & 077))
	{
		return fail(OBOL_ERR_DENIED, why, size, path,
					"can be read by others than its owner; make it private "
					"with chmod 600",
					0);
	}
	if (access == OBOL_FILE_PRIVATE && st.st_uid != 0 && st.st_uid != geteuid())
	{
		return fail(OBOL_ERR_DENIED, why, size, path,
					"belongs to another user; make it root's with chown", 0);
	}
	if (st.st_size < 0 || (uintmax_t)st.st_size > max)
	{
		(void)snprintf(what, sizeof(what),
					   "is too large; at most %zu bytes are taken", max);
		return fail(OBOL_ERR_FORMAT, why, size, path, what, 0);
	}
	*len = (size_t)st.st_size;
	return OBOL_OK;
}

/* Fill the buffer, and no byte more: the file may be changing. */
static enum obol_status read_all(int fd, const char *path, uint8_t *buf,
								 size_t len, char *why, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < len)
	{
		n = read(fd, buf + done, len - done);
		if (n < 0 && errno == EINTR)
		{
			continue;
		}
		if (n < 0)
		{
			return fail(OBOL_ERR_IO, why, size, path, "cannot be read", errno);
		}
		if (n == 0)
		{
			return fail(OBOL_ERR_IO, why, size, path,
						"changed while it was "
						"read; try again",
						0);
		}
		done += (size_t)n;
	}
	return OBOL_OK;
}

enum obol_status obol_file_read(const char *path, enum obol_file_access access,
								size_t max, struct obol_secret **content,
								char *why, size_t size)
{
	struct obol_secret *buf = NULL;
	enum obol_status status;
	size_t len;
	int fd;

	/* no waiting for the writer of a FIFO */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
	{
		status = errno == ENOENT || errno == ENOTDIR ? OBOL_ERR_NOT_FOUND
				 : errno == EACCES || errno == EPERM ? OBOL_ERR_DENIED
													 : OBOL_ERR_IO;
		return fail(status, why, size, path, "cannot be opened", errno);
	}
	status = check_opened(fd, path, access, max, &len, why, size);
	if (status != OBOL_OK)
	{
		goto out;
	}
	buf = obol_secret_new(len);
	if (!buf)
	{
		status = fail(OBOL_ERR_NOMEM, why, size, path, "no memory for it", 0);
		goto out;
	}
	status = read_all(fd, path, obol_secret_ptr(buf), len, why, size);
	if (status == OBOL_OK)
	{
		*content = buf;
		buf = NULL; /* moved to the caller */
	}
out:
	obol_secret_free(buf);
	(void)close(fd);
	return status;
}

static bool write_all(int fd, struct obol_bytes content)
{
	size_t done = 0;
	ssize_t n;

	while (done < content.len)
	{
		n = write(fd, content.ptr + done, content.len - done);
		if (n < 0 && errno == EINTR)
		{
			continue;
		}
		if (n <= 0)
		{
			return false;
		}
		done += (size_t)n;
	}
	return true;
}

/* The directory's entry for a new name is durable only with this. */
static bool sync_directory_of(const char *path)
{
	char dir[PATH_MAX];
	char *slash;
	bool done;
	int fd;

	if (strlen(path) >= sizeof(dir))
	{
		errno = ENAMETOOLONG;
		return false;
	}
	strcpy(dir, path);
	slash = strrchr(dir, '/');
	if (!slash)
	{
		strcpy(dir, ".");
	}
	else
	{
		slash[slash == dir ? 1 : 0] = '\0';
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

/* A file of another name beside the one that is wanted, whole and durable. */
static bool write_temporary(char *temporary, struct obol_bytes content,
							mode_t mode)
{
	int fd = mkostemp(temporary, O_CLOEXEC);
	bool done;

	if (fd < 0)
	{
		return false;
	}
	done = write_all(fd, content) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
	if (close(fd) != 0)
	{
		done = false;
	}
	if (!done)
	{
		int err = errno;

		(void)unlink(temporary);
		errno = err;
	}
	return done;
}

/* Whoever says /dev/null to be rid of a file means no new one in its place. */
static bool is_in_the_way(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && !S_ISREG(st.st_mode) &&
		   !S_ISLNK(st.st_mode);
}

static enum obol_status put_file(const char *path, struct obol_bytes content,
								 mode_t mode, bool replace, char *why,
								 size_t size)
{
	char temporary[PATH_MAX];
	enum obol_status status;
	int n = snprintf(temporary, sizeof(temporary), "%s" TEMPORARY_SUFFIX, path);

	if (n < 0 || (size_t)n >= sizeof(temporary))
	{
		return fail(OBOL_ERR_IO, why, size, path, "is too long a name", 0);
	}
	if (replace && is_in_the_way(path))
	{
		return fail(OBOL_ERR_IO, why, size, path,
					"is no regular file, and not replaced", 0);
	}
	if (!write_temporary(temporary, content, mode))
	{
		return fail(OBOL_ERR_IO, why, size, path, "cannot be written", errno);
	}
	if (replace)
	{
		if (rename(temporary, path) != 0)
		{
			status =
				fail(OBOL_ERR_IO, why, size, path, "cannot be replaced", errno);
			(void)unlink(temporary);
			return status;
		}
	}
	else
	{
		/* unlike rename(), link() takes nothing away that is there */
		if (link(temporary, path) != 0)
		{
			status = errno == EEXIST ? OBOL_ERR_EXISTS : OBOL_ERR_IO;
			status = fail(status, why, size, path, "cannot be made", errno);
			(void)unlink(temporary);
			return status;
		}
		(void)unlink(temporary);
	}
	if (!sync_directory_of(path))
	{
		return fail(OBOL_ERR_IO, why, size, path,
					"was written, but its directory cannot be synced", errno);
	}
	return OBOL_OK;
}

enum obol_status obol_file_create(const char *path, struct obol_bytes content,
								  mode_t mode, char *why, size_t size)
{
	return put_file(path, content, mode, false, why, size);
}

enum obol_status obol_file_replace(const char *path, struct obol_bytes content,
								   mode_t mode, char *why, size_t size)
{
	return put_file(path, content, mode, true, why, size);
}
