/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CAs and sets of them that nobody who is trusted vouches for, that are too
 * late, or damaged. */
#include "client/anchors_fixture.h"
#include "group/sha256.h"
#include "issue/anchors_sign.h"

#include <stdio.h>
#include <unistd.h>

Suite *anchors_refused_suite(void);

static const struct {
	const char *what;
	uint32_t number;
	unsigned in;
	unsigned by;
	const char *text;
} bad_sets[] = {
	{ "a stranger", 2, BIT(OLD) | BIT(STRANGER), BIT(STRANGER),
	  "signed by no CA that is trusted" },
	{ "the next one alone", 2, BIT(OLD) | BIT(NEW), BIT(NEW),
	  "signed by no CA that is trusted" },
	{ "without the present one", 2, BIT(NEW), BIT(OLD) | BIT(NEW),
	  "lacks the CA that has signed it" },
	{ "the same number again", 1, BIT(OLD) | BIT(NEW), BIT(OLD),
	  "is older than one" },
};

/* refused, and nothing else suffers */
START_TEST(test_bad_set)
{
	add_set(1, BIT(OLD), BIT(OLD));
	issue();
	ck_assert_uint_eq(held(), 1);
	add_set(bad_sets[_i].number, bad_sets[_i].in, bad_sets[_i].by);
	/* whatever number it has, the server gives it out as the second one */
	sets[1].number = 2;
	gateway.anchors_number = 2;
	just_fetch();
	check_anchors(OBOL_CAUSE_ANCHORS, bad_sets[_i].text);
	ck_assert_uint_eq(held(), 1);
	ck_assert_uint_lt(told_held, 2);
	ck_assert_int_eq(obol_client_take_anchors(client), OBOL_ERR_AUTH);
	check_cause(client, OBOL_CAUSE_ANCHORS);
	new_client();
	just_fetch();
	ck_assert_uint_eq(held(), 1);
}
END_TEST

START_TEST(test_no_set_at_all)
{
	issue();
	add_set(1, BIT(OLD), BIT(OLD));
	sets[0].cms.buf[0] ^= 0xff;
	just_fetch();
	check_anchors(OBOL_CAUSE_ANCHORS, "cannot be parsed");
	ck_assert_uint_eq(held(), 0);
}
END_TEST

/* a number that nothing comes of */
START_TEST(test_promised)
{
	issue();
	gateway.anchors_number = 5;
	just_fetch();
	check_anchors(OBOL_CAUSE_PROTOCOL, "set 5");
	ck_assert_uint_eq(held(), 0);
}
END_TEST

/* away until the CA that was known had ended */
START_TEST(test_too_late)
{
	struct obol_anchors_body body = { .number = 1, .n_cas = 1 };
	struct obol_anchors_signer signer = { who[ENDED].certificate,
										  who[ENDED].key };
	struct obol_writer cms;
	FILE *file;

	issue();
	body.cas[0] = view[ENDED];
	obol_writer_init(&cms);
	ck_assert_int_eq(obol_anchors_sign(&body, &signer, 1, &cms), OBOL_OK);
	file = fopen(anchors_file(), "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(cms.buf, 1, obol_writer_view(&cms).len, file),
					  obol_writer_view(&cms).len);
	ck_assert_int_eq(fclose(file), 0);
	obol_writer_clear(&cms);
	new_client();
	log_in();
	add_set(2, BIT(ENDED) | BIT(NEW), BIT(ENDED) | BIT(NEW));
	just_fetch();
	check_anchors(OBOL_CAUSE_ANCHORS, "away for too long");
	ck_assert_uint_eq(held(), 1);
}
END_TEST

/* the server was set back: told, and what is held stays */
START_TEST(test_fell_behind)
{
	add_set(1, BIT(OLD), BIT(OLD));
	add_set(2, BIT(OLD) | BIT(NEW), BIT(OLD));
	issue();
	ck_assert_uint_eq(held(), 2);
	gateway.anchors_number = 1;
	just_fetch();
	check_anchors(OBOL_CAUSE_ANCHORS, "set 2 is held here");
	ck_assert_uint_eq(held(), 2);
}
END_TEST

static void write_file(const char *text)
{
	FILE *file = fopen(anchors_file(), "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

/* a file that is damaged or gone comes again, and no older one instead */
START_TEST(test_file_damaged)
{
	add_set(1, BIT(OLD), BIT(OLD));
	add_set(2, BIT(OLD) | BIT(NEW), BIT(OLD));
	issue();
	ck_assert_uint_eq(held(), 2);
	write_file("nonsense");
	new_client();
	just_fetch();
	check_no_fault();
	ck_assert_uint_eq(held(), 2);
	ck_assert_int_eq(unlink(anchors_file()), 0);
	gateway.anchors_number = 1;
	n_sets = 1;
	obol_writer_clear(&sets[1].cms);
	new_client();
	just_fetch();
	check_anchors(OBOL_CAUSE_ANCHORS, "is older than one");
	ck_assert_uint_eq(held(), 0);
}
END_TEST

/* another CA behind the certificate, without a word from the old one */
START_TEST(test_issue_under_a_stranger)
{
	uint8_t fingerprint[OBOL_SHA256_LEN];
	struct obol_bundle *bundle;

	issue();
	issue_under(STRANGER);
	ck_assert_int_eq(issue_status(), OBOL_ERR_AUTH);
	check_cause(client, OBOL_CAUSE_ANCHORS);
	ck_assert_ptr_nonnull(strstr(obol_client_error(client)->text, "SHA-256"));
	bundle = fetch();
	ck_assert(obol_bytes_eq(obol_bundle_ca(bundle, 0), view[OLD]));
	obol_bundle_free(bundle);
	/* nor by a client that has nothing but what is stored */
	(void)unlink(tempdir_file(&gateway.dir, "state"));
	new_client();
	ck_assert_int_eq(issue_status(), OBOL_ERR_AUTH);
	check_cause(client, OBOL_CAUSE_ANCHORS);
	/* another fingerprint is not this one's; then it is */
	memset(fingerprint, 0, sizeof(fingerprint));
	obol_client_accept_ca(client, fingerprint);
	ck_assert_int_eq(issue_status(), OBOL_ERR_AUTH);
	ck_assert_int_eq(obol_sha256(&view[STRANGER], 1, fingerprint), OBOL_OK);
	obol_client_accept_ca(client, fingerprint);
	issue();
	bundle = fetch();
	ck_assert(obol_bytes_eq(obol_bundle_ca(bundle, 0), view[STRANGER]));
	obol_bundle_free(bundle);
}
END_TEST

Suite *anchors_refused_suite(void)
{
	Suite *suite = suite_create("anchors refused");
	TCase *tcase = tcase_create("anchors refused");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, anchors_setup, anchors_teardown);
	tcase_add_loop_test(tcase, test_bad_set, 0,
						sizeof(bad_sets) / sizeof(bad_sets[0]));
	tcase_add_test(tcase, test_no_set_at_all);
	tcase_add_test(tcase, test_promised);
	tcase_add_test(tcase, test_too_late);
	tcase_add_test(tcase, test_fell_behind);
	tcase_add_test(tcase, test_file_damaged);
	tcase_add_test(tcase, test_issue_under_a_stranger);
	suite_add_tcase(suite, tcase);
	return suite;
}
