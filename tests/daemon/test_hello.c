/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first look at what a connection begins with. */
#include "daemon/hello.h"

#include <stdio.h>

#include "support/run.h"

static const struct {
	const char *what;
	uint8_t bytes[8];
	size_t len;
	enum obol_hello hello;
	size_t need;
} rows[] = {
	{ "nothing", { 0 }, 0, OBOL_HELLO_PART, 6 },
	{ "one byte", { 22 }, 1, OBOL_HELLO_PART, 6 },
	{ "five bytes", { 22, 3, 1, 0, 9 }, 5, OBOL_HELLO_PART, 6 },
	{ "a beginning", { 22, 3, 1, 1, 0, 1 }, 6, OBOL_HELLO_PART, 261 },
	{ "whole", { 22, 3, 1, 0, 1, 1 }, 6, OBOL_HELLO_WHOLE, 6 },
	{ "more behind it", { 22, 3, 3, 0, 2, 1, 0, 9 }, 8, OBOL_HELLO_WHOLE, 7 },
	{ "the longest", { 22, 3, 1, 31, 251, 1 }, 6, OBOL_HELLO_PART, 8192 },
	{ "too long", { 22, 3, 1, 31, 252, 1 }, 6, OBOL_HELLO_BAD, 0 },
	{ "the longest there is", { 22, 3, 1, 255, 255, 1 }, 6, OBOL_HELLO_BAD, 0 },
	{ "empty", { 22, 3, 1, 0, 0, 1 }, 6, OBOL_HELLO_BAD, 0 },
	{ "HTTP", { 'G', 'E', 'T' }, 3, OBOL_HELLO_BAD, 0 },
	{ "an alert", { 21, 3, 3, 0, 2, 1 }, 6, OBOL_HELLO_BAD, 0 },
	{ "SSL 2", { 22, 2 }, 2, OBOL_HELLO_BAD, 0 },
	{ "a ServerHello", { 22, 3, 3, 0, 80, 2 }, 6, OBOL_HELLO_BAD, 0 },
};

START_TEST(test_look)
{
	size_t need = 0;
	enum obol_hello hello =
		obol_hello_look(obol_bytes(rows[_i].bytes, rows[_i].len), &need);

	ck_assert_msg(hello == rows[_i].hello, "%s", rows[_i].what);
	if (hello != OBOL_HELLO_BAD)
	{
		ck_assert_msg(need == rows[_i].need, "%s: %zu", rows[_i].what, need);
	}
}
END_TEST

Suite *hello_suite(void);

Suite *hello_suite(void)
{
	Suite *suite = suite_create("hello");
	TCase *tcase = tcase_create("hello");

	tcase_add_loop_test(tcase, test_look, 0, sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
