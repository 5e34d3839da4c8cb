/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The servers of one race. */
#include "net/targets.h"

#include <stdio.h>

/** Ranks between one endpoint and the next. */
#define RANKS (OBOL_SRV_MAX + 1)

static uint64_t now(const struct obol_targets *targets)
{
	return obol_mono_ms(targets->config.clock);
}

static bool has_hook(const struct obol_targets *targets)
{
	const struct obol_client_hooks *hooks = targets->config.hooks;

	return hooks && hooks->resolve;
}

/* Names are asked for in threads, all at the same time, unless the caller
 * resolves: his function blocks, so it is called only when its turn comes. */
static enum obol_net_failure start_lookup(struct obol_targets *targets,
										  struct obol_target *target)
{
	target->since_mono_ms = now(targets);
	if (has_hook(targets))
	{
		target->state = OBOL_TARGET_UNASKED;
		return OBOL_NET_OK;
	}
	target->state = OBOL_TARGET_RESOLVING;
	return obol_resolve_start(target->host, &target->resolve) == OBOL_OK
			   ? OBOL_NET_OK
			   : OBOL_NET_INTERNAL;
}

static void copy_host(struct obol_target *target, const char *host)
{
	(void)snprintf(target->host, sizeof(target->host), "%s", host);
}

static enum obol_net_failure add_endpoint(struct obol_targets *targets,
										  size_t at)
{
	const struct obol_endpoint *endpoint =
		&targets->config.endpoints->items[at];
	struct obol_target *target = &targets->items[targets->n++];

	memset(target, 0, sizeof(*target));
	target->endpoint = at;
	target->rank = at * RANKS;
	copy_host(target, endpoint->host);
	target->port = endpoint->port;
	target->tls_host = endpoint->host;
	if (!endpoint->is_address)
	{
		return start_lookup(targets, target);
	}
	target->state = OBOL_TARGET_RESOLVING;
	target->tls_host_is_address = !targets->config.server_name;
	if (targets->config.server_name)
	{
		target->tls_host = targets->config.server_name;
	}
	return OBOL_NET_OK;
}

/* Whoever names a port means that machine. */
static void start_query(struct obol_targets *targets, size_t at)
{
	const struct obol_targets_config *config = &targets->config;
	const struct obol_endpoint *endpoint = &config->endpoints->items[at];
	const struct obol_srv_query_config query = { config->name_servers,
												 config->hooks, config->clock,
												 config->rng };

	if (config->name_servers && config->name_servers->n &&
		!endpoint->is_address && endpoint->port == 0 &&
		obol_srv_is_for(endpoint->host) &&
		obol_srv_query_new(endpoint->host, &query, &targets->queries[at]) !=
			OBOL_OK)
	{
		/* as if there were no such records */
		targets->queries[at] = NULL;
	}
}

enum obol_net_failure
obol_targets_init(struct obol_targets *targets,
				  const struct obol_targets_config *config)
{
	enum obol_net_failure failure = OBOL_NET_OK;
	size_t i;

	memset(targets, 0, sizeof(*targets));
	targets->config = *config;
	targets->start_mono_ms = now(targets);
	for (i = 0; i < config->endpoints->n && failure == OBOL_NET_OK; i++)
	{
		start_query(targets, i);
		failure = add_endpoint(targets, i);
	}
	return failure;
}

void obol_targets_clear(struct obol_targets *targets)
{
	size_t i;

	for (i = 0; i < targets->n; i++)
	{
		obol_resolve_free(targets->items[i].resolve);
		targets->items[i].resolve = NULL;
	}
	for (i = 0; i < OBOL_ENDPOINTS_MAX; i++)
	{
		obol_srv_query_free(targets->queries[i]);
		targets->queries[i] = NULL;
	}
}

static void add_srv(struct obol_targets *targets, size_t endpoint,
					const struct obol_srv_list *list)
{
	size_t i;

	for (i = 0; i < list->n && targets->n < OBOL_TARGETS_MAX; i++)
	{
		struct obol_target *target = &targets->items[targets->n++];

		memset(target, 0, sizeof(*target));
		target->endpoint = endpoint;
		target->rank = endpoint * RANKS + 1 + i;
		copy_host(target, list->items[i].host);
		target->port = list->items[i].port;
		/* RFC 9525, 6.1: the name that the user gave, not what DNS made of it
		 */
		target->tls_host = targets->items[endpoint].tls_host;
		if (start_lookup(targets, target) != OBOL_NET_OK)
		{
			target->state = OBOL_TARGET_KNOWN;
			obol_target_note_host(target, OBOL_NET_RESOLVE,
								  "it could not be looked up");
		}
	}
}

static void let_go(struct obol_target *target)
{
	target->state = OBOL_TARGET_GONE;
	obol_resolve_free(target->resolve);
	target->resolve = NULL;
}

enum obol_srv_outcome obol_targets_srv(struct obol_targets *targets,
									   size_t endpoint)
{
	struct obol_srv_list list;
	enum obol_srv_outcome outcome = OBOL_SRV_PENDING;

	if (targets->queries[endpoint])
	{
		outcome = obol_srv_query_go_on(targets->queries[endpoint], &list);
	}
	if (outcome == OBOL_SRV_PENDING)
	{
		return outcome;
	}
	obol_srv_query_free(targets->queries[endpoint]);
	targets->queries[endpoint] = NULL;
	if (outcome == OBOL_SRV_FOUND)
	{
		let_go(&targets->items[endpoint]);
		add_srv(targets, endpoint, &list);
	}
	else if (outcome == OBOL_SRV_ABSENT)
	{
		let_go(&targets->items[endpoint]);
		obol_target_note_host(&targets->items[endpoint], OBOL_NET_RESOLVE,
							  "by its SRV record it has no credential server");
	}
	return outcome;
}

bool obol_targets_addresses(struct obol_targets *targets,
							struct obol_target *target,
							struct sockaddr_storage addrs[OBOL_RESOLVE_MAX],
							size_t *n)
{
	const struct obol_endpoint *endpoint =
		&targets->config.endpoints->items[target->endpoint];
	const struct obol_client_hooks *hooks = targets->config.hooks;

	if (target->state == OBOL_TARGET_UNASKED)
	{
		memset(addrs, 0, OBOL_RESOLVE_MAX * sizeof(addrs[0]));
		*n = hooks->resolve(hooks->ctx, target->host, addrs, OBOL_RESOLVE_MAX);
	}
	else if (target->state != OBOL_TARGET_RESOLVING)
	{
		return false;
	}
	else if (endpoint->is_address)
	{
		addrs[0] = endpoint->addr;
		*n = 1;
	}
	else if (!obol_resolve_result(target->resolve, addrs, n))
	{
		return false;
	}
	obol_resolve_free(target->resolve);
	target->resolve = NULL;
	target->state = OBOL_TARGET_KNOWN;
	return true;
}

struct obol_target *obol_targets_unasked(struct obol_targets *targets)
{
	struct obol_target *first = NULL;
	size_t i;

	for (i = 0; i < targets->n; i++)
	{
		struct obol_target *target = &targets->items[i];

		if (target->state == OBOL_TARGET_UNASKED &&
			(!first || target->rank < first->rank))
		{
			first = target;
		}
	}
	return first;
}

uint64_t obol_targets_gate(const struct obol_targets *targets, size_t rank,
						   unsigned stagger_ms)
{
	uint64_t gate = 0;
	size_t i;

	for (i = 0; i < targets->n; i++)
	{
		const struct obol_target *target = &targets->items[i];
		uint64_t until = target->since_mono_ms + stagger_ms;

		if (target->state == OBOL_TARGET_RESOLVING && target->rank < rank &&
			until > gate)
		{
			gate = until;
		}
	}
	for (i = 0; i < targets->config.endpoints->n; i++)
	{
		uint64_t until = targets->start_mono_ms + stagger_ms;

		if (targets->queries[i] && i * RANKS <= rank && until > gate)
		{
			gate = until;
		}
	}
	return gate;
}

/* Someone who answers tells more than nobody who does; a wrong key more than
 * a web server. */
static int weight(enum obol_net_failure failure)
{
	switch (failure)
	{
		case OBOL_NET_PIN:
			return 7;
		case OBOL_NET_TLS_CA:
			return 6;
		case OBOL_NET_PORTAL:
			return 5;
		case OBOL_NET_CLOSED:
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

void obol_target_note(struct obol_target *target, enum obol_net_failure failure,
					  const char *reason)
{
	if (weight(failure) > weight(target->failure))
	{
		target->failure = failure;
		(void)snprintf(target->reason, sizeof(target->reason), "%s", reason);
	}
}

void obol_target_note_host(struct obol_target *target,
						   enum obol_net_failure failure, const char *what)
{
	char reason[OBOL_TARGET_REASON_MAX];

	/* a long name is cut, the words are not */
	(void)snprintf(reason, sizeof(reason), "%.100s: %s", target->host, what);
	obol_target_note(target, failure, reason);
}

static size_t n_noted(const struct obol_targets *targets)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < targets->n; i++)
	{
		n += targets->items[i].failure != OBOL_NET_OK;
	}
	return n;
}

/* Cut where there is no more room. */
static void append(const struct obol_target *target, bool with_name, char *why,
				   size_t size)
{
	size_t len = strlen(why);
	bool is_named = with_name && strncmp(target->reason, target->host,
										 strlen(target->host)) != 0;

	(void)snprintf(why + len, size - len, "%s%s%s%s", len ? "; " : "",
				   is_named ? target->host : "", is_named ? " at " : "",
				   target->reason);
}

enum obol_net_failure obol_targets_sum(const struct obol_targets *targets,
									   char *why, size_t size)
{
	enum obol_net_failure most = OBOL_NET_OK;
	bool with_name = n_noted(targets) > 1;
	size_t rank;
	size_t i;

	why[0] = '\0';
	for (rank = 0; rank < OBOL_ENDPOINTS_MAX * RANKS; rank++)
	{
		for (i = 0; i < targets->n; i++)
		{
			const struct obol_target *target = &targets->items[i];

			if (target->rank == rank && target->failure != OBOL_NET_OK)
			{
				append(target, with_name, why, size);
				most = weight(target->failure) > weight(most) ? target->failure
															  : most;
			}
		}
	}
	return most;
}
