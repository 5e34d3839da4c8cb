/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Users of an obold on this machine's loopback device, whose accounts load-fill
 * made: each has a network of its own, and logs in with his device's secret and
 * gets his credential, once.
 *
 * usage: users [-ap] [-o FILE] PORT ACCOUNTS FIRST USERS SECONDS
 *
 * USERS of the ACCOUNTS, from the FIRST on, begin within SECONDS, at random.
 * Without -p each tries once, and has failed when it takes 15 s. With -p he is
 * persistent, as the plugin is: after a failure he tries again after 5 s, then
 * 10, doubling up to 600, each a quarter more or less at random; and every
 * tenth is behind one and the same address.
 *
 * -a: all are behind one and the same IPv4 address.
 * -o FILE appends each one's milliseconds to a file, a line each.
 *
 * One line: done=N failed=N users, again=N who did not get in at once, tries=N
 * connections, and in milliseconds from when a user began to his credential,
 * p50=N p99=N of those who got in at once, max=N of all. */
#include "testing/bench/load-clients.h"
#include "testing/hostile/networks.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NS_OF_S 1000000000ull
#define PATIENCE_NS (15 * NS_OF_S)
/** As in the plugin's obol_profile.h. */
#define BACKOFF_MIN_NS (5 * NS_OF_S)
#define BACKOFF_MAX_NS (600 * NS_OF_S)
/** One in so many is behind the one address. */
#define TOGETHER 10

enum user_state {
	WAITS,
	TRIES,
	OVER,
};

struct user {
	enum user_state state;
	uint64_t due_ns;
	uint64_t begun_ns;
	unsigned n_failures;
	double took_ms;
};

struct users {
	bool persistent;
	bool together;
	uint16_t port;
	unsigned first;
	unsigned n;
	unsigned n_over;
	unsigned n_tries;
	uint64_t end_ns;
	uint64_t random;
	struct user *all;
	char why[128];
};

static double uniform(struct users *users)
{
	/* xorshift64: only has to be alike in each run */
	users->random ^= users->random << 13;
	users->random ^= users->random >> 7;
	users->random ^= users->random << 17;
	return (double)(users->random >> 11) / 9007199254740992.0;
}

/* As the plugin's obol_profile.c has it. */
static uint64_t backoff_ns(struct users *users, unsigned n_failures)
{
	uint64_t ns = BACKOFF_MIN_NS;

	while (--n_failures && ns < BACKOFF_MAX_NS)
	{
		ns *= 2;
	}
	ns = ns < BACKOFF_MAX_NS ? ns : BACKOFF_MAX_NS;
	return (uint64_t)((double)ns * (0.75 + 0.5 * uniform(users)));
}

/*
 * What load-clients asks
 */

static bool begins(void *ctx, uint64_t now_ns, unsigned *live,
				   uint64_t *start_ns, uint64_t *wait_ns)
{
	struct users *users = ctx;
	uint64_t next_ns = users->end_ns;
	unsigned i;

	*wait_ns = 0;
	if (users->n_over == users->n || now_ns >= users->end_ns)
	{
		return false;
	}
	for (i = 0; i < users->n; i++)
	{
		struct user *user = &users->all[i];

		if (user->state == WAITS && user->due_ns <= now_ns)
		{
			user->state = TRIES;
			users->n_tries++;
			*live = users->first + i;
			*start_ns = user->begun_ns;
			return true;
		}
		if (user->state == WAITS && user->due_ns < next_ns)
		{
			next_ns = user->due_ns;
		}
	}
	*wait_ns = next_ns - now_ns;
	return false;
}

static void ended(void *ctx, unsigned live, const char *why)
{
	struct users *users = ctx;
	struct user *user = &users->all[live - users->first];
	uint64_t now_ns = load_now_ns();

	if (why)
	{
		(void)snprintf(users->why, sizeof(users->why), "%s", why);
		user->n_failures++;
	}
	if (why && users->persistent)
	{
		user->state = WAITS;
		user->due_ns = now_ns + backoff_ns(users, user->n_failures);
		return;
	}
	user->state = OVER;
	users->n_over++;
	user->took_ms = why ? -1 : (double)(now_ns - user->begun_ns) / 1e6;
}

static int connect_user(void *ctx, unsigned live)
{
	const struct users *users = ctx;
	bool together =
		users->together || (users->persistent && live % TOGETHER == 0);

	return network_connect(USERS, together ? 0 : 2 + live, users->port);
}

/*
 * The run
 */

static void make_users(struct users *users, unsigned seconds)
{
	uint64_t now_ns = load_now_ns();
	unsigned i;

	users->all = calloc(users->n, sizeof(*users->all));
	if (!users->all)
	{
		load_die("memory ran out");
	}
	for (i = 0; i < users->n; i++)
	{
		users->all[i].due_ns =
			now_ns + (uint64_t)(uniform(users) * (double)seconds * NS_OF_S);
		users->all[i].begun_ns = users->all[i].due_ns;
	}
	users->end_ns = now_ns + seconds * NS_OF_S;
	users->end_ns += users->persistent ? 2 * BACKOFF_MAX_NS : PATIENCE_NS;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void write_times(const char *path, const double *took, size_t n)
{
	FILE *file = fopen(path, "ae");
	size_t i;

	if (!file)
	{
		load_die("%s cannot be written", path);
	}
	for (i = 0; i < n; i++)
	{
		(void)fprintf(file, "%.3f\n", took[i]);
	}
	if (fclose(file) != 0)
	{
		load_die("%s cannot be written", path);
	}
}

static void print_result(const struct users *users, const char *path)
{
	double *took = calloc(users->n + 1, sizeof(*took)), max = 0;
	unsigned i, n = 0, n_again = 0;

	if (!took)
	{
		load_die("memory ran out");
	}
	for (i = 0; i < users->n; i++)
	{
		const struct user *user = &users->all[i];

		if (user->state == OVER && user->took_ms >= 0)
		{
			max = user->took_ms > max ? user->took_ms : max;
			n_again += user->n_failures != 0;
			took[n] = user->took_ms;
			n += user->n_failures == 0;
		}
	}
	qsort(took, n, sizeof(*took), by_value);
	(void)printf("done=%u failed=%u again=%u tries=%u p50=%.2f p99=%.2f "
				 "max=%.2f\n",
				 n + n_again, users->n - n - n_again, n_again, users->n_tries,
				 n ? took[n / 2] : 0, n ? took[n * 99 / 100] : 0, max);
	if (*users->why)
	{
		(void)fprintf(stderr, "users: the last failure: %s\n", users->why);
	}
	if (path)
	{
		write_times(path, took, n);
	}
	free(took);
}

static void parse_options(int argc, char **argv, struct users *users,
						  const char **path)
{
	int option;

	while ((option = getopt(argc, argv, "apo:")) != -1)
	{
		switch (option)
		{
			case 'a':
				users->together = true;
				break;
			case 'p':
				users->persistent = true;
				break;
			case 'o':
				*path = optarg;
				break;
			default:
				exit(2);
		}
	}
	if (argc - optind != 5)
	{
		load_die("usage: users [-ap] [-o FILE] PORT ACCOUNTS FIRST USERS "
				 "SECONDS");
	}
}

int main(int argc, char **argv)
{
	struct users users = { .random = 0x6f626f6c };
	unsigned next = 0;
	struct load_plan plan = {
		.kind = OBOL_SLOT_DEVICE,
		.next = &next,
		.ctx = &users,
		.begins = begins,
		.ended = ended,
		.connect = connect_user,
	};
	struct load_clients *clients;
	struct load_result result;
	const char *path = NULL;

	parse_options(argc, argv, &users, &path);
	argv += optind;
	(void)signal(SIGPIPE, SIG_IGN);
	users.port = (uint16_t)load_number(argv[0], 1, 65535);
	plan.n_accounts = load_number(argv[1], 1, 1000000);
	plan.n_live = plan.n_accounts;
	users.first = load_number(argv[2], 0, plan.n_accounts - 1);
	users.n = load_number(argv[3], 1, plan.n_accounts - users.first);
	plan.n_logins = users.n;
	make_users(&users, load_number(argv[4], 1, 3600));
	clients = load_clients_new(users.n);
	load_clients_run(clients, &plan, &result);
	print_result(&users, path);
	load_result_clear(&result);
	load_clients_free(clients);
	free(users.all);
	return 0;
}
