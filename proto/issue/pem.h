/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * PEM files of certificates and keys.
 */
#ifndef OBOL_ISSUE_PEM_H_
#define OBOL_ISSUE_PEM_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/bytes.h"

/** Largest PEM file of certificates or of a key, in bytes. */
#define OBOL_PEM_FILE_MAX ((size_t)256 << 10)

/**
 * Certificates of a PEM file, in its order.
 *
 * @param chain	up to max of them, each to be freed
 * @param why	receives a sentence for the operator on failure
 * @return		OK; NOT_FOUND; DENIED; FORMAT; IO; NOMEM
 */
enum obol_status obol_pem_read_certificates(const char *path, size_t max,
											X509 **chain, size_t *n_chain,
											char *why,
											size_t size) OBOL_MUST_CHECK;

/** A private key from a PEM file that only its owner can read; as above. */
enum obol_status obol_pem_read_key(const char *path, EVP_PKEY **key, char *why,
								   size_t size) OBOL_MUST_CHECK;

/** The same from the file's content; path is for the sentence alone. */
enum obol_status obol_pem_parse_key(const struct obol_secret *text,
									const char *path, EVP_PKEY **key, char *why,
									size_t size) OBOL_MUST_CHECK;

/** A certificate, a key (PKCS#8) as PEM text. */
enum obol_status
obol_pem_certificate(X509 *certificate,
					 struct obol_secret **text) OBOL_MUST_CHECK;
enum obol_status obol_pem_key(EVP_PKEY *key,
							  struct obol_secret **text) OBOL_MUST_CHECK;

#endif /* OBOL_ISSUE_PEM_H_ */
