/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Failed logins of one network. */
#include "account/source_limit.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "support/run.h"

#define START ((uint64_t)1000000)

static struct obol_source_address address(const char *text)
{
	struct obol_source_address a = { .is_v6 = strchr(text, ':') != NULL };

	ck_assert_int_eq(inet_pton(a.is_v6 ? AF_INET6 : AF_INET, text, a.bytes), 1);
	return a;
}

static struct obol_source_limit *new_limit(unsigned failures, size_t rows)
{
	struct obol_source_limit *limit = NULL;

	ck_assert_int_eq(
		obol_source_limit_new(failures, rows, obol_rng_system(), &limit),
		OBOL_OK);
	return limit;
}

static uint32_t take(struct obol_source_limit *limit, const char *text,
					 uint64_t ms)
{
	struct obol_source_address a = address(text);

	return obol_source_limit_take(limit, &a, START + ms);
}

static void give(struct obol_source_limit *limit, const char *text, uint64_t ms)
{
	struct obol_source_address a = address(text);

	obol_source_limit_give_back(limit, &a, START + ms);
}

START_TEST(test_fills_and_drains)
{
	struct obol_source_limit *limit = new_limit(10, 64);
	int i;

	for (i = 0; i < 10; i++)
	{
		ck_assert_uint_eq(take(limit, "192.0.2.1", 0), 0);
	}
	/* a tenth of ten minutes until there is room for one */
	ck_assert_uint_eq(take(limit, "192.0.2.1", 0), 60);
	ck_assert_uint_eq(take(limit, "192.0.2.1", 59500), 1);
	ck_assert_uint_eq(take(limit, "192.0.2.2", 0), 0);
	ck_assert_uint_eq(take(limit, "192.0.2.1", 60000), 0);
	ck_assert_uint_eq(take(limit, "192.0.2.1", 60000), 60);
	/* all of it after ten minutes of silence */
	for (i = 0; i < 10; i++)
	{
		ck_assert_uint_eq(take(limit, "192.0.2.1", 660000), 0);
	}
	ck_assert_uint_gt(take(limit, "192.0.2.1", 660000), 0);
	obol_source_limit_free(limit);
}
END_TEST

START_TEST(test_success_is_free)
{
	struct obol_source_limit *limit = new_limit(3, 64);
	int i;

	for (i = 0; i < 1000; i++)
	{
		ck_assert_uint_eq(take(limit, "192.0.2.1", 0), 0);
		give(limit, "192.0.2.1", 0);
	}
	/* and gives nothing beyond: three are still three */
	give(limit, "192.0.2.1", 0);
	ck_assert_uint_eq(take(limit, "192.0.2.1", 0), 0);
	ck_assert_uint_eq(take(limit, "192.0.2.1", 0), 0);
	ck_assert_uint_eq(take(limit, "192.0.2.1", 0), 0);
	ck_assert_uint_gt(take(limit, "192.0.2.1", 0), 0);
	obol_source_limit_free(limit);
}
END_TEST

START_TEST(test_v6_networks)
{
	struct obol_source_limit *limit = new_limit(10, 1024);
	char text[64];
	int i;

	/* one /64 is one network, whatever its hosts */
	for (i = 0; i < 10; i++)
	{
		(void)snprintf(text, sizeof(text), "2001:db8:1:1::%x", i + 1);
		ck_assert_uint_eq(take(limit, text, 0), 0);
	}
	ck_assert_uint_gt(take(limit, "2001:db8:1:1:ffff::1", 0), 0);
	/* a /48 gets four times that, whatever its /64s */
	for (i = 0; i < 30; i++)
	{
		(void)snprintf(text, sizeof(text), "2001:db8:1:%x::1", 0x100 + i);
		ck_assert_uint_eq(take(limit, text, 0), 0);
	}
	ck_assert_uint_gt(take(limit, "2001:db8:1:9999::1", 0), 0);
	ck_assert_uint_eq(take(limit, "2001:db8:2:1::1", 0), 0);
	obol_source_limit_free(limit);
}
END_TEST

START_TEST(test_v4_is_not_v6)
{
	struct obol_source_limit *limit = new_limit(1, 64);

	ck_assert_uint_eq(take(limit, "32.1.13.184", 0), 0);
	/* 2001:db8:: begins with the same bytes */
	ck_assert_uint_eq(take(limit, "2001:db8::", 0), 0);
	ck_assert_uint_gt(take(limit, "32.1.13.184", 0), 0);
	obol_source_limit_free(limit);
}
END_TEST

START_TEST(test_full_table_keeps_the_worst)
{
	struct obol_source_limit *limit = new_limit(20, 8);
	char text[32];
	int i;

	for (i = 0; i < 20; i++)
	{
		ck_assert_uint_eq(take(limit, "192.0.2.1", 0), 0);
	}
	/* a thousand others with one failure each take turns in the other rows */
	for (i = 0; i < 1000; i++)
	{
		(void)snprintf(text, sizeof(text), "10.0.%d.%d", i / 256, i % 256);
		ck_assert_uint_eq(take(limit, text, 0), 0);
	}
	ck_assert_uint_gt(take(limit, "192.0.2.1", 0), 0);
	obol_source_limit_free(limit);
}
END_TEST

static unsigned level(struct obol_source_limit *limit, const char *text,
					  uint64_t ms)
{
	struct obol_source_address a = address(text);

	return obol_source_limit_level(limit, &a, START + ms);
}

START_TEST(test_level)
{
	struct obol_source_limit *limit = NULL;
	int i;

	/* ten in twenty seconds */
	ck_assert_int_eq(
		obol_source_limit_new_within(10, 20000, 64, obol_rng_system(), &limit),
		OBOL_OK);
	ck_assert_uint_eq(level(limit, "192.0.2.1", 0), 0);
	for (i = 0; i < 8; i++)
	{
		ck_assert_uint_eq(take(limit, "192.0.2.1", 0), 0);
		ck_assert_uint_eq(take(limit, "2001:db8:1:1::1", 0), 0);
	}
	ck_assert_uint_eq(level(limit, "192.0.2.1", 0), 8);
	ck_assert_uint_eq(level(limit, "192.0.2.2", 0), 0);
	/* another /64 of the same /48 has a quarter of it */
	ck_assert_uint_eq(level(limit, "2001:db8:1:1::2", 0), 8);
	ck_assert_uint_eq(level(limit, "2001:db8:1:2::1", 0), 2);
	ck_assert_uint_eq(level(limit, "2001:db8:2:1::1", 0), 0);
	ck_assert_uint_eq(level(limit, "192.0.2.1", 3900), 7);
	ck_assert_uint_eq(level(limit, "192.0.2.1", 4000), 6);
	give(limit, "192.0.2.1", 4000);
	ck_assert_uint_eq(level(limit, "192.0.2.1", 4000), 5);
	ck_assert_uint_eq(level(limit, "192.0.2.1", 14000), 0);
	obol_source_limit_free(limit);
}
END_TEST

START_TEST(test_clock_that_stands)
{
	struct obol_source_limit *limit = new_limit(2, 8);

	ck_assert_uint_eq(take(limit, "192.0.2.1", 5000), 0);
	/* earlier than before: counts as full as it was, and ends */
	ck_assert_uint_eq(take(limit, "192.0.2.1", 0), 305 - 300);
	ck_assert_uint_eq(take(limit, "192.0.2.1", 5000), 0);
	ck_assert_uint_eq(take(limit, "192.0.2.1", 5000), 300);
	obol_source_limit_free(limit);
}
END_TEST

START_TEST(test_bad_sizes)
{
	struct obol_source_limit *limit = NULL;

	ck_assert_int_eq(obol_source_limit_new(0, 8, obol_rng_system(), &limit),
					 OBOL_ERR_ARG);
	ck_assert_int_eq(
		obol_source_limit_new(1, SIZE_MAX, obol_rng_system(), &limit),
		OBOL_ERR_ARG);
	/* nothing would drain */
	ck_assert_int_eq(
		obol_source_limit_new_within(11, 10, 8, obol_rng_system(), &limit),
		OBOL_ERR_ARG);
	ck_assert_ptr_null(limit);
}
END_TEST

Suite *source_limit_suite(void);

Suite *source_limit_suite(void)
{
	Suite *s = suite_create("source_limit");
	TCase *tc = tcase_create("source_limit");

	tcase_add_test(tc, test_fills_and_drains);
	tcase_add_test(tc, test_success_is_free);
	tcase_add_test(tc, test_v6_networks);
	tcase_add_test(tc, test_v4_is_not_v6);
	tcase_add_test(tc, test_full_table_keeps_the_worst);
	tcase_add_test(tc, test_level);
	tcase_add_test(tc, test_clock_that_stands);
	tcase_add_test(tc, test_bad_sizes);
	suite_add_tcase(s, tc);
	return s;
}
