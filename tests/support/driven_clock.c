/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A clock that goes when the test says so. */
#include "support/driven_clock.h"

static uint64_t now(struct obol_clock *clock)
{
	struct driven_clock *this = clock->ctx;

	return this->at_ms / 1000;
}

static uint64_t mono_ms(struct obol_clock *clock)
{
	struct driven_clock *this = clock->ctx;

	return this->at_ms;
}

void driven_clock_init(struct driven_clock *clock, uint64_t at)
{
	clock->clock.now = now;
	clock->clock.mono_ms = mono_ms;
	clock->clock.ctx = clock;
	clock->at_ms = at * 1000;
}

void driven_clock_pass(struct driven_clock *clock, uint64_t seconds)
{
	clock->at_ms += seconds * 1000;
}
