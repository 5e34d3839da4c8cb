/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol-signer reads its configuration anew, and is found by a name. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "daemon/far_signer.h"
#include "daemon/running.h"

static size_t n_lines(const char *wanted)
{
	const char *at = far_log();
	size_t n = 0;

	while ((at = strstr(at, wanted)))
	{
		at += strlen(wanted);
		n++;
	}
	return n;
}

static void wait_lines(const char *wanted, size_t n)
{
	uint64_t end = test_ms() + LIMIT_MS;

	while (n_lines(wanted) < n)
	{
		ck_assert_msg(test_ms() < end, "not %zu times '%s' in:\n%s", n, wanted,
					  far_log());
		test_sleep(10);
	}
}

static int64_t connected(void)
{
	struct obol_readings readings;
	int64_t value = -1;

	memset(&readings, 0, sizeof(readings));
	obol_readings_add(&readings, far.meter, true);
	ck_assert(obol_readings_gauge(&readings, OBOL_METRIC_SIGNER_CONNECTED, 0,
								  &value));
	return value;
}

/* Nobody who asks at any time notices. */
START_TEST(test_reload)
{
	struct obol_issuer *worker;
	unsigned i;

	far_configure("here", "");
	far_start();
	far_proxy_start("there");
	worker = far_ask(0);
	far_until_issued(worker);
	ck_assert_int_eq(connected(), 1);
	for (i = 1; i <= 3; i++)
	{
		far_signal(SIGHUP);
		while (n_lines("signer: reloaded") < i)
		{
			ck_assert_int_eq(far_issue_alice(worker), OBOL_OK);
		}
		ck_assert_int_eq(far_issue_alice(worker), OBOL_OK);
	}
	/* and the way to it is a new one each time */
	wait_lines(" is there", 2 * 4);
	ck_assert_ptr_null(strstr(far_log(), "is away"));
	obol_issuer_free(worker);
}
END_TEST

/* New rules hold at once, and so do new pins, also for who is connected. */
START_TEST(test_reload_changes)
{
	struct obol_issuer *worker;

	far_configure("here", "");
	far_start();
	far_proxy_start("there");
	worker = far_ask(0);
	far_until_issued(worker);
	far_configure("here", "\tnames = { \"@example.net\" }\n");
	far_signal(SIGHUP);
	wait_lines("signer: reloaded", 1);
	ck_assert_int_eq(far_issue_alice(worker), OBOL_ERR_DENIED);
	far_configure("stranger", "");
	far_signal(SIGHUP);
	wait_lines("signer: reloaded", 2);
	far_wait_log("it has none of the keys that signer.clients names");
	ck_assert_int_eq(far_issue_alice(worker), OBOL_ERR_IO);
	ck_assert_int_eq(connected(), 0);
	far_configure("here", "");
	far_signal(SIGHUP);
	far_until_issued(worker);
	ck_assert_int_eq(connected(), 1);
	obol_issuer_free(worker);
}
END_TEST

/* What cannot be used changes nothing: a file that is none, one that names
 * nobody, a key that is gone. */
START_TEST(test_reload_fails)
{
	static const struct {
		const char *text;
		const char *why;
	} bad[] = {
		{ "colour = \"red\"\n", "no such option 'colour'" },
		{ "server_name = \"vpn.example.org\"\n", "names nobody whom" },
	};
	struct obol_issuer *worker;
	unsigned i;

	far_configure("here", "");
	far_start();
	far_proxy_start("there");
	worker = far_ask(0);
	far_until_issued(worker);
	for (i = 0; i < 2; i++)
	{
		tempdir_write(&far.dir, "signer.conf", bad[i].text, strlen(bad[i].text),
					  0644);
		far_signal(SIGHUP);
		far_wait_log(bad[i].why);
		far_wait_log("nothing was reloaded");
		ck_assert_int_eq(far_issue_alice(worker), OBOL_OK);
	}
	far_configure("here", "");
	ck_assert_int_eq(rename(tempdir_file(&far.dir, "ca.key"),
							tempdir_file(&far.dir, "ca.away")),
					 0);
	far_signal(SIGHUP);
	far_wait_log("ca.key");
	ck_assert_int_eq(far_issue_alice(worker), OBOL_OK);
	ck_assert_int_eq(connected(), 1);
	ck_assert_uint_eq(n_lines("signer: reloaded"), 0);
	obol_issuer_free(worker);
}
END_TEST

/* The rate goes on over a reload: who can reload has no more of it. */
START_TEST(test_rate)
{
	struct obol_issuer *worker;
	unsigned n = 0, limit = 2000;

	far_configure("here", "\tper_second = 1\n");
	far_start();
	far_proxy_start("there");
	worker = far_ask(0);
	far_until_issued(worker);
	while (far_issue_alice(worker) == OBOL_OK)
	{
		ck_assert_uint_lt(++n, limit);
	}
	far_wait_log("there are too many of them");
	far_signal(SIGHUP);
	wait_lines("signer: reloaded", 1);
	/* not a whole bucket anew, but what time has given */
	for (limit = n, n = 0; far_issue_alice(worker) == OBOL_OK; n++)
	{
		ck_assert_uint_lt(n, limit / 2);
	}
	obol_issuer_free(worker);
}
END_TEST

START_TEST(test_end)
{
	far_configure("here", "");
	far_start();
	far_signal(SIGTERM);
	ck_assert_int_eq(far_wait(), 0);
}
END_TEST

/* The process that serves ends: so does the program, for systemd to see. */
START_TEST(test_server_killed)
{
	char path[64], text[64] = "";
	FILE *f;

	far_configure("here", "");
	far_start();
	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
				   (int)far.signer, (int)far.signer);
	f = fopen(path, "r");
	if (!f)
	{
		return; /* a kernel without that file */
	}
	ck_assert_ptr_nonnull(fgets(text, sizeof(text), f));
	(void)fclose(f);
	ck_assert_int_eq(kill((pid_t)atoi(text), SIGKILL), 0);
	ck_assert_int_eq(far_wait(), 1);
}
END_TEST

/*
 * Names
 */

START_TEST(test_name)
{
	struct obol_issuer *worker;

	far_configure("here", "");
	far_start();
	far.host = "localhost";
	far_proxy_start("there");
	worker = far_ask(0);
	far_until_issued(worker);
	/* looked up anew when it has been away */
	far_configure("here", "");
	far_kill();
	far_wait_log("is away");
	far_start();
	far_until_issued(worker);
	obol_issuer_free(worker);
}
END_TEST

Suite *signer_reload_suite(void);

Suite *signer_reload_suite(void)
{
	Suite *suite = suite_create("signer: reload");
	TCase *tcase = tcase_create("reload");

	tcase_add_checked_fixture(tcase, far_setup, far_teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_reload);
	tcase_add_test(tcase, test_reload_changes);
	tcase_add_test(tcase, test_reload_fails);
	tcase_add_test(tcase, test_rate);
	tcase_add_test(tcase, test_end);
	tcase_add_test(tcase, test_server_killed);
	tcase_add_test(tcase, test_name);
	suite_add_tcase(suite, tcase);
	return suite;
}
