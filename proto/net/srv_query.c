/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A look-up of SRV records. */
#include "net/srv_query.h"
#include "net/srv_tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <resolv.h>
#include <stdlib.h>
#include <unistd.h>

/** Messages read at once, so that a flood of others' does not hold us up. */
#define MESSAGES_MAX 16

struct obol_srv_query {
	struct obol_srv_query_config config;
	struct obol_writer question;
	/** connected, so that only that name server's answers come; -1 for none */
	int fd;
	/** open while the present server is asked again over TCP */
	struct obol_srv_tcp tcp;
	/** what its cut answer had, if TCP comes to nothing */
	struct obol_srv_list cut;
	/** how many times some server was asked */
	size_t n_asked;
	uint64_t wake_mono_ms;
	enum obol_srv_outcome outcome;
	struct obol_srv_list list;
};

/* One of libc's, which keeps IPv6 ones apart; false when there is none. */
static bool system_server(const struct __res_state *state, size_t at,
						  struct sockaddr_storage *addr)
{
	memset(addr, 0, sizeof(*addr));
	if (state->nsaddr_list[at].sin_family == AF_INET)
	{
		memcpy(addr, &state->nsaddr_list[at], sizeof(struct sockaddr_in));
		return true;
	}
	if (state->_u._ext.nsaddrs[at])
	{
		memcpy(addr, state->_u._ext.nsaddrs[at], sizeof(struct sockaddr_in6));
		return true;
	}
	return false;
}

void obol_name_servers_system(struct obol_name_servers *servers)
{
	struct __res_state state;
	int i;

	memset(servers, 0, sizeof(*servers));
	memset(&state, 0, sizeof(state));
	if (res_ninit(&state) != 0)
	{
		return;
	}
	for (i = 0; i < state.nscount && servers->n < OBOL_NAME_SERVERS_MAX; i++)
	{
		if (system_server(&state, (size_t)i, &servers->addrs[servers->n]))
		{
			servers->n++;
		}
	}
	res_nclose(&state);
}

static void close_socket(struct obol_srv_query *query)
{
	if (query->fd >= 0)
	{
		(void)close(query->fd);
		query->fd = -1;
	}
	obol_srv_tcp_close(&query->tcp);
}

static void finish(struct obol_srv_query *query, enum obol_srv_outcome outcome)
{
	close_socket(query);
	query->wake_mono_ms = UINT64_MAX;
	query->outcome = outcome;
}

static bool send_question(struct obol_srv_query *query,
						  const struct sockaddr_storage *server)
{
	struct obol_bytes question = obol_writer_view(&query->question);

	query->fd = obol_srv_socket(query->config.hooks, server, SOCK_DGRAM);
	return query->fd >= 0 && send(query->fd, question.ptr, question.len, 0) ==
								 (ssize_t)question.len;
}

static void wait_for_answer(struct obol_srv_query *query)
{
	query->wake_mono_ms =
		obol_mono_ms(query->config.clock) + OBOL_SRV_PATIENCE_MS;
}

/* The next name server that can be asked, in turn. */
static void ask_next(struct obol_srv_query *query)
{
	const struct obol_name_servers *servers = query->config.servers;

	while (query->n_asked < servers->n * OBOL_SRV_ROUNDS)
	{
		size_t at = query->n_asked++ % servers->n;

		close_socket(query);
		if (send_question(query, &servers->addrs[at]))
		{
			wait_for_answer(query);
			return;
		}
	}
	finish(query, OBOL_SRV_FAILED);
}

enum obol_status obol_srv_query_new(const char *domain,
									const struct obol_srv_query_config *config,
									struct obol_srv_query **out)
{
	struct obol_srv_query *query = calloc(1, sizeof(*query));
	enum obol_status status;
	uint16_t id;

	if (!query)
	{
		return OBOL_ERR_NOMEM;
	}
	query->config = *config;
	query->fd = -1;
	obol_srv_tcp_init(&query->tcp);
	obol_writer_init(&query->question);
	status = obol_rng_fill(config->rng, &id, sizeof(id));
	if (status == OBOL_OK)
	{
		status = obol_srv_ask(domain, id, &query->question);
	}
	if (status != OBOL_OK)
	{
		obol_srv_query_free(query);
		return status;
	}
	ask_next(query);
	*out = query;
	return OBOL_OK;
}

static bool is_over_tcp(const struct obol_srv_query *query)
{
	return query->tcp.fd >= 0;
}

int obol_srv_query_fd(const struct obol_srv_query *query)
{
	return is_over_tcp(query) ? query->tcp.fd : query->fd;
}

short obol_srv_query_events(const struct obol_srv_query *query)
{
	return is_over_tcp(query) ? obol_srv_tcp_events(&query->tcp) : POLLIN;
}

uint64_t obol_srv_query_wake(const struct obol_srv_query *query)
{
	return query->wake_mono_ms;
}

static void found(struct obol_srv_query *query)
{
	finish(query, obol_srv_order(&query->list, query->config.rng) == OBOL_OK
					  ? OBOL_SRV_FOUND
					  : OBOL_SRV_FAILED);
}

/* The whole cannot be had of this server: a part of it is better than what
 * others might not have. */
static void tcp_failed(struct obol_srv_query *query)
{
	if (query->cut.n)
	{
		query->list = query->cut;
		found(query);
		return;
	}
	ask_next(query);
}

/* The same server, as it has the records. */
static void ask_over_tcp(struct obol_srv_query *query)
{
	const struct obol_name_servers *servers = query->config.servers;
	size_t at = (query->n_asked - 1) % servers->n;

	close_socket(query);
	if (!obol_srv_tcp_start(&query->tcp, query->config.hooks,
							&servers->addrs[at],
							obol_writer_view(&query->question)))
	{
		tcp_failed(query);
		return;
	}
	wait_for_answer(query);
}

static void take_outcome(struct obol_srv_query *query,
						 enum obol_srv_outcome outcome)
{
	switch (outcome)
	{
		case OBOL_SRV_FAILED:
			ask_next(query);
			return;
		case OBOL_SRV_FOUND:
			found(query);
			return;
		case OBOL_SRV_CUT:
			query->cut = query->list;
			if (is_over_tcp(query))
			{
				tcp_failed(query);
				return;
			}
			ask_over_tcp(query);
			return;
		default:
			finish(query, outcome);
			return;
	}
}

/** False when it is not the answer. */
static bool take_answer(struct obol_srv_query *query, struct obol_bytes message)
{
	enum obol_srv_outcome outcome = OBOL_SRV_PENDING;

	if (obol_srv_decode(message, obol_writer_view(&query->question), &outcome,
						&query->list) != OBOL_OK)
	{
		return false;
	}
	take_outcome(query, outcome);
	return true;
}

/* What is not the answer says nothing: another one may come. */
static void read_datagrams(struct obol_srv_query *query)
{
	uint8_t message[OBOL_SRV_MESSAGE_MAX];
	ssize_t len = 0;
	int n;

	for (n = 0; n < MESSAGES_MAX && query->outcome == OBOL_SRV_PENDING &&
				!is_over_tcp(query) && len >= 0;
		 n++)
	{
		len = recv(query->fd, message, sizeof(message), 0);
		if (len >= 0)
		{
			(void)take_answer(query, obol_bytes(message, (size_t)len));
		}
		else if (errno != EAGAIN && errno != EINTR)
		{
			/* nobody listens there, say */
			ask_next(query);
		}
	}
}

static void go_on_over_tcp(struct obol_srv_query *query)
{
	struct obol_bytes message = { NULL, 0 };

	switch (obol_srv_tcp_go_on(&query->tcp, &message))
	{
		case OBOL_SRV_TCP_DONE:
			if (!take_answer(query, message))
			{
				tcp_failed(query);
			}
			return;
		case OBOL_SRV_TCP_FAILED:
			tcp_failed(query);
			return;
		default:
			return;
	}
}

static void give_up_on_server(struct obol_srv_query *query)
{
	if (is_over_tcp(query))
	{
		tcp_failed(query);
		return;
	}
	ask_next(query);
}

enum obol_srv_outcome obol_srv_query_go_on(struct obol_srv_query *query,
										   struct obol_srv_list *list)
{
	if (query->outcome == OBOL_SRV_PENDING && !is_over_tcp(query))
	{
		read_datagrams(query);
	}
	if (query->outcome == OBOL_SRV_PENDING && is_over_tcp(query))
	{
		go_on_over_tcp(query);
	}
	if (query->outcome == OBOL_SRV_PENDING &&
		obol_mono_ms(query->config.clock) >= query->wake_mono_ms)
	{
		give_up_on_server(query);
	}
	if (query->outcome == OBOL_SRV_FOUND)
	{
		*list = query->list;
	}
	return query->outcome;
}

void obol_srv_query_free(struct obol_srv_query *query)
{
	if (query)
	{
		close_socket(query);
		obol_writer_clear(&query->question);
		free(query);
	}
}
