/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A directory of its own for a test, gone with all that is in it afterwards.
 */
#ifndef TESTS_SUPPORT_TEMPDIR_H_
#define TESTS_SUPPORT_TEMPDIR_H_

#include <stddef.h>

struct tempdir {
	char path[128];
};

/** Make it; ends the test on failure. */
void tempdir_init(struct tempdir *dir);

/** Remove it and the files in it. */
void tempdir_clear(struct tempdir *dir);

/** Path of a file in it; the text holds in a ring of 16. */
const char *tempdir_file(struct tempdir *dir, const char *name);

/** Write a file there, with the given mode. */
void tempdir_write(struct tempdir *dir, const char *name, const void *bytes,
				   size_t len, unsigned mode);

/** Read a file of at most size bytes there; returns its length. */
size_t tempdir_read(struct tempdir *dir, const char *name, void *bytes,
					size_t size);

#endif /* TESTS_SUPPORT_TEMPDIR_H_ */
