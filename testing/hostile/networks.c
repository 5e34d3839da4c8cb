/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many networks on one loopback device. */
#include "testing/hostile/networks.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/** Of one /48. */
#define SITE 25

static int connect_from(int family, const struct sockaddr *from,
						const struct sockaddr *to, socklen_t len)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	static const int on = 1;

	if (fd < 0)
	{
		return -1;
	}
	/* the port is only chosen when the other end is known */
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	if (family == AF_INET6)
	{
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof(on));
	}
	if (bind(fd, from, len) != 0 ||
		(connect(fd, to, len) != 0 && errno != EINPROGRESS))
	{
		(void)close(fd);
		return -1;
	}
	return fd;
}

static int connect_v4(enum side side, unsigned n, uint16_t port)
{
	struct sockaddr_in from = { .sin_family = AF_INET };
	struct sockaddr_in to = { .sin_family = AF_INET,
							  .sin_port = htons(port),
							  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	from.sin_addr.s_addr =
		htonl(0x7f000000 | (10u + 10u * side) << 16 | (n + 256));
	return connect_from(AF_INET, (struct sockaddr *)&from,
						(struct sockaddr *)&to, sizeof(to));
}

static int connect_v6(enum side side, unsigned n, uint16_t port)
{
	struct sockaddr_in6 from = { .sin6_family = AF_INET6 };
	struct sockaddr_in6 to = { .sin6_family = AF_INET6,
							   .sin6_port = htons(port),
							   .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	const uint16_t words[4] = { htons(0x2001), htons(0xdb8),
								htons(
									(uint16_t)(0x1000 * (side + 1) + n / SITE)),
								htons((uint16_t)(n % SITE)) };

	memcpy(&from.sin6_addr, words, sizeof(words));
	from.sin6_addr.s6_addr[15] = 1;
	return connect_from(AF_INET6, (struct sockaddr *)&from,
						(struct sockaddr *)&to, sizeof(to));
}

int network_connect(enum side side, unsigned network, uint16_t port)
{
	unsigned n = network % NETWORKS_MAX / 2;

	return network % 2 ? connect_v6(side, n, port) : connect_v4(side, n, port);
}
