/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Many clients in one process: each makes a TCP connection and a TLS handshake
 * of its own for every login, by the library's functions, and gets its
 * account's credential behind KE3.
 */
#ifndef TESTING_BENCH_LOAD_CLIENTS_H_
#define TESTING_BENCH_LOAD_CLIENTS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "testing/bench/load-account.h"

/** What is asked for. */
struct load_plan {
	uint16_t port;
	/** at the same time; those that hold their connections are done */
	unsigned n_clients;
	/** closed loop: each client begins anew as soon as it is done, n_logins in
	 * all. Open loop: arrivals a second, by a Poisson process, n_logins of
	 * them; one that finds all clients busy waits for one */
	double per_second;
	unsigned n_logins;
	/** nothing but TCP and TLS */
	bool only_handshake;
	/** connections stay open when they are logged in */
	bool holds;
	unsigned n_accounts;
	unsigned n_live;
	enum obol_slot_kind kind;
	/** the account that is next, carried from one run to the next */
	unsigned *next;
	/* who stands elsewhere, or must come back; each may be NULL */
	void *ctx;
	/** instead of per_second and n_logins: which account begins now, and since
	 * when its time runs; false: none, for so long at most, 0 when all are
	 * over */
	bool (*begins)(void *ctx, uint64_t now_ns, unsigned *live,
				   uint64_t *start_ns, uint64_t *wait_ns);
	/** that account's login has ended, NULL for well */
	void (*ended)(void *ctx, unsigned live, const char *why);
	/** a socket that connects, without waiting, for that account; -1: none */
	int (*connect)(void *ctx, unsigned live);
};

struct load_result {
	unsigned n_done;
	unsigned n_failed;
	uint64_t elapsed_ns;
	/** n_done of them, from the (intended) start to the answer, sorted */
	uint64_t *latency_ns;
	/** why the last one failed */
	char why[128];
};

struct load_clients;

/** Clients at rest; the process ends when there is no memory. */
struct load_clients *load_clients_new(unsigned n_max);

/** Run a plan; free the result by load_result_clear(). */
void load_clients_run(struct load_clients *clients,
					  const struct load_plan *plan, struct load_result *result);

/** Have each connection that is held send so many bytes of a request of a
 * megabyte, and no more; how many the server has not closed then. */
unsigned load_clients_fill(struct load_clients *clients, unsigned bytes);

/** Close all; the connections that were held go too. */
void load_clients_free(struct load_clients *clients);

void load_result_clear(struct load_result *result);

/** The p-th part of the latencies, 0..1, in milliseconds. */
double load_result_part(const struct load_result *result, double p);

/** Nanoseconds since some moment. */
uint64_t load_now_ns(void);

#endif /* TESTING_BENCH_LOAD_CLIENTS_H_ */
