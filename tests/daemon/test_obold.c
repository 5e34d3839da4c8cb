/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program as it runs: TLS, processes, signals, limits. */
#include <obol/client.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/running.h"
#include "issue/tls_self.h"
#include "seal/code.h"
#include "support/run.h"
#include "support/scripted_rng.h"

#define SHORT                                                                  \
	"timeouts {\n\thandshake = \"1s\"\n\tlogin = \"1s\"\n\tidle = \"1s\"\n"    \
	"\tdrain = \"2s\"\n}\n"
#define WAIT_MS 5000
/** CODE's bytes */
#define CODE_HEX "30313233343536373839"

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

/* A client's object, for alice. */
static struct obol_client *client(void)
{
	struct obol_client_options options;
	struct obol_client *c = NULL;
	struct obol_error error;

	obol_client_options_init(&options);
	options.servers = running_address(&r);
	options.account = "alice";
	options.timeout_ms = 20000;
	ck_assert_msg(obol_client_new(&options, &c, &error) == OBOL_OK, "%s",
				  error.text);
	return c;
}

/* CODE as a person types it. */
static enum obol_status by_code(struct obol_client *c)
{
	struct obol_secret *secret = NULL, *text = NULL;
	struct scripted_rng rng;
	enum obol_status status;

	scripted_rng_init(&rng, CODE_HEX, NULL);
	ck_assert_int_eq(
		obol_code_new(&rng.rng, OBOL_ACTIVATION_BITS, &secret, &text), OBOL_OK);
	status = obol_client_login_activation(c, text);
	obol_secret_free(secret);
	obol_secret_free(text);
	return status;
}

START_TEST(test_tls_as_it_must_be)
{
	static const struct tls_wish bad[] = {
		{ TLS1_2_VERSION, TLS1_2_VERSION, "\x06obol/1" },
		{ TLS1_3_VERSION, TLS1_3_VERSION, NULL },
		{ TLS1_3_VERSION, TLS1_3_VERSION, "\x02h2\x08http/1.1" },
		{ TLS1_3_VERSION, TLS1_3_VERSION, "\x06obol/2" },
	};
	const unsigned char *alpn;
	unsigned len;
	SSL *ssl;
	size_t i;

	begin("");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		ssl = tls_connect(&r, &bad[i]);
		/* without the extension it is the server that ends it afterwards */
		if (ssl)
		{
			ck_assert_ptr_null(bad[i].alpn);
			ck_assert(tls_is_ended(ssl, WAIT_MS));
			tls_close(ssl);
		}
	}
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	SSL_get0_alpn_selected(ssl, &alpn, &len);
	ck_assert(len == 6 && memcmp(alpn, "obol/1", 6) == 0);
	tls_close(ssl);
}
END_TEST

static int n_tickets;

static int count_ticket(SSL *ssl, SSL_SESSION *session)
{
	(void)ssl;
	(void)session;
	n_tickets++;
	return 0;
}

START_TEST(test_no_tickets)
{
	SSL *ssl;
	char byte;

	begin(SHORT);
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	SSL_CTX_set_session_cache_mode(SSL_get_SSL_CTX(ssl), SSL_SESS_CACHE_CLIENT);
	SSL_CTX_sess_set_new_cb(SSL_get_SSL_CTX(ssl), count_ticket);
	/* until the server ends it */
	ck_assert_int_le(SSL_read(ssl, &byte, 1), 0);
	ck_assert_int_eq(n_tickets, 0);
	ck_assert(!SSL_SESSION_is_resumable(SSL_get_session(ssl)));
	tls_close(ssl);
}
END_TEST

START_TEST(test_garbage)
{
	static const char http[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	uint8_t noise[4096];
	SSL *ssl;
	int fd;

	begin(SHORT);
	fd = tcp_connect(&r);
	ck_assert_int_gt(send(fd, http, sizeof(http) - 1, 0), 0);
	ck_assert(tcp_is_ended(fd, WAIT_MS));
	(void)close(fd);
	ck_assert_int_eq(obol_rng_fill(obol_rng_system(), noise, sizeof(noise)),
					 OBOL_OK);
	fd = tcp_connect(&r);
	ck_assert_int_gt(send(fd, noise, sizeof(noise), 0), 0);
	ck_assert(tcp_is_ended(fd, WAIT_MS));
	(void)close(fd);
	/* noise inside of TLS: a frame that is far too long */
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	memset(noise, 0xff, sizeof(noise));
	ck_assert_int_gt(SSL_write(ssl, noise, sizeof(noise)), 0);
	ck_assert(tls_is_ended(ssl, WAIT_MS));
	tls_close(ssl);
	/* and it still serves */
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	tls_close(ssl);
}
END_TEST

START_TEST(test_silence_is_bounded)
{
	SSL *ssl;
	int fd;

	begin(SHORT);
	/* not a byte; half a ClientHello; a handshake and no more; half a frame */
	fd = tcp_connect(&r);
	ck_assert(tcp_is_ended(fd, WAIT_MS));
	(void)close(fd);
	fd = tcp_connect(&r);
	ck_assert_int_eq(send(fd, "\x16\x03\x01\x01\x00\x01\x00", 7, 0), 7);
	ck_assert(tcp_is_ended(fd, WAIT_MS));
	(void)close(fd);
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	ck_assert(tls_is_ended(ssl, WAIT_MS));
	tls_close(ssl);
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	ck_assert_int_eq(SSL_write(ssl, "\x01\x00\x01", 3), 3);
	ck_assert(tls_is_ended(ssl, WAIT_MS));
	tls_close(ssl);
}
END_TEST

START_TEST(test_login_and_idle_end)
{
	struct obol_credential_info *items = NULL;
	struct obol_client *c;
	size_t n = 0;

	begin(SHORT);
	c = client();
	ck_assert_msg(by_code(c) == OBOL_OK, "%s", obol_client_error(c)->text);
	ck_assert_msg(obol_client_list(c, &items, &n) == OBOL_OK, "%s",
				  obol_client_error(c)->text);
	ck_assert_uint_eq(n, 0);
	free(items);
	ck_assert(running_says(&r, "login of account 'alice' by activation code "
							   "from 127.0.0.1"));
	test_sleep(2500);
	ck_assert_int_ne(obol_client_list(c, &items, &n), OBOL_OK);
	obol_client_free(c);
}
END_TEST

START_TEST(test_whole_life)
{
	struct obol_secret *password = obol_secret_dup(PASSWORD, strlen(PASSWORD));
	struct obol_bundle *bundle = NULL;
	struct obol_device device;
	struct obol_client *c;
	uint64_t version = 0;

	begin("");
	c = client();
	ck_assert_msg(by_code(c) == OBOL_OK, "%s", obol_client_error(c)->text);
	ck_assert_msg(obol_client_activate(c, password, "laptop", &device) ==
					  OBOL_OK,
				  "%s", obol_client_error(c)->text);
	ck_assert_msg(obol_client_issue(c, "vpn", NULL) == OBOL_OK, "%s",
				  obol_client_error(c)->text);
	obol_client_free(c);
	c = client();
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
	ck_assert_uint_lt(test_ms() - start, 3000);
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
	c = client();
	ck_assert_int_eq(by_code(c), OBOL_OK);
	ck_assert_int_eq(obol_client_list(c, &items, &n), OBOL_OK);
	free(items);
	start = test_ms();
	ck_assert_int_eq(kill(r.pid, SIGTERM), 0);
	/* not at rest yet: a request goes through */
	ck_assert_msg(obol_client_list(c, &items, &n) == OBOL_OK, "%s",
				  obol_client_error(c)->text);
	free(items);
	ck_assert_int_eq(running_wait(&r), 0);
	ck_assert_uint_lt(test_ms() - start, 4500);
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
	c = client();
	ck_assert_int_eq(by_code(c), OBOL_OK);
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
	for (n = 0; n < 500 && running_workers(&r, after, 8) != 2; n++)
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
	for (i = 0; i < 500 && running_workers(&r, pids, 8) != n; i++)
	{
		test_sleep(10);
	}
	ck_assert_uint_eq(running_workers(&r, pids, 8), n);
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
	for (i = 0; i < 500 && left; i++)
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

START_TEST(test_connections_per_source)
{
	int fds[3];
	size_t i;

	/* one worker, so that all of them meet */
	begin("workers = 1\nlimits {\n\tconnections_per_source = 2\n}\n");
	for (i = 0; i < 3; i++)
	{
		fds[i] = tcp_connect(&r);
	}
	ck_assert(tcp_is_ended(fds[2], WAIT_MS));
	ck_assert(!tcp_is_ended(fds[0], 100));
	ck_assert(!tcp_is_ended(fds[1], 100));
	(void)close(fds[0]);
	(void)close(fds[2]);
	test_sleep(200);
	fds[0] = tcp_connect(&r);
	ck_assert(!tcp_is_ended(fds[0], 300));
	(void)close(fds[0]);
	(void)close(fds[1]);
}
END_TEST

START_TEST(test_connections_in_all)
{
	SSL *ssl;
	int fd;

	begin("workers = 1\nlimits {\n\tconnections = 1\n}\n" SHORT);
	fd = tcp_connect(&r);
	/* the second one waits until the silent first one is dropped */
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	ck_assert(tcp_is_ended(fd, 100));
	tls_close(ssl);
	(void)close(fd);
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
		c = client();
		if (by_code(c) != OBOL_OK)
		{
			break;
		}
	}
	ck_assert_msg(obol_client_error(c)->cause == OBOL_CAUSE_SERVER, "%s",
				  obol_client_error(c)->text);
	ck_assert(running_says(&r, "the store failed"));
	obol_client_free(c);
	/* the service goes on, and says so again */
	c = client();
	(void)!by_code(c);
	ck_assert_int_eq(obol_client_error(c)->cause, OBOL_CAUSE_SERVER);
	obol_client_free(c);
	ck_assert_int_eq(running_stop(&r), 0);
	/* with room again all is as before */
	r.file_max = 0;
	ck_assert(running_start(&r));
	c = client();
	ck_assert_msg(by_code(c) == OBOL_OK, "%s", obol_client_error(c)->text);
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
	tcase_add_test(tc, test_tls_as_it_must_be);
	tcase_add_test(tc, test_no_tickets);
	tcase_add_test(tc, test_garbage);
	tcase_add_test(tc, test_silence_is_bounded);
	tcase_add_test(tc, test_login_and_idle_end);
	tcase_add_test(tc, test_whole_life);
	tcase_add_test(tc, test_sigterm);
	tcase_add_test(tc, test_sigterm_with_a_client_that_stays);
	tcase_add_test(tc, test_sighup);
	tcase_add_test(tc, test_sighup_with_a_bad_file);
	tcase_add_test(tc, test_killed_worker);
	tcase_add_test(tc, test_killed_parent);
	tcase_add_test(tc, test_two_on_one_port);
	tcase_add_loop_test(tc, test_bad_starts, 0, 7);
	tcase_add_test(tc, test_bad_key_file);
	tcase_add_test(tc, test_privileges);
	tcase_add_test(tc, test_connections_per_source);
	tcase_add_test(tc, test_connections_in_all);
	tcase_add_test(tc, test_self_made_certificate_is_renewed);
	tcase_add_test(tc, test_full_disk);
	tcase_add_test(tc, test_command_line);
	suite_add_tcase(s, tc);
	return s;
}
