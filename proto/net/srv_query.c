/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A look-up of SRV records over UDP. */
#include "net/srv_query.h"

#include <errno.h>
#include <netinet/in.h>
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
	const struct obol_client_hooks *hooks = query->config.hooks;
	struct obol_bytes question = obol_writer_view(&query->question);
	int family = server->ss_family;

	query->fd =
		socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
	return query->fd >= 0 &&
		   (!hooks || !hooks->socket_created ||
			hooks->socket_created(hooks->ctx, query->fd, family)) &&
		   connect(query->fd, (const struct sockaddr *)server,
				   obol_sockaddr_len(server)) == 0 &&
		   send(query->fd, question.ptr, question.len, 0) ==
			   (ssize_t)question.len;
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
			query->wake_mono_ms =
				obol_mono_ms(query->config.clock) + OBOL_SRV_PATIENCE_MS;
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

int obol_srv_query_fd(const struct obol_srv_query *query)
{
	return query->fd;
}

uint64_t obol_srv_query_wake(const struct obol_srv_query *query)
{
	return query->wake_mono_ms;
}

static void take_answer(struct obol_srv_query *query, struct obol_bytes message)
{
	enum obol_srv_outcome outcome = OBOL_SRV_PENDING;

	if (obol_srv_decode(message, obol_writer_view(&query->question), &outcome,
						&query->list) != OBOL_OK)
	{
		/* not the answer: another one may come */
		return;
	}
	if (outcome == OBOL_SRV_FAILED)
	{
		ask_next(query);
		return;
	}
	if (outcome == OBOL_SRV_FOUND &&
		obol_srv_order(&query->list, query->config.rng) != OBOL_OK)
	{
		outcome = OBOL_SRV_FAILED;
	}
	finish(query, outcome);
}

enum obol_srv_outcome obol_srv_query_go_on(struct obol_srv_query *query,
										   struct obol_srv_list *list)
{
	uint8_t message[OBOL_SRV_MESSAGE_MAX];
	ssize_t len = 0;
	int n;

	for (n = 0;
		 n < MESSAGES_MAX && query->outcome == OBOL_SRV_PENDING && len >= 0;
		 n++)
	{
		len = recv(query->fd, message, sizeof(message), 0);
		if (len >= 0)
		{
			take_answer(query, obol_bytes(message, (size_t)len));
		}
		else if (errno != EAGAIN && errno != EINTR)
		{
			/* nobody listens there, say */
			ask_next(query);
		}
	}
	if (query->outcome == OBOL_SRV_PENDING &&
		obol_mono_ms(query->config.clock) >= query->wake_mono_ms)
	{
		ask_next(query);
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
