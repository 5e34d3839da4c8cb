/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of the log that repeat themselves. */
#include "daemon/log_repeat.h"

#include <stdio.h>
#include <string.h>

#include "support/run.h"

Suite *log_repeat_suite(void);

#define NOW ((uint64_t)1000000)
#define FULL "store: database or disk is full"

static struct obol_log_repeat repeat;

static void setup(void)
{
	obol_log_repeat_init(&repeat);
}

static bool passes(const char *line, uint64_t now_ms, unsigned *n_held)
{
	*n_held = 12345;
	return obol_log_repeat_passes(&repeat, line, now_ms, n_held);
}

START_TEST(test_once_in_a_while)
{
	unsigned n_held, i;

	ck_assert(passes(FULL, NOW, &n_held));
	ck_assert_uint_eq(n_held, 0);
	for (i = 0; i < 50; i++)
	{
		ck_assert(!passes(FULL, NOW + i, &n_held));
	}
	ck_assert(!passes(FULL, NOW + OBOL_LOG_REPEAT_MS - 1, &n_held));
	ck_assert(passes(FULL, NOW + OBOL_LOG_REPEAT_MS, &n_held));
	ck_assert_uint_eq(n_held, 51);
	/* from then on anew */
	ck_assert(!passes(FULL, NOW + OBOL_LOG_REPEAT_MS + 1, &n_held));
	ck_assert(passes(FULL, NOW + 3 * OBOL_LOG_REPEAT_MS, &n_held));
	ck_assert_uint_eq(n_held, 1);
}
END_TEST

/* Another line is another one, in whatever place it differs. */
START_TEST(test_others_pass)
{
	unsigned n_held;

	ck_assert(passes(FULL, NOW, &n_held));
	ck_assert(passes(FULL " now", NOW, &n_held));
	ck_assert(passes("store: database is locked", NOW, &n_held));
	ck_assert(!passes(FULL, NOW, &n_held));
	ck_assert(!passes(FULL " now", NOW, &n_held));
}
END_TEST

/* Two that take turns are both held back. */
START_TEST(test_in_turns)
{
	unsigned n_held, n_said = 0, i;

	for (i = 0; i < 100; i++)
	{
		n_said += passes(FULL, NOW + i, &n_held);
		n_said += passes("server: the store failed", NOW + i, &n_held);
	}
	ck_assert_uint_eq(n_said, 2);
}
END_TEST

/* More than are remembered: the oldest is forgotten, and so said again. */
START_TEST(test_many)
{
	char line[32];
	unsigned n_held, i;

	for (i = 0; i <= OBOL_LOG_REPEAT_LINES; i++)
	{
		(void)snprintf(line, sizeof(line), "line %u", i);
		ck_assert(passes(line, NOW + i, &n_held));
	}
	ck_assert(!passes("line 1", NOW + 100, &n_held));
	ck_assert(passes("line 0", NOW + 100, &n_held));
	ck_assert_uint_eq(n_held, 0);
}
END_TEST

/* Of long ones the beginning counts, within bounds. */
START_TEST(test_long)
{
	char line[2 * OBOL_LOG_REPEAT_LEN];
	unsigned n_held;

	memset(line, 'a', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	ck_assert(passes(line, NOW, &n_held));
	ck_assert(!passes(line, NOW, &n_held));
	line[0] = 'b';
	ck_assert(passes(line, NOW, &n_held));
}
END_TEST

Suite *log_repeat_suite(void)
{
	Suite *suite = suite_create("log_repeat");
	TCase *tc = tcase_create("log_repeat");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, test_once_in_a_while);
	tcase_add_test(tc, test_others_pass);
	tcase_add_test(tc, test_in_turns);
	tcase_add_test(tc, test_many);
	tcase_add_test(tc, test_long);
	suite_add_tcase(suite, tc);
	return suite;
}
