/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Server addresses as people write them.
 */
#ifndef OBOL_NET_ADDRESS_H_
#define OBOL_NET_ADDRESS_H_

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/bytes.h"

/** Longest host name, without a final dot (RFC 1035, 2.3.4). */
#define OBOL_HOST_MAX 253
/** Servers in one list. */
#define OBOL_ENDPOINTS_MAX 8

/** A server: a name or an address, and perhaps a port. */
struct obol_endpoint {
	/** name in lower case without final dot, or the address as text without
	 * brackets */
	char host[OBOL_HOST_MAX + 1];
	/** host is an address, in addr, with port 0 */
	bool is_address;
	struct sockaddr_storage addr;
	/** 0 when none was given */
	uint16_t port;
};

struct obol_endpoint_list {
	size_t n;
	struct obol_endpoint items[OBOL_ENDPOINTS_MAX];
};

/**
 * Read a list of servers: "name", "name:port", "192.0.2.1:port",
 * "[2001:db8::1]:port", "[fe80::1%eth0]", separated by commas or spaces.
 *
 * @param list	set on OK, with at least one server
 * @param why	receives a sentence on failure
 * @return		OK; FORMAT
 */
enum obol_status obol_endpoints_parse(const char *text,
									  struct obol_endpoint_list *list,
									  char *why, size_t size) OBOL_MUST_CHECK;

/**
 * Read one host name for TLS: letters, digits, hyphens and underscores in
 * labels of 1..63 bytes.
 *
 * @param host	receives it in lower case, without final dot
 */
bool obol_host_name_parse(struct obol_bytes text, char host[OBOL_HOST_MAX + 1]);

/** Length of an address of either family for connect(); 0 for others. */
socklen_t obol_sockaddr_len(const struct sockaddr_storage *addr);

/** The same address and port; false for other families than IPv4 and IPv6. */
bool obol_sockaddr_eq(const struct sockaddr_storage *a,
					  const struct sockaddr_storage *b);

/** Set the port, in host order. */
void obol_sockaddr_set_port(struct sockaddr_storage *addr, uint16_t port);

/** Longest text of obol_sockaddr_text(), with its final zero. */
#define OBOL_SOCKADDR_TEXT_MAX 80

/** "192.0.2.1 port 4501", for people. */
const char *obol_sockaddr_text(const struct sockaddr_storage *addr,
							   char text[OBOL_SOCKADDR_TEXT_MAX]);

#endif /* OBOL_NET_ADDRESS_H_ */
