/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * How long there was no service, by the log: for each fault from its end, or
 * from its beginning when it is over at once.
 */
#ifndef TESTING_FAULTS_GAPS_H_
#define TESTING_FAULTS_GAPS_H_

#include "testing/faults/acks.h"

/**
 * A line for each kind of fault on standard output: how many there were, the
 * longest time until an operation that began after the fault was acknowledged,
 * and the longest time until the last that failed had begun.
 *
 * @param limit_ms	more than that of either is a failure; 0 for no limit
 * @return			an exit status
 */
int gaps_run(const char *path, unsigned limit_ms);

#endif /* TESTING_FAULTS_GAPS_H_ */
