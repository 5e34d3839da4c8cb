/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Whether the server has what the log says: asked of the server by the
 * accounts' own devices and passwords, and found in listings.
 */
#ifndef TESTING_FAULTS_CHECK_H_
#define TESTING_FAULTS_CHECK_H_

#include "testing/faults/actions.h"

struct check_options {
	struct actions_server server;
	const char *log;
	/** of the certificates that the server has recorded, "NAME SERIAL" a line;
	 * NULL: not looked at */
	const char *certificates;
	/** of the guess table, "KEY NUMBER" a line, and the key of its keys, both
	 * in hex; NULL: not looked at */
	const char *guesses;
	const char *id_key;
};

/** What was looked at, and how much of it was not as it should be. */
struct check {
	const struct check_options *options;
	struct model model;
	size_t n_opened;
	size_t n_certificates;
	size_t n_guesses;
	size_t n_faults;
};

/** A line for each fault, and one in all on standard output; an exit status:
 * 1 for faults, 2 when it cannot be checked. */
int check_run(const struct check_options *options);

/** Say that something is not as it should be. */
void check_fault(struct check *check, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** Listings against the log; false when one cannot be read. */
bool check_certificates(struct check *check);
bool check_guesses(struct check *check);

#endif /* TESTING_FAULTS_CHECK_H_ */
