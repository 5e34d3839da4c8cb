/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The monitor: one process that answers /metrics and /health over HTTP. It
 * reads the other processes' meters, and has neither files nor keys nor a way
 * to anybody: so it answers when all others hang.
 */
#ifndef OBOL_DAEMON_MONITOR_H_
#define OBOL_DAEMON_MONITOR_H_

#include "daemon/pair.h"

/**
 * Fork it, in the worker's place of a pair that has no keeper.
 *
 * @return	false when that failed
 */
bool obol_monitor_start(const struct obol_crew_options *options,
						struct obol_pair *pair);

#endif /* OBOL_DAEMON_MONITOR_H_ */
