/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The key file: OPRF seeds and static private keys, each pair under a number,
 * and the operations on them behind struct obol_opaque_keys, so that callers
 * do not know where the keys are.
 *
 * The file is binary: "OBOLKEY2" (8) | count (1), each: number (4) | created
 * at (8) | ends at (8), 0 for never | OPRF seed (32) | static private key (32)
 * | SHA-256 checksum of all before it (32). Numbers grow; the last key is the
 * current one, which new slots get. Mode 0600, refused otherwise.
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
 * Add a key, which becomes current. Who uses the file loads it anew.
 *
 * @param ends_at	when the present one ends, 0 for never
 * @param number	receives the new one's
 * @return			as obol_server_keys_load(); DENIED too when the file is full
 */
enum obol_status obol_server_keys_add(const char *path, struct obol_rng *rng,
									  uint64_t now, uint64_t ends_at,
									  uint32_t *number, char *why,
									  size_t size) OBOL_MUST_CHECK;

/** Remove a key for good; the current one is DENIED, an unknown one NOT_FOUND;
 * else as obol_server_keys_load(). */
enum obol_status obol_server_keys_remove(const char *path, uint32_t number,
										 char *why,
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

/** What can be told of a key. */
struct obol_server_key_info {
	uint32_t number;
	uint64_t created_at;
	/** 0: never */
	uint64_t ends_at;
};

/** How many there are, and each one, by number. */
size_t obol_server_keys_count(const struct obol_server_keys *keys);
struct obol_server_key_info
obol_server_keys_info(const struct obol_server_keys *keys, size_t i);

/** True when a key has ended; an unknown one has not. */
bool obol_server_keys_has_ended(const struct obol_server_keys *keys,
								uint32_t number, uint64_t now);

/** The number that new slots get. */
uint32_t obol_server_keys_current(const struct obol_server_keys *keys);

#endif /* OBOL_SERVER_KEYS_H_ */
