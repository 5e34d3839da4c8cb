/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Addresses to listen on, and the sockets.
 */
#ifndef OBOL_DAEMON_LISTEN_H_
#define OBOL_DAEMON_LISTEN_H_

#include <sys/socket.h>

#include "base/bytes.h"

/**
 * Read an address: "192.0.2.1", "192.0.2.1:4501", "[2001:db8::1]:443",
 * "[::]", "*:4501". Without a port it is OBOL_PORT.
 *
 * @return	OK; FORMAT
 */
enum obol_status obol_listen_parse(const char *text,
								   struct sockaddr_storage *addr,
								   socklen_t *len) OBOL_MUST_CHECK;

/**
 * Open a listening socket, non-blocking, closed on exec. [::] takes IPv4 too;
 * where the kernel has no IPv6 it is 0.0.0.0.
 *
 * @param fd	receives the socket
 * @param why	receives a sentence for the operator on failure
 * @return		OK; FORMAT; EXISTS when somebody has the port; DENIED; IO
 */
enum obol_status obol_listen_open(const char *text, int *fd, char *why,
								  size_t size) OBOL_MUST_CHECK;

/** An address without its port, as text; IPv4 as such, also where it came to
 * a socket for both. */
void obol_listen_host(const struct sockaddr_storage *addr, char *text,
					  size_t size);

/** The address a socket is bound to, as text that obol_listen_parse() reads. */
void obol_listen_name(int fd, char *text, size_t size);

#endif /* OBOL_DAEMON_LISTEN_H_ */
