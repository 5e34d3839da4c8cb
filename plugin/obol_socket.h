/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @defgroup obol_socket obol_socket
 * @{ @ingroup obol_p
 */

#ifndef OBOL_SOCKET_H_
#define OBOL_SOCKET_H_

#include <library.h>

/**
 * Prepare a socket that fetches a credential, before it connects: exempt it
 * from IPsec policies, as otherwise a trap or kill-switch policy waits for the
 * tunnel whose key is being fetched, and mark it.
 *
 * Both need CAP_NET_ADMIN. If one fails, it is logged and the fetch goes on:
 * without such policies nothing is lost.
 *
 * @param fd			TCP socket
 * @param family		AF_INET or AF_INET6
 * @param fwmark		mark to set, 0 for none
 * @return				TRUE if all that was asked for has been set
 */
bool obol_socket_prepare(int fd, int family, uint32_t fwmark);

#endif /** OBOL_SOCKET_H_ @}*/
