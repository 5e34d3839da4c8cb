/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /metrics and /health of a real obold. */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/running.h"
#include "seal/code.h"
#include "support/exposition.h"
#include "support/run.h"
#include "support/scripted_rng.h"

Suite *monitor_suite(void);

#define METRICS "metrics {\n\tlisten = \"127.0.0.1:0\"\n}\n"
#define LIMIT_MS 60000

static struct running r;
static char answer[1 << 20];
static size_t answer_len;

static unsigned metrics_port(void)
{
	const char *said = strstr(running_log(&r), " for metrics");

	ck_assert_ptr_nonnull(said);
	while (isdigit((unsigned char)said[-1]))
	{
		said--;
	}
	return (unsigned)atoi(said);
}

/** Connect and send something. */
static int begin(const char *text)
{
	unsigned port = r.port;
	int fd;

	r.port = metrics_port();
	fd = tcp_connect(&r);
	r.port = port;
	ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL),
					 (ssize_t)strlen(text));
	return fd;
}

/** Take all of the answer; its status, 0 for none. */
static int take(int fd)
{
	ssize_t n;

	answer_len = 0;
	while ((n = recv(fd, answer + answer_len, sizeof(answer) - 1 - answer_len,
					 0)) > 0)
	{
		answer_len += (size_t)n;
	}
	(void)close(fd);
	answer[answer_len] = '\0';
	return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : 0;
}

/** Send a request and take all of the answer; its status, 0 for none. */
static int ask(const char *request)
{
	return take(begin(request));
}

#define GET(path)                                                              \
	"GET " path " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

/** The body of /metrics. */
static const char *metrics(void)
{
	const char *body;

	ck_assert_int_eq(ask(GET("/metrics")), 200);
	ck_assert_ptr_nonnull(
		strstr(answer, "Content-Type: text/plain; version=0.0.4"));
	body = strstr(answer, "\r\n\r\n");
	ck_assert_ptr_nonnull(body);
	(void)exposition_check(body + 4, answer_len - (size_t)(body + 4 - answer));
	return body;
}

static double value(const char *series)
{
	return exposition_value(metrics(), series);
}

/** Wait until /health says so. */
static void wait_for_health(int status, const char *why)
{
	uint64_t end = test_ms() + LIMIT_MS;

	while (ask(GET("/health")) != status || !strstr(answer, why))
	{
		ck_assert_msg(test_ms() < end, "%s\n%s", answer, running_log(&r));
		test_sleep(50);
	}
}

static void log_in(const char *account, bool good)
{
	struct obol_client *c = running_client_of(&r, account);
	struct obol_credential_info *items = NULL;
	size_t n;

	ck_assert_int_eq(log_in_by_code(c) == OBOL_OK, good);
	/* KE3 goes with the first request */
	ck_assert(!good || obol_client_list(c, &items, &n) == OBOL_OK);
	free(items);
	obol_client_free(c);
}

static void setup(void)
{
	running_init(&r, METRICS);
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
}

static void teardown(void)
{
	running_clear(&r);
}

#define LOGINS(result)                                                         \
	"obol_logins_total{kind=\"activation\",result=\"" result "\"}"
#define REQUESTS(request, result)                                              \
	"obol_requests_total{request=\"" request "\",result=\"" result "\"}"

/* What was done is what is counted, by whichever worker. */
START_TEST(test_known_actions)
{
	unsigned i;

	for (i = 0; i < 3; i++)
	{
		log_in("alice", true);
	}
	/* a name that is there and one that is not fail alike */
	log_in("nobody-of-that-name", false);
	/* the last one is noted when its connection ends */
	while (value(LOGINS("failed")) < 1)
	{
		test_sleep(10);
	}
	ck_assert(value(LOGINS("ok")) == 3);
	ck_assert(value(LOGINS("failed")) == 1);
	ck_assert(value(LOGINS("later")) == 0);
	ck_assert(value(REQUESTS("login_start", "ok")) == 4);
	ck_assert(value(REQUESTS("login_finish", "ok")) == 3);
	ck_assert(value(REQUESTS("list", "ok")) == 3);
	ck_assert(value("obol_connections_total{result=\"accepted\"}") == 4);
	ck_assert(value("obol_tls_handshakes_total{result=\"ok\"}") == 4);
	ck_assert(value("obol_keeper_operations_total{operation=\"login\","
					"result=\"ok\"}") == 4);
	ck_assert(value("obol_store_operations_total{result=\"error\"}") == 0);
	ck_assert(value("obol_processes{process=\"worker\"}") == 2);
	ck_assert(value("obol_processes{process=\"monitor\"}") == 1);
	ck_assert(value("obol_accounts{state=\"not_activated\"}") == 1);
	ck_assert(value("obol_certificate_days_left{certificate=\"tls\"}") >= 363);
	ck_assert(value("obol_crl_number") > 0);
	/* no name, no address is in it */
	ck_assert_ptr_null(strstr(metrics(), "alice"));
	ck_assert_ptr_null(strstr(answer, "nobody-of"));
	ck_assert_ptr_null(strstr(answer, "127.0.0.1"));
}
END_TEST

#define STORED "obol_store_operations_total{result=\"ok\"}"

static void try_wrong_code(const char *account)
{
	struct obol_client *c = running_client_of(&r, account);
	struct obol_secret *secret = NULL, *text = NULL;
	struct scripted_rng rng;

	scripted_rng_init(&rng, "39393939393939393939", NULL);
	ck_assert_int_eq(
		obol_code_new(&rng.rng, OBOL_ACTIVATION_BITS, &secret, &text), OBOL_OK);
	ck_assert_int_ne(obol_client_login_activation(c, text), OBOL_OK);
	obol_secret_free(secret);
	obol_secret_free(text);
	obol_client_free(c);
}

/* One known name and one unknown: the same lines change by the same. */
START_TEST(test_failures_are_alike)
{
	static const char *const names[] = { "alice", "bob" };
	static const char *const series[] = {
		LOGINS("failed"),
		REQUESTS("login_start", "ok"),
		REQUESTS("login_start", "denied"),
		REQUESTS("login_finish", "denied"),
		STORED,
		"obol_store_operations_total{result=\"refused\"}",
		"obol_store_operation_duration_seconds_count",
		"obol_store_group_operations_count",
		"obol_store_group_operations_sum",
		"obol_keeper_operations_total{operation=\"login\",result=\"ok\"}",
	};
	double before[10], grown[2][10];
	size_t i, j;

	/* so that every histogram is there */
	log_in("alice", true);
	for (i = 0; i < 2; i++)
	{
		for (j = 0; j < 10; j++)
		{
			before[j] = value(series[j]);
		}
		try_wrong_code(names[i]);
		/* noted behind the answer: the guess, and that it failed */
		while (value(STORED) < before[4] + 2)
		{
			test_sleep(10);
		}
		for (j = 0; j < 10; j++)
		{
			grown[i][j] = value(series[j]) - before[j];
		}
	}
	for (j = 0; j < 10; j++)
	{
		ck_assert_msg(grown[0][j] == grown[1][j], "%s: %g and %g", series[j],
					  grown[0][j], grown[1][j]);
	}
}
END_TEST

/* A worker that is killed, and then a reload: totals never fall. */
START_TEST(test_monotonic)
{
	pid_t pids[4];

	log_in("alice", true);
	log_in("alice", true);
	ck_assert_uint_eq(running_workers(&r, pids, 4), 2);
	ck_assert_int_eq(kill(pids[0], SIGKILL), 0);
	ck_assert_int_eq(kill(pids[1], SIGKILL), 0);
	ck_assert(running_says(&r, "was killed by signal 9"));
	wait_for_health(200, "ok");
	ck_assert(value(LOGINS("ok")) == 2);
	log_in("alice", true);
	ck_assert(value(LOGINS("ok")) == 3);
	while (value("obol_process_restarts_total{process=\"worker\"}") < 2)
	{
		test_sleep(10);
	}
	ck_assert_int_eq(kill(r.pid, SIGHUP), 0);
	ck_assert(running_says(&r, "reloaded"));
	ck_assert(value(LOGINS("ok")) == 3);
	ck_assert(value("obol_reloads_total{result=\"ok\"}") == 1);
	ck_assert(value("obol_reloads_total{result=\"failed\"}") == 0);
	log_in("alice", true);
	ck_assert(value(LOGINS("ok")) == 4);

	running_configure(&r, "nonsense");
	ck_assert_int_eq(kill(r.pid, SIGHUP), 0);
	ck_assert(running_says(&r, "nothing was reloaded"));
	ck_assert(value("obol_reloads_total{result=\"failed\"}") == 1);
	ck_assert(value(LOGINS("ok")) == 4);
}
END_TEST

/* A reload keeps no scrape from its answer; who never asks is not waited for.
 */
START_TEST(test_scrape_at_reload)
{
	static const char rest[] = "metrics HTTP/1.1\r\nHost: a\r\n\r\n";
	char byte;
	int fd, idle;

	idle = begin("GET /");
	fd = begin("GET /");
	/* both have been accepted when a later one has its answer */
	ck_assert_int_eq(ask(GET("/metrics")), 200);
	ck_assert_int_eq(kill(r.pid, SIGHUP), 0);
	ck_assert(running_says(&r, "reloaded"));
	ck_assert_int_eq(send(fd, rest, strlen(rest), MSG_NOSIGNAL),
					 (ssize_t)strlen(rest));
	ck_assert_int_eq(take(fd), 200);
	ck_assert_int_le(recv(idle, &byte, 1, 0), 0);
	(void)close(idle);
}
END_TEST

/* A worker that hangs is noticed, and that it has come to itself. */
START_TEST(test_worker_stops)
{
	pid_t pids[4];

	wait_for_health(200, "\r\n\r\nok\n");
	ck_assert(value("obol_healthy") == 1);
	ck_assert_uint_eq(running_workers(&r, pids, 4), 2);
	ck_assert_int_eq(kill(pids[1], SIGSTOP), 0);
	wait_for_health(503, "has not gone round its loop");
	ck_assert(value("obol_healthy") == 0);
	ck_assert(value("obol_database_writable") == 1);
	ck_assert(value("obol_worker_heartbeat_age_seconds") >= 5);
	ck_assert_int_eq(kill(pids[1], SIGCONT), 0);
	wait_for_health(200, "ok");
}
END_TEST

/* The database's file is gone from its place, and comes back. */
START_TEST(test_database_is_taken_away)
{
	char here[256], there[256];

	(void)snprintf(here, sizeof(here), "%s",
				   tempdir_file(&r.world.dir, "obol.db"));
	(void)snprintf(there, sizeof(there), "%s",
				   tempdir_file(&r.world.dir, "elsewhere.db"));
	wait_for_health(200, "ok");
	ck_assert_int_eq(rename(here, there), 0);
	wait_for_health(503, "the database cannot be written");
	ck_assert(running_says(&r, "was moved or removed"));
	ck_assert(value("obol_database_writable") == 0);
	ck_assert_int_eq(rename(there, here), 0);
	wait_for_health(200, "ok");
	ck_assert(value("obol_database_writable") == 1);
}
END_TEST

static const struct {
	const char *request;
	int status;
} requests[] = {
	{ GET("/"), 404 },
	{ GET("/metrics/"), 404 },
	{ GET("/crl"), 404 },
	{ GET("/../metrics"), 404 },
	{ GET("/metrics?a=b"), 200 },
	{ "HEAD /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 200 },
	{ "HEAD /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 200 },
	{ "POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n"
	  "Connection: close\r\n\r\n",
	  405 },
	{ "DELETE /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405 },
	{ "nonsense\r\n\r\n", 400 },
};

START_TEST(test_requests)
{
	size_t i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
	{
		int status = ask(requests[i].request);

		/* libevent calls what it does not allow "not implemented" */
		ck_assert_msg(status == requests[i].status ||
						  (requests[i].status == 405 && status == 501),
					  "%s: %d", requests[i].request, status);
	}
	/* a HEAD has no body */
	ck_assert_int_eq(ask(requests[5].request), 200);
	ck_assert_str_eq(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
}
END_TEST

/* Bound to one address, it is at no other one. */
START_TEST(test_no_other_address)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)metrics_port()),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_ne(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	(void)close(fd);
	ck_assert_int_eq(ask(GET("/health")), 200);
}
END_TEST

/* Without an address nobody listens, and there is no such process. */
START_TEST(test_off)
{
	pid_t pids[4];

	running_clear(&r);
	running_init(&r, "");
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
	ck_assert_ptr_null(strstr(running_log(&r), "for metrics"));
	ck_assert_uint_eq(running_processes(&r, "obold-monitor", pids, 4), 0);
}
END_TEST

Suite *monitor_suite(void)
{
	Suite *s = suite_create("monitor");
	TCase *tc = tcase_create("monitor");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_known_actions);
	tcase_add_test(tc, test_failures_are_alike);
	tcase_add_test(tc, test_monotonic);
	tcase_add_test(tc, test_scrape_at_reload);
	tcase_add_test(tc, test_worker_stops);
	tcase_add_test(tc, test_database_is_taken_away);
	tcase_add_test(tc, test_requests);
	tcase_add_test(tc, test_no_other_address);
	tcase_add_test(tc, test_off);
	suite_add_tcase(s, tc);
	return s;
}
