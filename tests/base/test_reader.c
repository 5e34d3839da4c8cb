/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "base/reader.h"

Suite *reader_suite(void);

static const uint8_t message[] = {
	0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x01,
	2,    'h',  'i',  0,    1,    'x',  0,    0,    0,    0xaa, 0xbb,
};

static enum obol_status decode(struct obol_bytes in)
{
	struct obol_reader r = obol_reader_over(in);
	struct obol_bytes hi, x, none;
	uint8_t end[2];
	bool good;

	good = obol_read_u8(&r) == 1;
	good &= obol_read_u16(&r) == 0x0203;
	good &= obol_read_u24(&r) == 0x040506;
	good &= obol_read_u32(&r) == 0x0708090a;
	good &= obol_read_bool(&r);
	hi = obol_read_vec8(&r, 2);
	x = obol_read_vec16(&r, 1);
	none = obol_read_vec24(&r, 0);
	obol_read_copy(&r, end, 2);
	if (obol_read_end(&r) == OBOL_OK)
	{
		ck_assert(good);
		ck_assert(obol_bytes_eq(hi, obol_bytes_str("hi")));
		ck_assert(obol_bytes_eq(x, obol_bytes_str("x")));
		ck_assert_uint_eq(none.len, 0);
		ck_assert_uint_eq(end[1], 0xbb);
	}
	return obol_read_end(&r);
}

START_TEST(whole_truncated_trailing)
{
	uint8_t longer[sizeof(message) + 1] = { 0 };
	size_t len;

	ck_assert_int_eq(decode(obol_bytes(message, sizeof(message))), OBOL_OK);
	for (len = 0; len < sizeof(message); len++)
	{
		ck_assert_msg(decode(obol_bytes(message, len)) == OBOL_ERR_FORMAT,
					  "cut to %zu", len);
	}
	memcpy(longer, message, sizeof(message));
	ck_assert_int_eq(decode(obol_bytes(longer, sizeof(longer))),
					 OBOL_ERR_FORMAT);
}
END_TEST

START_TEST(sticky)
{
	uint8_t in[] = { 3, 'a', 'b', 'c', 1 };
	struct obol_reader r = obol_reader_over(obol_bytes(in, sizeof(in)));

	/* longer than its maximum */
	ck_assert_uint_eq(obol_read_vec8(&r, 2).len, 0);
	ck_assert(!obol_reader_ok(&r));
	ck_assert_uint_eq(obol_reader_left(&r), 0);
	ck_assert_uint_eq(obol_read_u8(&r), 0);
	ck_assert_int_eq(obol_read_end(&r), OBOL_ERR_FORMAT);
}
END_TEST

START_TEST(bool_is_0_or_1)
{
	uint8_t in[] = { 2 };
	struct obol_reader r = obol_reader_over(obol_bytes(in, 1));

	ck_assert(!obol_read_bool(&r));
	ck_assert_int_eq(obol_read_end(&r), OBOL_ERR_FORMAT);
}
END_TEST

START_TEST(copy_zeroes_on_failure)
{
	uint8_t in[] = { 9 };
	uint8_t out[2] = { 7, 7 };
	struct obol_reader r = obol_reader_over(obol_bytes(in, 1));

	obol_read_copy(&r, out, 2);
	ck_assert_uint_eq(out[0] | out[1], 0);
}
END_TEST

START_TEST(u64)
{
	uint8_t in[] = { 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa, 0xf9, 0xf8 };
	struct obol_reader r = obol_reader_over(obol_bytes(in, 8));

	ck_assert(obol_read_u64(&r) == 0xfffefdfcfbfaf9f8);
	ck_assert_int_eq(obol_read_end(&r), OBOL_OK);
}
END_TEST

Suite *reader_suite(void)
{
	Suite *suite = suite_create("reader");
	TCase *tc = tcase_create("reader");

	tcase_add_test(tc, whole_truncated_trailing);
	tcase_add_test(tc, sticky);
	tcase_add_test(tc, bool_is_0_or_1);
	tcase_add_test(tc, copy_zeroes_on_failure);
	tcase_add_test(tc, u64);
	suite_add_tcase(suite, tc);
	return suite;
}
