/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of plugin/obol_lease.c, by what its profile does. */
#include "plugin/profile_fixture.h"

#include <time.h>

START_TEST(test_renewal)
{
	int64_t life = 3000000;

	begin("device-of-alice.");
	succeed(1, &(struct pki_want){ .valid_s = 3000 });
	/* at two thirds */
	ck_assert_int_ge(pause_ms(), life / 3 * 2 - 2000);
	ck_assert_int_le(pause_ms(), life / 3 * 2 + 2000);
	now += pause_ms();
	begin("device-of-alice.");
	fail_with(OBOL_CAUSE_TIMEOUT, 0);
	ck_assert(profile->has_credential(profile));
	ck_assert(!profile->expire(profile, now));
	ck_assert_uint_eq(profile->want(profile, now), 0);
	ck_assert_uint_eq(swan_logged("in memory serves on"), 1);
	now += pause_ms();
	begin("device-of-alice.");
	succeed(2, &(struct pki_want){ 0 });
	ck_assert_int_eq(profile->get_state(profile), OBOL_READY);
}
END_TEST

START_TEST(test_time_to_live)
{
	begin("device-of-alice.");
	succeed(1, &(struct pki_want){ .ttl_s = 300 });
	ck_assert_int_eq(pause_ms(), 200000);
	now += 200000;
	/* "unchanged" is an answer that lets it live on */
	begin("device-of-alice.");
	succeed(1, NULL);
	ck_assert_uint_eq(swan_logged("is the current one"), 1);
	ck_assert_int_eq(pause_ms(), 200000);
	now += 200000;
	begin("device-of-alice.");
	fail_with(OBOL_CAUSE_DISABLED, 0);
	now += 99999;
	ck_assert(!profile->expire(profile, now));
	now += 1;
	ck_assert_int_le(profile->get_due(profile, now), now);
	ck_assert(profile->expire(profile, now));
	ck_assert(!profile->has_credential(profile));
	ck_assert(!profile->expire(profile, now));
}
END_TEST

START_TEST(test_expiry_makes_a_fetch_due)
{
	obol_login_t login = {};

	begin("device-of-alice.");
	succeed(5, &(struct pki_want){ .ttl_s = 10 });
	now += 20000;
	ck_assert(profile->expire(profile, now));
	ck_assert_int_eq(profile->get_state(profile), OBOL_IDLE);
	ck_assert_uint_gt(profile->want(profile, now), 0);
	ck_assert(profile->begin(profile, &login, now));
	/* it has nothing now, so "unchanged" would be no answer */
	ck_assert_uint_eq(login.held.version, 0);
	obol_login_clear(&login);
	succeed(5, NULL);
	ck_assert_int_eq(profile->get_state(profile), OBOL_IDLE);
	ck_assert_int_eq(pause_ms(), 0);
}
END_TEST

START_TEST(test_held_version)
{
	obol_login_t login = {};

	begin("device-of-alice.");
	succeed(5, &(struct pki_want){ 0 });
	profile->prefetch(profile, now);
	ck_assert(profile->begin(profile, &login, now));
	ck_assert_uint_eq(login.held.version, 5);
	obol_login_clear(&login);
}
END_TEST

/* A credential that this device can renew, at the given moment. */
static void succeed_renewable(uint64_t version, int64_t renew_in_s)
{
	obol_fetch_result_t result = {
		.mode = OBOL_CLIENT_MODE_DEVICE,
		.version = version,
		.renew_in_s = renew_in_s,
		.bundle = pki_bundle(pki, &(struct pki_want){ .valid_s = 600 }),
	};

	profile->finish(profile, &result, "alice", now);
	obol_bundle_free(result.bundle);
}

/* What the next fetch says of the credential in memory. */
static struct obol_held begin_held(void)
{
	obol_login_t login = {};
	struct obol_held held;

	ck_assert_int_le(profile->get_due(profile, now), now);
	ck_assert(profile->begin(profile, &login, now));
	held = login.held;
	obol_login_clear(&login);
	return held;
}

START_TEST(test_renewal_at_its_moment)
{
	struct obol_held held = begin_held();

	ck_assert(!held.renew && !held.mode && !held.not_after);
	succeed_renewable(0, 380);
	ck_assert_int_eq(pause_ms(), 380000);
	/* a reload before it renews nothing */
	now += 100000;
	profile->prefetch(profile, now);
	held = begin_held();
	ck_assert(!held.renew);
	ck_assert_uint_eq(held.mode, OBOL_CLIENT_MODE_DEVICE);
	ck_assert_uint_ge(held.not_after, (uint64_t)time(NULL) + 590);
	succeed(0, NULL);
	ck_assert_int_eq(pause_ms(), 280000);
	now += 280000;
	held = begin_held();
	ck_assert(held.renew);
	ck_assert_uint_gt(held.not_after, 0);
	succeed_renewable(0, 420);
	ck_assert_int_eq(pause_ms(), 420000);
	ck_assert_uint_eq(swan_logged("credential ready"), 2);
}
END_TEST

START_TEST(test_renewal_fails)
{
	int64_t pause;
	int i;

	(void)begin_held();
	succeed_renewable(0, 380);
	now += 380000;
	for (i = 0; i < 4; i++)
	{
		ck_assert(begin_held().renew);
		fail_with(OBOL_CAUSE_UNREACHABLE, 0);
		pause = pause_ms();
		ck_assert_int_ge(pause, OBOL_BACKOFF_MIN_MS * 3 / 4 << i);
		ck_assert_int_le(pause, OBOL_BACKOFF_MIN_MS * 5 / 4 << i);
		/* what there is serves on, and nobody waits */
		ck_assert(profile->has_credential(profile));
		ck_assert_uint_eq(profile->want(profile, now), 0);
		now += pause;
	}
	ck_assert_uint_eq(swan_logged("1 obol: profile 'home': the credential in "
								  "memory serves on"),
					  1);
	ck_assert(begin_held().renew);
	succeed_renewable(0, 400);
	ck_assert_int_eq(pause_ms(), 400000);
	/* one that is refused stops, and takes nothing away either */
	now += 400000;
	ck_assert(begin_held().renew);
	fail_with(OBOL_CAUSE_AUTH, 0);
	ck_assert(profile->has_credential(profile));
	ck_assert_int_ge(pause_ms(), 150000);
}
END_TEST

/* As when the account ends with it: no login after the other. */
START_TEST(test_renewal_gains_nothing)
{
	int64_t before, pause;

	(void)begin_held();
	succeed_renewable(3, 380);
	now += 380000;
	ck_assert(begin_held().renew);
	before = now;
	succeed(3, NULL);
	pause = pause_ms();
	ck_assert_int_ge(pause, 350000);
	profile->prefetch(profile, now);
	ck_assert(!begin_held().renew);
	succeed(3, NULL);
	ck_assert_int_eq(pause_ms(), before + pause - now);
}
END_TEST

START_TEST(test_renew_now)
{
	struct obol_held held;

	profile->renew(profile, now);
	(void)begin_held();
	/* too late for that one: it is being fetched */
	profile->renew(profile, now);
	succeed_renewable(3, 380);
	ck_assert_int_eq(pause_ms(), 380000);
	now += 10000;
	profile->renew(profile, now);
	ck_assert(profile->has_credential(profile));
	held = begin_held();
	ck_assert(held.renew);
	ck_assert_uint_eq(held.version, 3);
	ck_assert_uint_eq(held.not_after, 0);
	succeed_renewable(4, 380);
	ck_assert_int_eq(pause_ms(), 380000);
	profile->prefetch(profile, now);
	ck_assert(!begin_held().renew);
	succeed(4, NULL);
}
END_TEST

START_TEST(test_account_ends)
{
	obol_fetch_result_t result = { .version = 1 };

	begin("device-of-alice.");
	result.bundle = pki_bundle(pki, &(struct pki_want){ 0 });
	result.account_end = (uint64_t)time(NULL) + 8 * 86400;
	result.account_left_s = 8 * 86400;
	profile->finish(profile, &result, "alice", now);
	ck_assert_uint_eq(swan_logged("the account ends on"), 0);
	obol_bundle_free(result.bundle);
	profile->prefetch(profile, now);
	begin("device-of-alice.");
	result.bundle = NULL;
	result.account_left_s = 6 * 86400;
	profile->finish(profile, &result, NULL, now);
	ck_assert_uint_eq(swan_logged("the account ends on"), 1);
}
END_TEST

Suite *lease_suite(void);

Suite *lease_suite(void)
{
	Suite *suite = suite_create("lease");
	TCase *tc = tcase_create("lease");

	tcase_add_checked_fixture(tc, profile_setup_device, profile_teardown);
	tcase_add_test(tc, test_renewal);
	tcase_add_test(tc, test_time_to_live);
	tcase_add_test(tc, test_expiry_makes_a_fetch_due);
	tcase_add_test(tc, test_held_version);
	tcase_add_test(tc, test_renewal_at_its_moment);
	tcase_add_test(tc, test_renewal_fails);
	tcase_add_test(tc, test_renewal_gains_nothing);
	tcase_add_test(tc, test_renew_now);
	tcase_add_test(tc, test_account_ends);
	suite_add_tcase(suite, tc);
	return suite;
}
