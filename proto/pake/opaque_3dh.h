/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * OPAQUE-3DH's key schedule (RFC 9807, 6.4). For the steps of OPAQUE.
 */
#ifndef OBOL_PAKE_OPAQUE_3DH_H_
#define OBOL_PAKE_OPAQUE_3DH_H_

#include "pake/opaque_retrieval.h"

/** Length in bytes of the three shared secrets, one after the other. */
#define OBOL_OPAQUE_IKM_LEN (3 * OBOL_OPAQUE_NPK)

/** What both sides have seen. Views; the identities are resolved ones. */
struct obol_opaque_transcript {
	struct obol_bytes context;
	struct obol_opaque_identities ids;
	/** OBOL_OPAQUE_KE1_LEN bytes */
	const uint8_t *ke1;
	/** KE2 as far as its server_public_keyshare, without the MAC */
	const uint8_t *ke2;
};

/** KE2's bytes that the preamble covers. */
#define OBOL_OPAQUE_KE2_COVERED_LEN (OBOL_OPAQUE_KE2_LEN - OBOL_OPAQUE_NM)

/** What comes of them. */
struct obol_opaque_3dh {
	/** Nx bytes each */
	struct obol_secret *handshake_secret;
	struct obol_secret *session_key;
	/** Km2 and Km3, Nx bytes each */
	struct obol_secret *server_mac_key;
	struct obol_secret *client_mac_key;
	/** Nm bytes each */
	uint8_t server_mac[OBOL_OPAQUE_NM];
	uint8_t client_mac[OBOL_OPAQUE_NM];
};

/**
 * Derive keys and both MACs (RFC 9807, 6.4.2, 6.4.3, 6.4.4).
 *
 * @param ikm	OBOL_OPAQUE_IKM_LEN bytes
 * @param out	all zero on failure
 * @return		OK; ARG when the context is longer than OBOL_OPAQUE_FIELD_MAX;
 *				NOMEM; CRYPTO
 */
enum obol_status
obol_opaque_3dh(const struct obol_secret *ikm,
				const struct obol_opaque_transcript *transcript,
				struct obol_opaque_3dh *out) OBOL_MUST_CHECK;

/** Wipe and free what is in it. */
void obol_opaque_3dh_clear(struct obol_opaque_3dh *keys);

#endif /* OBOL_PAKE_OPAQUE_3DH_H_ */
