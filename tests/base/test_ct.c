/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "base/ct.h"

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

Suite *ct_suite(void)
{
	Suite *suite = suite_create("ct");
	TCase *tc = tcase_create("ct");

	tcase_add_test(tc, eq);
	suite_add_tcase(suite, tc);
	return suite;
}
