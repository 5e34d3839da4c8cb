/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One fixed KE1 sent again and again while an account is made, activated, given
 * another password, disabled, reset, removed and made anew: what comes back
 * must not tell (RFC 9807, 10.9). What is a function of name and blinded
 * element stays, what is random never comes twice, and what a name may still
 * try does not change. */
#include <stdio.h>
#include <stdlib.h>

#include "server/life.h"
#include "server/stranger.h"
#include "support/run.h"

static struct world w;

static void setup(void)
{
	world_begin(&w);
}

static void teardown(void)
{
	world_clear(&w);
}

/*
 * What happens to the account meanwhile
 */

static void nothing(struct world *world)
{
	(void)world;
}

static void store(struct world *world)
{
	struct link l;

	link_by_password(&l, world, "alice");
	ck_assert_uint_eq(link_put(&l, "vpn", 0, 2, "sealed"), 1);
	link_close(&l);
}

static void recovery(struct world *world)
{
	life_give_slot(world, OBOL_SLOT_RECOVERY, NULL, "0123456789abcdef");
}

static void password(struct world *world)
{
	life_give_slot(world, OBOL_SLOT_PASSWORD, NULL, "another horse");
}

static const struct life_stage stages[] = {
	{ "no account", nothing },           { "made", life_make },
	{ "activated", life_activate },      { "something stored", store },
	{ "recovery code", recovery },       { "another password", password },
	{ "disabled", life_disable },        { "enabled", life_enable },
	{ "device lost", life_lose_device }, { "removed", life_remove },
	{ "made again", life_make },         { "activated again", life_activate },
};
#define N_STAGES (sizeof(stages) / sizeof(stages[0]))

/* With what came first, and with what came last: nonces are new each time. */
static void observe(const char *name, const char *stage, struct seen first[],
					struct seen last[])
{
	struct seen now;
	size_t i;

	for (i = 0; i < N_WHOS; i++)
	{
		probe(&w, name, &whos[i], &now);
		if (first[i].challenge_len == 0)
		{
			first[i] = now;
		}
		else
		{
			check_alike(&first[i], &now, whos[i].what, stage);
			check_alike(&last[i], &now, whos[i].what, stage);
		}
		last[i] = now;
	}
}

START_TEST(test_answers_do_not_tell)
{
	static struct seen first[N_WHOS], last[N_WHOS];
	static struct seen never_first[N_WHOS], never[N_WHOS];
	size_t stage, i;

	make_ke1();
	for (stage = 0; stage < N_STAGES; stage++)
	{
		stages[stage].happens(&w);
		/* what unknown names are answered from is looked up now and then */
		obol_server_tick(w.server);
		obol_store_flush(w.options.store);
		observe("alice", stages[stage].what, first, last);
		/* a name that never has an account goes the same way */
		observe("nadja", stages[stage].what, never_first, never);
		for (i = 0; i < N_WHOS; i++)
		{
			ck_assert_uint_eq(never[i].challenge_len, last[i].challenge_len);
			ck_assert_mem_eq(never[i].failure, last[i].failure,
							 last[i].failure_len);
		}
		driven_clock_pass(&w.clock, STAGE_S);
	}
}
END_TEST

/* The test above can fail: other names, kinds and elements are told apart. */
START_TEST(test_control)
{
	struct seen one, two;
	struct obol_login_challenge a, b;

	make_ke1();
	probe(&w, "alice", &whos[0], &one);
	probe(&w, "alicf", &whos[0], &two);
	decode(&one, &a);
	decode(&two, &b);
	ck_assert_mem_ne(a.ke2.ptr, b.ke2.ptr, OBOL_OPAQUE_NOE);
	probe(&w, "alice", &whos[2], &two);
	decode(&two, &b);
	ck_assert_mem_ne(a.ke2.ptr, b.ke2.ptr, OBOL_OPAQUE_NOE);
	make_ke1();
	probe(&w, "alice", &whos[0], &two);
	decode(&two, &b);
	ck_assert_mem_ne(a.ke2.ptr, b.ke2.ptr, OBOL_OPAQUE_NOE);
	ck_assert(!is_fresh(a.ke2.ptr, a.ke2.ptr));
}
END_TEST

/*
 * What a name may still try
 */

static unsigned try_out(const char *name, struct seen *seen)
{
	unsigned n = 0;

	do
	{
		probe(&w, name, &whos[0], seen);
		n += seen->challenge[0] == OBOL_LOGIN_CHALLENGE;
	} while (seen->challenge[0] == OBOL_LOGIN_CHALLENGE);
	return n;
}

static void check_same_wait(const struct seen *before, const char *stage)
{
	struct seen now;

	probe(&w, "alice", &whos[0], &now);
	ck_assert_msg(
		now.challenge_len == before->challenge_len &&
			memcmp(now.challenge, before->challenge, now.challenge_len) == 0,
		"%s: Later differs", stage);
	ck_assert_int_eq(now.challenge[0], OBOL_LATER);
}

/* An exhausted name says Later for as many seconds, whatever becomes of its
 * account; and so does one whose user logs in now and then. */
START_TEST(test_limits_do_not_tell)
{
	struct seen known, unknown;

	make_ke1();
	ck_assert_uint_eq(try_out("alice", &unknown), 10);
	life_make(&w);
	check_same_wait(&unknown, "made");
	driven_clock_pass(&w.clock, 2 * DAY);
	life_activate(&w);
	store(&w);
	ck_assert_uint_eq(try_out("nadja", &unknown), 10);
	ck_assert_uint_eq(try_out("alice", &known), 10);
	ck_assert_mem_eq(known.challenge, unknown.challenge, known.challenge_len);
	life_disable(&w);
	check_same_wait(&known, "disabled");
	life_remove(&w);
	check_same_wait(&known, "removed");
	life_make(&w);
	check_same_wait(&known, "made again");
}
END_TEST

/*
 * While there are several kinds of slots
 */

static void raise_stretching(void)
{
	world_stop(&w);
	w.options.policy.password_ksf.log2_n++;
	world_start(&w);
	obol_server_tick(w.server);
	obol_store_flush(w.options.store);
}

static uint8_t stretching_of(const char *name)
{
	struct obol_login_challenge challenge;
	struct seen seen;

	probe(&w, name, &whos[0], &seen);
	decode(&seen, &challenge);
	driven_clock_pass(&w.clock, STAGE_S);
	return challenge.ksf.log2_n;
}

/* Then a name is only ever seen to move to newer parameters, as names that have
 * no account do, and those whose users have logged in. */
START_TEST(test_only_forward)
{
	uint8_t old, now;
	char name[16];
	unsigned i;

	make_ke1();
	for (i = 0; i < 4; i++)
	{
		(void)snprintf(name, sizeof(name), "user%u", i);
		(void)world_add(&w, name);
		world_activate(&w, name);
	}
	obol_server_tick(w.server);
	obol_store_flush(w.options.store);
	old = stretching_of("alice");
	raise_stretching();
	ck_assert_uint_eq(stretching_of("alice"), old);
	life_make(&w);
	ck_assert_uint_eq(stretching_of("alice"), old);
	life_activate(&w);
	obol_server_tick(w.server);
	obol_store_flush(w.options.store);
	now = stretching_of("alice");
	ck_assert_uint_eq(now, old + 1);
	password(&w);
	ck_assert_uint_eq(stretching_of("alice"), now);
	life_disable(&w);
	ck_assert_uint_eq(stretching_of("alice"), now);
}
END_TEST

Suite *over_time_suite(void);

Suite *over_time_suite(void)
{
	Suite *suite = suite_create("over_time");
	TCase *tcase = tcase_create("over_time");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_answers_do_not_tell);
	tcase_add_test(tcase, test_control);
	tcase_add_test(tcase, test_limits_do_not_tell);
	tcase_add_test(tcase, test_only_forward);
	suite_add_tcase(suite, tcase);
	return suite;
}
