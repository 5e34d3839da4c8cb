/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our normalisation against libunistring's own for whole strings. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <uninorm.h>

#include "base/normalize.h"

Suite *normalize_suite(void);

#define TEXT_MAX 12

static bool same_as_library(const uint32_t *in, size_t n)
{
	uint32_t out[TEXT_MAX * OBOL_NFC_GROWTH], expected[256];
	size_t n_expected = 256;
	size_t n_out = obol_nfc(in, n, out, TEXT_MAX * OBOL_NFC_GROWTH);

	if (!u32_normalize(UNINORM_NFC, in, n, expected, &n_expected))
	{
		return false;
	}
	return n_out == n_expected && !memcmp(out, expected, n_out * sizeof(*out));
}

static bool is_surrogate(uint32_t cp)
{
	return cp >= 0xd800 && cp <= 0xdfff;
}

START_TEST(every_code_point)
{
	uint32_t cp;

	for (cp = 0; cp < 0x110000; cp++)
	{
		/* alone, and between what may compose with it */
		uint32_t around[3] = { 'e', cp, 0x301 };

		if (!is_surrogate(cp))
		{
			ck_assert_msg(same_as_library(&cp, 1), "U+%04x", cp);
			ck_assert_msg(same_as_library(around, 3), "e U+%04x U+0301", cp);
		}
	}
}
END_TEST

/* Starters and marks that interact, in all sorts of orders. */
START_TEST(mixtures)
{
	static const uint32_t pool[] = {
		'a',   'e',   'q',    0x300,  0x301,  0x302,  0x323,  0x327,
		0x345, 0x3b1, 0x1f00, 0x1100, 0x1161, 0x11a8, 0xac00, 0x9c7,
		0x9be, 0x93c, 0x94d,  0x915,  0x958,  0x212b, 0x1e69, 0x1d15e,
		0x5d0, 0x5bc, 0x30ab, 0x3099, 0xfb1d, 0x0344,
	};
	uint32_t state = 1, text[TEXT_MAX];
	int round;

	for (round = 0; round < 200000; round++)
	{
		size_t n, i;

		state = state * 1664525 + 1013904223;
		n = 1 + (state >> 16) % TEXT_MAX;
		for (i = 0; i < n; i++)
		{
			state = state * 1664525 + 1013904223;
			text[i] = pool[(state >> 16) % (sizeof(pool) / sizeof(pool[0]))];
		}
		ck_assert_msg(same_as_library(text, n), "round %d", round);
	}
}
END_TEST

START_TEST(has_compat)
{
	uint32_t cp;

	for (cp = 0; cp < 0x30000; cp++)
	{
		uint32_t expected[64];
		size_t n = 64;

		if (is_surrogate(cp))
		{
			continue;
		}
		ck_assert_ptr_nonnull(
			u32_normalize(UNINORM_NFKC, &cp, 1, expected, &n));
		ck_assert_msg(obol_has_compat(cp) == (n != 1 || expected[0] != cp),
					  "U+%04x", cp);
	}
}
END_TEST

START_TEST(too_small)
{
	uint32_t in = 0x1f82, out[4]; /* four code points before composition */

	ck_assert_uint_eq(obol_nfc(&in, 1, out, 3), SIZE_MAX);
	ck_assert_uint_eq(obol_nfc(&in, 1, out, 4), 1);
	ck_assert_uint_eq(out[0], 0x1f82);
	ck_assert_uint_eq(obol_nfc(&in, 0, out, 0), 0);
}
END_TEST

Suite *normalize_suite(void)
{
	Suite *suite = suite_create("normalize");
	TCase *tc = tcase_create("normalize");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, every_code_point);
	tcase_add_test(tc, mixtures);
	tcase_add_test(tc, has_compat);
	tcase_add_test(tc, too_small);
	suite_add_tcase(suite, tc);
	return suite;
}
