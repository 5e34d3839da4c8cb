/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of plugin/obol_profile.c: the time is an argument, nothing waits. */
#include "plugin/profile_fixture.h"

#include "obol_now.h"

#include <string.h>

static struct obol_secret *password(const char *text)
{
	return obol_secret_dup(text, strlen(text));
}

START_TEST(test_device_is_due_at_once)
{
	ck_assert(!profile->wants_password(profile));
	begin("device-of-alice.");
	/* single flight, whoever asks */
	ck_assert_uint_gt(profile->want(profile, now), 0);
	ck_assert_int_eq(profile->get_due(profile, now), OBOL_NEVER);
	succeed(1, &(struct pki_want){ 0 });
	ck_assert_int_eq(profile->get_state(profile), OBOL_READY);
	ck_assert(profile->has_credential(profile));
	ck_assert_uint_eq(profile->want(profile, now), 0);
	ck_assert_uint_eq(swan_logged("credential ready"), 1);
	ck_assert_uint_eq(swan_logged("local.id may be: alice"), 1);
}
END_TEST

START_TEST(test_password_is_asked_for)
{
	obol_login_t login = {};

	ck_assert(profile->wants_password(profile));
	ck_assert(!profile->has_password(profile));
	ck_assert_uint_eq(profile->want(profile, now), 0);
	ck_assert(!profile->begin(profile, &login, now + 1000000));
	profile->offer_password(profile, password("secret"), now);
	ck_assert(!profile->wants_password(profile));
	ck_assert_uint_eq(profile->want(profile, now), 10000);
	begin("secret");
	succeed(1, &(struct pki_want){ 0 });
	ck_assert(profile->has_password(profile));
}
END_TEST

START_TEST(test_refused_password)
{
	profile->offer_password(profile, password("wrong"), now);
	begin("wrong");
	fail_with(OBOL_CAUSE_AUTH, 0);
	ck_assert_int_eq(profile->get_due(profile, now), OBOL_NEVER);
	ck_assert(profile->wants_password(profile));
	profile->offer_password(profile, password("wrong"), now);
	ck_assert_int_eq(profile->get_due(profile, now), OBOL_NEVER);
	ck_assert_uint_eq(profile->want(profile, now + 3600000), 0);
	profile->offer_password(profile, password("right"), now);
	ck_assert_uint_eq(profile->want(profile, now), 10000);
	begin("right");
	succeed(1, &(struct pki_want){ 0 });
	ck_assert(profile->has_credential(profile));
}
END_TEST

START_TEST(test_refused_device)
{
	obol_login_t login = {};

	begin("device-of-alice.");
	fail_with(OBOL_CAUSE_AUTH, 0);
	/* the file is looked at again, but the same secret is not tried */
	now += pause_ms();
	ck_assert(!profile->begin(profile, &login, now));
	obol_login_clear(&login);
	ck_assert_int_gt(pause_ms(), 0);
	now += 2000;
	ck_assert_uint_gt(profile->want(profile, now), 0);
	ck_assert(!profile->begin(profile, &login, now));
	obol_login_clear(&login);
	ck_assert_uint_eq(profile->get_wait(profile, now), 0);
	/* with another one, the first who needs it has it tried */
	swan_device("home.device", "device-activated");
	now += 2000;
	ck_assert_uint_gt(profile->want(profile, now), 0);
	begin("device-activated");
	succeed(1, &(struct pki_want){ 0 });
}
END_TEST

START_TEST(test_missing_device_file)
{
	obol_login_t login = {};

	unlink(profile->get_options(profile)->device_file);
	ck_assert(!profile->begin(profile, &login, now));
	ck_assert_int_eq(profile->get_state(profile), OBOL_BACKOFF);
	ck_assert_uint_eq(swan_logged("(file)"), 1);
	ck_assert_uint_eq(swan_logged("obol activate"), 1);
	ck_assert_int_gt(pause_ms(), 0);
	swan_device("home.device", "device-of-alice.");
	now += pause_ms();
	begin("device-of-alice.");
}
END_TEST

START_TEST(test_backoff_grows)
{
	int64_t expected = OBOL_BACKOFF_MIN_MS;
	int i;

	for (i = 0; i < 12; i++)
	{
		begin("device-of-alice.");
		fail_with(OBOL_CAUSE_TIMEOUT, 0);
		ck_assert_int_ge(pause_ms(), expected * 3 / 4);
		ck_assert_int_le(pause_ms(), expected * 5 / 4 + 1);
		/* nobody waits for a server that has just failed */
		ck_assert_uint_eq(profile->want(profile, now), 0);
		now += pause_ms();
		expected *= 2;
		if (expected > OBOL_BACKOFF_MAX_MS)
		{
			expected = OBOL_BACKOFF_MAX_MS;
		}
	}
	begin("device-of-alice.");
	/* not even while it is tried again */
	ck_assert_uint_eq(profile->want(profile, now), 0);
	succeed(1, &(struct pki_want){ 0 });
	/* a success makes the next back-off short again */
	now += pause_ms();
	begin("device-of-alice.");
	fail_with(OBOL_CAUSE_TIMEOUT, 0);
	ck_assert_int_le(pause_ms(), OBOL_BACKOFF_MIN_MS * 5 / 4 + 1);
}
END_TEST

/* a credential that ends in ten minutes, by the wall clock, which stands still
 * here: an eighth of that is the longest pause */
START_TEST(test_backoff_minds_the_end)
{
	int i;

	begin("device-of-alice.");
	succeed(1, &(struct pki_want){ .valid_s = 600 });
	now += pause_ms();
	for (i = 0; i < 10; i++)
	{
		begin("device-of-alice.");
		fail_with(OBOL_CAUSE_UNREACHABLE, 0);
		ck_assert_int_le(pause_ms(), 600000 / 8);
		now += pause_ms();
	}
	ck_assert(profile->has_credential(profile));
}
END_TEST

START_TEST(test_backoff_has_jitter)
{
	int64_t first = 0;
	bool differs = false;
	int i;

	for (i = 0; i < 20 && !differs; i++)
	{
		profile->destroy(profile);
		profile_make();
		begin("device-of-alice.");
		fail_with(OBOL_CAUSE_TIMEOUT, 0);
		differs = i > 0 && pause_ms() != first;
		first = pause_ms();
	}
	ck_assert(differs);
}
END_TEST

START_TEST(test_need_shortens_backoff)
{
	int i;

	for (i = 0; i < 8; i++)
	{
		begin("device-of-alice.");
		fail_with(OBOL_CAUSE_TIMEOUT, 0);
		now += pause_ms();
	}
	begin("device-of-alice.");
	fail_with(OBOL_CAUSE_TIMEOUT, 0);
	ck_assert_int_gt(pause_ms(), 100000);
	ck_assert_uint_eq(profile->want(profile, now), 0);
	ck_assert_int_gt(pause_ms(), 1000);
	ck_assert_int_le(pause_ms(), 10000);
}
END_TEST

START_TEST(test_without_network)
{
	begin("device-of-alice.");
	fail_with(OBOL_CAUSE_UNREACHABLE, 0);
	ck_assert_uint_eq(profile->want(profile, now), 0);
	/* a response of the gateway tells that there is network now, and what
	 * failed at once may fail at once again */
	now += 1500;
	ck_assert_uint_eq(profile->want(profile, now), 2000);
	begin("device-of-alice.");
	ck_assert_uint_gt(profile->want(profile, now), 0);
	now += 1500;
	fail_with(OBOL_CAUSE_UNREACHABLE, 0);
	/* it took long this time */
	now += 1500;
	ck_assert_uint_eq(profile->want(profile, now), 0);
}
END_TEST

START_TEST(test_later)
{
	begin("device-of-alice.");
	fail_with(OBOL_CAUSE_LATER, 3600);
	ck_assert_int_ge(pause_ms(), 3600000);
	now += 60000;
	ck_assert_uint_eq(profile->want(profile, now), 0);
	profile->prefetch(profile, now);
	ck_assert_int_ge(pause_ms(), 3500000);
}
END_TEST

/* Never before the time that the server named, and not all at the same. */
START_TEST(test_later_has_jitter)
{
	int64_t first = 0;
	bool differs = false;
	int i;

	for (i = 0; i < 20; i++)
	{
		profile->destroy(profile);
		profile_make();
		begin("device-of-alice.");
		fail_with(OBOL_CAUSE_LATER, 60);
		ck_assert_int_ge(pause_ms(), 60000);
		ck_assert_int_le(pause_ms(), 75000);
		differs = differs || (i > 0 && pause_ms() != first);
		first = pause_ms();
	}
	ck_assert(differs);
}
END_TEST

START_TEST(test_failures_are_logged_once)
{
	begin("device-of-alice.");
	fail_with(OBOL_CAUSE_UNREACHABLE, 0);
	ck_assert_uint_eq(swan_logged("1 obol: profile 'home' could not"), 1);
	now += pause_ms();
	begin("device-of-alice.");
	fail_with(OBOL_CAUSE_UNREACHABLE, 0);
	ck_assert_uint_eq(swan_logged("1 obol: profile 'home' could not"), 1);
	ck_assert_uint_eq(swan_logged("2 obol: profile 'home' could not"), 1);
	now += pause_ms();
	begin("device-of-alice.");
	fail_with(OBOL_CAUSE_PORTAL, 0);
	ck_assert_uint_eq(swan_logged("1 obol: profile 'home' could not"), 2);
}
END_TEST

START_TEST(test_strangers)
{
	obol_fetch_result_t result = { .version = 1,
								   .n_failures = 7,
								   .last_failure_source = "192.0.2.66" };

	begin("device-of-alice.");
	result.bundle = pki_bundle(pki, &(struct pki_want){ 0 });
	profile->finish(profile, &result, "alice", now);
	obol_bundle_free(result.bundle);
	ck_assert_uint_eq(swan_logged("7 failed logins"), 1);
	ck_assert_uint_eq(swan_logged("from 192.0.2.66"), 1);
}
END_TEST

START_TEST(test_log_problem)
{
	profile->log_problem(profile, now);
	ck_assert_uint_eq(swan_logged("id = \"obol:alice@home\""), 1);
	profile->offer_password(profile, password("secret"), now);
	profile->log_problem(profile, now);
	ck_assert_uint_eq(swan_logged("it is being fetched"), 1);
	begin("secret");
	fail_with(OBOL_CAUSE_PORTAL, 0);
	profile->log_problem(profile, now);
	ck_assert_uint_eq(swan_logged("has no credential (portal)"), 1);
	ck_assert_uint_eq(swan_logged("next try in"), 1);
	now += pause_ms();
	begin("secret");
	succeed(1, &(struct pki_want){ 0 });
	swan_log_clear();
	profile->log_problem(profile, now);
	ck_assert_str_eq(swan_log(), "");
}
END_TEST

Suite *profile_suite(void);

Suite *profile_suite(void)
{
	Suite *suite = suite_create("profile");
	TCase *device = tcase_create("device");
	TCase *with_password = tcase_create("password");

	tcase_add_checked_fixture(device, profile_setup_device, profile_teardown);
	tcase_add_test(device, test_device_is_due_at_once);
	tcase_add_test(device, test_refused_device);
	tcase_add_test(device, test_missing_device_file);
	tcase_add_test(device, test_backoff_grows);
	tcase_add_test(device, test_backoff_minds_the_end);
	tcase_add_test(device, test_backoff_has_jitter);
	tcase_add_test(device, test_need_shortens_backoff);
	tcase_add_test(device, test_without_network);
	tcase_add_test(device, test_later);
	tcase_add_test(device, test_later_has_jitter);
	tcase_add_test(device, test_failures_are_logged_once);
	tcase_add_test(device, test_strangers);
	suite_add_tcase(suite, device);
	tcase_add_checked_fixture(with_password, profile_setup_password,
							  profile_teardown);
	tcase_add_test(with_password, test_password_is_asked_for);
	tcase_add_test(with_password, test_refused_password);
	tcase_add_test(with_password, test_log_problem);
	suite_add_tcase(suite, with_password);
	return suite;
}
