/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @defgroup obol_resolver obol_resolver
 * @{ @ingroup obol_p
 */

#ifndef OBOL_RESOLVER_H_
#define OBOL_RESOLVER_H_

#include <library.h>

#include <sys/socket.h>

/**
 * Resolve a credential server's name with the daemon's resolver threads, which
 * the daemon releases when it shuts down.
 *
 * @param host			name or address
 * @param addrs			receives addresses, without port
 * @param max			number of addresses that fit
 * @return				number of addresses, 0 if it does not resolve
 */
size_t obol_resolver_resolve(const char *host, struct sockaddr_storage *addrs,
							 size_t max);

#endif /** OBOL_RESOLVER_H_ @}*/
