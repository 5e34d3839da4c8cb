/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "wire/frame.h"

Suite *frame_suite(void);

/** What a decoder makes of a header alone. */
static const struct header_row {
	const char *name;
	uint8_t bytes[5];
	size_t len;
	size_t max;
	enum obol_status status;
	size_t used;
} headers[] = {
	{ "nothing", { 0 }, 0, 10, OBOL_OK, 0 },
	{ "three bytes", { 1, 0, 0 }, 3, 10, OBOL_OK, 0 },
	{ "three bytes of too much", { 1, 0xff, 0xff }, 3, 10, OBOL_OK, 0 },
	{ "empty body", { 1, 0, 0, 0 }, 4, 10, OBOL_OK, 4 },
	{ "empty body, none allowed", { 1, 0, 0, 0 }, 4, 0, OBOL_OK, 4 },
	{ "one byte missing", { 1, 0, 0, 1 }, 4, 10, OBOL_OK, 0 },
	{ "one byte there", { 1, 0, 0, 1, 9 }, 5, 10, OBOL_OK, 5 },
	{ "more there", { 1, 0, 0, 0, 9 }, 5, 10, OBOL_OK, 4 },
	{ "the largest", { 1, 0, 0, 10 }, 4, 10, OBOL_OK, 0 },
	{ "above it", { 1, 0, 0, 11 }, 4, 10, OBOL_ERR_FORMAT, 99 },
	{ "far above it", { 1, 1, 0, 0 }, 4, 10, OBOL_ERR_FORMAT, 99 },
	{ "early limit", { 1, 0, 0x10, 0 }, 4, 4096, OBOL_OK, 0 },
	{ "above early", { 1, 0, 0x10, 1 }, 4, 4096, OBOL_ERR_FORMAT, 99 },
	{ "late limit", { 1, 0x10, 0, 0 }, 4, OBOL_FRAME_MAX, OBOL_OK, 0 },
	{ "above late", { 1, 0x10, 0, 1 }, 4, OBOL_FRAME_MAX, OBOL_ERR_FORMAT, 99 },
	{ "all ones",
	  { 0xff, 0xff, 0xff, 0xff },
	  4,
	  OBOL_FRAME_MAX,
	  OBOL_ERR_FORMAT,
	  99 },
};

START_TEST(header)
{
	const struct header_row *row = &headers[_i];
	struct obol_frame frame = { 0 };
	size_t used = 99;
	enum obol_status status;

	status = obol_frame_decode(obol_bytes(row->bytes, row->len), row->max,
							   &frame, &used);
	ck_assert_msg(status == row->status, "%s: %s", row->name,
				  obol_status_name(status));
	ck_assert_msg(used == row->used, "%s: used %zu", row->name, used);
	if (status == OBOL_OK && used)
	{
		ck_assert_uint_eq(frame.type, row->bytes[0]);
		ck_assert_uint_eq(frame.body.len, used - OBOL_FRAME_HEADER_LEN);
	}
}
END_TEST

START_TEST(written_is_read)
{
	struct obol_writer w;
	struct obol_frame frame;
	struct obol_bytes all;
	size_t mark, used;

	obol_writer_init(&w);
	mark = obol_frame_open(&w, OBOL_LIST);
	obol_frame_close(&w, mark);
	mark = obol_frame_open(&w, OBOL_GET);
	obol_write_zeros(&w, 300);
	obol_frame_close(&w, mark);
	all = obol_writer_view(&w);

	ck_assert_int_eq(obol_frame_decode(all, 300, &frame, &used), OBOL_OK);
	ck_assert_uint_eq(used, 4);
	ck_assert_uint_eq(frame.type, OBOL_LIST);
	all = obol_bytes(all.ptr + used, all.len - used);
	ck_assert_int_eq(obol_frame_decode(all, 299, &frame, &used),
					 OBOL_ERR_FORMAT);
	ck_assert_int_eq(obol_frame_decode(all, 300, &frame, &used), OBOL_OK);
	ck_assert_uint_eq(used, 304);
	ck_assert_uint_eq(frame.type, OBOL_GET);
	ck_assert_ptr_eq(frame.body.ptr, all.ptr + 4);
	obol_writer_clear(&w);
}
END_TEST

START_TEST(largest_is_written_and_no_larger)
{
	struct obol_writer w;
	size_t mark;

	obol_writer_init(&w);
	mark = obol_frame_open(&w, OBOL_PUT);
	obol_write_zeros(&w, OBOL_FRAME_MAX);
	obol_frame_close(&w, mark);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_OK);
	ck_assert_uint_eq(obol_writer_view(&w).len, 4 + OBOL_FRAME_MAX);
	obol_writer_clear(&w);

	mark = obol_frame_open(&w, OBOL_PUT);
	obol_write_zeros(&w, OBOL_FRAME_MAX + 1);
	obol_frame_close(&w, mark);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	ck_assert_uint_eq(obol_writer_view(&w).len, 0);
	obol_writer_clear(&w);
}
END_TEST

Suite *frame_suite(void)
{
	Suite *suite = suite_create("frame");
	TCase *tc = tcase_create("frame");

	tcase_add_loop_test(tc, header, 0, sizeof(headers) / sizeof(*headers));
	tcase_add_test(tc, written_is_read);
	tcase_add_test(tc, largest_is_written_and_no_larger);
	suite_add_tcase(suite, tc);
	return suite;
}
