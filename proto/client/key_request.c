/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A key of the client's own, and the request for it. */
#include "client/key_request.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
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

/** A key that somebody else has. */
struct elsewhere {
	const struct obol_key_maker *maker;
	char *why;
	size_t size;
};

/* r and s as X.509 wants them (RFC 3279, 2.2.3). */
static bool set_ecdsa(ASN1_BIT_STRING *bits, const uint8_t *signature,
					  size_t len)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(signature, (int)(len / 2), NULL);
	BIGNUM *s = BN_bin2bn(signature + len / 2, (int)(len / 2), NULL);
	unsigned char *der = NULL;
	bool is_set = false;
	int der_len;

	if (sig && r && s && ECDSA_SIG_set0(sig, r, s) == 1)
	{
		r = NULL; /* the signature's */
		s = NULL;
		der_len = i2d_ECDSA_SIG(sig, &der);
		is_set = der_len > 0 && ASN1_BIT_STRING_set(bits, der, der_len) == 1;
	}
	OPENSSL_free(der);
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return is_set;
}

static enum obol_status set_signature(X509_REQ *request, EVP_PKEY *key,
									  const uint8_t *signature, size_t len)
{
	ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();
	bool is_set =
		bits && (EVP_PKEY_is_a(key, "RSA")
					 ? ASN1_BIT_STRING_set(bits, (unsigned char *)signature,
										   (int)len) == 1
					 : set_ecdsa(bits, signature, len));

	if (!is_set)
	{
		ASN1_BIT_STRING_free(bits);
		return OBOL_ERR_CRYPTO;
	}
	/* without this, zero bits at its end would get lost */
	bits->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 0x07);
	bits->flags |= ASN1_STRING_FLAG_BITS_LEFT;
	X509_REQ_set0_signature(request, bits);
	return OBOL_OK;
}

static bool set_algorithm(X509_REQ *request, EVP_PKEY *key)
{
	X509_ALGOR *algorithm = X509_ALGOR_new();
	bool is_rsa = EVP_PKEY_is_a(key, "RSA");
	bool is_set =
		algorithm &&
		X509_ALGOR_set0(algorithm,
						OBJ_nid2obj(is_rsa ? NID_sha256WithRSAEncryption
										   : NID_ecdsa_with_SHA256),
						is_rsa ? V_ASN1_NULL : V_ASN1_UNDEF, NULL) == 1 &&
		X509_REQ_set1_signature_algo(request, algorithm) == 1;

	X509_ALGOR_free(algorithm);
	return is_set;
}

static enum obol_status sign_elsewhere(OSSL_LIB_CTX *library, X509_REQ *request,
									   EVP_PKEY *key,
									   const struct elsewhere *elsewhere)
{
	uint8_t signature[OBOL_TOKEN_SIGNATURE_MAX], digest[SHA256_DIGEST_LENGTH];
	const struct obol_key_maker *maker = elsewhere->maker;
	enum obol_status status = OBOL_ERR_CRYPTO;
	unsigned char *der = NULL;
	size_t len = 0;
	int der_len;

	if (!set_algorithm(request, key))
	{
		return OBOL_ERR_CRYPTO;
	}
	der_len = i2d_re_X509_REQ_tbs(request, &der);
	if (der_len <= 0)
	{
		return OBOL_ERR_CRYPTO;
	}
	(void)SHA256(der, (size_t)der_len, digest);
	OPENSSL_free(der);
	if (!maker->sign(maker->ctx, digest, signature, &len, elsewhere->why,
					 elsewhere->size))
	{
		return OBOL_ERR_TOKEN;
	}
	status = set_signature(request, key, signature, len);
	if (status == OBOL_OK &&
		X509_REQ_verify_ex(request, key, library, NULL) != 1)
	{
		(void)snprintf(elsewhere->why, elsewhere->size,
					   "what it signs does not verify; use another token");
		status = OBOL_ERR_TOKEN;
	}
	return status;
}

/* With NULL for elsewhere the key is here. */
static enum obol_status encode_request(
	OSSL_LIB_CTX *library, EVP_PKEY *key, const struct elsewhere *elsewhere,
	const uint8_t exporter[OBOL_EXPORTER_LEN], struct obol_writer *out)
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
	status = elsewhere ? sign_elsewhere(library, request, key, elsewhere)
					   : sign(library, request, key);
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
		status = encode_request(library, pkey, NULL, exporter, request);
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

enum obol_status obol_key_request_elsewhere(
	OSSL_LIB_CTX *library, uint8_t key_type, const struct obol_key_maker *maker,
	const uint8_t exporter[OBOL_EXPORTER_LEN],
	uint8_t spki[OBOL_TOKEN_PUBLIC_KEY_MAX], size_t *spki_len,
	struct obol_writer *request, char *why, size_t size)
{
	const struct elsewhere elsewhere = { maker, why, size };
	enum obol_status status = OBOL_ERR_TOKEN;
	const unsigned char *pos = spki;
	EVP_PKEY *key;

	if (!maker->make(maker->ctx, key_type, spki, spki_len, why, size))
	{
		return OBOL_ERR_TOKEN;
	}
	key = d2i_PUBKEY_ex(NULL, &pos, (long)*spki_len, library, NULL);
	if (key && pos == spki + *spki_len)
	{
		status = encode_request(library, key, &elsewhere, exporter, request);
	}
	else
	{
		(void)snprintf(why, size, "its public key cannot be read");
	}
	EVP_PKEY_free(key);
	ERR_clear_error();
	return status;
}
