/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Accounts that their users make and end, through the whole server. */
#include "server/enrol_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "session/server_session.h"
#include "store/store_enrol.h"
#include "support/run.h"

START_TEST(test_with_code)
{
	struct obol_account account;
	bool waits = true;

	by_code();
	ck_assert_uint_eq(enrol("bob", &waits), 0);
	ck_assert(!waits);
	ck_assert(can_log_in("bob", OBOL_SLOT_PASSWORD, NULL, PASSWORD));
	ck_assert(can_log_in("bob", OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET));
	ck_assert(!can_log_in("bob", OBOL_SLOT_PASSWORD, NULL, "wrong"));
	account = world_account(&w, "bob");
	ck_assert_str_eq(account.identity, "bob@vpn.example.org");
	ck_assert_ptr_nonnull(strstr(w.logged, "login of team 'sales'"));
	ck_assert_ptr_nonnull(strstr(w.logged, "account 'bob' enrolled from"));
	/* and the same connection makes another one */
	ck_assert_uint_eq(enrol("carol", &waits), 0);
	ck_assert_uint_eq(enrol("bob", &waits), OBOL_REPLY_TAKEN);
}
END_TEST

START_TEST(test_without_login)
{
	bool waits = true;

	without_login();
	ck_assert_uint_eq(enrol("bob", &waits), 0);
	ck_assert(!waits);
	ck_assert(can_log_in("bob", OBOL_SLOT_PASSWORD, NULL, PASSWORD));
	/* a login may follow, and has begun no slots */
	ck_assert(link_login(&l, "bob", OBOL_SLOT_PASSWORD, NULL, PASSWORD));
}
END_TEST

START_TEST(test_closed)
{
	bool waits = true;

	world_start(&w);
	link_open(&l, &w, NULL);
	ck_assert_uint_eq(enrol("bob", &waits), OBOL_REPLY_NO_ENROLMENT);
	ck_assert(!exists("bob"));
}
END_TEST

START_TEST(test_taken)
{
	bool waits = true;

	without_login();
	(void)world_add(&w, "bob");
	ck_assert_uint_eq(enrol("bob", &waits), OBOL_REPLY_TAKEN);
}
END_TEST

/** Taken between the two steps. */
START_TEST(test_taken_meanwhile)
{
	struct draft d;

	without_login();
	draft_init(&d);
	ck_assert_uint_eq(begin(&d, "bob"), 0);
	(void)world_add(&w, "bob");
	ck_assert_ptr_null(link_ask(&l, d.request));
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_TAKEN);
	draft_clear(&d);
	ck_assert(!can_log_in("bob", OBOL_SLOT_PASSWORD, NULL, PASSWORD));
}
END_TEST

/** Wrong names; only the last two are right. */
static const struct {
	const char *name;
	unsigned reply;
} names[] = {
	{ "Bob", OBOL_REPLY_NO_ENROLMENT },
	{ "bob ", OBOL_REPLY_NO_ENROLMENT },
	{ "bob@example.org", OBOL_REPLY_NO_ENROLMENT },
	/* not composed */
	{ "a\xcc\x88", OBOL_REPLY_NO_ENROLMENT },
	{ "\xff", OBOL_REPLY_NO_ENROLMENT },
	/* what would mean something in an identity or a subject */
	{ "*", OBOL_REPLY_NO_ENROLMENT },
	{ "bob,cn=ceo", OBOL_REPLY_NO_ENROLMENT },
	{ "b/ob", OBOL_REPLY_NO_ENROLMENT },
	{ "\xc3\xa4,cn=ceo", OBOL_REPLY_NO_ENROLMENT },
	/* the server's own */
	{ "vpn.example.org", OBOL_REPLY_NO_ENROLMENT },
	{ "b.o_b+1-x", 0 },
	{ "\xc3\xa4", 0 },
};

START_TEST(test_names)
{
	bool waits = true;

	without_login();
	ck_assert_uint_eq(enrol(names[_i].name, &waits), names[_i].reply);
	ck_assert(exists(names[_i].name) == (names[_i].reply == 0));
}
END_TEST

START_TEST(test_pattern)
{
	bool waits = true;

	strcpy(w.options.policy.enrolment.names, "ext-*");
	without_login();
	ck_assert_uint_eq(enrol("bob", &waits), OBOL_REPLY_NO_ENROLMENT);
	link_close(&l);
	link_open(&l, &w, NULL);
	ck_assert_uint_eq(enrol("ext-bob", &waits), 0);
}
END_TEST

/** A code has its own pattern, whatever is open to all. */
START_TEST(test_code_pattern)
{
	bool waits = true;

	strcpy(w.options.policy.enrolment.names, "ext-*");
	world_start(&w);
	add_code("sales", "s-*", 5, false);
	link_open(&l, &w, NULL);
	ck_assert(link_start(&l, "sales", OBOL_SLOT_ENROLMENT, NULL, CODE));
	ck_assert_ptr_nonnull(link_ask_type(&l, OBOL_INFO));
	ck_assert_uint_eq(enrol("ext-bob", &waits), OBOL_REPLY_NO_ENROLMENT);
	ck_assert_uint_eq(enrol("s-bob", &waits), 0);
}
END_TEST

/** A code makes accounts and does nothing else. */
START_TEST(test_code_may)
{
	static const enum obol_frame_type types[] = {
		OBOL_LIST, OBOL_GET, OBOL_SLOT_LIST, OBOL_ACCOUNT_DELETE, OBOL_HISTORY,
	};
	struct obol_request request = { .type = OBOL_SLOT_START };
	size_t i;

	by_code();
	request.slot_start.kind = OBOL_SLOT_PASSWORD;
	ck_assert_uint_eq(link_refused(&l, &request), OBOL_REPLY_NOT_ALLOWED);
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
	{
		memset(&request, 0, sizeof(request));
		request.type = types[i];
		request.history.limit = types[i] == OBOL_HISTORY;
		ck_assert_uint_eq(link_refused(&l, &request), OBOL_REPLY_NOT_ALLOWED);
	}
	ck_assert_uint_eq(link_put(&l, "vpn", 0, 1, "x"), 0);
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_NOT_ALLOWED);
}
END_TEST

/** Nobody who has logged in otherwise makes accounts. */
START_TEST(test_others_may_not)
{
	bool waits = true;

	w.options.policy.enrolment.is_open = true;
	world_start(&w);
	(void)world_add(&w, "alice");
	world_activate(&w, "alice");
	link_by_password(&l, &w, "alice");
	ck_assert_uint_eq(enrol("bob", &waits), OBOL_REPLY_NOT_ALLOWED);
	ck_assert(!exists("bob"));
}
END_TEST

START_TEST(test_code_wrong)
{
	by_code();
	ck_assert(!can_log_in("sales", OBOL_SLOT_ENROLMENT, NULL, "9876543210"));
	/* a team that is none, and an account's name, are alike */
	ck_assert(!can_log_in("board", OBOL_SLOT_ENROLMENT, NULL, CODE));
	ck_assert(!can_log_in("sales", OBOL_SLOT_ACTIVATION, NULL, CODE));
	ck_assert(!can_log_in("sales", OBOL_SLOT_PASSWORD, NULL, CODE));
}
END_TEST

START_TEST(test_code_ends)
{
	struct obol_store_enrolment_revoke revoke = {
		.in = { .name = obol_bytes_str("sales"), .now = WORLD_NOW }
	};
	bool waits = true;

	by_code();
	world_run(&w, OBOL_STORE_ENROLMENT_REVOKE, &revoke);
	ck_assert_uint_eq(enrol("bob", &waits), OBOL_REPLY_LOGIN_NEEDED);
	ck_assert(!exists("bob"));
	link_close(&l);
	link_open(&l, &w, NULL);
	ck_assert(!link_start(&l, "sales", OBOL_SLOT_ENROLMENT, NULL, CODE));
}
END_TEST

START_TEST(test_code_used_up)
{
	bool waits = true;

	world_start(&w);
	add_code("sales", "*", 1, false);
	link_open(&l, &w, NULL);
	ck_assert(link_start(&l, "sales", OBOL_SLOT_ENROLMENT, NULL, CODE));
	ck_assert_ptr_nonnull(link_ask_type(&l, OBOL_INFO));
	ck_assert_uint_eq(enrol("bob", &waits), 0);
	ck_assert_uint_eq(enrol("carol", &waits), OBOL_REPLY_NO_ENROLMENT);
	link_close(&l);
	/* told behind a valid KE3 */
	link_open(&l, &w, NULL);
	ck_assert(link_start(&l, "sales", OBOL_SLOT_ENROLMENT, NULL, CODE));
	ck_assert_ptr_null(link_ask_type(&l, OBOL_INFO));
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_NO_ENROLMENT);
}
END_TEST

START_TEST(test_approval)
{
	struct obol_store_account_set_state approve = {
		.in = { .actor = { .source = "root" }, .now = WORLD_NOW }
	};
	bool waits = false;

	w.options.policy.enrolment.approve = true;
	without_login();
	ck_assert_uint_eq(enrol("bob", &waits), 0);
	ck_assert(waits);
	link_close(&l);
	link_open(&l, &w, NULL);
	ck_assert(link_start(&l, "bob", OBOL_SLOT_PASSWORD, NULL, PASSWORD));
	ck_assert_ptr_null(link_ask_type(&l, OBOL_LIST));
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_WAITING);
	ck_assert(!can_log_in("bob", OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET));
	approve.in.account_id = world_account(&w, "bob").id;
	world_run(&w, OBOL_STORE_ACCOUNT_APPROVE, &approve);
	ck_assert(can_log_in("bob", OBOL_SLOT_PASSWORD, NULL, PASSWORD));
	ck_assert(can_log_in("bob", OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET));
}
END_TEST

START_TEST(test_limited_per_source)
{
	bool waits = true;

	w.options.policy.enrolment.attempts_per_source = 2;
	without_login();
	(void)world_add(&w, "bob");
	ck_assert_uint_eq(enrol("bob", &waits), OBOL_REPLY_TAKEN);
	link_close(&l);
	link_open(&l, &w, NULL);
	ck_assert_uint_eq(enrol("bob", &waits), OBOL_REPLY_TAKEN);
	link_close(&l);
	link_open(&l, &w, NULL);
	ck_assert_uint_eq(enrol("bob", &waits), OBOL_REPLY_BUSY);
	ck_assert_uint_gt(obol_client_session_error(l.client)->retry_after_s, 0);
	link_close(&l);
	/* another network */
	link_open(&l, &w, "192.0.2.99");
	ck_assert_uint_eq(enrol("carol", &waits), 0);
}
END_TEST

/** Who comes too late in the day is told when there is room. */
START_TEST(test_limited_per_day)
{
	bool waits = true;

	w.options.policy.enrolment.per_day_max = 1;
	without_login();
	ck_assert_uint_eq(enrol("bob", &waits), 0);
	driven_clock_pass(&w.clock, DAY - 60);
	ck_assert_uint_eq(enrol("carol", &waits), OBOL_REPLY_BUSY);
	ck_assert_uint_eq(obol_client_session_error(l.client)->retry_after_s, 60);
	link_close(&l);
	driven_clock_pass(&w.clock, 60);
	link_open(&l, &w, NULL);
	ck_assert_uint_eq(enrol("carol", &waits), 0);
}
END_TEST

/** Evaluations for one name are as many as guesses: who has made them cannot
 * try more passwords on a later answer to a login. */
START_TEST(test_limited_per_name)
{
	struct draft d;
	size_t i;

	without_login();
	draft_init(&d);
	for (i = 0; i < OBOL_GUESS_FREE; i++)
	{
		ck_assert_uint_eq(begin(&d, "bob"), 0);
	}
	ck_assert_uint_eq(begin(&d, "bob"), OBOL_REPLY_BUSY);
	draft_clear(&d);
}
END_TEST

/** The keys of a keeper whose ceiling is reached, or that is gone: from its
 * second answer on. */
static enum obol_status keys_say;
static unsigned n_evaluated;

static enum obol_status evaluate_once(struct obol_opaque_keys *keys,
									  uint32_t key_number,
									  struct obol_bytes identifier,
									  struct obol_bytes blinded,
									  uint8_t evaluated[OBOL_OPAQUE_NOE])
{
	struct obol_opaque_keys *real = obol_server_keys_operations(w.keys);

	(void)keys;
	return n_evaluated++ % 2 ? keys_say
							 : real->oprf_evaluate(real, key_number, identifier,
												   blinded, evaluated);
}

/** Another server, and a connection to it. */
static void use_keys(struct obol_opaque_keys *keys)
{
	link_close(&l);
	world_stop(&w);
	w.options.keys = keys;
	world_start(&w);
	link_open(&l, &w, NULL);
}

/** What keeps the server from answering uses no guess of the name up; and what
 * it has an answer for does, before and after it. */
START_TEST(test_keys_that_do_not_answer)
{
	static const struct {
		enum obol_status keys_say;
		unsigned reply;
		uint32_t retry_after_s;
	} says[] = {
		{ OBOL_ERR_DENIED, OBOL_REPLY_BUSY, OBOL_CEILING_WAIT_S },
		{ OBOL_ERR_IO, OBOL_REPLY_TEMPORARY, 0 },
	};
	struct obol_opaque_keys failing = *w.options.keys;
	struct obol_opaque_keys *keys = w.options.keys;
	struct draft d;
	size_t i;

	keys_say = says[_i].keys_say;
	n_evaluated = 0;
	failing.oprf_evaluate = evaluate_once;
	without_login();
	draft_init(&d);
	ck_assert_uint_eq(begin(&d, "bob"), 0);
	use_keys(&failing);
	for (i = 0; i < 2 * OBOL_GUESS_FREE; i++)
	{
		ck_assert_uint_eq(begin(&d, "bob"), says[_i].reply);
		ck_assert_uint_eq(obol_client_session_error(l.client)->retry_after_s,
						  says[_i].retry_after_s);
		link_close(&l);
		link_open(&l, &w, NULL);
	}
	use_keys(keys);
	for (i = 1; i < OBOL_GUESS_FREE; i++)
	{
		ck_assert_uint_eq(begin(&d, "bob"), 0);
	}
	ck_assert_uint_eq(begin(&d, "bob"), OBOL_REPLY_BUSY);
	draft_clear(&d);
}
END_TEST

/** What the client has sent that is no point has been counted. */
START_TEST(test_no_point_is_counted)
{
	struct draft d;
	size_t i;

	without_login();
	draft_init(&d);
	for (i = 0; i < OBOL_GUESS_FREE; i++)
	{
		make_start(&d, "bob");
		memset(d.request->account_start.slots[1].request, 0xff,
			   sizeof(d.request->account_start.slots[1].request));
		ck_assert_uint_eq(link_refused(&l, d.request), OBOL_REPLY_PARAMETER);
		link_close(&l);
		link_open(&l, &w, NULL);
	}
	ck_assert_uint_eq(begin(&d, "bob"), OBOL_REPLY_BUSY);
	draft_clear(&d);
}
END_TEST

/** An AccountCreate that is not what was begun, or a slot that is none. */
START_TEST(test_bad_creates)
{
	static const unsigned replies[] = {
		OBOL_REPLY_SEQUENCE,  /* 0: another name */
		OBOL_REPLY_SEQUENCE,  /* 1: another device */
		OBOL_REPLY_PARAMETER, /* 2: key stretching below the least */
		OBOL_REPLY_PARAMETER, /* 3: another key number */
		OBOL_REPLY_PARAMETER, /* 4: no password */
		OBOL_REPLY_PARAMETER, /* 5: the record's key is no point */
		OBOL_REPLY_SEQUENCE,  /* 6: made already */
	};
	struct obol_account_create_request *create;
	uint8_t record[OBOL_OPAQUE_RECORD_LEN];
	struct draft d;

	without_login();
	draft_init(&d);
	ck_assert_uint_eq(begin(&d, "bob"), 0);
	create = &d.request->account_create;
	switch (_i)
	{
		case 0:
			create->name = obol_bytes_str("carol");
			break;
		case 1:
			create->slots[1].device_id[0] ^= 1;
			break;
		case 2:
			create->slots[0].ksf.log2_n = 14;
			break;
		case 3:
			create->slots[0].key_number = 2;
			break;
		case 4:
			create->slots[0] = create->slots[1];
			create->n_slots = 1;
			break;
		case 5:
			memcpy(record, create->slots[0].record.ptr, sizeof(record));
			record[0] = 4;
			create->slots[0].record = obol_bytes(record, sizeof(record));
			break;
		default:
			ck_assert_ptr_nonnull(link_ask(&l, d.request));
			break;
	}
	ck_assert_ptr_null(link_ask(&l, d.request));
	ck_assert_uint_eq(link_reply(&l), replies[_i]);
	draft_clear(&d);
	ck_assert(exists("bob") == (_i == 6));
	ck_assert(!exists("carol"));
}
END_TEST

START_TEST(test_bad_starts)
{
	struct draft d;

	without_login();
	draft_init(&d);
	/* no point */
	make_start(&d, "bob");
	memset(d.request->account_start.slots[1].request, 0xff,
		   sizeof(d.request->account_start.slots[1].request));
	ck_assert_ptr_null(link_ask(&l, d.request));
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_PARAMETER);
	link_close(&l);
	/* a device alone, which nobody could ever add another one with */
	link_open(&l, &w, NULL);
	make_start(&d, "bob");
	d.request->account_start.slots[0] = d.request->account_start.slots[1];
	d.request->account_start.n_slots = 1;
	ck_assert_ptr_null(link_ask(&l, d.request));
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_PARAMETER);
	link_close(&l);
	/* kinds that come later, or never */
	link_open(&l, &w, NULL);
	make_start(&d, "bob");
	d.request->account_start.slots[1].kind = OBOL_SLOT_RECOVERY;
	memset(d.request->account_start.slots[1].device_id, 0, OBOL_DEVICE_ID_LEN);
	ck_assert_ptr_null(link_ask(&l, d.request));
	ck_assert_uint_eq(link_reply(&l), OBOL_REPLY_PARAMETER);
	draft_clear(&d);
}
END_TEST

START_TEST(test_deleted_by_its_user)
{
	struct obol_request request = { .type = OBOL_ACCOUNT_DELETE };

	world_start(&w);
	(void)world_add(&w, "alice");
	world_activate(&w, "alice");
	link_by_device(&l, &w, "alice");
	ck_assert_uint_eq(link_refused(&l, &request), OBOL_REPLY_NOT_ALLOWED);
	link_close(&l);
	/* a login that is too old */
	link_by_password(&l, &w, "alice");
	driven_clock_pass(&w.clock, 301);
	ck_assert_uint_eq(link_refused(&l, &request), OBOL_REPLY_LOGIN_NEEDED);
	ck_assert(exists("alice"));
	link_close(&l);
	link_by_password(&l, &w, "alice");
	ck_assert_ptr_nonnull(link_ask(&l, &request));
	ck_assert(!exists("alice"));
	/* and nothing more on this connection */
	ck_assert_uint_eq(link_refused(&l, &request), OBOL_REPLY_LOGIN_NEEDED);
	ck_assert_ptr_nonnull(link_ask_type(&l, OBOL_INFO));
	ck_assert(!can_log_in("alice", OBOL_SLOT_PASSWORD, NULL, PASSWORD));
	ck_assert(
		!can_log_in("alice", OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET));
}
END_TEST

Suite *enrol_suite(void);

Suite *enrol_suite(void)
{
	Suite *suite = suite_create("enrolment");
	TCase *tc = tcase_create("enrolment");

	tcase_add_checked_fixture(tc, enrol_setup, enrol_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_with_code);
	tcase_add_test(tc, test_without_login);
	tcase_add_test(tc, test_closed);
	tcase_add_test(tc, test_taken);
	tcase_add_test(tc, test_taken_meanwhile);
	tcase_add_loop_test(tc, test_names, 0, sizeof(names) / sizeof(names[0]));
	tcase_add_test(tc, test_pattern);
	tcase_add_test(tc, test_code_pattern);
	tcase_add_test(tc, test_code_may);
	tcase_add_test(tc, test_others_may_not);
	tcase_add_test(tc, test_code_wrong);
	tcase_add_test(tc, test_code_ends);
	tcase_add_test(tc, test_code_used_up);
	tcase_add_test(tc, test_approval);
	tcase_add_test(tc, test_limited_per_source);
	tcase_add_test(tc, test_limited_per_day);
	tcase_add_test(tc, test_limited_per_name);
	tcase_add_loop_test(tc, test_keys_that_do_not_answer, 0, 2);
	tcase_add_test(tc, test_no_point_is_counted);
	tcase_add_loop_test(tc, test_bad_creates, 0, 7);
	tcase_add_test(tc, test_bad_starts);
	tcase_add_test(tc, test_deleted_by_its_user);
	suite_add_tcase(suite, tc);
	return suite;
}
