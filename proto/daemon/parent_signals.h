/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a parent is told by signals: SIGHUP to reload, SIGTERM and SIGINT to
 * end, SIGCHLD that a child has died. They are blocked and read in its loop.
 */
#ifndef OBOL_DAEMON_PARENT_SIGNALS_H_
#define OBOL_DAEMON_PARENT_SIGNALS_H_

#include <signal.h>
#include <stdbool.h>

struct obol_parent_signals {
	/** becomes readable with each of them; -1: they are not caught */
	int fd;
	/** what was blocked before */
	sigset_t before;
};

enum obol_parent_order {
	OBOL_PARENT_NONE,
	OBOL_PARENT_RELOAD,
	OBOL_PARENT_END,
};

/** Catch them; false when that cannot be done. */
bool obol_parent_signals_catch(struct obol_parent_signals *signals);

/** The next order, in the order in which they came; NONE when no signal waits.
 * Dead children are no order: they are looked for after each call. */
enum obol_parent_order
obol_parent_signals_next(const struct obol_parent_signals *signals);

/** In a new child: signals do as before. */
void obol_parent_signals_forget(const struct obol_parent_signals *signals);

#endif /* OBOL_DAEMON_PARENT_SIGNALS_H_ */
