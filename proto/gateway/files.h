/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What obol-gateway keeps in its directory:
 *
 *	account		"NAME@SERVER", one line
 *	device		the gateway's device secret, mode 0600
 *	state		the server's pins, written by libobol
 *	progress	up to which revocation its tunnels have been seen to
 */
#ifndef OBOL_GATEWAY_FILES_H_
#define OBOL_GATEWAY_FILES_H_

#include "base/bytes.h"

#define OBOL_GATEWAY_PATH_MAX 1024

struct obol_gateway_files {
	char account[OBOL_GATEWAY_PATH_MAX];
	char device[OBOL_GATEWAY_PATH_MAX];
	char state[OBOL_GATEWAY_PATH_MAX];
	char progress[OBOL_GATEWAY_PATH_MAX];
};

/** False when the directory's name is too long. */
bool obol_gateway_files_in(const char *dir, struct obol_gateway_files *files);

/**
 * The account's name, as it was given when the gateway was enrolled.
 *
 * @param why	receives a sentence for people on failure
 * @return		OK; NOT_FOUND; FORMAT; IO
 */
enum obol_status obol_gateway_read_account(const char *path, char *account,
										   size_t account_size, char *why,
										   size_t size) OBOL_MUST_CHECK;

/** 0 when there is none yet, or what is there is no number: then all that is
 * revoked is seen to once more. */
uint64_t obol_gateway_read_progress(const char *path);

/** As obol_file_replace(). */
enum obol_status obol_gateway_write_progress(const char *path, uint64_t number,
											 char *why,
											 size_t size) OBOL_MUST_CHECK;

#endif /* OBOL_GATEWAY_FILES_H_ */
