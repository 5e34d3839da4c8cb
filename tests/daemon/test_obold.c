/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program as it runs: TLS, processes, signals, limits. */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/running.h"
#include "issue/tls_self.h"
#include "support/run.h"

/* turns of 10 ms: costs time only where something fails */
#define PATIENCE 6000

static struct running r;

static void setup(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
}

static void teardown(void)
{
	running_clear(&r);
}

static void begin(const char *extra)
{
	running_init(&r, extra);
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
}

START_TEST(test_whole_life)
{
	struct obol_secret *password = obol_secret_dup(PASSWORD, strlen(PASSWORD));
	struct obol_bundle *bundle = NULL;
	struct obol_device device;
	struct obol_client *c;
	uint64_t version = 0;

	begin("");
	c = running_client(&r);
	ck_assert_msg(log_in_by_code(c) == OBOL_OK, "%s",
				  obol_client_error(c)->text);
	ck_assert_msg(obol_client_activate(c, password, "laptop", &device) ==
					  OBOL_OK,
				  "%s", obol_client_error(c)->text);
	ck_assert_msg(obol_client_issue(c, "vpn", NULL) == OBOL_OK, "%s",
				  obol_client_error(c)->text);
	obol_client_free(c);
	c = running_client(&r);
	ck_assert_msg(obol_client_login_device(c, &device) == OBOL_OK, "%s",
				  obol_client_error(c)->text);
	ck_assert_msg(obol_client_fetch(c, "vpn", 0, &bundle, &version) == OBOL_OK,
				  "%s", obol_client_error(c)->text);
	ck_assert_uint_eq(version, 1);
	ck_assert_int_eq(obol_bundle_check(bundle, obol_now(obol_clock_system())),
					 OBOL_BUNDLE_GOOD);
	obol_bundle_free(bundle);
	obol_client_free(c);
	obol_secret_free(device.secret);
	obol_secret_free(password);
	ck_assert(running_says(&r, "certificate issued: CN=alice; "
							   "email:alice@vpn.example.org"));
}
END_TEST

START_TEST(test_sigterm)
{
	uint64_t start;
	SSL *ssl;

	begin("");
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	tls_close(ssl);
	start = test_ms();
	ck_assert_int_eq(running_stop(&r), 0);
	/* not after the time that clients would have had */
	ck_assert_uint_lt(test_ms() - start, 15000);
	ck_assert_ptr_nonnull(strstr(running_log(&r), "ended"));
}
END_TEST

START_TEST(test_sigterm_with_a_client_that_stays)
{
	struct obol_credential_info *items = NULL;
	struct obol_client *c;
	uint64_t start;
	size_t n;

	begin("timeouts {\n\tdrain = \"3s\"\n}\n");
	c = running_client(&r);
	ck_assert_int_eq(log_in_by_code(c), OBOL_OK);
	ck_assert_int_eq(obol_client_list(c, &items, &n), OBOL_OK);
	free(items);
	start = test_ms();
	ck_assert_int_eq(kill(r.pid, SIGTERM), 0);
	/* not at rest yet: a request goes through */
	ck_assert_msg(obol_client_list(c, &items, &n) == OBOL_OK, "%s",
				  obol_client_error(c)->text);
	free(items);
	ck_assert_int_eq(running_wait(&r), 0);
	/* not after the minute that it may be idle */
	ck_assert_uint_lt(test_ms() - start, 30000);
	obol_client_free(c);
}
END_TEST

START_TEST(test_sighup)
{
	struct obol_credential_info *items = NULL;
	pid_t before[8], after[8];
	struct obol_client *c;
	size_t n;
	SSL *ssl;

	begin("");
	ck_assert_uint_eq(running_workers(&r, before, 8), 2);
	c = running_client(&r);
	ck_assert_int_eq(log_in_by_code(c), OBOL_OK);
	ck_assert_int_eq(obol_client_list(c, &items, &n), OBOL_OK);
	free(items);
	running_configure(&r, "log_level = \"debug\"\n");
	ck_assert_int_eq(kill(r.pid, SIGHUP), 0);
	ck_assert_msg(running_says(&r, "daemon: reloaded"), "%s", running_log(&r));
	/* whoever is logged in goes on with the old worker */
	ck_assert_msg(obol_client_list(c, &items, &n) == OBOL_OK, "%s",
				  obol_client_error(c)->text);
	free(items);
	obol_client_free(c);
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	tls_close(ssl);
	for (n = 0; n < PATIENCE && running_workers(&r, after, 8) != 2; n++)
	{
		test_sleep(10);
	}
	ck_assert_uint_eq(running_workers(&r, after, 8), 2);
	ck_assert_int_ne(before[0], after[0]);
	ck_assert_int_ne(before[0], after[1]);
}
END_TEST

START_TEST(test_sighup_with_a_bad_file)
{
	pid_t before[8], after[8];
	SSL *ssl;

	begin("");
	ck_assert_uint_eq(running_workers(&r, before, 8), 2);
	running_configure(&r, "colour = \"red\"\n");
	ck_assert_int_eq(kill(r.pid, SIGHUP), 0);
	ck_assert(running_says(&r, "goes on as before"));
	ck_assert_ptr_nonnull(strstr(running_log(&r), "colour"));
	ck_assert_uint_eq(running_workers(&r, after, 8), 2);
	ck_assert_mem_eq(before, after, 2 * sizeof(pid_t));
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	tls_close(ssl);
}
END_TEST

START_TEST(test_killed_worker)
{
	pid_t pids[8];
	size_t n, i;
	SSL *ssl;

	begin("");
	n = running_workers(&r, pids, 8);
	for (i = 0; i < n; i++)
	{
		ck_assert_int_eq(kill(pids[i], SIGKILL), 0);
	}
	ck_assert(running_says(&r, "was killed by signal 9"));
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	tls_close(ssl);
	for (i = 0; i < PATIENCE && running_workers(&r, pids, 8) != n; i++)
	{
		test_sleep(10);
	}
	ck_assert_uint_eq(running_workers(&r, pids, 8), n);
}
END_TEST

/* A keeper takes its worker with it, and both come back. */
START_TEST(test_killed_keeper)
{
	pid_t before[8], after[8];
	struct obol_client *c;
	size_t n, i;

	begin("");
	n = running_processes(&r, "obold-keeper", before, 8);
	ck_assert_uint_eq(n, 2);
	for (i = 0; i < n; i++)
	{
		ck_assert_int_eq(kill(before[i], SIGKILL), 0);
	}
	ck_assert(running_says(&r, "was killed by signal 9"));
	c = running_client(&r);
	ck_assert_msg(log_in_by_code(c) == OBOL_OK, "%s",
				  obol_client_error(c)->text);
	obol_client_free(c);
	/* pairs: the worker of a killed keeper comes anew too */
	for (i = 0; i < PATIENCE &&
				(running_processes(&r, "obold-keeper", after, 8) != n ||
				 running_workers(&r, after, 8) != n);
		 i++)
	{
		test_sleep(10);
	}
	ck_assert_uint_eq(running_processes(&r, "obold-keeper", after, 8), n);
	ck_assert_uint_eq(running_workers(&r, after, 8), n);
}
END_TEST

static bool status_says(pid_t pid, const char *line)
{
	char path[64], text[8192] = "";
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	(void)!fread(text, 1, sizeof(text) - 1, f);
	(void)fclose(f);
	return strstr(text, line) != NULL;
}

/* Each process has its filter, and its death by it is told. */
START_TEST(test_confined)
{
	pid_t pids[8] = { 0 };
	size_t n, i;

	begin("");
	pids[0] = r.pid;
	n = 1 + running_workers(&r, pids + 1, 3);
	n += running_processes(&r, "obold-keeper", pids + n, 3);
	n += running_processes(&r, "obold-signer", pids + n, 1);
	n += running_processes(&r, "obold-publisher", pids + n, 1);
	ck_assert_uint_eq(n, 7);
	for (i = 0; i < n; i++)
	{
		ck_assert(status_says(pids[i], "\nSeccomp:\t2\n"));
		ck_assert(status_says(pids[i], "\nNoNewPrivs:\t1\n"));
	}
	ck_assert_int_eq(kill(pids[1], SIGSYS), 0);
	ck_assert(running_says(&r, "a system call that its sandbox forbids"));
	ck_assert_ptr_nonnull(strstr(running_log(&r), "worker "));
}
END_TEST

/* Nobody notices but who wants a certificate in that second. */
START_TEST(test_killed_signer)
{
	struct obol_secret *password = obol_secret_dup(PASSWORD, strlen(PASSWORD));
	struct obol_device device;
	struct obol_client *c;
	pid_t workers[8], pids[8];

	begin("");
	ck_assert_uint_eq(running_workers(&r, workers, 8), 2);
	c = running_client(&r);
	ck_assert_int_eq(log_in_by_code(c), OBOL_OK);
	ck_assert_int_eq(obol_client_activate(c, password, "laptop", &device),
					 OBOL_OK);
	ck_assert_uint_eq(running_processes(&r, "obold-signer", pids, 8), 1);
	ck_assert_int_eq(kill(pids[0], SIGKILL), 0);
	ck_assert_msg(obol_client_issue(c, "vpn", NULL) == OBOL_OK, "%s",
				  obol_client_error(c)->text);
	ck_assert(running_says(&r, "signer "));
	ck_assert_uint_eq(running_workers(&r, pids, 8), 2);
	ck_assert_mem_eq(workers, pids, 2 * sizeof(pid_t));
	obol_client_free(c);
	obol_secret_free(device.secret);
	obol_secret_free(password);
}
END_TEST

START_TEST(test_killed_parent)
{
	pid_t pids[8];
	size_t n, i, left = 1;

	begin(SHORT);
	n = running_workers(&r, pids, 8);
	ck_assert_int_eq(kill(r.pid, SIGKILL), 0);
	ck_assert_int_eq(running_wait(&r), -1);
	for (i = 0; i < PATIENCE && left; i++)
	{
		size_t j;

		for (left = 0, j = 0; j < n; j++)
		{
			left += kill(pids[j], 0) == 0;
		}
		test_sleep(10);
	}
	ck_assert_uint_eq(left, 0);
}
END_TEST

START_TEST(test_two_on_one_port)
{
	struct running second;

	begin("");
	running_init(&second, "");
	second.port = r.port;
	running_configure(&second, "");
	ck_assert(!running_start(&second));
	ck_assert_int_eq(running_wait(&second), 1);
	ck_assert_msg(strstr(running_log(&second), "another program listens"), "%s",
				  running_log(&second));
	running_clear(&second);
}
END_TEST

START_TEST(test_bad_starts)
{
	static const struct {
		const char *extra;
		const char *says;
	} rows[] = {
		{ "colour = \"red\"\n", "no such option 'colour'" },
		{ "keys = \"/nonexistent/keys\"\n", "/nonexistent/keys" },
		{ "database = \"/nonexistent/db\"\n", "/nonexistent/db" },
		{ "user = \"no-such-user\"\n", "no-such-user" },
		{ "tls {\n\tkey = \"/dev/null\"\n}\n", "/dev/null" },
		{ "ca {\n\tkey = \"/dev/null\"\n}\n", "/dev/null" },
		{ "listen = { \"192.0.2.77:4501\" }\n", "no such address" },
	};
	/* only root can become somebody */
	bool is_skipped = geteuid() != 0 && strstr(rows[_i].extra, "user");

	running_init(&r, rows[_i].extra);
	if (is_skipped)
	{
		return;
	}
	ck_assert(!running_start(&r));
	ck_assert_int_eq(running_wait(&r), 1);
	ck_assert_msg(strstr(running_log(&r), rows[_i].says), "%s",
				  running_log(&r));
}
END_TEST

START_TEST(test_bad_key_file)
{
	uint8_t file[256];
	size_t len;

	running_init(&r, "");
	len = tempdir_read(&r.world.dir, "keys", file, sizeof(file));
	tempdir_write(&r.world.dir, "keys", file, len, 0644);
	ck_assert(!running_start(&r));
	ck_assert_int_eq(running_wait(&r), 1);
	ck_assert_ptr_nonnull(strstr(running_log(&r), "chmod 600"));
	tempdir_write(&r.world.dir, "keys", file, len - 1, 0600);
	ck_assert(!running_start(&r));
	ck_assert_int_eq(running_wait(&r), 1);
	ck_assert_ptr_nonnull(strstr(running_log(&r), "cut short"));
}
END_TEST

START_TEST(test_newer_database)
{
	sqlite3 *db = NULL;

	running_init(&r, "");
	ck_assert_int_eq(sqlite3_open(tempdir_file(&r.world.dir, "obol.db"), &db),
					 SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db,
								  "UPDATE meta SET value = 9999 "
								  "WHERE name = 'schema'",
								  NULL, NULL, NULL),
					 SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
	ck_assert(!running_start(&r));
	ck_assert_int_eq(running_wait(&r), 1);
	ck_assert_msg(strstr(running_log(&r), "newer Obol"), "%s", running_log(&r));
}
END_TEST

static unsigned long status_of(pid_t pid, const char *field, int base)
{
	char path[64], line[256];
	unsigned long value = 0;
	size_t len = strlen(field);
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f))
	{
		if (strncmp(line, field, len) == 0)
		{
			value = strtoul(line + len, NULL, base);
		}
	}
	(void)fclose(f);
	return value;
}

START_TEST(test_privileges)
{
	pid_t pids[8];
	size_t n, i;

	begin("");
	n = running_workers(&r, pids, 8);
	for (i = 0; i < n; i++)
	{
		ck_assert_uint_eq(status_of(pids[i], "NoNewPrivs:", 10), 1);
		if (geteuid() == 0)
		{
			ck_assert_uint_eq(status_of(pids[i], "Uid:", 10), 65534);
			ck_assert_uint_eq(status_of(pids[i], "Gid:", 10), 65534);
			ck_assert_uint_eq(status_of(pids[i], "Groups:", 10), 0);
			ck_assert_uint_eq(status_of(pids[i], "CapEff:", 16), 0);
			ck_assert_uint_eq(status_of(pids[i], "CapPrm:", 16), 0);
		}
	}
}
END_TEST

START_TEST(test_self_made_certificate_is_renewed)
{
	uint64_t then = obol_now(obol_clock_system()) - 80 * DAY;
	struct driven_clock past;
	char why[256];
	SSL *ssl;
	X509 *x;

	running_init(&r, "");
	driven_clock_init(&past, then);
	ck_assert_int_eq(unlink(tempdir_file(&r.world.dir, "tls.crt")), 0);
	ck_assert_int_eq(unlink(tempdir_file(&r.world.dir, "tls.key")), 0);
	ck_assert_int_eq(obol_tls_self_create("vpn.example.org", 90 * DAY,
										  tempdir_file(&r.world.dir, "tls.crt"),
										  tempdir_file(&r.world.dir, "tls.key"),
										  &past.clock, why, sizeof(why)),
					 OBOL_OK);
	ck_assert(running_start(&r));
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	x = SSL_get1_peer_certificate(ssl);
	/* ten days were left, now it is ninety */
	ck_assert_int_gt(X509_cmp_time(X509_get0_notAfter(x),
								   &(time_t){ time(NULL) + 80 * (long)DAY }),
					 0);
	X509_free(x);
	tls_close(ssl);
}
END_TEST

START_TEST(test_full_disk)
{
	struct obol_client *c = NULL;
	struct stat st;
	int i;

	running_init(&r, "");
	ck_assert_int_eq(stat(tempdir_file(&r.world.dir, "obol.db-wal"), &st), 0);
	/* no file may grow beyond what the write-ahead log has, or little more */
	r.file_max = st.st_size > 65536 ? (unsigned long)st.st_size : 65536;
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
	for (i = 0; i < 50; i++)
	{
		obol_client_free(c);
		c = running_client(&r);
		if (log_in_by_code(c) != OBOL_OK)
		{
			break;
		}
	}
	ck_assert_msg(obol_client_error(c)->cause == OBOL_CAUSE_SERVER, "%s",
				  obol_client_error(c)->text);
	ck_assert(running_says(&r, "the store failed"));
	obol_client_free(c);
	/* the service goes on, and says so again */
	c = running_client(&r);
	(void)!log_in_by_code(c);
	ck_assert_int_eq(obol_client_error(c)->cause, OBOL_CAUSE_SERVER);
	obol_client_free(c);
	ck_assert_int_eq(running_stop(&r), 0);
	/* with room again all is as before */
	r.file_max = 0;
	ck_assert(running_start(&r));
	c = running_client(&r);
	ck_assert_msg(log_in_by_code(c) == OBOL_OK, "%s",
				  obol_client_error(c)->text);
	obol_client_free(c);
}
END_TEST

static int run_program(const char *argument, const char *config)
{
	int wait_status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
	{
		int fd = open(tempdir_file(&r.world.dir, "log"),
					  O_WRONLY | O_CREAT | O_TRUNC, 0600);

		(void)dup2(fd, STDOUT_FILENO);
		(void)dup2(fd, STDERR_FILENO);
		(void)execl(OBOLD, "obold", argument, "-c", config, (char *)NULL);
		_exit(127);
	}
	ck_assert_int_eq(waitpid(pid, &wait_status, 0), pid);
	return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
}

START_TEST(test_command_line)
{
	const char *config;

	running_init(&r, "");
	config = tempdir_file(&r.world.dir, "obold.conf");
	ck_assert_int_eq(run_program("--help", config), 0);
	ck_assert_ptr_nonnull(strstr(running_log(&r), "usage: obold"));
	ck_assert_int_eq(run_program("--version", config), 0);
	ck_assert_ptr_nonnull(strstr(running_log(&r), "obold " OBOL_VERSION));
	ck_assert_int_eq(run_program("--check-config", config), 0);
	ck_assert_ptr_nonnull(strstr(running_log(&r), "good"));
	ck_assert_int_eq(run_program("--colour", config), 1);
	ck_assert_ptr_nonnull(strstr(running_log(&r), "--help"));
	ck_assert_int_eq(run_program("more", config), 1);
	running_configure(&r, "colour = \"red\"\n");
	ck_assert_int_eq(run_program("--check-config", config), 1);
	ck_assert_ptr_nonnull(strstr(running_log(&r), "no such option 'colour'"));
	ck_assert_ptr_nonnull(strstr(running_log(&r), "line "));
}
END_TEST

Suite *obold_suite(void);

Suite *obold_suite(void)
{
	Suite *s = suite_create("obold");
	TCase *tc = tcase_create("obold");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_whole_life);
	tcase_add_test(tc, test_sigterm);
	tcase_add_test(tc, test_sigterm_with_a_client_that_stays);
	tcase_add_test(tc, test_sighup);
	tcase_add_test(tc, test_sighup_with_a_bad_file);
	tcase_add_test(tc, test_killed_worker);
	tcase_add_test(tc, test_killed_keeper);
	tcase_add_test(tc, test_confined);
	tcase_add_test(tc, test_killed_signer);
	tcase_add_test(tc, test_killed_parent);
	tcase_add_test(tc, test_two_on_one_port);
	tcase_add_loop_test(tc, test_bad_starts, 0, 7);
	tcase_add_test(tc, test_bad_key_file);
	tcase_add_test(tc, test_newer_database);
	tcase_add_test(tc, test_privileges);
	tcase_add_test(tc, test_self_made_certificate_is_renewed);
	tcase_add_test(tc, test_full_disk);
	tcase_add_test(tc, test_command_line);
	suite_add_tcase(s, tc);
	return s;
}
