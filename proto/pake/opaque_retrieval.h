/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * OPAQUE's credential retrieval (RFC 9807, 6.3), the part of KE1 and KE2 that
 * brings the envelope. For the steps of OPAQUE.
 *
 * credential_response: evaluated_message (Noe) | masking_nonce (Nn) |
 * masked_response (Npk + envelope)
 */
#ifndef OBOL_PAKE_OPAQUE_RETRIEVAL_H_
#define OBOL_PAKE_OPAQUE_RETRIEVAL_H_

#include "pake/opaque_envelope.h"
#include "pake/opaque_login.h"

/** server_public_key (Npk) | envelope, as they are or masked */
#define OBOL_OPAQUE_MASKED_LEN (OBOL_OPAQUE_NPK + OBOL_OPAQUE_ENVELOPE_LEN)

#define OBOL_OPAQUE_CREDENTIAL_RESPONSE_LEN                                    \
	(OBOL_OPAQUE_NOE + OBOL_OPAQUE_NN + OBOL_OPAQUE_MASKED_LEN)

/**
 * Server: CreateCredentialResponse (RFC 9807, 6.3.2.2).
 *
 * @param rng				draws masking_nonce
 * @param in				its record is OBOL_OPAQUE_RECORD_LEN bytes
 * @param server_public_key	Npk bytes
 * @param response			OBOL_OPAQUE_CREDENTIAL_RESPONSE_LEN bytes; the first
 *							Noe, BlindEvaluate's result, are the caller's
 * @return					OK; NOMEM; CRYPTO
 */
enum obol_status obol_opaque_create_credential_response(
	struct obol_rng *rng, const struct obol_opaque_server_input *in,
	const uint8_t server_public_key[OBOL_OPAQUE_NPK],
	uint8_t response[OBOL_OPAQUE_CREDENTIAL_RESPONSE_LEN]) OBOL_MUST_CHECK;

/**
 * Client: RecoverCredentials (RFC 9807, 6.3.2.3), from the randomized password
 * on.
 *
 * @param response			OBOL_OPAQUE_CREDENTIAL_RESPONSE_LEN bytes
 * @param ids				NULL: both absent
 * @param keys				set on OK only
 * @param server_public_key	Npk bytes
 * @return					OK; AUTH; ARG; NOMEM; CRYPTO
 */
enum obol_status obol_opaque_recover_credentials(
	const struct obol_secret *randomized_password, const uint8_t *response,
	const struct obol_opaque_identities *ids,
	struct obol_opaque_envelope_keys *keys,
	uint8_t server_public_key[OBOL_OPAQUE_NPK]) OBOL_MUST_CHECK;

#endif /* OBOL_PAKE_OPAQUE_RETRIEVAL_H_ */
