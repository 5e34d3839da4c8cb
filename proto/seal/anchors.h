/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The anchors set as it is signed and verified.
 *
 * The body, all that is signed:
 *
 *   "Obol-v1 anchors" (15) | number (4), 1 or more | created at (8), seconds
 *   since the epoch | count (1), 1..8, each: CA certificate vec16<1..8192> in
 *   DER; none of them twice
 *
 * Around it CMS SignedData (RFC 5652, 5) in DER, in this profile:
 *
 *   - eContentType id-data, eContent the body (not detached)
 *   - certificates and crls absent: a verifier has the signers' certificates
 *   - 1 to 16 SignerInfos, of issuer and serial number or of subject key
 *     identifier; each with signedAttrs: content-type, message-digest, and
 *     what else the signer puts there
 *   - digestAlgorithm SHA-256, SHA-384 or SHA-512; the signature's algorithm
 *     is that of the CA's key
 *
 * signedAttrs are a SET, what a CA signs otherwise (certificates, revocation
 * lists) is a SEQUENCE, so neither signature can stand for the other.
 *
 * "openssl cms -sign -binary -nodetach -nocerts -nosmimecap -md sha256
 * -outform DER -signer CA -inkey KEY -in BODY" makes one; further -signer and
 * -inkey add signatures.
 */
#ifndef OBOL_SEAL_ANCHORS_H_
#define OBOL_SEAL_ANCHORS_H_

#include <stdbool.h>

#include <obol/anchors.h>

#include "base/writer.h"
#include "wire/registry.h"

/** CA certificates that are trusted at most: a set's and a bundle's. */
#define OBOL_ANCHORS_TRUST_MAX (2 * OBOL_CHAIN_MAX)
/** SignerInfos at most. */
#define OBOL_ANCHORS_SIGNERS_MAX (2 * OBOL_CHAIN_MAX)
/** A set may be made this long after our clock says now, in seconds. */
#define OBOL_ANCHORS_EARLY_S 86400

/** A body's parts; views that somebody else owns. */
struct obol_anchors_body {
	uint32_t number;
	uint64_t created_at;
	uint8_t n_cas;
	/** DER */
	struct obol_bytes cas[OBOL_CHAIN_MAX];
};

/** Append a body; the writer's status is ARG for values out of bounds. */
void obol_anchors_body_encode(struct obol_writer *w,
							  const struct obol_anchors_body *body);

/** Take a body apart: views into it. OK or FORMAT. */
enum obol_status
obol_anchors_body_decode(struct obol_bytes bytes,
						 struct obol_anchors_body *body) OBOL_MUST_CHECK;

/** What is trusted before a set is looked at. */
struct obol_anchors_trust {
	/** of the set that is held, 0 for none */
	uint32_t number;
	/** self-signed CA certificates in DER; others in it are not looked at */
	size_t n_cas;
	struct obol_bytes cas[OBOL_ANCHORS_TRUST_MAX];
};

/** Add a CA to what is trusted, unless it is there; what finds no room is left
 * out. */
void obol_anchors_trust_add(struct obol_anchors_trust *trust,
							struct obol_bytes ca);

/** It is among what is trusted. */
bool obol_anchors_trust_has(const struct obol_anchors_trust *trust,
							struct obol_bytes ca);

/** What is wrong with a set, in the order of the checks. */
enum obol_anchors_fault {
	OBOL_ANCHORS_GOOD = 0,
	/** it is not of the profile above, or memory ran out */
	OBOL_ANCHORS_MALFORMED,
	/** a certificate in it is no self-signed CA's */
	OBOL_ANCHORS_NO_CA,
	/** its number is not higher than the one that is held */
	OBOL_ANCHORS_OLD,
	/** no CA that is trusted has signed it */
	OBOL_ANCHORS_STRANGER,
	/** the trusted CAs that have signed it are not in it */
	OBOL_ANCHORS_WITHOUT_SIGNER,
	/** those that have signed it, and are in it, are not valid now */
	OBOL_ANCHORS_SIGNER_EXPIRED,
	/** it was made in the future */
	OBOL_ANCHORS_EARLY,
};

/**
 * Verify a set by what is trusted: one SignerInfo of a trusted CA that is
 * valid now and stands in the set itself. What others have signed does not
 * matter, good or bad.
 *
 * @param now	seconds since the epoch
 * @param set	receives the set when it is good, to be freed
 * @return		the first fault found
 */
enum obol_anchors_fault
obol_anchors_open(struct obol_bytes cms, const struct obol_anchors_trust *trust,
				  uint64_t now, struct obol_anchors **set);

/**
 * Read a set that was verified before, out of a place that nobody else writes:
 * one of its own CAs must have signed it, whatever their dates.
 *
 * @return	OK; FORMAT, also when memory runs out
 */
enum obol_status obol_anchors_load(struct obol_bytes cms,
								   struct obol_anchors **set) OBOL_MUST_CHECK;

/** The number that a set says it has, which nothing vouches for; 0 when it
 * cannot be parsed. */
uint32_t obol_anchors_peek_number(struct obol_bytes cms);

/** The set has this CA certificate. */
bool obol_anchors_has(const struct obol_anchors *set, struct obol_bytes ca);

/** A self-signed CA certificate that may sign certificates (RFC 5280, 4.2.1.3,
 * 4.2.1.9), in DER with nothing behind it. */
bool obol_anchors_is_ca(struct obol_bytes der);

#endif /* OBOL_SEAL_ANCHORS_H_ */
