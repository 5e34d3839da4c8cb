/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "exchange/exchange.h"
#include "session/frames.h"

Suite *client_session_suite(void);

/** The states that a session can be brought to. */
enum stage {
	STAGE_START,
	STAGE_INFO,
	STAGE_CHALLENGE,
	STAGE_VERIFIED,
	STAGE_FINISH,
	STAGE_READY,
	STAGE_BUSY,
	N_STAGES,
};

static struct exchange x;

static void setup(void)
{
	exchange_init(&x, OBOL_SLOT_RECOVERY);
}

static void teardown(void)
{
	exchange_clear(&x);
}

/* a request goes out, nobody answers */
static void ask(enum obol_frame_type type)
{
	struct obol_request *request = calloc(1, sizeof(*request));

	ck_assert_ptr_nonnull(request);
	request->type = type;
	ck_assert_int_eq(obol_client_session_request(x.client, request), OBOL_OK);
	free(request);
}

static void bring_to(enum stage stage)
{
	exchange_connect(&x);
	switch (stage)
	{
		case STAGE_START:
			break;
		case STAGE_INFO:
			ask(OBOL_INFO);
			break;
		case STAGE_CHALLENGE:
			exchange_login(&x, OBOL_SLOT_RECOVERY, FAKE_RECOVERY);
			break;
		case STAGE_VERIFIED:
			exchange_ready(&x, OBOL_SLOT_RECOVERY);
			break;
		case STAGE_FINISH:
			exchange_ready(&x, OBOL_SLOT_RECOVERY);
			ask(OBOL_LIST);
			break;
		case STAGE_READY:
			exchange_open(&x, OBOL_SLOT_RECOVERY);
			break;
		case STAGE_BUSY:
			exchange_open(&x, OBOL_SLOT_RECOVERY);
			ask(OBOL_LIST);
			break;
		case N_STAGES:
			break;
	}
}

/** What may come; what no row has is the peer's breach of the protocol. */
static const struct allowed_row {
	enum stage stage;
	unsigned type;
	enum obol_client_state state;
	enum obol_session_failure failure;
} allowed[] = {
	{ STAGE_START, OBOL_ERROR, OBOL_CLIENT_FAILED, OBOL_FAILURE_REPLY },
	{ STAGE_INFO, OBOL_INFO_ANSWER, OBOL_CLIENT_START, OBOL_FAILURE_NONE },
	{ STAGE_INFO, OBOL_ERROR, OBOL_CLIENT_FAILED, OBOL_FAILURE_REPLY },
	/* nobody's KE2 */
	{ STAGE_CHALLENGE, OBOL_LOGIN_CHALLENGE, OBOL_CLIENT_FAILED,
	  OBOL_FAILURE_KE2 },
	{ STAGE_CHALLENGE, OBOL_LATER, OBOL_CLIENT_FAILED, OBOL_FAILURE_LATER },
	{ STAGE_CHALLENGE, OBOL_ERROR, OBOL_CLIENT_FAILED, OBOL_FAILURE_REPLY },
	{ STAGE_VERIFIED, OBOL_ERROR, OBOL_CLIENT_FAILED, OBOL_FAILURE_REPLY },
	/* no wrap */
	{ STAGE_FINISH, OBOL_LOGIN_DONE, OBOL_CLIENT_FAILED, OBOL_FAILURE_WRAP },
	{ STAGE_FINISH, OBOL_ERROR, OBOL_CLIENT_FAILED, OBOL_FAILURE_REPLY },
	{ STAGE_READY, OBOL_ERROR, OBOL_CLIENT_FAILED, OBOL_FAILURE_REPLY },
	{ STAGE_BUSY, OBOL_LIST_ANSWER, OBOL_CLIENT_READY, OBOL_FAILURE_NONE },
	{ STAGE_BUSY, OBOL_ERROR, OBOL_CLIENT_READY, OBOL_FAILURE_REPLY },
};

static const struct allowed_row refused = { STAGE_START, 0, OBOL_CLIENT_FAILED,
											OBOL_FAILURE_PROTOCOL };

static const struct allowed_row *find_row(enum stage stage, unsigned type)
{
	size_t i;

	for (i = 0; i < sizeof(allowed) / sizeof(*allowed); i++)
	{
		if (allowed[i].stage == stage && allowed[i].type == type)
		{
			return &allowed[i];
		}
	}
	return &refused;
}

/* all 256 types in every state, a new session for each */
START_TEST(every_type)
{
	enum stage stage = (enum stage)_i;
	uint8_t frame[FRAME_SIZE];
	unsigned type;

	for (type = 0; type < 256; type++)
	{
		const struct allowed_row *row = find_row(stage, type);
		enum obol_status status;

		bring_to(stage);
		status =
			obol_client_session_input(x.client, frame_of_type(frame, type));
		ck_assert_msg(obol_client_session_state(x.client) == row->state,
					  "stage %d, type %02x: state %d", stage, type,
					  obol_client_session_state(x.client));
		ck_assert_msg(obol_client_session_failure(x.client) == row->failure,
					  "stage %d, type %02x: failure %d", stage, type,
					  obol_client_session_failure(x.client));
		ck_assert_msg((status == OBOL_OK) == (row->state != OBOL_CLIENT_FAILED),
					  "stage %d, type %02x: %s", stage, type,
					  obol_status_name(status));
		if (row->state == OBOL_CLIENT_FAILED)
		{
			/* it says nothing more */
			ck_assert_uint_eq(obol_client_session_output(x.client).len, 0);
			ck_assert_ptr_null(obol_client_session_answer(x.client));
		}
	}
}
END_TEST

/* calls that do not fit the state do nothing */
START_TEST(calls_out_of_turn)
{
	struct obol_secret *secret = obol_secret_dup("pw", 2);
	struct obol_request *request = calloc(1, sizeof(*request));
	struct obol_client_login login = {
		.kind = OBOL_SLOT_RECOVERY,
		.name = obol_bytes_str("alice"),
		.secret = secret,
	};
	enum stage stage = (enum stage)_i;
	enum obol_client_state state;

	ck_assert_ptr_nonnull(request);
	bring_to(stage);
	state = obol_client_session_state(x.client);
	if (stage != STAGE_START)
	{
		ck_assert_int_eq(obol_client_session_login(x.client, &login),
						 OBOL_ERR_ARG);
	}
	if (stage != STAGE_VERIFIED && stage != STAGE_READY)
	{
		request->type = OBOL_LIST;
		ck_assert_int_eq(obol_client_session_request(x.client, request),
						 OBOL_ERR_ARG);
	}
	request->type = OBOL_LIST_ANSWER;
	ck_assert_int_eq(obol_client_session_request(x.client, request),
					 OBOL_ERR_ARG);
	ck_assert_int_eq(obol_client_session_state(x.client), state);
	obol_secret_free(secret);
	free(request);
}
END_TEST

/** A header alone: its length is refused before the body comes. */
static const struct size_row {
	const char *name;
	enum stage stage;
	uint8_t header[4];
	bool is_refused;
} sizes[] = {
	{ "challenge, early limit",
	  STAGE_CHALLENGE,
	  { OBOL_LOGIN_CHALLENGE, 0, 0x10, 0 },
	  false },
	{ "challenge, above",
	  STAGE_CHALLENGE,
	  { OBOL_LOGIN_CHALLENGE, 0, 0x10, 1 },
	  true },
	{ "done, above", STAGE_FINISH, { OBOL_LOGIN_DONE, 0, 0x10, 1 }, true },
	{ "info, above", STAGE_INFO, { OBOL_INFO_ANSWER, 0, 0x10, 1 }, true },
	{ "answer, above early",
	  STAGE_BUSY,
	  { OBOL_LIST_ANSWER, 0, 0x10, 1 },
	  false },
	{ "answer, late limit",
	  STAGE_BUSY,
	  { OBOL_LIST_ANSWER, 0x10, 0, 0 },
	  false },
	{ "answer, above", STAGE_BUSY, { OBOL_LIST_ANSWER, 0x10, 0, 1 }, true },
	{ "largest", STAGE_BUSY, { 0xff, 0xff, 0xff, 0xff }, true },
};

START_TEST(frame_sizes)
{
	const struct size_row *row = &sizes[_i];
	enum obol_status status;

	bring_to(row->stage);
	ck_assert_int_eq(
		obol_client_session_input(x.client, obol_bytes(row->header, 3)),
		OBOL_OK);
	status =
		obol_client_session_input(x.client, obol_bytes(row->header + 3, 1));
	ck_assert_msg(status == (row->is_refused ? OBOL_ERR_FORMAT : OBOL_OK), "%s",
				  row->name);
	ck_assert_int_eq(obol_client_session_failure(x.client),
					 row->is_refused ? OBOL_FAILURE_PROTOCOL
									 : OBOL_FAILURE_NONE);
}
END_TEST

/** A frame of the right type that is cut. */
static const struct cut_row {
	enum stage stage;
	unsigned type;
} cuts[] = {
	{ STAGE_INFO, OBOL_INFO_ANSWER },
	{ STAGE_CHALLENGE, OBOL_LATER },
	{ STAGE_CHALLENGE, OBOL_ERROR },
	{ STAGE_CHALLENGE, OBOL_LOGIN_CHALLENGE },
	{ STAGE_FINISH, OBOL_LOGIN_DONE },
	{ STAGE_FINISH, OBOL_ERROR },
	{ STAGE_BUSY, OBOL_LIST_ANSWER },
	{ STAGE_BUSY, OBOL_ERROR },
};

START_TEST(cut)
{
	const struct cut_row *row = &cuts[_i];
	uint8_t whole[FRAME_SIZE], frame[FRAME_SIZE];
	struct obol_bytes body = frame_of_type(whole, row->type);
	size_t lengths[3], i;

	body.ptr += OBOL_FRAME_HEADER_LEN;
	body.len -= OBOL_FRAME_HEADER_LEN;
	lengths[0] = 0;
	lengths[1] = body.len - 1;
	lengths[2] = body.len + 1;
	whole[OBOL_FRAME_HEADER_LEN + body.len] = 0;
	for (i = 0; i < 3; i++)
	{
		bring_to(row->stage);
		ck_assert_int_eq(
			obol_client_session_input(
				x.client,
				frame_make(frame, row->type, obol_bytes(body.ptr, lengths[i]))),
			OBOL_ERR_FORMAT);
		ck_assert_int_eq(obol_client_session_failure(x.client),
						 OBOL_FAILURE_PROTOCOL);
	}
}
END_TEST

/* an answer that is whole, and one that nobody asked for right behind it */
START_TEST(answer_repeated)
{
	uint8_t both[2 * FRAME_SIZE];
	struct obol_bytes answer = frame_of_type(both, OBOL_LIST_ANSWER);

	memcpy(both + answer.len, both, answer.len);
	bring_to(STAGE_BUSY);
	ck_assert_int_eq(
		obol_client_session_input(x.client, obol_bytes(both, 2 * answer.len)),
		OBOL_ERR_FORMAT);
	ck_assert_int_eq(obol_client_session_failure(x.client),
					 OBOL_FAILURE_PROTOCOL);
	ck_assert_ptr_null(obol_client_session_answer(x.client));
}
END_TEST

/* the answer holds while a piece of something else comes in */
START_TEST(answer_holds)
{
	uint8_t frame[FRAME_SIZE];
	const struct obol_answer *answer;

	bring_to(STAGE_BUSY);
	ck_assert_int_eq(obol_client_session_input(
						 x.client, frame_of_type(frame, OBOL_LIST_ANSWER)),
					 OBOL_OK);
	ck_assert_int_eq(
		obol_client_session_input(x.client, obol_bytes("\x06\0\0", 3)),
		OBOL_OK);
	answer = obol_client_session_answer(x.client);
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->list.n_items, 2);
	ck_assert(obol_bytes_eq(answer->list.items[0].name, obol_bytes_str("vpn")));
}
END_TEST

/* what the server says before KE3 it says before any secret was shown */
START_TEST(error_text)
{
	static const uint8_t body[] = { 0x02, 0x17, 0, 0, 0, 60, 0, 0,   0,
									0,    0,    0, 0, 7, 0,  2, 'n', 'o' };
	uint8_t frame[FRAME_SIZE];
	const struct obol_error_message *error;

	bring_to(STAGE_CHALLENGE);
	ck_assert_int_eq(obol_client_session_input(
						 x.client, frame_make(frame, OBOL_ERROR,
											  obol_bytes(body, sizeof(body)))),
					 OBOL_ERR_AUTH);
	memset(frame, 0, sizeof(frame));
	error = obol_client_session_error(x.client);
	ck_assert_uint_eq(error->reply, OBOL_REPLY_AUTH);
	ck_assert_uint_eq(error->retry_after_s, 60);
	ck_assert_uint_eq(error->version, 7);
	ck_assert(obol_bytes_eq(error->text, obol_bytes_str("no")));
}
END_TEST

Suite *client_session_suite(void)
{
	Suite *suite = suite_create("client_session");
	TCase *tc = tcase_create("client_session");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, every_type, 0, N_STAGES);
	tcase_add_loop_test(tc, calls_out_of_turn, 0, N_STAGES);
	tcase_add_loop_test(tc, frame_sizes, 0, sizeof(sizes) / sizeof(*sizes));
	tcase_add_loop_test(tc, cut, 0, sizeof(cuts) / sizeof(*cuts));
	tcase_add_test(tc, answer_repeated);
	tcase_add_test(tc, answer_holds);
	tcase_add_test(tc, error_text);
	suite_add_tcase(suite, tc);
	return suite;
}
