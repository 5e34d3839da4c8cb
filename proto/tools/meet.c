/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where two devices meet. */
#include "tools/meet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/address.h"

#define BACKLOG 16

static uint16_t port_of(const struct sockaddr_storage *addr)
{
	return addr->ss_family == AF_INET6
			   ? ntohs(((const struct sockaddr_in6 *)addr)->sin6_port)
			   : ntohs(((const struct sockaddr_in *)addr)->sin_port);
}

static void any_address(int family, struct sockaddr_storage *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->ss_family = (sa_family_t)family;
}

static bool listen_on(const struct sockaddr_storage *addr, int *fd)
{
	static const int off = 0, on = 1;
	int made =
		socket(addr->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (made < 0)
	{
		return false;
	}
	(void)setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (addr->ss_family == AF_INET6)
	{
		(void)setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	}
	if (bind(made, (const struct sockaddr *)addr, obol_sockaddr_len(addr)) ||
		listen(made, BACKLOG))
	{
		(void)close(made);
		return false;
	}
	*fd = made;
	return true;
}

bool meet_listen(const char *text, int *fd, char *why, size_t size)
{
	struct sockaddr_storage addr;
	struct obol_endpoint_list list;

	if (!text)
	{
		any_address(AF_INET6, &addr);
		if (listen_on(&addr, fd))
		{
			return true;
		}
		any_address(AF_INET, &addr);
	}
	else
	{
		if (obol_endpoints_parse(text, &list, why, size) != OBOL_OK)
		{
			return false;
		}
		if (list.n != 1 || !list.items[0].is_address)
		{
			(void)snprintf(why, size,
						   "--listen wants one address, such as "
						   "192.0.2.7:4502");
			return false;
		}
		addr = list.items[0].addr;
		obol_sockaddr_set_port(&addr, list.items[0].port);
	}
	if (!listen_on(&addr, fd))
	{
		(void)snprintf(why, size, "cannot listen%s%s: %s", text ? " on " : "",
					   text ? text : "", strerror(errno));
		return false;
	}
	return true;
}

/* An address as a place; false for what no other machine reaches. */
static bool place_of(const struct sockaddr *addr, uint16_t port,
					 bool with_loopback, struct obol_transfer_place *place)
{
	const struct sockaddr_in6 *v6 =
		(const struct sockaddr_in6 *)(const void *)addr;
	const struct sockaddr_in *v4 =
		(const struct sockaddr_in *)(const void *)addr;
	bool is_loopback;

	memset(place, 0, sizeof(*place));
	place->port = port;
	if (addr->sa_family == AF_INET)
	{
		is_loopback = ntohl(v4->sin_addr.s_addr) >> 24 == 127;
		return is_loopback == with_loopback &&
			   inet_ntop(AF_INET, &v4->sin_addr, place->host,
						 sizeof(place->host));
	}
	if (addr->sa_family != AF_INET6 || IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr))
	{
		return false;
	}
	if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
	{
		return inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], place->host,
						 sizeof(place->host)) != NULL;
	}
	is_loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
	return is_loopback == with_loopback &&
		   inet_ntop(AF_INET6, &v6->sin6_addr, place->host,
					 sizeof(place->host));
}

static size_t places_of(int family, uint16_t port, bool with_loopback,
						struct obol_transfer_place *places, size_t max)
{
	struct ifaddrs *all = NULL, *each;
	size_t n = 0;

	if (getifaddrs(&all))
	{
		return 0;
	}
	for (each = all; each && n < max; each = each->ifa_next)
	{
		if (each->ifa_addr && (each->ifa_flags & IFF_UP) &&
			(family == AF_INET6 || each->ifa_addr->sa_family == family) &&
			place_of(each->ifa_addr, port, with_loopback, &places[n]))
		{
			n++;
		}
	}
	freeifaddrs(all);
	return n;
}

static bool is_any(const struct sockaddr_storage *addr)
{
	return addr->ss_family == AF_INET6
			   ? IN6_IS_ADDR_UNSPECIFIED(
					 &((const struct sockaddr_in6 *)addr)->sin6_addr)
			   : ((const struct sockaddr_in *)addr)->sin_addr.s_addr ==
					 htonl(INADDR_ANY);
}

size_t meet_places(int fd, struct obol_transfer_place *places, size_t max)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	uint16_t port;
	size_t n;

	memset(&addr, 0, sizeof(addr));
	if (max == 0 || getsockname(fd, (struct sockaddr *)&addr, &len))
	{
		return 0;
	}
	port = port_of(&addr);
	if (!is_any(&addr))
	{
		return place_of((struct sockaddr *)&addr, port, false, places) ||
			   place_of((struct sockaddr *)&addr, port, true, places);
	}
	n = places_of(addr.ss_family, port, false, places, max);
	return n ? n : places_of(addr.ss_family, port, true, places, max);
}

const char *meet_text(const struct obol_transfer_place *place, char *out,
					  size_t size)
{
	bool is_v6 = strchr(place->host, ':') != NULL;

	(void)snprintf(out, size, "%s%s%s:%u", is_v6 ? "[" : "", place->host,
				   is_v6 ? "]" : "", (unsigned)place->port);
	return out;
}

bool meet_parse(const char *text, bool is_relay, uint16_t port,
				struct obol_transfer_place *place, char *why, size_t size)
{
	struct obol_endpoint_list list;
	uint16_t given;

	if (obol_endpoints_parse(text, &list, why, size) != OBOL_OK)
	{
		return false;
	}
	given = list.items[0].port ? list.items[0].port : port;
	if (list.n != 1 || !given)
	{
		(void)snprintf(why, size,
					   "one address with its port is wanted, such "
					   "as 192.0.2.7:4502");
		return false;
	}
	memset(place, 0, sizeof(*place));
	place->is_relay = is_relay;
	memcpy(place->host, list.items[0].host, sizeof(list.items[0].host));
	place->port = given;
	return true;
}

static bool start_connecting(const struct addrinfo *info, int *fd,
							 bool *is_connecting)
{
	int made =
		socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (made < 0)
	{
		return false;
	}
	*is_connecting = false;
	if (connect(made, info->ai_addr, info->ai_addrlen))
	{
		if (errno != EINPROGRESS)
		{
			(void)close(made);
			return false;
		}
		*is_connecting = true;
	}
	*fd = made;
	return true;
}

bool meet_connect(const struct obol_transfer_place *place, size_t *address,
				  int *fd, bool *is_connecting, char *why, size_t size)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *all = NULL, *each;
	char port[8];
	size_t i = 0;
	bool done = false;
	int failure;

	(void)snprintf(port, sizeof(port), "%u", (unsigned)place->port);
	failure = getaddrinfo(place->host, port, &hints, &all);
	if (failure)
	{
		(void)snprintf(why, size, "%s does not resolve: %s", place->host,
					   gai_strerror(failure));
		return false;
	}
	for (each = all; each && !done; each = each->ai_next, i++)
	{
		if (i < *address)
		{
			continue;
		}
		*address = i + 1;
		done = start_connecting(each, fd, is_connecting);
		if (!done)
		{
			(void)snprintf(why, size, "%s port %s: %s", place->host, port,
						   strerror(errno));
		}
	}
	freeaddrinfo(all);
	return done;
}
