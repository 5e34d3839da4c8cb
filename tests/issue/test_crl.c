/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Revocation lists: what is in them, who may sign them. */
#include "issue/issuer.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/driven_clock.h"
#include "support/run.h"
#include "support/tempdir.h"
#include "support/test_ca.h"

Suite *issue_crl_suite(void);

#define NOW 1800000000
#define DAY 86400

static struct tempdir dir;
static struct driven_clock clock_;
static struct obol_issuer *issuer;

static void open_issuer(void)
{
	struct obol_issuer_file_options options = {
		.certificate_path = tempdir_file(&dir, "ca.crt"),
		.key_path = tempdir_file(&dir, "ca.key"),
		.rng = obol_rng_system(),
		.clock = &clock_.clock,
	};
	char why[256] = "";

	ck_assert_msg(obol_issuer_file_new(&options, &issuer, why, sizeof(why)) ==
					  OBOL_OK,
				  "%s", why);
}

static void setup(void)
{
	char why[256];

	tempdir_init(&dir);
	driven_clock_init(&clock_, NOW);
	ck_assert_int_eq(obol_ca_create("Test CA", 100 * DAY,
									tempdir_file(&dir, "ca.crt"),
									tempdir_file(&dir, "ca.key"), &clock_.clock,
									why, sizeof(why)),
					 OBOL_OK);
	open_issuer();
}

static void teardown(void)
{
	obol_issuer_free(issuer);
	tempdir_clear(&dir);
}

/** Serial number 7f0102 and so on, the last byte being given. */
static struct obol_crl_entry entry(uint8_t last, uint8_t reason)
{
	struct obol_crl_entry made = { .serial = { 0xff, 1, last },
								   .serial_len = 3,
								   .reason = reason,
								   .revoked_at = NOW - 100 };

	return made;
}

static X509_CRL *sign(const struct obol_crl_parts *parts)
{
	const unsigned char *pos;
	uint8_t *der = NULL;
	X509_CRL *crl;
	size_t len = 0;

	ck_assert_int_eq(issuer->sign_crl(issuer, parts, &der, &len), OBOL_OK);
	pos = der;
	crl = d2i_X509_CRL(NULL, &pos, (long)len);
	ck_assert_ptr_nonnull(crl);
	ck_assert_ptr_eq(pos, der + len);
	free(der);
	return crl;
}

static X509 *ca(void)
{
	const unsigned char *pos = issuer->cas[0].ptr;
	X509 *x = d2i_X509(NULL, &pos, (long)issuer->cas[0].len);

	ck_assert_ptr_nonnull(x);
	return x;
}

static long reason_of(X509_REVOKED *revoked)
{
	ASN1_ENUMERATED *code =
		X509_REVOKED_get_ext_d2i(revoked, NID_crl_reason, NULL, NULL);
	long reason = code ? ASN1_ENUMERATED_get(code) : -1;

	ASN1_ENUMERATED_free(code);
	return reason;
}

START_TEST(has_what_was_revoked)
{
	struct obol_crl_entry entries[3] = { entry(2, 1), entry(3, 0),
										 entry(4, 9) };
	struct obol_crl_parts parts = { .number = ((uint64_t)1 << 33) + 5,
									.this_update = NOW,
									.next_update = NOW + DAY,
									.n_entries = 3,
									.entries = entries };
	X509_CRL *crl = sign(&parts);
	X509 *x = ca();
	const ASN1_OCTET_STRING *skid = X509_get0_subject_key_id(x);
	ASN1_INTEGER *number =
		X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
	AUTHORITY_KEYID *akid =
		X509_CRL_get_ext_d2i(crl, NID_authority_key_identifier, NULL, NULL);
	STACK_OF(X509_REVOKED) *list = X509_CRL_get_REVOKED(crl);
	uint64_t value = 0;
	struct tm tm;
	BIGNUM *bn;
	char *hex;

	ck_assert_int_eq(X509_CRL_get_version(crl), X509_CRL_VERSION_2);
	ck_assert_int_eq(X509_CRL_verify(crl, X509_get0_pubkey(x)), 1);
	ck_assert_int_eq(
		X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(x)), 0);
	ck_assert_int_eq(ASN1_INTEGER_get_uint64(&value, number), 1);
	ck_assert_uint_eq(value, parts.number);
	ck_assert_int_eq(ASN1_OCTET_STRING_cmp(akid->keyid, skid), 0);
	ck_assert_int_eq(ASN1_TIME_to_tm(X509_CRL_get0_lastUpdate(crl), &tm), 1);
	ck_assert_int_eq(timegm(&tm), NOW);
	ck_assert_int_eq(ASN1_TIME_to_tm(X509_CRL_get0_nextUpdate(crl), &tm), 1);
	ck_assert_int_eq(timegm(&tm), NOW + DAY);
	ck_assert_int_eq(sk_X509_REVOKED_num(list), 3);
	ck_assert_int_eq(reason_of(sk_X509_REVOKED_value(list, 0)), 1);
	/* RFC 5280, 5.3.1: unspecified is said by saying nothing */
	ck_assert_int_eq(reason_of(sk_X509_REVOKED_value(list, 1)), -1);
	ck_assert_int_eq(reason_of(sk_X509_REVOKED_value(list, 2)), 9);
	/* positive, though its first bit is set */
	bn = ASN1_INTEGER_to_BN(
		X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(list, 0)), NULL);
	hex = BN_bn2hex(bn);
	ck_assert_str_eq(hex, "FF0102");
	OPENSSL_free(hex);
	BN_free(bn);
	ck_assert_int_eq(ASN1_TIME_to_tm(X509_REVOKED_get0_revocationDate(
										 sk_X509_REVOKED_value(list, 0)),
									 &tm),
					 1);
	ck_assert_int_eq(timegm(&tm), NOW - 100);
	AUTHORITY_KEYID_free(akid);
	ASN1_INTEGER_free(number);
	X509_free(x);
	X509_CRL_free(crl);
}
END_TEST

START_TEST(may_be_empty)
{
	struct obol_crl_parts parts = { .number = 1,
									.this_update = NOW,
									.next_update = NOW + DAY };
	X509_CRL *crl = sign(&parts);

	ck_assert_int_eq(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)) > 0, 0);
	X509_CRL_free(crl);
}
END_TEST

START_TEST(refuses_what_is_no_serial_number)
{
	struct obol_crl_entry bad = entry(1, 0);
	struct obol_crl_parts parts = { .number = 1,
									.this_update = NOW,
									.next_update = NOW + DAY,
									.n_entries = 1,
									.entries = &bad };
	uint8_t *der = NULL;
	size_t len = 0;

	bad.serial_len = 0;
	ck_assert_int_eq(issuer->sign_crl(issuer, &parts, &der, &len),
					 OBOL_ERR_ARG);
	bad.serial_len = 21;
	ck_assert_int_eq(issuer->sign_crl(issuer, &parts, &der, &len),
					 OBOL_ERR_ARG);
	ck_assert_ptr_null(der);
}
END_TEST

/* The year 10000 is none: the asker's fault, and not the key's. */
START_TEST(refuses_what_is_no_time)
{
	static const uint64_t none = UINT64_C(253402300800);
	struct obol_crl_entry one = entry(1, 0);
	struct obol_crl_parts parts[3] = {
		{ .number = 1, .this_update = none, .next_update = none + 1 },
		{ .number = 1, .this_update = NOW, .next_update = UINT64_MAX },
		{ .number = 1,
		  .this_update = NOW,
		  .next_update = none - 1,
		  .n_entries = 1,
		  .entries = &one },
	};
	uint8_t *der = NULL;
	size_t len = 0;

	one.revoked_at = none;
	ck_assert_int_eq(issuer->sign_crl(issuer, &parts[_i], &der, &len),
					 OBOL_ERR_ARG);
	ck_assert_ptr_null(der);
	one.revoked_at = none - 1;
	X509_CRL_free(sign(&parts[2]));
}
END_TEST

/* A CA that an operator brought may issue, and not be allowed to revoke. */
START_TEST(needs_the_right_to)
{
	struct test_cert cert = { .ca = true,
							  .key_usage = "critical,keyCertSign",
							  .not_before = NOW - DAY,
							  .not_after = NOW + 100 * DAY };
	struct obol_crl_parts parts = { .number = 1,
									.this_update = NOW,
									.next_update = NOW + DAY };
	struct test_identity identity;
	uint8_t *der = NULL;
	size_t len = 0;
	FILE *f;

	test_identity_init(&identity, &cert, NULL);
	f = fopen(tempdir_file(&dir, "ca.crt"), "w");
	ck_assert_int_eq(PEM_write_X509(f, identity.certificate), 1);
	ck_assert_int_eq(fclose(f), 0);
	f = fopen(tempdir_file(&dir, "ca.key"), "w");
	ck_assert_int_eq(
		PEM_write_PrivateKey(f, identity.key, NULL, NULL, 0, NULL, NULL), 1);
	ck_assert_int_eq(fclose(f), 0);
	obol_issuer_free(issuer);
	open_issuer();
	ck_assert_int_eq(issuer->sign_crl(issuer, &parts, &der, &len),
					 OBOL_ERR_DENIED);
	ck_assert_ptr_null(der);
	test_identity_clear(&identity);
}
END_TEST

START_TEST(uri)
{
	static const struct {
		const char *uri;
		bool usable;
	} rows[] = {
		{ "http://vpn.example.org/crl", true },
		{ "https://vpn.example.org:8443/crl?a=b", true },
		{ "", false },
		{ "vpn.example.org/crl", false },
		{ "file:///etc/crl", false },
		{ "http://vpn.example.org/a b", false },
		{ "http://vpn.example.org/a,URI:b", false },
		{ "http://vpn.example.org/a;b", false },
		{ "http://vpn.example.org/\x7f", false },
		{ "http://vpn.example.org/\xc3\xa4", false },
	};
	char text[OBOL_URI_MAX + 2];

	ck_assert_msg(obol_issuer_uri_is_usable(rows[_i].uri) == rows[_i].usable,
				  "%s", rows[_i].uri);
	memset(text, 'a', sizeof(text));
	memcpy(text, "http://", 7);
	text[OBOL_URI_MAX + 1] = '\0';
	ck_assert(!obol_issuer_uri_is_usable(text));
	text[OBOL_URI_MAX] = '\0';
	ck_assert(obol_issuer_uri_is_usable(text));
}
END_TEST

START_TEST(issued_with_distribution_point)
{
	struct obol_certificate_profile profile = {
		.common_name = "alice",
		.lifetime_s = DAY,
		.crl_uri = _i ? "http://vpn.example.org/crl" : NULL,
	};
	struct obol_issued issued = { .certificate = NULL };
	EVP_PKEY *key = test_key("EC");
	STACK_OF(DIST_POINT) * points;
	const unsigned char *pos;
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(key, &der);
	X509 *x;

	ck_assert_int_eq(
		issuer->issue(issuer, obol_bytes(der, (size_t)len), &profile, &issued),
		OBOL_OK);
	pos = issued.certificate;
	x = d2i_X509(NULL, &pos, (long)issued.certificate_len);
	points = X509_get_ext_d2i(x, NID_crl_distribution_points, NULL, NULL);
	ck_assert_int_eq(points != NULL, _i);
	if (points)
	{
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(
			sk_DIST_POINT_value(points, 0)->distpoint->name.fullname, 0);

		ck_assert_int_eq(name->type, GEN_URI);
		ck_assert_str_eq((const char *)ASN1_STRING_get0_data(
							 name->d.uniformResourceIdentifier),
						 profile.crl_uri);
	}
	sk_DIST_POINT_pop_free(points, DIST_POINT_free);
	X509_free(x);
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	obol_issued_clear(&issued);
}
END_TEST

Suite *issue_crl_suite(void)
{
	Suite *suite = suite_create("issue: crl");
	TCase *tc = tcase_create("crl");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, has_what_was_revoked);
	tcase_add_test(tc, may_be_empty);
	tcase_add_test(tc, refuses_what_is_no_serial_number);
	tcase_add_loop_test(tc, refuses_what_is_no_time, 0, 3);
	tcase_add_test(tc, needs_the_right_to);
	tcase_add_loop_test(tc, uri, 0, 10);
	tcase_add_loop_test(tc, issued_with_distribution_point, 0, 2);
	suite_add_tcase(suite, tc);
	return suite;
}
