/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * OPAQUE's envelope (RFC 9807, 4) and what the client derives from the
 * randomized password. For the steps of OPAQUE.
 */
#ifndef OBOL_PAKE_OPAQUE_ENVELOPE_H_
#define OBOL_PAKE_OPAQUE_ENVELOPE_H_

#include "group/scalar.h"
#include "pake/opaque.h"

/**
 * The randomized password: Extract("", output || Stretch(output)), with the
 * OPRF's output (RFC 9807, 5.2.3, 6.3.2.3).
 *
 * @param password				1..OBOL_OPRF_INPUT_MAX bytes
 * @param blind					cleared on every return
 * @param evaluated				from the peer, any length is checked
 * @param randomized_password	receives a new secret of Nx bytes
 * @return						OK; FORMAT; ARG; NOMEM; CRYPTO
 */
enum obol_status obol_opaque_randomized_password(
	const struct obol_secret *password, struct obol_scalar *blind,
	struct obol_bytes evaluated, const struct obol_ksf *ksf,
	struct obol_secret **randomized_password) OBOL_MUST_CHECK;

/** The masking key, a new secret of Nh bytes (RFC 9807, 4.1.2). */
enum obol_status
obol_opaque_masking_key(const struct obol_secret *randomized_password,
						struct obol_secret **masking_key) OBOL_MUST_CHECK;

/** What an envelope's nonce and the randomized password give. */
struct obol_opaque_envelope_keys {
	/** Nh bytes each */
	struct obol_secret *auth_key;
	struct obol_secret *export_key;
	struct obol_scalar client_private_key;
	uint8_t client_public_key[OBOL_OPAQUE_NPK];
};

/**
 * Derive them (RFC 9807, 4.1.2, 4.1.3).
 *
 * @param nonce		envelope_nonce, Nn bytes
 * @param keys		all zero on failure
 * @return			OK; NOMEM; CRYPTO
 */
enum obol_status obol_opaque_envelope_keys(
	const struct obol_secret *randomized_password,
	const uint8_t nonce[OBOL_OPAQUE_NN],
	struct obol_opaque_envelope_keys *keys) OBOL_MUST_CHECK;

/** Wipe and free what is in it. */
void obol_opaque_envelope_keys_clear(struct obol_opaque_envelope_keys *keys);

/**
 * Make an envelope (RFC 9807, 4.1.2: Store).
 *
 * @param nonce		the one that keys were derived with
 * @param ids		NULL: both absent
 * @param envelope	OBOL_OPAQUE_ENVELOPE_LEN bytes: nonce | auth_tag
 * @return			OK; ARG when an identity is too long; CRYPTO
 */
enum obol_status obol_opaque_envelope_store(
	const struct obol_opaque_envelope_keys *keys,
	const uint8_t nonce[OBOL_OPAQUE_NN],
	const uint8_t server_public_key[OBOL_OPAQUE_NPK],
	const struct obol_opaque_identities *ids,
	uint8_t envelope[OBOL_OPAQUE_ENVELOPE_LEN]) OBOL_MUST_CHECK;

/**
 * Open an envelope (RFC 9807, 4.1.3: Recover).
 *
 * @param envelope	OBOL_OPAQUE_ENVELOPE_LEN bytes
 * @param ids		NULL: both absent
 * @param keys		set on OK only
 * @return			OK; AUTH (EnvelopeRecoveryError); ARG; NOMEM; CRYPTO
 */
enum obol_status obol_opaque_envelope_recover(
	const struct obol_secret *randomized_password,
	const uint8_t server_public_key[OBOL_OPAQUE_NPK],
	const uint8_t envelope[OBOL_OPAQUE_ENVELOPE_LEN],
	const struct obol_opaque_identities *ids,
	struct obol_opaque_envelope_keys *keys) OBOL_MUST_CHECK;

#endif /* OBOL_PAKE_OPAQUE_ENVELOPE_H_ */
