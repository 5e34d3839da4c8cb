/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * CPace (draft-irtf-cfrg-cpace-21): a short secret becomes a key between two
 * parties, and whoever takes part without it can test one guess of it.
 *
 * Suite CPACE-P256_XMD:SHA-256_SSWU_NU_-SHA256, initiator/responder mode. Each
 * party sends one public share Y with its associated data AD; both come to the
 * intermediate session key ISK. The tags of explicit key confirmation are in
 * here too, the rest is the caller's: who is which role, what the associated
 * data says, and in which order the tags are sent.
 */
#ifndef OBOL_PAKE_CPACE_H_
#define OBOL_PAKE_CPACE_H_

#include "base/rng.h"
#include "group/p256.h"
#include "group/sha256.h"

/** The draft's number. It is on the wire until there is an RFC. */
#define OBOL_CPACE_DRAFT 21
/** Length in bytes of a public share: an uncompressed point. */
#define OBOL_CPACE_SHARE_LEN OBOL_P256_UNCOMPRESSED_LEN
/** Length in bytes of the intermediate session key. */
#define OBOL_CPACE_ISK_LEN OBOL_SHA256_LEN
/** Length in bytes of a confirmation tag. */
#define OBOL_CPACE_TAG_LEN OBOL_SHA256_LEN
/** Longest PRS, CI, sid and AD in bytes. */
#define OBOL_CPACE_FIELD_MAX 1024

/** What both parties know before; views of the caller's. */
struct obol_cpace_context {
	/** the secret (PRS); 1 byte or more */
	const struct obol_secret *prs;
	/** channel identifier (CI), may be empty */
	struct obol_bytes ci;
	/** session identifier (sid), may be empty */
	struct obol_bytes sid;
};

/** One party's message. */
struct obol_cpace_message {
	/** OBOL_CPACE_SHARE_LEN bytes; any length is checked */
	struct obol_bytes y;
	struct obol_bytes ad;
};

/**
 * calculate_generator (draft, 7.2 and 8.4.1): encode_to_curve of the
 * generator string.
 *
 * @param out	cleared by the caller
 * @return		OK; ARG when a field is out of bounds; NOMEM; CRYPTO
 */
enum obol_status
obol_cpace_calculate_generator(const struct obol_cpace_context *context,
							   struct obol_p256_point *out) OBOL_MUST_CHECK;

/**
 * A party's secret scalar and public share.
 *
 * @param y		the scalar, cleared on failure; obol_scalar_clear() it
 * @param share	the public share, to be sent
 * @return		OK; ARG; NOMEM; CRYPTO
 */
enum obol_status
obol_cpace_share(struct obol_rng *rng, const struct obol_cpace_context *context,
				 struct obol_scalar *y,
				 uint8_t share[OBOL_CPACE_SHARE_LEN]) OBOL_MUST_CHECK;

/**
 * The intermediate session key, from the own scalar and the peer's share.
 *
 * @param y			the own scalar, cleared on every return
 * @param peer_y	the peer's share, off the wire
 * @param sid		as in the context
 * @param a			the initiator's message
 * @param b			the responder's message
 * @param isk		a new secret of OBOL_CPACE_ISK_LEN bytes, set on OK
 * @return			OK; FORMAT when the peer's share is no point; ARG; NOMEM;
 *					CRYPTO
 */
enum obol_status obol_cpace_isk(struct obol_scalar *y, struct obol_bytes peer_y,
								struct obol_bytes sid,
								const struct obol_cpace_message *a,
								const struct obol_cpace_message *b,
								struct obol_secret **isk) OBOL_MUST_CHECK;

/**
 * The tag of explicit key confirmation (draft, 9.4): HMAC over the message
 * that its sender has sent, with a key from sid and ISK.
 *
 * @param own	message of the party whose tag it is
 * @return		OK; ARG; NOMEM; CRYPTO
 */
enum obol_status
obol_cpace_tag(const struct obol_secret *isk, struct obol_bytes sid,
			   const struct obol_cpace_message *own,
			   uint8_t tag[OBOL_CPACE_TAG_LEN]) OBOL_MUST_CHECK;

/**
 * sid_output (draft, 9.6): an identifier of the session for those that have
 * agreed on none before. A transfer has its number for that; the draft's
 * vectors check it as an output of CPace.
 */
enum obol_status
obol_cpace_sid_output(const struct obol_cpace_message *a,
					  const struct obol_cpace_message *b,
					  uint8_t out[OBOL_SHA256_LEN]) OBOL_MUST_CHECK;

#endif /* OBOL_PAKE_CPACE_H_ */
