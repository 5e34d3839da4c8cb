/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Causes, their names and texts. */
#include "client/error.h"
#include "base/bytes.h"
#include "support/run.h"

#include <stdio.h>

#define LAST OBOL_CAUSE_TOKEN

static const struct obol_error_subject subject = { "vpn.example.org", "alice",
												   "/var/lib/obol/state",
												   OBOL_SLOT_PASSWORD };

START_TEST(each_cause_has_its_text)
{
	struct obol_error errors[LAST + 1];
	int i;
	int j;

	memset(errors, 0, sizeof(errors));
	for (i = OBOL_CAUSE_INTERNAL; i <= (int)LAST; i++)
	{
		const char *text = errors[i].text;

		ck_assert_int_ne(
			obol_error_set(&errors[i], (enum obol_cause)i, &subject, "why"),
			OBOL_OK);
		ck_assert_int_eq(errors[i].cause, i);
		ck_assert_msg(strlen(text) > 20 && text[strlen(text) - 1] == '.',
					  "cause %d: '%s'", i, text);
		ck_assert_msg(!strchr(text, '{') && !strchr(text, '}'), "%s", text);
		ck_assert_msg(i == OBOL_CAUSE_LATER || strstr(text, "(why)"), "%s",
					  text);
		for (j = OBOL_CAUSE_INTERNAL; j < i; j++)
		{
			ck_assert_str_ne(errors[j].text, text);
			ck_assert_str_ne(obol_cause_name((enum obol_cause)i),
							 obol_cause_name((enum obol_cause)j));
		}
	}
	ck_assert_str_eq(obol_cause_name(OBOL_CAUSE_NONE), "none");
	ck_assert_str_eq(obol_cause_name((enum obol_cause)1000), "internal");
}
END_TEST

START_TEST(names_what_it_knows)
{
	struct obol_error error;
	struct obol_error_subject nobody = { NULL, NULL, NULL, OBOL_SLOT_DEVICE };

	memset(&error, 0, sizeof(error));
	(void)obol_error_set(&error, OBOL_CAUSE_PIN, &subject, NULL);
	ck_assert_ptr_nonnull(strstr(error.text, "vpn.example.org is not"));
	ck_assert_ptr_nonnull(strstr(error.text, "/var/lib/obol/state"));
	(void)obol_error_set(&error, OBOL_CAUSE_PIN, &nobody, "");
	ck_assert_ptr_nonnull(strstr(error.text, "the state file"));
	ck_assert_ptr_null(strstr(error.text, "("));
	error.retry_after_s = 61;
	(void)obol_error_set(&error, OBOL_CAUSE_LATER, &subject, NULL);
	ck_assert_ptr_nonnull(strstr(error.text, "'alice': try again in 61 s"));
	error.clock_off_s = -3 * 3600;
	(void)obol_error_set(&error, OBOL_CAUSE_CLOCK, &subject, NULL);
	ck_assert_ptr_nonnull(strstr(error.text, "3 h 0 min ahead of"));
	obol_error_clear(&error);
	ck_assert_int_eq(error.cause, OBOL_CAUSE_NONE);
	ck_assert_uint_eq(error.retry_after_s, 0);
	/* what is known of the clock is known on */
	ck_assert_int_eq(error.clock_off_s, -3 * 3600);
}
END_TEST

START_TEST(cuts_what_is_too_long)
{
	struct obol_error error;
	char detail[1000];

	memset(detail, 'x', sizeof(detail));
	detail[sizeof(detail) - 1] = '\0';
	memset(&error, 0, sizeof(error));
	(void)obol_error_set(&error, OBOL_CAUSE_SEAL, &subject, detail);
	ck_assert_uint_eq(strlen(error.text), sizeof(error.text) - 1);
}
END_TEST

struct duration_row {
	uint64_t seconds;
	const char *text;
};

static const struct duration_row durations[] = {
	{ 0, "0 s" },
	{ 1, "1 s" },
	{ 119, "119 s" },
	{ 120, "2 min" },
	{ 121, "3 min" },
	{ 7140, "119 min" },
	{ 7141, "2 h 0 min" },
	{ 10860, "3 h 1 min" },
	{ 172799, "2 days" },
	{ 86400 * 400, "400 days" },
	{ UINT64_MAX / 2, "106751991167300 days" },
};

START_TEST(durations_are_readable)
{
	char text[OBOL_DURATION_TEXT_MAX];

	ck_assert_str_eq(obol_duration_text(durations[_i].seconds, text),
					 durations[_i].text);
}
END_TEST

Suite *error_suite(void);
Suite *error_suite(void)
{
	Suite *suite = suite_create("error");
	TCase *tcase = tcase_create("error");

	tcase_add_test(tcase, each_cause_has_its_text);
	tcase_add_test(tcase, names_what_it_knows);
	tcase_add_test(tcase, cuts_what_is_too_long);
	tcase_add_loop_test(tcase, durations_are_readable, 0,
						sizeof(durations) / sizeof(durations[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
