/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * How many connections the HTTP listener has at a time, in all and of one
 * network: an IPv4 address, or an IPv6 /64. When there are more, the eldest of
 * the network with most of them is shut down, so that who asks now is answered.
 *
 * evhttp of libevent 2.1 says when it accepts, but not whom, and cannot refuse.
 * So who is connected is asked of the kernel, by this process's descriptors.
 */
#ifndef OBOL_DAEMON_HTTP_BOUNDS_H_
#define OBOL_DAEMON_HTTP_BOUNDS_H_

#include <event2/event.h>

#include "base/bytes.h"

#define OBOL_HTTP_CONNECTIONS_MAX 64
#define OBOL_HTTP_PER_SOURCE_MAX 16

struct obol_http_bounds;

/**
 * Bounds for the connections of a listening socket.
 *
 * @param n_fds	descriptors of this process are below it
 * @return		OK; NOMEM
 */
enum obol_status
obol_http_bounds_new(struct event_base *base, int listen_fd, int n_fds,
					 struct obol_http_bounds **bounds) OBOL_MUST_CHECK;

/** NULL is fine. */
void obol_http_bounds_free(struct obol_http_bounds *bounds);

/** Connections that there are now, without those that were shut down. */
unsigned obol_http_bounds_count(struct obol_http_bounds *bounds);

/** One more is being accepted: count them when that is done. */
void obol_http_bounds_accepted(struct obol_http_bounds *bounds);

#endif /* OBOL_DAEMON_HTTP_BOUNDS_H_ */
