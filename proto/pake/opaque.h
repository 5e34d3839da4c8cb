/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * OPAQUE-3DH (RFC 9807) in the configuration P256-SHA256: OPRF(P-256,
 * SHA-256), HKDF-SHA-256, HMAC-SHA-256, SHA-256, group P-256. This header has
 * the sizes and the types that the steps share; the steps are in
 * opaque_registration.h and opaque_login.h.
 */
#ifndef OBOL_PAKE_OPAQUE_H_
#define OBOL_PAKE_OPAQUE_H_

#include "base/bytes.h"
#include "base/rng.h"
#include "pake/ksf.h"

/* Lengths in bytes, by the names of RFC 9807, 2. */
#define OBOL_OPAQUE_NH 32
#define OBOL_OPAQUE_NPK 33
#define OBOL_OPAQUE_NSK 32
#define OBOL_OPAQUE_NM 32
#define OBOL_OPAQUE_NX 32
#define OBOL_OPAQUE_NN 32
#define OBOL_OPAQUE_NSEED 32
#define OBOL_OPAQUE_NOE 33
#define OBOL_OPAQUE_NOK 32

/** envelope_nonce (Nn) | auth_tag (Nm) */
#define OBOL_OPAQUE_ENVELOPE_LEN (OBOL_OPAQUE_NN + OBOL_OPAQUE_NM)
/** blinded_message (Noe) */
#define OBOL_OPAQUE_REGISTRATION_REQUEST_LEN OBOL_OPAQUE_NOE
/** evaluated_message (Noe) | server_public_key (Npk) */
#define OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN                                  \
	(OBOL_OPAQUE_NOE + OBOL_OPAQUE_NPK)
/** client_public_key (Npk) | masking_key (Nh) | envelope */
#define OBOL_OPAQUE_RECORD_LEN                                                 \
	(OBOL_OPAQUE_NPK + OBOL_OPAQUE_NH + OBOL_OPAQUE_ENVELOPE_LEN)
/** blinded_message (Noe) | client_nonce (Nn) | client_public_keyshare (Npk) */
#define OBOL_OPAQUE_KE1_LEN (OBOL_OPAQUE_NOE + OBOL_OPAQUE_NN + OBOL_OPAQUE_NPK)
/** evaluated_message (Noe) | masking_nonce (Nn) | masked_response (Npk +
 * envelope) | server_nonce (Nn) | server_public_keyshare (Npk) | server_mac */
#define OBOL_OPAQUE_KE2_LEN                                                    \
	(OBOL_OPAQUE_NOE + OBOL_OPAQUE_NN + OBOL_OPAQUE_NPK +                      \
	 OBOL_OPAQUE_ENVELOPE_LEN + OBOL_OPAQUE_NN + OBOL_OPAQUE_NPK +             \
	 OBOL_OPAQUE_NM)
/** client_mac (Nm) */
#define OBOL_OPAQUE_KE3_LEN OBOL_OPAQUE_NM

/** Longest input of the OPRF, in bytes (RFC 9497, 1.2: 2^16 - 1). */
#define OBOL_OPRF_INPUT_MAX 65535
/** Longest context, identity and credential_identifier, in bytes. */
#define OBOL_OPAQUE_FIELD_MAX 65535

/** The identities; an empty one stands for the public key (RFC 9807, 4). */
struct obol_opaque_identities {
	struct obol_bytes client;
	struct obol_bytes server;
};

/**
 * The server's two operations on long-term secrets. Callers do not know where
 * they run: in this process, in a keeper, in a token.
 */
struct obol_opaque_keys {
	/**
	 * OPRF evaluation with the key derived for a credential identifier
	 * (RFC 9807, 5.2.2, 6.3.2.2): DeriveKeyPair(Expand(oprf_seed,
	 * credential_identifier || "OprfKey"), "OPAQUE-DeriveKeyPair").
	 *
	 * @param key_number	which of the server's keys
	 * @param blinded		Noe bytes from the peer
	 * @param evaluated		Noe bytes
	 * @return				OK; FORMAT if no point or the identity; NOT_FOUND
	 *						if there is no such key; DENIED above a ceiling;
	 *						CRYPTO
	 */
	enum obol_status (*oprf_evaluate)(struct obol_opaque_keys *keys,
									  uint32_t key_number,
									  struct obol_bytes credential_identifier,
									  struct obol_bytes blinded,
									  uint8_t evaluated[OBOL_OPAQUE_NOE]);
	/**
	 * Diffie-Hellman with the static private key, in its compressed encoding
	 * (RFC 9807, 6.4.3).
	 *
	 * @param point			Npk bytes from the peer; where ask_login is NULL,
	 *						an uncompressed point will do as well
	 * @param shared		caller's secret of Npk bytes
	 * @return				as above
	 */
	enum obol_status (*static_dh)(struct obol_opaque_keys *keys,
								  uint32_t key_number, struct obol_bytes point,
								  struct obol_secret *shared);
	/**
	 * Ask for both of the above for one login, without waiting for the answer,
	 * which must be taken before anything else is asked; NULL: they are asked
	 * one after the other.
	 *
	 * @param keyshare		uncompressed, of static_dh()
	 * @return				OK, and then an answer has to be taken; ARG, FORMAT
	 */
	enum obol_status (*ask_login)(struct obol_opaque_keys *keys,
								  uint32_t key_number,
								  struct obol_bytes credential_identifier,
								  struct obol_bytes blinded,
								  struct obol_bytes keyshare);
	/** What was asked for, set on OK; returns what the two above do. */
	enum obol_status (*take_login)(struct obol_opaque_keys *keys,
								   uint8_t evaluated[OBOL_OPAQUE_NOE],
								   struct obol_secret *shared);
	/** The static public key, Npk bytes; OK or NOT_FOUND. */
	enum obol_status (*public_key)(struct obol_opaque_keys *keys,
								   uint32_t key_number,
								   uint8_t public_key[OBOL_OPAQUE_NPK]);
	/** for whoever made it */
	void *ctx;
};

/**
 * A static key pair or an oprf_seed of a new server (RFC 9807, 2.1).
 *
 * @param private_key	receives a secret of Nsk bytes
 * @param public_key	Npk bytes
 */
enum obol_status obol_opaque_generate_key_pair(
	struct obol_rng *rng, struct obol_secret **private_key,
	uint8_t public_key[OBOL_OPAQUE_NPK]) OBOL_MUST_CHECK;

/**
 * The operations above over keys held in this process, for the tests and for
 * whoever holds the keys. One key, under one number.
 *
 * @param oprf_seed		Nh bytes, borrowed until _clear
 * @param private_key	Nsk bytes, borrowed until _clear
 * @return				OK; CRYPTO; FORMAT when the private key is no scalar
 */
enum obol_status obol_opaque_local_keys_init(
	struct obol_opaque_keys *keys, uint32_t key_number,
	const struct obol_secret *oprf_seed,
	const struct obol_secret *private_key) OBOL_MUST_CHECK;

/** Undo obol_opaque_local_keys_init(). */
void obol_opaque_local_keys_clear(struct obol_opaque_keys *keys);

#endif /* OBOL_PAKE_OPAQUE_H_ */
