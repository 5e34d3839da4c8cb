/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logins of strangers, timed. */
#include "trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "pake/opaque_login.h"
#include "store/store_queue.h"

#define OUTPUT_MAX 1024

const char *const class_names[N_CLASSES] = {
	"known account",
	"unknown name",
	"wrong kind",
	"removed",
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

static double now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

void give_up(const char *what)
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
	static const char *const prefixes[N_CLASSES] = { "alice", "mally", "kinds",
													 "moved" };
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

static void make_accounts(struct trial *trial)
{
	struct obol_store_account_remove removal = { .in.account_id = 0 };
	struct world *world = &trial->world;
	size_t j;

	for (j = 0; j < NAMES; j++)
	{
		(void)world_add(world, trial->names[KNOWN][j]);
		world_activate(world, trial->names[KNOWN][j]);
		/* one that has an activation code, and no password yet */
		(void)world_add(world, trial->names[WRONG_KIND][j]);
		removal.in.account_id = world_add(world, trial->names[REMOVED][j]);
		world_activate(world, trial->names[REMOVED][j]);
		world_run(world, OBOL_STORE_ACCOUNT_REMOVE, &removal);
	}
	/* what the guess limits keep of the activations is gone then */
	driven_clock_pass(&world->clock, 40 * DAY);
}

static void make_ke1(struct trial *trial)
{
	struct obol_secret *input = obol_secret_dup("wrong", 5);
	struct obol_opaque_client *client = NULL;

	if (!input || obol_opaque_generate_ke1(obol_rng_system(), input, trial->ke1,
										   &client) != OBOL_OK)
	{
		give_up("no KE1");
	}
	obol_opaque_client_free(client);
	obol_secret_free(input);
}

void trial_init(struct trial *trial, struct obol_store *store)
{
	struct obol_store *queue = NULL;

	memset(trial, 0, sizeof(*trial));
	trial->random = 1;
	make_names(trial);
	world_init_with(&trial->world, WORLD_NOW, store);
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
	make_accounts(trial);
	make_ke1(trial);
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

void times_init(struct times *times, size_t n)
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

void times_clear(struct times *times)
{
	size_t i;

	for (i = 0; i < N_CLASSES; i++)
	{
		free(times->challenge[i]);
		free(times->failure[i]);
	}
}

/* n rounds, each class once in each */
void measure(struct trial *trial, size_t n_classes, uint8_t type,
			 struct times *times)
{
	enum class order[N_CLASSES] = { KNOWN, UNKNOWN, WRONG_KIND, REMOVED };
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

void exhaust(struct trial *trial)
{
	struct seen seen;
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
}
