/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The control process: serves the people of a help desk on the control socket,
 * as the workers' user and confined as they are, with a keeper beside it. The
 * kernel tells who asks (SO_PEERCRED, SO_PEERGROUPS).
 */
#ifndef OBOL_DAEMON_CONTROL_H_
#define OBOL_DAEMON_CONTROL_H_

#include "daemon/control_socket.h"
#include "daemon/keeper_table.h"
#include "daemon/privileges.h"

/** Connections at once, in all and of one person. */
#define OBOL_CONTROL_PEERS_MAX 16
#define OBOL_CONTROL_PEERS_EACH 4
/** How long one may say nothing, and last in all, in milliseconds. */
#define OBOL_CONTROL_IDLE_MS 30000
#define OBOL_CONTROL_TOTAL_MS 300000

struct obol_control_options {
	const struct obol_config *config;
	const struct obol_control_socket *socket;
	/** the parent: gets a byte when this serves; its end is ours */
	int parent_fd;
	int keeper_fd;
	/** how many changes each person has made */
	struct obol_keeper_table *table;
	struct obol_identity identity;
	struct obol_clock *clock;
	struct obol_log *log;
};

/** Serve until SIGTERM or the parent's end; the process's exit code. */
int obol_control_run(const struct obol_control_options *options);

#endif /* OBOL_DAEMON_CONTROL_H_ */
