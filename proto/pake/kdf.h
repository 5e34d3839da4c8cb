/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * HKDF-SHA-256 (RFC 5869) and HMAC-SHA-256 (RFC 2104), over OpenSSL's SHA-256.
 * Messages and infos may come in parts, which are taken one after the other
 * with nothing in between; a variable part that is not the last needs its
 * length before it, and that is the caller's business.
 */
#ifndef OBOL_PAKE_KDF_H_
#define OBOL_PAKE_KDF_H_

#include "base/bytes.h"
#include "group/sha256.h"

/** Length in bytes of an HMAC, and of a pseudorandom key. */
#define OBOL_HMAC_LEN OBOL_SHA256_LEN

/** Longest output of obol_hkdf_expand() in bytes (RFC 5869, 2.3). */
#define OBOL_HKDF_EXPAND_MAX (255 * OBOL_HMAC_LEN)

/** Most parts of an info. */
#define OBOL_HKDF_PARTS_MAX 8

/**
 * HMAC-SHA-256.
 *
 * @param key		any length
 * @param parts		n_parts views, the message; empty ones allowed
 * @param out		OBOL_HMAC_LEN bytes
 * @return			OK; CRYPTO
 */
enum obol_status obol_hmac_sha256(const struct obol_secret *key,
								  const struct obol_bytes *parts,
								  size_t n_parts,
								  uint8_t out[OBOL_HMAC_LEN]) OBOL_MUST_CHECK;

/**
 * HMAC-SHA-256 of one message by a key that is no struct obol_secret, such as
 * those that hash tables and names are keyed with.
 */
enum obol_status obol_keyed_hash(struct obol_bytes key, struct obol_bytes in,
								 uint8_t out[OBOL_HMAC_LEN]) OBOL_MUST_CHECK;

/**
 * Check an HMAC-SHA-256, in the same time wherever it differs.
 *
 * @param mac	any length
 * @return		OK; AUTH when it is another; CRYPTO
 */
enum obol_status obol_hmac_sha256_verify(const struct obol_secret *key,
										 const struct obol_bytes *parts,
										 size_t n_parts,
										 struct obol_bytes mac) OBOL_MUST_CHECK;

/**
 * HKDF-Extract (RFC 5869, 2.2).
 *
 * @param salt	public; empty for none
 * @param ikm	input keying material, any length
 * @param prk	receives a new secret of OBOL_HMAC_LEN bytes
 * @return		OK; NOMEM; CRYPTO
 */
enum obol_status obol_hkdf_extract(struct obol_bytes salt,
								   const struct obol_secret *ikm,
								   struct obol_secret **prk) OBOL_MUST_CHECK;

/**
 * HKDF-Expand (RFC 5869, 2.3).
 *
 * @param prk	pseudorandom key, OBOL_HMAC_LEN bytes or more
 * @param info	public
 * @param out	caller's secret; its length, 1..OBOL_HKDF_EXPAND_MAX bytes, is
 *				the output's
 * @return		OK; ARG when a length is out of bounds; CRYPTO
 */
enum obol_status obol_hkdf_expand(const struct obol_secret *prk,
								  struct obol_bytes info,
								  struct obol_secret *out) OBOL_MUST_CHECK;

/**
 * The same with the info in parts.
 *
 * @param n_parts	0..OBOL_HKDF_PARTS_MAX
 */
enum obol_status
obol_hkdf_expand_parts(const struct obol_secret *prk,
					   const struct obol_bytes *info, size_t n_parts,
					   struct obol_secret *out) OBOL_MUST_CHECK;

#endif /* OBOL_PAKE_KDF_H_ */
