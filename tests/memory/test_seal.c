/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bundles, sealed credentials, wraps, requests: without memory. */
#include <check.h>
#include <stdlib.h>
#include <time.h>

#include <obol/bundle.h>

#include "issue/request.h"
#include "memory/fail_each.h"
#include "seal/sealed_credential.h"
#include "support/pkcs10.h"
#include "support/test_ca.h"

Suite *memory_seal_suite(void);

#define NAME "vpn"

static struct obol_account_key key;
static struct obol_secret *export_key, *body;
static struct obol_writer sealed, wrap;
static const struct obol_credential_header header = {
	.name = { (const uint8_t *)NAME, 3 },
	.format = OBOL_FORMAT_BUNDLE,
	.version = 7,
};
static const uint8_t exporter[OBOL_EXPORTER_LEN] = { 0xe5, 1 };
static struct pkcs10 request;

static void make_bundle(void)
{
	uint8_t der[2][TEST_DER_MAX];
	struct test_cert ca = { .cn = "root", .ca = true };
	struct test_cert alice = { .cn = "alice" };
	struct obol_bundle_parts parts = { .n_chain = 1, .n_cas = 1 };
	struct test_identity root, end;
	struct obol_secret *pkcs8;
	struct obol_bundle *bundle = NULL;

	test_identity_init(&root, &ca, NULL);
	test_identity_init(&end, &alice, &root);
	pkcs8 = test_key_der(end.key);
	parts.key = pkcs8;
	parts.chain[0] = test_certificate_der(end.certificate, der[0]);
	parts.cas[0] = test_certificate_der(root.certificate, der[1]);
	ck_assert_int_eq(obol_bundle_new(&parts, &bundle), OBOL_OK);
	ck_assert_int_eq(obol_bundle_encode(bundle, &body), OBOL_OK);
	obol_bundle_free(bundle);
	obol_secret_free(pkcs8);
	test_identity_clear(&end);
	test_identity_clear(&root);
}

static void make_request(void)
{
	EVP_PKEY *pkey = pkcs10_key("P-256");

	pkcs10_good(&request, pkey, exporter);
	EVP_PKEY_free(pkey);
}

static void setup(void)
{
	struct obol_rng *rng = obol_rng_system();

	make_bundle();
	make_request();
	ck_assert_int_eq(obol_account_key_new(rng, &key), OBOL_OK);
	export_key = obol_secret_new(OBOL_OPAQUE_NH);
	obol_writer_init(&sealed);
	obol_writer_init(&wrap);
	ck_assert_int_eq(obol_credential_seal(rng, &key, &header, body, &sealed),
					 OBOL_OK);
	ck_assert_int_eq(
		obol_slot_wrap(rng, export_key, OBOL_SLOT_PASSWORD, &key, &wrap),
		OBOL_OK);
}

static void teardown(void)
{
	obol_writer_clear(&sealed);
	obol_writer_clear(&wrap);
	obol_account_key_clear(&key);
	obol_secret_free(export_key);
	obol_secret_free(body);
}

static bool is_same(const struct obol_secret *a, const struct obol_secret *b)
{
	return obol_bytes_eq(obol_secret_view(a), obol_secret_view(b));
}

/*
 * What a client reads
 */

static bool read_bundle(void *ctx)
{
	struct obol_bundle *bundle = NULL;
	struct obol_secret *again = NULL;
	bool good = obol_bundle_decode(body, &bundle) == OBOL_OK &&
				obol_bundle_encode(bundle, &again) == OBOL_OK &&
				is_same(again, body);

	(void)ctx;
	obol_secret_free(again);
	obol_bundle_free(bundle);
	return good;
}

static bool open_credential(void *ctx)
{
	struct obol_secret *opened = NULL;
	enum obol_status status =
		obol_credential_open(&key, &header, obol_writer_view(&sealed), &opened);
	bool good = status == OBOL_OK && is_same(opened, body);

	(void)ctx;
	/* a seal that is whole is never called forged */
	MUST(status != OBOL_ERR_AUTH);
	MUST(status == OBOL_OK || !opened);
	obol_secret_free(opened);
	return good;
}

static bool open_wrap(void *ctx)
{
	struct obol_account_key opened = { .key = NULL };
	enum obol_status status = obol_slot_unwrap(
		export_key, OBOL_SLOT_PASSWORD, obol_writer_view(&wrap), &opened);
	bool good = status == OBOL_OK && is_same(opened.key, key.key);

	(void)ctx;
	MUST(status != OBOL_ERR_AUTH);
	obol_account_key_clear(&opened);
	return good;
}

static bool check_bundle(void *ctx)
{
	const struct obol_bundle *bundle = ctx;

	return obol_bundle_check(bundle, (uint64_t)time(NULL)) == OBOL_BUNDLE_GOOD;
}

/*
 * What is written
 */

static bool seal_credential(void *ctx)
{
	struct obol_writer out;
	bool good;

	(void)ctx;
	obol_writer_init(&out);
	good = obol_credential_seal(obol_rng_system(), &key, &header, body, &out) ==
			   OBOL_OK &&
		   obol_writer_view(&out).len == obol_writer_view(&sealed).len;
	obol_writer_clear(&out);
	return good;
}

static bool check_request(void *ctx)
{
	uint8_t *public_key = NULL;
	size_t len = 0;
	bool good =
		obol_issue_request_check(obol_bytes(request.der, request.len), exporter,
								 &public_key, &len) == OBOL_REQUEST_GOOD;

	(void)ctx;
	MUST(good == (public_key != NULL));
	free(public_key);
	return good;
}

START_TEST(bundles)
{
	struct story read = { .run = read_bundle, .n_least = 5 };
	struct story check = { .run = check_bundle, .may_do_without = true };
	struct obol_bundle *bundle = NULL;

	fail_each(&read, FAILING_OWN);
	fail_each(&read, FAILING_OPENSSL);
	ck_assert_int_eq(obol_bundle_decode(body, &bundle), OBOL_OK);
	check.ctx = bundle;
	fail_each(&check, FAILING_OPENSSL);
	obol_bundle_free(bundle);
}
END_TEST

START_TEST(seals)
{
	static const struct story stories[] = {
		{ .run = open_credential, .n_least = 3 },
		{ .run = open_wrap, .n_least = 3 },
		{ .run = seal_credential, .n_least = 3 },
	};

	fail_each(&stories[_i], FAILING_OWN);
}
END_TEST

START_TEST(seals_openssl)
{
	static const struct story stories[] = {
		{ .run = open_credential, .may_do_without = true },
		{ .run = open_wrap, .may_do_without = true },
		{ .run = seal_credential, .may_do_without = true },
	};

	fail_each(&stories[_i], FAILING_OPENSSL);
}
END_TEST

START_TEST(requests)
{
	struct story story = { .run = check_request, .may_do_without = true };

	fail_each(&story, FAILING_OWN);
	fail_each(&story, FAILING_OPENSSL);
}
END_TEST

Suite *memory_seal_suite(void)
{
	Suite *suite = suite_create("memory: seal and issue");
	TCase *tcase = tcase_create("out of memory");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, bundles);
	tcase_add_loop_test(tcase, seals, 0, 3);
	tcase_add_loop_test(tcase, seals_openssl, 0, 3);
	tcase_add_test(tcase, requests);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return suite;
}
