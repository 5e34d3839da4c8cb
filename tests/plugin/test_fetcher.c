/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of plugin/obol_fetcher.c and plugin/obol_waiters.c. */
#include "plugin/swan.h"

#include "obol_fetcher.h"
#include "obol_shared.h"

#include <credentials/sets/mem_cred.h>
#include <processing/processor.h>
#include <threading/thread.h>

#include <string.h>

static struct pki *pki;
static struct obol_bundle *bundle;
static obol_keyring_t *keyring;
static obol_fetcher_t *fetcher;
/* secrets as swanctl would load them */
static mem_cred_t *secrets;

static void setup(void)
{
	swan_setup();
	pki = pki_new("root");
	bundle = pki_bundle(pki, &(struct pki_want){ 0 });
	keyring = obol_keyring_create();
	secrets = mem_cred_create();
	lib->credmgr->add_set(lib->credmgr, &secrets->set);
}

static void teardown(void)
{
	DESTROY_IF(fetcher);
	fetcher = NULL;
	lib->credmgr->remove_set(lib->credmgr, &secrets->set);
	secrets->destroy(secrets);
	keyring->destroy(keyring);
	obol_bundle_free(bundle);
	pki_free(pki);
	swan_teardown();
}

static void start(void)
{
	fetcher = obol_fetcher_create(keyring);
	ck_assert(fetcher);
}

/* A server that gives the bundle. */
static struct fake_server good(void)
{
	struct fake_server server = { .bundle = bundle, .version = 1 };

	return server;
}

static void serve(const char *host, const struct fake_server *server)
{
	fake_set(host, server);
}

static void add_secret(const char *owner, const char *text)
{
	shared_key_t *shared = shared_key_create(
		SHARED_EAP, chunk_clone(chunk_from_str((char *)text)));

	secrets->add_shared(
		secrets, shared,
		owner ? identification_create_from_string((char *)owner) : NULL, NULL);
}

static unsigned n_keys(void)
{
	return swan_count_keys(keyring->get_set(keyring));
}

static bool has_key(void *data)
{
	(void)data;
	return n_keys() > 0;
}

static bool never(void *data)
{
	(void)data;
	return false;
}

/* Time that await() takes, in milliseconds. */
static int64_t await_ms(obol_satisfied_t satisfied)
{
	int64_t begun = swan_now();

	fetcher->await(fetcher, satisfied, NULL);
	return swan_now() - begun;
}

START_TEST(test_prefetch)
{
	struct fake_server server = good();

	swan_profiles(false);
	serve("home", &server);
	start();
	/* nobody has asked for it */
	swan_wait(n_keys() == 1);
	ck_assert_uint_eq(fake_seen("home").n_logins, 1);
	ck_assert_str_eq(fake_seen("home").secret, "device-of-alice.");
	/* what is there is not waited for */
	ck_assert_int_lt(await_ms(never), SWAN_AT_ONCE_MS);
	ck_assert_uint_eq(fake_seen("home").n_logins, 1);
}
END_TEST

static unsigned n_trusted(const char *name)
{
	identification_t *id = identification_create_from_string((char *)name);
	unsigned n = swan_count_certs(keyring->get_set(keyring), CERT_ANY, KEY_ANY,
								  id, TRUE);

	id->destroy(id);
	return n;
}

/* A set of CA certificates comes along, also beside a credential that is held
 * already. */
START_TEST(test_anchors)
{
	struct pki *next = pki_new("next root");
	struct obol_anchors *set = pki_anchors(pki, next, 1);
	struct fake_server server = good();

	swan_profiles(false);
	serve("home", &server);
	start();
	swan_wait(n_keys() == 1);
	ck_assert_uint_eq(n_trusted("CN=next root"), 0);
	server.anchors = set;
	serve("home", &server);
	fetcher->reload(fetcher);
	swan_wait(n_trusted("CN=next root") == 1);
	ck_assert_uint_eq(n_trusted("CN=root"), 1);
	ck_assert_uint_eq(fake_seen("home").n_unchanged, 1);
	swan_wait(swan_logged("set 1 of CA certificates is trusted") == 1);
	obol_anchors_free(set);
	pki_free(next);
}
END_TEST

/* One that is refused harms nobody, and is told. */
START_TEST(test_anchors_refused)
{
	struct fake_server server = good();

	server.anchors_cause = OBOL_CAUSE_ANCHORS;
	swan_profiles(false);
	serve("home", &server);
	start();
	swan_wait(n_keys() == 1);
	swan_wait(swan_logged("has not taken the newest set") == 1);
	ck_assert_uint_eq(n_trusted("CN=root"), 1);
}
END_TEST

START_TEST(test_start_does_not_wait)
{
	struct fake_server server = { .delay_ms = 60000 };
	int64_t begun = swan_now();

	swan_profiles(false);
	serve("home", &server);
	start();
	ck_assert_int_lt(swan_now() - begun, SWAN_AT_ONCE_MS);
}
END_TEST

/** Threads that have begun to wait. */
static refcount_t n_waiting;

static void *await_thread(void *data)
{
	ref_get(&n_waiting);
	fetcher->await(fetcher, data, NULL);
	return NULL;
}

START_TEST(test_single_flight)
{
	struct fake_server server = good();
	thread_t *threads[SWAN_THREADS / 2];
	int i;

	swan_profiles(false);
	server.delay_ms = 300;
	serve("home", &server);
	start();
	for (i = 0; i < SWAN_THREADS / 2; i++)
	{
		threads[i] = thread_create(await_thread, has_key);
	}
	for (i = 0; i < SWAN_THREADS / 2; i++)
	{
		threads[i]->join(threads[i]);
	}
	ck_assert_uint_eq(n_keys(), 1);
	ck_assert_uint_eq(fake_seen("home").n_logins, 1);
	ck_assert_uint_eq(swan_logged("not waiting"), 0);
}
END_TEST

START_TEST(test_half_of_the_threads_wait)
{
	struct fake_server server = { .delay_ms = 60000 };
	thread_t *threads[SWAN_THREADS / 2];
	int i;

	swan_profiles(false);
	serve("home", &server);
	start();
	n_waiting = 0;
	for (i = 0; i < SWAN_THREADS / 2; i++)
	{
		threads[i] = thread_create(await_thread, never);
	}
	swan_wait(ref_cur(&n_waiting) == SWAN_THREADS / 2);
	/* they are in await() by now */
	usleep(200000);
	ck_assert_int_lt(await_ms(never), SWAN_AT_ONCE_MS);
	ck_assert_uint_eq(swan_logged("half of the worker threads"), 1);
	for (i = 0; i < SWAN_THREADS / 2; i++)
	{
		threads[i]->join(threads[i]);
	}
}
END_TEST

START_TEST(test_wait_is_bounded)
{
	struct fake_server server = { .delay_ms = 60000 };
	int64_t ms;

	swan_profiles(false);
	swan_set("timeout", "6s");
	serve("home", &server);
	start();
	ms = await_ms(never);
	ck_assert_int_ge(ms, 5000);
	ck_assert_int_le(ms, 30000);
	/* and nobody waits for it again */
	ck_assert_int_lt(await_ms(never), SWAN_AT_ONCE_MS);
}
END_TEST

START_TEST(test_two_at_once)
{
	struct fake_server server = good();

	swan_profiles(true);
	server.delay_ms = 300;
	serve("home", &server);
	serve("work", &server);
	start();
	fetcher->await(fetcher, never, NULL);
	ck_assert_uint_eq(fake_at_once_max(), 2);
	ck_assert_str_eq(fake_seen("work").secret, "device-of-bobby.");
}
END_TEST

START_TEST(test_one_silent)
{
	struct fake_server silent = { .delay_ms = 60000 }, server = good();

	swan_profiles(true);
	server.delay_ms = 100;
	serve("home", &server);
	serve("work", &silent);
	start();
	/* who needs the one is not kept waiting for the other */
	ck_assert_int_lt(await_ms(has_key), SWAN_AT_ONCE_MS);
	ck_assert_uint_eq(n_keys(), 1);
}
END_TEST

START_TEST(test_backoff_returns_at_once)
{
	struct fake_server server = { .cause = OBOL_CAUSE_SERVER };

	swan_profiles(false);
	serve("home", &server);
	start();
	swan_wait(swan_logged("(server)") == 1);
	ck_assert_int_lt(await_ms(never), SWAN_AT_ONCE_MS);
	ck_assert_int_lt(await_ms(never), SWAN_AT_ONCE_MS);
	ck_assert_uint_eq(fake_seen("home").n_logins, 1);
}
END_TEST

START_TEST(test_network_comes_late)
{
	struct fake_server server = good();

	swan_profiles(false);
	start();
	swan_wait(swan_logged("(unreachable)") == 1);
	ck_assert_int_lt(await_ms(never), SWAN_AT_ONCE_MS);
	serve("home", &server);
	usleep(1100000);
	ck_assert_int_lt(await_ms(has_key), SWAN_AT_ONCE_MS);
	ck_assert_uint_eq(n_keys(), 1);
}
END_TEST

START_TEST(test_shutdown_of_the_daemon)
{
	struct fake_server silent = { .delay_ms = 60000 };
	thread_t *thread;
	int64_t begun;

	swan_profiles(false);
	serve("home", &silent);
	start();
	thread = thread_create(await_thread, never);
	usleep(200000);
	begun = swan_now();
	/* as charon does first of all */
	lib->processor->set_threads(lib->processor, 0);
	thread->join(thread);
	ck_assert_int_lt(swan_now() - begun, SWAN_AT_ONCE_MS);
	/* and then nobody waits any more */
	ck_assert_int_lt(await_ms(never), SWAN_AT_ONCE_MS);
}
END_TEST

START_TEST(test_unload_during_a_fetch)
{
	struct fake_server silent = { .delay_ms = 60000 };
	thread_t *thread;
	int64_t begun;

	swan_profiles(true);
	serve("home", &silent);
	serve("work", &silent);
	start();
	n_waiting = 0;
	thread = thread_create(await_thread, never);
	swan_wait(ref_cur(&n_waiting) == 1 && fake_at_once_max() == 2);
	/* it is in await() by now, which is what unloading has to end */
	usleep(100000);
	begun = swan_now();
	fetcher->destroy(fetcher);
	fetcher = NULL;
	ck_assert_int_lt(swan_now() - begun, SWAN_AT_ONCE_MS);
	thread->join(thread);
	ck_assert_int_lt(swan_now() - begun, SWAN_AT_ONCE_MS);
}
END_TEST

/* Owners of a secret, and whether it is ours. */
static const struct {
	const char *owner;
	bool ours;
} owners[] = {
	{ NULL, false },
	{ "%any", false },
	{ "alice", false },
	{ "alice@home", false },
	{ "obol:alice@work", false },
	{ "obol:alicia@home", false },
	{ "obol:*@home", false },
	{ "obol:alice@home", true },
};

START_TEST(test_owner_of_the_password)
{
	struct fake_server server = good();

	swan_password_profile();
	add_secret(owners[_i].owner, "somebody's EAP password");
	serve("home", &server);
	start();
	fetcher->await(fetcher, has_key, NULL);
	ck_assert_uint_eq(fake_seen("home").n_logins, owners[_i].ours ? 1 : 0);
	ck_assert_uint_eq(n_keys(), owners[_i].ours ? 1 : 0);
}
END_TEST

START_TEST(test_wrong_password)
{
	struct fake_server server = good();

	swan_password_profile();
	server.right_secret = "right";
	serve("home", &server);
	add_secret("obol:alice@home", "wrong");
	start();
	fetcher->await(fetcher, has_key, NULL);
	ck_assert_uint_eq(fake_seen("home").n_logins, 1);
	ck_assert_uint_eq(swan_logged("(auth)"), 1);
	fetcher->await(fetcher, has_key, NULL);
	fetcher->reload(fetcher);
	usleep(200000);
	fetcher->await(fetcher, has_key, NULL);
	ck_assert_uint_eq(fake_seen("home").n_logins, 1);
	/* until it changes */
	secrets->clear_secrets(secrets);
	add_secret("obol:alice@home", "right");
	fetcher->await(fetcher, has_key, NULL);
	ck_assert_uint_eq(fake_seen("home").n_logins, 2);
	ck_assert_uint_eq(n_keys(), 1);
}
END_TEST

START_TEST(test_reload_finds_a_password)
{
	struct fake_server server = good();

	swan_password_profile();
	serve("home", &server);
	start();
	add_secret("obol:alice@home", "secret");
	fetcher->reload(fetcher);
	swan_wait(n_keys() == 1);
}
END_TEST

START_TEST(test_reload_after_logout)
{
	struct fake_server server = good();

	swan_password_profile();
	serve("home", &server);
	add_secret("obol:alice@home", "secret");
	start();
	fetcher->await(fetcher, has_key, NULL);
	ck_assert_uint_eq(n_keys(), 1);
	secrets->clear_secrets(secrets);
	fetcher->reload(fetcher);
	swan_wait(n_keys() == 0);
	ck_assert_uint_eq(swan_logged("its password is gone"), 1);
	fetcher->await(fetcher, has_key, NULL);
	ck_assert_uint_eq(fake_seen("home").n_logins, 1);
}
END_TEST

START_TEST(test_reload_asks_for_the_current_version)
{
	struct fake_server server = good();

	swan_profiles(false);
	serve("home", &server);
	start();
	swan_wait(n_keys() == 1);
	fetcher->reload(fetcher);
	swan_wait(fake_seen("home").n_unchanged == 1);
	/* another device has renewed it */
	obol_bundle_free(bundle);
	bundle = pki_bundle(pki, &(struct pki_want){ .san = "email:new@home" });
	server = good();
	server.version = 2;
	serve("home", &server);
	fetcher->reload(fetcher);
	swan_wait(swan_logged("local.id may be: new@home") == 1);
	ck_assert_uint_eq(n_keys(), 1);
}
END_TEST

START_TEST(test_renews_by_itself)
{
	struct fake_server server = good();
	struct obol_bundle *next;

	swan_profiles(false);
	obol_bundle_free(bundle);
	bundle = pki_bundle(pki, &(struct pki_want){ .valid_s = 8 });
	next = pki_bundle(pki, &(struct pki_want){ .san = "email:new@home" });
	server = good();
	server.renewed = next;
	serve("home", &server);
	start();
	swan_wait(n_keys() == 1);
	swan_wait(swan_logged("local.id may be: new@home") == 1);
	ck_assert_uint_eq(fake_seen("home").n_renewals, 1);
	ck_assert_uint_eq(n_keys(), 1);
	obol_bundle_free(next);
}
END_TEST

START_TEST(test_reload_with_other_profiles)
{
	struct fake_server server = good(), silent = { .delay_ms = 60000 };

	swan_profiles(true);
	serve("home", &server);
	serve("work", &silent);
	serve("elsewhere", &server);
	start();
	swan_wait(n_keys() == 1 && fake_at_once_max() > 0);
	/* a fetch that nobody wants any more ends, the new one begins */
	swan_set("profiles.work.account", "bob@elsewhere");
	swan_set("profiles.home.account", "");
	fetcher->reload(fetcher);
	swan_wait(fake_seen("elsewhere").n_logins == 1);
	swan_wait(swan_logged("profile 'work': credential ready") == 1);
	ck_assert_uint_eq(n_keys(), 1);
	ck_assert_uint_eq(swan_logged("profile 'home' is not used"), 1);
}
END_TEST

START_TEST(test_time_to_live_ends)
{
	struct fake_server server = good();

	obol_bundle_free(bundle);
	bundle = pki_bundle(pki, &(struct pki_want){ .ttl_s = 4 });
	server = good();
	swan_profiles(false);
	serve("home", &server);
	start();
	swan_wait(n_keys() == 1);
	server.cause = OBOL_CAUSE_SERVER;
	serve("home", &server);
	swan_wait(n_keys() == 0);
	ck_assert_uint_eq(swan_logged("the credential's time is over"), 1);
}
END_TEST

START_TEST(test_undecodable)
{
	struct obol_secret *key = obol_secret_dup("no key", 6);
	struct obol_bundle_parts parts = { .key = key, .n_chain = 1, .n_cas = 1 };
	struct obol_bundle *bad = NULL;
	struct fake_server server = good();

	parts.chain[0] = obol_bundle_chain(bundle, 0);
	parts.cas[0] = obol_bundle_ca(bundle, 0);
	ck_assert_int_eq(obol_bundle_new(&parts, &bad), OBOL_OK);
	server.bundle = bad;
	swan_profiles(false);
	serve("home", &server);
	start();
	swan_wait(swan_logged("(credential)") == 1);
	ck_assert_uint_eq(n_keys(), 0);
	obol_bundle_free(bad);
	obol_secret_free(key);
}
END_TEST

Suite *fetcher_suite(void);

Suite *fetcher_suite(void)
{
	Suite *suite = suite_create("fetcher");
	TCase *tcase = tcase_create("fetcher");
	TCase *slow = tcase_create("slow");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_prefetch);
	tcase_add_test(tcase, test_anchors);
	tcase_add_test(tcase, test_anchors_refused);
	tcase_add_test(tcase, test_start_does_not_wait);
	tcase_add_test(tcase, test_single_flight);
	tcase_add_test(tcase, test_half_of_the_threads_wait);
	tcase_add_test(tcase, test_wait_is_bounded);
	tcase_add_test(tcase, test_two_at_once);
	tcase_add_test(tcase, test_one_silent);
	tcase_add_test(tcase, test_backoff_returns_at_once);
	tcase_add_test(tcase, test_network_comes_late);
	tcase_add_test(tcase, test_shutdown_of_the_daemon);
	tcase_add_test(tcase, test_unload_during_a_fetch);
	tcase_add_loop_test(tcase, test_owner_of_the_password, 0, countof(owners));
	tcase_add_test(tcase, test_wrong_password);
	tcase_add_test(tcase, test_reload_finds_a_password);
	tcase_add_test(tcase, test_reload_after_logout);
	tcase_add_test(tcase, test_reload_asks_for_the_current_version);
	tcase_add_test(tcase, test_reload_with_other_profiles);
	tcase_add_test(tcase, test_time_to_live_ends);
	tcase_add_test(tcase, test_undecodable);
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(slow, setup, teardown);
	tcase_set_timeout(slow, 20);
	tcase_add_test(slow, test_renews_by_itself);
	suite_add_tcase(suite, slow);
	return suite;
}
