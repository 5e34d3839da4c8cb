/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * OPAQUE's on-line login: GenerateKE1, GenerateKE2, GenerateKE3, ServerFinish
 * (RFC 9807, 6).
 */
#ifndef OBOL_PAKE_OPAQUE_LOGIN_H_
#define OBOL_PAKE_OPAQUE_LOGIN_H_

#include "pake/opaque.h"

/** What the client keeps between KE1 and KE3. */
struct obol_opaque_client;

/** What the server keeps between KE2 and KE3. */
struct obol_opaque_server;

/**
 * Client: GenerateKE1 (RFC 9807, 6.2.1).
 *
 * @param rng		draws blind, client_nonce, client_keyshare_seed, in this
 *					order
 * @param password	1..OBOL_OPRF_INPUT_MAX bytes, copied
 * @param ke1		OBOL_OPAQUE_KE1_LEN bytes
 * @return			OK; ARG; CRYPTO; NOMEM
 */
enum obol_status
obol_opaque_generate_ke1(struct obol_rng *rng,
						 const struct obol_secret *password,
						 uint8_t ke1[OBOL_OPAQUE_KE1_LEN],
						 struct obol_opaque_client **state) OBOL_MUST_CHECK;

/** What the server answers from. */
struct obol_opaque_server_input {
	struct obol_opaque_keys *keys;
	uint32_t key_number;
	struct obol_bytes credential_identifier;
	/** the registration record; see obol_opaque_fake_record() for a name that
	 * has none */
	struct obol_bytes record;
	struct obol_opaque_identities ids;
	struct obol_bytes context;
};

/**
 * Server: GenerateKE2 (RFC 9807, 6.2.2).
 *
 * @param rng	draws masking_nonce, server_nonce, server_keyshare_seed, in
 *				this order
 * @param ke1	from the peer, any length is checked
 * @param ke2	OBOL_OPAQUE_KE2_LEN bytes
 * @return		OK; FORMAT if ke1 or the record is malformed; or what the
 *				keys' operations return
 */
enum obol_status obol_opaque_generate_ke2(
	struct obol_rng *rng, const struct obol_opaque_server_input *in,
	struct obol_bytes ke1, uint8_t ke2[OBOL_OPAQUE_KE2_LEN],
	struct obol_opaque_server **state) OBOL_MUST_CHECK;

/**
 * The record that an unknown name is answered from (RFC 9807, 6.3.2.2): a
 * public key made from a keyed hash, a random masking key, an envelope of
 * zeros. The same name gets the same one. It costs a multiplication: make one
 * beforehand for all unknown names (RFC 9807, 10.9), or one for every login
 * whether or not its name is known, lest time tells names apart.
 *
 * @param seed		32 secret bytes, of which public and masking key come
 *					through HKDF
 * @param name		anything that tells names apart
 * @param record	OBOL_OPAQUE_RECORD_LEN bytes
 */
enum obol_status
obol_opaque_fake_record(const struct obol_secret *seed, struct obol_bytes name,
						uint8_t record[OBOL_OPAQUE_RECORD_LEN]) OBOL_MUST_CHECK;

/** What the client gets out of a login. */
struct obol_opaque_client_output {
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN];
	/** Nh bytes each; obol_opaque_client_output_clear() frees them */
	struct obol_secret *session_key;
	struct obol_secret *export_key;
	uint8_t server_public_key[OBOL_OPAQUE_NPK];
};

/**
 * Client: GenerateKE3 (RFC 9807, 6.2.3).
 *
 * @param state		used up, whatever comes of it; free it all the same
 * @param ke2		from the peer, any length is checked
 * @param ids		NULL: both absent
 * @return			OK; AUTH if the password is wrong or the server is not
 *					whom it claims to be (envelope or server MAC); FORMAT;
 *					CRYPTO; NOMEM
 */
enum obol_status
obol_opaque_generate_ke3(struct obol_opaque_client *state,
						 struct obol_bytes ke2,
						 const struct obol_opaque_identities *ids,
						 struct obol_bytes context, const struct obol_ksf *ksf,
						 struct obol_opaque_client_output *out) OBOL_MUST_CHECK;

/**
 * Server: ServerFinish (RFC 9807, 6.2.4).
 *
 * @param state			used up, whatever comes of it; free it all the same
 * @param ke3			from the peer, any length is checked
 * @param session_key	receives Nx bytes; may be NULL when not wanted
 * @return				OK; AUTH if the client's MAC is wrong; FORMAT
 */
enum obol_status
obol_opaque_server_finish(struct obol_opaque_server *state,
						  struct obol_bytes ke3,
						  struct obol_secret **session_key) OBOL_MUST_CHECK;

/** Wipe and free; NULL is fine. */
void obol_opaque_client_free(struct obol_opaque_client *state);
void obol_opaque_server_free(struct obol_opaque_server *state);
void obol_opaque_client_output_clear(struct obol_opaque_client_output *out);

#endif /* OBOL_PAKE_OPAQUE_LOGIN_H_ */
