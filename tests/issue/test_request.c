/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PKCS#10 requests, good and bad. */
#include "issue/request.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "support/pkcs10.h"
#include "support/run.h"

static const uint8_t exporter[OBOL_EXPORTER_LEN] = { 0xab, 1, 2, 3, 0xcd };
#define EXPORTER_TEXT                                                          \
	"ab010203cd000000000000000000000000000000000000000000000000000000"
#define OTHER_TEXT                                                             \
	"ab010203cd000000000000000000000000000000000000000000000000000001"

static enum obol_request_fault check(const struct pkcs10 *req)
{
	uint8_t *public_key = NULL;
	size_t len = 0;
	enum obol_request_fault fault = obol_issue_request_check(
		obol_bytes(req->der, req->len), exporter, &public_key, &len);

	ck_assert_int_eq(fault == OBOL_REQUEST_GOOD, public_key != NULL);
	free(public_key);
	return fault;
}

/* clang-format off */
static const struct {
	const char *key;
	enum obol_request_fault fault;
} keys[] = {
	{ "P-256", OBOL_REQUEST_GOOD },
	{ "P-384", OBOL_REQUEST_GOOD },
	{ "ED25519", OBOL_REQUEST_GOOD },
	{ "RSA3072", OBOL_REQUEST_GOOD },
	{ "RSA2048", OBOL_REQUEST_WEAK_KEY },
	{ "P-192", OBOL_REQUEST_WEAK_KEY },
	{ "P-224", OBOL_REQUEST_WEAK_KEY },
	{ "secp256k1", OBOL_REQUEST_WEAK_KEY },
};
/* clang-format on */

START_TEST(test_keys)
{
	EVP_PKEY *key = pkcs10_key(keys[_i].key);
	struct pkcs10 req;

	pkcs10_make(&req, key, NULL, EXPORTER_TEXT, NULL);
	ck_assert_msg(check(&req) == keys[_i].fault, "key %s", keys[_i].key);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(test_public_key_is_the_requests)
{
	EVP_PKEY *key = pkcs10_key("P-256"), *got;
	uint8_t *public_key = NULL;
	const unsigned char *pos;
	struct pkcs10 req;
	size_t len = 0;

	pkcs10_good(&req, key, exporter);
	ck_assert_int_eq(obol_issue_request_check(obol_bytes(req.der, req.len),
											  exporter, &public_key, &len),
					 OBOL_REQUEST_GOOD);
	pos = public_key;
	got = d2i_PUBKEY(NULL, &pos, (long)len);
	ck_assert(got && EVP_PKEY_eq(got, key) == 1);
	EVP_PKEY_free(got);
	free(public_key);
	EVP_PKEY_free(key);
}
END_TEST

/* clang-format off */
static const struct {
	const char *why;
	const char *challenge;
} challenges[] = {
	{ "none", NULL },
	{ "another connection's", OTHER_TEXT },
	{ "cut short", "ab010203cd" },
	{ "too long", EXPORTER_TEXT "00" },
	{ "upper case", "AB010203CD00000000000000000000000000000000000000000000000"
					"0000000" },
	{ "empty", "" },
};
/* clang-format on */

START_TEST(test_wrong_exporter)
{
	EVP_PKEY *key = pkcs10_key("P-256");
	struct pkcs10 req;

	pkcs10_make(&req, key, NULL, challenges[_i].challenge, NULL);
	ck_assert_msg(check(&req) == OBOL_REQUEST_EXPORTER, "%s",
				  challenges[_i].why);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(test_two_exporters)
{
	EVP_PKEY *key = pkcs10_key("P-256");
	X509_REQ *x = X509_REQ_new();
	X509_ATTRIBUTE *a;
	struct pkcs10 req;
	unsigned char *pos = req.der;

	/* two attributes: the wrong one behind the right one, either order */
	ck_assert(X509_REQ_set_pubkey(x, key));
	a = X509_ATTRIBUTE_create_by_NID(NULL, NID_pkcs9_challengePassword,
									 V_ASN1_UTF8STRING, EXPORTER_TEXT, 64);
	ck_assert(X509_ATTRIBUTE_set1_data(a, V_ASN1_UTF8STRING, OTHER_TEXT, 64));
	ck_assert(X509_REQ_add1_attr(x, a));
	ck_assert(X509_REQ_sign(x, key, EVP_sha256()));
	req.len = (size_t)i2d_X509_REQ(x, &pos);
	ck_assert_int_eq(check(&req), OBOL_REQUEST_EXPORTER);
	X509_ATTRIBUTE_free(a);
	X509_REQ_free(x);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(test_signed_by_another_key)
{
	EVP_PKEY *key = pkcs10_key("P-256"), *other = pkcs10_key("P-256");
	struct pkcs10 req;

	pkcs10_make(&req, key, other, EXPORTER_TEXT, NULL);
	ck_assert_int_eq(check(&req), OBOL_REQUEST_SIGNATURE);
	EVP_PKEY_free(other);
	EVP_PKEY_free(key);
}
END_TEST

/* the same request under each digest */
static const struct {
	const char *digest;
	enum obol_request_fault fault;
} digests[] = {
	{ "SHA1", OBOL_REQUEST_WEAK_SIGNATURE },
	{ "SHA224", OBOL_REQUEST_WEAK_SIGNATURE },
	{ "SHA256", OBOL_REQUEST_GOOD },
	{ "SHA384", OBOL_REQUEST_GOOD },
	{ "SHA512", OBOL_REQUEST_GOOD },
};

START_TEST(test_signature_digest)
{
	EVP_PKEY *key = pkcs10_key("P-256");
	const unsigned char *from;
	struct pkcs10 req;
	unsigned char *to;
	X509_REQ *x;

	pkcs10_make(&req, key, NULL, EXPORTER_TEXT, NULL);
	from = req.der;
	x = d2i_X509_REQ(NULL, &from, (long)req.len);
	ck_assert_ptr_nonnull(x);
	ck_assert(X509_REQ_sign(x, key, EVP_get_digestbyname(digests[_i].digest)) >
			  0);
	to = req.der;
	req.len = (size_t)i2d_X509_REQ(x, &to);
	ck_assert_int_eq(check(&req), digests[_i].fault);
	X509_REQ_free(x);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(test_every_changed_byte)
{
	EVP_PKEY *key = pkcs10_key("P-256");
	struct pkcs10 req;
	size_t i;

	pkcs10_good(&req, key, exporter);
	for (i = 0; i < req.len; i++)
	{
		req.der[i] ^= 1;
		ck_assert_msg(check(&req) != OBOL_REQUEST_GOOD, "byte %zu", i);
		req.der[i] ^= 1;
	}
	ck_assert_int_eq(check(&req), OBOL_REQUEST_GOOD);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(test_lengths)
{
	EVP_PKEY *key = pkcs10_key("P-256");
	struct pkcs10 req;
	size_t len;

	pkcs10_good(&req, key, exporter);
	len = req.len;
	for (req.len = 0; req.len < len; req.len++)
	{
		ck_assert_int_eq(check(&req), OBOL_REQUEST_MALFORMED);
	}
	req.len = len + 1;
	req.der[len] = 0;
	ck_assert_int_eq(check(&req), OBOL_REQUEST_MALFORMED);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(test_explicit_parameters)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;
	struct pkcs10 req;

	ck_assert(EVP_PKEY_keygen_init(ctx) > 0);
	ck_assert(EVP_PKEY_CTX_set_group_name(ctx, "P-256") > 0);
	ck_assert(EVP_PKEY_CTX_set_ec_param_enc(ctx, OPENSSL_EC_EXPLICIT_CURVE) >
			  0);
	ck_assert(EVP_PKEY_keygen(ctx, &key) > 0);
	pkcs10_make(&req, key, NULL, EXPORTER_TEXT, NULL);
	ck_assert_int_eq(check(&req), OBOL_REQUEST_WEAK_KEY);
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(ctx);
}
END_TEST

START_TEST(test_texts_differ)
{
	int a, b;

	for (a = OBOL_REQUEST_GOOD; a <= OBOL_REQUEST_WEAK_SIGNATURE; a++)
	{
		for (b = OBOL_REQUEST_GOOD; b < a; b++)
		{
			ck_assert_str_ne(
				obol_request_fault_text((enum obol_request_fault)a),
				obol_request_fault_text((enum obol_request_fault)b));
		}
	}
}
END_TEST

Suite *request_suite(void);

Suite *request_suite(void)
{
	Suite *s = suite_create("request");
	TCase *tc = tcase_create("check");

	tcase_add_loop_test(tc, test_keys, 0, sizeof(keys) / sizeof(keys[0]));
	tcase_add_test(tc, test_public_key_is_the_requests);
	tcase_add_loop_test(tc, test_wrong_exporter, 0,
						sizeof(challenges) / sizeof(challenges[0]));
	tcase_add_test(tc, test_two_exporters);
	tcase_add_test(tc, test_signed_by_another_key);
	tcase_add_loop_test(tc, test_signature_digest, 0,
						sizeof(digests) / sizeof(digests[0]));
	tcase_add_test(tc, test_every_changed_byte);
	tcase_add_test(tc, test_lengths);
	tcase_add_test(tc, test_explicit_parameters);
	tcase_add_test(tc, test_texts_differ);
	suite_add_tcase(s, tc);
	return s;
}
