/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tries to tell accounts that exist from names that do not, by what a server
 * answers to a wrong password and by how long it takes: a known account, an
 * unknown name, a known account without a slot of the kind; then a known and an
 * unknown name whose guesses are used up. All take turns in random order, on
 * a whole server with its store, without a network, which would only add noise.
 * The control plants some microseconds for known accounts and must tell. */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "pake/opaque_login.h"
#include "server/world.h"
#include "store/store_queue.h"
#include "welch.h"
#include "wire/frame.h"

/** Names of each class: nothing shall hang on the place of one in a table.
 * Those whose guesses are used up have never been activated, which takes time.
 */
#define NAMES 32
#define EXHAUSTED_NAMES 256
#define NAME_MAX_LEN 16
/** Between two logins of one name: within its 200 guesses in thirty days. */
#define ROUND_S (5 * 3600)
#define T_MAX 4.5
/** What no peer can see: thirty nanoseconds, as a cache line may cost, are
 * found by thousands of trials in one process, not behind a network's jitter.
 * In us. */
#define SEEN_MIN_US 0.1
#define OUTPUT_MAX 1024

enum class {
	KNOWN,
	UNKNOWN,
	WRONG_KIND,
	N_CLASSES,
};

static const char *const class_names[N_CLASSES] = {
	"known account",
	"unknown name",
	"wrong kind",
};

/** What a peer sees of one login. */
struct seen {
	double challenge_us;
	double failure_us;
	/** with LoginChallenge: its header, KSF and key number, which are no
	 * random bytes */
	uint8_t challenge_head[OBOL_FRAME_HEADER_LEN + OBOL_KSF_PARAMS_LEN + 4];
	size_t challenge_len;
	size_t failure_len;
	uint8_t failure[OUTPUT_MAX];
};

struct trial {
	struct world world;
	char names[N_CLASSES][NAMES][NAME_MAX_LEN];
	char exhausted[N_CLASSES][EXHAUSTED_NAMES][NAME_MAX_LEN];
	uint8_t ke1[OBOL_OPAQUE_KE1_LEN];
	/** planted for known accounts, and by whom the keys are asked now */
	long plant_us;
	enum class now;
	struct obol_opaque_keys *real;
	struct obol_opaque_keys keys;
	/** picks the order of turns */
	uint64_t random;
};

static double now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void give_up(const char *what)
{
	(void)fprintf(stderr, "tell-apart: %s\n", what);
	exit(2);
}

/*
 * The keys' operation that the control slows down
 */

static enum obol_status evaluate(struct obol_opaque_keys *keys,
								 uint32_t key_number,
								 struct obol_bytes credential_identifier,
								 struct obol_bytes blinded,
								 uint8_t evaluated[OBOL_OPAQUE_NOE])
{
	struct trial *trial = keys->ctx;
	double until = now_us() + (double)trial->plant_us;

	while (trial->plant_us && trial->now == KNOWN && now_us() < until)
	{
	}
	return trial->real->oprf_evaluate(
		trial->real, key_number, credential_identifier, blinded, evaluated);
}

static enum obol_status dh(struct obol_opaque_keys *keys, uint32_t key_number,
						   struct obol_bytes point, struct obol_secret *shared)
{
	struct trial *trial = keys->ctx;

	return trial->real->static_dh(trial->real, key_number, point, shared);
}

static enum obol_status public_key(struct obol_opaque_keys *keys,
								   uint32_t key_number,
								   uint8_t out[OBOL_OPAQUE_NPK])
{
	struct trial *trial = keys->ctx;

	return trial->real->public_key(trial->real, key_number, out);
}

/*
 * The trial
 */

static void make_names(struct trial *trial)
{
	/* of one length, in one order */
	static const char *const prefixes[N_CLASSES] = { "alice", "mally",
													 "kinds" };
	size_t i, j;

	for (i = 0; i < N_CLASSES; i++)
	{
		for (j = 0; j < NAMES; j++)
		{
			(void)snprintf(trial->names[i][j], sizeof(trial->names[i][j]),
						   "%s%02zu", prefixes[i], j);
		}
		for (j = 0; j < EXHAUSTED_NAMES; j++)
		{
			(void)snprintf(trial->exhausted[i][j], NAME_MAX_LEN, "%s%03zu",
						   prefixes[i], j);
		}
	}
}

static void trial_init(struct trial *trial)
{
	struct obol_secret *input = obol_secret_dup("wrong", 5);
	struct obol_opaque_client *client = NULL;
	struct obol_store *queue = NULL;
	size_t j;

	memset(trial, 0, sizeof(*trial));
	trial->random = 1;
	make_names(trial);
	world_init(&trial->world);
	trial->world.log.level = OBOL_LOG_INFO;
	trial->world.options.policy.failures_per_source = 500000;
	trial->real = trial->world.options.keys;
	trial->keys.oprf_evaluate = evaluate;
	trial->keys.static_dh = dh;
	trial->keys.public_key = public_key;
	trial->keys.ctx = trial;
	trial->world.options.keys = &trial->keys;
	/* as in a worker: what is asked of the store waits for the end of the
	 * round */
	if (obol_store_queue_new(trial->world.options.store, &queue) != OBOL_OK)
	{
		give_up("no queue");
	}
	trial->world.options.store = queue;
	world_start(&trial->world);
	for (j = 0; j < NAMES; j++)
	{
		(void)world_add(&trial->world, trial->names[KNOWN][j]);
		world_activate(&trial->world, trial->names[KNOWN][j]);
		/* one that has an activation code, and no password yet */
		(void)world_add(&trial->world, trial->names[WRONG_KIND][j]);
	}
	/* what the guess limits keep of the activations is gone then */
	driven_clock_pass(&trial->world.clock, 40 * DAY);
	if (!input || obol_opaque_generate_ke1(obol_rng_system(), input, trial->ke1,
										   &client) != OBOL_OK)
	{
		give_up("no KE1");
	}
	obol_opaque_client_free(client);
	obol_secret_free(input);
}

static size_t take_output(struct obol_server_connection *conn,
						  uint8_t out[OUTPUT_MAX])
{
	struct obol_bytes bytes = obol_server_connection_output(conn);

	if (bytes.len == 0 || bytes.len > OUTPUT_MAX)
	{
		give_up("an answer that no login has");
	}
	memcpy(out, bytes.ptr, bytes.len);
	obol_server_connection_sent(conn, bytes.len);
	return bytes.len;
}

/* Bytes in, until the answer is there: microseconds. The store works only if
 * the answer waits for it. */
static double challenge_time(struct trial *trial,
							 struct obol_server_connection *conn,
							 struct obol_writer *frame)
{
	double start = now_us();

	obol_server_connection_input(conn, obol_writer_view(frame));
	obol_store_flush(trial->world.options.store);
	return now_us() - start;
}

/* The same until the connection's end, which the peer sees too. */
static double failure_time(struct trial *trial,
						   struct obol_server_connection *conn,
						   struct obol_writer *frame)
{
	double start = now_us();

	obol_server_connection_input(conn, obol_writer_view(frame));
	if (!obol_server_connection_is_done(conn))
	{
		obol_store_flush(trial->world.options.store);
	}
	return now_us() - start;
}

static void login(struct trial *trial, enum class class, const char *name,
				  struct seen *seen)
{
	struct obol_login_start start = {
		.suite = OBOL_SUITE_1,
		.mechanism = OBOL_MECHANISM_OPAQUE,
		.kind = OBOL_SLOT_PASSWORD,
		.name = obol_bytes_str(name),
		.ke1 = obol_bytes(trial->ke1, sizeof(trial->ke1)),
	};
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN] = { 0 }, challenge[OUTPUT_MAX];
	struct obol_writer to_start, to_finish;
	struct link link;

	obol_writer_init(&to_start);
	obol_writer_init(&to_finish);
	obol_login_start_encode(&to_start, &start);
	obol_login_finish_encode(&to_finish, obol_bytes(ke3, sizeof(ke3)));
	link_open(&link, &trial->world, NULL);
	trial->now = class;
	seen->challenge_us = challenge_time(trial, link.conn, &to_start);
	seen->challenge_len = take_output(link.conn, challenge);
	memset(seen->challenge_head, 0, sizeof(seen->challenge_head));
	memcpy(seen->challenge_head, challenge,
		   seen->challenge_len < sizeof(seen->challenge_head)
			   ? seen->challenge_len
			   : sizeof(seen->challenge_head));
	seen->failure_len = 0;
	if (challenge[0] == OBOL_LOGIN_CHALLENGE)
	{
		seen->failure_us = failure_time(trial, link.conn, &to_finish);
		seen->failure_len = take_output(link.conn, seen->failure);
	}
	else
	{
		/* Later: all of it is to be seen, seconds too */
		seen->failure_us = 0;
		seen->failure_len = seen->challenge_len;
		memcpy(seen->failure, challenge, seen->challenge_len);
	}
	link_close(&link);
	trial->world.logged_len = 0;
	obol_writer_clear(&to_start);
	obol_writer_clear(&to_finish);
}

/* in shape and error */
static void check_alike(const struct seen *a, const struct seen *b,
						uint8_t type)
{
	if (a->challenge_head[0] != type || b->challenge_head[0] != type ||
		memcmp(a->challenge_head, b->challenge_head,
			   sizeof(a->challenge_head)) != 0 ||
		a->challenge_len != b->challenge_len ||
		a->failure_len != b->failure_len ||
		memcmp(a->failure, b->failure, a->failure_len) != 0)
	{
		give_up("answers differ in type, length or error");
	}
}

static void shuffle(struct trial *trial, enum class *order, size_t n)
{
	size_t i, j;

	for (i = n - 1; i > 0; i--)
	{
		trial->random = trial->random * UINT64_C(6364136223846793005) + 1;
		j = (size_t)(trial->random >> 33) % (i + 1);
		enum class one = order[i];

		order[i] = order[j];
		order[j] = one;
	}
}

/** Times by class. */
struct times {
	size_t n;
	double *challenge[N_CLASSES];
	double *failure[N_CLASSES];
};

static void times_init(struct times *times, size_t n)
{
	size_t i;

	times->n = n;
	for (i = 0; i < N_CLASSES; i++)
	{
		times->challenge[i] = calloc(n, sizeof(double));
		times->failure[i] = calloc(n, sizeof(double));
		if (!times->challenge[i] || !times->failure[i])
		{
			give_up("no memory");
		}
	}
}

static void times_clear(struct times *times)
{
	size_t i;

	for (i = 0; i < N_CLASSES; i++)
	{
		free(times->challenge[i]);
		free(times->failure[i]);
	}
}

/* n rounds, each class once in each */
static void measure(struct trial *trial, size_t n_classes, uint8_t type,
					struct times *times)
{
	enum class order[N_CLASSES] = { KNOWN, UNKNOWN, WRONG_KIND };
	struct seen seen[N_CLASSES];
	size_t round, i;

	for (round = 0; round < times->n; round++)
	{
		shuffle(trial, order, n_classes);
		for (i = 0; i < n_classes; i++)
		{
			enum class class = order[i];

			login(trial, class,
				  type == OBOL_LATER
					  ? trial->exhausted[class][round % EXHAUSTED_NAMES]
					  : trial->names[class][round % NAMES],
				  &seen[class]);
			times->challenge[class][round] = seen[class].challenge_us;
			times->failure[class][round] = seen[class].failure_us;
		}
		for (i = 1; i < n_classes; i++)
		{
			check_alike(&seen[0], &seen[i], type);
		}
		if (type != OBOL_LATER)
		{
			/* one name's turn comes every NAMES rounds */
			driven_clock_pass(&trial->world.clock, ROUND_S / NAMES);
		}
	}
}

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
	struct seen seen;
	struct times times;
	size_t i, j;

	for (j = 0; j < EXHAUSTED_NAMES; j++)
	{
		(void)world_add(&trial->world, trial->exhausted[KNOWN][j]);
	}
	for (i = 0; i < 10; i++)
	{
		for (j = 0; j < EXHAUSTED_NAMES; j++)
		{
			login(trial, KNOWN, trial->exhausted[KNOWN][j], &seen);
			login(trial, UNKNOWN, trial->exhausted[UNKNOWN][j], &seen);
		}
	}
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
	measure(trial, N_CLASSES, OBOL_LOGIN_CHALLENGE, &times);
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
	bool is_good;
} job = { 10000, 20, false };

START_TEST(tell_apart)
{
	struct trial trial;
	double largest, t, planted;

	trial_init(&trial);
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
		"usage: tell-apart [-p MICROSECONDS] [LOGINS]\n\n"
		"LOGINS of each class, by default 10000, 256 at least; -p: what the "
		"control plants, by default 20.\nExit status 1: told apart, or the "
		"control was not.\n",
		to);
	return to == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' },
											 { NULL, 0, NULL, 0 } };
	long n = (long)job.n;
	int c;

	while ((c = getopt_long(argc, argv, "hp:", options, NULL)) != -1)
	{
		switch (c)
		{
			case 'h':
				return usage(stdout);
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
