/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets that bypass IPsec policies. */

#include "obol_socket.h"

#include <utils/debug.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <linux/ipsec.h>
#include <linux/xfrm.h>

#ifndef IP_XFRM_POLICY
#define IP_XFRM_POLICY 17
#endif
#ifndef IPV6_XFRM_POLICY
#define IPV6_XFRM_POLICY 35
#endif

/**
 * Set a policy of the socket's own that lets everything pass in one direction
 */
static bool bypass(int fd, int family, uint8_t direction)
{
	struct xfrm_userpolicy_info policy = {
		.action = XFRM_POLICY_ALLOW,
		.sel.family = family,
		.dir = direction,
	};
	bool v6 = family == AF_INET6;

	if (setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
				   v6 ? IPV6_XFRM_POLICY : IP_XFRM_POLICY,
				   &policy, sizeof(policy)) != 0)
	{
		DBG2(DBG_CFG, "obol: the socket can not be exempted from IPsec "
			 "policies: %s", strerror(errno));
		return FALSE;
	}
	return TRUE;
}

/**
 * Set the socket's mark
 */
static bool set_mark(int fd, uint32_t fwmark)
{
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &fwmark, sizeof(fwmark)) != 0)
	{
		DBG1(DBG_CFG, "obol: the socket can not be marked: %s",
			 strerror(errno));
		return FALSE;
	}
	return TRUE;
}

/*
 * see header file
 */
bool obol_socket_prepare(int fd, int family, uint32_t fwmark)
{
	bool done;

	done = bypass(fd, family, XFRM_POLICY_OUT) &&
		   bypass(fd, family, XFRM_POLICY_IN);
	if (fwmark)
	{
		done = set_mark(fd, fwmark) && done;
	}
	return done;
}
