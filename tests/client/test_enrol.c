/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making an account, with a team's code and without, also when the answer is
 * lost; and deleting it. */
#include "client/gateway.h"
#include "support/run.h"

static struct gateway gateway;
static struct obol_client *client;
static struct obol_device device;
static bool waits;

static void setup(void)
{
	gateway_init(&gateway);
	client = gateway_client(&gateway, NULL);
	waits = false;
}

static void teardown(void)
{
	obol_device_clear(&device);
	obol_client_free(client);
	gateway_clear(&gateway);
}

/* The gateway knows one name alone, so team and account are both alice. */
static void login_with_code(void)
{
	struct obol_secret *code = gateway_add_code(&gateway, OBOL_SLOT_ENROLMENT);

	check_ok(client, obol_client_login_enrolment(client, "Alice", code));
	obol_secret_free(code);
}

static enum obol_status enrol(const char *password)
{
	struct obol_secret *secret = secret_of(password);
	enum obol_status status =
		obol_client_enrol(client, secret, "thinkpad", &device, &waits);

	obol_secret_free(secret);
	return status;
}

static enum obol_status enrol_open(void)
{
	struct obol_secret *secret = secret_of(PASSWORD);
	enum obol_status status =
		obol_client_enrol_open(client, secret, "thinkpad", &device, &waits);

	obol_secret_free(secret);
	return status;
}

START_TEST(with_code)
{
	login_with_code();
	check_ok(client, enrol(PASSWORD));
	ck_assert(!waits);
	/* logged in with the password, and the device works */
	ck_assert_uint_ne(obol_client_login_info(client)->server_time, 0);
	check_ok(client, login(client, PASSWORD));
	check_ok(client, obol_client_login_device(client, &device));
	ck_assert_uint_eq(gateway.n_requests[OBOL_ACCOUNT_START], 1);
	ck_assert_uint_eq(gateway.n_requests[OBOL_ACCOUNT_CREATE], 1);
}
END_TEST

START_TEST(waits_for_approval)
{
	gateway.owner.waits = true;
	login_with_code();
	check_ok(client, enrol(PASSWORD));
	ck_assert(waits);
	check_cause(client, OBOL_CAUSE_NONE);
	ck_assert_ptr_nonnull(device.secret);
	gateway.owner.refuse_login = (enum obol_reply)0;
	login_whole(client, PASSWORD);
	check_ok(client, obol_client_login_device(client, &device));
}
END_TEST

static const struct lost_row {
	uint8_t cut_before;
	uint8_t cut_after;
	bool waits;
	bool is_made;
} lost[] = {
	{ OBOL_ACCOUNT_START, 0, false, false },
	{ 0, OBOL_ACCOUNT_START, false, false },
	{ OBOL_ACCOUNT_CREATE, 0, false, false },
	{ 0, OBOL_ACCOUNT_CREATE, false, true },
	{ 0, OBOL_ACCOUNT_CREATE, true, true },
};

START_TEST(answer_is_lost)
{
	const struct lost_row *row = &lost[_i];

	login_with_code();
	gateway.owner.waits = row->waits;
	gateway.cut_before = row->cut_before;
	gateway.cut_after = row->cut_after;
	if (row->is_made)
	{
		check_ok(client, enrol(PASSWORD));
		ck_assert(waits == row->waits);
		return;
	}
	ck_assert_int_ne(enrol(PASSWORD), OBOL_OK);
	ck_assert_msg(obol_client_error(client)->cause != OBOL_CAUSE_AUTH, "%s",
				  obol_client_error(client)->text);
	ck_assert_ptr_null(device.secret);
	ck_assert_int_ne(login(client, PASSWORD), OBOL_OK);
	check_cause(client, OBOL_CAUSE_AUTH);
}
END_TEST

static const struct refusal_row {
	enum obol_reply reply;
	enum obol_cause cause;
} refusals[] = {
	{ OBOL_REPLY_TAKEN, OBOL_CAUSE_TAKEN },
	{ OBOL_REPLY_NO_ENROLMENT, OBOL_CAUSE_NO_ENROLMENT },
	{ OBOL_REPLY_BUSY, OBOL_CAUSE_BUSY },
	{ OBOL_REPLY_TEMPORARY, OBOL_CAUSE_SERVER },
};

START_TEST(refused)
{
	login_with_code();
	gateway.owner.refuse_request = refusals[_i].reply;
	ck_assert_int_ne(enrol(PASSWORD), OBOL_OK);
	check_cause(client, refusals[_i].cause);
	ck_assert_uint_eq(gateway.n_requests[OBOL_ACCOUNT_CREATE], 0);
}
END_TEST

/* A refused AccountCreate is an answer: nobody tries the password. */
static enum obol_reply taken_meanwhile(struct gateway *at,
									   const struct obol_request *request)
{
	(void)at;
	return request->type == OBOL_ACCOUNT_CREATE ? OBOL_REPLY_TAKEN
												: (enum obol_reply)0;
}

START_TEST(refused_late)
{
	if (_i)
	{
		/* known by its pins: without a login, a refusal ends the connection */
		gateway_add_password(&gateway);
		login_whole(client, PASSWORD);
	}
	else
	{
		login_with_code();
	}
	gateway.meddle = taken_meanwhile;
	ck_assert_int_eq(_i ? enrol_open() : enrol(PASSWORD), OBOL_ERR_EXISTS);
	check_cause(client, OBOL_CAUSE_TAKEN);
	ck_assert_uint_eq(gateway.n_requests[OBOL_ACCOUNT_CREATE], 1);
}
END_TEST

/* Whoever answers gets nothing, not even a connection. */
START_TEST(unverified)
{
	ck_assert_int_eq(enrol_open(), OBOL_ERR_DENIED);
	check_cause(client, OBOL_CAUSE_UNVERIFIED);
	ck_assert_uint_eq(gateway.n_requests[OBOL_ACCOUNT_START], 0);
	ck_assert_uint_eq(gateway.peer.n_accepted, 0);
}
END_TEST

START_TEST(known_by_its_pins)
{
	gateway_add_password(&gateway);
	login_whole(client, PASSWORD);
	check_ok(client, enrol_open());
	ck_assert(!waits);
	check_ok(client, obol_client_login_device(client, &device));
}
END_TEST

/* Another machine than the one that was pinned. */
START_TEST(other_pins)
{
	gateway_add_password(&gateway);
	login_whole(client, PASSWORD);
	gateway_new_tls_key(&gateway);
	ck_assert_int_ne(enrol_open(), OBOL_OK);
	check_cause(client, OBOL_CAUSE_PIN);
	ck_assert_uint_eq(gateway.n_requests[OBOL_ACCOUNT_START], 0);
}
END_TEST

START_TEST(code_is_wrong)
{
	struct obol_secret *code;

	code = secret_of("not a code");
	ck_assert_int_ne(obol_client_login_enrolment(client, "alice", code),
					 OBOL_OK);
	check_cause(client, OBOL_CAUSE_CODE);
	ck_assert_int_ne(obol_client_login_enrolment(client, "a b", code), OBOL_OK);
	check_cause(client, OBOL_CAUSE_CONFIG);
	obol_secret_free(code);
	/* of another kind */
	code = gateway_add_code(&gateway, OBOL_SLOT_ACTIVATION);
	ck_assert_int_ne(obol_client_login_enrolment(client, "alice", code),
					 OBOL_OK);
	check_cause(client, OBOL_CAUSE_AUTH);
	ck_assert_ptr_nonnull(
		strstr(obol_client_error(client)->text, "enrolment code"));
	obol_secret_free(code);
	/* and there is no login to go on with */
	ck_assert_int_eq(enrol(PASSWORD), OBOL_ERR_ARG);
}
END_TEST

START_TEST(deletes)
{
	gateway_add_password(&gateway);
	login_whole(client, PASSWORD);
	check_ok(client, obol_client_delete_account(client));
	ck_assert_int_ne(obol_client_delete_account(client), OBOL_OK);
	ck_assert_int_ne(login(client, PASSWORD), OBOL_OK);
	check_cause(client, OBOL_CAUSE_AUTH);
}
END_TEST

START_TEST(device_deletes_nothing)
{
	gateway_add_device(&gateway, &device);
	check_ok(client, obol_client_login_device(client, &device));
	ck_assert_int_eq(obol_client_delete_account(client), OBOL_ERR_DENIED);
	check_cause(client, OBOL_CAUSE_NOT_ALLOWED);
	ck_assert_uint_eq(gateway.n_requests[OBOL_ACCOUNT_DELETE], 0);
}
END_TEST

Suite *enrol_suite(void);

Suite *enrol_suite(void)
{
	Suite *suite = suite_create("enrolment");
	TCase *tc = tcase_create("enrolment");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, with_code);
	tcase_add_test(tc, waits_for_approval);
	tcase_add_loop_test(tc, answer_is_lost, 0, sizeof(lost) / sizeof(lost[0]));
	tcase_add_loop_test(tc, refused, 0, sizeof(refusals) / sizeof(refusals[0]));
	tcase_add_loop_test(tc, refused_late, 0, 2);
	tcase_add_test(tc, unverified);
	tcase_add_test(tc, known_by_its_pins);
	tcase_add_test(tc, other_pins);
	tcase_add_test(tc, code_is_wrong);
	tcase_add_test(tc, deletes);
	tcase_add_test(tc, device_deletes_nothing);
	suite_add_tcase(suite, tc);
	return suite;
}
