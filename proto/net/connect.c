/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The race of all candidates (RFC 8305). */
#include "net/runner.h"

#include <stdio.h>
#include <stdlib.h>

#define RUNNERS_MAX (OBOL_ENDPOINTS_MAX * OBOL_CANDIDATES_MAX)

enum lookup_state {
	LOOKUP_WAITING,
	LOOKUP_RUNNING,
	LOOKUP_DONE,
};

struct lookup {
	enum lookup_state state;
	struct obol_resolve *resolve;
};

/** What poll() is asked, and about whom. */
struct watch {
	size_t n;
	struct pollfd fds[OBOL_ENDPOINTS_MAX + RUNNERS_MAX + 1];
	/** NULL for a name that is being looked up */
	struct obol_runner *runners[OBOL_ENDPOINTS_MAX + RUNNERS_MAX];
	/** when the next runner may start, UINT64_MAX when there is none */
	uint64_t wake_mono_ms;
};

struct race {
	const struct obol_connect_config *config;
	struct obol_clock *clock;
	uint64_t start_mono_ms;
	/** no runner starts before that */
	uint64_t next_mono_ms;
	struct lookup lookups[OBOL_ENDPOINTS_MAX];
	size_t n_runners;
	struct obol_runner runners[RUNNERS_MAX];
	struct watch watch;
	/** what tells most so far, and its words */
	enum obol_net_failure failure;
	char *why;
	size_t why_size;
	struct obol_runner *winner;
};

/* Someone who answers tells more than nobody who does; a wrong key more than
 * a web server. */
static int weight(enum obol_net_failure failure)
{
	switch (failure)
	{
		case OBOL_NET_PIN:
			return 6;
		case OBOL_NET_TLS_CA:
			return 5;
		case OBOL_NET_PORTAL:
			return 4;
		case OBOL_NET_TIMEOUT:
			return 3;
		case OBOL_NET_UNREACHABLE:
			return 2;
		case OBOL_NET_RESOLVE:
			return 1;
		default:
			return 0;
	}
}

static void note(struct race *race, enum obol_net_failure failure,
				 const char *subject, const char *what)
{
	if (weight(failure) > weight(race->failure))
	{
		race->failure = failure;
		(void)snprintf(race->why, race->why_size, "%s: %s", subject, what);
	}
}

static void note_runner(struct race *race, const struct obol_runner *runner,
						enum obol_net_failure failure, const char *what)
{
	char text[OBOL_SOCKADDR_TEXT_MAX];

	note(race, failure, obol_sockaddr_text(&runner->addr, text), what);
}

/* After every step of a runner. */
static void look_at(struct race *race, struct obol_runner *runner,
					enum obol_runner_state before)
{
	if (runner->state == OBOL_RUNNER_DONE)
	{
		race->winner = runner;
	}
	else if (runner->state == OBOL_RUNNER_OUT)
	{
		note_runner(race, runner, runner->failure, runner->reason);
		/* the next one need not wait for this one any more */
		race->next_mono_ms = 0;
	}
	else if (runner->state != before)
	{
		/* it gets on: give it time before the next one is bothered */
		race->next_mono_ms =
			obol_mono_ms(race->clock) + OBOL_CONNECT_STAGGER_MS;
	}
}

static void add_runners(struct race *race, size_t at,
						const struct sockaddr_storage *addrs, size_t n)
{
	const struct obol_endpoint *endpoint = &race->config->endpoints->items[at];
	struct sockaddr_storage order[OBOL_CANDIDATES_MAX];
	size_t i;

	race->lookups[at].state = LOOKUP_DONE;
	n = endpoint->port
			? obol_candidates_order(addrs, n, &endpoint->port, 1, order)
			: obol_candidates_order(addrs, n, race->config->ports,
									race->config->n_ports, order);
	if (n == 0)
	{
		note(race, OBOL_NET_RESOLVE, endpoint->host, "no address is known");
	}
	for (i = 0; i < n; i++)
	{
		obol_runner_init(&race->runners[race->n_runners++], at, &order[i]);
	}
}

static void ask_hook(struct race *race, size_t at)
{
	const struct obol_client_hooks *hooks = race->config->hooks;
	struct sockaddr_storage addrs[OBOL_RESOLVE_MAX];
	size_t n;

	memset(addrs, 0, sizeof(addrs));
	n = hooks->resolve(hooks->ctx, race->config->endpoints->items[at].host,
					   addrs, OBOL_RESOLVE_MAX);
	add_runners(race, at, addrs, n);
}

/* Addresses are known at once; names are asked for in threads, all at the same
 * time, unless the caller resolves: his function blocks, so it is called only
 * when its server's turn has come. */
static enum obol_net_failure begin_lookups(struct race *race)
{
	const struct obol_client_hooks *hooks = race->config->hooks;
	size_t i;

	for (i = 0; i < race->config->endpoints->n; i++)
	{
		const struct obol_endpoint *endpoint =
			&race->config->endpoints->items[i];

		if (endpoint->is_address)
		{
			add_runners(race, i, &endpoint->addr, 1);
		}
		else if (!hooks || !hooks->resolve)
		{
			if (obol_resolve_start(endpoint->host, &race->lookups[i].resolve) !=
				OBOL_OK)
			{
				return OBOL_NET_INTERNAL;
			}
			race->lookups[i].state = LOOKUP_RUNNING;
		}
	}
	return OBOL_NET_OK;
}

static void collect_lookup(struct race *race, size_t at)
{
	struct lookup *lookup = &race->lookups[at];
	struct sockaddr_storage addrs[OBOL_RESOLVE_MAX];
	size_t n = 0;

	if (lookup->state == LOOKUP_RUNNING &&
		obol_resolve_result(lookup->resolve, addrs, &n))
	{
		obol_resolve_free(lookup->resolve);
		lookup->resolve = NULL;
		add_runners(race, at, addrs, n);
	}
}

static struct obol_runner *first_waiting(struct race *race)
{
	struct obol_runner *first = NULL;
	size_t i;

	for (i = 0; i < race->n_runners; i++)
	{
		struct obol_runner *runner = &race->runners[i];

		if (runner->state == OBOL_RUNNER_WAITING &&
			(!first || runner->endpoint < first->endpoint))
		{
			first = runner;
		}
	}
	return first;
}

/**
 * The next one in the order of the servers.
 *
 * @param from_mono_ms	when it may start: a server whose name is still being
 *						looked up holds up those behind it for a moment
 */
static struct obol_runner *next_runner(struct race *race,
									   uint64_t *from_mono_ms)
{
	struct obol_runner *first = first_waiting(race);
	size_t i;

	*from_mono_ms = race->next_mono_ms;
	for (i = 0; i < race->config->endpoints->n; i++)
	{
		uint64_t gate = race->start_mono_ms + OBOL_CONNECT_STAGGER_MS;

		if (first && first->endpoint <= i)
		{
			break;
		}
		if (race->lookups[i].state == LOOKUP_WAITING)
		{
			if (obol_mono_ms(race->clock) < race->next_mono_ms)
			{
				return NULL;
			}
			ask_hook(race, i);
			return next_runner(race, from_mono_ms);
		}
		if (race->lookups[i].state == LOOKUP_RUNNING && *from_mono_ms < gate)
		{
			*from_mono_ms = gate;
		}
	}
	return first;
}

static bool more_to_look_up(const struct race *race)
{
	size_t i;

	for (i = 0; i < race->config->endpoints->n; i++)
	{
		if (race->lookups[i].state == LOOKUP_WAITING)
		{
			return true;
		}
	}
	return false;
}

/* Start what may start now, and set when to look again. */
static enum obol_net_failure start_due(struct race *race)
{
	enum obol_net_failure failure = OBOL_NET_OK;

	while (failure == OBOL_NET_OK && !race->winner)
	{
		uint64_t from = 0;
		struct obol_runner *runner = next_runner(race, &from);

		if (!runner || obol_mono_ms(race->clock) < from)
		{
			race->watch.wake_mono_ms =
				runner || more_to_look_up(race) ? from : UINT64_MAX;
			break;
		}
		race->next_mono_ms =
			obol_mono_ms(race->clock) + OBOL_CONNECT_STAGGER_MS;
		failure = obol_runner_start(runner, race->config);
		if (failure == OBOL_NET_OK)
		{
			look_at(race, runner, OBOL_RUNNER_WAITING);
			failure = obol_wait_check(race->config->wait);
		}
	}
	return failure;
}

static void watch_one(struct watch *watch, int fd, short events,
					  struct obol_runner *runner)
{
	watch->fds[watch->n].fd = fd;
	watch->fds[watch->n].events = events;
	watch->runners[watch->n++] = runner;
}

static void watch_all(struct race *race)
{
	size_t i;

	race->watch.n = 0;
	for (i = 0; i < race->config->endpoints->n; i++)
	{
		if (race->lookups[i].state == LOOKUP_RUNNING)
		{
			watch_one(&race->watch, obol_resolve_fd(race->lookups[i].resolve),
					  POLLIN, NULL);
		}
	}
	for (i = 0; i < race->n_runners; i++)
	{
		struct obol_runner *runner = &race->runners[i];

		if (obol_runner_is_running(runner))
		{
			watch_one(&race->watch, runner->fd, obol_runner_events(runner),
					  runner);
		}
	}
}

static enum obol_net_failure serve(struct race *race)
{
	const struct watch *watch = &race->watch;
	enum obol_net_failure failure = OBOL_NET_OK;
	size_t i;

	for (i = 0; i < race->config->endpoints->n; i++)
	{
		collect_lookup(race, i);
	}
	for (i = 0; i < watch->n && failure == OBOL_NET_OK && !race->winner; i++)
	{
		struct obol_runner *runner = watch->runners[i];
		enum obol_runner_state before;

		if (runner && watch->fds[i].revents)
		{
			before = runner->state;
			failure =
				obol_runner_go_on(runner, race->config, watch->fds[i].revents);
			if (failure == OBOL_NET_OK)
			{
				look_at(race, runner, before);
			}
		}
	}
	return failure;
}

/* What those come to that were still under way at the deadline. */
static void note_silent(struct race *race)
{
	size_t i;

	for (i = 0; i < race->config->endpoints->n; i++)
	{
		if (race->lookups[i].state == LOOKUP_RUNNING)
		{
			note(race, OBOL_NET_RESOLVE, race->config->endpoints->items[i].host,
				 "the name servers do not answer");
		}
	}
	for (i = 0; i < race->n_runners; i++)
	{
		struct obol_runner *runner = &race->runners[i];

		if (runner->state == OBOL_RUNNER_CONNECTING)
		{
			note_runner(race, runner, OBOL_NET_UNREACHABLE, "no answer");
		}
		else if (runner->state == OBOL_RUNNER_HANDSHAKE)
		{
			note_runner(race, runner, OBOL_NET_TIMEOUT,
						"accepted the connection, then kept silent");
		}
	}
}

static enum obol_net_failure run(struct race *race)
{
	enum obol_net_failure failure = begin_lookups(race);

	while (failure == OBOL_NET_OK)
	{
		failure = start_due(race);
		if (failure != OBOL_NET_OK || race->winner)
		{
			break;
		}
		watch_all(race);
		if (race->watch.n == 0 && race->watch.wake_mono_ms == UINT64_MAX)
		{
			return race->failure;
		}
		failure = obol_wait_poll(race->config->wait, race->watch.fds,
								 race->watch.n, race->watch.wake_mono_ms);
		if (failure == OBOL_NET_OK)
		{
			failure = serve(race);
		}
	}
	if (failure == OBOL_NET_TIMEOUT)
	{
		note_silent(race);
		/* with nothing to tell, it was the caller's time that was short */
		failure = weight(race->failure) ? race->failure : OBOL_NET_TIMEOUT;
	}
	return failure;
}

static enum obol_net_failure take_winner(struct race *race,
										 struct obol_connection *connection)
{
	struct obol_runner *runner = race->winner;
	uint64_t now = obol_mono_ms(race->clock);

	connection->endpoint = runner->endpoint;
	connection->connect_ms =
		(unsigned)(runner->connected_mono_ms - race->start_mono_ms);
	connection->tls_ms = (unsigned)(now - runner->connected_mono_ms);
	memcpy(connection->tls_key_hash, runner->tls_key_hash,
		   sizeof(connection->tls_key_hash));
	connection->stream = obol_stream_new_take(runner->fd, runner->tls);
	runner->fd = -1;
	runner->tls = NULL;
	return connection->stream ? OBOL_NET_OK : OBOL_NET_INTERNAL;
}

enum obol_net_failure obol_connect(const struct obol_connect_config *config,
								   struct obol_connection *connection,
								   char *why, size_t size)
{
	struct race *race = calloc(1, sizeof(*race));
	enum obol_net_failure failure;
	size_t i;

	why[0] = '\0';
	if (!race)
	{
		return OBOL_NET_INTERNAL;
	}
	race->config = config;
	race->clock = config->wait->clock;
	race->start_mono_ms = obol_mono_ms(race->clock);
	race->failure = OBOL_NET_INTERNAL;
	race->why = why;
	race->why_size = size;
	failure = run(race);
	if (failure == OBOL_NET_OK)
	{
		failure = take_winner(race, connection);
	}
	for (i = 0; i < race->n_runners; i++)
	{
		obol_runner_clear(&race->runners[i]);
	}
	for (i = 0; i < config->endpoints->n; i++)
	{
		obol_resolve_free(race->lookups[i].resolve);
	}
	free(race);
	return failure;
}
