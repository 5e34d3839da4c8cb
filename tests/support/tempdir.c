/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A directory of its own for a test. */
#include "support/tempdir.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RING 16

void tempdir_init(struct tempdir *dir)
{
	const char *base = getenv("TMPDIR");

	(void)snprintf(dir->path, sizeof(dir->path), "%s/obol-test-XXXXXX",
				   base && strlen(base) < 64 ? base : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir->path));
}

void tempdir_clear(struct tempdir *dir)
{
	DIR *d = opendir(dir->path);
	struct dirent *entry;

	ck_assert_ptr_nonnull(d);
	while ((entry = readdir(d)))
	{
		(void)unlinkat(dirfd(d), entry->d_name, 0);
	}
	(void)closedir(d);
	ck_assert_int_eq(rmdir(dir->path), 0);
}

const char *tempdir_file(struct tempdir *dir, const char *name)
{
	static char ring[RING][256];
	static size_t next;
	char *path = ring[next++ % RING];

	(void)snprintf(path, sizeof(ring[0]), "%s/%s", dir->path, name);
	return path;
}

void tempdir_write(struct tempdir *dir, const char *name, const void *bytes,
				   size_t len, unsigned mode)
{
	const char *path = tempdir_file(dir, name);
	FILE *f = fopen(path, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes, 1, len, f), len);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(chmod(path, mode), 0);
}

size_t tempdir_read(struct tempdir *dir, const char *name, void *bytes,
					size_t size)
{
	FILE *f = fopen(tempdir_file(dir, name), "rb");
	size_t len;

	ck_assert_ptr_nonnull(f);
	len = fread(bytes, 1, size, f);
	ck_assert_int_eq(fclose(f), 0);
	return len;
}
