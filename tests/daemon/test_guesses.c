/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guess limits of the program as it runs: several workers, many clients at
 * once, processes that are killed, and strangers behind one address. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "account/guess_limit.h"
#include "daemon/running.h"
#include "seal/code.h"
#include "support/run.h"
#include "support/scripted_rng.h"

/** Well-formed, and nobody's. */
#define WRONG_CODE_HEX "31313131313131313131"
#define N_GUESSES 50
#define N_HONEST 300
#define N_OFFICES 10

static struct running r;

/** What a login came to, as an exit code. */
enum outcome {
	LOGGED_IN,
	FAILED,
	PUT_OFF,
	NO_ANSWER,
	N_OUTCOMES,
};

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

static enum outcome guess(const char *account)
{
	struct obol_client *c = running_client_of(&r, account);
	struct obol_secret *secret = NULL, *text = NULL;
	struct scripted_rng rng;
	enum outcome outcome;

	scripted_rng_init(&rng, WRONG_CODE_HEX, NULL);
	ck_assert_int_eq(
		obol_code_new(&rng.rng, OBOL_ACTIVATION_BITS, &secret, &text), OBOL_OK);
	outcome = obol_client_login_activation(c, text) == OBOL_OK  ? LOGGED_IN
			  : obol_client_error(c)->cause == OBOL_CAUSE_AUTH  ? FAILED
			  : obol_client_error(c)->cause == OBOL_CAUSE_LATER ? PUT_OFF
																: NO_ANSWER;
	obol_secret_free(secret);
	obol_secret_free(text);
	obol_client_free(c);
	return outcome;
}

static void wait_all(unsigned n, unsigned outcomes[N_OUTCOMES])
{
	while (n--)
	{
		int wait_status;

		ck_assert_int_gt(wait(&wait_status), 0);
		ck_assert(WIFEXITED(wait_status));
		ck_assert_int_lt(WEXITSTATUS(wait_status), N_OUTCOMES);
		outcomes[WEXITSTATUS(wait_status)]++;
	}
}

/* So many processes, each with one guess at alice. wait() must not reap obold,
 * which is this process's child too: a middleman has them as his. */
static void guess_in_parallel(unsigned outcomes[N_OUTCOMES])
{
	int fds[2];
	pid_t pid;
	unsigned i;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
	{
		for (i = 0; i < N_GUESSES; i++)
		{
			if (fork() == 0)
			{
				_exit((int)guess("alice"));
			}
		}
		memset(outcomes, 0, N_OUTCOMES * sizeof(outcomes[0]));
		wait_all(N_GUESSES, outcomes);
		_exit(write(fds[1], outcomes, N_OUTCOMES * sizeof(outcomes[0])) < 0);
	}
	(void)close(fds[1]);
	ck_assert_int_eq(read(fds[0], outcomes, N_OUTCOMES * sizeof(outcomes[0])),
					 N_OUTCOMES * sizeof(outcomes[0]));
	(void)close(fds[0]);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(test_fifty_at_once)
{
	unsigned outcomes[N_OUTCOMES];

	begin("workers = 3\n");
	guess_in_parallel(outcomes);
	ck_assert_uint_eq(outcomes[LOGGED_IN], 0);
	ck_assert_uint_eq(outcomes[FAILED], OBOL_GUESS_FREE);
	ck_assert_uint_eq(outcomes[PUT_OFF], N_GUESSES - OBOL_GUESS_FREE);
}
END_TEST

/* Ends when the test kills it. */
static pid_t start_killer(void)
{
	pid_t pid = fork();
	unsigned i;

	ck_assert_int_ge(pid, 0);
	for (i = 0; pid == 0; i++)
	{
		pid_t pids[16];
		size_t n = running_processes(
			&r, i % 3 ? "obold-worker" : "obold-keeper", pids, 16);

		if (n)
		{
			(void)kill(pids[i / 3 % n], SIGKILL);
		}
		test_sleep(20 + i * 7919 % 61);
	}
	return pid;
}

/* Whatever dies when: ten guesses, and not one more. */
START_TEST(test_fifty_at_once_and_kills)
{
	unsigned outcomes[N_OUTCOMES], n_failed = 0, round;
	pid_t killer;

	begin("workers = 3\n");
	killer = start_killer();
	for (round = 0; round < 3; round++)
	{
		guess_in_parallel(outcomes);
		ck_assert_uint_eq(outcomes[LOGGED_IN], 0);
		n_failed += outcomes[FAILED];
	}
	ck_assert_int_eq(kill(killer, SIGKILL), 0);
	ck_assert_int_eq(waitpid(killer, NULL, 0), killer);
	ck_assert_uint_le(n_failed, OBOL_GUESS_FREE);
	/* killed ones may have taken some or all along, and none has come back */
	for (round = 0; n_failed < OBOL_GUESS_FREE && round < 200; round++)
	{
		enum outcome outcome = guess("alice");

		n_failed += outcome == FAILED;
		if (outcome == PUT_OFF)
		{
			break;
		}
		test_sleep(10);
	}
	ck_assert_uint_le(n_failed, OBOL_GUESS_FREE);
	while ((round = guess("alice")) == NO_ANSWER)
	{
		test_sleep(100);
	}
	ck_assert_uint_eq(round, PUT_OFF);
}
END_TEST

static void honest_name(unsigned i, char name[16])
{
	(void)snprintf(name, 16, "user%u", i);
}

/* Every tenth of the honest users, one after the other. */
static void work_in_office(unsigned office)
{
	char name[16];
	unsigned i;

	for (i = office; i < N_HONEST; i += N_OFFICES)
	{
		struct obol_client *c;

		honest_name(i, name);
		c = running_client_of(&r, name);
		if (log_in_by_code(c) != OBOL_OK)
		{
			(void)fprintf(stderr, "%s: %s\n", name, obol_client_error(c)->text);
			_exit(1);
		}
		obol_client_free(c);
	}
	_exit(0);
}

/* Guesses at one account and at names, as fast as it can. */
static pid_t start_guesser(void)
{
	pid_t pid = fork();
	char name[16];
	unsigned i;

	ck_assert_int_ge(pid, 0);
	if (pid)
	{
		return pid;
	}
	for (i = 0; i < 100; i++)
	{
		(void)snprintf(name, sizeof(name), "name%u", i);
		(void)guess(i % 2 ? "alice" : name);
	}
	for (;;)
	{
		(void)guess("alice");
	}
}

/* The shipped limits: a company of three hundred behind one address, with a
 * guesser among them, comes to work. */
START_TEST(test_honest_beside_a_guesser)
{
	pid_t guesser, offices[N_OFFICES];
	char name[16];
	unsigned i;

	running_init(&r, "");
	for (i = 0; i < N_HONEST; i++)
	{
		honest_name(i, name);
		(void)world_add(&r.world, name);
	}
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
	guesser = start_guesser();
	for (i = 0; i < N_OFFICES; i++)
	{
		offices[i] = fork();
		ck_assert_int_ge(offices[i], 0);
		if (offices[i] == 0)
		{
			work_in_office(i);
		}
	}
	for (i = 0; i < N_OFFICES; i++)
	{
		int wait_status;

		ck_assert_int_eq(waitpid(offices[i], &wait_status, 0), offices[i]);
		ck_assert_int_eq(wait_status, 0);
	}
	ck_assert_int_eq(kill(guesser, SIGKILL), 0);
	ck_assert_int_eq(waitpid(guesser, NULL, 0), guesser);
	/* who guessed got no further than anybody */
	ck_assert_int_eq(guess("alice"), PUT_OFF);
}
END_TEST

Suite *guesses_suite(void);

Suite *guesses_suite(void)
{
	Suite *suite = suite_create("guesses");
	TCase *tcase = tcase_create("guesses");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, test_fifty_at_once);
	tcase_add_test(tcase, test_fifty_at_once_and_kills);
	tcase_add_test(tcase, test_honest_beside_a_guesser);
	suite_add_tcase(suite, tcase);
	return suite;
}
