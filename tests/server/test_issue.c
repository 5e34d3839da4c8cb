/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Issue through the whole server. */
#include "server/world.h"

#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/pkcs10.h"
#include "support/run.h"

static struct world w;
static struct link l;
static EVP_PKEY *key;

static void setup(void)
{
	world_begin(&w);
	(void)world_add(&w, "alice");
	world_activate(&w, "alice");
	key = pkcs10_key("P-256");
}

static void teardown(void)
{
	link_close(&l);
	EVP_PKEY_free(key);
	world_clear(&w);
}

static const struct obol_answer *issue(const struct pkcs10 *req)
{
	struct obol_request request = { .type = OBOL_ISSUE };

	request.pkcs10 = obol_bytes(req->der, req->len);
	return link_ask(&l, &request);
}

static X509 *certificate_of(const struct obol_answer *answer)
{
	const unsigned char *pos = answer->issue.certificate.ptr;
	X509 *x = d2i_X509(NULL, &pos, (long)answer->issue.certificate.len);

	ck_assert_ptr_nonnull(x);
	return x;
}

static uint64_t end_of(const X509 *x)
{
	int days = 0, seconds = 0;
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);

	ck_assert(ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(x)));
	ASN1_TIME_free(epoch);
	return (uint64_t)days * DAY + (uint64_t)seconds;
}

static const char *common_name(const X509 *x)
{
	static char text[128];

	(void)X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName,
									text, sizeof(text));
	return text;
}

START_TEST(test_issue)
{
	const struct obol_answer *answer;
	const unsigned char *pos;
	struct pkcs10 req;
	X509 *x, *ca;

	link_by_device(&l, &w, "alice");
	pkcs10_good(&req, key, l.exporter);
	answer = issue(&req);
	ck_assert_msg(answer != NULL, "%u", link_reply(&l));
	x = certificate_of(answer);
	ck_assert_int_eq(EVP_PKEY_eq(X509_get0_pubkey(x), key), 1);
	ck_assert_str_eq(common_name(x), "alice");
	ck_assert_int_eq(X509_check_email(x, "alice@vpn.example.org", 0, 0), 1);
	ck_assert_uint_eq(end_of(x), WORLD_NOW + 30 * DAY);
	ck_assert_uint_eq(answer->issue.n_cas, 1);
	pos = answer->issue.cas[0].ptr;
	ca = d2i_X509(NULL, &pos, (long)answer->issue.cas[0].len);
	ck_assert_int_eq(X509_verify(x, X509_get0_pubkey(ca)), 1);
	/* recorded, and in the owner's history */
	ck_assert_uint_eq(world_account(&w, "alice").certificate_not_after,
					  WORLD_NOW + 30 * DAY);
	ck_assert_str_eq(newest_line(&w, "alice"),
					 "8 200 4 CN=alice; email:alice@vpn.example.org");
	X509_free(ca);
	X509_free(x);
}
END_TEST

START_TEST(test_names_of_the_request_are_ignored)
{
	char text[2 * OBOL_EXPORTER_LEN + 1];
	const struct obol_answer *answer;
	struct pkcs10 req;
	size_t i;
	X509 *x;

	link_by_device(&l, &w, "alice");
	for (i = 0; i < OBOL_EXPORTER_LEN; i++)
	{
		(void)snprintf(text + 2 * i, 3, "%02x", l.exporter[i]);
	}
	pkcs10_make(&req, key, NULL, text, "gateway.example.org");
	answer = issue(&req);
	ck_assert_ptr_nonnull(answer);
	x = certificate_of(answer);
	ck_assert_str_eq(common_name(x), "alice");
	ck_assert_int_eq(X509_check_host(x, "gateway.example.org", 0, 0, NULL), 0);
	ck_assert_int_eq(X509_check_email(x, "alice@vpn.example.org", 0, 0), 1);
	X509_free(x);
}
END_TEST

START_TEST(test_refusals)
{
	static const uint8_t other[OBOL_EXPORTER_LEN] = { 1 };
	EVP_PKEY *weak = pkcs10_key("P-192");
	struct pkcs10 req;

	link_by_device(&l, &w, "alice");
	pkcs10_good(&req, key, other);
	ck_assert_ptr_null(issue(&req));
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_PARAMETER);
	ck_assert_msg(strstr(newest_line(&w, "alice"), "8 501 4 ") != NULL, "%s",
				  newest_line(&w, "alice"));
	pkcs10_good(&req, weak, l.exporter);
	ck_assert_ptr_null(issue(&req));
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_PARAMETER);
	pkcs10_good(&req, key, l.exporter);
	req.len--;
	ck_assert_ptr_null(issue(&req));
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_PARAMETER);
	req.len++;
	req.der[req.len - 1] ^= 1;
	ck_assert_ptr_null(issue(&req));
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_PARAMETER);
	/* nothing was issued, and the connection is none the worse */
	ck_assert_uint_eq(world_account(&w, "alice").certificate_not_after, 0);
	req.der[req.len - 1] ^= 1;
	ck_assert_ptr_nonnull(issue(&req));
	EVP_PKEY_free(weak);
}
END_TEST

START_TEST(test_not_by_code)
{
	struct pkcs10 req;

	(void)world_add(&w, "bob");
	link_open(&l, &w, NULL);
	ck_assert(link_login(&l, "bob", OBOL_SLOT_ACTIVATION, NULL, CODE));
	pkcs10_good(&req, key, l.exporter);
	ck_assert_ptr_null(issue(&req));
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_NOT_ALLOWED);
}
END_TEST

START_TEST(test_without_a_ca)
{
	struct pkcs10 req;

	world_stop(&w);
	w.options.issuer = NULL;
	world_start(&w);
	link_by_device(&l, &w, "alice");
	pkcs10_good(&req, key, l.exporter);
	ck_assert_ptr_null(issue(&req));
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_UNSUPPORTED);
}
END_TEST

START_TEST(test_ca_that_has_ended)
{
	struct pkcs10 req;

	driven_clock_pass(&w.clock, 3650 * DAY);
	link_by_device(&l, &w, "alice");
	pkcs10_good(&req, key, l.exporter);
	ck_assert_ptr_null(issue(&req));
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_NOT_ALLOWED);
	ck_assert_ptr_nonnull(strstr(w.logged, "has it expired"));
}
END_TEST

/* What a signer that does not sign says. */
static enum obol_status signer_says;

static enum obol_status do_not_sign(struct obol_issuer *issuer,
									struct obol_bytes public_key,
									const struct obol_certificate_profile *p,
									struct obol_issued *issued)
{
	(void)issuer;
	(void)public_key;
	(void)p;
	(void)issued;
	return signer_says;
}

/* What a rule forbids stays forbidden; what is above a rate, or away, is worth
 * another try. */
START_TEST(test_signer_that_does_not_sign)
{
	static const struct {
		enum obol_status says;
		unsigned reply;
		const char *logged;
	} cases[] = {
		{ OBOL_ERR_DENIED, OBOL_REPLY_NOT_ALLOWED, "did not sign" },
		{ OBOL_ERR_TIMEOUT, OBOL_REPLY_TEMPORARY, "could not sign" },
		{ OBOL_ERR_IO, OBOL_REPLY_TEMPORARY, "could not sign" },
	};
	struct obol_issuer silent = *w.options.issuer;
	struct obol_issuer *issuer = w.options.issuer;
	struct pkcs10 req;

	signer_says = cases[_i].says;
	silent.issue = do_not_sign;
	world_stop(&w);
	w.options.issuer = &silent;
	world_start(&w);
	link_by_device(&l, &w, "alice");
	pkcs10_good(&req, key, l.exporter);
	ck_assert_ptr_null(issue(&req));
	ck_assert_uint_eq(link_reply(&l), cases[_i].reply);
	ck_assert_ptr_nonnull(strstr(w.logged, cases[_i].logged));
	ck_assert_uint_eq(world_account(&w, "alice").certificate_not_after, 0);
	link_close(&l);
	world_stop(&w);
	w.options.issuer = issuer;
	world_start(&w);
	link_by_device(&l, &w, "alice");
	pkcs10_good(&req, key, l.exporter);
	ck_assert_ptr_nonnull(issue(&req));
}
END_TEST

START_TEST(test_long_and_foreign_names)
{
	/* 70 bytes of two-byte characters, cut within 64 and told apart */
	static const char name[] =
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4";
	const struct obol_answer *answer;
	struct pkcs10 req;
	X509 *x;

	(void)world_add(&w, name);
	world_activate(&w, name);
	link_by_device(&l, &w, name);
	pkcs10_good(&req, key, l.exporter);
	answer = issue(&req);
	ck_assert_msg(answer != NULL, "%u %s", link_reply(&l), w.logged);
	x = certificate_of(answer);
	/* no SAN: it holds ASCII alone */
	ck_assert_int_lt(X509_get_ext_by_NID(x, NID_subject_alt_name, -1), 0);
	X509_free(x);
}
END_TEST

/*
 * Modes, key types, templates
 */

static void set_account(unsigned fields, const struct obol_account *wanted)
{
	struct obol_store_account_set arg = {
		.in = { .account_id = world_account(&w, "alice").id,
				.fields = fields,
				.account = wanted,
				.detail = { NULL, 0 },
				.now = WORLD_NOW }
	};

	world_run(&w, OBOL_STORE_ACCOUNT_SET, &arg);
}

static const struct obol_login_done *done_of(const struct link *link)
{
	return obol_client_session_login_done(link->client);
}

START_TEST(test_login_tells_the_kind)
{
	struct obol_account wanted = { .mode = OBOL_MODE_DEVICE,
								   .key_type = OBOL_KEY_ED25519,
								   .expires_at = WORLD_NOW + DAY };

	link_by_device(&l, &w, "alice");
	ck_assert_uint_eq(done_of(&l)->mode, OBOL_MODE_PORTABLE);
	ck_assert_uint_eq(done_of(&l)->key_type, OBOL_KEY_EC_P256);
	ck_assert_uint_eq(done_of(&l)->account_expires_at, 0);
	link_close(&l);
	set_account(OBOL_ACCOUNT_MODE | OBOL_ACCOUNT_KEY_TYPE |
					OBOL_ACCOUNT_EXPIRES,
				&wanted);
	link_by_device(&l, &w, "alice");
	ck_assert_uint_eq(done_of(&l)->mode, OBOL_MODE_DEVICE);
	ck_assert_uint_eq(done_of(&l)->key_type, OBOL_KEY_ED25519);
	ck_assert_uint_eq(done_of(&l)->account_expires_at, WORLD_NOW + DAY);
	link_close(&l);
	/* without a CA there is no key to be made */
	world_stop(&w);
	w.options.issuer = NULL;
	world_start(&w);
	link_by_device(&l, &w, "alice");
	ck_assert_uint_eq(done_of(&l)->key_type, 0);
}
END_TEST

static const struct {
	enum obol_key_type type;
	/** a key of that type, and one of another */
	const char *key;
	const char *other;
	const char *names;
} kinds[] = {
	{ OBOL_KEY_EC_P256, "P-256", "P-384", "EC P-256" },
	{ OBOL_KEY_EC_P384, "P-384", "P-256", "EC P-384" },
	{ OBOL_KEY_RSA_3072, "RSA3072", "P-256", "RSA" },
	{ OBOL_KEY_ED25519, "ED25519", "RSA3072", "Ed25519" },
};

START_TEST(test_key_types)
{
	struct obol_account wanted = { .key_type = kinds[_i].type };
	EVP_PKEY *wrong = pkcs10_key(kinds[_i].other);
	EVP_PKEY *right = pkcs10_key(kinds[_i].key);
	struct pkcs10 req;

	set_account(OBOL_ACCOUNT_KEY_TYPE, &wanted);
	link_by_device(&l, &w, "alice");
	pkcs10_good(&req, wrong, l.exporter);
	ck_assert_ptr_null(issue(&req));
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_PARAMETER);
	ck_assert_msg(strstr(newest_line(&w, "alice"), kinds[_i].names) != NULL,
				  "%s", newest_line(&w, "alice"));
	pkcs10_good(&req, right, l.exporter);
	ck_assert_ptr_nonnull(issue(&req));
	EVP_PKEY_free(right);
	EVP_PKEY_free(wrong);
}
END_TEST

/* The label comes from the slot, in device mode alone. */
START_TEST(test_templates)
{
	struct obol_account wanted = { .mode = OBOL_MODE_DEVICE };
	struct pkcs10 req;
	char why[128];
	X509 *x;

	world_stop(&w);
	ck_assert(obol_template_subject("CN=%a, O=Example, OU=%d",
									&w.options.policy.subject, why,
									sizeof(why)));
	ck_assert(obol_template_san("%i, %d.%a.example.org", &w.options.policy.san,
								why, sizeof(why)));
	world_start(&w);
	link_by_device(&l, &w, "alice");
	pkcs10_good(&req, key, l.exporter);
	x = certificate_of(issue(&req));
	ck_assert_int_eq(X509_NAME_entry_count(X509_get_subject_name(x)), 2);
	ck_assert_int_eq(X509_check_email(x, "alice@vpn.example.org", 0, 0), 1);
	ck_assert_ptr_nonnull(strstr(newest_line(&w, "alice"),
								 "8 200 4 CN=alice, O=Example; email:alice"));
	X509_free(x);
	link_close(&l);
	set_account(OBOL_ACCOUNT_MODE, &wanted);
	link_by_device(&l, &w, "alice");
	pkcs10_good(&req, key, l.exporter);
	x = certificate_of(issue(&req));
	ck_assert_int_eq(X509_NAME_entry_count(X509_get_subject_name(x)), 3);
	ck_assert_int_eq(X509_check_host(x, "laptop.alice.example.org", 0, 0, NULL),
					 1);
	X509_free(x);
}
END_TEST

/* From a minute to years; the account's own end comes first. */
START_TEST(test_lifetimes)
{
	struct obol_account wanted = { .certificate_lifetime_s = 600 };
	struct pkcs10 req;
	X509 *x;

	set_account(OBOL_ACCOUNT_LIFETIME, &wanted);
	link_by_device(&l, &w, "alice");
	pkcs10_good(&req, key, l.exporter);
	x = certificate_of(issue(&req));
	ck_assert_uint_eq(end_of(x), WORLD_NOW + 600);
	X509_free(x);
	link_close(&l);
	wanted.certificate_lifetime_s = 3 * 365 * (uint32_t)DAY;
	set_account(OBOL_ACCOUNT_LIFETIME, &wanted);
	link_by_device(&l, &w, "alice");
	pkcs10_good(&req, key, l.exporter);
	x = certificate_of(issue(&req));
	ck_assert_uint_eq(end_of(x), WORLD_NOW + 3 * 365 * DAY);
	X509_free(x);
	link_close(&l);
	wanted.expires_at = WORLD_NOW + 100;
	set_account(OBOL_ACCOUNT_EXPIRES, &wanted);
	link_by_device(&l, &w, "alice");
	pkcs10_good(&req, key, l.exporter);
	x = certificate_of(issue(&req));
	ck_assert_uint_eq(end_of(x), WORLD_NOW + 100);
	X509_free(x);
}
END_TEST

Suite *issue_suite(void);

Suite *issue_suite(void)
{
	Suite *s = suite_create("issue");
	TCase *tc = tcase_create("issue");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_issue);
	tcase_add_test(tc, test_names_of_the_request_are_ignored);
	tcase_add_test(tc, test_refusals);
	tcase_add_test(tc, test_not_by_code);
	tcase_add_test(tc, test_without_a_ca);
	tcase_add_test(tc, test_ca_that_has_ended);
	tcase_add_loop_test(tc, test_signer_that_does_not_sign, 0, 3);
	tcase_add_test(tc, test_long_and_foreign_names);
	tcase_add_test(tc, test_login_tells_the_kind);
	tcase_add_loop_test(tc, test_key_types, 0,
						sizeof(kinds) / sizeof(kinds[0]));
	tcase_add_test(tc, test_templates);
	tcase_add_test(tc, test_lifetimes);
	suite_add_tcase(s, tc);
	return s;
}
