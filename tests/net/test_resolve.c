/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Name resolution in a thread that can be given up. */
#include "support/run.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "net/resolve.h"

static void wait_for(struct obol_resolve *resolve)
{
	struct pollfd fd = { obol_resolve_fd(resolve), POLLIN, 0 };

	ck_assert_int_eq(poll(&fd, 1, 60000), 1);
}

START_TEST(resolves)
{
	struct sockaddr_storage addrs[OBOL_RESOLVE_MAX];
	struct obol_resolve *resolve = NULL;
	size_t n = 0;
	size_t i;

	ck_assert_int_eq(obol_resolve_start("localhost", &resolve), OBOL_OK);
	wait_for(resolve);
	ck_assert(obol_resolve_result(resolve, addrs, &n));
	ck_assert_uint_ge(n, 1);
	for (i = 0; i < n; i++)
	{
		ck_assert_uint_ne(obol_sockaddr_len(&addrs[i]), 0);
	}
	obol_resolve_free(resolve);
}
END_TEST

START_TEST(says_what_is_not_there)
{
	struct sockaddr_storage addrs[OBOL_RESOLVE_MAX];
	struct obol_resolve *resolve = NULL;
	size_t n = 7;

	/* RFC 6761, 6.4: resolvers answer for it themselves */
	ck_assert_int_eq(obol_resolve_start("nothing.invalid", &resolve), OBOL_OK);
	wait_for(resolve);
	ck_assert(obol_resolve_result(resolve, addrs, &n));
	ck_assert_uint_eq(n, 0);
	obol_resolve_free(resolve);
}
END_TEST

/* Whoever lets go last frees it; under a sanitizer this shows. */
START_TEST(can_be_given_up)
{
	struct obol_resolve *resolve;
	int i;

	for (i = 0; i < 50; i++)
	{
		resolve = NULL;
		ck_assert_int_eq(obol_resolve_start("localhost", &resolve), OBOL_OK);
		if (i % 2)
		{
			(void)usleep(500);
		}
		obol_resolve_free(resolve);
	}
	obol_resolve_free(NULL);
	/* the threads are gone or about to go */
	(void)usleep(200 * 1000);
}
END_TEST

static volatile sig_atomic_t n_signals;
static volatile sig_atomic_t was_elsewhere;
static pthread_t main_thread;

static void on_signal(int number)
{
	(void)number;
	n_signals = n_signals + 1;
	was_elsewhere =
		was_elsewhere || !pthread_equal(main_thread, pthread_self());
}

/* The program's signals arrive in its own threads. */
START_TEST(leaves_signals_alone)
{
	struct obol_resolve *resolve = NULL;
	sigset_t before;
	sigset_t after;
	int i;

	main_thread = pthread_self();
	(void)signal(SIGUSR1, on_signal);
	(void)pthread_sigmask(SIG_BLOCK, NULL, &before);
	for (i = 0; i < 20; i++)
	{
		ck_assert_int_eq(obol_resolve_start("localhost", &resolve), OBOL_OK);
		(void)kill(getpid(), SIGUSR1);
		wait_for(resolve);
		obol_resolve_free(resolve);
	}
	(void)pthread_sigmask(SIG_BLOCK, NULL, &after);
	ck_assert_int_eq(sigismember(&after, SIGUSR1),
					 sigismember(&before, SIGUSR1));
	ck_assert_int_ge(n_signals, 1);
	ck_assert_int_eq(was_elsewhere, 0);
}
END_TEST

Suite *resolve_suite(void);
Suite *resolve_suite(void)
{
	Suite *suite = suite_create("resolve");
	TCase *tcase = tcase_create("resolve");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, resolves);
	tcase_add_test(tcase, says_what_is_not_there);
	tcase_add_test(tcase, can_be_given_up);
	tcase_add_test(tcase, leaves_signals_alone);
	suite_add_tcase(suite, tcase);
	return suite;
}
