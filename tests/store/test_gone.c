/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What slots were answered with is remembered when they are gone, and dropped
 * when it tells nothing any more. */
#include "store/fixture.h"

#include "store/slot_sets.h"
#include "store/store_enrol.h"
#include "store/store_sqlite.h"

#include <sqlite3.h>
#include <stdio.h>

Suite *store_gone_suite(void);

#define DAY ((uint64_t)86400)

/** Of make_slot(): a key that is told from none. */
static void move(struct fixture *f, int64_t id, uint8_t kind, uint8_t device,
				 uint32_t key_number)
{
	struct obol_store_slot_put arg = { .in = { .request = as_password(id),
											   .slot = make_slot(kind, device,
																 2, 9) } };

	arg.in.slot.key_number = key_number;
	RUN(f, OBOL_STORE_SLOT_PUT, &arg, OBOL_OK);
}

/** Key number that a name is answered with at least. */
static uint32_t past(struct fixture *f, const char *name, uint8_t kind,
					 uint8_t device)
{
	const struct obol_store_login_begin begun =
		begin_login(f, name, kind, device, NOW + 20 * DAY);

	ck_assert(!begun.out.found);
	ck_assert_uint_eq(begun.out.slot.serial, 0);
	return begun.out.past.key_number;
}

static void remove_account(struct fixture *f, int64_t id)
{
	struct obol_store_account_remove arg = {
		.in = { .account_id = id, .actor = actor_of(0, 0), .now = NOW }
	};

	RUN(f, OBOL_STORE_ACCOUNT_REMOVE, &arg, OBOL_OK);
}

static struct obol_store_slot_sets count(struct fixture *f)
{
	struct obol_store_slot_sets sets;

	RUN(f, OBOL_STORE_SLOT_SETS, &sets, OBOL_OK);
	return sets;
}

static void drop(struct fixture *f)
{
	struct obol_store_slot_sets sets = count(f);
	struct obol_store_gone_drop arg = { .in.sets = &sets };

	RUN(f, OBOL_STORE_GONE_DROP, &arg, OBOL_OK);
}

START_TEST(removed)
{
	struct obol_store_login_begin begun;
	struct obol_store_slot_sets sets;
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	move(&f, id, OBOL_SLOT_PASSWORD, 0, 4);
	move(&f, id, OBOL_SLOT_DEVICE, 8, 5);
	begun = begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW);
	ck_assert(begun.out.found);
	ck_assert_uint_eq(begun.out.past.key_number, 0);
	remove_account(&f, id);
	begun = begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW);
	ck_assert(!begun.out.found);
	ck_assert_uint_eq(begun.out.past.key_number, 4);
	ck_assert(obol_ksf_params_eq(&begun.out.past.ksf, &obol_ksf_default));
	ck_assert_uint_eq(past(&f, "alice", OBOL_SLOT_DEVICE, 8), 5);
	/* of this name, kind and device alone */
	ck_assert_uint_eq(past(&f, "alice", OBOL_SLOT_RECOVERY, 0), 0);
	ck_assert_uint_eq(past(&f, "alice", OBOL_SLOT_DEVICE, 9), 0);
	ck_assert_uint_eq(past(&f, "bob", OBOL_SLOT_PASSWORD, 0), 0);
	sets = count(&f);
	ck_assert_uint_eq(obol_slot_sets_gone(&sets), 4);
	/* made again: its slots count themselves, but for the code and device 8 */
	id = add_active(&f, "alice");
	sets = count(&f);
	ck_assert_uint_eq(obol_slot_sets_gone(&sets), 2);
	ck_assert(begin_login(&f, "alice", OBOL_SLOT_PASSWORD, 0, NOW).out.found);
	move(&f, id, OBOL_SLOT_PASSWORD, 0, 6);
	remove_account(&f, id);
	ck_assert_uint_eq(past(&f, "alice", OBOL_SLOT_PASSWORD, 0), 6);
	fixture_clear(&f);
}
END_TEST

START_TEST(deleted_and_reset)
{
	struct obol_store_slot_delete slot_delete = {
		.in = { .kind = OBOL_SLOT_DEVICE }
	};
	struct obol_store_account_reset reset = {
		.in = { .generation = 3,
				.activation = make_slot(OBOL_SLOT_ACTIVATION, 0, 3, 1),
				.now = NOW }
	};
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	/* its code went when it was used */
	ck_assert_uint_eq(past(&f, "alice", OBOL_SLOT_ACTIVATION, 0), 1);
	move(&f, id, OBOL_SLOT_DEVICE, 8, 4);
	move(&f, id, OBOL_SLOT_PASSWORD, 0, 5);
	slot_delete.in.request = as_password(id);
	memcpy(slot_delete.in.device_id, actor_of(OBOL_SLOT_DEVICE, 8).device_id,
		   OBOL_DEVICE_ID_LEN);
	RUN(&f, OBOL_STORE_SLOT_DELETE, &slot_delete, OBOL_OK);
	RUN(&f, OBOL_STORE_SLOT_DELETE, &slot_delete, OBOL_ERR_NOT_FOUND);
	ck_assert_uint_eq(past(&f, "alice", OBOL_SLOT_DEVICE, 8), 4);
	reset.in.account_id = id;
	reset.in.activation.key_number = 6;
	reset.in.activation.expires_at = NOW + DAY;
	RUN(&f, OBOL_STORE_ACCOUNT_RESET, &reset, OBOL_OK);
	ck_assert_uint_eq(past(&f, "alice", OBOL_SLOT_PASSWORD, 0), 5);
	/* the new code has ended by then; an older one was used */
	ck_assert_uint_eq(past(&f, "alice", OBOL_SLOT_ACTIVATION, 0), 6);
	fixture_clear(&f);
}
END_TEST

/** What did not happen leaves nothing behind. */
START_TEST(refused)
{
	struct obol_store_account_remove arg = { .in = { .account_id = 99,
													 .now = NOW } };
	struct obol_store_rekey rekey = { .in = { .generation = 4 } };
	struct obol_store_slot_sets sets;
	struct fixture f;
	int64_t id;

	fixture_init(&f, _i);
	id = add_account(&f, "alice");
	RUN(&f, OBOL_STORE_ACCOUNT_REMOVE, &arg, OBOL_ERR_NOT_FOUND);
	rekey.in.request = as_password(id);
	ck_assert_int_ne(obol_store_run(f.store, OBOL_STORE_REKEY, &rekey),
					 OBOL_OK);
	sets = count(&f);
	ck_assert_uint_eq(obol_slot_sets_gone(&sets), 0);
	fixture_clear(&f);
}
END_TEST

START_TEST(team)
{
	struct obol_store_enrolment_add add = {
		.in = { .enrolment = { .name = "sales",
							   .names = "*",
							   .uses = 1,
							   .key_number = 3,
							   .expires_at = NOW + DAY },
				.now = NOW }
	};
	struct obol_store_enrolment_revoke revoke = {
		.in = { .name = obol_bytes_str("sales"), .now = NOW }
	};
	struct obol_store_slot_sets sets;
	struct fixture f;

	fixture_init(&f, _i);
	ck_assert_uint_eq(past(&f, "sales", OBOL_SLOT_ENROLMENT, 0), 0);
	RUN(&f, OBOL_STORE_ENROLMENT_ADD, &add, OBOL_OK);
	/* it has ended by then */
	ck_assert_uint_eq(past(&f, "sales", OBOL_SLOT_ENROLMENT, 0), 3);
	RUN(&f, OBOL_STORE_ENROLMENT_REVOKE, &revoke, OBOL_OK);
	ck_assert_uint_eq(past(&f, "sales", OBOL_SLOT_ENROLMENT, 0), 3);
	RUN(&f, OBOL_STORE_ENROLMENT_REVOKE, &revoke, OBOL_ERR_NOT_FOUND);
	ck_assert_uint_eq(past(&f, "sales", OBOL_SLOT_PASSWORD, 0), 0);
	/* one anew counts itself */
	RUN(&f, OBOL_STORE_ENROLMENT_ADD, &add, OBOL_OK);
	sets = count(&f);
	ck_assert_uint_eq(sets.out.n_sets, 1);
	ck_assert_uint_eq(sets.out.sets[0].n_slots, 1);
	ck_assert_uint_eq(sets.out.sets[0].n_gone, 0);
	fixture_clear(&f);
}
END_TEST

START_TEST(dropped)
{
	struct obol_store_slot_sets sets;
	struct fixture f;
	int64_t id, bob;

	fixture_init(&f, _i);
	bob = add_active(&f, "bob");
	id = add_active(&f, "alice");
	move(&f, id, OBOL_SLOT_PASSWORD, 0, 2);
	remove_account(&f, id);
	sets = count(&f);
	ck_assert(obol_slot_sets_can_drop(&sets));
	/* devices and codes: there is nothing older; bob's password is */
	drop(&f);
	sets = count(&f);
	ck_assert_uint_eq(obol_slot_sets_gone(&sets), 1);
	ck_assert(!obol_slot_sets_can_drop(&sets));
	ck_assert_uint_eq(past(&f, "alice", OBOL_SLOT_PASSWORD, 0), 2);
	ck_assert_uint_eq(past(&f, "alice", OBOL_SLOT_DEVICE, 7), 0);
	move(&f, bob, OBOL_SLOT_PASSWORD, 0, 2);
	drop(&f);
	sets = count(&f);
	ck_assert_uint_eq(obol_slot_sets_gone(&sets), 0);
	ck_assert_uint_eq(past(&f, "alice", OBOL_SLOT_PASSWORD, 0), 0);
	fixture_clear(&f);
}
END_TEST

/** So many that the eldest go. */
START_TEST(bounded)
{
	struct obol_store_slot_sets sets;
	sqlite3 *db = NULL;
	struct fixture f;
	char text[512];

	fixture_init(&f, 0);
	(void)add_active(&f, "bob");
	drop(&f);
	ck_assert_int_eq(sqlite3_open(tempdir_file(&f.dir, "obol.db"), &db),
					 SQLITE_OK);
	(void)snprintf(text, sizeof(text),
				   "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 "
				   "FROM n WHERE i < %u) INSERT INTO gone SELECT "
				   "randomblob(16), 1, 1, 15, 8, 1, 2, i FROM n",
				   OBOL_SLOTS_GONE_MAX + 3);
	ck_assert_int_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sets = count(&f);
	ck_assert_uint_eq(obol_slot_sets_gone(&sets), OBOL_SLOTS_GONE_MAX + 3);
	ck_assert(obol_slot_sets_can_drop(&sets));
	drop(&f);
	sets = count(&f);
	ck_assert_uint_eq(obol_slot_sets_gone(&sets), OBOL_SLOTS_GONE_MAX);
	ck_assert(!obol_slot_sets_can_drop(&sets));
	/* not those that went last */
	ck_assert_int_eq(sqlite3_exec(db,
								  "DELETE FROM gone WHERE gone_at <= 3; "
								  "SELECT 1 / (changes() = 0)",
								  NULL, NULL, NULL),
					 SQLITE_OK);
	sets = count(&f);
	ck_assert_uint_eq(obol_slot_sets_gone(&sets), OBOL_SLOTS_GONE_MAX);
	(void)sqlite3_close(db);
	fixture_clear(&f);
}
END_TEST

/** A list of sets that may lack some tells nothing of what is past. */
START_TEST(order)
{
	struct obol_store_slot_sets sets = { .out.n_sets = 2 };
	struct obol_store_slot_set *a = &sets.out.sets[0], *b = &sets.out.sets[1];

	a->kind = b->kind = OBOL_SLOT_PASSWORD;
	a->ksf = b->ksf = obol_ksf_default;
	a->key_number = b->key_number = 1;
	b->n_slots = 1;
	a->n_gone = 1;
	ck_assert_int_eq(obol_slot_set_order(a, b), 0);
	ck_assert(obol_slot_set_is_past(&sets, 0));
	a->ksf.log2_n++;
	ck_assert_int_lt(obol_slot_set_order(a, b), 0);
	ck_assert(!obol_slot_set_is_past(&sets, 0));
	b->key_number++;
	ck_assert_int_gt(obol_slot_set_order(a, b), 0);
	ck_assert(obol_slot_set_is_past(&sets, 0));
	sets.out.n_sets = OBOL_SLOT_SETS_MAX;
	ck_assert(!obol_slot_set_is_past(&sets, 0));
	ck_assert(!obol_slot_sets_can_drop(&sets));
}
END_TEST

static void back_up(struct fixture *f)
{
	ck_assert_int_eq(
		obol_store_sqlite_backup(f->store, tempdir_file(&f->dir, "backup.db")),
		OBOL_OK);
}

static void restore(struct fixture *f)
{
	const struct obol_store_restore_options options = {
		.backup = tempdir_file(&f->dir, "backup.db"),
		.path = tempdir_file(&f->dir, "obol.db"),
		.rng = obol_rng_system(),
		.actor = { .source = "root" },
		.now = NOW,
	};
	struct obol_store_restored restored;
	char why[512];

	obol_store_close(f->store);
	ck_assert_msg(obol_store_sqlite_restore(&options, &restored, why,
											sizeof(why)) == OBOL_OK,
				  "%s", why);
	f->store = fixture_open(f);
}

/** Of accounts removed before a backup, after it, and made after it. */
START_TEST(restored)
{
	struct fixture f;
	int64_t before, after;

	fixture_init(&f, 0);
	before = add_active(&f, "before");
	after = add_active(&f, "after");
	move(&f, before, OBOL_SLOT_PASSWORD, 0, 2);
	remove_account(&f, before);
	back_up(&f);
	move(&f, after, OBOL_SLOT_DEVICE, 8, 3);
	remove_account(&f, after);
	move(&f, add_active(&f, "since"), OBOL_SLOT_PASSWORD, 0, 4);
	restore(&f);
	ck_assert_uint_eq(past(&f, "before", OBOL_SLOT_PASSWORD, 0), 2);
	ck_assert_uint_eq(past(&f, "after", OBOL_SLOT_DEVICE, 8), 3);
	ck_assert_uint_eq(past(&f, "since", OBOL_SLOT_PASSWORD, 0), 4);
	ck_assert_uint_eq(past(&f, "since", OBOL_SLOT_DEVICE, 7), 1);
	fixture_clear(&f);
}
END_TEST

Suite *store_gone_suite(void)
{
	Suite *suite = suite_create("store: gone");
	TCase *tc = tcase_create("gone");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, removed, 0, N_BACKENDS);
	tcase_add_loop_test(tc, deleted_and_reset, 0, N_BACKENDS);
	tcase_add_loop_test(tc, refused, 0, N_BACKENDS);
	tcase_add_loop_test(tc, team, 0, N_BACKENDS);
	tcase_add_loop_test(tc, dropped, 0, N_BACKENDS);
	tcase_add_test(tc, bounded);
	tcase_add_test(tc, order);
	tcase_add_test(tc, restored);
	suite_add_tcase(suite, tc);
	return suite;
}
