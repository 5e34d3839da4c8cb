/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Whether obold does its work: every worker's loop goes round, and the database
 * takes what is written.
 */
#ifndef OBOL_DAEMON_HEALTH_H_
#define OBOL_DAEMON_HEALTH_H_

#include "daemon/board.h"

/** How often workers say that they live, and the publisher writes. */
#define OBOL_HEARTBEAT_MS 1000
#define OBOL_WRITE_MS 3000
/** After so long without it something is wrong: a commit may take a while. */
#define OBOL_HEARTBEAT_MAX_MS 5000
#define OBOL_WRITE_MAX_MS 12000

struct obol_health {
	bool is_good;
	bool database_is_writable;
	/** of the slowest worker */
	uint64_t heartbeat_age_ms;
	/** workers that serve */
	unsigned n_workers;
	/** a sentence; "ok" when all is good */
	char why[160];
};

/**
 * @param readings	of that board
 * @param now_ms	monotonic
 */
void obol_health_check(const struct obol_board *board,
					   const struct obol_readings *readings, uint64_t now_ms,
					   struct obol_health *health);

#endif /* OBOL_DAEMON_HEALTH_H_ */
