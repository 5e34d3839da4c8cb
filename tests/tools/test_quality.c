/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tools/quality.h"

Suite *quality_suite(void);

static const struct {
	const char *password;
	const char *before;
	long minimum;
	enum obol_status status;
} rows[] = {
	{ "correct horse battery staple", NULL, 20, OBOL_OK },
	{ "Kn0rrige Eselsbr\xc3\xbc"
	  "cke!",
	  NULL, 20, OBOL_OK },
	{ "", NULL, 0, OBOL_ERR_FORMAT },
	{ "tab\tin the middle of it", NULL, 0, OBOL_ERR_FORMAT },
	{ "no utf-8 \xff in the middle", NULL, 0, OBOL_ERR_FORMAT },
	{ "x7", NULL, 0, OBOL_ERR_DENIED },
	{ "sunshine", NULL, 0, OBOL_ERR_DENIED },
	{ "aaaaaaaaaaaaaaaa", NULL, 0, OBOL_ERR_DENIED },
	/* the user's name is in it */
	{ "winnetou-goes", NULL, 0, OBOL_ERR_DENIED },
	/* the same as before */
	{ "correct horse battery staple", "correct horse battery staple", 0,
	  OBOL_ERR_DENIED },
	/* good by the rules, not by the score */
	{ "correct horse battery staple", NULL, 101, OBOL_ERR_DENIED },
};

/* With the zero that prompt_line() puts behind its lines. */
static struct obol_secret *line(const char *text)
{
	struct obol_secret *secret = obol_secret_dup(text, strlen(text) + 1);

	obol_secret_cut(secret, strlen(text));
	return secret;
}

START_TEST(check_row)
{
	struct obol_secret *password = line(rows[_i].password);
	struct obol_secret *before = rows[_i].before ? line(rows[_i].before) : NULL;
	enum obol_status status;
	char why[256] = "";

	status = quality_check(password, before, "winnetou", rows[_i].minimum, why,
						   sizeof(why));
	ck_assert_msg(status == rows[_i].status, "row %d: %s: %s", _i,
				  obol_status_name(status), why);
	ck_assert((status == OBOL_OK) == (why[0] == '\0'));
	/* the reason never repeats the password */
	ck_assert(!rows[_i].password[0] || !strstr(why, rows[_i].password));
	obol_secret_free(password);
	obol_secret_free(before);
}
END_TEST

Suite *quality_suite(void)
{
	Suite *suite = suite_create("quality");
	TCase *tc = tcase_create("quality");

	tcase_add_loop_test(tc, check_row, 0,
						(int)(sizeof(rows) / sizeof(rows[0])));
	suite_add_tcase(suite, tc);
	return suite;
}
