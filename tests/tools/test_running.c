/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What obolctl status makes of what answers where obold should. */
#include "tools/ctl_running.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "metrics/reading.h"
#include "metrics/text.h"
#include "support/run.h"
#include "tools/ctl_ask.h"

Suite *running_suite(void);

static pid_t server;
static char address[32];
static char why[256];
static struct obol_writer body;

static void setup(void)
{
	server = 0;
	why[0] = '\0';
	obol_writer_init(&body);
}

static void teardown(void)
{
	if (server > 0)
	{
		(void)kill(server, SIGKILL);
		(void)waitpid(server, NULL, 0);
	}
	obol_writer_clear(&body);
}

/** A listening socket on a free port; address has it. */
static int listen_somewhere(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
								.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	ck_assert_int_eq(listen(fd, 4), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	(void)snprintf(address, sizeof(address), "127.0.0.1:%u",
				   (unsigned)ntohs(addr.sin_port));
	return fd;
}

/** A process that answers each connection with these bytes. */
static void answer_with(const char *bytes, size_t len)
{
	int fd = listen_somewhere();

	server = fork();
	ck_assert_int_ge(server, 0);
	if (server == 0)
	{
		char request[512];
		int peer;

		while ((peer = accept(fd, NULL, NULL)) >= 0)
		{
			(void)!recv(peer, request, sizeof(request), 0);
			(void)!send(peer, bytes, len, MSG_NOSIGNAL);
			(void)close(peer);
		}
		_exit(0);
	}
	(void)close(fd);
}

static enum obol_status ask(int *code)
{
	return obol_ctl_ask(address, "/metrics", code, &body, why, sizeof(why));
}

/*
 * Asking
 */

START_TEST(test_asks)
{
	static const char answer[] = "HTTP/1.1 503 Service Unavailable\r\n"
								 "Content-Type: text/plain\r\n\r\na\r\n\r\nb";
	int code = 0;

	answer_with(answer, sizeof(answer) - 1);
	ck_assert_msg(ask(&code) == OBOL_OK, "%s", why);
	ck_assert_int_eq(code, 503);
	ck_assert_uint_eq(obol_writer_view(&body).len, 6);
	ck_assert_mem_eq(obol_writer_view(&body).ptr, "a\r\n\r\nb", 6);
}
END_TEST

static const char *const no_http[] = {
	"",
	"HTTP/1.1 200 OK\r\n",
	"HTTP/1.1 200 OK\r\nA: b\r\n",
	"HTTP/2 200\r\n\r\n",
	"HTTP/1.1 2x0 OK\r\n\r\n",
	"HTTP/1.1 20",
	"SSH-2.0-OpenSSH_9.2\r\n\r\n",
};

START_TEST(test_no_http)
{
	int code = 0;

	answer_with(no_http[_i], strlen(no_http[_i]));
	ck_assert_int_eq(ask(&code), OBOL_ERR_FORMAT);
	ck_assert_ptr_nonnull(strstr(why, "is not obold"));
	ck_assert_uint_eq(obol_writer_view(&body).len, 0);
}
END_TEST

/* One that never ends is given up. */
START_TEST(test_too_long)
{
	size_t len = OBOL_METRICS_TEXT_MAX + 65536;
	char *bytes = malloc(len);
	int code = 0;

	ck_assert_ptr_nonnull(bytes);
	memset(bytes, 'x', len);
	memcpy(bytes, "HTTP/1.1 200 OK\r\n\r\n", 19);
	answer_with(bytes, len);
	ck_assert_int_eq(ask(&code), OBOL_ERR_FORMAT);
	free(bytes);
}
END_TEST

/* Somebody has the port and says nothing. */
START_TEST(test_silence)
{
	int fd = listen_somewhere(), code = 0;

	ck_assert_int_eq(ask(&code), OBOL_ERR_TIMEOUT);
	ck_assert_ptr_nonnull(strstr(why, "too long"));
	(void)close(fd);
}
END_TEST

START_TEST(test_nobody)
{
	struct obol_running running;
	int code = 0;

	(void)close(listen_somewhere());
	ck_assert_int_eq(ask(&code), OBOL_ERR_IO);
	ck_assert_ptr_nonnull(strstr(why, address));
	obol_running_ask(address, &running);
	ck_assert(running.is_asked && !running.answers && !running.is_well);
	ck_assert_ptr_nonnull(strstr(running.why, address));
	obol_running_ask("", &running);
	ck_assert(!running.is_asked && !running.answers);
}
END_TEST

/* A web server, say: it has a page for everything. */
START_TEST(test_another_server)
{
	static const char answer[] =
		"HTTP/1.1 200 OK\r\n\r\n<html>welcome</html>\n";
	struct obol_running running;

	answer_with(answer, sizeof(answer) - 1);
	obol_running_ask(address, &running);
	ck_assert(!running.answers && !running.is_well);
	ck_assert_ptr_nonnull(strstr(running.why, "is not obold"));
}
END_TEST

/*
 * Figures
 */

/** Every figure has a source among the metrics that obold has. */
START_TEST(test_every_figure)
{
	struct obol_running running = { .is_asked = true };
	struct obol_readings *readings = calloc(1, sizeof(*readings));
	struct obol_writer w;
	size_t i;

	ck_assert_ptr_nonnull(readings);
	for (i = 0; i < OBOL_METRIC_CELLS; i++)
	{
		readings->cells[i] = 2;
	}
	obol_writer_init(&w);
	obol_metrics_write(&w, readings);
	ck_assert_int_eq(obol_running_read(obol_writer_view(&w), &running),
					 OBOL_OK);
	obol_writer_clear(&w);
	free(readings);
	ck_assert_str_eq(running.version, OBOL_VERSION);
	for (i = 0; i < OBOL_RUNNING_N; i++)
	{
		ck_assert_msg(running.figures[i] > 0, "figure %zu", i);
	}
	/* kinds are added up */
	ck_assert(running.figures[OBOL_RUNNING_LOGINS_OK] == 2 * OBOL_KIND_N);
	ck_assert_uint_eq(running.requests.n, OBOL_METRIC_BUCKETS + 1);
	ck_assert_uint_eq(running.operations.n, OBOL_METRIC_BUCKETS + 1);
	ck_assert_uint_eq(running.signatures.n, OBOL_METRIC_BUCKETS + 1);
}
END_TEST

START_TEST(test_within)
{
	struct obol_running_times times = {
		.n = 3,
		.buckets = { { 0.001, 98 }, { 0.5, 99 }, { -1, 100 } },
	};
	struct obol_running_times none = { .n = 0 };

	ck_assert(obol_running_within(&times, 0.5) == 0.001);
	ck_assert(obol_running_within(&times, 0.99) == 0.5);
	ck_assert(obol_running_within(&times, 1) < 0);
	ck_assert(obol_running_within(&none, 0.5) < 0);
	times.buckets[2].count = 0;
	ck_assert(obol_running_within(&times, 0.5) < 0);
}
END_TEST

START_TEST(test_bad_text)
{
	struct obol_running running = { .is_asked = true };

	ck_assert_int_eq(obol_running_read(obol_bytes_str("nonsense\n"), &running),
					 OBOL_ERR_FORMAT);
	ck_assert_int_eq(obol_running_read(obol_bytes_str("up 1\n"), &running),
					 OBOL_ERR_FORMAT);
}
END_TEST

Suite *running_suite(void)
{
	Suite *s = suite_create("running");
	TCase *tc = tcase_create("running");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_asks);
	tcase_add_loop_test(tc, test_no_http, 0,
						sizeof(no_http) / sizeof(no_http[0]));
	tcase_add_test(tc, test_too_long);
	tcase_add_test(tc, test_silence);
	tcase_add_test(tc, test_nobody);
	tcase_add_test(tc, test_another_server);
	tcase_add_test(tc, test_every_figure);
	tcase_add_test(tc, test_within);
	tcase_add_test(tc, test_bad_text);
	suite_add_tcase(s, tc);
	return s;
}
