/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "base/ct.h"

#include <string.h>

Suite *ct_suite(void);

START_TEST(eq)
{
	uint8_t a[32] = { 0 };
	uint8_t b[32] = { 0 };
	size_t i;

	ck_assert(obol_ct_eq(a, b, sizeof(a)));
	for (i = 0; i < 8 * sizeof(b); i++)
	{
		b[i / 8] ^= (uint8_t)(1 << i % 8);
		ck_assert_msg(!obol_ct_eq(a, b, sizeof(a)), "bit %zu", i);
		b[i / 8] = 0;
	}
}
END_TEST

START_TEST(select_one)
{
	uint8_t a[3] = { 1, 2, 0xff };
	uint8_t b[3] = { 0x80, 0, 7 };
	uint8_t out[3];

	obol_ct_select(out, a, b, 3, 1);
	ck_assert_mem_eq(out, a, 3);
	obol_ct_select(out, a, b, 3, 0);
	ck_assert_mem_eq(out, b, 3);
	/* in place */
	obol_ct_select(a, a, b, 3, 0);
	ck_assert_mem_eq(a, b, 3);
}
END_TEST

Suite *ct_suite(void)
{
	Suite *suite = suite_create("ct");
	TCase *tc = tcase_create("ct");

	tcase_add_test(tc, eq);
	tcase_add_test(tc, select_one);
	suite_add_tcase(suite, tc);
	return suite;
}
