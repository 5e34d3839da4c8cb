/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bundles with certificates made here, right ones and each way to be wrong. */
#include <check.h>
#include <stdlib.h>
#include <time.h>

#include <obol/bundle.h>

#include "support/test_ca.h"

Suite *bundle_check_suite(void);

#define DAY 86400

static struct test_identity root, intermediate, other_root;

static void setup(void)
{
	struct test_cert ca = { .cn = "root",
							.ca = true,
							.key_usage = "critical,keyCertSign,cRLSign" };

	test_identity_init(&root, &ca, NULL);
	ca.cn = "intermediate";
	test_identity_init(&intermediate, &ca, &root);
	/* the same name, another key */
	ca.cn = "root";
	test_identity_init(&other_root, &ca, NULL);
}

static void teardown(void)
{
	test_identity_clear(&root);
	test_identity_clear(&intermediate);
	test_identity_clear(&other_root);
}

/* At most three certificates each way are enough here; NULL ends a list. */
static enum obol_bundle_fault check(EVP_PKEY *key, uint64_t now,
									X509 *const chain[3], X509 *const cas[3])
{
	uint8_t der[6][TEST_DER_MAX];
	struct obol_secret *pkcs8 = test_key_der(key);
	struct obol_bundle_parts parts = { .key = pkcs8 };
	struct obol_bundle *bundle = NULL;
	enum obol_bundle_fault fault;
	size_t i;

	for (i = 0; i < 3 && chain[i]; i++)
	{
		parts.chain[parts.n_chain++] = test_certificate_der(chain[i], der[i]);
	}
	for (i = 0; i < 3 && cas[i]; i++)
	{
		parts.cas[parts.n_cas++] = test_certificate_der(cas[i], der[3 + i]);
	}
	ck_assert_int_eq(obol_bundle_new(&parts, &bundle), OBOL_OK);
	fault = obol_bundle_check(bundle, now);
	obol_bundle_free(bundle);
	obol_secret_free(pkcs8);
	return fault;
}

#define CHAIN(...)                                                             \
	(X509 *const[3])                                                           \
	{                                                                          \
		__VA_ARGS__                                                            \
	}

static uint64_t now_s(void)
{
	return (uint64_t)time(NULL);
}

/* What VPN clients' certificates look like: none of it may stand in the way. */
static const struct test_cert good[] = {
	{ .cn = "alice" },
	{ .san = "email:alice@vpn.example.org" },
	{ .san = "DNS:alice.example.org",
	  .key_usage = "critical,digitalSignature",
	  .ext_key_usage = "clientAuth" },
	{ .ext_key_usage = "serverAuth" },
	/* id-kp-ipsecIKE, RFC 4945 */
	{ .ext_key_usage = "1.3.6.1.5.5.7.3.17" },
	{ .ext_key_usage = "critical,1.3.6.1.5.5.7.3.17,clientAuth" },
	{ .key_usage = "critical,nonRepudiation" },
};

START_TEST(good_row)
{
	struct test_identity own;

	test_identity_init(&own, &good[_i], &root);
	ck_assert_int_eq(check(own.key, now_s(), CHAIN(own.certificate),
						   CHAIN(root.certificate)),
					 OBOL_BUNDLE_GOOD);
	test_identity_clear(&own);
	test_identity_init(&own, &good[_i], &intermediate);
	ck_assert_int_eq(check(own.key, now_s(),
						   CHAIN(own.certificate, intermediate.certificate),
						   CHAIN(other_root.certificate, root.certificate)),
					 OBOL_BUNDLE_GOOD);
	test_identity_clear(&own);
}
END_TEST

static const char *const key_types[] = { "EC", "RSA", "ED25519" };

START_TEST(key_type)
{
	struct test_cert cert = { .cn = "alice" };
	struct test_identity own, stranger;

	own.key = test_key(key_types[_i]);
	own.certificate = test_certificate(&cert, own.key, &root);
	stranger.key = test_key(key_types[_i]);
	stranger.certificate = test_certificate(&cert, stranger.key, &root);
	ck_assert_int_eq(check(own.key, now_s(), CHAIN(own.certificate),
						   CHAIN(root.certificate)),
					 OBOL_BUNDLE_GOOD);
	ck_assert_int_eq(check(stranger.key, now_s(), CHAIN(own.certificate),
						   CHAIN(root.certificate)),
					 OBOL_BUNDLE_KEY_MISMATCH);
	/* another kind of key altogether */
	ck_assert_int_eq(check(_i == 0 ? stranger.key : root.key, now_s(),
						   CHAIN(own.certificate), CHAIN(root.certificate)),
					 OBOL_BUNDLE_KEY_MISMATCH);
	test_identity_clear(&own);
	test_identity_clear(&stranger);
}
END_TEST

/* The public key that stands beside the private one in PKCS#8 is the
 * certificate's, but the private one is another's. */
START_TEST(public_half_swapped)
{
	struct test_cert cert = { .cn = "alice" };
	struct test_identity own, stranger;
	struct obol_secret *pkcs8, *swapped;
	struct obol_bundle *bundle = NULL;
	struct obol_bundle_parts parts = { .n_chain = 1, .n_cas = 1 };
	uint8_t der[2][TEST_DER_MAX];
	size_t len;

	test_identity_init(&own, &cert, &root);
	test_identity_init(&stranger, &cert, &root);
	pkcs8 = test_key_der(own.key);
	swapped = test_key_der(stranger.key);
	/* for P-256 the public point is the encoding's last 64 bytes */
	len = obol_secret_len(pkcs8);
	ck_assert_uint_eq(obol_secret_len(swapped), len);
	memcpy(obol_secret_ptr(swapped) + len - 64,
		   obol_secret_view(pkcs8).ptr + len - 64, 64);
	parts.key = swapped;
	parts.chain[0] = test_certificate_der(own.certificate, der[0]);
	parts.cas[0] = test_certificate_der(root.certificate, der[1]);
	ck_assert_int_eq(obol_bundle_new(&parts, &bundle), OBOL_OK);
	ck_assert_int_eq(obol_bundle_check(bundle, now_s()),
					 OBOL_BUNDLE_KEY_MISMATCH);
	obol_bundle_free(bundle);
	obol_secret_free(pkcs8);
	obol_secret_free(swapped);
	test_identity_clear(&own);
	test_identity_clear(&stranger);
}
END_TEST

START_TEST(chain_faults)
{
	struct test_cert cert = { .cn = "alice" };
	struct test_cert odd = { .cn = "alice", .critical_unknown = true };
	struct test_cert no_ca = { .cn = "no ca" };
	struct test_identity own, below, strange, fake, below_fake;

	test_identity_init(&own, &cert, &root);
	test_identity_init(&below, &cert, &intermediate);
	test_identity_init(&strange, &odd, &root);
	test_identity_init(&fake, &no_ca, &root);
	test_identity_init(&below_fake, &cert, &fake);

	/* no CA, another CA of the same name, the intermediate missing */
	ck_assert_int_eq(
		check(own.key, now_s(), CHAIN(own.certificate), CHAIN(NULL)),
		OBOL_BUNDLE_CHAIN);
	ck_assert_int_eq(check(own.key, now_s(), CHAIN(own.certificate),
						   CHAIN(other_root.certificate)),
					 OBOL_BUNDLE_CHAIN);
	ck_assert_int_eq(check(below.key, now_s(), CHAIN(below.certificate),
						   CHAIN(root.certificate)),
					 OBOL_BUNDLE_CHAIN);
	/* a CA that is not self-signed is no end of a chain, but a link in it */
	ck_assert_int_eq(check(below.key, now_s(), CHAIN(below.certificate),
						   CHAIN(intermediate.certificate)),
					 OBOL_BUNDLE_CHAIN);
	ck_assert_int_eq(check(below.key, now_s(), CHAIN(below.certificate),
						   CHAIN(intermediate.certificate, root.certificate)),
					 OBOL_BUNDLE_GOOD);
	/* the root in the chain is not trusted for that */
	ck_assert_int_eq(check(own.key, now_s(),
						   CHAIN(own.certificate, root.certificate),
						   CHAIN(NULL)),
					 OBOL_BUNDLE_CHAIN);
	/* who is no CA signs nothing */
	ck_assert_int_eq(check(below_fake.key, now_s(),
						   CHAIN(below_fake.certificate, fake.certificate),
						   CHAIN(root.certificate)),
					 OBOL_BUNDLE_CHAIN);
	/* nobody knows what the critical extension asks for */
	ck_assert_int_eq(check(strange.key, now_s(), CHAIN(strange.certificate),
						   CHAIN(root.certificate)),
					 OBOL_BUNDLE_CHAIN);

	test_identity_clear(&own);
	test_identity_clear(&below);
	test_identity_clear(&strange);
	test_identity_clear(&fake);
	test_identity_clear(&below_fake);
}
END_TEST

/* A self-signed certificate without CA:TRUE, own certificate or not. */
START_TEST(self_signed_no_ca)
{
	struct test_cert cert = { .cn = "selfish" };
	struct test_identity own;

	test_identity_init(&own, &cert, NULL);
	ck_assert_int_eq(
		check(own.key, now_s(), CHAIN(own.certificate), CHAIN(own.certificate)),
		OBOL_BUNDLE_CHAIN);
	test_identity_clear(&own);
}
END_TEST

START_TEST(dates)
{
	uint64_t now = now_s();
	struct test_cert cert = { .cn = "alice",
							  .not_before = (int64_t)now - DAY,
							  .not_after = (int64_t)now + DAY };
	struct test_cert ca = { .cn = "short root",
							.ca = true,
							.not_before = (int64_t)now - DAY / 2,
							.not_after = (int64_t)now + DAY / 2 };
	struct test_identity own, short_root, below;

	test_identity_init(&own, &cert, &root);
	test_identity_init(&short_root, &ca, NULL);
	test_identity_init(&below, &cert, &short_root);
#define AT(identity, ca_certificate, when)                                     \
	check((identity).key, (when), CHAIN((identity).certificate),               \
		  CHAIN(ca_certificate))
	ck_assert_int_eq(AT(own, root.certificate, now), OBOL_BUNDLE_GOOD);
	ck_assert_int_eq(AT(own, root.certificate, now + DAY + 2),
					 OBOL_BUNDLE_EXPIRED);
	ck_assert_int_eq(AT(own, root.certificate, now - DAY - 2),
					 OBOL_BUNDLE_NOT_YET_VALID);
	/* a clock that was never set, and one far out */
	ck_assert_int_eq(AT(own, root.certificate, 0), OBOL_BUNDLE_NOT_YET_VALID);
	ck_assert_int_eq(AT(own, root.certificate, UINT64_MAX),
					 OBOL_BUNDLE_EXPIRED);
	/* the CA's own dates count as well */
	ck_assert_int_eq(AT(below, short_root.certificate, now), OBOL_BUNDLE_GOOD);
	ck_assert_int_eq(AT(below, short_root.certificate, now + 3 * DAY / 4),
					 OBOL_BUNDLE_EXPIRED);
	ck_assert_int_eq(AT(below, short_root.certificate, now - 3 * DAY / 4),
					 OBOL_BUNDLE_NOT_YET_VALID);
	/* a bad chain is said before bad dates */
	ck_assert_int_eq(AT(own, other_root.certificate, now + DAY + 2),
					 OBOL_BUNDLE_CHAIN);
#undef AT
	test_identity_clear(&own);
	test_identity_clear(&short_root);
	test_identity_clear(&below);
}
END_TEST

/* A renewed root of the same name and key beside its expired predecessor. */
START_TEST(renewed_root)
{
	int64_t now = (int64_t)now_s();
	struct test_cert cert = { .cn = "alice" };
	struct test_cert old = { .cn = "root",
							 .ca = true,
							 .not_before = now - 2 * DAY,
							 .not_after = now - DAY };
	struct test_identity own;
	X509 *expired = test_certificate(&old, root.key, NULL);

	test_identity_init(&own, &cert, &root);
	ck_assert_int_eq(check(own.key, now_s(), CHAIN(own.certificate),
						   CHAIN(expired, root.certificate)),
					 OBOL_BUNDLE_GOOD);
	ck_assert_int_eq(
		check(own.key, now_s(), CHAIN(own.certificate), CHAIN(expired)),
		OBOL_BUNDLE_EXPIRED);
	X509_free(expired);
	test_identity_clear(&own);
}
END_TEST

/* What to spoil in a bundle that is good otherwise. */
enum spoiled {
	NOTHING,
	KEY_TAIL,
	KEY_CUT,
	OWN_TAIL,
	OWN_CUT,
	LINK_TAIL,
	CA_TAIL,
	CA_NOISE,
};

static enum obol_bundle_fault check_spoiled(enum spoiled what)
{
	struct test_cert cert = { .cn = "alice" };
	uint8_t der[3][TEST_DER_MAX] = { { 0 } };
	struct obol_secret *pkcs8, *key;
	struct obol_bundle_parts parts = { .n_chain = 2, .n_cas = 1 };
	struct obol_bundle *bundle = NULL;
	enum obol_bundle_fault fault;
	struct test_identity own;

	test_identity_init(&own, &cert, &intermediate);
	pkcs8 = test_key_der(own.key);
	key = obol_secret_new(obol_secret_len(pkcs8) + 1);
	memcpy(obol_secret_ptr(key), obol_secret_view(pkcs8).ptr,
		   obol_secret_len(pkcs8));
	obol_secret_cut(key, obol_secret_len(pkcs8) + (what == KEY_TAIL) -
							 (what == KEY_CUT));
	parts.key = key;
	parts.chain[0] = test_certificate_der(own.certificate, der[0]);
	parts.chain[1] = test_certificate_der(intermediate.certificate, der[1]);
	parts.cas[0] = test_certificate_der(root.certificate, der[2]);
	parts.chain[0].len += (what == OWN_TAIL);
	parts.chain[0].len -= (what == OWN_CUT);
	parts.chain[1].len += (what == LINK_TAIL);
	parts.cas[0].len += (what == CA_TAIL);
	if (what == CA_NOISE)
	{
		parts.cas[0] = obol_bytes_str("no certificate");
	}
	ck_assert_int_eq(obol_bundle_new(&parts, &bundle), OBOL_OK);
	fault = obol_bundle_check(bundle, now_s());
	obol_bundle_free(bundle);
	obol_secret_free(key);
	obol_secret_free(pkcs8);
	test_identity_clear(&own);
	return fault;
}

START_TEST(malformed)
{
	ck_assert_int_eq(check_spoiled((enum spoiled)_i),
					 _i == NOTHING ? OBOL_BUNDLE_GOOD : OBOL_BUNDLE_MALFORMED);
}
END_TEST

START_TEST(validity)
{
	struct test_cert cert = { .not_before = 1577836800, /* 2020-01-01 */
							  .not_after = 4102444800 /* 2100-01-01 */ };
	struct obol_bundle_parts parts = { .n_chain = 1 };
	struct obol_bundle *bundle = NULL;
	uint8_t der[TEST_DER_MAX];
	struct test_identity own;
	struct obol_secret *key;

	test_identity_init(&own, &cert, &root);
	key = test_key_der(own.key);
	parts.key = key;
	parts.chain[0] = test_certificate_der(own.certificate, der);
	ck_assert_int_eq(obol_bundle_new(&parts, &bundle), OBOL_OK);
	ck_assert(obol_bundle_not_before(bundle) == 1577836800);
	ck_assert(obol_bundle_not_after(bundle) == 4102444800);
	obol_bundle_free(bundle);
	obol_secret_free(key);
	test_identity_clear(&own);
}
END_TEST

/* Moments of renewal, in seconds after the beginning of the certificate's
 * life; the hour by which it is dated back is none of it. */
static const struct renewal_row {
	int64_t not_before;
	int64_t not_after;
	uint64_t middle;
	uint64_t tenth;
} renewals[] = {
	/* ten minutes, dated back */
	{ 1000000000, 1000003600 + 600, 1000003600 + 400, 60 },
	/* thirty days */
	{ 1000000000, 1000003600 + 30 * DAY, 1000003600 + 20 * DAY, 3 * DAY },
	/* not dated back, or less than that */
	{ 1000000000, 1000000600, 1000000400, 60 },
	{ 1000000000, 1000003600, 1000002400, 360 },
};

START_TEST(test_renewal)
{
	const struct renewal_row *row = &renewals[_i];
	struct test_cert cert = { .not_before = row->not_before,
							  .not_after = row->not_after };
	struct test_identity own;
	struct obol_secret *pkcs8;
	struct obol_bundle_parts parts = { .n_chain = 1, .n_cas = 1 };
	struct obol_bundle *bundle = NULL;
	uint8_t der[2][TEST_DER_MAX], device[16] = { 0 };
	uint64_t at, first, last;

	test_identity_init(&own, &cert, &root);
	pkcs8 = test_key_der(own.key);
	parts.key = pkcs8;
	parts.chain[0] = test_certificate_der(own.certificate, der[0]);
	parts.cas[0] = test_certificate_der(root.certificate, der[1]);
	ck_assert_int_eq(obol_bundle_new(&parts, &bundle), OBOL_OK);
	ck_assert_uint_eq(obol_bundle_renew_at(bundle, NULL), row->middle);
	first = last = obol_bundle_renew_at(bundle, device);
	do
	{
		at = obol_bundle_renew_at(bundle, device);
		ck_assert_uint_eq(at, obol_bundle_renew_at(bundle, device));
		ck_assert_uint_ge(at, row->middle - row->tenth);
		ck_assert_uint_le(at, row->middle + row->tenth);
		first = at < first ? at : first;
		last = at > last ? at : last;
	} while (++device[3]);
	/* they spread over all of it */
	ck_assert_uint_lt(first, row->middle - row->tenth * 9 / 10);
	ck_assert_uint_gt(last, row->middle + row->tenth * 9 / 10);
	obol_bundle_free(bundle);
	obol_secret_free(pkcs8);
	test_identity_clear(&own);
}
END_TEST

Suite *bundle_check_suite(void)
{
	Suite *suite = suite_create("bundle_check");
	TCase *tc = tcase_create("bundle_check");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, good_row, 0, (int)(sizeof(good) / sizeof(good[0])));
	tcase_add_loop_test(tc, key_type, 0, 3);
	tcase_add_loop_test(tc, test_renewal, 0,
						sizeof(renewals) / sizeof(renewals[0]));
	tcase_add_test(tc, public_half_swapped);
	tcase_add_test(tc, chain_faults);
	tcase_add_test(tc, self_signed_no_ca);
	tcase_add_test(tc, dates);
	tcase_add_test(tc, renewed_root);
	tcase_add_loop_test(tc, malformed, NOTHING, CA_NOISE + 1);
	tcase_add_test(tc, validity);
	suite_add_tcase(suite, tc);
	return suite;
}
