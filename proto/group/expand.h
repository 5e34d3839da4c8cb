/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * expand_message_xmd with SHA-256 (RFC 9380, 5.3.1).
 */
#ifndef OBOL_GROUP_EXPAND_H_
#define OBOL_GROUP_EXPAND_H_

#include "base/bytes.h"
#include "group/sha256.h"

/** Longest output in bytes: 255 hashes. */
#define OBOL_EXPAND_MAX (255 * OBOL_SHA256_LEN)

/** Longest dst in bytes that is used as it is; longer ones are hashed. */
#define OBOL_DST_MAX 255

/** A dst made ready: DST_prime of RFC 9380, 5.3.1. */
struct obol_dst_prime {
	uint8_t bytes[OBOL_DST_MAX + 1];
	size_t len;
};

/**
 * DST_prime: the dst, or its hash if it is too long (RFC 9380, 5.3.3), and a
 * byte of length.
 *
 * @return	OK; ARG when dst is empty (RFC 9380, 3.1); CRYPTO
 */
enum obol_status obol_dst_prime(struct obol_bytes dst,
								struct obol_dst_prime *out) OBOL_MUST_CHECK;

/**
 * A uniformly random string out of a message.
 *
 * @param msg		n_parts views, the message one after the other
 * @param dst		domain separation tag, 1 byte or more
 * @param out		out_len bytes, 1..OBOL_EXPAND_MAX
 * @return			OK; ARG when out_len or dst is out of bounds; NOMEM; CRYPTO
 */
enum obol_status obol_expand_message_xmd(const struct obol_bytes *msg,
										 size_t n_parts, struct obol_bytes dst,
										 uint8_t *out,
										 size_t out_len) OBOL_MUST_CHECK;

#endif /* OBOL_GROUP_EXPAND_H_ */
