/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The key file's bytes, see keys.h. Nobody outside this room includes it.
 */
#ifndef OBOL_SERVER_KEY_FILE_H_
#define OBOL_SERVER_KEY_FILE_H_

#include "server/keys.h"

/** A key as it lies in the file, which owns the bytes. */
struct obol_key_row {
	struct obol_server_key_info info;
	/** Nseed and Nsk bytes */
	struct obol_bytes oprf_seed;
	struct obol_bytes private_key;
};

struct obol_key_rows {
	size_t n;
	/** one more, for who adds one */
	struct obol_key_row rows[OBOL_SERVER_KEYS_MAX + 1];
};

/**
 * Read a key file.
 *
 * @param file	its bytes, which the rows point into
 * @param why	receives a sentence for the operator on failure
 * @return		as obol_server_keys_load()
 */
enum obol_status obol_key_file_read(const char *path, struct obol_secret **file,
									struct obol_key_rows *rows, char *why,
									size_t size) OBOL_MUST_CHECK;

/** Write one anew, or in place of the one that is there; durable on OK. EXISTS;
 * IO; CRYPTO; NOMEM. */
enum obol_status obol_key_file_write(const char *path,
									 const struct obol_key_rows *rows,
									 bool is_new, char *why,
									 size_t size) OBOL_MUST_CHECK;

#endif /* OBOL_SERVER_KEY_FILE_H_ */
