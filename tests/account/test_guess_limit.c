/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guess limits' figures, with a driven clock. */
#include <check.h>

#include "account/guess_limit.h"

Suite *guess_limit_suite(void);

#define START ((uint64_t)1700000000)

/** Take guesses as soon as they are allowed; returns the time of the last. */
static uint64_t guess_eagerly(struct obol_guess_row *row, uint64_t now,
							  size_t n)
{
	uint64_t reservation;

	while (n > 0)
	{
		uint32_t later_s = obol_guess_reserve(row, now, &reservation);

		now += later_s;
		n -= later_s == 0;
	}
	return now;
}

START_TEST(sequence)
{
	static const uint32_t waits[] = {
		0,  0,   0,   0,   0,   0,    0,    0,    0,    0,
		60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600,
	};
	struct obol_guess_row row = { 0 };
	uint64_t now = START;
	uint64_t reservation;
	size_t i;

	for (i = 0; i < sizeof(waits) / sizeof(waits[0]); i++)
	{
		if (waits[i] > 0)
		{
			ck_assert_uint_eq(obol_guess_reserve(&row, now, &reservation),
							  waits[i]);
			/* a second before it is over, a second is left */
			now += waits[i] - 1;
			ck_assert_uint_eq(obol_guess_reserve(&row, now, &reservation), 1);
			now++;
			/* asking did not move the end */
			ck_assert_uint_eq(row.n, i);
		}
		ck_assert_uint_eq(obol_guess_reserve(&row, now, &reservation), 0);
		ck_assert_uint_eq(row.n, i + 1);
	}
}
END_TEST

/** Whoever guesses whenever he may, for ninety days. */
START_TEST(eager_for_ninety_days)
{
	static uint64_t taken[2000];
	struct obol_guess_row row = { 0 };
	uint64_t now = START;
	uint64_t reservation;
	size_t n = 0, day = 0, month = 0;

	while (now < START + 90 * OBOL_GUESS_DAY_S)
	{
		uint32_t later_s = obol_guess_reserve(&row, now, &reservation);

		if (later_s > 0)
		{
			now += later_s;
			continue;
		}
		ck_assert_uint_lt(n, 2000);
		taken[n++] = now;
		while (taken[day] + OBOL_GUESS_DAY_S <= now)
		{
			day++;
		}
		while (taken[month] + OBOL_GUESS_MONTH_S <= now)
		{
			month++;
		}
		ck_assert_uint_le(n - day, OBOL_GUESS_DAY_MAX);
		ck_assert_uint_le(n - month, OBOL_GUESS_MONTH_MAX);
	}
	/* the month's limit is what bounds him, and it is reached */
	ck_assert_uint_eq(n, 3 * OBOL_GUESS_MONTH_MAX);
}
END_TEST

START_TEST(forty_a_day)
{
	struct obol_guess_row row = { 0 };
	uint64_t reservation;
	uint64_t now;
	size_t i;

	/* 40 in the last day, as limits that were once other ones may leave them;
	 * the wait behind the newest is over */
	for (i = 0; i < OBOL_GUESS_DAY_MAX; i++)
	{
		row.guesses[i].at = START + 60 * i;
		row.guesses[i].number = (uint16_t)i;
	}
	row.n = OBOL_GUESS_DAY_MAX;
	now = START + 40 * 60 + 2 * OBOL_GUESS_WAIT_MAX_S;
	ck_assert_uint_eq(obol_guess_reserve(&row, now, &reservation),
					  START + OBOL_GUESS_DAY_S - now);
	now = START + OBOL_GUESS_DAY_S;
	ck_assert_uint_eq(obol_guess_reserve(&row, now, &reservation), 0);
	/* an hour to the next one, but that guesses age once a minute: after 26 of
	 * these 14 are left, whose wait of 960 s is over */
	ck_assert_uint_eq(obol_guess_reserve(&row, now, &reservation), 26 * 60);
}
END_TEST

START_TEST(two_hundred_a_month)
{
	struct obol_guess_row row = { 0 };
	uint64_t reservation;
	uint64_t now;
	size_t i;

	for (i = 0; i < OBOL_GUESS_MONTH_MAX; i++)
	{
		row.guesses[i].at = START + i * 8 * 3600;
	}
	row.n = OBOL_GUESS_MONTH_MAX;
	/* 200 at eight hours each are 67 days: all but the last 90 have aged */
	now = row.guesses[row.n - 1].at;
	ck_assert_uint_eq(obol_guess_reserve(&row, now, &reservation), 0);
	ck_assert_uint_eq(row.n, 91);

	for (i = 0; i < OBOL_GUESS_MONTH_MAX; i++)
	{
		row.guesses[i].at = START + i * 3 * 3600;
	}
	row.n = OBOL_GUESS_MONTH_MAX;
	now = row.guesses[row.n - 1].at + 2 * 3600;
	ck_assert_uint_eq(obol_guess_reserve(&row, now, &reservation),
					  START + OBOL_GUESS_MONTH_S - now);
	now = START + OBOL_GUESS_MONTH_S;
	ck_assert_uint_eq(obol_guess_reserve(&row, now, &reservation), 0);
	ck_assert_uint_eq(row.n, OBOL_GUESS_MONTH_MAX);
	ck_assert_uint_eq(obol_guess_reserve(&row, now, &reservation), 3 * 3600);
}
END_TEST

START_TEST(counts_fall_with_time_only)
{
	struct obol_guess_row row = { 0 };
	uint64_t now = guess_eagerly(&row, START, 12);
	uint64_t reservation;
	size_t n = row.n;

	/* a guess that was refused, however often, adds and takes nothing */
	while (n-- > 0)
	{
		ck_assert_uint_gt(obol_guess_reserve(&row, now, &reservation), 0);
	}
	ck_assert_uint_eq(row.n, 12);
	/* a day later ten are free again, a month later all are gone */
	now += OBOL_GUESS_DAY_S;
	ck_assert_uint_eq(guess_eagerly(&row, now, 10), now);
	ck_assert_uint_eq(obol_guess_reserve(&row, now, &reservation), 60);
	ck_assert_uint_eq(row.n, 22);
	now += OBOL_GUESS_MONTH_S;
	ck_assert_uint_eq(obol_guess_reserve(&row, now, &reservation), 0);
	ck_assert_uint_eq(row.n, 1);
}
END_TEST

START_TEST(give_back_once)
{
	struct obol_guess_row row = { 0 };
	uint64_t mine, other, again;

	ck_assert_uint_eq(obol_guess_reserve(&row, START, &other), 0);
	ck_assert_uint_eq(obol_guess_reserve(&row, START, &mine), 0);
	ck_assert(mine != other);
	ck_assert_uint_eq(obol_guess_reserve(&row, START, &again), 0);
	ck_assert(obol_guess_give_back(&row, mine));
	ck_assert(!obol_guess_give_back(&row, mine));
	ck_assert_uint_eq(row.n, 2);
	/* it gave back its own and no other */
	ck_assert(obol_guess_give_back(&row, other));
	ck_assert(obol_guess_give_back(&row, again));
	ck_assert_uint_eq(row.n, 0);
	ck_assert(!obol_guess_give_back(&row, other));
}
END_TEST

START_TEST(give_back_ends_the_wait)
{
	struct obol_guess_row row = { 0 };
	uint64_t reservation, other;

	(void)guess_eagerly(&row, START, 9);
	ck_assert_uint_eq(obol_guess_reserve(&row, START, &reservation), 0);
	ck_assert_uint_eq(obol_guess_reserve(&row, START, &other), 60);
	ck_assert(obol_guess_give_back(&row, reservation));
	ck_assert_uint_eq(obol_guess_reserve(&row, START, &other), 0);
}
END_TEST

START_TEST(clock_set_back)
{
	struct obol_guess_row row = { 0 };
	uint64_t now = guess_eagerly(&row, START + 10 * OBOL_GUESS_DAY_S, 11);
	uint64_t reservation, later;

	/* ten days back: all count as of now, so there is a wait, and it runs */
	now -= 10 * OBOL_GUESS_DAY_S;
	ck_assert_uint_eq(obol_guess_reserve(&row, now, &reservation), 120);
	ck_assert_uint_eq(row.n, 11);
	ck_assert_uint_eq(obol_guess_reserve(&row, now + 119, &reservation), 1);
	ck_assert_uint_eq(obol_guess_reserve(&row, now + 120, &reservation), 0);

	/* one reserved before the clock went back can be given back after it */
	row.n = 0;
	ck_assert_uint_eq(obol_guess_reserve(&row, START, &reservation), 0);
	ck_assert_uint_eq(obol_guess_reserve(&row, START - 5000, &later), 0);
	ck_assert(obol_guess_give_back(&row, reservation));
	ck_assert(!obol_guess_give_back(&row, reservation));
	ck_assert_uint_eq(row.n, 1);
}
END_TEST

START_TEST(round_trip)
{
	struct obol_guess_row row = { 0 };
	struct obol_guess_row back = { 0 };
	uint8_t bytes[OBOL_GUESS_ROW_MAX];
	size_t len, i;

	ck_assert_uint_eq(obol_guess_row_encode(&row, bytes), 0);
	ck_assert_int_eq(obol_guess_row_decode(obol_bytes(bytes, 0), &back),
					 OBOL_OK);
	ck_assert_uint_eq(back.n, 0);

	for (i = 0; i < OBOL_GUESS_MONTH_MAX; i++)
	{
		row.guesses[i].at = START + i * i;
		row.guesses[i].number = (uint16_t)(65500 + i);
	}
	row.n = OBOL_GUESS_MONTH_MAX;
	len = obol_guess_row_encode(&row, bytes);
	ck_assert_uint_eq(len, OBOL_GUESS_ROW_MAX);
	ck_assert_int_eq(obol_guess_row_decode(obol_bytes(bytes, len), &back),
					 OBOL_OK);
	ck_assert_uint_eq(back.n, row.n);
	for (i = 0; i < row.n; i++)
	{
		ck_assert_uint_eq(back.guesses[i].at, row.guesses[i].at);
		ck_assert_uint_eq(back.guesses[i].number, row.guesses[i].number);
	}
}
END_TEST

START_TEST(malformed)
{
	static const uint8_t backwards[16] = { 0, 0, 0, 0, 0, 2, 0, 0,
										   0, 0, 0, 0, 0, 1, 0, 0 };
	static const uint8_t zeros[OBOL_GUESS_ROW_MAX + 8];
	struct obol_guess_row row;
	size_t len;

	ck_assert_int_eq(obol_guess_row_decode(obol_bytes(backwards, 16), &row),
					 OBOL_ERR_FORMAT);
	ck_assert_int_eq(
		obol_guess_row_decode(obol_bytes(zeros, sizeof(zeros)), &row),
		OBOL_ERR_FORMAT);
	for (len = 1; len < 16; len++)
	{
		ck_assert_int_eq(obol_guess_row_decode(obol_bytes(zeros, len), &row),
						 len == 8 ? OBOL_OK : OBOL_ERR_FORMAT);
	}
}
END_TEST

Suite *guess_limit_suite(void)
{
	Suite *suite = suite_create("guess limit");
	TCase *tc = tcase_create("guess limit");

	tcase_add_test(tc, sequence);
	tcase_add_test(tc, eager_for_ninety_days);
	tcase_add_test(tc, forty_a_day);
	tcase_add_test(tc, two_hundred_a_month);
	tcase_add_test(tc, counts_fall_with_time_only);
	tcase_add_test(tc, give_back_once);
	tcase_add_test(tc, give_back_ends_the_wait);
	tcase_add_test(tc, clock_set_back);
	tcase_add_test(tc, round_trip);
	tcase_add_test(tc, malformed);
	suite_add_tcase(suite, tc);
	return suite;
}
