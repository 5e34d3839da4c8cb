/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Whether two samples of times come of one distribution.
 */
#ifndef TESTING_HOSTILE_WELCH_H_
#define TESTING_HOSTILE_WELCH_H_

#include <stddef.h>

/**
 * Welch's t of two samples of n times each: of the fastest half of both
 * together, the fastest three quarters, and nine tenths, the one that is
 * furthest from 0. What makes the others slow is the machine, more or less of
 *it as it is busy, and it hides the rest.
 *
 * @return	t, positive when a took longer; of two equal distributions each is
 *			beyond 4.5 either way once in 150,000 times
 */
double welch_t(const double *a, const double *b, size_t n);

/** The median, of n times. */
double median(const double *times, size_t n);

#endif /* TESTING_HOSTILE_WELCH_H_ */
