/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Hashing to P-256 (RFC 9380): the suites P256_XMD:SHA-256_SSWU_RO_ and
 * P256_XMD:SHA-256_SSWU_NU_, and hashing to scalars as RFC 9497, 4.3 has it.
 * The message is a password, so nothing here branches on what comes of it.
 */
#ifndef OBOL_GROUP_HASH_TO_CURVE_H_
#define OBOL_GROUP_HASH_TO_CURVE_H_

#include "group/p256.h"

/** Most elements that hash_to_field makes here. */
#define OBOL_HASH_TO_FIELD_MAX 2

/**
 * hash_to_field (RFC 9380, 5.2), modulo p.
 *
 * @param msg		n_parts views, the message one after the other
 * @param dst		domain separation tag, 1 byte or more
 * @param u			count elements, cleared by the caller
 * @param count		1..OBOL_HASH_TO_FIELD_MAX
 * @return			OK; ARG; NOMEM; CRYPTO
 */
enum obol_status obol_hash_to_field(const struct obol_bytes *msg,
									size_t n_parts, struct obol_bytes dst,
									struct obol_field *u,
									size_t count) OBOL_MUST_CHECK;

/** map_to_curve_simple_swu (RFC 9380, 6.6.2, F.2), with Z = -10 (8.2). */
void obol_map_to_curve_simple_swu(const struct obol_field *u,
								  struct obol_p256_point *out);

/**
 * hash_to_curve, random oracle (RFC 9380, 3): the suite
 * P256_XMD:SHA-256_SSWU_RO_.
 *
 * @param out	cleared by the caller
 * @return		OK; ARG when dst is empty, or when the message hashes to the
 *				identity, which nobody can find one for; NOMEM; CRYPTO
 */
enum obol_status
obol_hash_to_curve(const struct obol_bytes *msg, size_t n_parts,
				   struct obol_bytes dst,
				   struct obol_p256_point *out) OBOL_MUST_CHECK;

/** encode_to_curve (RFC 9380, 3): the suite P256_XMD:SHA-256_SSWU_NU_. */
enum obol_status
obol_encode_to_curve(const struct obol_bytes *msg, size_t n_parts,
					 struct obol_bytes dst,
					 struct obol_p256_point *out) OBOL_MUST_CHECK;

/** HashToScalar (RFC 9497, 4.3); may come to 0. */
enum obol_status obol_hash_to_scalar(const struct obol_bytes *msg,
									 size_t n_parts, struct obol_bytes dst,
									 struct obol_scalar *out) OBOL_MUST_CHECK;

#endif /* OBOL_GROUP_HASH_TO_CURVE_H_ */
