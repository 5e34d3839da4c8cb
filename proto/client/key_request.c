/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A key of the client's own, and the request for it. */
#include "client/key_request.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <stdio.h>

/** What OpenSSL calls each type; a curve, or bits of an RSA modulus. */
static const struct key_kind {
	const char *algorithm;
	const char *curve;
	int bits;
} kinds[] = {
	[OBOL_KEY_EC_P256] = { "EC", "P-256", 0 },
	[OBOL_KEY_EC_P384] = { "EC", "P-384", 0 },
	[OBOL_KEY_RSA_3072] = { "RSA", NULL, 3072 },
	[OBOL_KEY_ED25519] = { "ED25519", NULL, 0 },
};

static EVP_PKEY *generate(OSSL_LIB_CTX *library, const struct key_kind *kind)
{
	EVP_PKEY_CTX *ctx =
		EVP_PKEY_CTX_new_from_name(library, kind->algorithm, NULL);
	EVP_PKEY *key = NULL;

	if (!ctx || EVP_PKEY_keygen_init(ctx) != 1 ||
		(kind->curve && EVP_PKEY_CTX_set_group_name(ctx, kind->curve) != 1) ||
		(kind->bits &&
		 EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, kind->bits) != 1) ||
		EVP_PKEY_generate(ctx, &key) != 1)
	{
		key = NULL;
	}
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* OpenSSL's buffer is wiped, whatever comes of it. */
static enum obol_status encode_key(EVP_PKEY *key, struct obol_secret **out)
{
	OSSL_ENCODER_CTX *ctx = OSSL_ENCODER_CTX_new_for_pkey(
		key, EVP_PKEY_KEYPAIR, "DER", "PrivateKeyInfo", NULL);
	enum obol_status status = OBOL_ERR_CRYPTO;
	unsigned char *der = NULL;
	size_t len = 0;

	if (ctx && OSSL_ENCODER_to_data(ctx, &der, &len) == 1)
	{
		*out = obol_secret_dup(der, len);
		status = *out ? OBOL_OK : OBOL_ERR_NOMEM;
	}
	OPENSSL_clear_free(der, len);
	OSSL_ENCODER_CTX_free(ctx);
	return status;
}

static bool add_exporter(X509_REQ *request,
						 const uint8_t exporter[OBOL_EXPORTER_LEN])
{
	char text[2 * OBOL_EXPORTER_LEN + 1];
	size_t i;

	for (i = 0; i < OBOL_EXPORTER_LEN; i++)
	{
		(void)snprintf(text + 2 * i, 3, "%02x", exporter[i]);
	}
	/* RFC 2985, 5.4.1 */
	return X509_REQ_add1_attr_by_NID(
			   request, NID_pkcs9_challengePassword, V_ASN1_UTF8STRING,
			   (const unsigned char *)text, 2 * OBOL_EXPORTER_LEN) == 1;
}

static enum obol_status sign(OSSL_LIB_CTX *library, X509_REQ *request,
							 EVP_PKEY *key)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	/* EdDSA hashes by itself (RFC 8410) */
	const char *digest = EVP_PKEY_is_a(key, "ED25519") ? NULL : "SHA256";
	enum obol_status status = OBOL_ERR_CRYPTO;

	if (ctx &&
		EVP_DigestSignInit_ex(ctx, NULL, digest, library, NULL, key, NULL) ==
			1 &&
		X509_REQ_sign_ctx(request, ctx) > 0)
	{
		status = OBOL_OK;
	}
	EVP_MD_CTX_free(ctx);
	return status;
}

static enum obol_status
encode_request(OSSL_LIB_CTX *library, EVP_PKEY *key,
			   const uint8_t exporter[OBOL_EXPORTER_LEN],
			   struct obol_writer *out)
{
	X509_REQ *request = X509_REQ_new_ex(library, NULL);
	enum obol_status status = OBOL_ERR_CRYPTO;
	unsigned char *der = NULL;
	int len;

	if (!request || X509_REQ_set_version(request, X509_REQ_VERSION_1) != 1 ||
		X509_REQ_set_pubkey(request, key) != 1 ||
		!add_exporter(request, exporter))
	{
		goto out;
	}
	status = sign(library, request, key);
	if (status != OBOL_OK)
	{
		goto out;
	}
	len = i2d_X509_REQ(request, &der);
	if (len <= 0)
	{
		status = OBOL_ERR_CRYPTO;
		goto out;
	}
	obol_write_bytes(out, obol_bytes(der, (size_t)len));
	status = obol_writer_status(out);
out:
	OPENSSL_free(der);
	X509_REQ_free(request);
	return status;
}

enum obol_status obol_key_request_new(OSSL_LIB_CTX *library, uint8_t key_type,
									  const uint8_t exporter[OBOL_EXPORTER_LEN],
									  struct obol_secret **key,
									  struct obol_writer *request)
{
	struct obol_secret *encoded = NULL;
	enum obol_status status = OBOL_ERR_CRYPTO;
	EVP_PKEY *pkey = NULL;

	if (key_type == 0 || key_type >= sizeof(kinds) / sizeof(kinds[0]))
	{
		return OBOL_ERR_VERSION;
	}
	pkey = generate(library, &kinds[key_type]);
	if (!pkey)
	{
		goto out;
	}
	status = encode_key(pkey, &encoded);
	if (status == OBOL_OK)
	{
		status = encode_request(library, pkey, exporter, request);
	}
	if (status == OBOL_OK)
	{
		*key = encoded;
		encoded = NULL; /* moved to the caller */
	}
out:
	obol_secret_free(encoded);
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return status;
}
