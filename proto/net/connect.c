/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The race of all candidates (RFC 8305). */
#include "net/runner.h"

#include <stdio.h>
#include <stdlib.h>

#define RUNNERS_MAX (OBOL_TARGETS_MAX * OBOL_CANDIDATES_MAX)
#define WATCHES_MAX (OBOL_TARGETS_MAX + OBOL_ENDPOINTS_MAX + RUNNERS_MAX)

/** What poll() is asked, and about whom. */
struct watch {
	size_t n;
	struct pollfd fds[WATCHES_MAX + 1];
	/** NULL for a look-up */
	struct obol_runner *runners[WATCHES_MAX];
	/** when the next runner may start, UINT64_MAX when there is none */
	uint64_t wake_mono_ms;
};

struct race {
	const struct obol_connect_config *config;
	struct obol_clock *clock;
	uint64_t start_mono_ms;
	/** no runner starts before that */
	uint64_t next_mono_ms;
	struct obol_targets targets;
	size_t n_runners;
	struct obol_runner runners[RUNNERS_MAX];
	struct watch watch;
	struct obol_runner *winner;
};

static void note_runner(const struct obol_runner *runner,
						enum obol_net_failure failure, const char *what)
{
	char text[OBOL_SOCKADDR_TEXT_MAX];
	char reason[OBOL_TARGET_REASON_MAX];

	(void)snprintf(reason, sizeof(reason), "%s: %s",
				   obol_sockaddr_text(&runner->addr, text), what);
	obol_target_note(runner->target, failure, reason);
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
		note_runner(runner, runner->failure, runner->reason);
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

/* What a server is passed over by: where no port was named, all its ports are
 * one server's. */
static struct sockaddr_storage address_of(const struct obol_runner *runner)
{
	struct sockaddr_storage addr = runner->addr;

	obol_sockaddr_set_port(&addr, runner->target->port);
	return addr;
}

static const struct obol_tried_server *find_tried(const struct race *race,
												  const struct obol_runner *one)
{
	const struct obol_tried *tried = race->config->tried;
	struct sockaddr_storage addr = address_of(one);
	size_t i;

	for (i = 0; tried && i < tried->n; i++)
	{
		if (obol_sockaddr_eq(&tried->items[i].addr, &addr))
		{
			return &tried->items[i];
		}
	}
	return NULL;
}

static void add_runners(struct race *race, struct obol_target *target,
						const struct sockaddr_storage *addrs, size_t n)
{
	struct sockaddr_storage order[OBOL_CANDIDATES_MAX];
	size_t i;

	n = target->port ? obol_candidates_order(addrs, n, &target->port, 1, order)
					 : obol_candidates_order(addrs, n, race->config->ports,
											 race->config->n_ports, order);
	if (n == 0)
	{
		obol_target_note_host(target, OBOL_NET_RESOLVE, "no address is known");
	}
	for (i = 0; i < n; i++)
	{
		struct obol_runner *runner = &race->runners[race->n_runners];
		const struct obol_tried_server *tried;

		obol_runner_init(runner, target, &order[i]);
		tried = find_tried(race, runner);
		if (tried)
		{
			note_runner(runner, OBOL_NET_CLOSED, tried->why);
			continue;
		}
		race->n_runners++;
	}
}

static void collect(struct race *race, struct obol_target *target)
{
	struct sockaddr_storage addrs[OBOL_RESOLVE_MAX];
	size_t n = 0;

	if (obol_targets_addresses(&race->targets, target, addrs, &n))
	{
		add_runners(race, target, addrs, n);
	}
}

/* SRV records take the place of the domain's own addresses, unless it was too
 * late: those that are being tried may win. */
static void drop_waiting(struct race *race, const struct obol_target *target)
{
	size_t i;

	for (i = 0; i < race->n_runners; i++)
	{
		if (race->runners[i].target == target &&
			race->runners[i].state == OBOL_RUNNER_WAITING)
		{
			obol_runner_clear(&race->runners[i]);
		}
	}
}

static void collect_lookups(struct race *race)
{
	size_t i;

	for (i = 0; i < race->config->endpoints->n; i++)
	{
		enum obol_srv_outcome outcome = obol_targets_srv(&race->targets, i);

		if (outcome == OBOL_SRV_FOUND || outcome == OBOL_SRV_ABSENT)
		{
			drop_waiting(race, &race->targets.items[i]);
		}
	}
	for (i = 0; i < race->targets.n; i++)
	{
		if (race->targets.items[i].state == OBOL_TARGET_RESOLVING)
		{
			collect(race, &race->targets.items[i]);
		}
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
			(!first || runner->target->rank < first->target->rank))
		{
			first = runner;
		}
	}
	return first;
}

/**
 * The next one in the order of the servers.
 *
 * @param from_mono_ms	when it may start, or the hook be asked: a server that
 *						is still being looked up holds up those behind it for a
 *						moment
 * @return				NULL also when it is too early to ask the hook
 */
static struct obol_runner *next_runner(struct race *race,
									   uint64_t *from_mono_ms)
{
	for (;;)
	{
		struct obol_runner *first = first_waiting(race);
		struct obol_target *unasked = obol_targets_unasked(&race->targets);
		bool is_asking =
			unasked && (!first || unasked->rank < first->target->rank);
		size_t rank = is_asking ? unasked->rank
					  : first   ? first->target->rank
								: 0;
		uint64_t gate =
			obol_targets_gate(&race->targets, rank, OBOL_CONNECT_STAGGER_MS);

		*from_mono_ms = race->next_mono_ms > gate ? race->next_mono_ms : gate;
		if (!is_asking)
		{
			return first;
		}
		if (obol_mono_ms(race->clock) < *from_mono_ms)
		{
			return NULL;
		}
		collect(race, unasked);
	}
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
				runner || obol_targets_unasked(&race->targets) ? from
															   : UINT64_MAX;
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

static void watch_query(struct watch *watch, const struct obol_srv_query *query)
{
	uint64_t wake;

	if (query)
	{
		watch_one(watch, obol_srv_query_fd(query), obol_srv_query_events(query),
				  NULL);
		wake = obol_srv_query_wake(query);
		watch->wake_mono_ms =
			wake < watch->wake_mono_ms ? wake : watch->wake_mono_ms;
	}
}

static void watch_all(struct race *race)
{
	const struct obol_targets *targets = &race->targets;
	size_t i;

	race->watch.n = 0;
	for (i = 0; i < targets->n; i++)
	{
		if (targets->items[i].resolve)
		{
			watch_one(&race->watch, obol_resolve_fd(targets->items[i].resolve),
					  POLLIN, NULL);
		}
	}
	for (i = 0; i < race->config->endpoints->n; i++)
	{
		watch_query(&race->watch, targets->queries[i]);
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

	collect_lookups(race);
	for (i = 0; i < watch->n && failure == OBOL_NET_OK && !race->winner; i++)
	{
		struct obol_runner *runner = watch->runners[i];
		enum obol_runner_state before;

		/* the look-ups may just have dropped one that was waiting */
		if (runner && watch->fds[i].revents && obol_runner_is_running(runner))
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

	for (i = 0; i < race->targets.n; i++)
	{
		if (race->targets.items[i].resolve)
		{
			obol_target_note_host(&race->targets.items[i], OBOL_NET_RESOLVE,
								  "the name servers do not answer");
		}
	}
	for (i = 0; i < race->n_runners; i++)
	{
		struct obol_runner *runner = &race->runners[i];

		if (runner->state == OBOL_RUNNER_CONNECTING)
		{
			note_runner(runner, OBOL_NET_UNREACHABLE, "no answer");
		}
		else if (runner->state == OBOL_RUNNER_HANDSHAKE)
		{
			note_runner(runner, OBOL_NET_TIMEOUT,
						"accepted the connection, then kept silent");
		}
	}
}

static enum obol_net_failure begin(struct race *race)
{
	const struct obol_connect_config *config = race->config;
	const struct obol_targets_config targets = {
		config->endpoints,    config->server_name, config->hooks,
		config->name_servers, race->clock,         config->rng
	};
	enum obol_net_failure failure = obol_targets_init(&race->targets, &targets);

	if (failure == OBOL_NET_OK)
	{
		collect_lookups(race);
	}
	return failure;
}

/* Until somebody wins, or nobody is left. */
static enum obol_net_failure run(struct race *race)
{
	enum obol_net_failure failure = begin(race);

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
			break;
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
	}
	return failure;
}

/* Whether somebody else than the winner can still be tried. */
static bool has_others(const struct race *race)
{
	struct sockaddr_storage won = address_of(race->winner);
	size_t i;

	for (i = 0; i < race->n_runners; i++)
	{
		struct sockaddr_storage addr = address_of(&race->runners[i]);

		if (race->runners[i].state != OBOL_RUNNER_OUT &&
			!obol_sockaddr_eq(&addr, &won))
		{
			return true;
		}
	}
	for (i = 0; i < race->targets.n; i++)
	{
		if (race->targets.items[i].resolve ||
			race->targets.items[i].state == OBOL_TARGET_UNASKED)
		{
			return true;
		}
	}
	return false;
}

static enum obol_net_failure take_winner(struct race *race,
										 struct obol_connection *connection)
{
	struct obol_runner *runner = race->winner;
	uint64_t now = obol_mono_ms(race->clock);

	connection->endpoint = runner->target->endpoint;
	connection->addr = address_of(runner);
	(void)obol_sockaddr_text(&runner->addr, connection->where);
	connection->has_others = has_others(race);
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

/* In words, and by what tells most. With nothing to tell, it was the caller's
 * time that was short, or nobody was left. */
static enum obol_net_failure lost(const struct race *race,
								  enum obol_net_failure failure, char *why,
								  size_t size)
{
	enum obol_net_failure most = obol_targets_sum(&race->targets, why, size);

	if (failure == OBOL_NET_ABORTED || failure == OBOL_NET_INTERNAL)
	{
		return failure;
	}
	if (most != OBOL_NET_OK)
	{
		return most;
	}
	return failure == OBOL_NET_TIMEOUT ? failure : OBOL_NET_INTERNAL;
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
	failure = run(race);
	failure = race->winner ? take_winner(race, connection)
						   : lost(race, failure, why, size);
	for (i = 0; i < race->n_runners; i++)
	{
		obol_runner_clear(&race->runners[i]);
	}
	obol_targets_clear(&race->targets);
	free(race);
	return failure;
}
