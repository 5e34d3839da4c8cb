/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Public keys as SubjectPublicKeyInfo (RFC 5280, 4.1.2.7), taken apart without
 * OpenSSL's decoders: each run of them takes longer than a signature, and the
 * key has been through one when its request was checked. Nobody outside this
 * room includes it.
 */
#ifndef OBOL_ISSUE_SPKI_H_
#define OBOL_ISSUE_SPKI_H_

#include <openssl/x509.h>

#include "base/bytes.h"
#include "wire/registry.h"

struct obol_spki {
	X509_ALGOR *algorithm;
	ASN1_BIT_STRING *key;
};

/** @return	OK; FORMAT when it is no SubjectPublicKeyInfo, or more than one */
enum obol_status obol_spki_parse(struct obol_bytes der,
								 struct obol_spki *spki) OBOL_MUST_CHECK;

void obol_spki_clear(struct obol_spki *spki);

/** The key's type by its algorithm and curve, enum obol_key_type; 0 for none of
 * these. Whether it is any good is not looked at. */
uint8_t obol_spki_type(const struct obol_spki *spki);

/**
 * Make it a certificate's public key, copied as it is. The certificate has no
 * key that OpenSSL could use then, until it is encoded and parsed.
 *
 * @return	OK; ARG when it can be no key of these types; NOMEM
 */
enum obol_status obol_spki_set(const struct obol_spki *spki,
							   X509 *certificate) OBOL_MUST_CHECK;

#endif /* OBOL_ISSUE_SPKI_H_ */
