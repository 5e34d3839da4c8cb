/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses to listen on, and the sockets. */
#include "daemon/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "wire/registry.h"

/* One queue serves all workers; who finds it full is not heard for a second.
 * The system's own bound, net.core.somaxconn, is the same by default. */
#define BACKLOG 4096
#define HOST_MAX INET6_ADDRSTRLEN

static bool parse_port(const char *text, uint16_t *port)
{
	unsigned long value = 0;
	const char *c;

	for (c = text; *c >= '0' && *c <= '9' && c - text < 6; c++)
	{
		value = 10 * value + (unsigned long)(*c - '0');
	}
	*port = (uint16_t)value;
	return c != text && !*c && value <= 65535;
}

/* Cut "host:port", "[host]:port", "host" in two. */
static bool split(const char *text, char host[HOST_MAX], uint16_t *port)
{
	const char *end, *colon;
	size_t len;

	*port = OBOL_PORT;
	if (*text == '[')
	{
		end = strchr(++text, ']');
		if (!end || (end[1] && end[1] != ':'))
		{
			return false;
		}
		colon = end[1] ? end + 1 : NULL;
	}
	else
	{
		colon = strchr(text, ':');
		if (colon && strchr(colon + 1, ':'))
		{
			/* an IPv6 address without brackets */
			colon = NULL;
		}
		end = colon ? colon : text + strlen(text);
	}
	len = (size_t)(end - text);
	if (!len || len >= HOST_MAX)
	{
		return false;
	}
	memcpy(host, text, len);
	host[len] = '\0';
	return !colon || parse_port(colon + 1, port);
}

enum obol_status obol_listen_parse(const char *text,
								   struct sockaddr_storage *addr,
								   socklen_t *len)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)addr;
	struct sockaddr_in *v4 = (struct sockaddr_in *)addr;
	char host[HOST_MAX];
	uint16_t port;

	if (!split(text, host, &port))
	{
		return OBOL_ERR_FORMAT;
	}
	memset(addr, 0, sizeof(*addr));
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1)
	{
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		*len = sizeof(*v4);
		return OBOL_OK;
	}
	if (inet_pton(AF_INET6, strcmp(host, "*") ? host : "::", &v6->sin6_addr) !=
		1)
	{
		return OBOL_ERR_FORMAT;
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	*len = sizeof(*v6);
	return OBOL_OK;
}

static bool set_options(int fd, int family)
{
	int on = 1, off = 0;

	/* a restart must not wait for connections of before to time out */
	return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
		   (family != AF_INET6 ||
			setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) == 0);
}

static enum obol_status fail(const char *text, char *why, size_t size)
{
	switch (errno)
	{
		case EADDRINUSE:
			(void)snprintf(why, size,
						   "%s: another program listens there already; is "
						   "obold running?",
						   text);
			return OBOL_ERR_EXISTS;
		case EACCES:
		case EPERM:
			(void)snprintf(why, size,
						   "%s: not allowed; ports below 1024 need root or "
						   "CAP_NET_BIND_SERVICE",
						   text);
			return OBOL_ERR_DENIED;
		case EADDRNOTAVAIL:
			(void)snprintf(why, size, "%s: this machine has no such address",
						   text);
			return OBOL_ERR_IO;
		default:
			(void)snprintf(why, size, "%s: cannot listen: %s", text,
						   strerror(errno));
			return OBOL_ERR_IO;
	}
}

static bool is_any_v6(const struct sockaddr_storage *addr)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)addr;

	return addr->ss_family == AF_INET6 &&
		   IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
}

/* A socket of the address's family; where IPv6 is off, [::] becomes 0.0.0.0. */
static int open_socket(struct sockaddr_storage *addr, socklen_t *len)
{
	int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd = socket(addr->ss_family, type, 0);

	if (fd < 0 && errno == EAFNOSUPPORT && is_any_v6(addr))
	{
		struct sockaddr_in *v4 = (struct sockaddr_in *)addr;
		in_port_t port = ((struct sockaddr_in6 *)addr)->sin6_port;

		memset(addr, 0, sizeof(*addr));
		v4->sin_family = AF_INET;
		v4->sin_port = port;
		*len = sizeof(*v4);
		fd = socket(AF_INET, type, 0);
	}
	return fd;
}

enum obol_status obol_listen_open(const char *text, int *out, char *why,
								  size_t size)
{
	struct sockaddr_storage addr;
	socklen_t len = 0;
	enum obol_status status = obol_listen_parse(text, &addr, &len);
	int fd;

	if (status != OBOL_OK)
	{
		(void)snprintf(why, size,
					   "%s: is no address to listen on, such as "
					   "\"192.0.2.1:4501\" or \"[::]:4501\"",
					   text);
		return status;
	}
	fd = open_socket(&addr, &len);
	if (fd < 0)
	{
		return fail(text, why, size);
	}
	if (!set_options(fd, addr.ss_family) ||
		bind(fd, (struct sockaddr *)&addr, len) != 0 ||
		listen(fd, BACKLOG) != 0)
	{
		status = fail(text, why, size);
		(void)close(fd);
		return status;
	}
	*out = fd;
	return OBOL_OK;
}

void obol_listen_host(const struct sockaddr_storage *addr, char *text,
					  size_t size)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)addr;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)addr;

	(void)snprintf(text, size, "?");
	if (addr->ss_family == AF_INET)
	{
		(void)inet_ntop(AF_INET, &v4->sin_addr, text, (socklen_t)size);
	}
	else if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
	{
		(void)inet_ntop(AF_INET, v6->sin6_addr.s6_addr + 12, text,
						(socklen_t)size);
	}
	else
	{
		(void)inet_ntop(AF_INET6, &v6->sin6_addr, text, (socklen_t)size);
	}
}

void obol_listen_name(int fd, char *text, size_t size)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	char host[HOST_MAX] = "?";

	memset(&addr, 0, sizeof(addr));
	(void)getsockname(fd, (struct sockaddr *)&addr, &len);
	if (addr.ss_family == AF_INET)
	{
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)&addr;

		(void)inet_ntop(AF_INET, &v4->sin_addr, host, sizeof(host));
		(void)snprintf(text, size, "%s:%u", host, ntohs(v4->sin_port));
	}
	else
	{
		const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&addr;

		(void)inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof(host));
		(void)snprintf(text, size, "[%s]:%u", host, ntohs(v6->sin6_port));
	}
}
