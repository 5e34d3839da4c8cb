/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "exchange/exchange.h"
#include "session/frames.h"
#include "wire/frame.h"

Suite *server_session_suite(void);

/** what becomes of a frame */
#define GOES_ON 0

/** The states that a session can be brought to. */
enum stage {
	STAGE_START,
	STAGE_INFO_ASKED,
	STAGE_CHALLENGED,
	STAGE_OPEN,
	STAGE_REKEYED,
};

static struct exchange x;

/* The reply number of the last frame in the output, 0 when it is no Error;
 * all of the output is taken. */
static unsigned reply_of_output(void)
{
	struct obol_bytes out = obol_server_session_output(x.server);
	struct obol_frame frame = { 0 };
	struct obol_error_message error;
	size_t used = 0, pos = 0;

	while (pos < out.len)
	{
		ck_assert_int_eq(
			obol_frame_decode(obol_bytes(out.ptr + pos, out.len - pos),
							  OBOL_FRAME_MAX, &frame, &used),
			OBOL_OK);
		ck_assert_uint_gt(used, 0);
		pos += used;
	}
	error.reply = 0;
	if (out.len && frame.type == OBOL_ERROR)
	{
		ck_assert_int_eq(obol_error_decode(frame.body, &error), OBOL_OK);
		/* something for people, always */
		ck_assert_uint_gt(error.text.len, 10);
	}
	obol_server_session_sent(x.server, out.len);
	return error.reply;
}

static void feed(struct obol_bytes in)
{
	ck_assert_int_eq(obol_server_session_input(x.server, in), OBOL_OK);
}

static void feed_type(unsigned type)
{
	uint8_t frame[FRAME_SIZE];

	feed(frame_of_type(frame, type));
}

static void rekey(void)
{
	struct obol_request *request = calloc(1, sizeof(*request));
	uint8_t record[OBOL_OPAQUE_RECORD_LEN] = { 2 };
	struct obol_slot_message *slot;

	ck_assert_ptr_nonnull(request);
	request->type = OBOL_SLOT_START;
	request->slot_start.kind = OBOL_SLOT_RECOVERY;
	/* a point: the server's own */
	memcpy(request->slot_start.request, x.owner.public_key, OBOL_OPAQUE_NPK);
	ck_assert_ptr_nonnull(exchange_ask(&x, request));
	memset(request, 0, sizeof(*request));
	request->type = OBOL_REKEY;
	request->rekey.generation = 2;
	request->rekey.n_slots = 1;
	slot = &request->rekey.slots[0];
	slot->kind = OBOL_SLOT_RECOVERY;
	slot->key_number = FAKE_KEY_NUMBER;
	slot->generation = 2;
	slot->record = obol_bytes(record, sizeof(record));
	slot->wrap = obol_bytes_str("wrap");
	ck_assert_ptr_nonnull(exchange_ask(&x, request));
	free(request);
}

static void bring_to(enum stage stage, enum obol_slot_kind kind)
{
	exchange_connect(&x);
	x.owner.is_idle = false;
	if (stage == STAGE_INFO_ASKED)
	{
		ck_assert_ptr_nonnull(exchange_ask_type(&x, OBOL_INFO));
	}
	if (stage == STAGE_CHALLENGED)
	{
		exchange_ready(&x, kind);
	}
	if (stage >= STAGE_OPEN)
	{
		exchange_open(&x, kind);
	}
	if (stage == STAGE_REKEYED)
	{
		rekey();
	}
	ck_assert_uint_eq(reply_of_output(), 0);
}

/** What may come; what no row has ends the session with 554. */
static const struct allowed_row {
	enum stage stage;
	unsigned type;
	/** bits by kind of slot; 0 where that is of no importance */
	unsigned kinds;
	enum obol_server_event event;
	/** GOES_ON or the reply */
	unsigned reply;
} allowed[] = {
#define PW (1u << OBOL_SLOT_PASSWORD)
#define AC (1u << OBOL_SLOT_ACTIVATION)
#define RE (1u << OBOL_SLOT_RECOVERY)
#define DE (1u << OBOL_SLOT_DEVICE)
	{ STAGE_START, OBOL_INFO, 0, OBOL_EVENT_REQUEST, GOES_ON },
	/* AccountCreate: no account was begun, so it ends the session */
	{ STAGE_START, OBOL_ACCOUNT_START, 0, OBOL_EVENT_REQUEST, GOES_ON },
	{ STAGE_INFO_ASKED, OBOL_ACCOUNT_START, 0, OBOL_EVENT_REQUEST, GOES_ON },
	{ STAGE_START, OBOL_LOGIN_START, 0, OBOL_EVENT_LOGIN_START, GOES_ON },
	{ STAGE_INFO_ASKED, OBOL_LOGIN_START, 0, OBOL_EVENT_LOGIN_START, GOES_ON },
	{ STAGE_CHALLENGED, OBOL_LOGIN_FINISH, 0, OBOL_EVENT_LOGIN_FAILED,
	  OBOL_REPLY_AUTH },
	{ STAGE_OPEN, OBOL_INFO, PW | AC | RE | DE, OBOL_EVENT_REQUEST, GOES_ON },
	{ STAGE_OPEN, OBOL_LIST, PW | AC | RE | DE, OBOL_EVENT_REQUEST, GOES_ON },
	{ STAGE_OPEN, OBOL_GET, PW | AC | RE | DE, OBOL_EVENT_REQUEST, GOES_ON },
	{ STAGE_OPEN, OBOL_PUT, PW | RE | DE, OBOL_EVENT_REQUEST, GOES_ON },
	{ STAGE_OPEN, OBOL_PUT, AC, OBOL_EVENT_NONE, OBOL_REPLY_NOT_ALLOWED },
	{ STAGE_OPEN, OBOL_DELETE, PW | RE, OBOL_EVENT_REQUEST, GOES_ON },
	{ STAGE_OPEN, OBOL_DELETE, AC | DE, OBOL_EVENT_NONE,
	  OBOL_REPLY_NOT_ALLOWED },
	{ STAGE_OPEN, OBOL_SLOT_START, PW | AC | RE, OBOL_EVENT_REQUEST, GOES_ON },
	{ STAGE_OPEN, OBOL_SLOT_START, DE, OBOL_EVENT_NONE,
	  OBOL_REPLY_NOT_ALLOWED },
	/* none was begun */
	{ STAGE_OPEN, OBOL_SLOT_FINISH, PW | RE, OBOL_EVENT_CLOSE,
	  OBOL_REPLY_SEQUENCE },
	{ STAGE_OPEN, OBOL_SLOT_FINISH, AC | DE, OBOL_EVENT_NONE,
	  OBOL_REPLY_NOT_ALLOWED },
	{ STAGE_OPEN, OBOL_SLOT_DELETE, PW | RE, OBOL_EVENT_REQUEST, GOES_ON },
	{ STAGE_OPEN, OBOL_SLOT_DELETE, AC | DE, OBOL_EVENT_NONE,
	  OBOL_REPLY_NOT_ALLOWED },
	{ STAGE_OPEN, OBOL_SLOT_LIST, PW | RE | DE, OBOL_EVENT_REQUEST, GOES_ON },
	{ STAGE_OPEN, OBOL_SLOT_LIST, AC, OBOL_EVENT_NONE, OBOL_REPLY_NOT_ALLOWED },
	{ STAGE_OPEN, OBOL_STAGE, PW | AC | RE, OBOL_EVENT_REQUEST, GOES_ON },
	{ STAGE_OPEN, OBOL_STAGE, DE, OBOL_EVENT_NONE, OBOL_REPLY_NOT_ALLOWED },
	{ STAGE_OPEN, OBOL_REKEY, PW | AC | RE, OBOL_EVENT_CLOSE,
	  OBOL_REPLY_SEQUENCE },
	{ STAGE_OPEN, OBOL_REKEY, DE, OBOL_EVENT_NONE, OBOL_REPLY_NOT_ALLOWED },
	{ STAGE_OPEN, OBOL_ISSUE, PW | RE | DE, OBOL_EVENT_REQUEST, GOES_ON },
	{ STAGE_OPEN, OBOL_ISSUE, AC, OBOL_EVENT_NONE, OBOL_REPLY_NOT_ALLOWED },
	{ STAGE_OPEN, OBOL_ANCHORS, PW | RE | DE, OBOL_EVENT_REQUEST, GOES_ON },
	{ STAGE_OPEN, OBOL_ANCHORS, AC, OBOL_EVENT_NONE, OBOL_REPLY_NOT_ALLOWED },
	{ STAGE_OPEN, OBOL_HISTORY, PW | RE | DE, OBOL_EVENT_REQUEST, GOES_ON },
	{ STAGE_OPEN, OBOL_HISTORY, AC, OBOL_EVENT_NONE, OBOL_REPLY_NOT_ALLOWED },
	{ STAGE_OPEN, OBOL_FOLLOW, DE, OBOL_EVENT_REQUEST, GOES_ON },
	{ STAGE_OPEN, OBOL_FOLLOW, PW | AC | RE, OBOL_EVENT_NONE,
	  OBOL_REPLY_NOT_ALLOWED },
	{ STAGE_OPEN, OBOL_REPORT, DE, OBOL_EVENT_REQUEST, GOES_ON },
	{ STAGE_OPEN, OBOL_REPORT, PW | AC | RE, OBOL_EVENT_NONE,
	  OBOL_REPLY_NOT_ALLOWED },
	{ STAGE_OPEN, OBOL_ACCOUNT_START, PW | AC | RE | DE, OBOL_EVENT_NONE,
	  OBOL_REPLY_NOT_ALLOWED },
	{ STAGE_OPEN, OBOL_ACCOUNT_CREATE, PW | AC | RE | DE, OBOL_EVENT_NONE,
	  OBOL_REPLY_NOT_ALLOWED },
	{ STAGE_OPEN, OBOL_ACCOUNT_DELETE, PW | RE, OBOL_EVENT_REQUEST, GOES_ON },
	{ STAGE_OPEN, OBOL_ACCOUNT_DELETE, AC | DE, OBOL_EVENT_NONE,
	  OBOL_REPLY_NOT_ALLOWED },
	{ STAGE_REKEYED, OBOL_INFO, RE, OBOL_EVENT_REQUEST, GOES_ON },
#define GONE(type)                                                             \
	{                                                                          \
		STAGE_REKEYED, type, RE, OBOL_EVENT_NONE, OBOL_REPLY_LOGIN_NEEDED      \
	}
	GONE(OBOL_LIST),
	GONE(OBOL_GET),
	GONE(OBOL_PUT),
	GONE(OBOL_DELETE),
	GONE(OBOL_SLOT_START),
	GONE(OBOL_SLOT_FINISH),
	GONE(OBOL_SLOT_DELETE),
	GONE(OBOL_SLOT_LIST),
	GONE(OBOL_STAGE),
	GONE(OBOL_REKEY),
	GONE(OBOL_ISSUE),
	GONE(OBOL_ANCHORS),
	GONE(OBOL_HISTORY),
	GONE(OBOL_FOLLOW),
	GONE(OBOL_REPORT),
	GONE(OBOL_ACCOUNT_START),
	GONE(OBOL_ACCOUNT_CREATE),
	GONE(OBOL_ACCOUNT_DELETE),
};

static const struct allowed_row refused = { STAGE_START, 0, 0, OBOL_EVENT_CLOSE,
											OBOL_REPLY_SEQUENCE };

static const struct allowed_row *find_row(enum stage stage, unsigned type,
										  enum obol_slot_kind kind)
{
	size_t i;

	for (i = 0; i < sizeof(allowed) / sizeof(*allowed); i++)
	{
		const struct allowed_row *row = &allowed[i];

		if (row->stage == stage && row->type == type &&
			(row->kinds == 0 || row->kinds & 1u << kind))
		{
			return row;
		}
	}
	return &refused;
}

static void check_type(enum stage stage, unsigned type,
					   enum obol_slot_kind kind)
{
	const struct allowed_row *row = find_row(stage, type, kind);
	enum obol_server_event event;
	unsigned reply;

	feed_type(type);
	event = obol_server_session_event(x.server);
	reply = reply_of_output();
	ck_assert_msg(event == row->event, "stage %d, kind %d, type %02x: event %d",
				  stage, kind, type, event);
	ck_assert_msg(reply == row->reply, "stage %d, kind %d, type %02x: reply %u",
				  stage, kind, type, reply);
	if (event == OBOL_EVENT_CLOSE || event == OBOL_EVENT_LOGIN_FAILED)
	{
		/* over: nothing brings it back */
		feed_type(OBOL_LOGIN_START);
		feed_type(OBOL_INFO);
		ck_assert_int_eq(obol_server_session_event(x.server), OBOL_EVENT_CLOSE);
		ck_assert_uint_eq(reply_of_output(), 0);
		ck_assert(!obol_server_session_is_open(x.server));
	}
}

static const enum obol_slot_kind kinds[] = {
	OBOL_SLOT_PASSWORD,
	OBOL_SLOT_ACTIVATION,
	OBOL_SLOT_RECOVERY,
	OBOL_SLOT_DEVICE,
};

/* all 256 types, a new session for each */
static void check_all_types(enum stage stage)
{
	unsigned type;

	exchange_init(&x, OBOL_SLOT_RECOVERY);
	for (type = 0; type < 256; type++)
	{
		bring_to(stage, OBOL_SLOT_RECOVERY);
		check_type(stage, type, OBOL_SLOT_RECOVERY);
	}
	exchange_clear(&x);
}

START_TEST(types_at_the_start)
{
	check_all_types(STAGE_START);
}
END_TEST

START_TEST(types_after_info)
{
	check_all_types(STAGE_INFO_ASKED);
}
END_TEST

START_TEST(types_after_the_challenge)
{
	check_all_types(STAGE_CHALLENGED);
}
END_TEST

START_TEST(types_after_the_login)
{
	check_all_types(STAGE_OPEN);
}
END_TEST

/* all requests by every kind of slot */
START_TEST(requests_by_kind)
{
	enum obol_slot_kind kind = kinds[_i];
	unsigned type;

	exchange_init(&x, kind);
	for (type = OBOL_INFO; type <= OBOL_REPORT; type++)
	{
		if (find_row(STAGE_OPEN, type, kind) != &refused)
		{
			bring_to(STAGE_OPEN, kind);
			check_type(STAGE_OPEN, type, kind);
		}
	}
	exchange_clear(&x);
}
END_TEST

START_TEST(requests_after_rekey)
{
	unsigned type;

	for (type = OBOL_INFO; type <= OBOL_REPORT; type++)
	{
		if (find_row(STAGE_REKEYED, type, OBOL_SLOT_RECOVERY) != &refused)
		{
			exchange_init(&x, OBOL_SLOT_RECOVERY);
			bring_to(STAGE_REKEYED, OBOL_SLOT_RECOVERY);
			check_type(STAGE_REKEYED, type, OBOL_SLOT_RECOVERY);
			exchange_clear(&x);
		}
	}
}
END_TEST

/* while the owner looks something up the next frame waits, whatever it is */
START_TEST(pending_login)
{
	exchange_init(&x, OBOL_SLOT_RECOVERY);
	x.owner.is_idle = true;
	exchange_login(&x, OBOL_SLOT_RECOVERY, FAKE_RECOVERY);
	exchange_run(&x);
	ck_assert_int_eq(obol_server_session_event(x.server),
					 OBOL_EVENT_LOGIN_START);
	feed_type(OBOL_LIST);
	feed_type(0xff);
	ck_assert_int_eq(obol_server_session_event(x.server),
					 OBOL_EVENT_LOGIN_START);
	ck_assert_uint_eq(obol_server_session_buffered(x.server), 4 + 8);
	ck_assert_uint_eq(obol_server_session_output(x.server).len, 0);
	x.owner.is_idle = false;
	fake_owner_serve(&x.owner, x.server);
	ck_assert(x.owner.is_closed);
	ck_assert_uint_eq(reply_of_output(), OBOL_REPLY_SEQUENCE);
	ck_assert_uint_eq(x.owner.n_requests, 0);
	exchange_clear(&x);
}
END_TEST

START_TEST(pending_finish_and_request)
{
	struct obol_request request = { .type = OBOL_LIST };

	exchange_init(&x, OBOL_SLOT_RECOVERY);
	exchange_ready(&x, OBOL_SLOT_RECOVERY);
	x.owner.is_idle = true;
	ck_assert_int_eq(obol_client_session_request(x.client, &request), OBOL_OK);
	exchange_run(&x);
	ck_assert_int_eq(obol_server_session_event(x.server),
					 OBOL_EVENT_LOGIN_FINISH);
	/* the request is not read, and none of its owner's calls fit */
	ck_assert_uint_eq(obol_server_session_buffered(x.server), 4);
	ck_assert_ptr_null(obol_server_session_request(x.server));
	ck_assert_int_eq(obol_server_session_answer(x.server, x.owner.answer),
					 OBOL_ERR_ARG);
	feed_type(OBOL_SLOT_LIST);
	ck_assert_int_eq(obol_server_session_event(x.server),
					 OBOL_EVENT_LOGIN_FINISH);
	ck_assert_uint_eq(obol_server_session_output(x.server).len, 0);
	x.owner.is_idle = false;
	fake_owner_serve(&x.owner, x.server);
	ck_assert_uint_eq(x.owner.n_requests, 2);
	ck_assert_uint_eq(obol_server_session_buffered(x.server), 0);
	exchange_clear(&x);
}
END_TEST

/* Only a Get, only a whole one, and only while the login is to be answered. */
START_TEST(get_behind_ke3)
{
	struct obol_request request = { .type = _i % 2 ? OBOL_LIST : OBOL_GET };
	enum obol_slot_kind kind = _i / 2 ? OBOL_SLOT_DEVICE : OBOL_SLOT_RECOVERY;
	struct obol_get_request get;

	request.get.name = obol_bytes_str(_i % 2 ? "" : "vpn");
	exchange_init(&x, kind);
	exchange_ready(&x, kind);
	ck_assert_int_eq(obol_server_session_next_get(x.server, &get),
					 OBOL_ERR_NOT_FOUND);
	x.owner.is_idle = true;
	ck_assert_int_eq(obol_client_session_request(x.client, &request), OBOL_OK);
	exchange_run(&x);
	ck_assert_int_eq(obol_server_session_event(x.server),
					 OBOL_EVENT_LOGIN_FINISH);
	ck_assert_int_eq(obol_server_session_next_get(x.server, &get),
					 _i % 2 ? OBOL_ERR_NOT_FOUND : OBOL_OK);
	if (_i % 2 == 0)
	{
		ck_assert(obol_bytes_eq(get.name, obol_bytes_str("vpn")));
	}
	x.owner.is_idle = false;
	fake_owner_serve(&x.owner, x.server);
	/* it was a request all the same */
	ck_assert_uint_eq(x.owner.n_requests, 1);
	feed_type(OBOL_GET);
	ck_assert_int_eq(obol_server_session_next_get(x.server, &get),
					 OBOL_ERR_NOT_FOUND);
	exchange_clear(&x);
}
END_TEST

START_TEST(pending_request)
{
	exchange_init(&x, OBOL_SLOT_RECOVERY);
	exchange_open(&x, OBOL_SLOT_RECOVERY);
	feed_type(OBOL_GET);
	feed_type(OBOL_LIST);
	ck_assert_int_eq(obol_server_session_event(x.server), OBOL_EVENT_REQUEST);
	ck_assert_int_eq(obol_server_session_event(x.server), OBOL_EVENT_REQUEST);
	ck_assert_int_eq(obol_server_session_request(x.server)->type, OBOL_GET);
	ck_assert(obol_bytes_eq(obol_server_session_request(x.server)->get.name,
							obol_bytes_str("vpn")));
	/* an answer to another question is the owner's mistake */
	x.owner.answer->type = OBOL_LIST_ANSWER;
	ck_assert_int_eq(obol_server_session_answer(x.server, x.owner.answer),
					 OBOL_ERR_ARG);
	/* and so is one out of bounds; it can still be refused */
	memset(x.owner.answer, 0, sizeof(*x.owner.answer));
	x.owner.answer->type = OBOL_GET_ANSWER;
	x.owner.answer->get.n_items = OBOL_CREDENTIALS_MAX + 1;
	ck_assert_int_eq(obol_server_session_answer(x.server, x.owner.answer),
					 OBOL_ERR_ARG);
	ck_assert_int_eq(obol_server_session_event(x.server), OBOL_EVENT_REQUEST);
	ck_assert_int_eq(
		obol_server_session_refuse(x.server, OBOL_REPLY_TEMPORARY, NULL),
		OBOL_OK);
	ck_assert_int_eq(obol_server_session_event(x.server), OBOL_EVENT_REQUEST);
	ck_assert_int_eq(obol_server_session_request(x.server)->type, OBOL_LIST);
	exchange_clear(&x);
}
END_TEST

/* calls that do not fit what is pending do nothing */
START_TEST(owners_calls_out_of_turn)
{
	struct obol_server_challenge challenge = { .key_number = 1 };
	struct obol_login_done done = { .n_pins = 0 };

	exchange_init(&x, OBOL_SLOT_RECOVERY);
	ck_assert_ptr_null(obol_server_session_login(x.server));
	ck_assert_int_eq(obol_server_session_challenge(x.server, &challenge),
					 OBOL_ERR_ARG);
	ck_assert_int_eq(obol_server_session_accept(x.server, &done), OBOL_ERR_ARG);
	ck_assert_int_eq(
		obol_server_session_refuse(x.server, OBOL_REPLY_DISABLED, NULL),
		OBOL_ERR_ARG);
	obol_server_session_later(x.server, 5);
	obol_server_session_unanswered(x.server, OBOL_ERR_IO);
	ck_assert_uint_eq(obol_server_session_output(x.server).len, 0);
	ck_assert_int_eq(obol_server_session_event(x.server), OBOL_EVENT_NONE);
	exchange_open(&x, OBOL_SLOT_RECOVERY);
	ck_assert_int_eq(obol_server_session_accept(x.server, &done), OBOL_ERR_ARG);
	ck_assert_int_eq(obol_server_session_challenge(x.server, &challenge),
					 OBOL_ERR_ARG);
	ck_assert(obol_server_session_is_open(x.server));
	exchange_clear(&x);
}
END_TEST

Suite *server_session_suite(void)
{
	Suite *suite = suite_create("server_session");
	TCase *tc = tcase_create("server_session");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, types_at_the_start);
	tcase_add_test(tc, types_after_info);
	tcase_add_test(tc, types_after_the_challenge);
	tcase_add_test(tc, types_after_the_login);
	tcase_add_loop_test(tc, requests_by_kind, 0, 4);
	tcase_add_test(tc, requests_after_rekey);
	tcase_add_test(tc, pending_login);
	tcase_add_test(tc, pending_finish_and_request);
	tcase_add_test(tc, pending_request);
	tcase_add_loop_test(tc, get_behind_ke3, 0, 4);
	tcase_add_test(tc, owners_calls_out_of_turn);
	suite_add_tcase(suite, tc);
	return suite;
}
