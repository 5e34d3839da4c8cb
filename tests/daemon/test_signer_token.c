/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A real obold whose CA's key is in a PKCS#11 token. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/parent.h"
#include "daemon/running.h"
#include "issue/ca_key.h"
#include "support/run.h"
#include "support/softhsm.h"

#define LIMIT_MS 60000

static struct running r;
static struct softhsm hsm;
static bool is_here;
static struct obol_device device;

static void run(const char *command, const char *path)
{
	char line[1024];

	(void)snprintf(line, sizeof(line), "%s '%s'", command, path);
	ck_assert_int_eq(system(line), 0);
}

/* What the signer will be as, when this is root, may use the token. */
static void give_token_away(void)
{
	if (geteuid() == 0)
	{
		run("chown -R nobody:nogroup", tempdir_file(&hsm.dir, "tokens"));
		run("chmod 0755", hsm.dir.path);
	}
}

/* The CA that obold.conf names has its key in the token from now on. */
static void make_ca(void)
{
	struct obol_tokens tokens = { .first = NULL };
	const char *certificate = tempdir_file(&r.world.dir, "ca.crt");
	const char *key = tempdir_file(&r.world.dir, "ca.key");
	char why[512], text[1024];
	size_t n;

	softhsm_key(&hsm, "EC:secp256r1", "ca", "01");
	softhsm_key_file(&hsm, "ca.key", "token=obol;object=ca", SOFTHSM_PIN);
	n = tempdir_read(&hsm.dir, "ca.key", text, sizeof(text));
	tempdir_write(&r.world.dir, "ca.key", text, n, 0600);
	ck_assert_int_eq(unlink(certificate), 0);
	ck_assert_msg(obol_ca_create_for("Token CA", 1000 * DAY, certificate, key,
									 &tokens, obol_clock_system(), why,
									 sizeof(why)) == OBOL_OK,
				  "%s", why);
	obol_tokens_clear(&tokens);
	give_token_away();
}

static void write_pin(const char *pin)
{
	tempdir_write(&hsm.dir, "ca.key.pin", pin, strlen(pin), 0600);
}

static void setup(void)
{
	char extra[512];

	is_here = softhsm_init(&hsm);
	if (!is_here)
	{
		return;
	}
	(void)snprintf(extra, sizeof(extra),
				   "signer {\n\tuser = \"nobody\"\n\tgroup = \"nogroup\"\n"
				   "\ttoken_folders = { \"%s\" }\n}\n"
				   "crl {\n\tlifetime = \"1d\"\n}\n",
				   tempdir_file(&hsm.dir, "tokens"));
	running_init(&r, extra);
	r.is_unit = true;
	make_ca();
}

static void teardown(void)
{
	if (is_here)
	{
		running_clear(&r);
		softhsm_clear(&hsm);
	}
}

static void activate(void)
{
	struct obol_secret *password = obol_secret_dup(PASSWORD, strlen(PASSWORD));
	struct obol_client *c = running_client(&r);

	ck_assert_int_eq(log_in_by_code(c), OBOL_OK);
	ck_assert_int_eq(obol_client_activate(c, password, "laptop", &device),
					 OBOL_OK);
	obol_client_free(c);
	obol_secret_free(password);
}

/* Log in, which must work, and ask for a certificate. */
static enum obol_status issue(int *reply)
{
	struct obol_client *c = running_client(&r);
	enum obol_status status;

	ck_assert_int_eq(obol_client_login_device(c, &device), OBOL_OK);
	status = obol_client_issue(c, "vpn", NULL);
	*reply = obol_client_error(c)->reply;
	obol_client_free(c);
	return status;
}

static bool issues_within(unsigned limit_ms)
{
	uint64_t end = test_ms() + limit_ms;
	int reply;

	while (issue(&reply) != OBOL_OK)
	{
		if (test_ms() >= end)
		{
			return false;
		}
		test_sleep(100);
	}
	return true;
}

/* Certificates and the revocation list, in the sandbox, by another user. */
START_TEST(test_serves)
{
	int reply;

	if (!is_here)
	{
		return;
	}
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
	ck_assert(running_says(&r, "revocation list"));
	activate();
	ck_assert_msg(issue(&reply) == OBOL_OK, "%s", running_log(&r));
	ck_assert_int_eq(kill(r.pid, SIGHUP), 0);
	ck_assert(running_says(&r, "reloaded"));
	ck_assert_int_eq(issue(&reply), OBOL_OK);
	ck_assert_int_eq(running_stop(&r), 0);
	obol_secret_free(device.secret);
}
END_TEST

/* The token is taken out and put back: logins go on, certificates later. */
START_TEST(test_token_is_gone)
{
	int reply = 0;

	if (!is_here)
	{
		return;
	}
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
	activate();
	ck_assert_int_eq(issue(&reply), OBOL_OK);
	ck_assert_int_eq(rename(tempdir_file(&hsm.dir, "tokens"),
							tempdir_file(&hsm.dir, "drawer")),
					 0);
	ck_assert_int_eq(mkdir(tempdir_file(&hsm.dir, "tokens"), 0755), 0);
	ck_assert_int_ne(issue(&reply), OBOL_OK);
	ck_assert_int_eq(reply, OBOL_REPLY_TEMPORARY);
	ck_assert(running_says(&r, "is it still there?"));
	ck_assert_int_eq(rmdir(tempdir_file(&hsm.dir, "tokens")), 0);
	ck_assert_int_eq(rename(tempdir_file(&hsm.dir, "drawer"),
							tempdir_file(&hsm.dir, "tokens")),
					 0);
	ck_assert_msg(issues_within(LIMIT_MS), "%s", running_log(&r));
	ck_assert_int_eq(running_stop(&r), 0);
	obol_secret_free(device.secret);
}
END_TEST

/* Whatever starts it again, the token is asked once. */
START_TEST(test_wrong_pin)
{
	unsigned i;

	if (!is_here)
	{
		return;
	}
	write_pin("9999");
	ck_assert(!running_start(&r));
	ck_assert_int_eq(running_wait(&r), OBOL_EXIT_PIN_REFUSED);
	ck_assert_ptr_nonnull(strstr(running_log(&r), "is wrong"));
	ck_assert_ptr_null(strstr(running_log(&r), "9999"));
	for (i = 0; i < 2; i++)
	{
		ck_assert(!running_start(&r));
		ck_assert_int_eq(running_wait(&r), OBOL_EXIT_PIN_REFUSED);
		ck_assert_ptr_nonnull(strstr(running_log(&r), "none is tried"));
	}
	write_pin(SOFTHSM_PIN);
	ck_assert(softhsm_login(&hsm, SOFTHSM_PIN));
	give_token_away();
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
}
END_TEST

/* A PIN that has become wrong while obold runs: the signer's successor gives
 * it once, and refuses from then on; a reload tries again. */
START_TEST(test_pin_has_changed)
{
	int reply = 0;
	pid_t pid;

	if (!is_here)
	{
		return;
	}
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
	activate();
	write_pin("9999");
	ck_assert_uint_eq(running_processes(&r, "obold-signer", &pid, 1), 1);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert(running_says(&r, "is wrong"));
	ck_assert_int_ne(issue(&reply), OBOL_OK);
	ck_assert_int_eq(reply, OBOL_REPLY_TEMPORARY);
	ck_assert_uint_eq(running_processes(&r, "obold-signer", &pid, 1), 1);
	ck_assert_ptr_null(strstr(running_log(&r), "none is tried"));
	write_pin(SOFTHSM_PIN);
	ck_assert(softhsm_login(&hsm, SOFTHSM_PIN));
	give_token_away();
	ck_assert_int_eq(kill(r.pid, SIGHUP), 0);
	ck_assert(running_says(&r, "reloaded"));
	ck_assert_int_eq(issue(&reply), OBOL_OK);
	obol_secret_free(device.secret);
}
END_TEST

Suite *signer_token_suite(void);

Suite *signer_token_suite(void)
{
	Suite *suite = suite_create("signer: token");
	TCase *tcase = tcase_create("softhsm");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 90);
	tcase_add_test(tcase, test_serves);
	tcase_add_test(tcase, test_token_is_gone);
	tcase_add_test(tcase, test_wrong_pin);
	tcase_add_test(tcase, test_pin_has_changed);
	suite_add_tcase(suite, tcase);
	return suite;
}
