/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names to addresses, with the daemon's resolver. */

#include "obol_resolver.h"

#include <networking/host_resolver.h>

#include <string.h>

/**
 * Resolve in one family, or in the preferred one; returns the family found
 */
static int resolve_one(const char *name, int family,
					   struct sockaddr_storage *addr)
{
	host_t *host;

	host = lib->hosts->resolve(lib->hosts, (char*)name, family);
	if (!host)
	{
		return AF_UNSPEC;
	}
	family = host->get_family(host);
	memset(addr, 0, sizeof(*addr));
	memcpy(addr, host->get_sockaddr(host), *host->get_sockaddr_len(host));
	host->destroy(host);
	return family;
}

/*
 * see header file
 */
size_t obol_resolver_resolve(const char *host, struct sockaddr_storage *addrs,
							 size_t max)
{
	int family;
	size_t n = 0;

	if (!max)
	{
		return 0;
	}
	/* The resolver gives one address, of the family that the system prefers.
	 * Where that is IPv6 it may not work in this network, so IPv4 follows;
	 * where it is IPv4 there is no way for IPv6, or no such address. */
	family = resolve_one(host, AF_UNSPEC, &addrs[n]);
	if (family != AF_UNSPEC)
	{
		n++;
	}
	if (family == AF_INET6 && n < max &&
		resolve_one(host, AF_INET, &addrs[n]) != AF_UNSPEC)
	{
		n++;
	}
	return n;
}
