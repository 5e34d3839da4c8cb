/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/settings.h"

Suite *settings_suite(void);

#define SEEN_MAX 1024

static void note(void *ctx, const char *path, const char *value)
{
	char *seen = ctx;
	size_t len = strlen(seen);

	(void)snprintf(seen + len, SEEN_MAX - len, "%s=%s;", path, value);
}

static const struct {
	const char *text;
	/* NULL: refused, in this line */
	const char *seen;
	unsigned line;
} rows[] = {
	{ "", "", 1 },
	{ "# only a comment", "", 1 },
	{ "a = b", "a=b;", 1 },
	{ "a=b\n", "a=b;", 2 },
	{ "a = b c  # why\n", "a=b c;", 2 },
	{ "a {\n b {\n  c = d\n }\n e = f\n}\n", "a.b.c=d;a.e=f;", 7 },
	{ "a { b = c }", "a.b=c;", 1 },
	{ "a\n{\n}\n", "", 4 },
	{ "a = \"b # { } \\\" \\\\\"\n", "a=b # { } \" \\;", 2 },
	{ "a = \"\"\n", "a=;", 2 },
	{ "a = \n", "a=;", 2 },
	{ "a = [2001:db8::1]:4501, b.example\n", "a=[2001:db8::1]:4501, b.example;",
	  2 },
	{ "a {\n", NULL, 2 },
	{ "}\n", NULL, 1 },
	{ "a\n", NULL, 2 },
	{ "a = \"b\n\"", NULL, 1 },
	{ "a = \"b\" c\n", NULL, 1 },
	{ "a = \"\\n\"\n", NULL, 1 },
	{ "\na.b = c\n", NULL, 2 },
	{ "include other.conf\n", NULL, 1 },
	{ "a : b {\n}\n", NULL, 1 },
	{ "a = ${HOME}\n", NULL, 1 },
	{ "= b\n", NULL, 1 },
};

START_TEST(text_row)
{
	char seen[SEEN_MAX] = "";
	unsigned line = 0;
	enum obol_status status =
		settings_read(obol_bytes_str(rows[_i].text), note, seen, &line);

	ck_assert_msg(status == (rows[_i].seen ? OBOL_OK : OBOL_ERR_FORMAT),
				  "row %d: %s", _i, seen);
	ck_assert_msg(line == rows[_i].line, "row %d: line %u", _i, line);
	if (rows[_i].seen)
	{
		ck_assert_str_eq(seen, rows[_i].seen);
	}
}
END_TEST

static void expect_refused(struct obol_bytes text)
{
	char seen[SEEN_MAX] = "";
	unsigned line;

	ck_assert_int_eq(settings_read(text, note, seen, &line), OBOL_ERR_FORMAT);
	ck_assert_str_eq(seen, "");
}

START_TEST(bounds)
{
	char text[1024] = "";
	size_t i;

	expect_refused(obol_bytes("a = b\0c", 7));
	/* too deep */
	for (i = 0; i < 17; i++)
	{
		memcpy(text + 2 * i, "a{", 3);
	}
	expect_refused(obol_bytes_str(text));
	/* a name too long, then a value */
	memset(text, 'a', 600);
	memcpy(text + 600, " = b", 5);
	expect_refused(obol_bytes_str(text));
	memcpy(text, "a = ", 4);
	text[600] = '\0';
	expect_refused(obol_bytes_str(text));
}
END_TEST

Suite *settings_suite(void)
{
	Suite *suite = suite_create("settings");
	TCase *tc = tcase_create("settings");

	tcase_add_loop_test(tc, text_row, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tc, bounds);
	suite_add_tcase(suite, tc);
	return suite;
}
