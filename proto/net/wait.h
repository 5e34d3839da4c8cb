/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Waiting within one deadline, ended early by the caller's abort descriptor;
 * and what can come of working on the network.
 */
#ifndef OBOL_NET_WAIT_H_
#define OBOL_NET_WAIT_H_

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

/** What the network came to; each is told in other words. */
enum obol_net_failure {
	OBOL_NET_OK = 0,
	/** memory, descriptors, the cryptographic library */
	OBOL_NET_INTERNAL,
	OBOL_NET_ABORTED,
	/** the deadline passed while a peer kept silent */
	OBOL_NET_TIMEOUT,
	/** no server's name resolves */
	OBOL_NET_RESOLVE,
	/** no address accepts a connection */
	OBOL_NET_UNREACHABLE,
	/** whoever answers speaks no TLS 1.3 or does not know the protocol */
	OBOL_NET_PORTAL,
	/** certificate not signed by the CA, or for another name */
	OBOL_NET_TLS_CA,
	/** the TLS key is none of the pinned ones */
	OBOL_NET_PIN,
	/** an established connection was closed or broke */
	OBOL_NET_CLOSED,
};

struct obol_wait {
	struct obol_clock *clock;
	/** monotonic */
	uint64_t deadline_mono_ms;
	/** -1 for none */
	int abort_fd;
};

/**
 * Start a wait.
 *
 * @param timeout_ms	from now
 */
void obol_wait_init(struct obol_wait *wait, struct obol_clock *clock,
					unsigned timeout_ms, int abort_fd);

/**
 * poll(), until a descriptor is ready, the wake-up time, the deadline or the
 * abort.
 *
 * @param fds			n descriptors, and room for one more behind them
 * @param wake_mono_ms	come back then at the latest; UINT64_MAX for never
 * @return				OK, look at revents (all 0 at the wake-up time);
 *						TIMEOUT; ABORTED; INTERNAL
 */
enum obol_net_failure obol_wait_poll(const struct obol_wait *wait,
									 struct pollfd *fds, size_t n,
									 uint64_t wake_mono_ms);

/** OK, TIMEOUT, ABORTED or INTERNAL, without waiting. */
enum obol_net_failure obol_wait_check(const struct obol_wait *wait);

#endif /* OBOL_NET_WAIT_H_ */
