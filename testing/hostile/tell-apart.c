/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tries to tell accounts that exist from names that do not, by what a server
 * answers to a wrong password and by how long it takes: a known account, an
 * unknown name, a known account without a slot of the kind, an account that was
 * removed; then a known and an unknown name whose guesses are used up. All take
 * turns in random order. The control plants some microseconds for known
 * accounts and must tell. */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "trial.h"
#include "welch.h"

#define T_MAX 4.5
/** What no peer can see: thirty nanoseconds, as a cache line may cost, are
 * found by thousands of trials in one process, not behind a network's jitter.
 * In us. */
#define SEEN_MIN_US 0.1
static double show(const char *what, const char *a, const char *b,
				   const double *times_a, const double *times_b, size_t n)
{
	double t = welch_t(times_a, times_b, n);
	double median_a = median(times_a, n), median_b = median(times_b, n);
	bool is_seen = fabs(median_a - median_b) >= SEEN_MIN_US;

	(void)printf("%-10s %-14s %8.2f us  %-14s %8.2f us  t %6.2f%s\n", what, a,
				 median_a, b, median_b, t,
				 fabs(t) < T_MAX || is_seen ? "" : " (too little to be seen)");
	return is_seen ? fabs(t) : 0;
}

/* the largest of all pairs */
static double show_pairs(const struct times *times)
{
	double largest = 0, t;
	size_t i, j;

	for (i = 0; i < N_CLASSES; i++)
	{
		for (j = i + 1; j < N_CLASSES; j++)
		{
			t = show("challenge", class_names[i], class_names[j],
					 times->challenge[i], times->challenge[j], times->n);
			largest = t > largest ? t : largest;
			t = show("failure", class_names[i], class_names[j],
					 times->failure[i], times->failure[j], times->n);
			largest = t > largest ? t : largest;
		}
	}
	return largest;
}

static double wrong_logins(struct trial *trial, size_t n)
{
	struct times times;
	double largest;

	times_init(&times, n);
	measure(trial, N_CLASSES, OBOL_LOGIN_CHALLENGE, &times);
	largest = show_pairs(&times);
	times_clear(&times);
	return largest;
}

/* The median of each name's times: what a login costs here hangs a little on
 * where the name stands in the table, and many of one name say no more of that
 * than one. */
static void by_name(const double *times, size_t n, double *medians)
{
	double *one = calloc(n, sizeof(*one));
	size_t i, j, n_one;

	if (!one)
	{
		give_up("no memory");
	}
	for (j = 0; j < EXHAUSTED_NAMES; j++)
	{
		n_one = 0;
		for (i = j; i < n; i += EXHAUSTED_NAMES)
		{
			one[n_one++] = times[i];
		}
		medians[j] = median(one, n_one);
	}
	free(one);
}

static double exhausted(struct trial *trial, size_t n)
{
	double known[EXHAUSTED_NAMES], unknown[EXHAUSTED_NAMES];
	struct times times;

	exhaust(trial);
	times_init(&times, n);
	measure(trial, WRONG_KIND, OBOL_LATER, &times);
	by_name(times.challenge[KNOWN], n, known);
	by_name(times.challenge[UNKNOWN], n, unknown);
	times_clear(&times);
	return show("exhausted", class_names[KNOWN], class_names[UNKNOWN], known,
				unknown, EXHAUSTED_NAMES);
}

static double control(struct trial *trial, size_t n, long plant_us)
{
	struct times times;
	double t;

	driven_clock_pass(&trial->world.clock, 40 * DAY);
	trial->plant_us = plant_us;
	times_init(&times, n);
	measure(trial, WRONG_KIND, OBOL_LOGIN_CHALLENGE, &times);
	t = show("planted", class_names[KNOWN], class_names[UNKNOWN],
			 times.challenge[KNOWN], times.challenge[UNKNOWN], n);
	times_clear(&times);
	trial->plant_us = 0;
	return t;
}

/* What was asked for, and whether it came out as it should: the world's checks
 * are Check's, and want to be in a test of its. */
static struct {
	size_t n;
	long plant_us;
	bool with_postgresql;
	bool is_good;
} job = { 10000, 20, false, false };

START_TEST(tell_apart)
{
	struct trial trial;
	double largest, t, planted;

	trial_init(&trial, job.with_postgresql ? postgresql_store() : NULL);
	largest = wrong_logins(&trial, job.n);
	t = exhausted(&trial, job.n);
	largest = t > largest ? t : largest;
	planted = control(&trial, job.n, job.plant_us);
	world_clear(&trial.world);
	(void)printf("%zu logins of each: largest t %.2f, planted %ld us: %.2f\n",
				 job.n, largest, job.plant_us, planted);
	job.is_good = largest < T_MAX && planted > T_MAX;
}
END_TEST

static bool run_job(void)
{
	Suite *suite = suite_create("hostile");
	TCase *tc = tcase_create("tell_apart");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 0);
	tcase_add_test(tc, tell_apart);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	job.is_good = job.is_good && srunner_ntests_failed(runner) == 0;
	srunner_free(runner);
	return job.is_good;
}

static int usage(FILE *to)
{
	(void)fputs(
		"usage: tell-apart [-p MICROSECONDS] [--postgresql] [LOGINS]\n\n"
		"LOGINS of each class, by default 10000, 256 at least; -p: what the "
		"control plants, by default 20; --postgresql: with a store there, in "
		"place of SQLite.\nExit status 1: told apart, or the control was "
		"not.\n",
		to);
	return to == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "postgresql", no_argument, NULL, 'P' },
		{ NULL, 0, NULL, 0 },
	};
	long n = (long)job.n;
	int c;

	while ((c = getopt_long(argc, argv, "hp:", options, NULL)) != -1)
	{
		switch (c)
		{
			case 'h':
				return usage(stdout);
			case 'P':
				job.with_postgresql = true;
				break;
			case 'p':
				job.plant_us = strtol(optarg, NULL, 10);
				break;
			default:
				return usage(stderr);
		}
	}
	if (optind < argc)
	{
		n = strtol(argv[optind++], NULL, 10);
	}
	if (optind < argc || n < EXHAUSTED_NAMES || n > 1000000 || job.plant_us < 1)
	{
		return usage(stderr);
	}
	job.n = (size_t)n;
	return run_job() ? 0 : 1;
}
