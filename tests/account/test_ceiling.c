/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ceilings on the use of the server's keys. */
#include "account/ceiling.h"

#include <stdlib.h>

#include "support/run.h"

#define START ((uint64_t)5000000)

static struct obol_ceiling *ceiling;
static struct obol_ceiling_rates rates;

static void begin(size_t rows, uint32_t per_slot, uint32_t per_second)
{
	ceiling = malloc(obol_ceiling_size(rows));
	ck_assert_ptr_nonnull(ceiling);
	ck_assert_int_eq(obol_ceiling_init(ceiling, rows, obol_rng_system()),
					 OBOL_OK);
	rates.per_slot = per_slot;
	rates.per_second = per_second;
}

static void teardown(void)
{
	free(ceiling);
	ceiling = NULL;
}

/* Identifier number n, at so many milliseconds. */
static enum obol_status take(unsigned n, uint64_t ms)
{
	uint8_t id[OBOL_CEILING_ID_LEN] = { 0 };

	memcpy(id, &n, sizeof(n));
	return obol_ceiling_take(ceiling, &rates, id, START + ms);
}

/* How often in a row it is allowed, at most max. */
static unsigned takes(unsigned n, uint64_t ms, unsigned max)
{
	unsigned i = 0;

	while (i < max && take(n, ms) == OBOL_OK)
	{
		i++;
	}
	return i;
}

START_TEST(test_of_one)
{
	begin(1024, 200, 100000);
	ck_assert_uint_eq(takes(1, 0, 1000), 200);
	ck_assert_int_eq(take(1, 0), OBOL_ERR_DENIED);
	/* another one is not touched */
	ck_assert_uint_eq(takes(2, 0, 1000), 200);
	/* a 200th of a day for each */
	ck_assert_int_eq(take(1, 431999), OBOL_ERR_DENIED);
	ck_assert_int_eq(take(1, 432000), OBOL_OK);
	ck_assert_int_eq(take(1, 432000), OBOL_ERR_DENIED);
	ck_assert_uint_eq(takes(1, OBOL_CEILING_DAY_MS / 2, 1000), 99);
	ck_assert_uint_eq(takes(1, 10 * OBOL_CEILING_DAY_MS, 1000), 200);
}
END_TEST

START_TEST(test_refusals_do_not_count)
{
	unsigned i;

	begin(1024, 40, 1000);
	ck_assert_uint_eq(takes(1, 0, 100), 40);
	for (i = 0; i < 1000; i++)
	{
		ck_assert_int_eq(take(1, 0), OBOL_ERR_DENIED);
	}
	ck_assert_int_eq(take(1, OBOL_CEILING_DAY_MS / 40), OBOL_OK);
}
END_TEST

START_TEST(test_in_all)
{
	unsigned n = 0;

	begin(4096, 40, 10);
	while (take(n, 0) == OBOL_OK)
	{
		n++;
	}
	ck_assert_uint_eq(n, 10 * OBOL_CEILING_BURST_S);
	/* whoever it is, and what he is refused is not counted for him */
	ck_assert_int_eq(take(100000, 0), OBOL_ERR_DENIED);
	ck_assert_int_eq(take(100000, 99), OBOL_ERR_DENIED);
	ck_assert_int_eq(take(100000, 100), OBOL_OK);
	ck_assert_int_eq(take(100000, 100), OBOL_ERR_DENIED);
	ck_assert_uint_eq(takes(100000, 1000 * OBOL_CEILING_BURST_S, 100), 39);
}
END_TEST

START_TEST(test_uses_without_identifier)
{
	unsigned n = 0;

	begin(64, 40, 1000000);
	rates.per_second = 5;
	while (obol_ceiling_take_use(ceiling, &rates, OBOL_CEILING_DH, START) ==
		   OBOL_OK)
	{
		n++;
	}
	ck_assert_uint_eq(n, 5 * OBOL_CEILING_BURST_S);
	/* evaluations have a bucket of their own */
	ck_assert_int_eq(take(1, 0), OBOL_OK);
	ck_assert_int_eq(
		obol_ceiling_take_use(ceiling, &rates, OBOL_CEILING_DH, START + 200),
		OBOL_OK);
	ck_assert_int_eq(
		obol_ceiling_take_use(ceiling, &rates, OBOL_CEILING_DH, START + 200),
		OBOL_ERR_DENIED);
}
END_TEST

/* Who asks for many identifiers cannot make room for one more guess. */
START_TEST(test_flood_empties_no_bucket)
{
	unsigned i;

	begin(64, 40, 1000000);
	ck_assert_uint_eq(takes(1, 0, 100), 40);
	for (i = 100; i < 20000; i++)
	{
		(void)!take(i, 0);
		ck_assert_int_eq(take(1, 0), OBOL_ERR_DENIED);
	}
	/* nor is there more for all than all buckets hold */
	for (i = 0; i < 64; i++)
	{
		ck_assert_int_eq(take(100000 + i, 0), OBOL_ERR_DENIED);
	}
}
END_TEST

/* Strangers' names at the full rate, each but once: the table of the shipped
 * size takes them, and a user finds his own bucket as good as empty. */
START_TEST(test_flood_of_unknown_names)
{
	unsigned i, ms;

	begin(262144, 200, 500);
	for (i = 0, ms = 0; i < 300000; i++, ms += 2)
	{
		ck_assert_int_eq(take(i, ms), OBOL_OK);
	}
	for (i = 0; i < 50; i++)
	{
		ck_assert_uint_ge(takes(1000000 + i, ms + 60000, 198), 198);
	}
}
END_TEST

START_TEST(test_size_is_fixed)
{
	ck_assert_uint_lt(obol_ceiling_size(262144), 5 << 20);
	ck_assert_uint_ge(obol_ceiling_size(1), 8 * 16);
	ck_assert_uint_eq(obol_ceiling_size(9), obol_ceiling_size(16));
}
END_TEST

Suite *ceiling_suite(void);

Suite *ceiling_suite(void)
{
	Suite *suite = suite_create("ceiling");
	TCase *tcase = tcase_create("ceiling");

	/* 300,000 keyed hashes, also with sanitizers */
	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, test_of_one);
	tcase_add_test(tcase, test_refusals_do_not_count);
	tcase_add_test(tcase, test_in_all);
	tcase_add_test(tcase, test_uses_without_identifier);
	tcase_add_test(tcase, test_flood_empties_no_bucket);
	tcase_add_test(tcase, test_flood_of_unknown_names);
	tcase_add_test(tcase, test_size_is_fixed);
	suite_add_tcase(suite, tcase);
	return suite;
}
