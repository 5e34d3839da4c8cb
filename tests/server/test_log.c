/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines that strangers cause: so many and no more, and nothing hides behind
 * them. */
#include "server/handler.h"
#include "server/world.h"
#include "support/run.h"

Suite *log_suite(void);

#define NOISE "somebody was put off"
#define ERROR "the disk is full"

static struct world w;

static void setup(void)
{
	world_begin(&w);
}

static void teardown(void)
{
	world_clear(&w);
}

static unsigned n_logged(const char *text)
{
	const char *at = w.logged;
	unsigned n = 0;

	while ((at = strstr(at, text)))
	{
		at++;
		n++;
	}
	return n;
}

static void make_noise(unsigned n)
{
	while (n--)
	{
		obol_handler_log(w.server, OBOL_LOG_INFO, NOISE);
	}
}

START_TEST(test_bounded)
{
	make_noise(1000);
	ck_assert_uint_eq(n_logged(NOISE), OBOL_LOG_BURST);
	ck_assert_uint_eq(n_logged("left out"), 0);
	/* a second's worth, and how many there were */
	driven_clock_pass(&w.clock, 1);
	make_noise(1000);
	ck_assert_uint_eq(n_logged(NOISE), OBOL_LOG_BURST + OBOL_LOG_RATE);
	ck_assert_uint_eq(n_logged("950 lines like the next ones were left out"),
					  1);
	/* as many as at first, and no more */
	driven_clock_pass(&w.clock, 3600);
	make_noise(1000);
	ck_assert_uint_eq(n_logged(NOISE), 2 * OBOL_LOG_BURST + OBOL_LOG_RATE);
}
END_TEST

START_TEST(test_noise_hides_no_error)
{
	unsigned i;

	make_noise(1000);
	obol_handler_log(w.server, OBOL_LOG_ERROR, ERROR);
	ck_assert_uint_eq(n_logged(ERROR), 1);
	/* it is bounded as well */
	for (i = 0; i < 1000; i++)
	{
		obol_handler_log(w.server, OBOL_LOG_ERROR, ERROR);
	}
	ck_assert_uint_eq(n_logged(ERROR), OBOL_LOG_BURST);
}
END_TEST

Suite *log_suite(void)
{
	Suite *suite = suite_create("log");
	TCase *tcase = tcase_create("log");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_bounded);
	tcase_add_test(tcase, test_noise_hides_no_error);
	suite_add_tcase(suite, tcase);
	return suite;
}
