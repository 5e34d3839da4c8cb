/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "exchange/exchange.h"

Suite *request_suite(void);

static struct exchange x;
static struct obol_request request;

static void setup(void)
{
	exchange_init(&x, OBOL_SLOT_RECOVERY);
	memset(&request, 0, sizeof(request));
}

static void teardown(void)
{
	exchange_clear(&x);
}

static const struct obol_answer *put(const char *name, uint64_t base,
									 struct obol_bytes sealed)
{
	request.type = OBOL_PUT;
	request.put.name = obol_bytes_str(name);
	request.put.format = OBOL_FORMAT_BUNDLE;
	request.put.base_version = base;
	request.put.generation = 1;
	request.put.sealed = sealed;
	return exchange_ask(&x, &request);
}

static const struct obol_answer *get(const char *name, uint64_t held)
{
	memset(&request, 0, sizeof(request));
	request.type = OBOL_GET;
	request.get.name = obol_bytes_str(name);
	request.get.held_version = held;
	return exchange_ask(&x, &request);
}

START_TEST(credentials)
{
	const struct obol_answer *answer;

	exchange_ready(&x, OBOL_SLOT_RECOVERY);
	answer = put("vpn", 0, obol_bytes_str("first"));
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->put.version, 1);
	answer = put("vpn", 1, obol_bytes_str("second"));
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->put.version, 2);
	answer = put("ssh", 0, obol_bytes_str("other"));
	ck_assert_ptr_nonnull(answer);

	answer = exchange_ask_type(&x, OBOL_LIST);
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->list.n_items, 2);
	ck_assert_uint_eq(answer->list.items[0].size, 6);

	answer = get("vpn", 0);
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->get.n_items, 1);
	ck_assert(
		obol_bytes_eq(answer->get.items[0].sealed, obol_bytes_str("second")));
	answer = get("vpn", 2);
	ck_assert_ptr_nonnull(answer);
	ck_assert(answer->get.unchanged);
	answer = get("", 0);
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->get.n_items, 2);

	memset(&request, 0, sizeof(request));
	request.type = OBOL_DELETE;
	request.delete_.name = obol_bytes_str("vpn");
	request.delete_.base_version = 2;
	answer = exchange_ask(&x, &request);
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->deleted_version, 3);
}
END_TEST

/* refused, and the session goes on */
START_TEST(refusals)
{
	exchange_ready(&x, OBOL_SLOT_RECOVERY);
	ck_assert_ptr_null(get("vpn", 0));
	ck_assert_uint_eq(exchange_reply(&x), OBOL_REPLY_NOT_FOUND);
	ck_assert_int_eq(obol_client_session_state(x.client), OBOL_CLIENT_READY);
	ck_assert_ptr_null(put("vpn", 5, obol_bytes_str("late")));
	ck_assert_uint_eq(exchange_reply(&x), OBOL_REPLY_STALE);
	ck_assert_uint_eq(obol_client_session_error(x.client)->version, 9);
	ck_assert_ptr_nonnull(put("vpn", 0, obol_bytes_str("first")));
	ck_assert_uint_eq(exchange_reply(&x), 0);
	x.owner.refuse_request = OBOL_REPLY_QUOTA;
	ck_assert_ptr_null(put("vpn", 1, obol_bytes_str("more")));
	ck_assert_uint_eq(exchange_reply(&x), OBOL_REPLY_QUOTA);
	/* a temporary failure is no end either */
	x.owner.refuse_request = OBOL_REPLY_TEMPORARY;
	ck_assert_ptr_null(put("vpn", 1, obol_bytes_str("more")));
	x.owner.refuse_request = 0;
	ck_assert_ptr_nonnull(get("vpn", 0));
}
END_TEST

/* the server ends with these, and the client knows */
START_TEST(final_refusals)
{
	static const enum obol_reply replies[] = {
		OBOL_REPLY_UNAVAILABLE,
		OBOL_REPLY_SYNTAX,
		OBOL_REPLY_SEQUENCE,
	};

	exchange_open(&x, OBOL_SLOT_RECOVERY);
	x.owner.refuse_request = replies[_i];
	ck_assert_ptr_null(exchange_ask_type(&x, OBOL_LIST));
	ck_assert_int_eq(x.status, OBOL_ERR_DENIED);
	ck_assert_int_eq(obol_client_session_state(x.client), OBOL_CLIENT_FAILED);
	ck_assert_uint_eq(exchange_reply(&x), replies[_i]);
}
END_TEST

START_TEST(others)
{
	const struct obol_answer *answer;

	exchange_ready(&x, OBOL_SLOT_RECOVERY);
	request.type = OBOL_ISSUE;
	request.pkcs10 = obol_bytes_str("request");
	answer = exchange_ask(&x, &request);
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->issue.certificate.len, 5);

	request.type = OBOL_ANCHORS;
	request.anchors.held = 3;
	request.anchors.after = 4;
	answer = exchange_ask(&x, &request);
	ck_assert_ptr_nonnull(answer);
	ck_assert(answer->anchors.unchanged);

	request.type = OBOL_HISTORY;
	request.history.before = 0;
	request.history.limit = 10;
	answer = exchange_ask(&x, &request);
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->history.n_items, 1);
	ck_assert_uint_eq(answer->history.items[0].operation, OBOL_OP_LOGIN);

	answer = exchange_ask_type(&x, OBOL_SLOT_LIST);
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->slot_list.n_items, 1);
	ck_assert_uint_eq(answer->slot_list.items[0].kind, OBOL_SLOT_RECOVERY);

	answer = exchange_ask_type(&x, OBOL_INFO);
	ck_assert_ptr_nonnull(answer);
	ck_assert(obol_bytes_eq(answer->info.server_name,
							obol_bytes_str("vpn.example.org")));
}
END_TEST

START_TEST(info_before_the_login)
{
	const struct obol_answer *answer = exchange_ask_type(&x, OBOL_INFO);

	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->info.suites[0], OBOL_SUITE_1);
	ck_assert_int_eq(obol_client_session_state(x.client), OBOL_CLIENT_START);
	ck_assert(!obol_server_session_is_open(x.server));
	exchange_ready(&x, OBOL_SLOT_RECOVERY);
	ck_assert_ptr_nonnull(exchange_ask_type(&x, OBOL_LIST));
}
END_TEST

START_TEST(info_once_before_the_login)
{
	ck_assert_ptr_nonnull(exchange_ask_type(&x, OBOL_INFO));
	ck_assert_ptr_null(exchange_ask_type(&x, OBOL_INFO));
	ck_assert_uint_eq(exchange_reply(&x), OBOL_REPLY_SEQUENCE);
	ck_assert(x.owner.is_closed);
}
END_TEST

START_TEST(nothing_else_before_the_login)
{
	request.type = OBOL_LIST;
	ck_assert_int_eq(obol_client_session_request(x.client, &request),
					 OBOL_ERR_ARG);
	exchange_login(&x, OBOL_SLOT_RECOVERY, FAKE_RECOVERY);
	ck_assert_int_eq(obol_client_session_request(x.client, &request),
					 OBOL_ERR_ARG);
	request.type = OBOL_INFO;
	ck_assert_int_eq(obol_client_session_request(x.client, &request),
					 OBOL_ERR_ARG);
}
END_TEST

/* one that is out of bounds leaves everything as it was, KE3 too */
START_TEST(out_of_bounds)
{
	exchange_ready(&x, OBOL_SLOT_RECOVERY);
	request.type = OBOL_HISTORY;
	request.history.limit = OBOL_HISTORY_MAX + 1;
	ck_assert_int_eq(obol_client_session_request(x.client, &request),
					 OBOL_ERR_ARG);
	ck_assert_uint_eq(obol_client_session_output(x.client).len, 0);
	ck_assert_int_eq(obol_client_session_state(x.client), OBOL_CLIENT_READY);
	ck_assert_ptr_nonnull(exchange_ask_type(&x, OBOL_LIST));
}
END_TEST

START_TEST(largest)
{
	static uint8_t sealed[OBOL_SEALED_MAX];
	const struct obol_answer *answer;

	memset(sealed, 's', sizeof(sealed));
	x.chunk = 1000;
	exchange_ready(&x, OBOL_SLOT_RECOVERY);
	/* the very first request may be large, it comes behind a valid KE3 */
	ck_assert_ptr_nonnull(put("a", 0, obol_bytes(sealed, sizeof(sealed))));
	ck_assert_ptr_nonnull(put("b", 0, obol_bytes(sealed, sizeof(sealed))));
	ck_assert_ptr_nonnull(put("c", 0, obol_bytes(sealed, sizeof(sealed))));
	answer = get("", 0);
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->get.n_items, 3);
	ck_assert(obol_bytes_eq(answer->get.items[2].sealed,
							obol_bytes(sealed, sizeof(sealed))));
}
END_TEST

/** An answer that is none to what was asked. */
static const struct misfit_row {
	const char *name;
	/* of a Get for "vpn", of which version 3 is held */
	uint8_t type;
	uint8_t body[24];
	size_t len;
} misfits[] = {
	{ "List's", OBOL_LIST_ANSWER, { 0, 0 }, 2 },
	{ "the request itself", OBOL_GET, { 0 }, 10 },
	{ "none", OBOL_GET_ANSWER, { 0, 0, 0, 0 }, 4 },
	{ "another name",
	  OBOL_GET_ANSWER,
	  /* ssh, format, and the rest is cut */
	  { 0, 0, 0, 1, 3, 's', 's', 'h' },
	  8 },
	{ "LoginDone", OBOL_LOGIN_DONE, { 0 }, 4 },
	{ "LoginChallenge", OBOL_LOGIN_CHALLENGE, { 0 }, 4 },
	{ "Later", OBOL_LATER, { 0, 0, 0, 1 }, 4 },
	{ "nothing known", 0x7f, { 0 }, 4 },
};

START_TEST(misfit)
{
	const struct misfit_row *row = &misfits[_i];
	uint8_t frame[OBOL_FRAME_HEADER_LEN + sizeof(row->body)] = { row->type };

	exchange_open(&x, OBOL_SLOT_RECOVERY);
	request.type = OBOL_GET;
	request.get.name = obol_bytes_str("vpn");
	request.get.held_version = 3;
	ck_assert_int_eq(obol_client_session_request(x.client, &request), OBOL_OK);
	frame[3] = (uint8_t)row->len;
	memcpy(frame + OBOL_FRAME_HEADER_LEN, row->body, row->len);
	ck_assert_msg(
		obol_client_session_input(
			x.client, obol_bytes(frame, OBOL_FRAME_HEADER_LEN + row->len)) ==
			OBOL_ERR_FORMAT,
		"%s", row->name);
	ck_assert_int_eq(obol_client_session_failure(x.client),
					 OBOL_FAILURE_PROTOCOL);
	ck_assert_ptr_null(obol_client_session_answer(x.client));
}
END_TEST

static void another_name(struct exchange *this, bool to_client, uint8_t *bytes,
						 size_t len)
{
	(void)this;
	if (to_client && bytes[0] == OBOL_GET_ANSWER && len > 11)
	{
		ck_assert_uint_eq(bytes[9], 'v');
		bytes[9] = 'w';
	}
}

static void another_version(struct exchange *this, bool to_client,
							uint8_t *bytes, size_t len)
{
	(void)this;
	(void)len;
	if (to_client && bytes[0] == OBOL_PUT_ANSWER)
	{
		bytes[OBOL_FRAME_HEADER_LEN + 7]++;
	}
}

START_TEST(another_name_or_version)
{
	exchange_open(&x, OBOL_SLOT_RECOVERY);
	ck_assert_ptr_nonnull(put("vpn", 0, obol_bytes_str("first")));
	x.tamper = _i ? another_name : another_version;
	ck_assert_ptr_null(_i ? get("vpn", 0)
						  : put("vpn", 1, obol_bytes_str("second")));
	ck_assert_int_eq(x.status, OBOL_ERR_FORMAT);
	ck_assert_int_eq(obol_client_session_failure(x.client),
					 OBOL_FAILURE_PROTOCOL);
}
END_TEST

START_TEST(shutdown)
{
	exchange_open(&x, OBOL_SLOT_RECOVERY);
	obol_server_session_shutdown(x.server);
	exchange_run(&x);
	ck_assert_int_eq(obol_client_session_state(x.client), OBOL_CLIENT_FAILED);
	ck_assert_uint_eq(exchange_reply(&x), OBOL_REPLY_UNAVAILABLE);
	ck_assert_int_eq(obol_server_session_event(x.server), OBOL_EVENT_CLOSE);
}
END_TEST

START_TEST(requests_of_one_connection)
{
	size_t i;

	exchange_open(&x, OBOL_SLOT_RECOVERY);
	for (i = 1; i < OBOL_REQUESTS_MAX; i++)
	{
		ck_assert_ptr_nonnull(exchange_ask_type(&x, OBOL_INFO));
	}
	ck_assert_ptr_null(exchange_ask_type(&x, OBOL_INFO));
	ck_assert_uint_eq(exchange_reply(&x), OBOL_REPLY_UNAVAILABLE);
	ck_assert(x.owner.is_closed);
	ck_assert_uint_eq(x.owner.n_requests, OBOL_REQUESTS_MAX);
}
END_TEST

Suite *request_suite(void)
{
	Suite *suite = suite_create("request");
	TCase *tc = tcase_create("request");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, credentials);
	tcase_add_test(tc, refusals);
	tcase_add_loop_test(tc, final_refusals, 0, 3);
	tcase_add_test(tc, others);
	tcase_add_test(tc, info_before_the_login);
	tcase_add_test(tc, info_once_before_the_login);
	tcase_add_test(tc, nothing_else_before_the_login);
	tcase_add_test(tc, out_of_bounds);
	tcase_add_test(tc, largest);
	tcase_add_loop_test(tc, misfit, 0, sizeof(misfits) / sizeof(*misfits));
	tcase_add_loop_test(tc, another_name_or_version, 0, 2);
	tcase_add_test(tc, shutdown);
	tcase_add_test(tc, requests_of_one_connection);
	suite_add_tcase(suite, tc);
	return suite;
}
