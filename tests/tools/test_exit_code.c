/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/exit_code.h"

Suite *exit_code_suite(void);

/* The causes have no gaps, so the last one tells how many there are. */
#define CAUSE_LAST OBOL_CAUSE_TOKEN

START_TEST(every_cause_once)
{
	const struct exit_code *rows;
	size_t n, i, j;
	int cause;

	rows = exit_codes(&n);
	ck_assert_uint_eq(n, CAUSE_LAST + 1);
	for (cause = 0; cause <= CAUSE_LAST; cause++)
	{
		size_t found = 0;

		for (i = 0; i < n; i++)
		{
			found += rows[i].cause == (enum obol_cause)cause;
		}
		ck_assert_msg(found == 1, "cause %d", cause);
	}
	for (i = 0; i < n; i++)
	{
		/* codes from 126 on are the shell's */
		ck_assert_int_lt(rows[i].code, 126);
		ck_assert_int_eq(exit_code_of(rows[i].cause), rows[i].code);
		for (j = i + 1; j < n; j++)
		{
			ck_assert_int_ne(rows[i].code, rows[j].code);
		}
	}
	ck_assert_int_eq(exit_code_of(OBOL_CAUSE_NONE), 0);
	ck_assert_int_eq(exit_code_of((enum obol_cause)(CAUSE_LAST + 1)), 1);
}
END_TEST

/* obol(1) lists this table, word for word. */
START_TEST(as_the_manual_says)
{
	char page[65536], expected[256];
	const struct exit_code *rows;
	FILE *file = fopen(SRCDIR "/proto/tools/obol.1", "r");
	const char *start;
	size_t n, i, len, found = 0;

	ck_assert_ptr_nonnull(file);
	len = fread(page, 1, sizeof(page) - 1, file);
	ck_assert_int_eq(fclose(file), 0);
	page[len] = '\0';
	start = strstr(page, ".Sh EXIT STATUS");
	ck_assert_ptr_nonnull(start);
	rows = exit_codes(&n);
	for (i = 0; i < n; i++)
	{
		(void)snprintf(expected, sizeof(expected), "\n.It %d\n%c%s.\n",
					   rows[i].code, rows[i].meaning[0] - 'a' + 'A',
					   rows[i].meaning + 1);
		ck_assert_msg(strstr(start, expected) != NULL, "%s", expected);
	}
	for (start = strstr(start, "\n.It "); start;
		 start = strstr(start + 1, "\n.It "))
	{
		found++;
	}
	ck_assert_uint_eq(found, n);
}
END_TEST

Suite *exit_code_suite(void)
{
	Suite *suite = suite_create("exit_code");
	TCase *tc = tcase_create("exit_code");

	tcase_add_test(tc, every_cause_once);
	tcase_add_test(tc, as_the_manual_says);
	suite_add_tcase(suite, tc);
	return suite;
}
