/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The daemons' log: standard error, with systemd's priorities when that is the
 * journal.
 */
#ifndef OBOL_DAEMON_DAEMON_LOG_H_
#define OBOL_DAEMON_DAEMON_LOG_H_

#include "base/clock.h"
#include "base/log.h"
#include "daemon/log_repeat.h"

struct obol_daemon_log {
	/** what is written to */
	struct obol_log log;
	/** where lines go that are not held back */
	struct obol_log sink;
	struct obol_log_repeat repeat;
	struct obol_clock *clock;
};

/**
 * A log whose errors and warnings are said once while they repeat themselves.
 * It must stay where it is.
 *
 * @param program	begins each line on a terminal or in a file; a literal
 */
void obol_daemon_log_init(struct obol_daemon_log *log, const char *program,
						  enum obol_log_level level);

#endif /* OBOL_DAEMON_DAEMON_LOG_H_ */
