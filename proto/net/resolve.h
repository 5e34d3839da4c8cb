/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Name resolution that can be given up.
 *
 * getaddrinfo() blocks for as long as the system's configuration says, and
 * cannot be aborted. So it runs in a thread of its own which shares a counted
 * request with its asker; whoever lets go last frees it, and a thread that was
 * given up ends by itself.
 */
#ifndef OBOL_NET_RESOLVE_H_
#define OBOL_NET_RESOLVE_H_

#include "net/address.h"

/** Addresses taken of one name. */
#define OBOL_RESOLVE_MAX 8

struct obol_resolve;

/** Start to resolve a name. OK; NOMEM; IO when no thread or pipe can be had. */
enum obol_status
obol_resolve_start(const char *host,
				   struct obol_resolve **resolve) OBOL_MUST_CHECK;

/** Readable once the answer is there. */
int obol_resolve_fd(const struct obol_resolve *resolve);

/**
 * The answer.
 *
 * @param addrs	receives at most OBOL_RESOLVE_MAX addresses, in the system's
 *				order (RFC 6724), without ports
 * @param n		their number, 0 when the name does not resolve
 * @return		false while there is no answer yet
 */
bool obol_resolve_result(struct obol_resolve *resolve,
						 struct sockaddr_storage addrs[OBOL_RESOLVE_MAX],
						 size_t *n);

/** Let go, with or without an answer; NULL is fine. */
void obol_resolve_free(struct obol_resolve *resolve);

#endif /* OBOL_NET_RESOLVE_H_ */
