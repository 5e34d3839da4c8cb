/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The order in which addresses and ports are tried (RFC 8305, 4): families
 * take turns, beginning with the one that the system put first, and every
 * pair of addresses is tried on all ports before the next pair.
 */
#ifndef OBOL_NET_CANDIDATES_H_
#define OBOL_NET_CANDIDATES_H_

#include "net/resolve.h"

/** Ports tried when none is named. */
#define OBOL_PORTS_MAX 2
/** Candidates of one server at most. */
#define OBOL_CANDIDATES_MAX (OBOL_RESOLVE_MAX * OBOL_PORTS_MAX)

/**
 * Order one server's candidates.
 *
 * @param addrs	n addresses, at most OBOL_RESOLVE_MAX; other families than IPv4
 *				and IPv6 are passed over
 * @param ports	n_ports of them, 1..OBOL_PORTS_MAX
 * @param out	receives addresses with ports
 * @return		their number
 */
size_t obol_candidates_order(const struct sockaddr_storage *addrs, size_t n,
							 const uint16_t *ports, size_t n_ports,
							 struct sockaddr_storage out[OBOL_CANDIDATES_MAX]);

#endif /* OBOL_NET_CANDIDATES_H_ */
