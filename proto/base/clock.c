/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system's clocks. */
#include "base/clock.h"

#include <time.h>

static uint64_t system_now(struct obol_clock *clock)
{
	struct timespec ts = { 0, 0 };

	(void)clock;
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec < 0 ? 0 : (uint64_t)ts.tv_sec;
}

static uint64_t system_mono_ms(struct obol_clock *clock)
{
	struct timespec ts = { 0, 0 };

	(void)clock;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static struct obol_clock system_clock = { system_now, system_mono_ms, NULL };

struct obol_clock *obol_clock_system(void)
{
	return &system_clock;
}

uint64_t obol_now(struct obol_clock *clock)
{
	return clock->now(clock);
}

uint64_t obol_mono_ms(struct obol_clock *clock)
{
	return clock->mono_ms(clock);
}
