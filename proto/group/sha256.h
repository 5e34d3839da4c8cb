/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * SHA-256 over bytes that lie in several places.
 */
#ifndef OBOL_GROUP_SHA256_H_
#define OBOL_GROUP_SHA256_H_

#include "base/bytes.h"

/** Output length in bytes. */
#define OBOL_SHA256_LEN 32

/**
 * Hash the parts one after the other, with nothing in between.
 *
 * @param parts		n_parts views, empty ones allowed
 * @param out		OBOL_SHA256_LEN bytes; may be among the parts
 * @return			OK; CRYPTO
 */
enum obol_status obol_sha256(const struct obol_bytes *parts, size_t n_parts,
							 uint8_t out[OBOL_SHA256_LEN]) OBOL_MUST_CHECK;

#endif /* OBOL_GROUP_SHA256_H_ */
