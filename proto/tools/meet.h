/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Where two devices meet: sockets to listen on, this machine's addresses,
 * connections to the other one or to a relay.
 */
#ifndef OBOL_TOOLS_MEET_H_
#define OBOL_TOOLS_MEET_H_

#include <obol/transfer.h>

#include "base/bytes.h"

/** Time for a connection to one address, in milliseconds. */
#define MEET_CONNECT_MS 5000

/**
 * Listen.
 *
 * @param text	"192.0.2.7:4502", "[2001:db8::1]" at any port; NULL: any
 *address, any port
 * @param fd	receives the socket, non-blocking
 * @param why	receives a sentence on failure
 */
bool meet_listen(const char *text, int *fd, char *why, size_t size);

/**
 * Where a listening socket can be reached.
 *
 * @param places	receives at most max places: its own address, or when that
 *is any, the addresses of this machine, loopback only if there is no other
 * @return			their number
 */
size_t meet_places(int fd, struct obol_transfer_place *places, size_t max);

/** "192.0.2.7:4502", "[2001:db8::1]:4502", in out. */
const char *meet_text(const struct obol_transfer_place *place, char *out,
					  size_t size);

/**
 * Read "host", "host:port", "[v6]:port" as a place.
 *
 * @param port	when none is given; 0: one must be given
 */
bool meet_parse(const char *text, bool is_relay, uint16_t port,
				struct obol_transfer_place *place, char *why, size_t size);

/**
 * Start to connect to a place: the first address of its name on which that can
 * be started, beginning with the given one.
 *
 * @param address	index of the address to begin with; counted up for the next
 *					try
 * @param fd		receives a socket, non-blocking
 * @param is_connecting	set when the connection is not there yet
 * @return			false when there is no (further) address
 */
bool meet_connect(const struct obol_transfer_place *place, size_t *address,
				  int *fd, bool *is_connecting, char *why, size_t size);

#endif /* OBOL_TOOLS_MEET_H_ */
