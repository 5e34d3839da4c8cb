/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A charon that answers, one that hangs, and one whose door is full. */
#include "gateway/vici.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/driven_clock.h"
#include "support/tempdir.h"

/** What a charon that hangs is given. */
#define LIMIT_MS 200
/** A message is its length (4), its kind (1), and what belongs to that. */
#define REQUEST 0
#define RESPONSE 1
#define CONFIRM 5

Suite *vici_suite(void);

static struct tempdir dir;
static struct driven_clock clock_;
static struct obol_log quiet;
static struct obol_tunnels *tunnels;
static struct obol_vici *vici;
static char uri[256];
static int listener;

/** A charon, in a process of its own: no descriptor of it may be one of ours.
 */
static pid_t charon;

static void drop_line(struct obol_log *log, enum obol_log_level level,
					  const char *line)
{
	(void)log;
	(void)level;
	(void)line;
}

static void setup(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	tempdir_init(&dir);
	quiet.write = drop_line;
	driven_clock_init(&clock_, 1800000000);
	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s",
				   tempdir_file(&dir, "charon.vici"));
	(void)snprintf(uri, sizeof(uri), "unix://%s", addr.sun_path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
	ck_assert_int_eq(listen(listener, 0), 0);
	tunnels = obol_tunnels_new();
	ck_assert_ptr_nonnull(tunnels);
	/* as obol-gateway does */
	(void)signal(SIGPIPE, SIG_IGN);
}

static void teardown(void)
{
	obol_vici_free(vici);
	obol_tunnels_free(tunnels);
	(void)close(listener);
	tempdir_clear(&dir);
}

static void make_vici(unsigned limit_ms)
{
	const struct obol_vici_options options = {
		.uri = uri,
		.limit_ms = limit_ms,
		.tunnels = tunnels,
		.clock = &clock_.clock,
		.log = &quiet,
	};

	vici = obol_vici_new(&options);
	ck_assert_ptr_nonnull(vici);
}

/* A message's kind; -1 at the end. */
static int read_message(int conn)
{
	uint8_t head[4], body[1024];
	size_t len;

	if (recv(conn, head, sizeof(head), MSG_WAITALL) != sizeof(head))
	{
		return -1;
	}
	len = (size_t)head[2] << 8 | head[3];
	if (!len || len > sizeof(body) ||
		recv(conn, body, len, MSG_WAITALL) != (ssize_t)len)
	{
		return -1;
	}
	return body[0];
}

static void be_charon(unsigned n_answers)
{
	int conn = accept(listener, NULL, NULL), kind;
	uint8_t answer[5] = { 0, 0, 0, 1 };
	unsigned n = 0;

	while ((kind = read_message(conn)) >= 0)
	{
		answer[4] = kind == REQUEST ? RESPONSE : CONFIRM;
		if (n++ < n_answers &&
			send(conn, answer, sizeof(answer), MSG_NOSIGNAL) < 0)
		{
			break;
		}
	}
}

/* It answers so many messages of one connection and then none, until that
 * ends. */
static void start_charon(unsigned n_answers)
{
	charon = fork();
	ck_assert_int_ge(charon, 0);
	if (charon == 0)
	{
		be_charon(n_answers);
		_exit(0);
	}
}

static void wait_charon(void)
{
	ck_assert_int_eq(waitpid(charon, NULL, 0), charon);
}

/** Of a whole connection: four events, and the list's event to and fro. */
#define N_OF_CONNECTING 7

/* With a limit that nobody reaches: he has all he needs, and more. */
START_TEST(test_answers)
{
	bool is_new = false;

	start_charon(1000);
	make_vici(3600000);
	ck_assert(obol_vici_connect(vici, &is_new));
	ck_assert(is_new);
	ck_assert(obol_vici_connect(vici, &is_new));
	ck_assert(!is_new);
	obol_vici_free(vici);
	vici = NULL;
	wait_charon();
}
END_TEST

/* At each message of the beginning, and at the first behind it. */
START_TEST(test_hangs)
{
	bool is_new = false, was_there;

	start_charon((unsigned)_i);
	make_vici(LIMIT_MS);
	was_there = obol_vici_connect(vici, &is_new);
	ck_assert(!was_there || _i == N_OF_CONNECTING);
	ck_assert(!was_there || !obol_vici_connect(vici, &is_new));
	wait_charon();
	/* nobody would accept, and nobody is asked for half a minute */
	driven_clock_pass(&clock_, 29);
	ck_assert(!obol_vici_connect(vici, &is_new));
	obol_vici_free(vici);
	make_vici(3600000);
	start_charon(1000);
	ck_assert(obol_vici_connect(vici, &is_new));
	ck_assert(is_new);
	obol_vici_free(vici);
	vici = NULL;
	wait_charon();
}
END_TEST

/* So many wait to be accepted that one more cannot even connect. */
START_TEST(test_full)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	bool is_new = false;
	int fds[16], n = 0, i;

	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s",
				   tempdir_file(&dir, "charon.vici"));
	do
	{
		ck_assert_int_lt(n, 16);
		fds[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	} while (connect(fds[n++], (struct sockaddr *)&addr, sizeof(addr)) == 0);
	ck_assert_int_eq(errno, EAGAIN);
	make_vici(LIMIT_MS);
	ck_assert(!obol_vici_connect(vici, &is_new));
	for (i = 0; i < n; i++)
	{
		(void)close(fds[i]);
	}
}
END_TEST

START_TEST(test_nobody)
{
	bool is_new = false;

	ck_assert_int_eq(unlink(tempdir_file(&dir, "charon.vici")), 0);
	make_vici(3600000);
	ck_assert(!obol_vici_connect(vici, &is_new));
}
END_TEST

Suite *vici_suite(void)
{
	Suite *suite = suite_create("vici");
	TCase *tcase = tcase_create("vici");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, test_answers);
	tcase_add_loop_test(tcase, test_hangs, 0, N_OF_CONNECTING + 1);
	tcase_add_test(tcase, test_full);
	tcase_add_test(tcase, test_nobody);
	suite_add_tcase(suite, tcase);
	return suite;
}
