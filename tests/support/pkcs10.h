/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * PKCS#10 requests as a client makes them, and as it should not.
 */
#ifndef TESTS_SUPPORT_PKCS10_H_
#define TESTS_SUPPORT_PKCS10_H_

#include <openssl/evp.h>

#include "wire/registry.h"

struct pkcs10 {
	uint8_t der[OBOL_PKCS10_MAX + 1];
	size_t len;
};

/** A new key: "P-256", "P-384", "P-192", "ED25519", "RSA2048", "RSA3072". */
EVP_PKEY *pkcs10_key(const char *kind);

/**
 * A request.
 *
 * @param signer		NULL: the key itself
 * @param challenge	the attribute's text; NULL for none
 * @param common_name	subject, and a SAN of it as DNS name; NULL for none
 */
void pkcs10_make(struct pkcs10 *req, EVP_PKEY *key, EVP_PKEY *signer,
				 const char *challenge, const char *common_name);

/** A good request for an exporter. */
void pkcs10_good(struct pkcs10 *req, EVP_PKEY *key,
				 const uint8_t exporter[OBOL_EXPORTER_LEN]);

#endif /* TESTS_SUPPORT_PKCS10_H_ */
