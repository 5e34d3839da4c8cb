/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A steady load of many clients, and of guesses, each client's operations one
 * after the other.
 */
#ifndef TESTING_FAULTS_LOAD_H_
#define TESTING_FAULTS_LOAD_H_

#include "testing/faults/actions.h"

struct load_options {
	/** of what was acknowledged, also by an earlier load, which is gone on
	 * with; it was opened with acks_open() */
	const char *log;
	struct actions_server server;
	/** names and codes of accounts, "NAME CODE" a line */
	const char *accounts;
	/** names to guess at, one a line; NULL for none */
	const char *targets;
	/** clients at once, and those who guess beside them */
	unsigned n_clients;
	unsigned n_guessers;
	/** operations in a second, of all clients; of all who guess; 0: as many as
	 * there can be */
	unsigned per_second;
	unsigned guesses_per_second;
	/** accounts that are set up first, and devices that each gets */
	unsigned n_ready;
	unsigned n_devices;
	/** after being ready; 0: until SIGTERM */
	unsigned seconds;
	unsigned seed;
};

/**
 * Set up, say "ready" on standard output, and go on until it is time or SIGTERM
 * comes. What was begun is always ended and logged.
 *
 * @return	an exit status
 */
int load_run(const struct load_options *options);

#endif /* TESTING_FAULTS_LOAD_H_ */
