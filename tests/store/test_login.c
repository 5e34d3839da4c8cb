/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A login's steps in the store: guesses, slots, failures. */
#include "store/fixture.h"

#include <stdio.h>

Suite *store_login_suite(void);

START_TEST(found)
{
	struct obol_store_login_begin begun;
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	begun = begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW);
	ck_assert(begun.out.found);
	ck_assert_int_eq(begun.out.account_id, id);
	ck_assert_uint_eq(begun.out.slot.kind, OBOL_SLOT_PASSWORD);
	ck_assert_uint_eq(begun.out.slot.record[128], 2);
	ck_assert_uint_eq(begun.out.slot.wrap_len, 150);
	ck_assert_uint_eq(begun.out.slot.wrap[149], 102);
	ck_assert_uint_eq(begun.out.slot.ksf.id, OBOL_KSF_SCRYPT);
	ck_assert_uint_eq(begun.out.slot.ksf.log2_n, 15);
	ck_assert_uint_eq(begun.out.slot.ksf.r, 8);
	ck_assert_uint_eq(begun.out.slot.ksf.p, 1);
	ck_assert_uint_eq(begun.out.slot.key_number, 1);
	ck_assert_uint_eq(begun.out.slot.generation, 2);

	begun = begin_login(&f, "alice", OBOL_SLOT_DEVICE, 7, NOW);
	ck_assert(begun.out.found);
	ck_assert_str_eq(begun.out.slot.label, "laptop 7");
	fixture_clear(&f);
}
END_TEST

START_TEST(not_found)
{
	struct obol_store_login_begin begun;
	struct fixture f;

	fixture_init(&f, _i);
	(void)add_active(&f, "alice");
	ck_assert(!begin_login(&f, "bob", OBOL_SLOT_PASSWORD, 0, NOW).out.found);
	ck_assert(!begin_login(&f, "alic", OBOL_SLOT_PASSWORD, 0, NOW).out.found);
	ck_assert(!begin_login(&f, "Alice", OBOL_SLOT_PASSWORD, 0, NOW).out.found);
	ck_assert(!begin_login(&f, "alice", OBOL_SLOT_RECOVERY, 0, NOW).out.found);
	ck_assert(!begin_login(&f, "alice", OBOL_SLOT_DEVICE, 8, NOW).out.found);
	/* a name with a zero byte is not the name before it */
	begun = begin_login(&f, "bob", OBOL_SLOT_PASSWORD, 0, NOW);
	begun.in.name = obol_bytes("alice\0x", 7);
	RUN(&f, OBOL_STORE_LOGIN_BEGIN, &begun, OBOL_OK);
	ck_assert(!begun.out.found);
	/* nothing of the row that is read in a slot's place */
	ck_assert_int_eq(begun.out.account_id, 0);
	ck_assert_uint_eq(begun.out.slot.wrap_len, 0);
	ck_assert_int_eq(begun.out.slot.serial, 0);
	fixture_clear(&f);
}
END_TEST

START_TEST(expired_slot)
{
	uint64_t end = NOW + 14 * 86400;
	struct fixture f;

	fixture_init(&f, _i);
	(void)add_account(&f, "alice");
	ck_assert(
		begin_login(&f, "alice", OBOL_SLOT_ACTIVATION, 0, end - 1).out.found);
	ck_assert(
		!begin_login(&f, "alice", OBOL_SLOT_ACTIVATION, 0, end).out.found);
	fixture_clear(&f);
}
END_TEST

/** Known and unknown names, and the kinds of one name, have one budget. */
START_TEST(limited)
{
	static const char *const names[] = { "alice", "nobody" };
	struct fixture f;
	size_t n, i;

	fixture_init(&f, _i);
	(void)add_active(&f, "alice");
	for (n = 0; n < 2; n++)
	{
		struct obol_store_login_begin begun;

		for (i = 0; i < OBOL_GUESS_FREE; i++)
		{
			begun = begin_login(&f, names[n],
								(uint8_t)(OBOL_SLOT_PASSWORD + i % 3), 0, NOW);
			ck_assert_uint_eq(begun.out.later_s, 0);
		}
		begun = begin_login(&f, names[n], OBOL_SLOT_PASSWORD, 0, NOW);
		ck_assert_uint_eq(begun.out.later_s, 60);
		ck_assert(!begun.out.found);
		begun = begin_login(&f, names[n], OBOL_SLOT_RECOVERY, 0, NOW + 59);
		ck_assert_uint_eq(begun.out.later_s, 1);
		begun = begin_login(&f, names[n], OBOL_SLOT_RECOVERY, 0, NOW + 60);
		ck_assert_uint_eq(begun.out.later_s, 0);
		/* a device's budget is its own */
		begun = begin_login(&f, names[n], OBOL_SLOT_DEVICE, 7, NOW);
		ck_assert_uint_eq(begun.out.later_s, 0);
	}
	fixture_clear(&f);
}
END_TEST

static struct obol_store_login_begin begin_if_found(struct fixture *f,
													const char *name)
{
	struct obol_store_login_begin arg = { .in = { .name = obol_bytes_str(name),
												  .kind = OBOL_SLOT_PASSWORD,
												  .now = NOW,
												  .only_found = true } };

	ck_assert_int_eq(obol_store_guess_key(f->store, arg.in.kind, arg.in.name,
										  arg.in.device_id, arg.in.guess_key),
					 OBOL_OK);
	RUN(f, OBOL_STORE_LOGIN_BEGIN, &arg, OBOL_OK);
	return arg;
}

/** Of a slot that is not there nothing stays; one that is there counts. */
START_TEST(only_found)
{
	struct obol_store_login_begin begun;
	struct fixture f;
	int i;

	fixture_init(&f, _i);
	(void)add_active(&f, "alice");
	for (i = 0; i < 3 * OBOL_GUESS_FREE; i++)
	{
		begun = begin_if_found(&f, "nobody");
		ck_assert(!begun.out.found);
		ck_assert_uint_eq(begun.out.later_s, 0);
	}
	for (i = 0; i < OBOL_GUESS_FREE; i++)
	{
		begun = begin_login(&f, "nobody", OBOL_SLOT_PASSWORD, 0, NOW);
		ck_assert_uint_eq(begun.out.later_s, 0);
		begun = begin_if_found(&f, "alice");
		ck_assert(begun.out.found);
		ck_assert_uint_eq(begun.out.later_s, 0);
	}
	begun = begin_if_found(&f, "alice");
	ck_assert_uint_eq(begun.out.later_s, OBOL_GUESS_WAIT_S);
	fixture_clear(&f);
}
END_TEST

START_TEST(survives_reopening)
{
	struct fixture f;
	size_t i;

	fixture_init(&f, _i);
	(void)add_active(&f, "alice");
	for (i = 0; i < OBOL_GUESS_FREE; i++)
	{
		(void)begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW);
	}
	obol_store_close(f.store);
	f.store = fixture_open(&f);
	ck_assert_uint_eq(
		begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW).out.later_s, 60);
	fixture_clear(&f);
}
END_TEST

START_TEST(clock_set_back)
{
	struct fixture f;
	size_t i;

	fixture_init(&f, _i);
	for (i = 0; i < OBOL_GUESS_FREE; i++)
	{
		(void)begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW + 900000);
	}
	/* the wait begins at the first try after it, and runs */
	ck_assert_uint_eq(
		begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW).out.later_s, 60);
	ck_assert_uint_eq(
		begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW + 60).out.later_s,
		0);
	fixture_clear(&f);
}
END_TEST

START_TEST(valid_login)
{
	struct obol_store_login_begin begun;
	struct obol_store_login_done done;
	struct fixture f;
	int64_t id;
	size_t i;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	/* valid logins take nothing from the budget */
	for (i = 0; i < 3 * OBOL_GUESS_FREE; i++)
	{
		begun = begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW + i);
		ck_assert_uint_eq(begun.out.later_s, 0);
		done = done_with(&begun, NOW + i);
		RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_OK);
		ck_assert_uint_eq(done.out.last_login_at, i ? NOW + i - 1 : 0);
	}
	ck_assert_str_eq(done.out.account.name, "alice");
	ck_assert_str_eq(done.out.account.identity, "alice@example.org");
	/* counted for the operator alone */
	ck_assert_uint_eq(done.out.account.n_devices, 0);
	ck_assert_uint_eq(done.out.generation, 2);
	ck_assert_uint_eq(done.out.n_failures, 0);
	ck_assert_str_eq(newest_line(&f, id), "1 200 1 ");
	/* the slot's use is noted */
	begun = begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW + 99);
	ck_assert_uint_eq(begun.out.slot.last_used_at, NOW + i - 1);
	ck_assert_str_eq(begun.out.slot.last_source, "192.0.2.1");
	fixture_clear(&f);
}
END_TEST

/** A reservation is given back once; the budget of ten guesses shows it. */
START_TEST(give_back_once)
{
	struct obol_store_login_begin begun;
	struct obol_store_login_done done;
	struct fixture f;
	size_t i;

	fixture_init(&f, _i);
	(void)add_active(&f, "alice");
	begun = begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW);
	for (i = 0; i < OBOL_GUESS_FREE - 1; i++)
	{
		(void)begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW);
	}
	done = done_with(&begun, NOW);
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_OK);
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_OK);
	ck_assert_uint_eq(
		begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW).out.later_s, 0);
	ck_assert_uint_eq(
		begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW).out.later_s, 60);
	fixture_clear(&f);
}
END_TEST

/** Given back, once; whether or not the row is still there. */
START_TEST(undone)
{
	struct obol_store_login_undo undo;
	struct obol_store_login_begin begun;
	struct fixture f;
	size_t i;

	fixture_init(&f, _i);
	(void)add_active(&f, "alice");
	for (i = 0; i < 2 * OBOL_GUESS_FREE; i++)
	{
		begun = begin_login(&f, i % 2 ? "alice" : "nobody", OBOL_SLOT_PASSWORD,
							0, NOW);
		ck_assert_uint_eq(begun.out.later_s, 0);
		memcpy(undo.in.guess_key, begun.in.guess_key,
			   sizeof(undo.in.guess_key));
		undo.in.reservation = begun.out.reservation;
		RUN(&f, OBOL_STORE_LOGIN_UNDO, &undo, OBOL_OK);
		/* once */
		RUN(&f, OBOL_STORE_LOGIN_UNDO, &undo, OBOL_OK);
	}
	/* nor any that was made later */
	for (i = 0; i <= OBOL_GUESS_FREE; i++)
	{
		begun = begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW + 1);
		ck_assert_int_eq(begun.out.later_s > 0, i == OBOL_GUESS_FREE);
		RUN(&f, OBOL_STORE_LOGIN_UNDO, &undo, OBOL_OK);
	}
	fixture_clear(&f);
}
END_TEST

START_TEST(failures_told)
{
	struct obol_store_login_begin begun;
	struct obol_store_login_done done;
	struct obol_store_login_failed failed = {
		.in = { .actor = actor_of(OBOL_SLOT_PASSWORD, 0), .now = NOW + 5 }
	};
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	/* an unknown name is only counted */
	RUN(&f, OBOL_STORE_LOGIN_FAILED, &failed, OBOL_OK);
	failed.in.account_id = id;
	RUN(&f, OBOL_STORE_LOGIN_FAILED, &failed, OBOL_OK);
	failed.in.now = NOW + 6;
	strcpy(failed.in.actor.source, "203.0.113.9");
	RUN(&f, OBOL_STORE_LOGIN_FAILED, &failed, OBOL_OK);
	ck_assert_str_eq(newest_line(&f, id), "1 535 1 ");
	/* an account that is gone meanwhile */
	failed.in.account_id = id + 1;
	RUN(&f, OBOL_STORE_LOGIN_FAILED, &failed, OBOL_OK);

	/* told at the next login, whatever slot it is with, and once */
	begun = begin_login(&f, "alice", OBOL_SLOT_DEVICE, 7, NOW + 9);
	done = done_with(&begun, NOW + 9);
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_OK);
	ck_assert_uint_eq(done.out.n_failures, 2);
	ck_assert_uint_eq(done.out.last_failure_at, NOW + 6);
	ck_assert_str_eq(done.out.last_failure_source, "203.0.113.9");
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_OK);
	ck_assert_uint_eq(done.out.n_failures, 0);
	ck_assert_uint_eq(done.out.last_failure_at, 0);
	ck_assert_str_eq(done.out.last_failure_source, "");
	fixture_clear(&f);
}
END_TEST

static void set_state(struct fixture *f, int64_t id,
					  enum obol_account_state state)
{
	struct obol_store_account_set_state arg = {
		.in = { .account_id = id, .state = state, .now = NOW }
	};

	RUN(f, OBOL_STORE_ACCOUNT_SET_STATE, &arg, OBOL_OK);
}

/** Refused after a valid login, told why, and no guess is lost by it. */
START_TEST(disabled)
{
	struct obol_store_login_begin begun;
	struct obol_store_login_done done;
	struct fixture f;
	int64_t id;
	size_t i;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	set_state(&f, id, OBOL_ACCOUNT_DISABLED);
	for (i = 0; i < 2 * OBOL_GUESS_FREE; i++)
	{
		begun = begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW);
		/* not told apart before the login */
		ck_assert_uint_eq(begun.out.later_s, 0);
		ck_assert(begun.out.found);
		done = done_with(&begun, NOW);
		RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_ERR_DENIED);
		ck_assert_ptr_nonnull(strstr(done.out.refusal, "disabled"));
	}
	ck_assert_str_eq(newest_line(&f, id),
					 "1 538 1 this account is disabled; ask its operator");
	set_state(&f, id, OBOL_ACCOUNT_ACTIVE);
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_OK);
	fixture_clear(&f);
}
END_TEST

START_TEST(expired_account)
{
	struct obol_store_account_add add = {
		.in = { .account = { .name = "alice",
							 .state = OBOL_ACCOUNT_ACTIVE,
							 .expires_at = NOW + 100,
							 .generation = 1 },
				.activation = make_slot(OBOL_SLOT_ACTIVATION, 0, 1, 1),
				.now = NOW }
	};
	struct obol_store_login_begin begun;
	struct obol_store_login_done done;
	struct fixture f;

	fixture_init(&f, _i);
	RUN(&f, OBOL_STORE_ACCOUNT_ADD, &add, OBOL_OK);
	begun = begin_login(&f, "alice", OBOL_SLOT_ACTIVATION, 0, NOW);
	done = done_with(&begun, NOW + 99);
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_OK);
	done.in.now = NOW + 100;
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_ERR_DENIED);
	ck_assert_ptr_nonnull(strstr(done.out.refusal, "expired"));
	fixture_clear(&f);
}
END_TEST

/** The slot went, or was written anew, between KE2 and KE3. */
START_TEST(slot_replaced)
{
	struct obol_store_slot_delete revoke = { .in.kind = OBOL_SLOT_DEVICE };
	struct obol_store_slot_put replace;
	struct obol_store_login_begin begun;
	struct obol_store_login_done done;
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	begun = begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW);
	replace.in.request = as_password(id);
	replace.in.slot = make_slot(OBOL_SLOT_PASSWORD, 0, 2, 9);
	RUN(&f, OBOL_STORE_SLOT_PUT, &replace, OBOL_OK);
	done = done_with(&begun, NOW);
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_ERR_DENIED);
	ck_assert_str_ne(done.out.refusal, "");
	begun = begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW);
	done = done_with(&begun, NOW);
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_OK);

	begun = begin_login(&f, "alice", OBOL_SLOT_DEVICE, 7, NOW);
	revoke.in.request = as_password(id);
	memset(revoke.in.device_id, 7, sizeof(revoke.in.device_id));
	RUN(&f, OBOL_STORE_SLOT_DELETE, &revoke, OBOL_OK);
	done = done_with(&begun, NOW);
	RUN(&f, OBOL_STORE_LOGIN_DONE, &done, OBOL_ERR_DENIED);
	fixture_clear(&f);
}
END_TEST

/** A full table: the lowest count goes, so nobody's row of many guesses is
 * washed out by strangers' names. */
START_TEST(full_table)
{
	struct fixture f;
	char name[32];
	int i;

	tempdir_init(&f.dir);
	f.backend = &backends[_i];
	f.store = f.backend->open(f.dir.path, true, 20);
	for (i = 0; i < OBOL_GUESS_FREE; i++)
	{
		(void)begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW);
	}
	for (i = 0; i < 5; i++)
	{
		(void)begin_login(&f, "bob", OBOL_SLOT_PASSWORD, 0, NOW);
	}
	for (i = 0; i < 200; i++)
	{
		(void)snprintf(name, sizeof(name), "stranger-%d", i);
		ck_assert_uint_eq(
			begin_login(&f, name, OBOL_SLOT_PASSWORD, 0, NOW).out.later_s, 0);
	}
	ck_assert_uint_eq(
		begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW).out.later_s, 60);
	for (i = 0; i < 5; i++)
	{
		ck_assert_uint_eq(
			begin_login(&f, "bob", OBOL_SLOT_PASSWORD, 0, NOW).out.later_s, 0);
	}
	ck_assert_uint_eq(
		begin_login(&f, "bob", OBOL_SLOT_PASSWORD, 0, NOW).out.later_s, 60);
	fixture_clear(&f);
}
END_TEST

Suite *store_login_suite(void)
{
	Suite *suite = suite_create("store: login");
	TCase *tc = tcase_create("login");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, found, 0, N_BACKENDS);
	tcase_add_loop_test(tc, not_found, 0, N_BACKENDS);
	tcase_add_loop_test(tc, expired_slot, 0, N_BACKENDS);
	tcase_add_loop_test(tc, limited, 0, N_BACKENDS);
	tcase_add_loop_test(tc, only_found, 0, N_BACKENDS);
	tcase_add_loop_test(tc, survives_reopening, 0, N_BACKENDS);
	tcase_add_loop_test(tc, clock_set_back, 0, N_BACKENDS);
	tcase_add_loop_test(tc, valid_login, 0, N_BACKENDS);
	tcase_add_loop_test(tc, give_back_once, 0, N_BACKENDS);
	tcase_add_loop_test(tc, undone, 0, N_BACKENDS);
	tcase_add_loop_test(tc, failures_told, 0, N_BACKENDS);
	tcase_add_loop_test(tc, disabled, 0, N_BACKENDS);
	tcase_add_loop_test(tc, expired_account, 0, N_BACKENDS);
	tcase_add_loop_test(tc, slot_replaced, 0, N_BACKENDS);
	tcase_add_loop_test(tc, full_table, 0, N_BACKENDS);
	suite_add_tcase(suite, tc);
	return suite;
}
