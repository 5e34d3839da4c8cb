/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "base/reader.h"
#include "base/writer.h"

Suite *writer_suite(void);

START_TEST(round_trip)
{
	struct obol_writer w;
	struct obol_reader r;
	size_t mark, i;

	obol_writer_init(&w);
	obol_write_u8(&w, 0xfe);
	obol_write_u16(&w, 0xfedc);
	obol_write_u24(&w, 0xfedcba);
	obol_write_u32(&w, 0xfedcba98);
	obol_write_u64(&w, 0xfedcba9876543210);
	mark = obol_write_open(&w, 3);
	for (i = 0; i < 1000; i++)
	{
		obol_write_vec8(&w, obol_bytes_str("grow"));
	}
	obol_write_close(&w, mark, 3);
	obol_write_zeros(&w, 2);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_OK);

	r = obol_reader_over(obol_writer_view(&w));
	ck_assert_uint_eq(obol_read_u8(&r), 0xfe);
	ck_assert_uint_eq(obol_read_u16(&r), 0xfedc);
	ck_assert_uint_eq(obol_read_u24(&r), 0xfedcba);
	ck_assert_uint_eq(obol_read_u32(&r), 0xfedcba98);
	ck_assert(obol_read_u64(&r) == 0xfedcba9876543210);
	ck_assert_uint_eq(obol_read_vec24(&r, 5000).len, 5000);
	ck_assert_uint_eq(obol_read_u16(&r), 0);
	ck_assert_int_eq(obol_read_end(&r), OBOL_OK);
	obol_writer_clear(&w);
}
END_TEST

START_TEST(too_large)
{
	uint8_t big[256] = { 0 };
	struct obol_writer w;

	obol_writer_init(&w);
	obol_write_vec8(&w, obol_bytes(big, sizeof(big)));
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	/* sticky */
	obol_write_u8(&w, 1);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	ck_assert_uint_eq(obol_writer_view(&w).len, 0);
	obol_writer_clear(&w);

	obol_write_u24(&w, 1 << 24);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	obol_writer_clear(&w);
}
END_TEST

START_TEST(open_too_long)
{
	struct obol_writer w;
	size_t mark;

	obol_writer_init(&w);
	mark = obol_write_open(&w, 1);
	obol_write_zeros(&w, 256);
	obol_write_close(&w, mark, 1);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	obol_writer_clear(&w);
}
END_TEST

Suite *writer_suite(void)
{
	Suite *suite = suite_create("writer");
	TCase *tc = tcase_create("writer");

	tcase_add_test(tc, round_trip);
	tcase_add_test(tc, too_large);
	tcase_add_test(tc, open_too_long);
	suite_add_tcase(suite, tc);
	return suite;
}
