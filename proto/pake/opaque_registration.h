/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * OPAQUE's off-line registration (RFC 9807, 5).
 */
#ifndef OBOL_PAKE_OPAQUE_REGISTRATION_H_
#define OBOL_PAKE_OPAQUE_REGISTRATION_H_

#include "pake/opaque.h"

/** What the client keeps between request and record. */
struct obol_opaque_registration;

/**
 * Client, first step: CreateRegistrationRequest (RFC 9807, 5.2.1).
 *
 * @param rng		draws the blind, then the envelope's nonce
 * @param password	1..OBOL_OPRF_INPUT_MAX bytes, copied
 * @param request	OBOL_OPAQUE_REGISTRATION_REQUEST_LEN bytes
 * @param state		receives the client's state
 * @return			OK; ARG if the password is empty or too long; CRYPTO; NOMEM
 */
enum obol_status obol_opaque_registration_start(
	struct obol_rng *rng, const struct obol_secret *password,
	uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN],
	struct obol_opaque_registration **state) OBOL_MUST_CHECK;

/**
 * Server: CreateRegistrationResponse (RFC 9807, 5.2.2).
 *
 * @param request	from the peer, any length is checked
 * @param response	OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN bytes
 * @return			OK; FORMAT; or what the keys' operations return
 */
enum obol_status obol_opaque_registration_respond(
	struct obol_opaque_keys *keys, uint32_t key_number,
	struct obol_bytes credential_identifier, struct obol_bytes request,
	uint8_t response[OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN]) OBOL_MUST_CHECK;

/**
 * Client, last step: FinalizeRegistrationRequest (RFC 9807, 5.2.3).
 *
 * @param state			used up; free it all the same
 * @param response		from the peer, any length is checked
 * @param ids			what the envelope binds; NULL: both absent
 * @param record		OBOL_OPAQUE_RECORD_LEN bytes, for the server
 * @param export_key	receives Nh bytes; may be NULL when not wanted
 * @param server_public_key	Npk bytes, what the client now pins
 * @return				OK; FORMAT; CRYPTO; NOMEM
 */
enum obol_status obol_opaque_registration_finish(
	struct obol_opaque_registration *state, struct obol_bytes response,
	const struct obol_opaque_identities *ids, const struct obol_ksf *ksf,
	uint8_t record[OBOL_OPAQUE_RECORD_LEN], struct obol_secret **export_key,
	uint8_t server_public_key[OBOL_OPAQUE_NPK]) OBOL_MUST_CHECK;

/** Wipe and free; NULL is fine. */
void obol_opaque_registration_free(struct obol_opaque_registration *state);

#endif /* OBOL_PAKE_OPAQUE_REGISTRATION_H_ */
