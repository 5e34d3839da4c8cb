/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Meeting rooms (wire/room.h): two devices that cannot reach each other meet
 * at obold, which passes bytes on between them. They trust it with nothing.
 *
 * A process of its own, which has neither a key nor the database, and one loop
 * over all connections. Everything is bounded: rooms, connections and requests
 * of a source network, bytes and time of a room.
 */
#ifndef OBOL_DAEMON_RELAY_H_
#define OBOL_DAEMON_RELAY_H_

#include "base/clock.h"
#include "daemon/config.h"
#include "metrics/meter.h"

struct obol_relay_options {
	/** its relay section */
	const struct obol_config *config;
	/** listening */
	size_t n_sockets;
	const int *sockets;
	struct obol_clock *clock;
	struct obol_log *log;
	/** this process's; NULL: nothing is counted */
	struct obol_meter *meter;
	/** becomes readable when the relay shall end; then rooms that are in use
	 * may go on for timeouts.drain */
	int end_fd;
};

/** Serve until the end. The exit code. */
int obol_relay_run(const struct obol_relay_options *options);

/**
 * The process that relay_child.c forks: gives up its privileges, says on
 * ready_fd that it serves, and does so until SIGTERM.
 *
 * @param options	config, sockets and meter; the rest is its own
 */
int obol_relay_main(const struct obol_relay_options *options, int ready_fd,
					bool is_debug);

#endif /* OBOL_DAEMON_RELAY_H_ */
