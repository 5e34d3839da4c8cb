/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The oblivious pseudorandom function OPRF(P-256, SHA-256) in mode 0x00
 * (RFC 9497, 3.3.1, 4.3).
 */
#ifndef OBOL_PAKE_OPRF_H_
#define OBOL_PAKE_OPRF_H_

#include "base/rng.h"
#include "group/p256.h"
#include "pake/opaque.h"

/** Length in bytes of the output (Nh). */
#define OBOL_OPRF_OUTPUT_LEN 32
/** Length in bytes of an element (Noe). */
#define OBOL_OPRF_ELEMENT_LEN OBOL_P256_POINT_LEN
/** Length in bytes of the seed of a key pair (RFC 9497, 3.2.1). */
#define OBOL_OPRF_SEED_LEN 32
/** Longest info of obol_derive_key_pair() in bytes. */
#define OBOL_OPRF_INFO_MAX 65535

/**
 * Client: hash the input to the group and blind it (RFC 9497, 3.3.1).
 *
 * @param rng				draws the blind
 * @param input				the password, 1..OBOL_OPRF_INPUT_MAX bytes
 * @param blind				for obol_oprf_finalize(); cleared on failure
 * @param blinded_element	OBOL_OPRF_ELEMENT_LEN bytes
 * @return					OK; ARG when the input's length is out of bounds or
 *							it hashes to the identity; NOMEM; CRYPTO
 */
enum obol_status
obol_oprf_blind(struct obol_rng *rng, const struct obol_secret *input,
				struct obol_scalar *blind,
				uint8_t blinded_element[OBOL_OPRF_ELEMENT_LEN]) OBOL_MUST_CHECK;

/**
 * Server: evaluate a blinded element (RFC 9497, 3.3.1).
 *
 * @param key				not 0
 * @param blinded_element	from the peer, any length is checked
 * @param evaluated_element	OBOL_OPRF_ELEMENT_LEN bytes
 * @return					OK; FORMAT if no point or the identity; ARG; CRYPTO
 */
enum obol_status obol_oprf_blind_evaluate(
	const struct obol_scalar *key, struct obol_bytes blinded_element,
	uint8_t evaluated_element[OBOL_OPRF_ELEMENT_LEN]) OBOL_MUST_CHECK;

/**
 * Client: unblind the server's answer and hash it with the input (RFC 9497,
 * 3.3.1).
 *
 * @param input				the same as was blinded
 * @param blind				scalar of obol_oprf_blind(), cleared on every return
 * @param evaluated_element	from the peer, any length is checked
 * @param output			caller's secret of OBOL_OPRF_OUTPUT_LEN bytes, set
 *							on OK only
 * @return					OK; FORMAT if no point or the identity; ARG; CRYPTO
 */
enum obol_status obol_oprf_finalize(const struct obol_secret *input,
									struct obol_scalar *blind,
									struct obol_bytes evaluated_element,
									struct obol_secret *output) OBOL_MUST_CHECK;

/**
 * DeriveKeyPair (RFC 9497, 3.2.1).
 *
 * @param seed			OBOL_OPRF_SEED_LEN bytes
 * @param info			0..OBOL_OPRF_INFO_MAX bytes, public
 * @param private_key	cleared on failure
 * @param public_key	OBOL_OPRF_ELEMENT_LEN bytes; NULL when not wanted, which
 *						saves a multiplication
 * @return				OK; ARG when a length is out of bounds; NOMEM; CRYPTO,
 *						also when no counter gives a key
 */
enum obol_status obol_derive_key_pair(const struct obol_secret *seed,
									  struct obol_bytes info,
									  struct obol_scalar *private_key,
									  uint8_t *public_key) OBOL_MUST_CHECK;

#endif /* OBOL_PAKE_OPRF_H_ */
