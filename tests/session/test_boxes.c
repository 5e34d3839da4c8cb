/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "session/inbox.h"
#include "session/outbox.h"

Suite *boxes_suite(void);

static const uint8_t stream[] = {
	0x20, 0, 0, 0, 0x22, 0, 0, 3, 'a', 'b', 'c', 0x40, 0, 0, 1, 'x',
};

static void expect(struct obol_inbox *inbox, uint8_t type, const char *body)
{
	struct obol_frame frame;

	ck_assert_int_eq(obol_inbox_take(inbox, 10, &frame), OBOL_OK);
	ck_assert_uint_eq(frame.type, type);
	ck_assert(obol_bytes_eq(frame.body, obol_bytes_str(body)));
}

START_TEST(frames_at_once)
{
	struct obol_inbox inbox;
	struct obol_frame frame;

	obol_inbox_init(&inbox);
	ck_assert_int_eq(obol_inbox_take(&inbox, 10, &frame), OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(obol_inbox_put(&inbox, obol_bytes(stream, sizeof(stream))),
					 OBOL_OK);
	ck_assert_uint_eq(obol_inbox_len(&inbox), sizeof(stream));
	expect(&inbox, 0x20, "");
	expect(&inbox, 0x22, "abc");
	expect(&inbox, 0x40, "x");
	ck_assert_uint_eq(obol_inbox_len(&inbox), 0);
	ck_assert_int_eq(obol_inbox_take(&inbox, 10, &frame), OBOL_ERR_NOT_FOUND);
	obol_inbox_clear(&inbox);
}
END_TEST

START_TEST(frames_by_the_byte)
{
	struct obol_inbox inbox;
	struct obol_frame frame;
	size_t i, n = 0;

	obol_inbox_init(&inbox);
	for (i = 0; i < sizeof(stream); i++)
	{
		ck_assert_int_eq(obol_inbox_put(&inbox, obol_bytes(stream + i, 1)),
						 OBOL_OK);
		n += obol_inbox_take(&inbox, 10, &frame) == OBOL_OK;
	}
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(obol_inbox_len(&inbox), 0);
	obol_inbox_clear(&inbox);
}
END_TEST

/* what was taken stays where it is while more comes in */
START_TEST(frame_holds)
{
	uint8_t more[20000] = { 0 };
	struct obol_inbox inbox;
	struct obol_frame frame;

	obol_inbox_init(&inbox);
	ck_assert_int_eq(obol_inbox_put(&inbox, obol_bytes(stream + 4, 7 + 2)),
					 OBOL_OK);
	ck_assert_int_eq(obol_inbox_take(&inbox, 10, &frame), OBOL_OK);
	ck_assert_int_eq(obol_inbox_put(&inbox, obol_bytes(more, sizeof(more))),
					 OBOL_OK);
	ck_assert(obol_bytes_eq(frame.body, obol_bytes_str("abc")));
	obol_inbox_clear(&inbox);
}
END_TEST

/* looked at as often as one likes, and then taken as it was */
/* What a large frame took is given back with it, also when a byte of the next
 * one is there, which keeps the memory that both came in. */
START_TEST(memory)
{
	static uint8_t large[4 + 100000 + 1] = { 0x22, 1, 0x86, 0xa0 };
	struct obol_inbox inbox;
	struct obol_frame frame;
	size_t more;

	for (more = 0; more < 2; more++)
	{
		obol_inbox_init(&inbox);
		ck_assert_uint_eq(obol_inbox_held(&inbox), 0);
		ck_assert_int_eq(
			obol_inbox_put(&inbox, obol_bytes(large, sizeof(large) - 1 + more)),
			OBOL_OK);
		ck_assert_uint_ge(obol_inbox_held(&inbox), sizeof(large) - 1);
		ck_assert_int_eq(obol_inbox_take(&inbox, 200000, &frame), OBOL_OK);
		ck_assert_uint_eq(frame.body.len, 100000);
		ck_assert_uint_ge(obol_inbox_held(&inbox), frame.body.len * (1 + more));
		ck_assert_uint_eq(obol_inbox_len(&inbox), more);
		obol_inbox_drop(&inbox);
		ck_assert(more ? obol_inbox_held(&inbox) > 100000
					   : obol_inbox_held(&inbox) == 0);
		obol_inbox_clear(&inbox);
		ck_assert_uint_eq(obol_inbox_held(&inbox), 0);
	}
}
END_TEST

START_TEST(frame_ahead)
{
	struct obol_inbox inbox;
	struct obol_frame frame;

	obol_inbox_init(&inbox);
	ck_assert_int_eq(obol_inbox_peek(&inbox, 10, &frame), OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(obol_inbox_put(&inbox, obol_bytes(stream, 10)), OBOL_OK);
	expect(&inbox, 0x20, "");
	ck_assert_int_eq(obol_inbox_peek(&inbox, 10, &frame), OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(obol_inbox_put(&inbox, obol_bytes(stream + 10, 1)),
					 OBOL_OK);
	ck_assert_int_eq(obol_inbox_peek(&inbox, 2, &frame), OBOL_ERR_FORMAT);
	ck_assert_int_eq(obol_inbox_peek(&inbox, 10, &frame), OBOL_OK);
	ck_assert_int_eq(obol_inbox_peek(&inbox, 10, &frame), OBOL_OK);
	ck_assert_uint_eq(frame.type, 0x22);
	ck_assert(obol_bytes_eq(frame.body, obol_bytes_str("abc")));
	ck_assert_uint_eq(obol_inbox_len(&inbox), 7);
	expect(&inbox, 0x22, "abc");
	obol_inbox_clear(&inbox);
}
END_TEST

START_TEST(frame_too_large)
{
	static const uint8_t header[] = { 0x22, 0, 0, 11 };
	struct obol_inbox inbox;
	struct obol_frame frame;

	obol_inbox_init(&inbox);
	ck_assert_int_eq(obol_inbox_put(&inbox, obol_bytes(header, 3)), OBOL_OK);
	ck_assert_int_eq(obol_inbox_take(&inbox, 10, &frame), OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(obol_inbox_put(&inbox, obol_bytes(header + 3, 1)),
					 OBOL_OK);
	ck_assert_int_eq(obol_inbox_take(&inbox, 10, &frame), OBOL_ERR_FORMAT);
	obol_inbox_clear(&inbox);
}
END_TEST

static enum obol_status put(struct obol_outbox *outbox, const char *text)
{
	struct obol_writer w;

	obol_writer_init(&w);
	obol_write_bytes(&w, obol_bytes_str(text));
	return obol_outbox_put(outbox, &w);
}

START_TEST(sent_in_pieces)
{
	struct obol_outbox outbox;

	obol_outbox_init(&outbox);
	ck_assert_uint_eq(obol_outbox_view(&outbox).len, 0);
	ck_assert_int_eq(put(&outbox, "abcd"), OBOL_OK);
	obol_outbox_sent(&outbox, 3);
	ck_assert(obol_bytes_eq(obol_outbox_view(&outbox), obol_bytes_str("d")));
	ck_assert_int_eq(put(&outbox, "ef"), OBOL_OK);
	ck_assert(obol_bytes_eq(obol_outbox_view(&outbox), obol_bytes_str("def")));
	obol_outbox_sent(&outbox, 1);
	obol_outbox_sent(&outbox, 2);
	ck_assert_uint_eq(obol_outbox_view(&outbox).len, 0);
	ck_assert_int_eq(put(&outbox, "g"), OBOL_OK);
	ck_assert(obol_bytes_eq(obol_outbox_view(&outbox), obol_bytes_str("g")));
	/* more than there was */
	obol_outbox_sent(&outbox, 100);
	ck_assert_uint_eq(obol_outbox_view(&outbox).len, 0);
	obol_outbox_clear(&outbox);
}
END_TEST

START_TEST(failed_writer_spoils_nothing)
{
	struct obol_outbox outbox;
	struct obol_writer w;

	obol_outbox_init(&outbox);
	ck_assert_int_eq(put(&outbox, "abcd"), OBOL_OK);
	obol_writer_init(&w);
	obol_write_bytes(&w, obol_bytes_str("xyz"));
	obol_writer_fail(&w, OBOL_ERR_ARG);
	ck_assert_int_eq(obol_outbox_put(&outbox, &w), OBOL_ERR_ARG);
	ck_assert(obol_bytes_eq(obol_outbox_view(&outbox), obol_bytes_str("abcd")));
	obol_outbox_clear(&outbox);
}
END_TEST

Suite *boxes_suite(void)
{
	Suite *suite = suite_create("boxes");
	TCase *tc = tcase_create("boxes");

	tcase_add_test(tc, frames_at_once);
	tcase_add_test(tc, frames_by_the_byte);
	tcase_add_test(tc, frame_holds);
	tcase_add_test(tc, memory);
	tcase_add_test(tc, frame_ahead);
	tcase_add_test(tc, frame_too_large);
	tcase_add_test(tc, sent_in_pieces);
	tcase_add_test(tc, failed_writer_spoils_nothing);
	suite_add_tcase(suite, tc);
	return suite;
}
