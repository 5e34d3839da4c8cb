/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * obold's log: standard error, with systemd's priorities when that is the
 * journal.
 */
#ifndef OBOL_DAEMON_DAEMON_LOG_H_
#define OBOL_DAEMON_DAEMON_LOG_H_

#include "base/log.h"

void obol_daemon_log_init(struct obol_log *log, enum obol_log_level level);

#endif /* OBOL_DAEMON_DAEMON_LOG_H_ */
