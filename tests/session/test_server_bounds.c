/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "exchange/exchange.h"
#include "session/frames.h"
#include "wire/frame.h"

Suite *server_bounds_suite(void);

static struct exchange x;

static void setup(void)
{
	exchange_init(&x, OBOL_SLOT_RECOVERY);
}

static void teardown(void)
{
	exchange_clear(&x);
}

static void feed(struct obol_bytes in)
{
	ck_assert_int_eq(obol_server_session_input(x.server, in), OBOL_OK);
}

/* the one frame of the output is an Error with this number, and it is over */
static void check_ended(unsigned reply, const char *what)
{
	struct obol_bytes out = obol_server_session_output(x.server);
	struct obol_error_message error;
	struct obol_frame frame;
	size_t used;

	ck_assert_msg(obol_server_session_event(x.server) == OBOL_EVENT_CLOSE, "%s",
				  what);
	out = obol_server_session_output(x.server);
	ck_assert_int_eq(
		obol_frame_decode(out, OBOL_FRAME_EARLY_MAX, &frame, &used), OBOL_OK);
	ck_assert_uint_eq(used, out.len);
	ck_assert_uint_eq(frame.type, OBOL_ERROR);
	ck_assert_int_eq(obol_error_decode(frame.body, &error), OBOL_OK);
	ck_assert_msg(error.reply == reply, "%s: %u", what, error.reply);
}

/* LoginStart with a good KE1, as a body */
static void good_login_start(uint8_t body[OBOL_LOGIN_START_LEN])
{
	struct obol_bytes out;

	exchange_login(&x, OBOL_SLOT_RECOVERY, FAKE_RECOVERY);
	out = obol_client_session_output(x.client);
	ck_assert_uint_eq(out.len, OBOL_FRAME_HEADER_LEN + OBOL_LOGIN_START_LEN);
	memcpy(body, out.ptr + OBOL_FRAME_HEADER_LEN, OBOL_LOGIN_START_LEN);
}

START_TEST(login_start_of_any_length)
{
	uint8_t body[OBOL_LOGIN_START_LEN + 1] = { 0 };
	uint8_t frame[FRAME_SIZE];
	size_t len;

	good_login_start(body);
	for (len = 0; len <= OBOL_LOGIN_START_LEN + 1; len++)
	{
		if (len == OBOL_LOGIN_START_LEN)
		{
			continue;
		}
		exchange_connect(&x);
		feed(frame_make(frame, OBOL_LOGIN_START, obol_bytes(body, len)));
		check_ended(OBOL_REPLY_SYNTAX, "cut LoginStart");
	}
	exchange_connect(&x);
	feed(frame_make(frame, OBOL_LOGIN_START,
					obol_bytes(body, OBOL_LOGIN_START_LEN)));
	ck_assert_int_eq(obol_server_session_event(x.server),
					 OBOL_EVENT_LOGIN_START);
}
END_TEST

/** A byte of LoginStart set to something. */
static const struct start_row {
	const char *name;
	size_t at;
	uint8_t value;
	unsigned reply;
} starts[] = {
	{ "suite 2", 1, 2, OBOL_REPLY_UNSUPPORTED },
	{ "suite 256", 0, 1, OBOL_REPLY_UNSUPPORTED },
	{ "mechanism 2", 2, 2, OBOL_REPLY_UNSUPPORTED },
	{ "mechanism 0", 2, 0, OBOL_REPLY_UNSUPPORTED },
	{ "kind 0", 3, 0, OBOL_REPLY_UNSUPPORTED },
	{ "kind 6", 3, 6, OBOL_REPLY_UNSUPPORTED },
	{ "kind 255", 3, 255, OBOL_REPLY_UNSUPPORTED },
	{ "no name", 4, 0, OBOL_REPLY_SYNTAX },
	{ "name with a zero byte", 6, 0, OBOL_REPLY_SYNTAX },
	{ "something behind the name", 259, 1, OBOL_REPLY_SYNTAX },
	{ "a device id", 275, 1, OBOL_REPLY_SYNTAX },
	{ "KE1 with no point for a tag", 276, 4, OBOL_REPLY_SYNTAX },
	{ "KE1 with the identity for a tag", 276, 0, OBOL_REPLY_SYNTAX },
	{ "KE1's keyshare with no point", 276 + 65, 9, OBOL_REPLY_SYNTAX },
};

START_TEST(login_start_of_any_content)
{
	const struct start_row *row = &starts[_i];
	uint8_t body[OBOL_LOGIN_START_LEN];
	uint8_t frame[FRAME_SIZE];

	good_login_start(body);
	body[row->at] = row->value;
	exchange_connect(&x);
	feed(frame_make(frame, OBOL_LOGIN_START, obol_bytes(body, sizeof(body))));
	fake_owner_serve(&x.owner, x.server);
	check_ended(row->reply, row->name);
}
END_TEST

/* points off the curve: the tag is right, the coordinate no one's */
START_TEST(ke1_off_the_curve)
{
	uint8_t body[OBOL_LOGIN_START_LEN];
	uint8_t frame[FRAME_SIZE];

	good_login_start(body);
	memset(body + 276 + (_i ? 65 : 0) + 1, 0xff, 32);
	exchange_connect(&x);
	feed(frame_make(frame, OBOL_LOGIN_START, obol_bytes(body, sizeof(body))));
	fake_owner_serve(&x.owner, x.server);
	ck_assert_uint_eq(x.owner.n_starts, 1);
	check_ended(OBOL_REPLY_SYNTAX, "point off the curve");
}
END_TEST

START_TEST(login_finish_of_any_length)
{
	uint8_t body[OBOL_OPAQUE_KE3_LEN + 1] = { 0 };
	uint8_t frame[FRAME_SIZE];
	size_t len;

	for (len = 0; len <= sizeof(body); len++)
	{
		if (len == OBOL_OPAQUE_KE3_LEN)
		{
			continue;
		}
		exchange_connect(&x);
		exchange_ready(&x, OBOL_SLOT_RECOVERY);
		feed(frame_make(frame, OBOL_LOGIN_FINISH, obol_bytes(body, len)));
		check_ended(OBOL_REPLY_SYNTAX, "cut LoginFinish");
	}
}
END_TEST

/* a request that is cut, in a frame that is whole */
START_TEST(requests_cut)
{
	static const unsigned types[] = {
		OBOL_GET,         OBOL_PUT,         OBOL_DELETE,  OBOL_SLOT_START,
		OBOL_SLOT_FINISH, OBOL_SLOT_DELETE, OBOL_STAGE,   OBOL_REKEY,
		OBOL_ISSUE,       OBOL_HISTORY,     OBOL_ANCHORS,
	};
	uint8_t whole[FRAME_SIZE], frame[FRAME_SIZE];
	struct obol_bytes body;
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++)
	{
		body = frame_of_type(whole, types[i]);
		body.ptr += OBOL_FRAME_HEADER_LEN;
		body.len -= OBOL_FRAME_HEADER_LEN;
		exchange_connect(&x);
		exchange_open(&x, OBOL_SLOT_RECOVERY);
		feed(frame_make(frame, types[i], obol_bytes(body.ptr, body.len - 1)));
		check_ended(OBOL_REPLY_SYNTAX, "cut request");
		exchange_connect(&x);
		exchange_open(&x, OBOL_SLOT_RECOVERY);
		whole[OBOL_FRAME_HEADER_LEN + body.len] = 0;
		feed(frame_make(frame, types[i], obol_bytes(body.ptr, body.len + 1)));
		check_ended(OBOL_REPLY_SYNTAX, "request with one byte more");
	}
}
END_TEST

/* a body where there is none to be */
START_TEST(empty_requests_filled)
{
	static const unsigned types[] = { OBOL_INFO, OBOL_LIST, OBOL_SLOT_LIST };
	uint8_t frame[FRAME_SIZE];
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++)
	{
		exchange_connect(&x);
		exchange_open(&x, OBOL_SLOT_RECOVERY);
		feed(frame_make(frame, types[i], obol_bytes_str("x")));
		check_ended(OBOL_REPLY_SYNTAX, "filled");
	}
}
END_TEST

/** A header alone: its length is refused before the body comes. */
static const struct size_row {
	const char *name;
	/** 0 start, 1 challenged, 2 open */
	int stage;
	uint8_t header[4];
	unsigned reply;
} sizes[] = {
	{ "start, early limit", 0, { OBOL_LOGIN_START, 0, 0x10, 0 }, 0 },
	{ "start, above", 0, { OBOL_LOGIN_START, 0, 0x10, 1 }, OBOL_REPLY_SYNTAX },
	{ "start, largest", 0, { 0xff, 0xff, 0xff, 0xff }, OBOL_REPLY_SYNTAX },
	{ "challenged, early limit", 1, { OBOL_LOGIN_FINISH, 0, 0x10, 0 }, 0 },
	{ "challenged, above",
	  1,
	  { OBOL_LOGIN_FINISH, 0, 0x10, 1 },
	  OBOL_REPLY_SYNTAX },
	{ "open, above early", 2, { OBOL_PUT, 0, 0x10, 1 }, 0 },
	{ "open, late limit", 2, { OBOL_PUT, 0x10, 0, 0 }, 0 },
	{ "open, above", 2, { OBOL_PUT, 0x10, 0, 1 }, OBOL_REPLY_SYNTAX },
};

START_TEST(frame_sizes)
{
	const struct size_row *row = &sizes[_i];

	if (row->stage == 1)
	{
		exchange_ready(&x, OBOL_SLOT_RECOVERY);
	}
	if (row->stage == 2)
	{
		exchange_open(&x, OBOL_SLOT_RECOVERY);
	}
	feed(obol_bytes(row->header, 3));
	ck_assert_int_eq(obol_server_session_event(x.server), OBOL_EVENT_NONE);
	feed(obol_bytes(row->header + 3, 1));
	if (row->reply)
	{
		check_ended(row->reply, row->name);
		return;
	}
	ck_assert_msg(obol_server_session_event(x.server) == OBOL_EVENT_NONE, "%s",
				  row->name);
	ck_assert_uint_eq(obol_server_session_output(x.server).len, 0);
}
END_TEST

/* LoginStart again, in the same flight, after the challenge, after the login */
START_TEST(login_start_repeated)
{
	uint8_t body[OBOL_LOGIN_START_LEN];
	uint8_t frame[FRAME_SIZE];
	struct obol_bytes start;

	good_login_start(body);
	start = frame_make(frame, OBOL_LOGIN_START, obol_bytes(body, sizeof(body)));
	if (_i == 0)
	{
		feed(start);
		feed(start);
		fake_owner_serve(&x.owner, x.server);
		/* the challenge is out, and then the error */
		obol_server_session_sent(x.server, OBOL_FRAME_HEADER_LEN +
											   OBOL_KSF_PARAMS_LEN + 4 +
											   OBOL_OPAQUE_KE2_LEN);
	}
	else
	{
		exchange_connect(&x);
		if (_i == 1)
		{
			exchange_ready(&x, OBOL_SLOT_RECOVERY);
		}
		else
		{
			exchange_open(&x, OBOL_SLOT_RECOVERY);
		}
		feed(start);
	}
	check_ended(OBOL_REPLY_SEQUENCE, "LoginStart again");
	ck_assert_uint_eq(x.owner.n_starts, 1);
}
END_TEST

START_TEST(login_finish_repeated)
{
	uint8_t frame[FRAME_SIZE];

	exchange_open(&x, OBOL_SLOT_RECOVERY);
	feed(frame_of_type(frame, OBOL_LOGIN_FINISH));
	check_ended(OBOL_REPLY_SEQUENCE, "LoginFinish again");
}
END_TEST

START_TEST(too_much_at_the_start)
{
	static const uint8_t zeros[2 * (OBOL_FRAME_EARLY_MAX + 4) + 1];

	feed(obol_bytes(zeros, sizeof(zeros)));
	check_ended(OBOL_REPLY_SEQUENCE, "too much");
	ck_assert_uint_eq(obol_server_session_buffered(x.server), 0);
}
END_TEST

START_TEST(too_much_later)
{
	static uint8_t lists[16384];
	uint8_t frame[FRAME_SIZE];
	size_t fed = 0;

	for (fed = 0; fed < sizeof(lists); fed += 4)
	{
		lists[fed] = OBOL_LIST;
	}
	exchange_open(&x, OBOL_SLOT_RECOVERY);
	feed(frame_of_type(frame, OBOL_GET));
	ck_assert_int_eq(obol_server_session_event(x.server), OBOL_EVENT_REQUEST);
	for (fed = 0; fed <= 2 * OBOL_FRAME_MAX; fed += sizeof(lists))
	{
		feed(obol_bytes(lists, sizeof(lists)));
	}
	ck_assert_uint_le(obol_server_session_buffered(x.server),
					  2 * (OBOL_FRAME_MAX + 4));
	check_ended(OBOL_REPLY_SEQUENCE, "too much");
}
END_TEST

/* a client that sends requests and reads no answers */
START_TEST(requests_wait_for_answers_to_be_read)
{
	static uint8_t sealed[100000];
	struct obol_request *request = calloc(1, sizeof(*request));
	uint8_t frame[FRAME_SIZE];
	unsigned before;
	size_t i, len;

	ck_assert_ptr_nonnull(request);
	request->type = OBOL_PUT;
	request->put.name = obol_bytes_str("vpn");
	request->put.sealed = obol_bytes(sealed, sizeof(sealed));
	exchange_ready(&x, OBOL_SLOT_RECOVERY);
	ck_assert_ptr_nonnull(exchange_ask(&x, request));
	free(request);
	/* nor any of the request's, which is over */
	ck_assert_uint_lt(obol_server_session_held(x.server), 16384);
	before = x.owner.n_requests;
	for (i = 0; i < 100; i++)
	{
		feed(frame_make(frame, OBOL_GET,
						obol_bytes("\3vpn\0\0\0\0\0\0\0\0\0", 13)));
		fake_owner_serve(&x.owner, x.server);
	}
	/* one answer waits, and no more memory than for that */
	ck_assert_uint_eq(x.owner.n_requests, before + 1);
	len = obol_server_session_output(x.server).len;
	ck_assert_uint_lt(len, sizeof(sealed) + 100);
	ck_assert_uint_ge(obol_server_session_held(x.server), len);
	for (i = 2; i <= 100; i++)
	{
		obol_server_session_sent(x.server, len);
		fake_owner_serve(&x.owner, x.server);
		ck_assert_uint_eq(x.owner.n_requests, before + i);
		ck_assert_uint_eq(obol_server_session_output(x.server).len, len);
	}
}
END_TEST

/* small ones go in a row */
START_TEST(small_requests_in_a_row)
{
	uint8_t frame[FRAME_SIZE];
	unsigned before, i;

	exchange_open(&x, OBOL_SLOT_RECOVERY);
	before = x.owner.n_requests;
	for (i = 0; i < 20; i++)
	{
		feed(frame_of_type(frame, OBOL_LIST));
	}
	fake_owner_serve(&x.owner, x.server);
	ck_assert_uint_eq(x.owner.n_requests, before + 20);
	ck_assert_uint_eq(obol_server_session_output(x.server).len, 20 * (4 + 2));
}
END_TEST

/** What the owner's keys can say instead of an answer. */
static enum obol_status keys_status;

static enum obol_status no_evaluation(struct obol_opaque_keys *keys,
									  uint32_t key_number,
									  struct obol_bytes credential_identifier,
									  struct obol_bytes blinded,
									  uint8_t evaluated[OBOL_OPAQUE_NOE])
{
	(void)keys;
	(void)key_number;
	(void)credential_identifier;
	(void)blinded;
	(void)evaluated;
	return keys_status;
}

START_TEST(keys_say_no)
{
	static const enum obol_status statuses[] = {
		OBOL_ERR_NOT_FOUND,
		OBOL_ERR_CRYPTO,
		OBOL_ERR_IO,
	};

	keys_status = statuses[_i];
	x.owner.keys.oprf_evaluate = no_evaluation;
	exchange_login(&x, OBOL_SLOT_RECOVERY, FAKE_RECOVERY);
	exchange_run(&x);
	ck_assert(x.owner.is_closed);
	ck_assert_uint_eq(exchange_reply(&x), OBOL_REPLY_TEMPORARY);
}
END_TEST

START_TEST(keys_have_a_ceiling)
{
	keys_status = OBOL_ERR_DENIED;
	x.owner.keys.oprf_evaluate = no_evaluation;
	exchange_login(&x, OBOL_SLOT_RECOVERY, FAKE_RECOVERY);
	exchange_run(&x);
	ck_assert(x.owner.is_closed);
	ck_assert_int_eq(obol_client_session_failure(x.client), OBOL_FAILURE_LATER);
}
END_TEST

Suite *server_bounds_suite(void)
{
	Suite *suite = suite_create("server_bounds");
	TCase *tc = tcase_create("server_bounds");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, login_start_of_any_length);
	tcase_add_loop_test(tc, login_start_of_any_content, 0,
						sizeof(starts) / sizeof(*starts));
	tcase_add_loop_test(tc, ke1_off_the_curve, 0, 2);
	tcase_add_test(tc, login_finish_of_any_length);
	tcase_add_test(tc, requests_cut);
	tcase_add_test(tc, empty_requests_filled);
	tcase_add_loop_test(tc, frame_sizes, 0, sizeof(sizes) / sizeof(*sizes));
	tcase_add_loop_test(tc, login_start_repeated, 0, 3);
	tcase_add_test(tc, login_finish_repeated);
	tcase_add_test(tc, too_much_at_the_start);
	tcase_add_test(tc, too_much_later);
	tcase_add_test(tc, requests_wait_for_answers_to_be_read);
	tcase_add_test(tc, small_requests_in_a_row);
	tcase_add_loop_test(tc, keys_say_no, 0, 3);
	tcase_add_test(tc, keys_have_a_ceiling);
	suite_add_tcase(suite, tc);
	return suite;
}
