/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * How long obol-gateway waits after a failure. All gateways lose their server
 * at one moment, and shall not come back at one.
 */
#ifndef OBOL_GATEWAY_PAUSE_H_
#define OBOL_GATEWAY_PAUSE_H_

#include "base/rng.h"

/** Bounds of the pauses, in milliseconds: the first one is at most the one, and
 * none is longer than the other. */
#define OBOL_PAUSE_FIRST_MS 1000
#define OBOL_PAUSE_MAX_MS 15000

struct obol_pause {
	/** the last bound; 0 when nothing has failed */
	unsigned bound_ms;
};

/** It has worked: the next failure is the first one. */
void obol_pause_reset(struct obol_pause *pause);

/**
 * One more failure: the bound doubles up to OBOL_PAUSE_MAX_MS, and the pause is
 * by chance between a half of it and the whole.
 *
 * @param rng	without randomness it is the whole
 * @return		milliseconds
 */
unsigned obol_pause_next(struct obol_pause *pause, struct obol_rng *rng);

#endif /* OBOL_GATEWAY_PAUSE_H_ */
