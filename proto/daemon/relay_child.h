/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The parent's side of the relay: started when the configuration wants one,
 * kept alive, ended with the parent. Its sockets are the parent's: so one that
 * died, or was replaced, keeps nobody out.
 */
#ifndef OBOL_DAEMON_RELAY_CHILD_H_
#define OBOL_DAEMON_RELAY_CHILD_H_

#include <sys/types.h>

#include "base/clock.h"
#include "daemon/assets.h"
#include "daemon/board.h"
#include "daemon/listeners.h"

/** A relay and what it serves by. */
struct obol_relay_run {
	/** its own; NULL: none is wanted */
	struct obol_config *config;
	size_t n_sockets;
	int sockets[OBOL_LISTEN_MAX];
	/** 0: none at present */
	pid_t pid;
};

struct obol_relay_child {
	bool is_debug;
	/** run in the new process before all else, see struct obol_crew_options */
	void (*forked)(void *ctx, const struct obol_assets *serves);
	void *ctx;
	/** NULL: it is not counted */
	struct obol_board *board;
	struct obol_clock *clock;
	struct obol_log *log;
	struct obol_relay_run present;
	/** between _try() and what follows it */
	struct obol_relay_run next;
	uint64_t started_ms;
	uint64_t start_at_ms;
	unsigned pause_ms;
};

/**
 * Start a relay beside the present one when the configuration wants one, and
 * wait until it serves; _take() or _drop() is next.
 *
 * @param config	taken over
 * @param listeners	the relay's among them must stay open while it is wanted
 * @return			OK; IO when it could not start, it has said why, and there
 *					is nothing to drop
 */
enum obol_status
obol_relay_child_try(struct obol_relay_child *child, struct obol_config *config,
					 const struct obol_listeners *listeners) OBOL_MUST_CHECK;

/** The present one ends, the next one takes its place. */
void obol_relay_child_take(struct obol_relay_child *child);

/** The next one ends, the present one goes on. */
void obol_relay_child_drop(struct obol_relay_child *child);

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
