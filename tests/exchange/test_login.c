/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "exchange/exchange.h"

Suite *login_suite(void);

static const enum obol_slot_kind kinds[] = {
	OBOL_SLOT_PASSWORD,
	OBOL_SLOT_ACTIVATION,
	OBOL_SLOT_RECOVERY,
	OBOL_SLOT_DEVICE,
};

static void check_logged_in(const struct exchange *x)
{
	const struct obol_login_done *done =
		obol_client_session_login_done(x->client);
	const struct obol_account_key *key =
		obol_client_session_account_key(x->client);

	ck_assert_ptr_nonnull(done);
	ck_assert_uint_eq(done->n_failures, 2);
	ck_assert(
		obol_bytes_eq(done->last_failure_source, obol_bytes_str("192.0.2.7")));
	ck_assert_uint_eq(done->server_time, 1800000000);
	ck_assert_ptr_nonnull(key);
	ck_assert(obol_bytes_eq(obol_secret_view(key->key),
							obol_secret_view(x->owner.account_key.key)));
	ck_assert(obol_bytes_eq(
		obol_client_session_server_key(x->client),
		obol_bytes(x->owner.public_key, sizeof(x->owner.public_key))));
	ck_assert(obol_server_session_is_open(x->server));
	ck_assert_int_eq(obol_client_session_failure(x->client), OBOL_FAILURE_NONE);
}

START_TEST(every_kind)
{
	struct exchange x;

	exchange_init(&x, kinds[_i]);
	exchange_ready(&x, kinds[_i]);
	/* the server waits for KE3, and the client has no key so far */
	ck_assert(!obol_server_session_is_open(x.server));
	ck_assert_ptr_null(obol_client_session_account_key(x.client));
	ck_assert_ptr_null(obol_client_session_login_done(x.client));
	ck_assert_ptr_nonnull(exchange_ask_type(&x, OBOL_LIST));
	check_logged_in(&x);
	ck_assert_uint_eq(x.owner.n_starts, 1);
	ck_assert_uint_eq(x.owner.n_finishes, 1);
	ck_assert_uint_eq(x.owner.n_failed, 0);
	exchange_clear(&x);
}
END_TEST

/* any cut of the stream is the same */
START_TEST(in_pieces)
{
	static const size_t chunks[] = { 1, 2, 3, 5, 37, 100, 4096 };
	struct exchange x;

	exchange_init(&x, OBOL_SLOT_DEVICE);
	x.chunk = chunks[_i];
	exchange_ready(&x, OBOL_SLOT_DEVICE);
	ck_assert_ptr_nonnull(exchange_ask_type(&x, OBOL_LIST));
	check_logged_in(&x);
	exchange_clear(&x);
}
END_TEST

/* LoginStart, LoginChallenge, LoginFinish with the request, LoginDone with
 * the answer: two round trips after TCP's and TLS's */
START_TEST(four_flights)
{
	struct exchange x;

	exchange_init(&x, OBOL_SLOT_DEVICE);
	exchange_ready(&x, OBOL_SLOT_DEVICE);
	ck_assert_uint_eq(x.n_flights, 2);
	ck_assert_ptr_nonnull(exchange_ask_type(&x, OBOL_LIST));
	ck_assert_uint_eq(x.n_flights, 4);
	ck_assert_ptr_nonnull(exchange_ask_type(&x, OBOL_LIST));
	ck_assert_uint_eq(x.n_flights, 6);
	exchange_clear(&x);
}
END_TEST

static void check_failed(const struct exchange *x,
						 enum obol_session_failure failure,
						 enum obol_status status)
{
	struct obol_request *request = calloc(1, sizeof(*request));

	ck_assert_ptr_nonnull(request);
	request->type = OBOL_LIST;
	ck_assert_int_eq(x->status, status);
	ck_assert_int_eq(obol_client_session_state(x->client), OBOL_CLIENT_FAILED);
	ck_assert_int_eq(obol_client_session_failure(x->client), failure);
	ck_assert_uint_eq(obol_client_session_output(x->client).len, 0);
	ck_assert_ptr_null(obol_client_session_account_key(x->client));
	ck_assert_ptr_null(obol_client_session_answer(x->client));
	/* and it stays so */
	ck_assert_int_eq(
		obol_client_session_input(x->client, obol_bytes("\x06\0\0\0", 4)),
		status);
	ck_assert_int_eq(obol_client_session_request(x->client, request),
					 OBOL_ERR_ARG);
	free(request);
}

/* the client sees it first and says nothing more: no KE3 */
START_TEST(wrong_password)
{
	struct exchange x;

	exchange_init(&x, OBOL_SLOT_PASSWORD);
	exchange_login(&x, OBOL_SLOT_PASSWORD, "correct mule");
	exchange_run(&x);
	check_failed(&x, OBOL_FAILURE_KE2, OBOL_ERR_AUTH);
	ck_assert_uint_eq(x.owner.n_starts, 1);
	ck_assert_uint_eq(x.owner.n_finishes + x.owner.n_failed, 0);
	ck_assert_uint_eq(obol_client_session_server_key(x.client).len, 0);
	exchange_clear(&x);
}
END_TEST

static void login_as(struct exchange *x, const char *name)
{
	struct obol_secret *typed = obol_secret_dup(FAKE_DEVICE_SECRET, 16);
	struct obol_client_login login = {
		.kind = OBOL_SLOT_DEVICE,
		.name = obol_bytes_str(name),
		.secret = typed,
	};

	memcpy(login.device_id, fake_device_id, sizeof(login.device_id));
	ck_assert_int_eq(obol_client_session_login(x->client, &login), OBOL_OK);
	obol_secret_free(typed);
}

START_TEST(unknown_account)
{
	struct exchange x;

	exchange_init(&x, OBOL_SLOT_DEVICE);
	login_as(&x, "mallory");
	exchange_run(&x);
	check_failed(&x, OBOL_FAILURE_KE2, OBOL_ERR_AUTH);
	exchange_clear(&x);
}
END_TEST

/* what comes back has one length for known and unknown names */
START_TEST(answers_alike)
{
	static const char *const names[] = { FAKE_ACCOUNT, "mallory" };
	size_t len[2], i;
	struct exchange x;

	exchange_init(&x, OBOL_SLOT_DEVICE);
	for (i = 0; i < 2; i++)
	{
		exchange_connect(&x);
		login_as(&x, names[i]);
		ck_assert_int_eq(obol_server_session_input(
							 x.server, obol_client_session_output(x.client)),
						 OBOL_OK);
		fake_owner_serve(&x.owner, x.server);
		len[i] = obol_server_session_output(x.server).len;
	}
	ck_assert_uint_eq(len[0], len[1]);
	ck_assert_uint_eq(len[0], 4 + 10 + OBOL_OPAQUE_KE2_LEN);
	exchange_clear(&x);
}
END_TEST

START_TEST(later)
{
	struct exchange x;

	exchange_init(&x, OBOL_SLOT_DEVICE);
	x.owner.later_s = 60;
	exchange_login(&x, OBOL_SLOT_DEVICE, FAKE_DEVICE_SECRET);
	exchange_run(&x);
	check_failed(&x, OBOL_FAILURE_LATER, OBOL_ERR_DENIED);
	ck_assert_uint_eq(obol_client_session_error(x.client)->retry_after_s, 60);
	ck_assert(x.owner.is_closed);
	exchange_clear(&x);
}
END_TEST

/* told only after a valid KE3 */
START_TEST(disabled)
{
	struct exchange x;

	exchange_init(&x, OBOL_SLOT_DEVICE);
	x.owner.refuse_login = OBOL_REPLY_DISABLED;
	exchange_ready(&x, OBOL_SLOT_DEVICE);
	ck_assert_ptr_null(exchange_ask_type(&x, OBOL_LIST));
	check_failed(&x, OBOL_FAILURE_REPLY, OBOL_ERR_DENIED);
	ck_assert_uint_eq(exchange_reply(&x), OBOL_REPLY_DISABLED);
	ck_assert(obol_client_session_error(x.client)->text.len > 0);
	ck_assert(x.owner.is_closed);
	ck_assert_uint_eq(x.owner.n_requests, 0);
	ck_assert(!obol_server_session_is_open(x.server));
	exchange_clear(&x);
}
END_TEST

static void give_key(void *ctx, struct obol_login_done *done)
{
	(void)ctx;
	done->wrap = obol_bytes_str("a key");
}

/* a team has no account, so nobody has an account's key for it */
START_TEST(team_with_a_key)
{
	struct exchange x;

	exchange_init(&x, OBOL_SLOT_ENROLMENT);
	exchange_open(&x, OBOL_SLOT_ENROLMENT);
	ck_assert_ptr_null(obol_client_session_account_key(x.client));
	exchange_connect(&x);
	x.owner.hooks.login_done = give_key;
	exchange_ready(&x, OBOL_SLOT_ENROLMENT);
	ck_assert_ptr_null(exchange_ask_type(&x, OBOL_INFO));
	check_failed(&x, OBOL_FAILURE_WRAP, OBOL_ERR_AUTH);
	exchange_clear(&x);
}
END_TEST

/** A KSF in the challenge that the client must not compute. */
static const struct ksf_row {
	const char *name;
	enum obol_slot_kind kind;
	struct obol_ksf_params ksf;
	enum obol_status status;
} ksfs[] = {
	{ "identity", OBOL_SLOT_PASSWORD, { 0, 0, 0, 0 }, OBOL_ERR_DENIED },
	{ "N of 2^14", OBOL_SLOT_PASSWORD, { 1, 14, 8, 1 }, OBOL_ERR_DENIED },
	{ "N of 2^19", OBOL_SLOT_PASSWORD, { 1, 19, 8, 1 }, OBOL_ERR_DENIED },
	{ "r of 65535", OBOL_SLOT_PASSWORD, { 1, 15, 65535, 1 }, OBOL_ERR_DENIED },
	{ "p of 0", OBOL_SLOT_PASSWORD, { 1, 15, 8, 0 }, OBOL_ERR_DENIED },
	{ "p of 17", OBOL_SLOT_PASSWORD, { 1, 15, 8, 17 }, OBOL_ERR_DENIED },
	{ "log2 N of 255", OBOL_SLOT_PASSWORD, { 1, 255, 8, 1 }, OBOL_ERR_DENIED },
	{ "unknown", OBOL_SLOT_PASSWORD, { 2, 15, 8, 1 }, OBOL_ERR_VERSION },
	{ "device's", OBOL_SLOT_DEVICE, { 1, 15, 8, 1 }, OBOL_ERR_DENIED },
	{ "device's odd", OBOL_SLOT_DEVICE, { 0, 1, 0, 0 }, OBOL_ERR_DENIED },
	{ "activation's", OBOL_SLOT_ACTIVATION, { 1, 15, 8, 1 }, OBOL_ERR_DENIED },
	{ "recovery's", OBOL_SLOT_RECOVERY, { 1, 18, 8, 16 }, OBOL_ERR_DENIED },
};

START_TEST(ksf_out_of_bounds)
{
	const struct ksf_row *row = &ksfs[_i];
	struct exchange x;

	/* the slot is of another kind: nothing of it is needed */
	exchange_init(&x, OBOL_SLOT_DEVICE);
	x.owner.ksf = row->ksf;
	exchange_login(&x, row->kind, "secret");
	exchange_run(&x);
	ck_assert_msg(obol_client_session_failure(x.client) == OBOL_FAILURE_KSF,
				  "%s", row->name);
	check_failed(&x, OBOL_FAILURE_KSF, row->status);
	exchange_clear(&x);
}
END_TEST

/* flips the byte at x->at of the first LoginChallenge, LoginFinish... */
static void flip_to_client(struct exchange *x, bool to_client, uint8_t *bytes,
						   size_t len)
{
	if (to_client && bytes[0] == OBOL_LOGIN_CHALLENGE && x->at < len)
	{
		bytes[x->at] ^= 1;
	}
}

START_TEST(challenge_byte_flipped)
{
	static const size_t ke2_at = OBOL_FRAME_HEADER_LEN + 10;
	struct exchange x;
	size_t at;

	exchange_init(&x, OBOL_SLOT_DEVICE);
	x.tamper = flip_to_client;
	for (at = OBOL_FRAME_HEADER_LEN; at < ke2_at + OBOL_OPAQUE_KE2_LEN; at++)
	{
		enum obol_session_failure failure;

		x.at = at;
		exchange_connect(&x);
		exchange_login(&x, OBOL_SLOT_DEVICE, FAKE_DEVICE_SECRET);
		exchange_run(&x);
		failure = obol_client_session_failure(x.client);
		/* the KSF, then key number (in the context) and all of KE2 */
		ck_assert_msg(failure == (at < OBOL_FRAME_HEADER_LEN + 6
									  ? OBOL_FAILURE_KSF
									  : OBOL_FAILURE_KE2),
					  "byte %zu: failure %d", at, failure);
		check_failed(&x, failure, x.status);
	}
	ck_assert_uint_eq(x.owner.n_finishes + x.owner.n_failed, 0);
	exchange_clear(&x);
}
END_TEST

static void flip_to_server(struct exchange *x, bool to_client, uint8_t *bytes,
						   size_t len)
{
	if (!to_client && bytes[0] == OBOL_LOGIN_FINISH && x->at < len)
	{
		bytes[x->at] ^= 0x80;
	}
}

START_TEST(ke3_byte_flipped)
{
	struct exchange x;
	size_t at;

	exchange_init(&x, OBOL_SLOT_DEVICE);
	x.tamper = flip_to_server;
	for (at = 0; at < OBOL_OPAQUE_KE3_LEN; at++)
	{
		x.at = OBOL_FRAME_HEADER_LEN + at;
		exchange_connect(&x);
		exchange_ready(&x, OBOL_SLOT_DEVICE);
		ck_assert_ptr_null(exchange_ask_type(&x, OBOL_LIST));
		check_failed(&x, OBOL_FAILURE_REPLY, OBOL_ERR_AUTH);
		ck_assert_uint_eq(exchange_reply(&x), OBOL_REPLY_AUTH);
		ck_assert_uint_eq(x.owner.n_failed, at + 1);
		ck_assert(x.owner.is_closed);
	}
	/* the request behind it was not looked at */
	ck_assert_uint_eq(x.owner.n_requests, 0);
	ck_assert_uint_eq(x.owner.n_finishes, 0);
	exchange_clear(&x);
}
END_TEST

START_TEST(wrap_tampered)
{
	struct exchange x;
	size_t at;

	exchange_init(&x, OBOL_SLOT_DEVICE);
	for (at = 0; at < x.owner.slots[0].wrap_len; at++)
	{
		x.owner.slots[0].wrap[at] ^= 1;
		exchange_connect(&x);
		exchange_ready(&x, OBOL_SLOT_DEVICE);
		ck_assert_ptr_null(exchange_ask_type(&x, OBOL_LIST));
		check_failed(&x, OBOL_FAILURE_WRAP, OBOL_ERR_AUTH);
		ck_assert_ptr_null(obol_client_session_login_done(x.client));
		x.owner.slots[0].wrap[at] ^= 1;
	}
	exchange_clear(&x);
}
END_TEST

START_TEST(wrap_missing)
{
	struct exchange x;

	exchange_init(&x, OBOL_SLOT_DEVICE);
	x.owner.no_wrap = true;
	exchange_ready(&x, OBOL_SLOT_DEVICE);
	ck_assert_ptr_null(exchange_ask_type(&x, OBOL_LIST));
	check_failed(&x, OBOL_FAILURE_WRAP, OBOL_ERR_AUTH);
	exchange_clear(&x);
}
END_TEST

START_TEST(login_arguments)
{
	struct obol_secret *secret = obol_secret_dup("pw", 2);
	struct obol_secret *none = obol_secret_new(0);
	struct obol_client_login login = {
		.kind = OBOL_SLOT_PASSWORD,
		.name = obol_bytes_str("alice"),
		.secret = secret,
	};
	struct obol_client_login bad;
	struct exchange x;

	exchange_init(&x, OBOL_SLOT_DEVICE);
	bad = login;
	bad.kind = (enum obol_slot_kind)6;
	ck_assert_int_eq(obol_client_session_login(x.client, &bad), OBOL_ERR_ARG);
	bad = login;
	bad.name.len = 0;
	ck_assert_int_eq(obol_client_session_login(x.client, &bad), OBOL_ERR_ARG);
	bad = login;
	bad.name = obol_bytes("al\0ce", 5);
	ck_assert_int_eq(obol_client_session_login(x.client, &bad), OBOL_ERR_ARG);
	bad = login;
	bad.secret = none;
	ck_assert_int_eq(obol_client_session_login(x.client, &bad), OBOL_ERR_ARG);
	bad = login;
	bad.device_id[3] = 1;
	ck_assert_int_eq(obol_client_session_login(x.client, &bad), OBOL_ERR_ARG);
	bad = login;
	bad.pinned_public_key = obol_bytes(x.owner.public_key, 32);
	ck_assert_int_eq(obol_client_session_login(x.client, &bad), OBOL_ERR_ARG);
	/* nothing of that counts */
	ck_assert_uint_eq(obol_client_session_output(x.client).len, 0);
	ck_assert_int_eq(obol_client_session_login(x.client, &login), OBOL_OK);
	/* once in a session */
	ck_assert_int_eq(obol_client_session_login(x.client, &login), OBOL_ERR_ARG);
	exchange_clear(&x);
	obol_secret_free(secret);
	obol_secret_free(none);
}
END_TEST

Suite *login_suite(void)
{
	Suite *suite = suite_create("login");
	TCase *tc = tcase_create("login");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, every_kind, 0, 4);
	tcase_add_loop_test(tc, in_pieces, 0, 7);
	tcase_add_test(tc, four_flights);
	tcase_add_test(tc, wrong_password);
	tcase_add_test(tc, unknown_account);
	tcase_add_test(tc, answers_alike);
	tcase_add_test(tc, later);
	tcase_add_test(tc, disabled);
	tcase_add_test(tc, team_with_a_key);
	tcase_add_loop_test(tc, ksf_out_of_bounds, 0, sizeof(ksfs) / sizeof(*ksfs));
	tcase_add_test(tc, challenge_byte_flipped);
	tcase_add_test(tc, ke3_byte_flipped);
	tcase_add_test(tc, wrap_tampered);
	tcase_add_test(tc, wrap_missing);
	tcase_add_test(tc, login_arguments);
	suite_add_tcase(suite, tc);
	return suite;
}
