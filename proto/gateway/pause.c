/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pauses after failures: exponential, with chance in them. */
#include "gateway/pause.h"

void obol_pause_reset(struct obol_pause *pause)
{
	pause->bound_ms = 0;
}

unsigned obol_pause_next(struct obol_pause *pause, struct obol_rng *rng)
{
	unsigned half;
	uint32_t chance;

	if (!pause->bound_ms)
	{
		pause->bound_ms = OBOL_PAUSE_FIRST_MS;
	}
	else
	{
		pause->bound_ms = pause->bound_ms < OBOL_PAUSE_MAX_MS / 2
							  ? 2 * pause->bound_ms
							  : OBOL_PAUSE_MAX_MS;
	}
	half = pause->bound_ms / 2;
	if (obol_rng_fill(rng, &chance, sizeof(chance)) != OBOL_OK)
	{
		return pause->bound_ms;
	}
	/* a remainder favours nothing that matters: 2^32 is far above both */
	return pause->bound_ms - chance % (half + 1);
}
