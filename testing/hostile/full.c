/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fills an obold with connections that are logged in and each hold as much of
 * it as a client can make it hold, and keeps them until standard input ends.
 *
 * usage: full PORT CONNECTIONS BYTES ACCOUNTS
 *
 * CONNECTIONS log in with the devices of load-fill's ACCOUNTS, each from a
 * network of its own. Then each sends BYTES of a request of a megabyte that
 * never ends. Two lines: "held=N" of those that are logged in, and why not all;
 * then "kept=N" of those that the server has not closed when all have sent. */
#include "testing/bench/load-clients.h"
#include "testing/hostile/networks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct full {
	uint16_t port;
	unsigned n;
	unsigned begun;
	unsigned n_accounts;
	unsigned at_work;
};

/** Handshakes under way at once. */
#define AT_WORK_MAX 32
#define WAIT_NS 1000000

static bool begins(void *ctx, uint64_t now_ns, unsigned *live,
				   uint64_t *start_ns, uint64_t *wait_ns)
{
	struct full *full = ctx;

	*wait_ns = full->at_work ? WAIT_NS : 0;
	if (full->begun == full->n || full->at_work == AT_WORK_MAX)
	{
		return false;
	}
	*live = full->begun++ % full->n_accounts;
	*start_ns = now_ns;
	full->at_work++;
	return true;
}

static void ended(void *ctx, unsigned live, const char *why)
{
	struct full *full = ctx;

	(void)live;
	(void)why;
	full->at_work--;
}

static int connect_from(void *ctx, unsigned live)
{
	static unsigned next;
	struct full *full = ctx;

	(void)live;
	return network_connect(USERS, next++ % NETWORKS_MAX, full->port);
}

int main(int argc, char **argv)
{
	struct full full = { 0 };
	unsigned next = 0;
	struct load_plan plan = {
		.kind = OBOL_SLOT_DEVICE,
		.next = &next,
		.holds = true,
		.ctx = &full,
		.begins = begins,
		.ended = ended,
		.connect = connect_from,
	};
	struct load_clients *clients;
	struct load_result result;
	unsigned bytes, kept;
	char byte;

	if (argc != 5)
	{
		(void)fputs("usage: full PORT CONNECTIONS BYTES ACCOUNTS\n", stderr);
		return 2;
	}
	full.port = (uint16_t)atoi(argv[1]);
	full.n = (unsigned)atoi(argv[2]);
	bytes = (unsigned)atoi(argv[3]);
	full.n_accounts = (unsigned)atoi(argv[4]);
	plan.port = full.port;
	plan.n_clients = full.n + 1;
	plan.n_logins = full.n;
	plan.n_accounts = full.n_accounts;
	plan.n_live = full.n_accounts;
	/* one more, at rest, as else nobody is asked whether all are over */
	clients = load_clients_new(full.n + 1);
	load_clients_run(clients, &plan, &result);
	(void)printf("held=%u %s\n", result.n_done, result.why);
	(void)fflush(stdout);
	load_result_clear(&result);
	kept = load_clients_fill(clients, bytes);
	(void)printf("kept=%u\n", kept);
	(void)fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
	{
	}
	load_clients_free(clients);
	return 0;
}
