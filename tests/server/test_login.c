/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logins through the whole server, on a real store. */
#include "server/world.h"

#include <stdio.h>

#include "support/run.h"
#include "wire/frame.h"

static struct world w;
static struct link l;

static void setup(void)
{
	world_begin(&w);
	(void)world_add(&w, "alice");
}

static void teardown(void)
{
	world_clear(&w);
}

/* With the identity as KSF a failure costs no time. */
static bool log_in_with_code(const char *name, const char *code)
{
	bool in;

	link_open(&l, &w, NULL);
	in = link_login(&l, name, OBOL_SLOT_ACTIVATION, NULL, code);
	return in;
}

START_TEST(test_good_login)
{
	const struct obol_login_done *done;

	ck_assert(log_in_with_code("alice", CODE));
	done = obol_client_session_login_done(l.client);
	ck_assert_uint_eq(done->n_failures, 0);
	ck_assert_uint_eq(done->last_login_at, 0);
	ck_assert_uint_eq(done->server_time, WORLD_NOW);
	ck_assert(!done->migrate);
	ck_assert_uint_eq(l.key.generation, 1);
	link_close(&l);
	ck_assert_str_eq(newest_line(&w, "alice"), "1 200 2 ");
	ck_assert_ptr_nonnull(strstr(w.logged, "login of account 'alice' by "
										   "activation code from 192.0.2.1"));
}
END_TEST

START_TEST(test_failures_are_told_to_the_owner)
{
	const struct obol_login_done *done;

	ck_assert(!log_in_with_code("alice", "wrong"));
	ck_assert_int_eq(obol_client_session_failure(l.client), OBOL_FAILURE_KE2);
	link_close(&l);
	ck_assert_str_eq(newest_line(&w, "alice"), "1 535 2 ");
	driven_clock_pass(&w.clock, 60);
	ck_assert(log_in_with_code("alice", CODE));
	done = obol_client_session_login_done(l.client);
	ck_assert_uint_eq(done->n_failures, 1);
	ck_assert_uint_eq(done->last_failure_at, WORLD_NOW);
	ck_assert(
		obol_bytes_eq(done->last_failure_source, obol_bytes_str("192.0.2.1")));
	link_close(&l);
}
END_TEST

/* A client that goes on in spite of a bad KE2 gets 535, whoever it names. */
static void send_wrong_ke3(const char *name, struct obol_error_message *error,
						   char text[OBOL_TEXT_MAX + 1])
{
	struct obol_writer out;
	struct obol_bytes in;
	struct obol_frame frame;
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN] = { 1 };
	size_t used, logged = w.logged_len;

	link_open(&l, &w, NULL);
	ck_assert(!link_start(&l, name, OBOL_SLOT_ACTIVATION, NULL, "wrong"));
	obol_writer_init(&out);
	obol_login_finish_encode(&out, obol_bytes(ke3, sizeof(ke3)));
	obol_server_connection_input(l.conn, obol_writer_view(&out));
	obol_writer_clear(&out);
	in = obol_server_connection_output(l.conn);
	ck_assert_int_eq(obol_frame_decode(in, OBOL_FRAME_EARLY_MAX, &frame, &used),
					 OBOL_OK);
	ck_assert_uint_eq(used, in.len);
	ck_assert_int_eq(frame.type, OBOL_ERROR);
	ck_assert_int_eq(obol_error_decode(frame.body, error), OBOL_OK);
	memcpy(text, error->text.ptr, error->text.len);
	text[error->text.len] = '\0';
	/* nothing was logged or asked of the store yet, which would tell by its
	 * time; that is done once the connection is closed */
	ck_assert(obol_server_connection_is_done(l.conn));
	ck_assert(!obol_server_connection_is_busy(l.conn));
	ck_assert_ptr_null(strstr(w.logged + logged, "failed"));
	link_close(&l);
	ck_assert_ptr_nonnull(strstr(w.logged + logged, "failed"));
}

START_TEST(test_535_is_alike)
{
	struct obol_error_message known, unknown;
	char one[OBOL_TEXT_MAX + 1], two[OBOL_TEXT_MAX + 1];

	send_wrong_ke3("alice", &known, one);
	ck_assert_str_eq(newest_line(&w, "alice"), "1 535 2 ");
	send_wrong_ke3("nobody", &unknown, two);
	ck_assert_uint_eq(known.reply, OBOL_REPLY_AUTH);
	ck_assert_uint_eq(unknown.reply, OBOL_REPLY_AUTH);
	ck_assert_uint_eq(known.retry_after_s, unknown.retry_after_s);
	ck_assert_str_eq(one, two);
}
END_TEST

START_TEST(test_unknown_name_is_masked_in_the_log)
{
	ck_assert(!log_in_with_code("hunter2-typed-as-name", "wrong"));
	link_close(&l);
	ck_assert_ptr_null(strstr(w.logged, "hunter2"));
	ck_assert_ptr_nonnull(strstr(w.logged, "login of account 'unknown-"));
	/* a name that exists is written as it is */
	ck_assert(!log_in_with_code("alice", "wrong"));
	link_close(&l);
	ck_assert_ptr_nonnull(strstr(w.logged, "login of account 'alice' by "
										   "activation code from 192.0.2.1 "
										   "failed"));
}
END_TEST

/* The challenge as it is on the wire. */
static size_t challenge(const char *name, enum obol_slot_kind kind,
						const uint8_t *device_id,
						struct obol_login_challenge *out)
{
	struct obol_secret *typed = obol_secret_dup("x", 1);
	struct obol_client_login login = {
		.kind = kind,
		.name = obol_bytes_str(name),
		.secret = typed,
	};
	static uint8_t body[OBOL_FRAME_EARLY_MAX];
	struct obol_frame frame;
	struct obol_bytes in;
	size_t used;

	if (device_id)
	{
		memcpy(login.device_id, device_id, sizeof(login.device_id));
	}
	link_open(&l, &w, NULL);
	ck_assert_int_eq(obol_client_session_login(l.client, &login), OBOL_OK);
	obol_server_connection_input(l.conn, obol_client_session_output(l.client));
	obol_store_flush(w.options.store);
	in = obol_server_connection_output(l.conn);
	ck_assert_int_eq(obol_frame_decode(in, OBOL_FRAME_EARLY_MAX, &frame, &used),
					 OBOL_OK);
	ck_assert_int_eq(frame.type, OBOL_LOGIN_CHALLENGE);
	memcpy(body, frame.body.ptr, frame.body.len);
	ck_assert_int_eq(
		obol_login_challenge_decode(obol_bytes(body, frame.body.len), out),
		OBOL_OK);
	obol_secret_free(typed);
	link_close(&l);
	return used;
}

START_TEST(test_challenges_are_alike)
{
	struct obol_login_challenge known, unknown;
	size_t one, two;

	world_activate(&w, "alice");
	obol_server_tick(w.server);
	obol_store_flush(w.options.store);
	one = challenge("alice", OBOL_SLOT_PASSWORD, NULL, &known);
	two = challenge("nobody", OBOL_SLOT_PASSWORD, NULL, &unknown);
	ck_assert_uint_eq(one, two);
	ck_assert(obol_ksf_params_eq(&known.ksf, &unknown.ksf));
	ck_assert_uint_eq(known.key_number, unknown.key_number);
	/* a kind that the account has not got, a device that it never had, one of
	 * a name that does not exist */
	one = challenge("alice", OBOL_SLOT_DEVICE, device_one, &known);
	two = challenge("alice", OBOL_SLOT_DEVICE, device_two, &unknown);
	ck_assert_uint_eq(one, two);
	ck_assert(obol_ksf_params_eq(&known.ksf, &unknown.ksf));
	ck_assert_uint_eq(known.key_number, unknown.key_number);
	two = challenge("nobody", OBOL_SLOT_DEVICE, device_two, &unknown);
	ck_assert_uint_eq(one, two);
	ck_assert(obol_ksf_params_eq(&known.ksf, &unknown.ksf));
	two = challenge("alice", OBOL_SLOT_RECOVERY, NULL, &unknown);
	ck_assert_uint_eq(one, two);
	ck_assert(obol_ksf_params_eq(&known.ksf, &unknown.ksf));
}
END_TEST

START_TEST(test_evaluation_of_unknown_names_is_stable)
{
	struct obol_login_challenge a, b;

	/* the masked response differs each time for both, as nonces do; what
	 * would betray a name is the KSF or key number that moves */
	(void)challenge("nobody", OBOL_SLOT_PASSWORD, NULL, &a);
	(void)challenge("nobody", OBOL_SLOT_PASSWORD, NULL, &b);
	ck_assert(obol_ksf_params_eq(&a.ksf, &b.ksf));
	ck_assert_uint_eq(a.key_number, b.key_number);
}
END_TEST

START_TEST(test_disabled_is_told_after_the_login)
{
	world_set_state(&w, "alice", OBOL_ACCOUNT_DISABLED);
	/* a wrong code learns nothing of it */
	ck_assert(!log_in_with_code("alice", "wrong"));
	ck_assert_int_eq(obol_client_session_failure(l.client), OBOL_FAILURE_KE2);
	link_close(&l);
	ck_assert(!log_in_with_code("alice", CODE));
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_DISABLED);
	ck_assert_ptr_nonnull(memmem(obol_client_session_error(l.client)->text.ptr,
								 obol_client_session_error(l.client)->text.len,
								 "operator", 8));
	link_close(&l);
	world_set_state(&w, "alice", OBOL_ACCOUNT_ACTIVE);
	ck_assert(log_in_with_code("alice", CODE));
	link_close(&l);
}
END_TEST

START_TEST(test_disabled_while_logged_in)
{
	world_activate(&w, "alice");
	link_by_device(&l, &w, "alice");
	ck_assert_ptr_nonnull(link_ask_type(&l, OBOL_LIST));
	world_set_state(&w, "alice", OBOL_ACCOUNT_DISABLED);
	ck_assert_ptr_null(link_ask_type(&l, OBOL_LIST));
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_DISABLED);
	link_close(&l);
}
END_TEST

/* The keys of a keeper whose ceiling is reached, or that is gone. */
static enum obol_status answer;

static enum obol_status do_not_evaluate(struct obol_opaque_keys *keys,
										uint32_t key_number,
										struct obol_bytes identifier,
										struct obol_bytes blinded,
										uint8_t evaluated[OBOL_OPAQUE_NOE])
{
	(void)keys;
	(void)key_number;
	(void)identifier;
	(void)blinded;
	(void)evaluated;
	return answer;
}

/* Put off or refused, alike for all; nobody has failed, his network has not,
 * and no guess is used up: what keeps the server from answering locks nobody
 * out. */
START_TEST(test_keys_that_do_not_answer)
{
	static const enum obol_status answers[] = { OBOL_ERR_DENIED, OBOL_ERR_IO };
	static const char *const names[] = { "alice", "nobody" };
	struct obol_opaque_keys without = *w.options.keys;
	const struct obol_error_message *error;
	unsigned i;

	answer = answers[_i];
	without.oprf_evaluate = do_not_evaluate;
	world_stop(&w);
	w.options.keys = &without;
	w.options.policy.failures_per_source = 1;
	world_start(&w);
	for (i = 0; i < 4 * OBOL_GUESS_FREE; i++)
	{
		link_open(&l, &w, NULL);
		ck_assert(
			!link_start(&l, names[i % 2], OBOL_SLOT_ACTIVATION, NULL, CODE));
		error = obol_client_session_error(l.client);
		ck_assert_int_eq(obol_client_session_failure(l.client),
						 answer == OBOL_ERR_DENIED ? OBOL_FAILURE_LATER
												   : OBOL_FAILURE_REPLY);
		ck_assert_uint_eq(error->retry_after_s,
						  answer == OBOL_ERR_DENIED ? 60 : 0);
		link_close(&l);
	}
	ck_assert_str_ne(newest_line(&w, "alice"), "1 535 2 ");
	ck_assert_ptr_nonnull(strstr(
		w.logged, answer == OBOL_ERR_DENIED ? "more than their ceilings allow"
											: "given up"));
	world_stop(&w);
	w.options.keys = obol_server_keys_operations(w.keys);
	world_start(&w);
	ck_assert(log_in_with_code("alice", CODE));
	ck_assert_uint_eq(obol_client_session_login_done(l.client)->n_failures, 0);
	link_close(&l);
}
END_TEST

START_TEST(test_expired_code)
{
	driven_clock_pass(&w.clock, 14 * DAY + 1);
	ck_assert(!log_in_with_code("alice", CODE));
	ck_assert_int_eq(obol_client_session_failure(l.client), OBOL_FAILURE_KE2);
	link_close(&l);
}
END_TEST

static uint32_t later_of(const char *name, const char *source)
{
	uint32_t seconds = 0;

	link_open(&l, &w, source);
	ck_assert(!link_start(&l, name, OBOL_SLOT_ACTIVATION, NULL, "wrong"));
	if (obol_client_session_failure(l.client) == OBOL_FAILURE_LATER)
	{
		seconds = obol_client_session_error(l.client)->retry_after_s;
	}
	link_close(&l);
	return seconds;
}

START_TEST(test_guess_limit)
{
	static const char *const names[] = { "alice", "nobody" };
	const char *name = names[_i];
	int i;

	/* the same for a name that exists and one that does not */
	for (i = 0; i < OBOL_GUESS_FREE; i++)
	{
		ck_assert_uint_eq(later_of(name, NULL), 0);
	}
	ck_assert_uint_eq(later_of(name, NULL), OBOL_GUESS_WAIT_S);
	/* the right code does not help either, nor another address */
	link_open(&l, &w, "198.51.100.1");
	ck_assert(!link_start(&l, name, OBOL_SLOT_ACTIVATION, NULL, CODE));
	ck_assert_int_eq(obol_client_session_failure(l.client), OBOL_FAILURE_LATER);
	link_close(&l);
	driven_clock_pass(&w.clock, OBOL_GUESS_WAIT_S);
	ck_assert_uint_eq(later_of(name, NULL), 0);
	ck_assert_uint_eq(later_of(name, NULL), 2 * OBOL_GUESS_WAIT_S);
}
END_TEST

START_TEST(test_good_logins_cost_no_guess)
{
	int i;

	for (i = 0; i < 3 * OBOL_GUESS_FREE; i++)
	{
		ck_assert(log_in_with_code("alice", CODE));
		link_close(&l);
	}
}
END_TEST

START_TEST(test_device_has_its_own_budget)
{
	int i;

	world_activate(&w, "alice");
	for (i = 0; i < OBOL_GUESS_FREE; i++)
	{
		ck_assert_uint_eq(later_of("alice", NULL), 0);
	}
	ck_assert_uint_gt(later_of("alice", NULL), 0);
	link_by_device(&l, &w, "alice");
	link_close(&l);
}
END_TEST

START_TEST(test_connection_lost_after_ke2)
{
	struct obol_login_challenge got;

	/* challenge() goes away without KE3: a guess like another */
	(void)challenge("alice", OBOL_SLOT_ACTIVATION, NULL, &got);
	ck_assert_str_eq(newest_line(&w, "alice"), "1 535 2 ");
}
END_TEST

START_TEST(test_closed_while_the_store_works)
{
	struct obol_secret *typed = obol_secret_dup("x", 1);
	struct obol_client_login login = {
		.kind = OBOL_SLOT_ACTIVATION,
		.name = obol_bytes_str("alice"),
		.secret = typed,
	};

	link_open(&l, &w, NULL);
	ck_assert_int_eq(obol_client_session_login(l.client, &login), OBOL_OK);
	obol_server_connection_input(l.conn, obol_client_session_output(l.client));
	ck_assert(obol_server_connection_is_busy(l.conn));
	ck_assert_uint_eq(obol_server_connection_output(l.conn).len, 0);
	obol_server_connection_close(l.conn);
	l.conn = NULL;
	ck_assert_uint_eq(obol_server_n_connections(w.server), 1);
	obol_store_flush(w.options.store);
	ck_assert_uint_eq(obol_server_n_connections(w.server), 0);
	obol_secret_free(typed);
	link_close(&l);
}
END_TEST

START_TEST(test_source_limit)
{
	char name[32];
	int i;

	world_stop(&w);
	w.options.policy.failures_per_source = 20;
	world_start(&w);
	/* one guess each at many names */
	for (i = 0; i < 20; i++)
	{
		(void)snprintf(name, sizeof(name), "user%d", i);
		ck_assert_uint_eq(later_of(name, NULL), 0);
	}
	ck_assert_uint_gt(later_of("user20", NULL), 0);
	ck_assert_uint_gt(later_of("alice", NULL), 0);
	/* another network is not hit, nor this one for ever */
	ck_assert_uint_eq(later_of("user21", "198.51.100.1"), 0);
	driven_clock_pass(&w.clock, 600);
	ck_assert(log_in_with_code("alice", CODE));
	link_close(&l);
}
END_TEST

/* Who sprays from a network that he shares stops new logins from there, but
 * not the devices of those who share it. */
START_TEST(test_devices_behind_a_full_network)
{
	char name[32];
	int i;

	world_activate(&w, "alice");
	world_stop(&w);
	w.options.policy.failures_per_source = 20;
	world_start(&w);
	for (i = 0; i < 20; i++)
	{
		(void)snprintf(name, sizeof(name), "user%d", i);
		ck_assert_uint_eq(later_of(name, NULL), 0);
	}
	ck_assert_uint_gt(later_of("alice", NULL), 0);
	for (i = 0; i < 30; i++)
	{
		link_by_device(&l, &w, "alice");
		link_close(&l);
	}
	/* a device that is not known is like any other login */
	link_open(&l, &w, NULL);
	ck_assert(
		!link_start(&l, "alice", OBOL_SLOT_DEVICE, device_two, DEVICE_SECRET));
	ck_assert_int_eq(obol_client_session_failure(l.client), OBOL_FAILURE_LATER);
	link_close(&l);
	/* and a known one has no more guesses than ever */
	for (i = 0; i < OBOL_GUESS_FREE; i++)
	{
		link_open(&l, &w, NULL);
		ck_assert(!link_start(&l, "alice", OBOL_SLOT_DEVICE, device_one, "no"));
		ck_assert_int_eq(obol_client_session_failure(l.client),
						 OBOL_FAILURE_KE2);
		link_close(&l);
	}
	link_open(&l, &w, NULL);
	ck_assert(
		!link_start(&l, "alice", OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET));
	ck_assert_int_eq(obol_client_session_failure(l.client), OBOL_FAILURE_LATER);
	link_close(&l);
}
END_TEST

START_TEST(test_nat_of_honest_users)
{
	int i;

	world_stop(&w);
	w.options.policy.failures_per_source = 2;
	world_start(&w);
	for (i = 0; i < 20; i++)
	{
		ck_assert(log_in_with_code("alice", CODE));
		link_close(&l);
	}
}
END_TEST

/* Who leaves as soon as his KE3 is out has logged in all the same, and has not
 * failed, neither for his account nor for his network. */
START_TEST(test_left_after_ke3)
{
	struct obol_bytes out;
	int i;

	world_stop(&w);
	w.options.policy.failures_per_source = 2;
	world_start(&w);
	for (i = 0; i < 20; i++)
	{
		link_open(&l, &w, NULL);
		ck_assert(link_start(&l, "alice", OBOL_SLOT_ACTIVATION, NULL, CODE));
		ck_assert_int_eq(
			obol_client_session_request(
				l.client, &(struct obol_request){ .type = OBOL_INFO }),
			OBOL_OK);
		out = obol_client_session_output(l.client);
		obol_server_connection_input(l.conn, out);
		ck_assert(obol_server_connection_is_busy(l.conn));
		obol_server_connection_close(l.conn);
		l.conn = NULL;
		obol_store_flush(w.options.store);
		ck_assert_uint_eq(obol_server_n_connections(w.server), 0);
		ck_assert_str_eq(newest_line(&w, "alice"), "1 200 2 ");
		link_close(&l);
	}
}
END_TEST

START_TEST(test_shutdown)
{
	ck_assert(log_in_with_code("alice", CODE));
	obol_server_connection_shutdown(l.conn);
	link_run(&l);
	ck_assert(obol_server_connection_is_done(l.conn));
	/* a goodbye that answers nothing: the client sees the end */
	ck_assert_int_eq(obol_client_session_state(l.client), OBOL_CLIENT_FAILED);
	link_close(&l);
}
END_TEST

Suite *login_suite(void);

Suite *login_suite(void)
{
	Suite *s = suite_create("login");
	TCase *tc = tcase_create("login");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_good_login);
	tcase_add_test(tc, test_failures_are_told_to_the_owner);
	tcase_add_test(tc, test_535_is_alike);
	tcase_add_test(tc, test_unknown_name_is_masked_in_the_log);
	tcase_add_test(tc, test_challenges_are_alike);
	tcase_add_test(tc, test_evaluation_of_unknown_names_is_stable);
	tcase_add_test(tc, test_disabled_is_told_after_the_login);
	tcase_add_test(tc, test_disabled_while_logged_in);
	tcase_add_loop_test(tc, test_keys_that_do_not_answer, 0, 2);
	tcase_add_test(tc, test_expired_code);
	tcase_add_loop_test(tc, test_guess_limit, 0, 2);
	tcase_add_test(tc, test_good_logins_cost_no_guess);
	tcase_add_test(tc, test_device_has_its_own_budget);
	tcase_add_test(tc, test_connection_lost_after_ke2);
	tcase_add_test(tc, test_closed_while_the_store_works);
	tcase_add_test(tc, test_source_limit);
	tcase_add_test(tc, test_devices_behind_a_full_network);
	tcase_add_test(tc, test_nat_of_honest_users);
	tcase_add_test(tc, test_left_after_ke3);
	tcase_add_test(tc, test_shutdown);
	suite_add_tcase(s, tc);
	return s;
}
