/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Keys and certificates for tests, made as they run. Whatever fails in here
 * aborts the test program.
 */
#ifndef TESTS_SUPPORT_TEST_CA_H_
#define TESTS_SUPPORT_TEST_CA_H_

#include <stdbool.h>
#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/bytes.h"

/** What a certificate shall say; all zero gives a plain one. */
struct test_cert {
	/** common name; NULL gives "test" */
	const char *cn;
	/** as in OpenSSL's configuration, "DNS:a.example,email:b@c.example" */
	const char *san;
	/** likewise, "critical,digitalSignature" */
	const char *key_usage;
	/** likewise, "clientAuth" or an OID */
	const char *ext_key_usage;
	/** basicConstraints with CA:TRUE */
	bool ca;
	/** an extension that nobody knows, marked critical */
	bool critical_unknown;
	/** seconds since the epoch; 0 for an hour ago and for a year ahead */
	int64_t not_before;
	int64_t not_after;
};

/** A key with its certificate. */
struct test_identity {
	EVP_PKEY *key;
	X509 *certificate;
};

/** "EC" (P-256), "RSA" (2048 bits), "ED25519". */
EVP_PKEY *test_key(const char *type);

/** A certificate for a key; issuer NULL makes it self-signed. */
X509 *test_certificate(const struct test_cert *cert, EVP_PKEY *key,
					   const struct test_identity *issuer);

/** A fresh P-256 key and its certificate; issuer NULL makes it self-signed. */
void test_identity_init(struct test_identity *identity,
						const struct test_cert *cert,
						const struct test_identity *issuer);
void test_identity_clear(struct test_identity *identity);

/** The key as PKCS#8 in DER. */
struct obol_secret *test_key_der(EVP_PKEY *key);

/** A certificate in DER, written to the caller's buffer. */
#define TEST_DER_MAX 4096
struct obol_bytes test_certificate_der(X509 *certificate,
									   uint8_t der[TEST_DER_MAX]);

#endif /* TESTS_SUPPORT_TEST_CA_H_ */
