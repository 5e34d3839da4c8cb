/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key pairs that a token makes, keeps, signs with and drops. */
#include "token/token_fixture.h"

#include <stdio.h>

#include <obol/client.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static struct token_fixture *const f = &token_fixture;

static const uint8_t digest[64] = "a digest of sixty-four bytes, or of fewer";

static void open_token(void)
{
	ck_assert_msg(token_fixture_open(SOFTHSM_PIN, false) == OBOL_OK, "%s",
				  f->why);
}

static struct obol_pkcs11_key make(uint8_t type)
{
	struct obol_pkcs11_key key;

	ck_assert_msg(obol_pkcs11_make(f->token, type, &key, f->why,
								   sizeof(f->why)) == OBOL_OK,
				  "%s", f->why);
	return key;
}

/* OpenSSL takes ECDSA's r and s in DER. */
static size_t to_der(const uint8_t *raw, size_t len, unsigned char *der)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	int n;

	ck_assert_int_eq(
		ECDSA_SIG_set0(sig, BN_bin2bn(raw, (int)len / 2, NULL),
					   BN_bin2bn(raw + len / 2, (int)len / 2, NULL)),
		1);
	n = i2d_ECDSA_SIG(sig, &der);
	ck_assert_int_gt(n, 0);
	ECDSA_SIG_free(sig);
	return (size_t)n;
}

static void verify(const struct obol_pkcs11_key *key, const EVP_MD *md,
				   size_t digest_len, const uint8_t *raw, size_t raw_len)
{
	const unsigned char *pos = key->public_key;
	EVP_PKEY *pkey = d2i_PUBKEY(NULL, &pos, (long)key->public_key_len);
	EVP_PKEY_CTX *ctx;
	unsigned char der[OBOL_TOKEN_SIGNATURE_MAX];
	size_t len;

	ck_assert_ptr_nonnull(pkey);
	ck_assert_ptr_eq(pos, key->public_key + key->public_key_len);
	ctx = EVP_PKEY_CTX_new(pkey, NULL);
	ck_assert_int_eq(EVP_PKEY_verify_init(ctx), 1);
	if (EVP_PKEY_is_a(pkey, "RSA"))
	{
		ck_assert_int_eq(EVP_PKEY_get_bits(pkey), 3072);
		ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING),
						 1);
		memcpy(der, raw, raw_len);
		len = raw_len;
	}
	else
	{
		len = to_der(raw, raw_len, der);
	}
	ck_assert_int_eq(EVP_PKEY_CTX_set_signature_md(ctx, md), 1);
	ck_assert_int_eq(EVP_PKEY_verify(ctx, der, len, digest, digest_len), 1);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(pkey);
}

static const uint8_t types[] = { OBOL_CLIENT_KEY_EC_P256,
								 OBOL_CLIENT_KEY_EC_P384,
								 OBOL_CLIENT_KEY_RSA_3072 };

START_TEST(test_signs)
{
	uint8_t signature[OBOL_TOKEN_SIGNATURE_MAX];
	const struct {
		enum obol_pkcs11_hash hash;
		const EVP_MD *md;
		size_t len;
	} hashes[] = {
		{ OBOL_PKCS11_SHA1, EVP_sha1(), 20 },
		{ OBOL_PKCS11_SHA256, EVP_sha256(), 32 },
		{ OBOL_PKCS11_SHA384, EVP_sha384(), 48 },
		{ OBOL_PKCS11_SHA512, EVP_sha512(), 64 },
	};
	struct obol_pkcs11_key key;
	size_t len, i;

	if (!f->is_here)
	{
		return;
	}
	open_token();
	key = make(types[_i]);
	for (i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
	{
		ck_assert_msg(obol_pkcs11_sign(f->token, &key, hashes[i].hash,
									   obol_bytes(digest, hashes[i].len),
									   signature, &len, f->why,
									   sizeof(f->why)) == OBOL_OK,
					  "%s", f->why);
		verify(&key, hashes[i].md, hashes[i].len, signature, len);
	}
	/* what is no such digest */
	ck_assert_int_eq(obol_pkcs11_sign(f->token, &key, OBOL_PKCS11_SHA256,
									  obol_bytes(digest, 31), signature, &len,
									  f->why, sizeof(f->why)),
					 OBOL_ERR_ARG);
	/* and by another session, as a daemon that is started again */
	open_token();
	ck_assert_int_eq(obol_pkcs11_sign(f->token, &key, OBOL_PKCS11_SHA256,
									  obol_bytes(digest, 32), signature, &len,
									  f->why, sizeof(f->why)),
					 OBOL_OK);
	verify(&key, EVP_sha256(), 32, signature, len);
}
END_TEST

/* Nobody gets the private key out, logged in or not. */
START_TEST(test_stays_inside)
{
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE template = { CKA_CLASS, &class, sizeof(class) };
	uint8_t value[512];
	CK_ATTRIBUTE secret = { CKA_VALUE, value, sizeof(value) };
	CK_OBJECT_HANDLE object;
	CK_ULONG n;

	if (!f->is_here)
	{
		return;
	}
	open_token();
	(void)make(OBOL_CLIENT_KEY_EC_P256);
	ck_assert_uint_eq(
		f->real->C_FindObjectsInit(f->token->session, &template, 1), CKR_OK);
	ck_assert_uint_eq(f->real->C_FindObjects(f->token->session, &object, 1, &n),
					  CKR_OK);
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(f->real->C_FindObjectsFinal(f->token->session), CKR_OK);
	ck_assert_uint_eq(
		f->real->C_GetAttributeValue(f->token->session, object, &secret, 1),
		CKR_ATTRIBUTE_SENSITIVE);
}
END_TEST

static size_t make_certificate(const struct obol_pkcs11_key *key,
							   unsigned char *der)
{
	const unsigned char *pos = key->public_key;
	EVP_PKEY *own = d2i_PUBKEY(NULL, &pos, (long)key->public_key_len);
	EVP_PKEY *ca = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	int len;

	ck_assert_int_eq(ASN1_INTEGER_set(X509_get_serialNumber(x), 4711), 1);
	ck_assert_int_eq(
		X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
								   (const unsigned char *)"alice", -1, -1, 0),
		1);
	ck_assert_int_eq(
		X509_NAME_add_entry_by_txt(X509_get_issuer_name(x), "CN", MBSTRING_ASC,
								   (const unsigned char *)"CA", -1, -1, 0),
		1);
	ck_assert_int_eq(X509_set_pubkey(x, own), 1);
	ck_assert_ptr_nonnull(X509_gmtime_adj(X509_getm_notBefore(x), 0));
	ck_assert_ptr_nonnull(X509_gmtime_adj(X509_getm_notAfter(x), 60));
	ck_assert_int_gt(X509_sign(x, ca, EVP_sha256()), 0);
	len = i2d_X509(x, &der);
	ck_assert_int_gt(len, 0);
	X509_free(x);
	EVP_PKEY_free(ca);
	EVP_PKEY_free(own);
	return (size_t)len;
}

/* Certificate and key have one CKA_ID, and go together. What others have put
 * into the token stays, even under the same label. */
START_TEST(test_objects)
{
	unsigned char der[2048];
	struct obol_pkcs11_key keys[3];
	CK_ATTRIBUTE by_id = { CKA_ID, keys[0].id, OBOL_PKCS11_ID_LEN };
	CK_OBJECT_HANDLE found[8];
	CK_ULONG n;
	size_t i;

	if (!f->is_here)
	{
		return;
	}
	softhsm_key(&f->hsm, "EC:secp256r1", "vpn", "01");
	softhsm_key(&f->hsm, "EC:secp256r1", "other", "02");
	open_token();
	ck_assert_uint_eq(token_fixture_count(-1), 4);
	for (i = 0; i < 3; i++)
	{
		keys[i] = make(OBOL_CLIENT_KEY_EC_P256);
		ck_assert_msg(
			obol_pkcs11_put(f->token, &keys[i],
							obol_bytes(der, make_certificate(&keys[i], der)),
							f->why, sizeof(f->why)) == OBOL_OK,
			"%s", f->why);
	}
	ck_assert_uint_eq(token_fixture_count(CKO_CERTIFICATE), 3);
	ck_assert_uint_eq(f->real->C_FindObjectsInit(f->token->session, &by_id, 1),
					  CKR_OK);
	ck_assert_uint_eq(f->real->C_FindObjects(f->token->session, found, 8, &n),
					  CKR_OK);
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(f->real->C_FindObjectsFinal(f->token->session), CKR_OK);
	/* what is no certificate */
	ck_assert_int_eq(obol_pkcs11_put(f->token, &keys[0], obol_bytes(der, 10),
									 f->why, sizeof(f->why)),
					 OBOL_ERR_FORMAT);

	ck_assert_int_eq(
		obol_pkcs11_remove(f->token, keys[0].id, f->why, sizeof(f->why)),
		OBOL_OK);
	ck_assert_uint_eq(token_fixture_count(-1), 10);
	ck_assert_int_eq(obol_pkcs11_remove_others(f->token, keys[1].id, 1, f->why,
											   sizeof(f->why)),
					 OBOL_OK);
	ck_assert_uint_eq(token_fixture_count(-1), 7);
	ck_assert_int_eq(
		obol_pkcs11_remove(f->token, keys[1].id, f->why, sizeof(f->why)),
		OBOL_OK);
	ck_assert_uint_eq(token_fixture_count(-1), 4);
	/* what is not there is gone */
	ck_assert_int_eq(
		obol_pkcs11_remove(f->token, keys[1].id, f->why, sizeof(f->why)),
		OBOL_OK);
}
END_TEST

/* By its module's path, as programs do. */
START_TEST(test_module)
{
	struct obol_secret *pin = obol_secret_dup(SOFTHSM_PIN, sizeof(SOFTHSM_PIN));
	struct obol_pkcs11_options options = { f->uri, "vpn", pin, false };
	struct obol_pkcs11 *one = NULL, *two = NULL;

	if (f->is_here)
	{
		ck_assert_msg(
			obol_pkcs11_open(&options, &one, f->why, sizeof(f->why)) == OBOL_OK,
			"%s", f->why);
		ck_assert_int_eq(
			obol_pkcs11_open(&options, &two, f->why, sizeof(f->why)), OBOL_OK);
		obol_pkcs11_close(one);
		obol_pkcs11_close(two);
	}
	obol_secret_free(pin);
}
END_TEST

Suite *pkcs11_suite(void);

Suite *pkcs11_suite(void)
{
	Suite *suite = suite_create("pkcs11");
	TCase *tcase = tcase_create("softhsm");

	tcase_add_checked_fixture(tcase, token_fixture_setup,
							  token_fixture_teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, test_signs, 0, 3);
	tcase_add_test(tcase, test_stays_inside);
	tcase_add_test(tcase, test_objects);
	tcase_add_test(tcase, test_module);
	suite_add_tcase(suite, tcase);
	return suite;
}
