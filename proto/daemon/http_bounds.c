/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many connections the HTTP listener has at a time. */
#include "daemon/http_bounds.h"
#include "daemon/source_count.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

struct connection {
	/** 0 for none; the smaller, the elder */
	uint64_t number;
	/** the socket's own, which none has had before it */
	uint64_t cookie;
	struct obol_source_address source;
	/** was shut down; evhttp has still to read that */
	bool is_ending;
};

struct obol_http_bounds {
	struct event *look;
	int listen_fd;
	in_port_t port;
	int n_fds;
	uint64_t next_number;
	/** by descriptor */
	struct connection connections[];
};

/* Its own end's; 0 for what is no TCP socket. */
static in_port_t port_of(int fd)
{
	struct sockaddr_storage addr;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&addr;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&addr;
	socklen_t len = sizeof(addr);

	if (getsockname(fd, (struct sockaddr *)&addr, &len) != 0)
	{
		return 0;
	}
	return addr.ss_family == AF_INET    ? v4->sin_port
		   : addr.ss_family == AF_INET6 ? v6->sin6_port
										: 0;
}

/* False for what is no connection of the listener's: that to the database comes
 * from another port. */
static bool peer_of(const struct obol_http_bounds *bounds, int fd,
					struct connection *out)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr), cookie_len = sizeof(out->cookie);

	memset(out, 0, sizeof(*out));
	return fd != bounds->listen_fd && port_of(fd) == bounds->port &&
		   getpeername(fd, (struct sockaddr *)&addr, &len) == 0 &&
		   obol_source_of(&addr, &out->source) &&
		   getsockopt(fd, SOL_SOCKET, SO_COOKIE, &out->cookie, &cookie_len) ==
			   0;
}

/* Those that are there now; how many. */
static unsigned refresh(struct obol_http_bounds *bounds)
{
	unsigned n = 0;
	int fd;

	for (fd = 0; fd < bounds->n_fds; fd++)
	{
		struct connection *known = &bounds->connections[fd], now;

		if (!peer_of(bounds, fd, &now))
		{
			known->number = 0;
			continue;
		}
		if (!known->number || known->cookie != now.cookie)
		{
			now.number = ++bounds->next_number;
			*known = now;
		}
		n += !known->is_ending;
	}
	return n;
}

static bool is_counted(const struct connection *connection)
{
	return connection->number && !connection->is_ending;
}

static unsigned n_of_network(const struct obol_http_bounds *bounds,
							 const struct connection *of)
{
	unsigned n = 0;
	int fd;

	for (fd = 0; fd < bounds->n_fds; fd++)
	{
		n += is_counted(&bounds->connections[fd]) &&
			 obol_source_is_near(&bounds->connections[fd].source, &of->source);
	}
	return n;
}

/* The eldest connection of the network with most of them, -1 for none. */
static int victim(const struct obol_http_bounds *bounds, unsigned *most)
{
	int fd, found = -1;
	unsigned n;

	*most = 0;
	for (fd = 0; fd < bounds->n_fds; fd++)
	{
		const struct connection *connection = &bounds->connections[fd];

		n = is_counted(connection) ? n_of_network(bounds, connection) : 0;
		if (n > *most ||
			(n && n == *most &&
			 connection->number < bounds->connections[found].number))
		{
			*most = n;
			found = fd;
		}
	}
	return found;
}

static void on_look(evutil_socket_t unused, short what, void *arg)
{
	struct obol_http_bounds *bounds = arg;
	unsigned n = refresh(bounds), most;
	int fd;

	(void)unused;
	(void)what;
	while (n > OBOL_HTTP_PER_SOURCE_MAX && (fd = victim(bounds, &most)) >= 0 &&
		   (n > OBOL_HTTP_CONNECTIONS_MAX || most > OBOL_HTTP_PER_SOURCE_MAX))
	{
		/* evhttp reads its end and closes it */
		(void)shutdown(fd, SHUT_RDWR);
		bounds->connections[fd].is_ending = true;
		n--;
	}
}

enum obol_status obol_http_bounds_new(struct event_base *base, int listen_fd,
									  int n_fds, struct obol_http_bounds **out)
{
	struct obol_http_bounds *bounds = calloc(
		1, sizeof(*bounds) + (size_t)n_fds * sizeof(bounds->connections[0]));

	if (!bounds)
	{
		return OBOL_ERR_NOMEM;
	}
	bounds->listen_fd = listen_fd;
	bounds->port = port_of(listen_fd);
	bounds->n_fds = n_fds;
	bounds->look = event_new(base, -1, 0, on_look, bounds);
	if (!bounds->look)
	{
		obol_http_bounds_free(bounds);
		return OBOL_ERR_NOMEM;
	}
	*out = bounds;
	return OBOL_OK;
}

void obol_http_bounds_free(struct obol_http_bounds *bounds)
{
	if (bounds)
	{
		if (bounds->look)
		{
			event_free(bounds->look);
		}
		free(bounds);
	}
}

unsigned obol_http_bounds_count(struct obol_http_bounds *bounds)
{
	return refresh(bounds);
}

void obol_http_bounds_accepted(struct obol_http_bounds *bounds)
{
	event_active(bounds->look, EV_TIMEOUT, 0);
}
