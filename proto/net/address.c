/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Server addresses as people write them. */
#include "net/address.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>

#define LABEL_MAX 63

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static bool is_label_char(uint8_t c)
{
	c = lower(c);
	return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

/* A last label of digits alone makes an IPv4 address, or a misspelt one. */
static bool last_label_is_number(const char *host)
{
	const char *label = strrchr(host, '.');

	label = label ? label + 1 : host;
	return strspn(label, "0123456789") == strlen(label);
}

bool obol_host_name_parse(struct obol_bytes text, char host[OBOL_HOST_MAX + 1])
{
	size_t label = 0;
	size_t i;

	if (text.len > 1 && text.ptr[text.len - 1] == '.')
	{
		text.len--;
	}
	if (text.len == 0 || text.len > OBOL_HOST_MAX)
	{
		return false;
	}
	for (i = 0; i < text.len; i++)
	{
		uint8_t c = text.ptr[i];

		host[i] = (char)lower(c);
		if (c == '.')
		{
			if (label == 0 || text.ptr[i - 1] == '-')
			{
				return false;
			}
			label = 0;
			continue;
		}
		if (!is_label_char(c) || (label == 0 && c == '-') ||
			++label > LABEL_MAX)
		{
			return false;
		}
	}
	host[i] = '\0';
	return label > 0 && host[i - 1] != '-' && !last_label_is_number(host);
}

static bool parse_port(struct obol_bytes text, uint16_t *port)
{
	unsigned value = 0;
	size_t i;

	if (text.len == 0 || text.len > 5)
	{
		return false;
	}
	for (i = 0; i < text.len; i++)
	{
		if (!is_digit(text.ptr[i]))
		{
			return false;
		}
		value = value * 10 + (text.ptr[i] - '0');
	}
	if (value == 0 || value > UINT16_MAX)
	{
		return false;
	}
	*port = (uint16_t)value;
	return true;
}

static bool copy_host(struct obol_bytes text, struct obol_endpoint *endpoint)
{
	if (text.len == 0 || text.len > OBOL_HOST_MAX ||
		memchr(text.ptr, 0, text.len))
	{
		return false;
	}
	memcpy(endpoint->host, text.ptr, text.len);
	endpoint->host[text.len] = '\0';
	return true;
}

static bool parse_v4(struct obol_bytes text, struct obol_endpoint *endpoint)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&endpoint->addr;

	if (!copy_host(text, endpoint) ||
		inet_pton(AF_INET, endpoint->host, &in->sin_addr) != 1)
	{
		return false;
	}
	in->sin_family = AF_INET;
	endpoint->is_address = true;
	return true;
}

/* An address, perhaps with a zone (RFC 4007, 11). */
static bool parse_v6(struct obol_bytes text, struct obol_endpoint *endpoint)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&endpoint->addr;
	char plain[INET6_ADDRSTRLEN];
	const char *zone;
	size_t len;

	if (!copy_host(text, endpoint))
	{
		return false;
	}
	zone = strchr(endpoint->host, '%');
	len = zone ? (size_t)(zone - endpoint->host) : text.len;
	if (len >= sizeof(plain))
	{
		return false;
	}
	memcpy(plain, endpoint->host, len);
	plain[len] = '\0';
	if (inet_pton(AF_INET6, plain, &in6->sin6_addr) != 1)
	{
		return false;
	}
	in6->sin6_family = AF_INET6;
	if (zone)
	{
		in6->sin6_scope_id = if_nametoindex(zone + 1);
		if (in6->sin6_scope_id == 0)
		{
			return false;
		}
	}
	endpoint->is_address = true;
	return true;
}

/* Sets why and says false. */
static bool refuse(struct obol_bytes text, const char *what, char *why,
				   size_t size)
{
	char quoted[96];

	(void)snprintf(why, size, "'%s': %s",
				   obol_log_quote(quoted, sizeof(quoted), text), what);
	return false;
}

static bool parse_bracketed(struct obol_bytes text,
							struct obol_endpoint *endpoint, char *why,
							size_t size)
{
	const uint8_t *end = memchr(text.ptr, ']', text.len);
	size_t len = end ? (size_t)(end - text.ptr) : 0;
	struct obol_bytes rest;

	if (!end || !parse_v6(obol_bytes(text.ptr + 1, len - 1), endpoint))
	{
		return refuse(text, "no IPv6 address in brackets", why, size);
	}
	rest = obol_bytes(end + 1, text.len - len - 1);
	if (rest.len == 0)
	{
		return true;
	}
	if (rest.ptr[0] != ':' ||
		!parse_port(obol_bytes(rest.ptr + 1, rest.len - 1), &endpoint->port))
	{
		return refuse(text,
					  "after the bracket only :PORT, 1 to 65535, may "
					  "stand",
					  why, size);
	}
	return true;
}

static bool parse_endpoint(struct obol_bytes text,
						   struct obol_endpoint *endpoint, char *why,
						   size_t size)
{
	const uint8_t *colon;
	struct obol_bytes host = text;

	memset(endpoint, 0, sizeof(*endpoint));
	if (text.ptr[0] == '[')
	{
		return parse_bracketed(text, endpoint, why, size);
	}
	colon = memchr(text.ptr, ':', text.len);
	if (colon)
	{
		size_t at = (size_t)(colon - text.ptr);
		struct obol_bytes port = obol_bytes(colon + 1, text.len - at - 1);

		if (port.len && memchr(port.ptr, ':', port.len))
		{
			return refuse(text,
						  "write an IPv6 address in brackets, as in "
						  "[2001:db8::1] or [2001:db8::1]:4501",
						  why, size);
		}
		if (!parse_port(port, &endpoint->port))
		{
			return refuse(text, "the port must be a number from 1 to 65535",
						  why, size);
		}
		host.len = at;
	}
	if (parse_v4(host, endpoint) || obol_host_name_parse(host, endpoint->host))
	{
		return true;
	}
	return refuse(text, "neither a host name nor an address", why, size);
}

enum obol_status obol_endpoints_parse(const char *text,
									  struct obol_endpoint_list *list,
									  char *why, size_t size)
{
	static const char separators[] = ", \t\r\n";
	struct obol_endpoint_list found;

	memset(&found, 0, sizeof(found));
	text = text ? text : "";
	for (text += strspn(text, separators); *text;
		 text += strspn(text, separators))
	{
		size_t len = strcspn(text, separators);

		if (found.n == OBOL_ENDPOINTS_MAX)
		{
			(void)snprintf(why, size, "more than %d servers",
						   OBOL_ENDPOINTS_MAX);
			return OBOL_ERR_FORMAT;
		}
		if (!parse_endpoint(obol_bytes(text, len), &found.items[found.n], why,
							size))
		{
			return OBOL_ERR_FORMAT;
		}
		found.n++;
		text += len;
	}
	if (found.n == 0)
	{
		(void)snprintf(why, size, "no server is named");
		return OBOL_ERR_FORMAT;
	}
	*list = found;
	return OBOL_OK;
}

socklen_t obol_sockaddr_len(const struct sockaddr_storage *addr)
{
	switch (addr->ss_family)
	{
		case AF_INET:
			return sizeof(struct sockaddr_in);
		case AF_INET6:
			return sizeof(struct sockaddr_in6);
		default:
			return 0;
	}
}

bool obol_sockaddr_eq(const struct sockaddr_storage *a,
					  const struct sockaddr_storage *b)
{
	const struct sockaddr_in *in[] = { (const struct sockaddr_in *)a,
									   (const struct sockaddr_in *)b };
	const struct sockaddr_in6 *in6[] = { (const struct sockaddr_in6 *)a,
										 (const struct sockaddr_in6 *)b };

	if (a->ss_family != b->ss_family)
	{
		return false;
	}
	if (a->ss_family == AF_INET)
	{
		return in[0]->sin_port == in[1]->sin_port &&
			   in[0]->sin_addr.s_addr == in[1]->sin_addr.s_addr;
	}
	return a->ss_family == AF_INET6 && in6[0]->sin6_port == in6[1]->sin6_port &&
		   in6[0]->sin6_scope_id == in6[1]->sin6_scope_id &&
		   memcmp(&in6[0]->sin6_addr, &in6[1]->sin6_addr,
				  sizeof(in6[0]->sin6_addr)) == 0;
}

void obol_sockaddr_set_port(struct sockaddr_storage *addr, uint16_t port)
{
	if (addr->ss_family == AF_INET)
	{
		((struct sockaddr_in *)addr)->sin_port = htons(port);
	}
	else if (addr->ss_family == AF_INET6)
	{
		((struct sockaddr_in6 *)addr)->sin6_port = htons(port);
	}
}

const char *obol_sockaddr_text(const struct sockaddr_storage *addr,
							   char text[OBOL_SOCKADDR_TEXT_MAX])
{
	char host[INET6_ADDRSTRLEN] = "?";
	unsigned port = 0;

	if (addr->ss_family == AF_INET)
	{
		const struct sockaddr_in *in = (const struct sockaddr_in *)addr;

		(void)inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
		port = ntohs(in->sin_port);
	}
	else if (addr->ss_family == AF_INET6)
	{
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;

		(void)inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
		port = ntohs(in6->sin6_port);
	}
	(void)snprintf(text, OBOL_SOCKADDR_TEXT_MAX, "%s port %u", host, port);
	return text;
}
