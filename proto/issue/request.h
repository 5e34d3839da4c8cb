/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * PKCS#10 requests: made by the client for a key of its own, checked by the
 * server. The TLS exporter stands in it as an attribute, so that a request
 * fits the connection it came on and no other.
 *
 * The attribute is challengePassword (PKCS#9, RFC 2985, 5.4.1), a UTF8String
 * of the
 * exporter's 32 bytes in lower-case hexadecimal. The subject is ignored.
 */
#ifndef OBOL_ISSUE_REQUEST_H_
#define OBOL_ISSUE_REQUEST_H_

#include "base/bytes.h"
#include "wire/registry.h"

/** What is wrong with a request; each has a text of its own. */
enum obol_request_fault {
	OBOL_REQUEST_GOOD = 0,
	OBOL_REQUEST_MALFORMED,
	OBOL_REQUEST_SIGNATURE,
	OBOL_REQUEST_EXPORTER,
	/** RSA below 3072 bits, a curve other than P-256, P-384, Ed25519 */
	OBOL_REQUEST_WEAK_KEY,
	/** signed with another digest than SHA-256, SHA-384, SHA-512 (or by
	 * Ed25519, which has its own) */
	OBOL_REQUEST_WEAK_SIGNATURE,
};

/** A sentence for the refusal. */
const char *obol_request_fault_text(enum obol_request_fault fault);

/**
 * Check a request: it parses whole, the signature is by its key (proof of
 * possession), the exporter is this connection's, the key is strong enough.
 *
 * @param public_key	SubjectPublicKeyInfo in DER, set when good; free() it
 */
enum obol_request_fault
obol_issue_request_check(struct obol_bytes pkcs10,
						 const uint8_t exporter[OBOL_EXPORTER_LEN],
						 uint8_t **public_key, size_t *public_key_len);

/**
 * The type of a public key that obol_issue_request_check() has found good.
 *
 * @param public_key	SubjectPublicKeyInfo in DER
 * @return				enum obol_key_type; 0 for none of these
 */
uint8_t obol_issue_key_type(struct obol_bytes public_key);

#endif /* OBOL_ISSUE_REQUEST_H_ */
