/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pauses after failures. */
#include "gateway/pause.h"
#include "support/run.h"
#include "support/scripted_rng.h"

/** Numbers as they lie in this machine's memory. */
static void script(struct scripted_rng *rng, const uint32_t *numbers, size_t n)
{
	scripted_rng_init(rng, NULL);
	scripted_rng_add(rng, obol_bytes(numbers, n * sizeof(*numbers)));
}

/* Nothing of chance: the whole, twice as long each time, up to the ceiling. */
START_TEST(doubles)
{
	static const uint32_t zeros[8] = { 0 };
	static const unsigned wanted[] = { 1000,  2000,  4000,  8000,
									   15000, 15000, 15000, 15000 };
	struct obol_pause pause = { 0 };
	struct scripted_rng rng;
	size_t i;

	script(&rng, zeros, 8);
	for (i = 0; i < 8; i++)
	{
		ck_assert_uint_eq(obol_pause_next(&pause, &rng.rng), wanted[i]);
	}
	obol_pause_reset(&pause);
	script(&rng, zeros, 1);
	ck_assert_uint_eq(obol_pause_next(&pause, &rng.rng), 1000);
}
END_TEST

/* Two that failed at one moment come back at two. */
START_TEST(differs)
{
	static const struct {
		uint32_t chance;
		unsigned wanted_ms;
	} rows[] = {
		{ 0, 1000 },  { 1, 999 },    { 250, 750 },
		{ 500, 500 }, { 501, 1000 }, { UINT32_MAX, 1000 - UINT32_MAX % 501 },
	};
	struct scripted_rng rng;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		struct obol_pause pause = { 0 };

		script(&rng, &rows[i].chance, 1);
		ck_assert_uint_eq(obol_pause_next(&pause, &rng.rng), rows[i].wanted_ms);
	}
}
END_TEST

/* Whatever the chance, within the bounds; and at the ceiling too. */
START_TEST(is_bounded)
{
	struct obol_pause pause = { 0 };
	unsigned i, shortest = OBOL_PAUSE_MAX_MS, longest = 0;

	for (i = 0; i < 2000; i++)
	{
		unsigned ms = obol_pause_next(&pause, obol_rng_system());

		ck_assert_uint_le(ms, pause.bound_ms);
		ck_assert_uint_ge(ms, pause.bound_ms / 2);
		if (pause.bound_ms == OBOL_PAUSE_MAX_MS)
		{
			shortest = ms < shortest ? ms : shortest;
			longest = ms > longest ? ms : longest;
		}
	}
	/* of two thousand draws; each fails once in 10^80 */
	ck_assert_uint_lt(shortest, 8250);
	ck_assert_uint_gt(longest, 14250);
}
END_TEST

/* Without randomness it waits all the same. */
START_TEST(without_chance)
{
	struct obol_pause pause = { 0 };
	struct scripted_rng rng;

	scripted_rng_init(&rng, NULL);
	ck_assert_uint_eq(obol_pause_next(&pause, &rng.rng), 1000);
	ck_assert_uint_eq(obol_pause_next(&pause, &rng.rng), 2000);
}
END_TEST

Suite *pause_suite(void);
Suite *pause_suite(void)
{
	Suite *suite = suite_create("pause");
	TCase *tcase = tcase_create("pause");

	tcase_add_test(tcase, doubles);
	tcase_add_test(tcase, differs);
	tcase_add_test(tcase, is_bounded);
	tcase_add_test(tcase, without_chance);
	suite_add_tcase(suite, tcase);
	return suite;
}
