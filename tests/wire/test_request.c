/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "support/hex.h"
#include "wire/frame.h"
#include "wire/layout.h"
#include "wire/request.h"

Suite *request_suite(void);

/** A row's body, in memory of exactly its size so that a sanitizer sees a
 * read behind it. */
struct body {
	uint8_t *ptr;
	size_t len;
};

static struct body body_of(const struct layout *row, size_t more)
{
	struct body body;

	body.len = strlen(row->body) / 2;
	body.ptr = calloc(1, body.len + more + 1);
	ck_assert_ptr_nonnull(body.ptr);
	ck_assert_msg(hex_decode(row->body, body.ptr, body.len) == body.len,
				  "%s: no hexadecimal", row->name);
	return body;
}

static enum obol_status decode(bool is_request, const struct layout *row,
							   struct obol_bytes in, struct obol_writer *again)
{
	struct obol_request *request = calloc(1, sizeof(*request));
	struct obol_answer *answer = calloc(1, sizeof(*answer));
	enum obol_status status;

	ck_assert(request && answer);
	if (is_request)
	{
		status = obol_request_decode(row->type, in, request);
		if (status == OBOL_OK)
		{
			obol_request_encode(again, request);
		}
	}
	else
	{
		status = obol_answer_decode(row->type, in, answer);
		if (status == OBOL_OK)
		{
			obol_answer_encode(again, answer);
		}
	}
	free(request);
	free(answer);
	return status;
}

/* decoded and encoded again it is the same frame */
static void check_round_trip(bool is_request, const struct layout *row)
{
	struct body body = body_of(row, 0);
	struct obol_frame frame;
	struct obol_writer w;
	enum obol_status status;
	size_t used;

	obol_writer_init(&w);
	status = decode(is_request, row, obol_bytes(body.ptr, body.len), &w);
	ck_assert_msg(status == OBOL_OK, "%s: %s", row->name,
				  obol_status_name(status));
	ck_assert_msg(obol_writer_status(&w) == OBOL_OK, "%s: not encoded",
				  row->name);
	ck_assert_int_eq(
		obol_frame_decode(obol_writer_view(&w), OBOL_FRAME_MAX, &frame, &used),
		OBOL_OK);
	ck_assert_msg(used == obol_writer_view(&w).len, "%s", row->name);
	ck_assert_msg(frame.type == row->type, "%s", row->name);
	ck_assert_msg(obol_bytes_eq(frame.body, obol_bytes(body.ptr, body.len)),
				  "%s: not the same again", row->name);
	obol_writer_clear(&w);
	free(body.ptr);
}

static void check_cut_and_longer(bool is_request, const struct layout *row)
{
	struct body body = body_of(row, 1);
	struct obol_writer w;
	enum obol_status status;
	size_t len;

	obol_writer_init(&w);
	for (len = 0; len < body.len; len++)
	{
		uint8_t *cut = malloc(len ? len : 1);

		ck_assert_ptr_nonnull(cut);
		memcpy(cut, body.ptr, len);
		status = decode(is_request, row, obol_bytes(cut, len), &w);
		ck_assert_msg(status == OBOL_ERR_FORMAT, "%s cut to %zu: %s", row->name,
					  len, obol_status_name(status));
		free(cut);
	}
	status = decode(is_request, row, obol_bytes(body.ptr, body.len + 1), &w);
	ck_assert_msg(status == OBOL_ERR_FORMAT, "%s with one more: %s", row->name,
				  obol_status_name(status));
	obol_writer_clear(&w);
	free(body.ptr);
}

START_TEST(all_round_trip)
{
	const struct layout *row;

	for (row = layout_requests; row->name; row++)
	{
		check_round_trip(true, row);
	}
	for (row = layout_answers; row->name; row++)
	{
		check_round_trip(false, row);
	}
}
END_TEST

START_TEST(all_cut_and_longer)
{
	const struct layout *row;

	for (row = layout_requests; row->name; row++)
	{
		check_cut_and_longer(true, row);
	}
	for (row = layout_answers; row->name; row++)
	{
		check_cut_and_longer(false, row);
	}
}
END_TEST

static void check_refused(bool is_request, const struct layout *row)
{
	struct body body = body_of(row, 0);
	struct obol_writer w;
	enum obol_status status;

	obol_writer_init(&w);
	status = decode(is_request, row, obol_bytes(body.ptr, body.len), &w);
	ck_assert_msg(status == OBOL_ERR_FORMAT, "%s: %s", row->name,
				  obol_status_name(status));
	obol_writer_clear(&w);
	free(body.ptr);
}

START_TEST(bad_are_refused)
{
	const struct layout *row;

	for (row = layout_bad_requests; row->name; row++)
	{
		check_refused(true, row);
	}
	for (row = layout_bad_answers; row->name; row++)
	{
		check_refused(false, row);
	}
}
END_TEST

static bool has_layout(const struct layout *rows, unsigned type)
{
	for (; rows->name; rows++)
	{
		if (rows->type == type)
		{
			return true;
		}
	}
	return false;
}

/* every type is a request, an answer or neither, as the tables have it */
START_TEST(types)
{
	struct obol_request *request = calloc(1, sizeof(*request));
	struct obol_answer *answer = calloc(1, sizeof(*answer));
	unsigned type;

	ck_assert(request && answer);
	for (type = 0; type <= 255; type++)
	{
		bool is_request = obol_request_decode((uint8_t)type, obol_bytes("", 0),
											  request) != OBOL_ERR_NOT_FOUND;
		bool is_answer = obol_answer_decode((uint8_t)type, obol_bytes("", 0),
											answer) != OBOL_ERR_NOT_FOUND;

		ck_assert_msg(is_request == has_layout(layout_requests, type),
					  "type %02x", type);
		ck_assert_msg(is_answer == has_layout(layout_answers, type),
					  "type %02x", type);
		/* an answer is its request plus one */
		ck_assert_msg(!is_request || has_layout(layout_answers, type + 1),
					  "type %02x", type);
	}
	free(request);
	free(answer);
}
END_TEST

START_TEST(no_type_is_not_encoded)
{
	struct obol_request *request = calloc(1, sizeof(*request));
	struct obol_answer *answer = calloc(1, sizeof(*answer));
	struct obol_writer w;

	ck_assert(request && answer);
	request->type = OBOL_LIST_ANSWER;
	answer->type = OBOL_LIST;
	obol_writer_init(&w);
	obol_request_encode(&w, request);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	obol_writer_clear(&w);
	obol_answer_encode(&w, answer);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_ERR_ARG);
	obol_writer_clear(&w);
	free(request);
	free(answer);
}
END_TEST

START_TEST(fields)
{
	static const char list[] = "0001"
							   "0376706e"
							   "0001" U64("002") "00000400" U64("777") "01";
	struct obol_answer *answer = calloc(1, sizeof(*answer));
	const struct obol_list_item *item;
	uint8_t body[64];
	size_t len = hex_decode(list, body, sizeof(body));

	ck_assert_ptr_nonnull(answer);
	item = answer->list.items;
	ck_assert_int_eq(
		obol_answer_decode(OBOL_LIST_ANSWER, obol_bytes(body, len), answer),
		OBOL_OK);
	ck_assert_int_eq(answer->type, OBOL_LIST_ANSWER);
	ck_assert_uint_eq(answer->list.n_items, 1);
	ck_assert(obol_bytes_eq(item->name, obol_bytes_str("vpn")));
	ck_assert_uint_eq(item->format, OBOL_FORMAT_BUNDLE);
	ck_assert_uint_eq(item->version, 2);
	ck_assert_uint_eq(item->size, 1024);
	ck_assert_uint_eq(item->changed_at, 0x777);
	ck_assert(item->deleted);
	free(answer);
}
END_TEST

Suite *request_suite(void)
{
	Suite *suite = suite_create("request");
	TCase *tc = tcase_create("request");

	tcase_add_test(tc, all_round_trip);
	tcase_add_test(tc, all_cut_and_longer);
	tcase_add_test(tc, bad_are_refused);
	tcase_add_test(tc, types);
	tcase_add_test(tc, no_type_is_not_encoded);
	tcase_add_test(tc, fields);
	suite_add_tcase(suite, tc);
	return suite;
}
