/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of plugin/obol_message.c: what the log says for each cause. */
#include "plugin/swan.h"

#include "obol_fetcher.h"
#include "obol_message.h"

#include <credentials/sets/mem_cred.h>

#include <string.h>

#define PASSWORD "Tr0ub4dor-and-3"

/* Causes that a server or a network provokes, and the step to take. */
static const struct {
	enum obol_cause cause;
	const char *name, *step;
} rows[] = {
	{ OBOL_CAUSE_RESOLVE, "resolve", "'server' with the address" },
	{ OBOL_CAUSE_UNREACHABLE, "unreachable", "TCP port 4501 or 443" },
	{ OBOL_CAUSE_TIMEOUT, "timeout", "'timeout'" },
	{ OBOL_CAUSE_PORTAL, "portal", "open any web page" },
	{ OBOL_CAUSE_TLS_CA, "tls-ca", "'tls_ca'" },
	{ OBOL_CAUSE_PIN, "pin", "Ask the operator" },
	{ OBOL_CAUSE_AUTH, "auth", "swanctl --load-creds" },
	{ OBOL_CAUSE_STOPPED, "stopped", "Log in once" },
	{ OBOL_CAUSE_LATER, "later", "try again in 90 s" },
	{ OBOL_CAUSE_DISABLED, "disabled", "Ask the operator to enable" },
	{ OBOL_CAUSE_NOT_ALLOWED, "not-allowed", "account's password" },
	{ OBOL_CAUSE_NOT_FOUND, "not-found", "obol list" },
	{ OBOL_CAUSE_ROLLBACK, "rollback", "restored from a backup" },
	{ OBOL_CAUSE_SEAL, "seal", "ask the operator" },
	{ OBOL_CAUSE_CREDENTIAL, "credential", "obol activate" },
	{ OBOL_CAUSE_EXPIRED, "expired", "obol activate" },
	{ OBOL_CAUSE_CLOCK, "clock", "Set the clock" },
	{ OBOL_CAUSE_KSF, "ksf", "ask the operator" },
	{ OBOL_CAUSE_PROTOCOL, "protocol", "Update obol" },
	{ OBOL_CAUSE_SERVER, "server", "tell the operator" },
	{ OBOL_CAUSE_FILE, "file", "strongswan.conf names it" },
	{ OBOL_CAUSE_PASSWORD, "password", "swanctl --load-creds" },
};

static bool never(void *data)
{
	(void)data;
	return false;
}

/* The log's line for one cause, which the caller frees. */
static char *provoke(enum obol_cause cause, const char *name)
{
	struct fake_server server = { .cause = cause, .retry_after_s = 90 };
	obol_keyring_t *keyring = obol_keyring_create();
	mem_cred_t *secrets = mem_cred_create();
	obol_fetcher_t *fetcher;
	const char *line;
	char mark[64];

	swan_password_profile();
	secrets->add_shared(
		secrets,
		shared_key_create(SHARED_EAP, chunk_clone(chunk_from_str(PASSWORD))),
		identification_create_from_string("obol:alice@home"), NULL);
	lib->credmgr->add_set(lib->credmgr, &secrets->set);
	fake_set("home", &server);
	fetcher = obol_fetcher_create(keyring);
	fetcher->await(fetcher, never, NULL);
	fetcher->log_problems(fetcher);
	fetcher->destroy(fetcher);
	keyring->destroy(keyring);
	lib->credmgr->remove_set(lib->credmgr, &secrets->set);
	secrets->destroy(secrets);
	ck_assert_str_eq(fake_seen("home").secret, PASSWORD);
	snprintf(mark, sizeof(mark), "could not be fetched (%s): ", name);
	line = strstr(swan_log(), mark);
	ck_assert_msg(line, "no line for '%s': %s", name, swan_log());
	return strndup(line, strcspn(line, "\n"));
}

START_TEST(test_cause)
{
	char *line = provoke(rows[_i].cause, rows[_i].name);

	ck_assert_msg(strstr(line, rows[_i].step), "%s: %s", rows[_i].name, line);
	/* also for who needed it, and nowhere a secret */
	ck_assert_uint_eq(swan_logged("1 obol: profile 'home' has no credential"),
					  1);
	ck_assert_msg(!strstr(swan_log(), PASSWORD), "%s", swan_log());
	ck_assert_msg(!strstr(swan_log(), "Tr0ub"), "%s", swan_log());
	free(line);
}
END_TEST

START_TEST(test_search_finds_a_planted_secret)
{
	DBG1(DBG_CFG, "a line with %s in it", PASSWORD);
	ck_assert_ptr_nonnull(strstr(swan_log(), PASSWORD));
}
END_TEST

START_TEST(test_device_has_other_steps)
{
	struct obol_error error = { .cause = OBOL_CAUSE_AUTH, .text = "No." };
	obol_options_t options = { .name = "home" };

	obol_message_failure(LEVEL_CTRL, &options, "failed", &error);
	ck_assert_uint_eq(swan_logged("(auth): No. It is not tried again until the "
								  "secret changes"), 1);
	options.device_file = "/home.device";
	obol_message_failure(LEVEL_CTRL, &options, "failed", &error);
	ck_assert_uint_eq(swan_logged("(auth): No. It is not tried again until the "
								  "device file changes"), 1);
}
END_TEST

START_TEST(test_retry)
{
	ck_assert_int_eq(obol_message_retry(OBOL_CAUSE_TIMEOUT),
					 OBOL_RETRY_BACKOFF);
	ck_assert_int_eq(obol_message_retry(OBOL_CAUSE_LATER), OBOL_RETRY_LATER);
	ck_assert_int_eq(obol_message_retry(OBOL_CAUSE_AUTH),
					 OBOL_RETRY_NEW_SECRET);
	ck_assert_int_eq(obol_message_retry(OBOL_CAUSE_PASSWORD),
					 OBOL_RETRY_NEW_SECRET);
	ck_assert_int_eq(obol_message_retry(1000), OBOL_RETRY_BACKOFF);
}
END_TEST

Suite *message_suite(void);

Suite *message_suite(void)
{
	Suite *suite = suite_create("message");
	TCase *tcase = tcase_create("message");

	tcase_add_checked_fixture(tcase, swan_setup, swan_teardown);
	tcase_add_loop_test(tcase, test_cause, 0, countof(rows));
	tcase_add_test(tcase, test_search_finds_a_planted_secret);
	tcase_add_test(tcase, test_device_has_other_steps);
	tcase_add_test(tcase, test_retry);
	suite_add_tcase(suite, tcase);
	return suite;
}
