/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CA whose key is in a PKCS#11 token, and URIs. */
#include "issue/ca_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <openssl/x509.h>

#include "issue/anchors_sign.h"
#include "issue/issuer.h"
#include "token/uri.h"
#include "seal/anchors.h"
#include "support/pkcs10.h"
#include "support/run.h"
#include "support/softhsm.h"

#define DAY 86400

static struct softhsm hsm;
static struct obol_tokens tokens;
static bool is_here;
static char why[512];

static void setup(void)
{
	is_here = softhsm_init(&hsm);
	memset(&tokens, 0, sizeof(tokens));
}

static void teardown(void)
{
	obol_tokens_clear(&tokens);
	softhsm_clear(&hsm);
}

static enum obol_status make_ca(const char *certificate, const char *key)
{
	return obol_ca_create_for("Token CA", 100 * DAY,
							  tempdir_file(&hsm.dir, certificate),
							  tempdir_file(&hsm.dir, key), &tokens,
							  obol_clock_system(), why, sizeof(why));
}

static enum obol_status open_issuer(const char *certificate, const char *key,
									struct obol_issuer **issuer)
{
	struct obol_issuer_file_options options = {
		.certificate_path = tempdir_file(&hsm.dir, certificate),
		.key_path = tempdir_file(&hsm.dir, key),
		.tokens = &tokens,
		.rng = obol_rng_system(),
		.clock = obol_clock_system(),
	};

	why[0] = '\0';
	return obol_issuer_file_new(&options, issuer, why, sizeof(why));
}

static X509 *parse(struct obol_bytes der)
{
	const unsigned char *pos = der.ptr;
	X509 *x = d2i_X509(NULL, &pos, (long)der.len);

	ck_assert_ptr_nonnull(x);
	return x;
}

/*
 * What is signed
 */

static void try_certificate(struct obol_issuer *issuer, X509 *ca)
{
	static const struct obol_certificate_profile alice = {
		.common_name = "alice",
		.n_sans = 1,
		.sans = { "alice@example.org" },
		.lifetime_s = 30 * DAY,
	};
	EVP_PKEY *key = pkcs10_key("P-256");
	struct obol_issued issued;
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(key, &der);
	X509 *x;

	ck_assert_int_eq(
		issuer->issue(issuer, obol_bytes(der, (size_t)len), &alice, &issued),
		OBOL_OK);
	x = parse(obol_bytes(issued.certificate, issued.certificate_len));
	ck_assert_int_eq(X509_verify(x, X509_get0_pubkey(ca)), 1);
	X509_free(x);
	obol_issued_clear(&issued);
	OPENSSL_free(der);
	EVP_PKEY_free(key);
}

static void try_list(struct obol_issuer *issuer, X509 *ca)
{
	uint64_t now = obol_now(obol_clock_system());
	struct obol_crl_parts parts = { .number = 1,
									.this_update = now,
									.next_update = now + DAY };
	uint8_t *der = NULL;
	const unsigned char *pos;
	size_t len = 0;
	X509_CRL *crl;

	ck_assert_int_eq(issuer->sign_crl(issuer, &parts, &der, &len), OBOL_OK);
	pos = der;
	crl = d2i_X509_CRL(NULL, &pos, (long)len);
	ck_assert_ptr_nonnull(crl);
	ck_assert_int_eq(X509_CRL_verify(crl, X509_get0_pubkey(ca)), 1);
	X509_CRL_free(crl);
	free(der);
}

static void try_set(struct obol_bytes root, const char *key_name)
{
	struct obol_anchors_body body = { .number = 1, .n_cas = 1 };
	struct obol_anchors_trust trust = { .number = 0 };
	struct obol_anchors_signer signer = { .certificate = parse(root) };
	struct obol_anchors *set = NULL;
	struct obol_writer cms;

	body.created_at = obol_now(obol_clock_system());
	body.cas[0] = root;
	obol_anchors_trust_add(&trust, root);
	ck_assert_int_eq(obol_ca_key_open(tempdir_file(&hsm.dir, key_name), &tokens,
									  &signer.key, why, sizeof(why)),
					 OBOL_OK);
	obol_writer_init(&cms);
	ck_assert_int_eq(obol_anchors_sign(&body, &signer, 1, &cms), OBOL_OK);
	ck_assert_int_eq(obol_anchors_open(obol_writer_view(&cms), &trust,
									   obol_now(obol_clock_system()), &set),
					 OBOL_ANCHORS_GOOD);
	obol_anchors_free(set);
	obol_writer_clear(&cms);
	EVP_PKEY_free(signer.key);
	X509_free(signer.certificate);
}

static const char *const kinds[] = { "EC:secp256r1", "EC:secp384r1",
									 "rsa:2048" };

START_TEST(test_signs)
{
	struct obol_issuer *issuer = NULL;
	X509 *ca;

	if (!is_here)
	{
		return;
	}
	softhsm_key(&hsm, kinds[_i], "ca", "01");
	softhsm_key_file(&hsm, "ca.key", "token=obol;object=ca", SOFTHSM_PIN);
	ck_assert_msg(make_ca("ca.crt", "ca.key") == OBOL_OK, "%s", why);
	ck_assert_msg(open_issuer("ca.crt", "ca.key", &issuer) == OBOL_OK, "%s",
				  why);
	ck_assert(obol_tokens_are_used(&tokens));
	ca = parse(issuer->cas[0]);
	try_certificate(issuer, ca);
	try_list(issuer, ca);
	try_set(issuer->cas[0], "ca.key");
	X509_free(ca);
	obol_issuer_free(issuer);
}
END_TEST

/* Two keys of one token, both in use: one login, and each signs as itself. */
START_TEST(test_two_keys)
{
	struct obol_issuer *issuers[2] = { NULL, NULL };
	X509 *cas[2];
	size_t i;

	if (!is_here)
	{
		return;
	}
	softhsm_key(&hsm, "EC:secp256r1", "ca", "01");
	softhsm_key(&hsm, "EC:secp256r1", "ca", "02");
	softhsm_key_file(&hsm, "ca.key", "token=obol;object=ca;id=%01",
					 SOFTHSM_PIN "\n");
	softhsm_key_file(&hsm, "ca-old.key", "token=obol;id=%02", SOFTHSM_PIN);
	ck_assert_int_eq(make_ca("ca.crt", "ca.key"), OBOL_OK);
	ck_assert_int_eq(make_ca("ca-old.crt", "ca-old.key"), OBOL_OK);
	ck_assert_int_eq(open_issuer("ca.crt", "ca.key", &issuers[0]), OBOL_OK);
	ck_assert_int_eq(open_issuer("ca-old.crt", "ca-old.key", &issuers[1]),
					 OBOL_OK);
	for (i = 0; i < 2; i++)
	{
		cas[i] = parse(issuers[i]->cas[0]);
		try_certificate(issuers[i], cas[i]);
	}
	obol_issuer_free(issuers[0]);
	/* the other one goes on */
	try_certificate(issuers[1], cas[1]);
	obol_issuer_free(issuers[1]);
	X509_free(cas[0]);
	X509_free(cas[1]);
	/* by the label alone it is not clear which is meant */
	softhsm_key_file(&hsm, "ca.key", "token=obol;object=ca", SOFTHSM_PIN);
	ck_assert_int_eq(open_issuer("ca.crt", "ca.key", &issuers[0]),
					 OBOL_ERR_ARG);
	ck_assert_ptr_nonnull(strstr(why, "several"));
}
END_TEST

/*
 * What is refused
 */

static const struct {
	const char *attributes;
	enum obol_status status;
	const char *text;
} wrong[] = {
	{ "token=other;object=ca", OBOL_ERR_NOT_FOUND, "is it plugged in" },
	{ "token=obol;object=ca;serial=0", OBOL_ERR_NOT_FOUND, "plugged in" },
	{ "token=obol;object=cb", OBOL_ERR_NOT_FOUND, "no private key" },
	{ "token=obol;object=ca;id=%02", OBOL_ERR_NOT_FOUND, "no private key" },
	{ "token=obol;object=other", OBOL_ERR_ARG, "is not the key of" },
};

START_TEST(test_wrong_name)
{
	struct obol_issuer *issuer = NULL;

	if (!is_here)
	{
		return;
	}
	softhsm_key(&hsm, "EC:secp256r1", "ca", "01");
	softhsm_key(&hsm, "EC:secp256r1", "other", "03");
	softhsm_key_file(&hsm, "ca.key", "token=obol;object=ca", SOFTHSM_PIN);
	ck_assert_int_eq(make_ca("ca.crt", "ca.key"), OBOL_OK);
	softhsm_key_file(&hsm, "wrong.key", wrong[_i].attributes, SOFTHSM_PIN);
	ck_assert_int_eq(open_issuer("ca.crt", "wrong.key", &issuer),
					 wrong[_i].status);
	ck_assert_msg(strstr(why, wrong[_i].text) != NULL, "%s", why);
}
END_TEST

/* A wrong PIN is given once, whoever asks how often, until the operator has
 * given the right one. */
START_TEST(test_wrong_pin)
{
	struct obol_issuer *issuer = NULL;
	unsigned i;

	if (!is_here)
	{
		return;
	}
	softhsm_key(&hsm, "EC:secp256r1", "ca", "01");
	softhsm_key_file(&hsm, "ca.key", "token=obol;object=ca", SOFTHSM_PIN);
	ck_assert_int_eq(make_ca("ca.crt", "ca.key"), OBOL_OK);
	obol_tokens_clear(&tokens);
	softhsm_key_file(&hsm, "ca.key", "token=obol;object=ca", "9999");
	ck_assert_int_eq(open_issuer("ca.crt", "ca.key", &issuer), OBOL_ERR_AUTH);
	ck_assert_ptr_nonnull(strstr(why, "is wrong"));
	ck_assert_ptr_null(strstr(why, "9999"));
	/* as a process that is started again */
	softhsm_key_file(&hsm, "ca.key", "token=obol;object=ca", SOFTHSM_PIN);
	for (i = 0; i < 2; i++)
	{
		obol_tokens_clear(&tokens);
		ck_assert_int_eq(open_issuer("ca.crt", "ca.key", &issuer),
						 OBOL_ERR_DENIED);
		ck_assert_ptr_nonnull(strstr(why, "by hand"));
	}
	obol_tokens_clear(&tokens);
	ck_assert(softhsm_login(&hsm, SOFTHSM_PIN));
	ck_assert_msg(open_issuer("ca.crt", "ca.key", &issuer) == OBOL_OK, "%s",
				  why);
	obol_issuer_free(issuer);
}
END_TEST

START_TEST(test_pin_file)
{
	static const struct {
		const char *content;
		unsigned mode;
		enum obol_status status;
	} files[] = {
		{ "", 0600, OBOL_ERR_FORMAT },
		{ "\n4711", 0600, OBOL_ERR_FORMAT },
		{ SOFTHSM_PIN, 0644, OBOL_ERR_DENIED },
	};
	EVP_PKEY *key = NULL;

	if (!is_here)
	{
		return;
	}
	softhsm_key_file(&hsm, "ca.key", "token=obol;object=ca", SOFTHSM_PIN);
	tempdir_write(&hsm.dir, "ca.key.pin", files[_i].content,
				  strlen(files[_i].content), files[_i].mode);
	ck_assert_int_eq(obol_ca_key_open(tempdir_file(&hsm.dir, "ca.key"), &tokens,
									  &key, why, sizeof(why)),
					 files[_i].status);
	ck_assert_ptr_nonnull(strstr(why, "ca.key.pin"));
	/* what is not given costs no try */
	ck_assert_int_eq(remove(tempdir_file(&hsm.dir, "ca.key.pin")), 0);
	ck_assert_int_eq(obol_ca_key_open(tempdir_file(&hsm.dir, "ca.key"), &tokens,
									  &key, why, sizeof(why)),
					 OBOL_ERR_NOT_FOUND);
}
END_TEST

START_TEST(test_no_module)
{
	static const char text[] =
		"pkcs11:token=obol;object=ca?module-path=/nowhere/module.so";
	EVP_PKEY *key = NULL;

	ck_assert_int_eq(obol_tokens_key(&tokens, text, &key, why, sizeof(why)),
					 OBOL_ERR_TOKEN);
	ck_assert_ptr_nonnull(strstr(why, "/nowhere/module.so"));
	ck_assert(!obol_tokens_are_used(&tokens));
}
END_TEST

/*
 * URIs and the files that have them
 */

static const struct {
	const char *uri;
	const char *text;
} bad_uris[] = {
	{ "pkcs11:token=obol;object=ca", "module-path" },
	{ "pkcs11:token=obol;object=ca?module-path=m.so", "module-path" },
	{ "pkcs11:object=ca?module-path=/m.so", "names no token" },
	{ "pkcs11:token=obol?module-path=/m.so", "names no key" },
	{ "pkcs11:token=obol;object=ca?module-path=/m.so&pin-value=1",
	  "PIN in it" },
	{ "pkcs11:token=obol;object=ca?module-path=/m.so&pin-source=x",
	  "pin-source" },
	{ "pkcs11:token=obol;object=ca?module-path=/m.so&pin-source=|cat%20/pin",
	  "pin-source" },
	{ "pkcs11:token=obol;object=ca?module-path=/m.so&pin-source=https://x/",
	  "pin-source" },
	{ "pkcs11:token=obol;colour=red;object=ca?module-path=/m.so", "attribute" },
	{ "pkcs11:token=%zz;object=ca?module-path=/m.so", "no URI" },
	{ "pkcs11:token=obol;id=%01%;object=ca?module-path=/m.so", "no URI" },
	{ "pkcs11:", "module-path" },
};

START_TEST(test_bad_uri)
{
	struct obol_token_uri uri;

	ck_assert_int_eq(
		obol_token_uri_parse(bad_uris[_i].uri, &uri, why, sizeof(why)),
		OBOL_ERR_FORMAT);
	ck_assert_msg(strstr(why, bad_uris[_i].text) != NULL, "%s", why);
}
END_TEST

START_TEST(test_good_uri)
{
	struct obol_token_uri uri;

	ck_assert_int_eq(
		obol_token_uri_parse("pkcs11:token=My%20token;serial=7;object=the%20ca;"
							 "type=private;id=%01%ff?module-path=/m.so"
							 "&pin-source=/etc/pin",
							 &uri, why, sizeof(why)),
		OBOL_OK);
	ck_assert_str_eq(uri.token, "My token");
	ck_assert_str_eq(uri.serial, "7");
	ck_assert_str_eq(uri.object, "the ca");
	ck_assert_uint_eq(uri.id_len, 2);
	ck_assert_str_eq(uri.module_path, "/m.so");
	ck_assert_str_eq(uri.pin_path, "/etc/pin");
	ck_assert(obol_token_uri_matches(&uri, "My token   ", "x", "y", "7"));
	ck_assert(!obol_token_uri_matches(&uri, "My token", "x", "y", "8"));
	ck_assert(!obol_token_uri_matches(&uri, "My", "x", "y", "7"));
	ck_assert(obol_token_uri_is_key(&uri, "the ca", obol_bytes("\x01\xff", 2)));
	ck_assert(!obol_token_uri_is_key(&uri, "the ca", obol_bytes("\x01", 1)));
	ck_assert(!obol_token_uri_is_key(&uri, "a ca", obol_bytes("\x01\xff", 2)));
}
END_TEST

START_TEST(test_key_file)
{
	static const char two[] = "pkcs11:token=a;object=b?module-path=/m.so\nmore";
	struct tempdir dir;
	EVP_PKEY *key = NULL;
	const char *path;
	struct stat st;

	tempdir_init(&dir);
	path = tempdir_file(&dir, "ca.key");
	tempdir_write(&dir, "ca.key", two, sizeof(two) - 1, 0600);
	ck_assert_int_eq(obol_ca_key_open(path, &tokens, &key, why, sizeof(why)),
					 OBOL_ERR_FORMAT);
	/* it is what says whose the CA is: nobody else may write or read it */
	tempdir_write(&dir, "ca.key", two, sizeof(two) - 1, 0644);
	ck_assert_int_eq(obol_ca_key_open(path, &tokens, &key, why, sizeof(why)),
					 OBOL_ERR_DENIED);
	ck_assert_int_eq(obol_ca_key_write_uri(path,
										   "pkcs11:token=a;object=b"
										   "?module-path=/m.so",
										   why, sizeof(why)),
					 OBOL_ERR_EXISTS);
	ck_assert_int_eq(remove(path), 0);
	ck_assert_int_eq(
		obol_ca_key_write_uri(path, "pkcs11:token=a", why, sizeof(why)),
		OBOL_ERR_FORMAT);
	ck_assert_int_eq(obol_ca_key_write_uri(path,
										   "pkcs11:token=a;object=b"
										   "?module-path=/m.so",
										   why, sizeof(why)),
					 OBOL_OK);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	/* where no token can be used */
	ck_assert_int_eq(obol_ca_key_open(path, NULL, &key, why, sizeof(why)),
					 OBOL_ERR_ARG);
	tempdir_clear(&dir);
}
END_TEST

Suite *token_suite(void);

Suite *token_suite(void)
{
	Suite *suite = suite_create("token");
	TCase *tcase = tcase_create("softhsm");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, test_signs, 0, 3);
	tcase_add_test(tcase, test_two_keys);
	tcase_add_loop_test(tcase, test_wrong_name, 0,
						sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(tcase, test_wrong_pin);
	tcase_add_loop_test(tcase, test_pin_file, 0, 3);
	suite_add_tcase(suite, tcase);
	tcase = tcase_create("uri");
	tcase_add_test(tcase, test_no_module);
	tcase_add_loop_test(tcase, test_bad_uri, 0,
						sizeof(bad_uris) / sizeof(bad_uris[0]));
	tcase_add_test(tcase, test_good_uri);
	tcase_add_test(tcase, test_key_file);
	suite_add_tcase(suite, tcase);
	return suite;
}
