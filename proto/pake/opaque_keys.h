/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Keys of OPAQUE: what is derived from seeds, and Diffie-Hellman. For the
 * steps of OPAQUE; callers use opaque.h.
 */
#ifndef OBOL_PAKE_OPAQUE_KEYS_H_
#define OBOL_PAKE_OPAQUE_KEYS_H_

#include "group/scalar.h"
#include "pake/opaque.h"

/**
 * DeriveDiffieHellmanKeyPair (RFC 9807, 2.1).
 *
 * @param seed			Nseed bytes
 * @param private_key	cleared on failure
 * @param public_key	Npk bytes
 * @return				OK; ARG; NOMEM; CRYPTO
 */
enum obol_status obol_opaque_derive_dh_key_pair(
	const struct obol_secret *seed, struct obol_scalar *private_key,
	uint8_t public_key[OBOL_OPAQUE_NPK]) OBOL_MUST_CHECK;

/**
 * The OPRF's key of one credential identifier (RFC 9807, 5.2.2).
 *
 * @param oprf_seed		Nh bytes
 * @param oprf_key		cleared on failure
 * @return				OK; ARG; NOMEM; CRYPTO
 */
enum obol_status
obol_opaque_oprf_key(const struct obol_secret *oprf_seed,
					 struct obol_bytes credential_identifier,
					 struct obol_scalar *oprf_key) OBOL_MUST_CHECK;

/**
 * DiffieHellman (RFC 9807, 6.4.1).
 *
 * @param point		Npk bytes from the peer, any length is checked; or the same
 *					point uncompressed, which spares a square root, from whom
 *					has decoded it for something else. Either is checked to be
 *					on the curve
 * @param shared	Npk bytes, secret: the caller's to wipe
 * @return			OK; FORMAT when it is no point; ARG; CRYPTO
 */
enum obol_status
obol_opaque_diffie_hellman(const struct obol_scalar *private_key,
						   struct obol_bytes point,
						   uint8_t shared[OBOL_OPAQUE_NPK]) OBOL_MUST_CHECK;

/**
 * The identities in force: an absent one is the public key (RFC 9807, 4).
 *
 * @param ids	NULL: both absent
 * @param out	views of ids and the keys, hold as long as these
 * @return		OK; ARG when one is longer than OBOL_OPAQUE_FIELD_MAX
 */
enum obol_status obol_opaque_resolve_identities(
	const struct obol_opaque_identities *ids,
	const uint8_t client_public_key[OBOL_OPAQUE_NPK],
	const uint8_t server_public_key[OBOL_OPAQUE_NPK],
	struct obol_opaque_identities *out) OBOL_MUST_CHECK;

/** I2OSP(len, 2) of a view that is no longer than OBOL_OPAQUE_FIELD_MAX. */
void obol_opaque_put_len(uint8_t out[2], struct obol_bytes bytes);

#endif /* OBOL_PAKE_OPAQUE_KEYS_H_ */
