/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates for keys that are in somebody else's hands. */
#include "client/gateway.h"
#include "support/run.h"

#include <obol/token.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <stdio.h>

/** A token: it keeps the key that it made last. */
static struct token {
	EVP_PKEY *key;
	unsigned n_made;
	uint8_t type;
	bool is_full;
	bool signs_wrong;
	bool is_removed;
} token;

static struct gateway gateway;
static struct obol_client *client;
static struct obol_device device;
static struct obol_held held;
static struct obol_obtained got;

static bool make(void *ctx, uint8_t key_type,
				 uint8_t spki[OBOL_TOKEN_PUBLIC_KEY_MAX], size_t *len,
				 char *why, size_t size)
{
	struct token *this = ctx;

	if (this->is_full)
	{
		(void)snprintf(why, size, "it is full");
		return false;
	}
	EVP_PKEY_free(this->key);
	this->key = key_type == OBOL_CLIENT_KEY_RSA_3072  ? EVP_RSA_gen(3072)
				: key_type == OBOL_CLIENT_KEY_EC_P384 ? EVP_EC_gen("P-384")
													  : EVP_EC_gen("P-256");
	this->type = key_type;
	this->n_made++;
	*len = (size_t)i2d_PUBKEY(this->key, &spki);
	return true;
}

/* As PKCS#11 has it: r and s, each as long as the group's order. */
static size_t to_raw(const unsigned char *der, size_t der_len, int order_len,
					 uint8_t *raw)
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)der_len);

	ck_assert_int_eq(BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, order_len),
					 order_len);
	ck_assert_int_eq(
		BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + order_len, order_len),
		order_len);
	ECDSA_SIG_free(sig);
	return 2 * (size_t)order_len;
}

static bool sign(void *ctx, const uint8_t digest[32],
				 uint8_t signature[OBOL_TOKEN_SIGNATURE_MAX], size_t *len,
				 char *why, size_t size)
{
	struct token *this = ctx;
	unsigned char out[OBOL_TOKEN_SIGNATURE_MAX];
	EVP_PKEY_CTX *sign_ctx;

	if (this->is_removed)
	{
		(void)snprintf(why, size, "it was pulled out");
		return false;
	}
	*len = sizeof(out);
	sign_ctx = EVP_PKEY_CTX_new(this->key, NULL);
	ck_assert_int_eq(EVP_PKEY_sign_init(sign_ctx), 1);
	ck_assert_int_eq(EVP_PKEY_CTX_set_signature_md(sign_ctx, EVP_sha256()), 1);
	ck_assert_int_eq(EVP_PKEY_sign(sign_ctx, out, len, digest, 32), 1);
	EVP_PKEY_CTX_free(sign_ctx);
	if (this->type == OBOL_CLIENT_KEY_RSA_3072)
	{
		memcpy(signature, out, *len);
	}
	else
	{
		*len = to_raw(out, *len, EVP_PKEY_get_bits(this->key) / 8, signature);
	}
	signature[5] ^= this->signs_wrong;
	return true;
}

static void setup(void)
{
	static const struct obol_key_maker maker = { &token, make, sign };

	memset(&token, 0, sizeof(token));
	gateway_init(&gateway);
	gateway.mode = OBOL_MODE_DEVICE;
	gateway.key_type = OBOL_KEY_EC_P256;
	gateway.issue_life_s = 600;
	gateway_add_device(&gateway, &device);
	client = gateway_client(&gateway, NULL);
	obol_client_set_key_maker(client, &maker);
	memset(&held, 0, sizeof(held));
	memset(&got, 0, sizeof(got));
}

static void teardown(void)
{
	obol_bundle_free(got.bundle);
	EVP_PKEY_free(token.key);
	obol_device_clear(&device);
	obol_client_free(client);
	gateway_clear(&gateway);
}

static enum obol_status obtain(void)
{
	memset(gateway.n_requests, 0, sizeof(gateway.n_requests));
	obol_bundle_free(got.bundle);
	memset(&got, 0, sizeof(got));
	check_ok(client, obol_client_login_device(client, &device));
	return obol_client_obtain(client, OBOL_CLIENT_VPN, &held, &got);
}

static const uint8_t types[] = { OBOL_KEY_EC_P256, OBOL_KEY_EC_P384,
								 OBOL_KEY_RSA_3072 };

/* The bundle has the public key and the certificate for it, and no other. */
START_TEST(certified)
{
	struct obol_secret *body = NULL;
	uint8_t *spki = NULL;
	int len;

	gateway.key_type = types[_i];
	check_ok(client, obtain());
	ck_assert_uint_eq(got.mode, OBOL_CLIENT_MODE_DEVICE);
	ck_assert_uint_eq(token.type, types[_i]);
	ck_assert(obol_bundle_key_is_elsewhere(got.bundle));
	ck_assert_ptr_null(obol_bundle_key(got.bundle));
	len = i2d_PUBKEY(token.key, &spki);
	ck_assert(obol_bytes_eq(obol_bundle_public_key(got.bundle),
							obol_bytes(spki, (size_t)len)));
	OPENSSL_free(spki);
	ck_assert_int_eq(obol_bundle_check(got.bundle, (uint64_t)time(NULL)),
					 OBOL_BUNDLE_GOOD);
	/* it cannot be sealed or sent */
	ck_assert_int_eq(obol_bundle_encode(got.bundle, &body), OBOL_ERR_ARG);
	ck_assert_ptr_null(body);
}
END_TEST

/* No key is made while one is held and good, and one when it is due. */
START_TEST(held_and_renewed)
{
	check_ok(client, obtain());
	held.mode = got.mode;
	held.not_after = obol_bundle_not_after(got.bundle);
	check_ok(client, obtain());
	ck_assert_ptr_null(got.bundle);
	ck_assert_uint_eq(token.n_made, 1);
	held.renew = true;
	check_ok(client, obtain());
	ck_assert_ptr_nonnull(got.bundle);
	ck_assert_uint_eq(token.n_made, 2);
	check_ok(client, obol_client_login_device(client, &device));
	check_ok(client, obol_client_issue(client, OBOL_CLIENT_VPN, NULL));
	ck_assert_uint_eq(token.n_made, 3);
}
END_TEST

/* What devices share cannot be in a token: nothing is made, nothing stored. */
START_TEST(portable)
{
	gateway.mode = OBOL_MODE_PORTABLE;
	ck_assert_int_eq(obtain(), OBOL_ERR_TOKEN);
	check_cause(client, OBOL_CAUSE_TOKEN);
	ck_assert_ptr_nonnull(
		strstr(obol_client_error(client)->text, "--mode device"));
	check_ok(client, obol_client_login_device(client, &device));
	ck_assert_int_eq(obol_client_issue(client, OBOL_CLIENT_VPN, NULL),
					 OBOL_ERR_TOKEN);
	check_cause(client, OBOL_CAUSE_TOKEN);
	ck_assert_uint_eq(token.n_made, 0);
	ck_assert_uint_eq(gateway.n_requests[OBOL_ISSUE], 0);
	ck_assert_uint_eq(gateway.n_requests[OBOL_PUT], 0);
}
END_TEST

static const struct {
	bool is_full, signs_wrong, is_removed;
	const char *text;
} faults[] = {
	{ true, false, false, "it is full" },
	{ false, true, false, "does not verify" },
	{ false, false, true, "pulled out" },
};

/* The server is not asked for anything; the reason is the token's. */
START_TEST(fails)
{
	token.is_full = faults[_i].is_full;
	token.signs_wrong = faults[_i].signs_wrong;
	token.is_removed = faults[_i].is_removed;
	ck_assert_int_eq(obtain(), OBOL_ERR_TOKEN);
	check_cause(client, OBOL_CAUSE_TOKEN);
	ck_assert_msg(strstr(obol_client_error(client)->text, faults[_i].text) !=
					  NULL,
				  "%s", obol_client_error(client)->text);
	ck_assert_ptr_null(got.bundle);
	ck_assert_uint_eq(gateway.n_requests[OBOL_ISSUE], 0);
}
END_TEST

/* A certificate for another key than the token's. */
START_TEST(another_key)
{
	gateway.wrong_key = true;
	ck_assert_int_eq(obtain(), OBOL_ERR_FORMAT);
	check_cause(client, OBOL_CAUSE_CREDENTIAL);
}
END_TEST

Suite *key_maker_suite(void);

Suite *key_maker_suite(void)
{
	Suite *suite = suite_create("key_maker");
	TCase *tcase = tcase_create("key_maker");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, certified, 0, 3);
	tcase_add_test(tcase, held_and_renewed);
	tcase_add_test(tcase, portable);
	tcase_add_loop_test(tcase, fails, 0, 3);
	tcase_add_test(tcase, another_key);
	suite_add_tcase(suite, tcase);
	return suite;
}
