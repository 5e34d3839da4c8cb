/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Time as an argument: tests drive it.
 */
#ifndef OBOL_BASE_CLOCK_H_
#define OBOL_BASE_CLOCK_H_

#include <stdint.h>

struct obol_clock {
	/** wall time in seconds since the epoch */
	uint64_t (*now)(struct obol_clock *clock);
	/** monotonic time in milliseconds since some fixed moment */
	uint64_t (*mono_ms)(struct obol_clock *clock);
	/** for whoever made it */
	void *ctx;
};

/** The system's clocks; static, never freed. */
struct obol_clock *obol_clock_system(void);

/** Wall time in seconds since the epoch. */
uint64_t obol_now(struct obol_clock *clock);

/** Monotonic milliseconds. */
uint64_t obol_mono_ms(struct obol_clock *clock);

#endif /* OBOL_BASE_CLOCK_H_ */
