/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of plugin/obol_profile.c: the time is an argument, nothing waits. */
#include "plugin/swan.h"

#include "obol_now.h"
#include "obol_profile.h"

#include <string.h>
#include <time.h>

static struct pki *pki;
static obol_profile_t *profile;
static int64_t now;

/* The profile of the only one that is configured. */
static void make_profile(void)
{
	linked_list_t *list = obol_options_load();
	obol_options_t *options;

	ck_assert(list->remove_first(list, (void **)&options) == SUCCESS);
	list->destroy(list);
	profile = obol_profile_create(options);
	now = obol_now_ms();
}

static void setup_device(void)
{
	swan_setup();
	pki = pki_new("root");
	swan_profiles(false);
	make_profile();
}

static void setup_password(void)
{
	swan_setup();
	pki = pki_new("root");
	swan_password_profile();
	make_profile();
}

static void teardown(void)
{
	profile->destroy(profile);
	pki_free(pki);
	swan_teardown();
}

static struct obol_secret *password(const char *text)
{
	return obol_secret_dup(text, strlen(text));
}

/* Begin a fetch, which must be due, with the given secret. */
static void begin(const char *secret)
{
	obol_login_t login = {};
	struct obol_bytes view;

	ck_assert_int_le(profile->get_due(profile, now), now);
	ck_assert(profile->begin(profile, &login, now));
	ck_assert_int_eq(profile->get_state(profile), OBOL_FETCHING);
	view = obol_secret_view(login.device.secret ? login.device.secret
												: login.password);
	ck_assert(view.len == strlen(secret) &&
			  !memcmp(view.ptr, secret, view.len));
	obol_login_clear(&login);
}

static void fail_with(enum obol_cause cause, uint32_t retry_after_s)
{
	obol_fetch_result_t result = {
		.error = { .cause = cause,
				   .retry_after_s = retry_after_s,
				   .text = "It did not work." },
	};

	profile->finish(profile, &result, NULL, now);
	ck_assert_int_eq(profile->get_state(profile), OBOL_BACKOFF);
}

static void succeed(uint64_t version, const struct pki_want *want)
{
	obol_fetch_result_t result = { .version = version };

	if (want)
	{
		result.bundle = pki_bundle(pki, want);
	}
	profile->finish(profile, &result, want ? "alice" : NULL, now);
	obol_bundle_free(result.bundle);
}

/* Milliseconds until something is due. */
static int64_t pause_ms(void)
{
	return profile->get_due(profile, now) - now;
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
		make_profile();
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

	tcase_add_checked_fixture(device, setup_device, teardown);
	tcase_add_test(device, test_device_is_due_at_once);
	tcase_add_test(device, test_refused_device);
	tcase_add_test(device, test_missing_device_file);
	tcase_add_test(device, test_backoff_grows);
	tcase_add_test(device, test_backoff_minds_the_end);
	tcase_add_test(device, test_backoff_has_jitter);
	tcase_add_test(device, test_need_shortens_backoff);
	tcase_add_test(device, test_without_network);
	tcase_add_test(device, test_later);
	tcase_add_test(device, test_renewal);
	tcase_add_test(device, test_time_to_live);
	tcase_add_test(device, test_expiry_makes_a_fetch_due);
	tcase_add_test(device, test_held_version);
	tcase_add_test(device, test_renewal_at_its_moment);
	tcase_add_test(device, test_renewal_fails);
	tcase_add_test(device, test_renewal_gains_nothing);
	tcase_add_test(device, test_renew_now);
	tcase_add_test(device, test_account_ends);
	tcase_add_test(device, test_failures_are_logged_once);
	tcase_add_test(device, test_strangers);
	suite_add_tcase(suite, device);
	tcase_add_checked_fixture(with_password, setup_password, teardown);
	tcase_add_test(with_password, test_password_is_asked_for);
	tcase_add_test(with_password, test_refused_password);
	tcase_add_test(with_password, test_log_problem);
	suite_add_tcase(suite, with_password);
	return suite;
}
