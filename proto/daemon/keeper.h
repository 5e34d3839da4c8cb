/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A keeper: the process beside a worker that alone holds OPRF seeds and static
 * private keys. It reads the key file itself, gives up its privileges, and
 * answers its worker's requests (keeper_wire.h) below its ceilings until the
 * worker is gone. A worker that was taken over can use the keys through it, and
 * neither see them nor use them without bound.
 */
#ifndef OBOL_DAEMON_KEEPER_H_
#define OBOL_DAEMON_KEEPER_H_

#include "base/clock.h"
#include "base/log.h"
#include "daemon/keeper_table.h"
#include "daemon/privileges.h"
#include "metrics/meter.h"

struct obol_keeper_options {
	/** the key file */
	const char *keys_path;
	/** its end of the socket pair */
	int worker_fd;
	struct obol_keeper_table *table;
	struct obol_ceiling_rates rates;
	/** this process's; NULL: nothing is counted */
	struct obol_meter *meter;
	struct obol_identity identity;
	struct obol_clock *clock;
	struct obol_log *log;
};

/**
 * Serve, in a process that was forked for it, until the worker's end.
 *
 * @return	the process's exit code; what was wrong has been logged
 */
int obol_keeper_run(const struct obol_keeper_options *options);

#endif /* OBOL_DAEMON_KEEPER_H_ */
