/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A limit for calls that wait without one. */
#include "gateway/limit.h"

#include <check.h>
#include <errno.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/** What is passed at once, and what never is. */
#define SHORT_MS 50
#define LONG_MS 3600000

Suite *limit_suite(void);

static struct obol_limit *limit;
static int ends[2];

static void setup(void)
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
					 0);
	limit = obol_limit_new();
	ck_assert_ptr_nonnull(limit);
}

static void teardown(void)
{
	obol_limit_free(limit);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

/* Nobody writes: without the limit it would wait for good. What is left has
 * ended for the other side, and fails on this one. */
START_TEST(test_socket)
{
	char byte;

	obol_limit_begin(limit, ends[0], SHORT_MS);
	while (recv(ends[0], &byte, 1, 0) < 0)
	{
		ck_assert(errno == EINTR || errno == ENOTSOCK);
		if (errno == ENOTSOCK)
		{
			break;
		}
	}
	ck_assert(!obol_limit_end(limit));
	ck_assert_int_eq(recv(ends[1], &byte, 1, 0), 0);
	ck_assert_int_eq(recv(ends[0], &byte, 1, 0), -1);
	ck_assert_int_eq(errno, ENOTSOCK);
}
END_TEST

/* Nor is there anything to shut down: the system call is interrupted. */
START_TEST(test_system_call)
{
	char byte;

	obol_limit_begin(limit, -1, SHORT_MS);
	ck_assert_int_eq(recv(ends[0], &byte, 1, 0), -1);
	ck_assert_int_eq(errno, EINTR);
	ck_assert(!obol_limit_end(limit));
	/* the connection is none the worse */
	ck_assert_int_eq(send(ends[1], "x", 1, 0), 1);
	ck_assert_int_eq(recv(ends[0], &byte, 1, 0), 1);
}
END_TEST

/* What is in time is let be, each time anew. */
START_TEST(test_in_time)
{
	static const struct timespec pause = { 0, 2 * SHORT_MS * 1000000L };
	char byte;
	int i;

	for (i = 0; i < 100; i++)
	{
		ck_assert_int_eq(send(ends[1], "x", 1, 0), 1);
		obol_limit_begin(limit, ends[0], LONG_MS);
		ck_assert_int_eq(recv(ends[0], &byte, 1, 0), 1);
		ck_assert(obol_limit_end(limit));
	}
	/* what has ended in time has no limit any more */
	obol_limit_begin(limit, ends[0], LONG_MS);
	ck_assert(obol_limit_end(limit));
	(void)nanosleep(&pause, NULL);
	ck_assert_int_eq(send(ends[1], "x", 1, 0), 1);
	ck_assert_int_eq(recv(ends[0], &byte, 1, 0), 1);
	/* and one that was passed is no limit for the next */
	obol_limit_begin(limit, -1, SHORT_MS);
	ck_assert_int_eq(recv(ends[0], &byte, 1, 0), -1);
	ck_assert(!obol_limit_end(limit));
	obol_limit_begin(limit, ends[0], LONG_MS);
	ck_assert(obol_limit_end(limit));
}
END_TEST

Suite *limit_suite(void)
{
	Suite *suite = suite_create("limit");
	TCase *tcase = tcase_create("limit");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_socket);
	tcase_add_test(tcase, test_system_call);
	tcase_add_test(tcase, test_in_time);
	suite_add_tcase(suite, tcase);
	return suite;
}
