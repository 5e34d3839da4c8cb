/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Keeps a trouble that lasts from filling the log: each request during a full
 * disk would say so again.
 */
#ifndef OBOL_DAEMON_LOG_REPEAT_H_
#define OBOL_DAEMON_LOG_REPEAT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A line is said once in so many milliseconds. */
#define OBOL_LOG_REPEAT_MS 10000
/** Lines that are remembered, and what of each. */
#define OBOL_LOG_REPEAT_LINES 8
#define OBOL_LOG_REPEAT_LEN 160

struct obol_log_repeat {
	struct {
		char text[OBOL_LOG_REPEAT_LEN];
		uint64_t said_ms;
		unsigned n_held;
	} lines[OBOL_LOG_REPEAT_LINES];
};

/** Nothing was said yet. */
void obol_log_repeat_init(struct obol_log_repeat *repeat);

/**
 * Whether a line is to be said: not if the same one was less than
 * OBOL_LOG_REPEAT_MS ago. The one that was said longest ago is forgotten for
 * a new one.
 *
 * @param now_ms	of the monotonic clock
 * @param n_held	if it is to be said: how often it was not, since it was said
 */
bool obol_log_repeat_passes(struct obol_log_repeat *repeat, const char *line,
							uint64_t now_ms, unsigned *n_held);

#endif /* OBOL_DAEMON_LOG_REPEAT_H_ */
