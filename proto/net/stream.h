/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A connection: a socket with TLS on it, sending and receiving within a
 * deadline. No signal is ever raised by it.
 */
#ifndef OBOL_NET_STREAM_H_
#define OBOL_NET_STREAM_H_

#include "net/tls.h"

struct obol_stream;

/**
 * @param fd	a connected, non-blocking socket; taken, also on failure
 * @param tls	taken, also on failure
 * @return		NULL when memory ran out
 */
struct obol_stream *obol_stream_new_take(int fd, struct obol_tls *tls);

/** Say goodbye as far as the socket takes it at once, close, wipe, free. */
void obol_stream_free(struct obol_stream *stream);

/**
 * Send all of it. A peer that closes meanwhile is no failure yet: what it said
 * last can still be received.
 *
 * @return	OK; TIMEOUT; ABORTED; INTERNAL
 */
enum obol_net_failure obol_stream_send(struct obol_stream *stream,
									   const struct obol_wait *wait,
									   struct obol_bytes bytes);

/**
 * Receive what there is, at least a byte.
 *
 * @param got	set on OK
 * @return		OK; CLOSED; TIMEOUT; ABORTED; INTERNAL
 */
enum obol_net_failure obol_stream_recv(struct obol_stream *stream,
									   const struct obol_wait *wait,
									   uint8_t *buf, size_t size, size_t *got);

/** The TLS of it, borrowed. */
struct obol_tls *obol_stream_tls(struct obol_stream *stream);

/**
 * Move bytes between socket and TLS, as far as that goes without waiting; for
 * handshakes as well.
 *
 * @return	OK; CLOSED when sending is no longer possible; INTERNAL
 */
enum obol_net_failure obol_socket_flush(int fd, struct obol_tls *tls);
enum obol_net_failure obol_socket_fill(int fd, struct obol_tls *tls);

#endif /* OBOL_NET_STREAM_H_ */
