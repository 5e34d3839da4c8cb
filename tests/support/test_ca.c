/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys and certificates for tests. */
#include "support/test_ca.h"

#include <stdlib.h>
#include <time.h>

#include <openssl/objects.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#define HOUR 3600
#define YEAR (365 * 24 * HOUR)

static void must(bool done)
{
	if (!done)
	{
		abort();
	}
}

EVP_PKEY *test_key(const char *type)
{
	EVP_PKEY *key = NULL;

	if (!strcmp(type, "EC"))
	{
		key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	}
	else if (!strcmp(type, "RSA"))
	{
		key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	}
	else
	{
		key = EVP_PKEY_Q_keygen(NULL, NULL, type);
	}
	must(key);
	return key;
}

static void set_serial(X509 *x509)
{
	unsigned char bytes[16];
	BIGNUM *serial;

	must(RAND_bytes(bytes, sizeof(bytes)) == 1);
	bytes[0] = (bytes[0] & 0x7f) | 0x40;
	serial = BN_bin2bn(bytes, sizeof(bytes), NULL);
	must(serial && BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(x509)));
	BN_free(serial);
}

static void set_name(X509_NAME *name, const char *cn)
{
	must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
									(const unsigned char *)(cn ? cn : "test"),
									-1, -1, 0));
}

static void add_extension(X509 *x509, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;

	if (!value)
	{
		return;
	}
	X509V3_set_ctx(&ctx, issuer, x509, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	must(extension && X509_add_ext(x509, extension, -1));
	X509_EXTENSION_free(extension);
}

static void add_unknown(X509 *x509)
{
	ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.99999.1", 1);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *extension;

	must(oid && value && ASN1_OCTET_STRING_set(value, (const uint8_t *)"x", 1));
	extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 1, value);
	must(extension && X509_add_ext(x509, extension, -1));
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(value);
	ASN1_OBJECT_free(oid);
}

static void add_extensions(const struct test_cert *cert, X509 *x509,
						   X509 *issuer)
{
	add_extension(x509, issuer, NID_subject_key_identifier, "hash");
	add_extension(x509, issuer, NID_authority_key_identifier, "keyid");
	add_extension(x509, issuer, NID_basic_constraints,
				  cert->ca ? "critical,CA:TRUE" : "CA:FALSE");
	add_extension(x509, issuer, NID_subject_alt_name, cert->san);
	add_extension(x509, issuer, NID_key_usage, cert->key_usage);
	add_extension(x509, issuer, NID_ext_key_usage, cert->ext_key_usage);
	if (cert->critical_unknown)
	{
		add_unknown(x509);
	}
}

static void sign(X509 *x509, EVP_PKEY *key)
{
	bool no_digest = EVP_PKEY_is_a(key, "ED25519");

	must(X509_sign(x509, key, no_digest ? NULL : EVP_sha256()) > 0);
}

X509 *test_certificate(const struct test_cert *cert, EVP_PKEY *key,
					   const struct test_identity *issuer)
{
	int64_t now = (int64_t)time(NULL);
	int64_t not_before = cert->not_before ? cert->not_before : now - HOUR;
	int64_t not_after = cert->not_after ? cert->not_after : now + YEAR;
	X509 *x509 = X509_new();
	X509 *by = issuer ? issuer->certificate : x509;

	must(x509 && X509_set_version(x509, X509_VERSION_3) &&
		 X509_set_pubkey(x509, key));
	set_serial(x509);
	set_name(X509_get_subject_name(x509), cert->cn);
	must(X509_set_issuer_name(x509, X509_get_subject_name(by)));
	must(ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)not_before));
	must(ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)not_after));
	add_extensions(cert, x509, by);
	sign(x509, issuer ? issuer->key : key);
	return x509;
}

void test_identity_init(struct test_identity *identity,
						const struct test_cert *cert,
						const struct test_identity *issuer)
{
	identity->key = test_key("EC");
	identity->certificate = test_certificate(cert, identity->key, issuer);
}

void test_identity_clear(struct test_identity *identity)
{
	EVP_PKEY_free(identity->key);
	X509_free(identity->certificate);
	memset(identity, 0, sizeof(*identity));
}

struct obol_secret *test_key_der(EVP_PKEY *key)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	unsigned char *der = NULL;
	struct obol_secret *secret;
	int len;

	must(info);
	len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	must(len > 0);
	secret = obol_secret_dup(der, (size_t)len);
	must(secret);
	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(info);
	return secret;
}

struct obol_bytes test_certificate_der(X509 *certificate,
									   uint8_t der[TEST_DER_MAX])
{
	unsigned char *pos = der;
	int len = i2d_X509(certificate, NULL);

	must(len > 0 && len <= TEST_DER_MAX);
	must(i2d_X509(certificate, &pos) == len);
	return obol_bytes(der, (size_t)len);
}
