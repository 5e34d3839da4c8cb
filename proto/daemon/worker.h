/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A worker: one process with one event loop, which serves connections until it
 * is told to drain.
 */
#ifndef OBOL_DAEMON_WORKER_H_
#define OBOL_DAEMON_WORKER_H_

#include "daemon/assets.h"
#include "daemon/privileges.h"
#include "metrics/meter.h"

struct obol_worker_options {
	const struct obol_assets *assets;
	/** listening sockets, shared with the other workers */
	size_t n_sockets;
	const int *sockets;
	/** workers in all: each takes its share of the limits */
	unsigned n_workers;
	/** the parent: gets one byte when the worker serves; its end means that
	 * the parent is gone */
	int parent_fd;
	/** the keeper: this worker's end of their socket pair */
	int keeper_fd;
	/** the signer: the same, -1 for none */
	int signer_fd;
	/** this process's; NULL: nothing is counted */
	struct obol_meter *meter;
	struct obol_identity identity;
	struct obol_clock *clock;
	struct obol_log *log;
};

/**
 * Serve, in a process that was forked for it, until SIGTERM or the parent's
 * end and then until the connections have ended.
 *
 * @return	the process's exit code
 */
int obol_worker_run(const struct obol_worker_options *options);

#endif /* OBOL_DAEMON_WORKER_H_ */
