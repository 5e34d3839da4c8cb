/* SPDX-License-Identifier: GPL-2.0-or-later */
/* While slots of two server keys lie side by side: an account's answers change
 * when its user moves to the newer key, as those of names without an account
 * do, and never again, whatever becomes of the account. */
#include <sqlite3.h>
#include <stdio.h>

#include "server/life.h"
#include "server/stranger.h"
#include "store/slot_sets.h"
#include "store/store_enrol.h"
#include "support/run.h"

/** Accounts that stay with the old key, of each kind of slot. */
#define N_STAY 6
/** Names that have no account. */
#define N_STRANGERS 40

static struct world w;

static void setup(void)
{
	world_init(&w);

	world_start(&w);
	make_ke1();
}

static void teardown(void)
{
	world_clear(&w);
}

static void count_slots(void)
{
	obol_server_tick(w.server);
	obol_store_flush(w.options.store);
}

static long sql(const char *text)
{
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;
	long n = 0;

	ck_assert_int_eq(sqlite3_open(tempdir_file(&w.dir, "obol.db"), &db),
					 SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, text, -1, &stmt, NULL), SQLITE_OK);
	if (sqlite3_step(stmt) == SQLITE_ROW)
	{
		n = (long)sqlite3_column_int64(stmt, 0);
	}
	ck_assert_int_eq(sqlite3_finalize(stmt), SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
	return n;
}

/*
 * What happens
 */

static void password(struct world *world)
{
	life_give_slot(world, OBOL_SLOT_PASSWORD, NULL, PASSWORD);
}

static void all_slots(struct world *world)
{
	password(world);
	life_give_slot(world, OBOL_SLOT_RECOVERY, NULL, "0123456789abcdef");
	life_give_slot(world, OBOL_SLOT_DEVICE, device_one, DEVICE_SECRET);
	life_give_slot(world, OBOL_SLOT_DEVICE, device_two, DEVICE_SECRET);
}

static void reset(struct world *world)
{
	struct obol_account account = world_account(world, "alice");
	struct obol_store_account_reset arg = { .in.account_id = account.id };

	arg.in.generation = account.generation + 1;
	arg.in.activation.kind = OBOL_SLOT_ACTIVATION;
	arg.in.activation.ksf = obol_ksf_identity;
	arg.in.activation.key_number = world->options.current_key;
	arg.in.activation.generation = arg.in.generation;
	arg.in.activation.expires_at = obol_now(&world->clock.clock) + 1;
	arg.in.now = obol_now(&world->clock.clock);
	world_run(world, OBOL_STORE_ACCOUNT_RESET, &arg);
}

/** After everything is on the newer key. Whatever has a slot is answered from
 * it, and nothing may change any more. */
static const struct life_stage stages[] = {
	{ "disabled", life_disable },         { "enabled", life_enable },
	{ "device lost", life_lose_device },  { "code that ends", reset },
	{ "removed", life_remove },           { "made again", life_make },
	{ "activated again", life_activate }, { "another password", password },
	{ "removed again", life_remove },
};
#define N_STAGES (sizeof(stages) / sizeof(stages[0]))

/*
 * The old key's slots, and whom they keep there
 */

static void fill_old(void)
{
	char name[16];
	unsigned i;

	for (i = 0; i < N_STAY; i++)
	{
		struct obol_slot_message slot;
		struct link l;

		(void)snprintf(name, sizeof(name), "stays%u", i);
		(void)world_add(&w, name);
		world_activate(&w, name);
		link_by_password(&l, &w, name);
		link_register(&l, OBOL_SLOT_RECOVERY, NULL, "0123456789abcdef", 2,
					  &slot);
		ck_assert(link_finish(&l, &slot));
		link_close(&l);
		(void)snprintf(name, sizeof(name), "waits%u", i);
		(void)world_add(&w, name);
	}
}

static struct obol_store_slot_set
set_of(const char *name, const struct who *who, struct seen *seen)
{
	struct obol_login_challenge challenge;
	struct obol_store_slot_set set = { .kind = 0 };

	probe(&w, name, who, seen);
	decode(seen, &challenge);
	set.ksf = challenge.ksf;
	set.key_number = challenge.key_number;
	return set;
}

static void name_stranger(char name[16], unsigned i)
{
	(void)snprintf(name, 16, "never%u", i);
}

/** Every name that has no account is answered with what it was, or newer. */
static void check_strangers(struct obol_store_slot_set sets[N_STRANGERS],
							bool is_first, const char *stage)
{
	struct obol_store_slot_set now;
	struct seen seen;
	char name[16];
	unsigned i;

	for (i = 0; i < N_STRANGERS; i++)
	{
		name_stranger(name, i);
		now = set_of(name, &whos[0], &seen);
		ck_assert_msg(is_first || obol_slot_set_order(&now, &sets[i]) <= 0,
					  "%s: %s fell back", stage, name);
		sets[i] = now;
	}
}

/*
 * The tests
 */

START_TEST(test_never_back)
{
	static struct seen before[N_WHOS], moved[N_WHOS], now;
	struct obol_store_slot_set strangers[N_STRANGERS], was[N_WHOS], is;
	size_t stage, i;

	fill_old();
	count_slots();
	check_strangers(strangers, true, "at first");
	for (i = 0; i < N_WHOS; i++)
	{
		was[i] = set_of("alice", &whos[i], &before[i]);
		ck_assert_uint_eq(was[i].key_number, 1);
	}
	life_make(&w);
	life_activate(&w);
	world_new_key(&w);
	driven_clock_pass(&w.clock, STAGE_S);
	for (i = 0; i < N_WHOS; i++)
	{
		if (whos[i].kind == OBOL_SLOT_PASSWORD)
		{
			(void)set_of("alice", &whos[i], &now);
			check_alike(&before[i], &now, whos[i].what, "key added");
		}
	}
	/* a code with the newer key, too, that is used up */
	reset(&w);
	life_remove(&w);
	life_make(&w);
	life_activate(&w);
	all_slots(&w);
	count_slots();
	driven_clock_pass(&w.clock, STAGE_S);
	for (i = 0; i < N_WHOS; i++)
	{
		is = set_of("alice", &whos[i], &moved[i]);
		ck_assert_msg(is.key_number == 2, "%s", whos[i].what);
	}
	check_strangers(strangers, false, "moved");
	for (stage = 0; stage < N_STAGES; stage++)
	{
		stages[stage].happens(&w);
		count_slots();
		driven_clock_pass(&w.clock, STAGE_S);
		for (i = 0; i < N_WHOS; i++)
		{
			(void)set_of("alice", &whos[i], &now);
			check_alike(&moved[i], &now, whos[i].what, stages[stage].what);
		}
		check_strangers(strangers, false, stages[stage].what);
	}
}
END_TEST

/** Removed on the newer key, with others on the old one. */
static void move_and_go(void)
{
	fill_old();
	world_new_key(&w);
	life_make(&w);
	life_activate(&w);
	life_remove(&w);
	count_slots();
}

/* Without the rows of what is gone the same is told. */
START_TEST(test_control)
{
	struct seen seen;
	size_t i;

	move_and_go();
	for (i = 0; i < N_WHOS; i++)
	{
		if (whos[i].kind != OBOL_SLOT_RECOVERY &&
			whos[i].device_id != device_two)
		{
			ck_assert_msg(set_of("alice", &whos[i], &seen).key_number == 2,
						  "%s", whos[i].what);
		}
	}
	ck_assert_int_gt(sql("SELECT count(*) FROM gone"), 0);
	(void)sql("DELETE FROM gone");
	count_slots();
	driven_clock_pass(&w.clock, STAGE_S);
	for (i = 0; i < N_WHOS; i++)
	{
		ck_assert_msg(set_of("alice", &whos[i], &seen).key_number == 1, "%s",
					  whos[i].what);
	}
}
END_TEST

static void remove_all_old(void)
{
	struct obol_store_account_remove arg = { .in.account_id = 0 };
	char name[16];
	unsigned i;

	for (i = 0; i < 2 * N_STAY; i++)
	{
		(void)snprintf(name, sizeof(name), i % 2 ? "stays%u" : "waits%u",
					   i / 2);
		arg.in.account_id = world_account(&w, name).id;
		arg.in.now = obol_now(&w.clock.clock);
		world_run(&w, OBOL_STORE_ACCOUNT_REMOVE, &arg);
	}
}

/* They are kept as long as there are older slots, and no longer. */
START_TEST(test_forgotten)
{
	struct seen seen;

	move_and_go();
	ck_assert_int_gt(sql("SELECT count(*) FROM gone"), 0);
	count_slots();
	ck_assert_int_gt(sql("SELECT count(*) FROM gone"), 0);
	remove_all_old();
	ck_assert_int_gt(sql("SELECT count(*) FROM gone WHERE key_number = 1"), 0);
	count_slots();
	ck_assert_int_eq(sql("SELECT count(*) FROM gone"), 0);
	count_slots();
	ck_assert_uint_eq(set_of("alice", &whos[0], &seen).key_number, 2);
	ck_assert_uint_eq(set_of("never0", &whos[0], &seen).key_number, 2);
}
END_TEST

/* A team's code that was revoked, likewise. */
START_TEST(test_team)
{
	static const struct who code = { "enrolment code", OBOL_SLOT_ENROLMENT,
									 NULL };
	struct obol_store_enrolment_add add = {
		.in.enrolment = { .name = "sales", .uses = 1, .key_number = 1 }
	};
	struct obol_store_enrolment_revoke revoke = { .in.name =
													  obol_bytes_str("lab") };
	struct seen seen, again;

	world_know(&w, "sales");
	world_know(&w, "lab");
	add.in.now = obol_now(&w.clock.clock);
	add.in.enrolment.expires_at = add.in.now + 100 * DAY;
	memset(add.in.enrolment.record, 1, sizeof(add.in.enrolment.record));
	world_run(&w, OBOL_STORE_ENROLMENT_ADD, &add);
	world_new_key(&w);
	(void)snprintf(add.in.enrolment.name, sizeof(add.in.enrolment.name), "lab");
	add.in.enrolment.key_number = 2;
	add.in.enrolment.expires_at = add.in.now + DAY;
	world_run(&w, OBOL_STORE_ENROLMENT_ADD, &add);
	/* over, and then revoked */
	driven_clock_pass(&w.clock, 2 * DAY);
	ck_assert_uint_eq(set_of("lab", &code, &seen).key_number, 2);
	revoke.in.now = obol_now(&w.clock.clock);
	world_run(&w, OBOL_STORE_ENROLMENT_REVOKE, &revoke);
	count_slots();
	ck_assert_uint_eq(set_of("lab", &code, &again).key_number, 2);
	check_alike(&seen, &again, code.what, "revoked");
	(void)sql("DELETE FROM gone");
	count_slots();
	ck_assert_uint_eq(set_of("lab", &code, &again).key_number, 1);
}
END_TEST

Suite *moves_suite(void);

Suite *moves_suite(void)
{
	Suite *suite = suite_create("moves");
	TCase *tcase = tcase_create("moves");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, test_never_back);
	tcase_add_test(tcase, test_control);
	tcase_add_test(tcase, test_forgotten);
	tcase_add_test(tcase, test_team);
	suite_add_tcase(suite, tcase);
	return suite;
}
