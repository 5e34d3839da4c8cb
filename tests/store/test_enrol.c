/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Accounts that their users make and end, and teams' codes. */
#include "store/fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/store_enrol.h"
#include "store/store_sqlite.h"

Suite *store_enrol_suite(void);

#define DAY ((uint64_t)86400)

static struct obol_store_enrolment_add new_code(const char *team, uint32_t uses)
{
	struct obol_store_enrolment_add add = {
		.in = { .enrolment = { .names = "*",
							   .uses = uses,
							   .expires_at = NOW + 7 * DAY,
							   .key_number = 1 },
				.actor = { .source = "root" },
				.now = NOW }
	};

	(void)snprintf(add.in.enrolment.name, sizeof(add.in.enrolment.name), "%s",
				   team);
	memset(add.in.enrolment.record, 9, sizeof(add.in.enrolment.record));
	return add;
}

static void add_code(struct fixture *f, const char *team, uint32_t uses)
{
	struct obol_store_enrolment_add add = new_code(team, uses);

	RUN(f, OBOL_STORE_ENROLMENT_ADD, &add, OBOL_OK);
}

/** The id of a team's code, by a login with it. */
static int64_t log_in(struct fixture *f, const char *team)
{
	struct obol_store_login_begin begun =
		begin_login(f, team, OBOL_SLOT_ENROLMENT, 0, NOW);
	struct obol_store_login_done done = done_with(&begun, NOW);

	ck_assert(begun.out.found);
	RUN(f, OBOL_STORE_LOGIN_DONE, &done, OBOL_OK);
	return begun.out.slot.serial;
}

static struct obol_enrolment code_of(struct fixture *f, const char *team)
{
	struct obol_store_enrolment_list list = { .in.limit = 10 };
	size_t i;

	RUN(f, OBOL_STORE_ENROLMENT_LIST, &list, OBOL_OK);
	for (i = 0; i < list.out.n_enrolments; i++)
	{
		if (strcmp(list.out.enrolments[i].name, team) == 0)
		{
			return list.out.enrolments[i];
		}
	}
	ck_abort_msg("no code of %s", team);
	return (struct obol_enrolment){ .id = 0 };
}

static struct obol_slot first_slots[2];

/** What a client asks for, with a code or (id 0) without one. */
static struct obol_store_enrol wish(struct fixture *f, const char *name,
									int64_t enrolment_id)
{
	static char identity[300];
	struct obol_store_enrol arg = {
		.in = { .name = obol_bytes_str(name),
				.identity = identity,
				.enrolment_id = enrolment_id,
				.open = { .names = "*", .per_day_max = 3 },
				.waiting_max = 2,
				.n_slots = 2,
				.slots = first_slots,
				.actor = actor_of(
					enrolment_id ? OBOL_SLOT_ENROLMENT : OBOL_SLOT_PASSWORD, 0),
				.now = NOW }
	};

	(void)snprintf(identity, sizeof(identity), "%s@example.org", name);
	first_slots[0] = make_slot(OBOL_SLOT_PASSWORD, 0, 1, 2);
	first_slots[1] = make_slot(OBOL_SLOT_DEVICE, 7, 1, 3);
	ck_assert_int_eq(obol_store_guess_key(f->store, OBOL_SLOT_PASSWORD,
										  arg.in.name, NULL, arg.in.guess_key),
					 OBOL_OK);
	return arg;
}

static void enrol(struct fixture *f, const char *name, int64_t enrolment_id)
{
	struct obol_store_enrol arg = wish(f, name, enrolment_id);

	RUN(f, OBOL_STORE_ENROL_CHECK, &arg, OBOL_OK);
	ck_assert_uint_eq(arg.out.later_s, 0);
	RUN(f, OBOL_STORE_ENROL, &arg, OBOL_OK);
	ck_assert_int_gt(arg.out.account_id, 0);
}

/** Both steps refuse alike: the first one's answer may be old. */
static void refused(struct fixture *f, struct obol_store_enrol *arg,
					enum obol_status status, unsigned reply)
{
	static const enum obol_store_verb verbs[] = { OBOL_STORE_ENROL_CHECK,
												  OBOL_STORE_ENROL };
	size_t i;

	for (i = 0; i < 2; i++)
	{
		struct obol_store_op op = { .verb = verbs[i], .arg.enrol = arg };

		obol_store_submit(f->store, &op);
		obol_store_flush(f->store);
		ck_assert_str_eq(obol_status_name(op.status), obol_status_name(status));
		ck_assert_uint_eq(op.reply, reply);
		ck_assert_int_eq(arg->out.account_id, 0);
	}
}

START_TEST(with_code)
{
	struct obol_store_login_begin begun;
	struct obol_account account;
	struct fixture f;
	int64_t code;

	fixture_init(&f, _i);
	add_code(&f, "sales", 2);
	code = log_in(&f, "sales");
	enrol(&f, "bob", code);
	account = account_named(&f, "bob");
	ck_assert_int_eq(account.state, OBOL_ACCOUNT_ACTIVE);
	ck_assert_uint_eq(account.activated_at, NOW);
	ck_assert_uint_eq(account.generation, 1);
	ck_assert_str_eq(account.identity, "bob@example.org");
	ck_assert_uint_eq(account.n_devices, 1);
	ck_assert(!account.has_activation);
	ck_assert_str_eq(newest_line(&f, account.id), "34 200 5 ");
	begun = begin_login(&f, "bob", OBOL_SLOT_PASSWORD, 0, NOW);
	ck_assert(begun.out.found);
	ck_assert_uint_eq(begun.out.slot.record[0], 2);
	ck_assert_uint_eq(code_of(&f, "sales").uses_left, 1);
	ck_assert_uint_eq(code_of(&f, "sales").last_used_at, NOW);
	fixture_clear(&f);
}
END_TEST

/** A bounded number of uses, told at the login and on one that was open. */
START_TEST(used_up)
{
	struct obol_store_login_begin begun;
	struct obol_store_login_done done;
	struct obol_store_enrol arg;
	struct fixture f;
	int64_t code;

	fixture_init(&f, _i);
	add_code(&f, "sales", 1);
	code = log_in(&f, "sales");
	enrol(&f, "bob", code);
	arg = wish(&f, "carol", code);
	refused(&f, &arg, OBOL_ERR_DENIED, OBOL_REPLY_NO_ENROLMENT);
	begun = begin_login(&f, "sales", OBOL_SLOT_ENROLMENT, 0, NOW);
	ck_assert(begun.out.found);
	done = done_with(&begun, NOW);
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_ERR_DENIED);
	ck_assert_ptr_nonnull(strstr(done.out.refusal, "used up"));
	ck_assert_str_eq(newest_line(&f, 0),
					 "1 556 5 this enrolment code is used up; ask its operator "
					 "for another one");
	fixture_clear(&f);
}
END_TEST

START_TEST(expired_and_revoked)
{
	struct obol_store_enrolment_revoke revoke = {
		.in = { .name = obol_bytes_str("sales"),
				.actor = { .source = "root" },
				.now = NOW }
	};
	struct obol_store_login_begin begun;
	struct obol_store_login_done done;
	struct obol_store_enrol arg;
	struct fixture f;
	int64_t code;

	fixture_init(&f, _i);
	add_code(&f, "sales", 5);
	code = log_in(&f, "sales");
	arg = wish(&f, "bob", code);
	arg.in.now = NOW + 7 * DAY;
	refused(&f, &arg, OBOL_ERR_AUTH, OBOL_REPLY_LOGIN_NEEDED);
	ck_assert(!begin_login(&f, "sales", OBOL_SLOT_ENROLMENT, 0, NOW + 7 * DAY)
				   .out.found);
	/* a login under way, and one that is open */
	begun = begin_login(&f, "sales", OBOL_SLOT_ENROLMENT, 0, NOW);
	RUN(&f, OBOL_STORE_ENROLMENT_REVOKE, &revoke, OBOL_OK);
	done = done_with(&begun, NOW);
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_ERR_DENIED);
	arg.in.now = NOW;
	refused(&f, &arg, OBOL_ERR_AUTH, OBOL_REPLY_LOGIN_NEEDED);
	ck_assert(!begin_login(&f, "sales", OBOL_SLOT_ENROLMENT, 0, NOW).out.found);
	RUN(&f, OBOL_STORE_ENROLMENT_REVOKE, &revoke, OBOL_ERR_NOT_FOUND);
	fixture_clear(&f);
}
END_TEST

START_TEST(one_code_for_a_team)
{
	struct obol_store_enrolment_add add = new_code("sales", 1);
	struct fixture f;

	fixture_init(&f, _i);
	RUN(&f, OBOL_STORE_ENROLMENT_ADD, &add, OBOL_OK);
	ck_assert_str_eq(newest_line(&f, 0), "32 200 0 ");
	RUN(&f, OBOL_STORE_ENROLMENT_ADD, &add, OBOL_ERR_EXISTS);
	/* one that is used up, or has ended, makes room */
	enrol(&f, "bob", log_in(&f, "sales"));
	RUN(&f, OBOL_STORE_ENROLMENT_ADD, &add, OBOL_OK);
	add.in.now = NOW + 7 * DAY;
	add.in.enrolment.expires_at = NOW + 8 * DAY;
	RUN(&f, OBOL_STORE_ENROLMENT_ADD, &add, OBOL_OK);
	add = new_code("many", 0);
	RUN(&f, OBOL_STORE_ENROLMENT_ADD, &add, OBOL_ERR_ARG);
	add = new_code("many", OBOL_ENROLMENT_USES_MAX + 1);
	RUN(&f, OBOL_STORE_ENROLMENT_ADD, &add, OBOL_ERR_ARG);
	fixture_clear(&f);
}
END_TEST

START_TEST(names)
{
	struct obol_store_enrolment_add add = new_code("sales", 5);
	struct obol_store_enrol arg;
	struct fixture f;
	int64_t code;

	fixture_init(&f, _i);
	(void)add_account(&f, "s-alice");
	strcpy(add.in.enrolment.names, "s-*");
	RUN(&f, OBOL_STORE_ENROLMENT_ADD, &add, OBOL_OK);
	code = log_in(&f, "sales");
	arg = wish(&f, "bob", code);
	refused(&f, &arg, OBOL_ERR_DENIED, OBOL_REPLY_NO_ENROLMENT);
	arg = wish(&f, "s-alice", code);
	refused(&f, &arg, OBOL_ERR_EXISTS, OBOL_REPLY_TAKEN);
	/* another one's identity, which IKE compares without regard to case */
	arg = wish(&f, "s-bob", code);
	arg.in.identity = "S-Alice@Example.org";
	refused(&f, &arg, OBOL_ERR_EXISTS, OBOL_REPLY_TAKEN);
	enrol(&f, "s-bob", code);
	ck_assert_uint_eq(code_of(&f, "sales").uses_left, 4);
	fixture_clear(&f);
}
END_TEST

/** A name's OPRF is evaluated no oftener than its guesses allow; a name that
 * is taken keeps all of its guesses. */
START_TEST(costs_a_guess)
{
	struct obol_store_login_undo undo;
	struct obol_store_enrol arg, given;
	struct fixture f;
	int64_t code;
	size_t i;

	fixture_init(&f, _i);
	(void)add_active(&f, "alice");
	add_code(&f, "sales", 5);
	code = log_in(&f, "sales");
	for (i = 0; i < 2 * OBOL_GUESS_FREE; i++)
	{
		arg = wish(&f, "alice", code);
		RUN(&f, OBOL_STORE_ENROL_CHECK, &arg, OBOL_ERR_EXISTS);
	}
	ck_assert_uint_eq(
		begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW).out.later_s, 0);
	for (i = 0; i < OBOL_GUESS_FREE; i++)
	{
		arg = wish(&f, "bob", code);
		RUN(&f, OBOL_STORE_ENROL_CHECK, &arg, OBOL_OK);
		ck_assert_uint_eq(arg.out.later_s, 0);
	}
	given = arg;
	RUN(&f, OBOL_STORE_ENROL_CHECK, &arg, OBOL_OK);
	ck_assert_uint_eq(arg.out.later_s, 60);
	/* one that was not used is had again, and no other */
	memcpy(undo.in.guess_key, given.in.guess_key, sizeof(undo.in.guess_key));
	undo.in.reservation = given.out.reservation;
	RUN(&f, OBOL_STORE_LOGIN_UNDO, &undo, OBOL_OK);
	RUN(&f, OBOL_STORE_LOGIN_UNDO, &undo, OBOL_OK);
	RUN(&f, OBOL_STORE_ENROL_CHECK, &arg, OBOL_OK);
	ck_assert_uint_eq(arg.out.later_s, 0);
	RUN(&f, OBOL_STORE_ENROL_CHECK, &arg, OBOL_OK);
	ck_assert_uint_eq(arg.out.later_s, 60);
	ck_assert_uint_eq(
		begin_login(&f, "bob", OBOL_SLOT_PASSWORD, 0, NOW).out.later_s, 60);
	fixture_clear(&f);
}
END_TEST

START_TEST(open_to_all)
{
	struct obol_store_enrol arg;
	struct fixture f;

	fixture_init(&f, _i);
	arg = wish(&f, "bob", 0);
	arg.in.open.per_day_max = 0;
	refused(&f, &arg, OBOL_ERR_DENIED, OBOL_REPLY_NO_ENROLMENT);
	arg = wish(&f, "bob", 0);
	arg.in.open.names = "x-*";
	refused(&f, &arg, OBOL_ERR_DENIED, OBOL_REPLY_NO_ENROLMENT);
	enrol(&f, "a", 0);
	ck_assert_str_eq(newest_line(&f, account_named(&f, "a").id), "34 200 1 ");
	enrol(&f, "b", 0);
	enrol(&f, "c", 0);
	arg = wish(&f, "d", 0);
	refused(&f, &arg, OBOL_ERR_DENIED, OBOL_REPLY_BUSY);
	ck_assert_uint_eq(arg.out.later_s, DAY);
	arg.in.now = NOW + DAY - 10;
	refused(&f, &arg, OBOL_ERR_DENIED, OBOL_REPLY_BUSY);
	ck_assert_uint_eq(arg.out.later_s, 10);
	/* a clock that was set back */
	arg.in.now = NOW - 1000;
	refused(&f, &arg, OBOL_ERR_DENIED, OBOL_REPLY_BUSY);
	ck_assert_uint_eq(arg.out.later_s, DAY);
	arg.in.now = NOW;
	/* removing one does not make room for another one in that day */
	{
		struct obol_store_account_remove removal = {
			.in = { .account_id = account_named(&f, "c").id, .now = NOW }
		};

		RUN(&f, OBOL_STORE_ACCOUNT_REMOVE, &removal, OBOL_OK);
	}
	refused(&f, &arg, OBOL_ERR_DENIED, OBOL_REPLY_BUSY);
	arg.in.now = NOW + DAY;
	RUN(&f, OBOL_STORE_ENROL, &arg, OBOL_OK);
	fixture_clear(&f);
}
END_TEST

START_TEST(approval)
{
	struct obol_store_account_set_state approve = {
		.in = { .actor = { .source = "root" }, .now = NOW }
	};
	struct obol_store_enrolment_add add = new_code("sales", 5);
	struct obol_store_list *list = calloc(1, sizeof(*list));
	struct obol_store_login_begin begun;
	struct obol_store_login_done done;
	struct obol_store_enrol arg;
	struct obol_account account;
	struct fixture f;
	int64_t code;

	fixture_init(&f, _i);
	add.in.enrolment.approve = true;
	RUN(&f, OBOL_STORE_ENROLMENT_ADD, &add, OBOL_OK);
	code = log_in(&f, "sales");
	enrol(&f, "bob", code);
	account = account_named(&f, "bob");
	ck_assert_int_eq(account.state, OBOL_ACCOUNT_WAITING);
	ck_assert_str_eq(newest_line(&f, account.id),
					 "34 200 5 waits for approval");
	begun = begin_login(&f, "bob", OBOL_SLOT_PASSWORD, 0, NOW);
	done = done_with(&begun, NOW);
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_ERR_DENIED);
	ck_assert_ptr_nonnull(strstr(done.out.refusal, "approval"));
	/* nor does a request work that somebody might get through */
	list->in = as_password(account.id);
	list->in.generation = 1;
	RUN(&f, OBOL_STORE_LIST, list, OBOL_ERR_AUTH);
	/* as many as may wait */
	enrol(&f, "carol", code);
	arg = wish(&f, "dave", code);
	refused(&f, &arg, OBOL_ERR_DENIED, OBOL_REPLY_BUSY);
	approve.in.account_id = account.id;
	RUN(&f, OBOL_STORE_ACCOUNT_APPROVE, &approve, OBOL_OK);
	ck_assert_str_eq(newest_line(&f, account.id), "35 200 0 ");
	RUN(&f, OBOL_STORE_ACCOUNT_APPROVE, &approve, OBOL_ERR_DENIED);
	begun = begin_login(&f, "bob", OBOL_SLOT_PASSWORD, 0, NOW);
	done = done_with(&begun, NOW);
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_OK);
	enrol(&f, "dave", code);
	free(list);
	fixture_clear(&f);
}
END_TEST

/** Approving is not enabling: who was disabled stays so. */
START_TEST(approval_enables_nobody)
{
	struct obol_store_account_set_state arg = {
		.in = { .state = OBOL_ACCOUNT_DISABLED, .now = NOW }
	};
	struct fixture f;

	fixture_init(&f, _i);
	arg.in.account_id = add_active(&f, "alice");
	RUN(&f, OBOL_STORE_ACCOUNT_SET_STATE, &arg, OBOL_OK);
	RUN(&f, OBOL_STORE_ACCOUNT_APPROVE, &arg, OBOL_ERR_DENIED);
	ck_assert_int_eq(account_named(&f, "alice").state, OBOL_ACCOUNT_DISABLED);
	fixture_clear(&f);
}
END_TEST

START_TEST(all_or_nothing)
{
	struct obol_store_account_find find = { .in.name = obol_bytes_str("bob") };
	struct obol_store_enrol arg;
	struct fixture f;

	fixture_init(&f, _i);
	add_code(&f, "sales", 5);
	arg = wish(&f, "bob", log_in(&f, "sales"));
	first_slots[1].generation = 2;
	RUN(&f, OBOL_STORE_ENROL, &arg, OBOL_ERR_ARG);
	RUN(&f, OBOL_STORE_ACCOUNT_FIND, &find, OBOL_ERR_NOT_FOUND);
	ck_assert_uint_eq(code_of(&f, "sales").uses_left, 5);
	fixture_clear(&f);
}
END_TEST

START_TEST(deleted_by_its_user)
{
	struct obol_store_account_find find = { .in.name =
												obol_bytes_str("alice") };
	struct obol_store_account_delete arg;
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	(void)add_active(&f, "bob");
	/* an old generation's login, or one whose slot is gone */
	arg.in = as_password(id);
	arg.in.generation = 1;
	RUN(&f, OBOL_STORE_ACCOUNT_DELETE, &arg, OBOL_ERR_AUTH);
	arg.in = as_password(id);
	arg.in.actor = actor_of(OBOL_SLOT_RECOVERY, 0);
	RUN(&f, OBOL_STORE_ACCOUNT_DELETE, &arg, OBOL_ERR_AUTH);
	RUN(&f, OBOL_STORE_ACCOUNT_FIND, &find, OBOL_OK);
	arg.in = as_password(id);
	RUN(&f, OBOL_STORE_ACCOUNT_DELETE, &arg, OBOL_OK);
	RUN(&f, OBOL_STORE_ACCOUNT_FIND, &find, OBOL_ERR_NOT_FOUND);
	ck_assert_str_eq(newest_line(&f, id), "12 200 1 ");
	RUN(&f, OBOL_STORE_ACCOUNT_DELETE, &arg, OBOL_ERR_AUTH);
	ck_assert_int_gt(account_named(&f, "bob").id, id);
	fixture_clear(&f);
}
END_TEST

/** What unknown teams are answered from has the codes' key numbers. */
START_TEST(slot_sets)
{
	struct obol_store_slot_sets sets;
	struct fixture f;

	fixture_init(&f, _i);
	(void)add_active(&f, "alice");
	add_code(&f, "sales", 5);
	add_code(&f, "board", 5);
	RUN(&f, OBOL_STORE_SLOT_SETS, &sets, OBOL_OK);
	ck_assert_uint_eq(sets.out.n_sets, 4);
	ck_assert_uint_eq(sets.out.sets[3].kind, OBOL_SLOT_ENROLMENT);
	ck_assert_uint_eq(sets.out.sets[3].n_slots, 2);
	ck_assert_uint_eq(sets.out.sets[3].key_number, 1);
	ck_assert(obol_ksf_params_eq(&sets.out.sets[3].ksf, &obol_ksf_identity));
	fixture_clear(&f);
}
END_TEST

/** Team and account of one name are two, with one budget of guesses. */
START_TEST(team_and_account)
{
	struct obol_store_login_begin begun;
	struct fixture f;
	size_t i;

	fixture_init(&f, _i);
	(void)add_active(&f, "sales");
	ck_assert(!begin_login(&f, "sales", OBOL_SLOT_ENROLMENT, 0, NOW).out.found);
	add_code(&f, "board", 5);
	ck_assert(!begin_login(&f, "board", OBOL_SLOT_PASSWORD, 0, NOW).out.found);
	for (i = 1; i < OBOL_GUESS_FREE; i++)
	{
		begun = begin_login(&f, "board", OBOL_SLOT_ENROLMENT, 0, NOW);
		ck_assert_uint_eq(begun.out.later_s, 0);
	}
	begun = begin_login(&f, "board", OBOL_SLOT_ENROLMENT, 0, NOW);
	ck_assert_uint_eq(begun.out.later_s, 60);
	fixture_clear(&f);
}
END_TEST

/** A restore brings no revoked code and no use back. */
START_TEST(restored)
{
	struct obol_store_enrolment_revoke revoke = {
		.in = { .name = obol_bytes_str("board"), .now = NOW }
	};
	struct obol_store_restored result;
	struct fixture f;
	char why[512];

	fixture_init(&f, 0);
	add_code(&f, "sales", 5);
	add_code(&f, "board", 5);
	ck_assert_int_eq(
		obol_store_sqlite_backup(f.store, tempdir_file(&f.dir, "backup.db")),
		OBOL_OK);
	enrol(&f, "bob", log_in(&f, "sales"));
	RUN(&f, OBOL_STORE_ENROLMENT_REVOKE, &revoke, OBOL_OK);
	obol_store_close(f.store);
	{
		const struct obol_store_restore_options options = {
			.backup = tempdir_file(&f.dir, "backup.db"),
			.path = tempdir_file(&f.dir, "obol.db"),
			.rng = obol_rng_system(),
			.now = NOW,
		};

		ck_assert_msg(obol_store_sqlite_restore(&options, &result, why,
												sizeof(why)) == OBOL_OK,
					  "%s", why);
	}
	f.store = fixture_open(&f);
	ck_assert_uint_eq(code_of(&f, "sales").uses_left, 4);
	ck_assert(!begin_login(&f, "board", OBOL_SLOT_ENROLMENT, 0, NOW).out.found);
	fixture_clear(&f);
}
END_TEST

Suite *store_enrol_suite(void)
{
	Suite *suite = suite_create("store: enrolment");
	TCase *tc = tcase_create("enrolment");

	tcase_add_loop_test(tc, with_code, 0, N_BACKENDS);
	tcase_add_loop_test(tc, used_up, 0, N_BACKENDS);
	tcase_add_loop_test(tc, expired_and_revoked, 0, N_BACKENDS);
	tcase_add_loop_test(tc, one_code_for_a_team, 0, N_BACKENDS);
	tcase_add_loop_test(tc, names, 0, N_BACKENDS);
	tcase_add_loop_test(tc, costs_a_guess, 0, N_BACKENDS);
	tcase_add_loop_test(tc, open_to_all, 0, N_BACKENDS);
	tcase_add_loop_test(tc, approval, 0, N_BACKENDS);
	tcase_add_loop_test(tc, approval_enables_nobody, 0, N_BACKENDS);
	tcase_add_loop_test(tc, all_or_nothing, 0, N_BACKENDS);
	tcase_add_loop_test(tc, deleted_by_its_user, 0, N_BACKENDS);
	tcase_add_loop_test(tc, slot_sets, 0, N_BACKENDS);
	tcase_add_loop_test(tc, team_and_account, 0, N_BACKENDS);
	tcase_add_test(tc, restored);
	suite_add_tcase(suite, tc);
	return suite;
}
