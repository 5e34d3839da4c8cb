/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A clock that goes when the test says so.
 */
#ifndef TESTS_SUPPORT_DRIVEN_CLOCK_H_
#define TESTS_SUPPORT_DRIVEN_CLOCK_H_

#include "base/clock.h"

struct driven_clock {
	struct obol_clock clock;
	/** wall time in milliseconds since the epoch; monotonic is the same */
	uint64_t at_ms;
};

/** Start at a wall time in seconds since the epoch. */
void driven_clock_init(struct driven_clock *clock, uint64_t at);

/** Go on. */
void driven_clock_pass(struct driven_clock *clock, uint64_t seconds);

#endif /* TESTS_SUPPORT_DRIVEN_CLOCK_H_ */
