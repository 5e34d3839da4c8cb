/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many clients, each in a thread. */
#include "testing/faults/load.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CLIENTS_MAX 256
/** Tries of setting up one account or device before the load. */
#define TRIES_MAX 10
/** Of all operations, as long as there are accounts to set up. */
#define ACTIVATE_PERCENT 3
/** Draws of an account before one of the other kind does. */
#define PICKS_MAX 50
/** A name is left alone after so many tries, or so many times "later". */
#define GUESSES_MAX 24
#define LATER_MAX 3

struct load {
	const struct load_options *options;
	struct model model;
	struct actions_user *users;
	uint64_t end_ms;
	/** the targets that are guessed at now; all guess at one */
	pthread_mutex_t lock;
	size_t target;
	unsigned n_guesses;
	unsigned n_later;
	pthread_barrier_t ready;
};

struct client {
	struct load *load;
	unsigned number;
	uint64_t random;
	pthread_t thread;
};

static atomic_bool is_over;

static void on_sigterm(int number)
{
	(void)number;
	atomic_store(&is_over, true);
}

static unsigned draw(struct client *client, unsigned n)
{
	client->random = client->random * UINT64_C(6364136223846793005) + 1;
	return (unsigned)(client->random >> 33) % n;
}

static bool goes_on(const struct load *load)
{
	return !atomic_load(&is_over) &&
		   (!load->end_ms || acks_now_ms() < load->end_ms);
}

/* The next moment of one among n that share a rate. */
static void pace(uint64_t *next_ms, unsigned n, unsigned per_second)
{
	uint64_t now = acks_now_ms();
	struct timespec pause;

	if (!per_second)
	{
		return;
	}
	*next_ms += (uint64_t)1000 * n / per_second;
	if (*next_ms < now)
	{
		*next_ms = now; /* what was missed is not made up for */
	}
	pause.tv_sec = (time_t)((*next_ms - now) / 1000);
	pause.tv_nsec = (long)((*next_ms - now) % 1000) * 1000000;
	(void)nanosleep(&pause, NULL);
}

/*
 * Clients
 */

/* The client's own accounts are every n-th: one that is set up, or now and then
 * one that is not yet. */
static struct actions_user *pick(struct client *client)
{
	size_t n = client->load->model.n_accounts;
	unsigned step = client->load->options->n_clients;
	unsigned own = (unsigned)((n - client->number + step - 1) / step);
	bool is_new = draw(client, 100) < ACTIVATE_PERCENT;
	struct actions_user *user = NULL;
	unsigned i;

	for (i = 0; i < PICKS_MAX; i++)
	{
		user = &client->load->users[client->number + step * draw(client, own)];
		if (user->account->is_active != is_new)
		{
			break;
		}
	}
	return user;
}

static void set_up(struct client *client)
{
	const struct load_options *options = client->load->options;
	size_t i;

	for (i = client->number; i < options->n_ready; i += options->n_clients)
	{
		struct actions_user *user = &client->load->users[i];
		unsigned tries;

		for (tries = 0; tries < TRIES_MAX && !user->account->is_active; tries++)
		{
			actions_activate(user);
		}
		for (tries = 0; tries < TRIES_MAX && user->account->is_active &&
						user->account->n_devices < options->n_devices;
			 tries++)
		{
			actions_add_device(user);
		}
	}
}

static void do_one(struct client *client)
{
	struct actions_user *user = pick(client);
	unsigned credential = draw(client, MODEL_CREDENTIALS);
	unsigned what = draw(client, 100);

	if (!user->account->is_active)
	{
		actions_activate(user);
	}
	else if (!user->account->n_devices)
	{
		actions_add_device(user);
	}
	else if (what < 25)
	{
		actions_login(user, credential);
	}
	else if (what < 50)
	{
		actions_get(user, credential);
	}
	else if (what < 78)
	{
		actions_put(user, credential);
	}
	else if (what < 93)
	{
		actions_issue(user);
	}
	else
	{
		actions_change_password(user);
	}
}

static void *run_client(void *arg)
{
	struct client *client = arg;
	struct load *load = client->load;
	uint64_t next_ms;

	set_up(client);
	(void)pthread_barrier_wait(&load->ready);
	(void)pthread_barrier_wait(&load->ready);
	next_ms = acks_now_ms();
	while (goes_on(load))
	{
		do_one(client);
		pace(&next_ms, load->options->n_clients, load->options->per_second);
	}
	return NULL;
}

/*
 * Those who guess
 */

/* The name to guess at, NULL when there are no more. */
static const char *next_target(struct load *load)
{
	const char *name = NULL;

	(void)pthread_mutex_lock(&load->lock);
	if (load->n_guesses >= GUESSES_MAX || load->n_later >= LATER_MAX)
	{
		load->target++;
		load->n_guesses = 0;
		load->n_later = 0;
	}
	load->n_guesses++;
	if (load->target < load->model.n_targets)
	{
		name = load->model.targets[load->target].name;
	}
	(void)pthread_mutex_unlock(&load->lock);
	return name;
}

static void *run_guesser(void *arg)
{
	struct client *client = arg;
	struct load *load = client->load;
	uint64_t next_ms;
	const char *name;
	bool is_later;

	(void)pthread_barrier_wait(&load->ready);
	(void)pthread_barrier_wait(&load->ready);
	next_ms = acks_now_ms();
	while (goes_on(load) && (name = next_target(load)))
	{
		(void)actions_guess(&load->options->server, name, &is_later);
		(void)pthread_mutex_lock(&load->lock);
		load->n_later += is_later;
		(void)pthread_mutex_unlock(&load->lock);
		pace(&next_ms, load->options->n_guessers,
			 load->options->guesses_per_second);
	}
	return NULL;
}

/*
 * All of them
 */

/* "NAME" or "NAME CODE"; the codes go into the log, for those who check. */
static bool read_names(struct model *model, const char *path, bool has_code)
{
	FILE *file = fopen(path, "re");
	char name[ACKS_NAME_MAX], code[MODEL_CODE_MAX];
	struct model_account *account;
	struct acks_line line;

	while (file && (has_code ? fscanf(file, "%255s %39s", name, code) == 2
							 : fscanf(file, "%255s", name) == 1))
	{
		if (!has_code)
		{
			(void)model_target(model, name);
			continue;
		}
		account = model_account(model, name);
		if (*account->code)
		{
			continue; /* the log has it */
		}
		memcpy(account->code, code, sizeof(code));
		acks_begin(&line, "account", name);
		acks_end(&line, "known", "code=%s", code);
	}
	if (!file)
	{
		perror(path);
		return false;
	}
	(void)fclose(file);
	return true;
}

static bool prepare(struct load *load)
{
	const struct load_options *options = load->options;
	size_t i;

	model_init(&load->model);
	/* what an earlier load has done goes on here */
	if (!model_read(&load->model, options->log))
	{
		perror(options->log);
		return false;
	}
	load->target = load->model.n_targets;
	if (!read_names(&load->model, options->accounts, true) ||
		(options->targets &&
		 !read_names(&load->model, options->targets, false)))
	{
		return false;
	}
	if (load->model.n_accounts < options->n_clients ||
		load->model.n_accounts < options->n_ready)
	{
		(void)fputs("clients: there are too few accounts\n", stderr);
		return false;
	}
	load->users = calloc(load->model.n_accounts, sizeof(*load->users));
	for (i = 0; load->users && i < load->model.n_accounts; i++)
	{
		load->users[i].server = &options->server;
		load->users[i].account = &load->model.accounts[i];
	}
	return load->users != NULL;
}

/* How many accounts there were to set up, and how many it has become. */
static int tell_ready(const struct load *load)
{
	size_t i, n = 0;

	for (i = 0; i < load->model.n_accounts; i++)
	{
		n += load->model.accounts[i].is_active;
	}
	(void)printf("ready: %zu accounts\n", n);
	(void)fflush(stdout);
	return n >= load->options->n_ready ? 0 : 1;
}

static int play(struct load *load, struct client *clients, unsigned n)
{
	unsigned i;
	int status;

	for (i = 0; i < n; i++)
	{
		bool guesses = i >= load->options->n_clients;

		clients[i].load = load;
		clients[i].number = i;
		clients[i].random = load->options->seed * (uint64_t)1000003 + i;
		if (pthread_create(&clients[i].thread, NULL,
						   guesses ? run_guesser : run_client,
						   &clients[i]) != 0)
		{
			(void)fputs("clients: no more threads\n", stderr);
			exit(2);
		}
	}
	(void)pthread_barrier_wait(&load->ready);
	status = tell_ready(load);
	load->end_ms = load->options->seconds
					   ? acks_now_ms() + load->options->seconds * UINT64_C(1000)
					   : 0;
	(void)pthread_barrier_wait(&load->ready);
	for (i = 0; i < n; i++)
	{
		(void)pthread_join(clients[i].thread, NULL);
	}
	return status;
}

int load_run(const struct load_options *options)
{
	unsigned n = options->n_clients + options->n_guessers;
	struct sigaction action = { .sa_handler = on_sigterm };
	struct client clients[2 * CLIENTS_MAX] = { { 0 } };
	struct load load = { .options = options };
	int status = 2;

	if (options->n_clients > CLIENTS_MAX || options->n_guessers > CLIENTS_MAX ||
		!prepare(&load))
	{
		return status;
	}
	(void)sigaction(SIGTERM, &action, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)pthread_mutex_init(&load.lock, NULL);
	(void)pthread_barrier_init(&load.ready, NULL, n + 1);
	status = play(&load, clients, n);
	(void)pthread_barrier_destroy(&load.ready);
	(void)pthread_mutex_destroy(&load.lock);
	free(load.users);
	model_clear(&load.model);
	return status;
}
