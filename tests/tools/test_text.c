/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "tools/text.h"

Suite *text_suite(void);

#define NOW 100000000

static const struct {
	const char *in;
	const char *out;
} texts[] = {
	{ "thinkpad", "thinkpad" },
	{ "caf\xc3\xa9 \xf0\x9f\x98\x80", "caf\xc3\xa9 \xf0\x9f\x98\x80" },
	{ "a\x1b[31mred", "a?[31mred" },
	{ "a\nb\rc\td\x7f", "a?b?c?d?" },
	{ "C1 \xc2\x9b"
	  "31m",
	  "C1 ?31m" },
	{ "turn \xe2\x80\xae"
	  "back",
	  "turn ?back" },
	{ "isolate \xe2\x81\xa6x", "isolate ?x" },
	{ "hidden\xe2\x80\x8bspace", "hidden?space" },
	{ "joined\xe2\x81\xa0words", "joined?words" },
	{ "Arabic mark \xd8\x9c", "Arabic mark ?" },
	{ "byte order \xef\xbb\xbf", "byte order ?" },
	{ "annotation \xef\xbf\xb9x\xef\xbf\xbb", "annotation ?x?" },
	{ "bad \xff\xfe", "bad ??" },
	{ "cut \xe2\x82", "cut ??" },
};

START_TEST(clean)
{
	char out[64];

	ck_assert_str_eq(text_clean(out, sizeof(out), texts[_i].in), texts[_i].out);
}
END_TEST

/* Never a character cut in its middle. */
START_TEST(clean_bounded)
{
	char out[8];

	ck_assert_str_eq(text_clean(out, sizeof(out), "abcdefg"), "abcdefg");
	ck_assert_str_eq(text_clean(out, sizeof(out), "abcdefgh"), "abcdefg");
	ck_assert_str_eq(text_clean(out, sizeof(out), "abc\xf0\x9f\x98\x80"),
					 "abc\xf0\x9f\x98\x80");
	ck_assert_str_eq(text_clean(out, sizeof(out), "abcd\xf0\x9f\x98\x80"),
					 "abcd");
	ck_assert_str_eq(
		text_clean(out, sizeof(out), "ab\xf0\x9f\x98\x80\xf0\x9f\x98\x80"),
		"ab\xf0\x9f\x98\x80");
	ck_assert_str_eq(text_clean(out, 1, "a"), "");
}
END_TEST

static const struct {
	uint64_t at;
	const char *age;
	int64_t days_left;
} ages[] = {
	{ 0, "never", -1158 },
	{ NOW, "0 seconds ago", 0 },
	{ NOW - 1, "1 second ago", -1 },
	{ NOW - 119, "119 seconds ago", -1 },
	{ NOW - 120, "2 minutes ago", -1 },
	{ NOW - 7199, "119 minutes ago", -1 },
	{ NOW - 7200, "2 hours ago", -1 },
	{ NOW - 172800, "2 days ago", -3 },
	{ NOW + 60, "in 60 seconds", 0 },
	{ NOW + 86399, "in 23 hours", 0 },
	{ NOW + 86400, "in 24 hours", 1 },
	{ NOW + 30 * 86400, "in 30 days", 30 },
};

START_TEST(age)
{
	char out[TEXT_TIME_MAX];

	ck_assert_str_eq(text_age(out, ages[_i].at, NOW), ages[_i].age);
	ck_assert_int_eq(text_days_left(ages[_i].at, NOW), ages[_i].days_left);
}
END_TEST

START_TEST(times)
{
	char out[TEXT_TIME_MAX];

	ck_assert_str_eq(text_time(out, 0), "never");
	ck_assert_str_eq(text_time(out, 1577836800), "2020-01-01 00:00 UTC");
	ck_assert_str_eq(text_time(out, UINT64_MAX), "in the far future");
}
END_TEST

START_TEST(table)
{
	static const char *const cells[] = { "NAME", "SIZE", "caf\xc3\xa9s",
										 "1",    "x",    "22" };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	text_table(out, cells, 3, 2);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_str_eq(text, "NAME   SIZE\ncaf\xc3\xa9s  1\nx      22\n");
	free(text);
}
END_TEST

Suite *text_suite(void)
{
	Suite *suite = suite_create("text");
	TCase *tc = tcase_create("text");

	tcase_add_loop_test(tc, clean, 0, (int)(sizeof(texts) / sizeof(texts[0])));
	tcase_add_test(tc, clean_bounded);
	tcase_add_loop_test(tc, age, 0, (int)(sizeof(ages) / sizeof(ages[0])));
	tcase_add_test(tc, times);
	tcase_add_test(tc, table);
	suite_add_tcase(suite, tc);
	return suite;
}
