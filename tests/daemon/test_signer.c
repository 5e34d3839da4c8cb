/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The signer, with askers that are honest. */
#include "signer_fixture.h"

#include <stdlib.h>
#include <unistd.h>

#include <openssl/x509.h>

#include "support/run.h"

static X509 *parse(struct obol_bytes der)
{
	const unsigned char *pos = der.ptr;
	X509 *x = d2i_X509(NULL, &pos, (long)der.len);

	ck_assert_ptr_nonnull(x);
	return x;
}

START_TEST(test_certificate)
{
	struct obol_issuer *issuer;
	struct obol_issued issued;
	X509 *ca, *x;

	ck_assert(signer_start());
	issuer = signer_link(0);
	ck_assert_uint_eq(issuer->n_cas, 1);
	ck_assert_uint_eq(issuer->n_chain, 0);
	ck_assert_uint_gt(issuer->not_after, obol_now(obol_clock_system()));
	ck_assert_int_eq(signer_issue(issuer, &signer_alice, &issued), OBOL_OK);
	ck_assert_str_eq(issued.subject, "CN=alice; email:alice@example.org");
	ca = parse(issuer->cas[0]);
	x = parse(obol_bytes(issued.certificate, issued.certificate_len));
	ck_assert_int_eq(X509_verify(x, X509_get0_pubkey(ca)), 1);
	X509_free(x);
	X509_free(ca);
	obol_issued_clear(&issued);
	obol_issuer_free(issuer);
	ck_assert_int_eq(signer_end(), 0);
}
END_TEST

START_TEST(test_subject_with_attributes)
{
	static const struct obol_certificate_attribute attributes[] = {
		{ "O", "Example" }, { "CN", "alice" }
	};
	struct obol_certificate_profile profile = signer_alice;
	struct obol_issuer *issuer;
	struct obol_issued issued;

	profile.n_attributes = 2;
	profile.attributes = attributes;
	profile.n_sans = 2;
	profile.sans[1] = "alice.users.example.org";
	profile.crl_uri = NULL;
	ck_assert(signer_start());
	issuer = signer_link(1);
	ck_assert_int_eq(signer_issue(issuer, &profile, &issued), OBOL_OK);
	ck_assert_ptr_nonnull(strstr(issued.subject, "O=Example"));
	ck_assert_ptr_nonnull(strstr(issued.subject, "alice.users.example.org"));
	obol_issued_clear(&issued);
	obol_issuer_free(issuer);
}
END_TEST

/* More entries than one request takes, and more bytes than one answer. */
START_TEST(test_revocation_list)
{
	static struct obol_crl_entry entries[3500];
	size_t n = _i ? sizeof(entries) / sizeof(entries[0]) : 0, i, len = 0;
	uint64_t now = obol_now(obol_clock_system());
	struct obol_crl_parts parts = {
		.number = 7,
		.this_update = now,
		.next_update = now + SIGNER_DAY,
		.n_entries = n,
		.entries = entries,
	};
	struct obol_issuer *issuer;
	uint8_t *der = NULL;
	const unsigned char *pos;
	X509_CRL *crl;
	X509 *ca;

	for (i = 0; i < n; i++)
	{
		entries[i].serial[0] = 1;
		memcpy(entries[i].serial + 1, &i, sizeof(i));
		entries[i].serial_len = 16;
		entries[i].revoked_at = now - 60;
	}
	ck_assert(signer_start());
	issuer = signer_link(SIGNER_PUBLISHER);
	ck_assert_int_eq(issuer->sign_crl(issuer, &parts, &der, &len), OBOL_OK);
	pos = der;
	crl = d2i_X509_CRL(NULL, &pos, (long)len);
	ck_assert_ptr_nonnull(crl);
	ck_assert_ptr_eq(pos, der + len);
	ca = parse(issuer->cas[0]);
	ck_assert_int_eq(X509_CRL_verify(crl, X509_get0_pubkey(ca)), 1);
	ck_assert_int_eq(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)) < 0
						 ? 0
						 : sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)),
					 (int)n);
	X509_CRL_free(crl);
	X509_free(ca);
	free(der);
	obol_issuer_free(issuer);
}
END_TEST

/* The CA before signs revocation lists and nothing else. */
START_TEST(test_ca_before)
{
	uint64_t now = obol_now(obol_clock_system());
	struct obol_crl_parts parts = { .number = 1,
									.this_update = now,
									.next_update = now + SIGNER_DAY };
	struct obol_issuer *issuer, *publisher, *old = NULL;
	struct obol_issued issued;
	uint8_t *der = NULL;
	const unsigned char *pos;
	char why[256];
	X509_CRL *crl;
	size_t len = 0;
	X509 *ca;

	ck_assert(signer_start());
	ck_assert_int_eq(obol_signer_link_new(signer_fixture.asks[0],
										  OBOL_SIGNER_BEFORE, obol_rng_system(),
										  &old),
					 OBOL_ERR_ARG);
	signer_kill();
	ck_assert_int_eq(
		obol_ca_create("CA before", 100 * SIGNER_DAY,
					   tempdir_file(&signer_fixture.dir, "ca-old.crt"),
					   tempdir_file(&signer_fixture.dir, "ca-old.key"),
					   obol_clock_system(), why, sizeof(why)),
		OBOL_OK);
	ck_assert(signer_start());
	issuer = signer_link(0);
	ck_assert_int_eq(obol_signer_link_new(signer_fixture.asks[0],
										  OBOL_SIGNER_BEFORE, obol_rng_system(),
										  &old),
					 OBOL_OK);
	ck_assert_int_eq(signer_issue(old, &signer_alice, &issued),
					 OBOL_ERR_DENIED);
	ck_assert_int_eq(signer_issue(issuer, &signer_alice, &issued), OBOL_OK);
	obol_issued_clear(&issued);
	obol_issuer_free(old);
	ck_assert_int_eq(obol_signer_link_new(signer_fixture.asks[SIGNER_PUBLISHER],
										  OBOL_SIGNER_BEFORE, obol_rng_system(),
										  &publisher),
					 OBOL_OK);
	ck_assert_int_eq(publisher->sign_crl(publisher, &parts, &der, &len),
					 OBOL_OK);
	pos = der;
	crl = d2i_X509_CRL(NULL, &pos, (long)len);
	ca = parse(publisher->cas[0]);
	ck_assert_int_eq(X509_CRL_verify(crl, X509_get0_pubkey(ca)), 1);
	X509_free(ca);
	X509_CRL_free(crl);
	free(der);
	obol_issuer_free(publisher);
	obol_issuer_free(issuer);
	/* one that cannot be used is told, and nothing else suffers */
	signer_kill();
	ck_assert_int_eq(unlink(tempdir_file(&signer_fixture.dir, "ca-old.key")),
					 0);
	ck_assert(signer_start());
	issuer = signer_link(0);
	old = NULL;
	ck_assert_int_eq(obol_signer_link_new(signer_fixture.asks[0],
										  OBOL_SIGNER_BEFORE, obol_rng_system(),
										  &old),
					 OBOL_ERR_ARG);
	obol_issuer_free(issuer);
}
END_TEST

/* A new signer goes on where the ways are; a stale answer is nobody's. */
START_TEST(test_killed_signer)
{
	struct obol_issuer *issuer, *other;
	struct obol_issued issued;

	ck_assert(signer_start());
	issuer = signer_link(0);
	/* an answer that a dead worker never read */
	ck_assert_int_eq(send(signer_fixture.asks[0], "\x01nonce...", 9, 0), 9);
	signer_kill();
	ck_assert(signer_start());
	ck_assert_int_eq(signer_issue(issuer, &signer_alice, &issued), OBOL_OK);
	obol_issued_clear(&issued);
	other = signer_link(1);
	ck_assert_int_eq(signer_issue(other, &signer_alice, &issued), OBOL_OK);
	obol_issued_clear(&issued);
	obol_issuer_free(other);
	obol_issuer_free(issuer);
}
END_TEST

START_TEST(test_no_signer)
{
	struct obol_issuer *issuer = NULL;

	ck_assert_int_eq(obol_signer_link_new(signer_fixture.asks[0],
										  OBOL_SIGNER_PRESENT,
										  obol_rng_system(), &issuer),
					 OBOL_ERR_IO);
	ck_assert_int_eq(unlink(tempdir_file(&signer_fixture.dir, "ca.key")), 0);
	ck_assert(!signer_start());
	ck_assert_int_eq(signer_end(), EXIT_FAILURE);
}
END_TEST

Suite *signer_suite(void);

Suite *signer_suite(void)
{
	Suite *suite = suite_create("signer");
	TCase *tcase = tcase_create("signer");

	tcase_add_checked_fixture(tcase, signer_setup, signer_teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_certificate);
	tcase_add_test(tcase, test_subject_with_attributes);
	tcase_add_loop_test(tcase, test_revocation_list, 0, 2);
	tcase_add_test(tcase, test_ca_before);
	tcase_add_test(tcase, test_killed_signer);
	tcase_add_test(tcase, test_no_signer);
	suite_add_tcase(suite, tcase);
	return suite;
}
