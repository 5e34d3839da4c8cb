/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The self-made TLS certificate and its renewal. */
#include "issue/tls_self.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <sys/stat.h>

#include "issue/certificate.h"
#include "issue/pem.h"
#include "support/driven_clock.h"
#include "support/run.h"
#include "support/tempdir.h"

#define NOW 1800000000
#define DAY 86400

static struct tempdir dir;
static struct driven_clock clock_;
static char why[256];

static void setup(void)
{
	tempdir_init(&dir);
	driven_clock_init(&clock_, NOW);
	ck_assert_int_eq(obol_tls_self_create("vpn.example.org", 90 * DAY,
										  tempdir_file(&dir, "tls.crt"),
										  tempdir_file(&dir, "tls.key"),
										  &clock_.clock, why, sizeof(why)),
					 OBOL_OK);
}

static void teardown(void)
{
	tempdir_clear(&dir);
}

static X509 *load(void)
{
	X509 *x = NULL;
	size_t n;

	ck_assert_int_eq(obol_pem_read_certificates(tempdir_file(&dir, "tls.crt"),
												1, &x, &n, why, sizeof(why)),
					 OBOL_OK);
	return x;
}

static enum obol_status renew(bool *renewed)
{
	return obol_tls_self_renew("vpn.example.org", tempdir_file(&dir, "tls.crt"),
							   tempdir_file(&dir, "tls.key"), &clock_.clock,
							   renewed, why, sizeof(why));
}

START_TEST(test_create)
{
	X509 *x = load();
	struct stat st;

	ck_assert_int_eq(X509_check_host(x, "vpn.example.org", 0, 0, NULL), 1);
	ck_assert(obol_certificate_is_self_signed(x));
	ck_assert_uint_eq(obol_certificate_time(X509_get0_notAfter(x)),
					  NOW + 90 * DAY);
	ck_assert_int_eq(stat(tempdir_file(&dir, "tls.key"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	X509_free(x);
}
END_TEST

START_TEST(test_names)
{
	static const struct {
		const char *name;
		enum obol_status status;
	} rows[] = {
		{ "192.0.2.7", OBOL_OK },
		{ "2001:db8::7", OBOL_OK },
		{ "a-name-that-is-longer-than-a-common-name-may-be.but-not-too-long-"
		  "for-a-host.example.org",
		  OBOL_OK },
		{ "*.example.org", OBOL_ERR_ARG },
		{ "", OBOL_ERR_ARG },
		{ "a b", OBOL_ERR_ARG },
	};
	char crt[16], key[16];

	(void)snprintf(crt, sizeof(crt), "%d.crt", _i);
	(void)snprintf(key, sizeof(key), "%d.key", _i);
	ck_assert_msg(obol_tls_self_create(rows[_i].name, DAY,
									   tempdir_file(&dir, crt),
									   tempdir_file(&dir, key), &clock_.clock,
									   why, sizeof(why)) == rows[_i].status,
				  "%s", rows[_i].name);
}
END_TEST

START_TEST(test_renew_in_the_last_third)
{
	X509 *before = load(), *after;
	bool renewed = true;

	ck_assert_int_eq(renew(&renewed), OBOL_OK);
	ck_assert(!renewed);
	driven_clock_pass(&clock_, 59 * DAY);
	ck_assert_int_eq(renew(&renewed), OBOL_OK);
	ck_assert(!renewed);
	driven_clock_pass(&clock_, 2 * DAY);
	ck_assert_msg(renew(&renewed) == OBOL_OK, "%s", why);
	ck_assert(renewed);
	after = load();
	/* the same key: pins hold */
	ck_assert_int_eq(
		EVP_PKEY_eq(X509_get0_pubkey(before), X509_get0_pubkey(after)), 1);
	ck_assert_uint_eq(obol_certificate_time(X509_get0_notAfter(after)),
					  NOW + 151 * DAY);
	ck_assert_int_eq(renew(&renewed), OBOL_OK);
	ck_assert(!renewed);
	X509_free(after);
	X509_free(before);
}
END_TEST

START_TEST(test_renew_refusals)
{
	bool renewed = true;
	char text[4096];
	size_t len;

	/* another key: nothing is written */
	driven_clock_pass(&clock_, 80 * DAY);
	ck_assert_int_eq(obol_tls_self_create("b", DAY, tempdir_file(&dir, "b.crt"),
										  tempdir_file(&dir, "b.key"),
										  &clock_.clock, why, sizeof(why)),
					 OBOL_OK);
	ck_assert_int_eq(
		obol_tls_self_renew("vpn.example.org", tempdir_file(&dir, "tls.crt"),
							tempdir_file(&dir, "b.key"), &clock_.clock,
							&renewed, why, sizeof(why)),
		OBOL_ERR_ARG);
	ck_assert(!renewed);
	/* an operator's chain is left alone */
	len = tempdir_read(&dir, "b.crt", text, sizeof(text));
	tempdir_write(&dir, "chain", text, len, 0644);
	len += tempdir_read(&dir, "tls.crt", text + len, sizeof(text) - len);
	tempdir_write(&dir, "chain", text, len, 0644);
	ck_assert_int_eq(
		obol_tls_self_renew("vpn.example.org", tempdir_file(&dir, "chain"),
							tempdir_file(&dir, "b.key"), &clock_.clock,
							&renewed, why, sizeof(why)),
		OBOL_OK);
	ck_assert(!renewed);
}
END_TEST

Suite *tls_self_suite(void);

Suite *tls_self_suite(void)
{
	Suite *s = suite_create("tls_self");
	TCase *tc = tcase_create("tls_self");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_create);
	tcase_add_loop_test(tc, test_names, 0, 6);
	tcase_add_test(tc, test_renew_in_the_last_third);
	tcase_add_test(tc, test_renew_refusals);
	suite_add_tcase(s, tc);
	return s;
}
