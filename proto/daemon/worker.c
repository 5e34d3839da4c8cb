/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worker: the event loop, one commit of the store for each of its rounds. */
#include "daemon/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/greeting.h"
#include "daemon/health.h"
#include "daemon/keeper_link.h"
#include "daemon/listen.h"
#include "daemon/sandbox.h"
#include "daemon/sandbox_database.h"
#include "daemon/signer_link.h"
#include "store/store_open.h"
#include "store/store_queue.h"

/** Accepted in one round at most, so that other workers get some. */
#define ACCEPT_MAX 64
/** Pause when there are no descriptors or no memory, in seconds. */
#define ACCEPT_PAUSE_S 1
#define TICK_S 3600
/** How often a draining worker looks after its peers, in microseconds. */
#define DRAIN_LOOK_US 100000
/** What is left after the last goodbye, in milliseconds. */
#define DRAIN_LAST_MS 1000

struct worker {
	const struct obol_worker_options *options;
	struct obol_peers peers;
	struct obol_store *store;
	/** of the database's descriptor */
	struct event *database;
	struct obol_keeper_link *keeper;
	/** the signer, NULL for none */
	struct obol_issuer *issuer;
	struct event *accepts[OBOL_LISTEN_MAX];
	struct event *parent;
	struct event *sigterm;
	struct event *tick;
	struct event *heartbeat;
	struct event *pause;
	struct event *drain;
	struct event *turns;
	bool is_accepting;
	bool is_draining;
	bool is_over;
	uint64_t drain_ms;
};

/*
 * Accepting
 */

static void set_accepting(struct worker *worker, bool accepting)
{
	size_t i;

	if (accepting == worker->is_accepting)
	{
		return;
	}
	worker->is_accepting = accepting;
	for (i = 0; i < worker->options->n_sockets; i++)
	{
		if (accepting)
		{
			(void)event_add(worker->accepts[i], NULL);
		}
		else
		{
			(void)event_del(worker->accepts[i]);
		}
	}
}

static void on_pause_end(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;

	(void)fd;
	(void)what;
	set_accepting(worker, !worker->is_draining &&
							  obol_greetings_have_room(&worker->peers));
}

static void pause_accepting(struct worker *worker)
{
	static const struct timeval second = { ACCEPT_PAUSE_S, 0 };

	obol_log(worker->options->log, OBOL_LOG_ERROR, "daemon",
			 "no more connections can be accepted at the moment: %s; raise "
			 "LimitNOFILE or lower limits.connections",
			 strerror(errno));
	obol_meter_add(worker->options->meter, OBOL_METRIC_ACCEPT_PAUSES,
				   OBOL_PAUSE_DESCRIPTORS, 0, 1);
	set_accepting(worker, false);
	(void)event_add(worker->pause, &second);
}

static void on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;
	int i, peer_fd;

	(void)what;
	for (i = 0; i < ACCEPT_MAX && worker->is_accepting; i++)
	{
		struct sockaddr_storage addr;
		socklen_t len = sizeof(addr);

		peer_fd = accept4(fd, (struct sockaddr *)&addr, &len,
						  SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (peer_fd < 0)
		{
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
				errno == ENOMEM)
			{
				pause_accepting(worker);
			}
			return;
		}
		obol_greeting_take(&worker->peers, peer_fd, &addr);
		if (!obol_greetings_have_room(&worker->peers))
		{
			/* the others and the backlog take the next ones */
			obol_meter_add(worker->options->meter, OBOL_METRIC_ACCEPT_PAUSES,
						   OBOL_PAUSE_FULL, 0, 1);
			set_accepting(worker, false);
		}
	}
}

static void on_peer_end(void *ctx)
{
	struct worker *worker = ctx;

	if (!worker->is_draining && !event_pending(worker->pause, EV_TIMEOUT, NULL))
	{
		set_accepting(worker, true);
	}
}

/*
 * The end
 */

static void on_drain(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval again = { 0, DRAIN_LOOK_US };
	struct worker *worker = arg;
	uint64_t passed = obol_mono_ms(worker->options->clock) - worker->drain_ms;
	uint64_t limit = worker->peers.config->timeouts.drain * (uint64_t)1000;

	(void)fd;
	(void)what;
	if (passed >= limit)
	{
		obol_greetings_clear(&worker->peers);
	}
	obol_peers_drain(&worker->peers, passed >= limit);
	if (!worker->peers.n || passed >= limit + DRAIN_LAST_MS)
	{
		worker->is_over = true;
		return;
	}
	(void)event_add(worker->drain, &again);
}

static void begin_drain(struct worker *worker)
{
	if (worker->is_draining)
	{
		return;
	}
	worker->is_draining = true;
	worker->drain_ms = obol_mono_ms(worker->options->clock);
	set_accepting(worker, false);
	on_drain(-1, 0, worker);
}

static void on_sigterm(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	begin_drain(arg);
}

/* The parent never writes: what can be read is its end. */
static void on_parent(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;
	char byte;

	(void)what;
	if (read(fd, &byte, 1) == 0)
	{
		(void)event_del(worker->parent);
		obol_log(worker->options->log, OBOL_LOG_WARN, "daemon",
				 "the parent process is gone; this worker ends too");
		begin_drain(worker);
	}
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;

	(void)fd;
	(void)what;
	obol_server_tick(worker->peers.server);
}

/* The loop goes round; one that hangs says so by its silence. */
static void on_heartbeat(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;
	struct obol_meter *meter = worker->options->meter;

	(void)fd;
	(void)what;
	obol_meter_set(meter, OBOL_METRIC_HEARTBEAT, 0,
				   (int64_t)obol_mono_ms(worker->options->clock));
	obol_meter_set(meter, OBOL_METRIC_CONNECTIONS_OPEN, 0, worker->peers.n);
}

/*
 * One round of the loop
 */

/* It only ends a round: turns that wait for time to pass may have come. */
static void on_turns(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

/* What is ready is served; all that came in becomes durable at once, and only
 * then are the answers sent; and after those that are under way, some that are
 * new begin. */
static void run_round(struct worker *worker)
{
	static const struct timeval again = { 0, OBOL_ADMISSION_AGAIN_MS * 1000 };
	const struct obol_admission *admission = worker->peers.admission;
	int flags = EVLOOP_ONCE;

	if (obol_admission_is_due(admission))
	{
		flags |= EVLOOP_NONBLOCK;
	}
	else if (obol_admission_is_waited_for(admission))
	{
		(void)event_add(worker->turns, &again);
	}
	(void)event_base_loop(worker->peers.base, flags);
	obol_store_push(worker->store);
	if (obol_greetings_take_turns(&worker->peers))
	{
		/* a peer may have sent its LoginStart meanwhile */
		obol_store_push(worker->store);
	}
}

/*
 * The beginning
 */

static bool is_remote(const struct worker *worker)
{
	return obol_store_is_remote(worker->options->assets->config->database);
}

static bool open_store(struct worker *worker)
{
	const struct obol_config *config = worker->options->assets->config;
	struct obol_store_options options = {
		.database = config->database,
		.n_connections = config->database_connections,
		.guess_rows_max = config->limits.guess_rows,
		.history_rows_max = config->limits.history_rows,
		.rng = obol_rng_system(),
		.log = worker->options->log,
	};
	struct obol_store *store = NULL;
	char why[512];

	if (obol_store_open(&options, &store, why, sizeof(why)) != OBOL_OK)
	{
		obol_log(worker->options->log, OBOL_LOG_ERROR, "daemon", "%s", why);
		return false;
	}
	store->meter = worker->options->meter;
	if (obol_store_descriptor(store) >= 0)
	{
		/* it gathers by itself */
		worker->store = store;
		return true;
	}
	if (obol_store_queue_new(store, &worker->store) != OBOL_OK)
	{
		obol_store_close(store);
		return false;
	}
	return true;
}

static void on_store(evutil_socket_t fd, short what, void *arg)
{
	struct worker *worker = arg;

	(void)fd;
	(void)what;
	obol_store_ready(worker->store);
}

/** The database's descriptor, where it has one. */
static bool open_store_event(struct worker *worker)
{
	int fd = obol_store_descriptor(worker->store);

	if (fd < 0)
	{
		return true;
	}
	worker->database = event_new(worker->peers.base, fd, EV_READ | EV_PERSIST,
								 on_store, worker);
	return worker->database && event_add(worker->database, NULL) == 0;
}

static void take_enrolment(const struct obol_config *config,
						   struct obol_enrolment_policy *policy)
{
	policy->is_open = config->enrolment.is_open;
	policy->approve = config->enrolment.approve;
	policy->per_day_max = config->enrolment.per_day;
	policy->waiting_max = config->enrolment.waiting;
	policy->attempts_per_source = config->enrolment.attempts_per_source;
	(void)snprintf(policy->names, sizeof(policy->names), "%s",
				   config->enrolment.names);
	(void)snprintf(policy->domain, sizeof(policy->domain), "%s",
				   config->domain);
}

static bool open_server(struct worker *worker)
{
	const struct obol_assets *assets = worker->options->assets;
	const struct obol_config *config = assets->config;
	struct obol_server_options options = {
		.store = worker->store,
		.keys = obol_keeper_link_operations(worker->keeper),
		.current_key = obol_keeper_link_current(worker->keeper),
		.issuer = worker->issuer,
		.rng = obol_rng_system(),
		.clock = worker->options->clock,
		.log = worker->options->log,
		.meter = worker->options->meter,
	};

	memcpy(options.tls_key_hash, assets->tls_key_hash,
		   sizeof(options.tls_key_hash));
	(void)snprintf(options.policy.server_name,
				   sizeof(options.policy.server_name), "%s",
				   config->server_name);
	options.policy.certificate_lifetime_s = config->ca.lifetime_s;
	options.policy.mode = config->ca.mode;
	options.policy.key_type = config->ca.key_type;
	options.policy.subject = config->ca.subject;
	options.policy.san = config->ca.san;
	(void)snprintf(options.policy.crl_uri, sizeof(options.policy.crl_uri), "%s",
				   config->crl.uri);
	options.policy.password_ksf = config->password_ksf;
	options.policy.failures_per_source = config->limits.failures_per_source;
	take_enrolment(config, &options.policy.enrolment);
	return obol_server_new(&options, &worker->peers.server) == OBOL_OK;
}

static unsigned share_of(unsigned limit, unsigned n_workers)
{
	return limit / n_workers + (limit % n_workers != 0);
}

/* A crowd gets half of what the keepers do: else it would leave nothing of
 * their ceiling to others. */
static bool open_admission(struct worker *worker)
{
	const struct obol_config *config = worker->peers.config;
	const struct obol_admission_options options = {
		.per_source = config->limits.handshakes_per_source,
		.crowd_per_second = share_of(share_of(config->keeper.per_second, 2),
									 worker->options->n_workers),
		.rng = obol_rng_system(),
	};

	return obol_admission_new(&options, &worker->peers.admission) == OBOL_OK;
}

static bool open_peers(struct worker *worker)
{
	const struct obol_worker_options *options = worker->options;
	struct obol_peers *peers = &worker->peers;

	peers->tls = options->assets->tls;
	peers->config = options->assets->config;
	peers->clock = options->clock;
	peers->log = options->log;
	peers->meter = options->meter;
	peers->n_max =
		share_of(peers->config->limits.connections, options->n_workers);
	obol_meter_set(options->meter, OBOL_METRIC_CONNECTIONS_MAX, 0,
				   peers->n_max);
	peers->ended = on_peer_end;
	peers->ctx = worker;
	peers->sources = obol_source_count_new(obol_rng_system());
	peers->base = event_base_new();
	return peers->sources && peers->base && open_admission(worker);
}

static bool open_events(struct worker *worker)
{
	static const struct timeval hour = { TICK_S, 0 };
	static const struct timeval second = { OBOL_HEARTBEAT_MS / 1000, 0 };
	const struct obol_worker_options *options = worker->options;
	struct event_base *base = worker->peers.base;
	size_t i;

	for (i = 0; i < options->n_sockets; i++)
	{
		worker->accepts[i] = event_new(base, options->sockets[i],
									   EV_READ | EV_PERSIST, on_accept, worker);
		if (!worker->accepts[i])
		{
			return false;
		}
	}
	worker->parent = event_new(base, options->parent_fd, EV_READ | EV_PERSIST,
							   on_parent, worker);
	worker->sigterm = evsignal_new(base, SIGTERM, on_sigterm, worker);
	worker->tick = event_new(base, -1, EV_PERSIST, on_tick, worker);
	worker->heartbeat = event_new(base, -1, EV_PERSIST, on_heartbeat, worker);
	worker->pause = evtimer_new(base, on_pause_end, worker);
	worker->drain = evtimer_new(base, on_drain, worker);
	worker->turns = evtimer_new(base, on_turns, worker);
	if (!worker->parent || !worker->sigterm || !worker->tick ||
		!worker->heartbeat || !worker->pause || !worker->drain ||
		!worker->turns)
	{
		return false;
	}
	return open_store_event(worker) && event_add(worker->parent, NULL) == 0 &&
		   event_add(worker->sigterm, NULL) == 0 &&
		   event_add(worker->tick, &hour) == 0 &&
		   event_add(worker->heartbeat, &second) == 0;
}

static void free_event(struct event *event)
{
	if (event)
	{
		event_free(event);
	}
}

static void close_all(struct worker *worker)
{
	size_t i;

	worker->is_draining = true;
	obol_greetings_clear(&worker->peers);
	obol_peers_clear(&worker->peers);
	if (worker->peers.server)
	{
		while (obol_server_n_connections(worker->peers.server))
		{
			obol_store_flush(worker->store);
		}
		obol_store_flush(worker->store);
		obol_server_free(worker->peers.server);
	}
	for (i = 0; i < OBOL_LISTEN_MAX; i++)
	{
		free_event(worker->accepts[i]);
	}
	free_event(worker->parent);
	free_event(worker->database);
	free_event(worker->sigterm);
	free_event(worker->tick);
	free_event(worker->heartbeat);
	free_event(worker->pause);
	free_event(worker->drain);
	free_event(worker->turns);
	if (worker->peers.base)
	{
		event_base_free(worker->peers.base);
	}
	obol_admission_free(worker->peers.admission);
	obol_source_count_free(worker->peers.sources);
	obol_store_close(worker->store);
	obol_keeper_link_free(worker->keeper);
	obol_issuer_free(worker->issuer);
	free(worker);
}

/* From here on: the database's folder, or connections to it, and nothing
 * else. */
static bool enter_sandbox(struct worker *worker)
{
	const char *database = worker->options->assets->config->database;
	struct obol_sandbox_database folders;
	char why[512];
	enum obol_status status;

	obol_sandbox_database_of(database, &folders);
	status = obol_sandbox_enter(is_remote(worker) ? OBOL_SANDBOX_WORKER_REMOTE
												  : OBOL_SANDBOX_WORKER,
								folders.list, why, sizeof(why));
	if (status != OBOL_OK)
	{
		obol_log(worker->options->log, OBOL_LOG_ERROR, "daemon",
				 "a worker cannot be confined: %s", why);
		return false;
	}
	return true;
}

static bool open_all(struct worker *worker)
{
	const struct obol_worker_options *options = worker->options;

	if (obol_privileges_drop(&options->identity) != OBOL_OK)
	{
		obol_log(options->log, OBOL_LOG_ERROR, "daemon",
				 "a worker cannot give up its privileges: %s", strerror(errno));
		return false;
	}
	/* what is needed for a connection is read before files are out of reach */
	if ((is_remote(worker) && !open_store(worker)) || !enter_sandbox(worker))
	{
		return false;
	}
	if (obol_keeper_link_new(options->keeper_fd, &worker->keeper) != OBOL_OK)
	{
		return false; /* the keeper has said why it is not there */
	}
	if (options->signer_fd >= 0 &&
		obol_signer_link_new(options->signer_fd, OBOL_SIGNER_PRESENT,
							 obol_rng_system(), &worker->issuer) != OBOL_OK)
	{
		obol_log(options->log, OBOL_LOG_ERROR, "daemon",
				 "a worker does not reach the signer");
		return false;
	}
	if (!worker->store && !open_store(worker))
	{
		return false;
	}
	if (!open_server(worker) || !open_peers(worker) || !open_events(worker))
	{
		obol_log(options->log, OBOL_LOG_ERROR, "daemon",
				 "a worker cannot start: out of memory or descriptors");
		return false;
	}
	return true;
}

int obol_worker_run(const struct obol_worker_options *options)
{
	struct worker *worker = calloc(1, sizeof(*worker));

	if (!worker)
	{
		return EXIT_FAILURE;
	}
	worker->options = options;
	if (!open_all(worker))
	{
		close_all(worker);
		return EXIT_FAILURE;
	}
	set_accepting(worker, true);
	on_heartbeat(-1, 0, worker);
	worker->is_over |= write(options->parent_fd, "R", 1) != 1;
	while (!worker->is_over)
	{
		run_round(worker);
		if (obol_keeper_link_is_broken(worker->keeper))
		{
			obol_log(options->log, OBOL_LOG_ERROR, "daemon",
					 "this worker's keeper is gone or hangs; it ends too");
			close_all(worker);
			return EXIT_FAILURE;
		}
	}
	close_all(worker);
	return EXIT_SUCCESS;
}
