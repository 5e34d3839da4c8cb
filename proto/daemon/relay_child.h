/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The parent's side of the relay: started when the configuration wants one,
 * kept alive, ended with the parent.
 */
#ifndef OBOL_DAEMON_RELAY_CHILD_H_
#define OBOL_DAEMON_RELAY_CHILD_H_

#include <sys/types.h>

#include "base/clock.h"
#include "daemon/board.h"
#include "daemon/config.h"

struct obol_relay_child {
	const char *config_path;
	bool is_debug;
	/** run in the new process before all else, see struct obol_crew_options */
	void (*forked)(void *ctx, bool serves_tls);
	void *ctx;
	/** NULL: it is not counted */
	struct obol_board *board;
	struct obol_clock *clock;
	struct obol_log *log;
	bool is_wanted;
	/** 0: none at present */
	pid_t pid;
	uint64_t started_ms;
	uint64_t start_at_ms;
	unsigned pause_ms;
};

/**
 * As the configuration says: end the present relay, and start one when one is
 * wanted; waits until it serves.
 *
 * @return	OK; IO when it could not start, it has said why
 */
enum obol_status
obol_relay_child_load(struct obol_relay_child *child,
					  const struct obol_config *config) OBOL_MUST_CHECK;

/** A process has ended; true when it was the relay. It gets a successor. */
bool obol_relay_child_reap(struct obol_relay_child *child, pid_t pid,
						   int wait_status);

/** Start a successor whose pause is over.
 *
 * @return	milliseconds until then, -1 for none */
int obol_relay_child_mend(struct obol_relay_child *child);

/** End it for good. */
void obol_relay_child_end(struct obol_relay_child *child);

#endif /* OBOL_DAEMON_RELAY_CHILD_H_ */
