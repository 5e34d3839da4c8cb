/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PKCS#10 requests. */
#include "support/pkcs10.h"

#include <check.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/hex.h"

EVP_PKEY *pkcs10_key(const char *kind)
{
	EVP_PKEY *key;

	if (strncmp(kind, "RSA", 3) == 0)
	{
		key = EVP_RSA_gen((unsigned)atoi(kind + 3));
	}
	else if (strcmp(kind, "ED25519") == 0)
	{
		key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	}
	else
	{
		key = EVP_EC_gen(kind);
	}
	ck_assert_ptr_nonnull(key);
	return key;
}

static void add_names(X509_REQ *x, const char *common_name)
{
	STACK_OF(X509_EXTENSION) *exts = sk_X509_EXTENSION_new_null();
	char san[128];
	X509_EXTENSION *ext;

	ck_assert(X509_NAME_add_entry_by_NID(
		X509_REQ_get_subject_name(x), NID_commonName, MBSTRING_UTF8,
		(const unsigned char *)common_name, -1, -1, 0));
	(void)snprintf(san, sizeof(san), "DNS:%s", common_name);
	ext = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, san);
	ck_assert(ext && sk_X509_EXTENSION_push(exts, ext));
	ck_assert(X509_REQ_add_extensions(x, exts));
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
}

void pkcs10_make(struct pkcs10 *req, EVP_PKEY *key, EVP_PKEY *signer,
				 const char *challenge, const char *common_name)
{
	X509_REQ *x = X509_REQ_new();
	EVP_PKEY *by = signer ? signer : key;
	unsigned char *pos = req->der;
	int len;

	ck_assert_ptr_nonnull(x);
	ck_assert(X509_REQ_set_version(x, 0));
	ck_assert(X509_REQ_set_pubkey(x, key));
	if (common_name)
	{
		add_names(x, common_name);
	}
	if (challenge)
	{
		ck_assert(X509_REQ_add1_attr_by_NID(
			x, NID_pkcs9_challengePassword, V_ASN1_UTF8STRING,
			(const unsigned char *)challenge, (int)strlen(challenge)));
	}
	ck_assert(X509_REQ_sign(
		x, by, EVP_PKEY_is_a(by, "ED25519") ? NULL : EVP_sha256()));
	len = i2d_X509_REQ(x, NULL);
	ck_assert(len > 0 && (size_t)len < sizeof(req->der));
	req->len = (size_t)i2d_X509_REQ(x, &pos);
	X509_REQ_free(x);
}

void pkcs10_good(struct pkcs10 *req, EVP_PKEY *key,
				 const uint8_t exporter[OBOL_EXPORTER_LEN])
{
	char *text = hex_encode(obol_bytes(exporter, OBOL_EXPORTER_LEN));

	pkcs10_make(req, key, NULL, text, NULL);
	free(text);
}
