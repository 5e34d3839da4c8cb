/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Signing the anchors set; its form and its verification: seal/anchors.h.
 */
#ifndef OBOL_ISSUE_ANCHORS_SIGN_H_
#define OBOL_ISSUE_ANCHORS_SIGN_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "seal/anchors.h"

/** A CA that signs a set. */
struct obol_anchors_signer {
	X509 *certificate;
	EVP_PKEY *key;
};

/**
 * Sign a set with one or more CAs (RFC 5652, 5.4), SHA-256.
 *
 * @param signers	1..OBOL_ANCHORS_SIGNERS_MAX
 * @param cms		the set in DER is appended to it
 * @return			OK; ARG when the body is out of bounds, there is no signer
 *					or a key is not its certificate's; CRYPTO, for one when
 *					OpenSSL cannot use the key's algorithm in CMS; NOMEM
 */
enum obol_status obol_anchors_sign(const struct obol_anchors_body *body,
								   const struct obol_anchors_signer *signers,
								   size_t n_signers,
								   struct obol_writer *cms) OBOL_MUST_CHECK;

#endif /* OBOL_ISSUE_ANCHORS_SIGN_H_ */
