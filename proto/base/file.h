/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Whole small files: read with a look at who else can read them, written so
 * that after a crash the old or the new one is there, and never half of one.
 *
 * why receives a sentence for people on every failure.
 */
#ifndef OBOL_BASE_FILE_H_
#define OBOL_BASE_FILE_H_

#include <sys/types.h>

#include "base/bytes.h"

enum obol_file_access {
	/** anybody may read it */
	OBOL_FILE_PUBLIC,
	/** its owner alone, who is root or the one that asks */
	OBOL_FILE_PRIVATE,
};

/**
 * Read a file to its end.
 *
 * @param max		largest size accepted, in bytes
 * @param content	a new secret, set on OK
 * @return			OK; NOT_FOUND; DENIED when it cannot be opened, or when it
 *					must be private and is not; FORMAT when it is larger than
 *					max or no regular file; IO; NOMEM
 */
enum obol_status obol_file_read(const char *path, enum obol_file_access access,
								size_t max, struct obol_secret **content,
								char *why, size_t size) OBOL_MUST_CHECK;

/**
 * Write a new file; durable on OK.
 *
 * @param mode	its permissions, whatever the umask
 * @return		OK; EXISTS, and the file that is there was not touched; IO
 */
enum obol_status obol_file_create(const char *path, struct obol_bytes content,
								  mode_t mode, char *why,
								  size_t size) OBOL_MUST_CHECK;

/** Write a file in place of one, or of a link, that may be there; durable on
 * OK, else IO and the old one is there still. Devices and the like are not
 * replaced: IO. */
enum obol_status obol_file_replace(const char *path, struct obol_bytes content,
								   mode_t mode, char *why,
								   size_t size) OBOL_MUST_CHECK;

#endif /* OBOL_BASE_FILE_H_ */
