/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "base/bytes.h"

Suite *secret_suite(void);

static const size_t lengths[] = { 0, 1, 32, 1023, 1024, 4096, 100000 };

START_TEST(new_is_zero_and_writable)
{
	size_t len = lengths[_i];
	struct obol_secret *secret = obol_secret_new(len);
	size_t i;

	ck_assert_ptr_nonnull(secret);
	ck_assert_uint_eq(obol_secret_len(secret), len);
	for (i = 0; i < len; i++)
	{
		ck_assert_uint_eq(obol_secret_view(secret).ptr[i], 0);
	}
	memset(obol_secret_ptr(secret), 0x5a, len);
	obol_secret_free(secret);
}
END_TEST

START_TEST(dup_and_cut)
{
	struct obol_secret *secret = obol_secret_dup("correct horse", 13);
	const uint8_t *bytes = obol_secret_view(secret).ptr;

	obol_secret_cut(secret, 7);
	ck_assert(
		obol_bytes_eq(obol_secret_view(secret), obol_bytes_str("correct")));
	/* what was cut is wiped */
	ck_assert_uint_eq(bytes[8], 0);
	obol_secret_cut(secret, 100);
	ck_assert_uint_eq(obol_secret_len(secret), 7);
	obol_secret_free(secret);
	obol_secret_free(NULL);
	ck_assert_uint_eq(obol_secret_len(NULL), 0);
	ck_assert_uint_eq(obol_secret_view(NULL).len, 0);
}
END_TEST

START_TEST(too_long)
{
	ck_assert_ptr_null(obol_secret_new(((size_t)16 << 20) + 1));
	ck_assert_ptr_null(obol_secret_new(SIZE_MAX));
}
END_TEST

Suite *secret_suite(void)
{
	Suite *suite = suite_create("secret");
	TCase *tc = tcase_create("secret");

	tcase_add_loop_test(tc, new_is_zero_and_writable, 0,
						sizeof(lengths) / sizeof(lengths[0]));
	tcase_add_test(tc, dup_and_cut);
	tcase_add_test(tc, too_long);
	suite_add_tcase(suite, tc);
	return suite;
}
