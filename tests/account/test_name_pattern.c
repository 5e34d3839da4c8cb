/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Patterns of names. */
#include <check.h>

#include "account/name_pattern.h"

Suite *name_pattern_suite(void);

static const struct row {
	const char *pattern;
	const char *name;
	bool fits;
} rows[] = {
	{ "*", "alice", true },
	{ "*", "\xc3\xa4", true },
	{ "alice", "alice", true },
	{ "alice", "alic", false },
	{ "alice", "alicee", false },
	{ "alice", "Alice", false },
	{ "", "alice", false },
	{ "x-*", "x-alice", true },
	{ "x-*", "x-", true },
	{ "x-*", "y-x-alice", false },
	{ "*.x", "alice.x", true },
	{ "*.x", "alice.x.y", false },
	{ "*.x", "a.x.x", true },
	{ "a*b*c", "a1b2b3c", true },
	{ "a*b*c", "a1c2b3", false },
	{ "**", "a", true },
	{ "a**b", "ab", true },
	{ "?", "a", true },
	{ "?", "ab", false },
	/* one character, of two bytes and of four */
	{ "?", "\xc3\xa4", true },
	{ "??", "\xc3\xa4", false },
	{ "a?b",
	  "a\xf0\x9d\x84\x9e"
	  "b",
	  true },
	{ "x???", "x123", true },
	{ "x???", "x12", false },
	{ "*?", "\xc3\xa4", true },
	{ "*a?", "aab", true },
	/* no sign of its own but these two */
	{ "[ab]", "a", false },
	{ "\\*", "*", false },
	{ ".*", "ab", false },
	/* what would take for ever if every star were gone back to */
	{ "*a*a*a*a*a*a*a*a*a*a*a*b",
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  false },
};

START_TEST(test_fits)
{
	const struct row *row = &rows[_i];

	ck_assert_msg(obol_name_pattern_fits(obol_bytes_str(row->pattern),
										 obol_bytes_str(row->name)) ==
					  row->fits,
				  "%s and %s", row->pattern, row->name);
}
END_TEST

Suite *name_pattern_suite(void)
{
	Suite *suite = suite_create("name pattern");
	TCase *tc = tcase_create("name pattern");

	tcase_add_loop_test(tc, test_fits, 0, sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(suite, tc);
	return suite;
}
