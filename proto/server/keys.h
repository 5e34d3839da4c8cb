/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The key file: OPRF seeds and static private keys, each pair under a number,
 * and the operations on them behind struct obol_opaque_keys, so that callers
 * do not know where the keys are.
 *
 * The file is binary: "OBOLKEY1" (8) | count (1), each: number (4) | created
 * at (8) | OPRF seed (32) | static private key (32) | SHA-256
 * checksum of all before it (32). Mode 0600, refused otherwise.
 */
#ifndef OBOL_SERVER_KEYS_H_
#define OBOL_SERVER_KEYS_H_

#include "base/rng.h"
#include "pake/opaque.h"

/** Keys in one file at most. */
#define OBOL_SERVER_KEYS_MAX 16

struct obol_server_keys;

/**
 * Make a key file with one key, number 1; an existing file is an error.
 *
 * @param why	receives a sentence for the operator on failure
 * @return		OK; EXISTS; IO; CRYPTO
 */
enum obol_status obol_server_keys_create(const char *path, struct obol_rng *rng,
										 uint64_t now, char *why,
										 size_t size) OBOL_MUST_CHECK;

/**
 * Load a key file.
 *
 * @return	OK; NOT_FOUND; DENIED when others than its owner can read it;
 *			FORMAT when it was cut short or changed; IO
 */
enum obol_status obol_server_keys_load(const char *path,
									   struct obol_server_keys **keys,
									   char *why, size_t size) OBOL_MUST_CHECK;

/** Wipe and free; NULL is fine. */
void obol_server_keys_free(struct obol_server_keys *keys);

/** The operations; they hold as long as the keys. */
struct obol_opaque_keys *
obol_server_keys_operations(struct obol_server_keys *keys);

/** How many there are, and each one's number, in ascending order. */
size_t obol_server_keys_count(const struct obol_server_keys *keys);
uint32_t obol_server_keys_number(const struct obol_server_keys *keys, size_t i);

/** The number that new slots get. */
uint32_t obol_server_keys_current(const struct obol_server_keys *keys);

#endif /* OBOL_SERVER_KEYS_H_ */
