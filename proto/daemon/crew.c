/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The workers of one configuration, and their keepers. */
#include "daemon/crew.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log_id.h"
#include "daemon/control_socket.h"
#include "daemon/monitor.h"
#include "daemon/pair.h"
#include "daemon/publisher.h"
#include "daemon/signer.h"
#include "daemon/signer_start.h"

/** A worker that lived this long is replaced at once. */
#define GOOD_LIFE_MS 10000
/** Pauses before a successor: first and longest. A service that somebody keeps
 * killing is never gone for longer. */
#define PAUSE_FIRST_MS 100
#define PAUSE_MAX_MS 1000
/** Longest start of a worker, opening (and migrating) the database included. */
#define START_MAX_MS 60000
/** Beyond the configured drain, in milliseconds. */
#define DRAIN_MARGIN_MS 3000

struct member {
	struct obol_pair pair;
	/** one of the two has ended: the other one must, and both come anew */
	bool is_broken;
	/** the operator knows why */
	bool is_told;
	uint64_t started_ms;
	/** when its successor starts; the next pause, and the one before */
	uint64_t start_at_ms;
	unsigned pause_ms;
	unsigned last_pause_ms;
};

struct obol_crew {
	struct obol_crew_options options;
	bool is_draining;
	uint64_t drain_ms;
	bool was_hurried;
	/** the signer if there is one, workers; publisher, monitor and control
	 * process likewise */
	unsigned n_signers;
	unsigned n_workers;
	unsigned n_publishers;
	unsigned n;
	struct obol_signer_ways ways;
	struct obol_control_socket control;
	struct member members[];
};

static unsigned n_wanted(const struct obol_config *config)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (config->workers)
	{
		return config->workers;
	}
	return cores < 1                  ? 1
		   : cores > OBOL_WORKERS_MAX ? OBOL_WORKERS_MAX
									  : (unsigned)cores;
}

static bool wants_signer(const struct obol_crew_options *options)
{
	return *options->assets->config->ca.certificate != '\0';
}

/* Somebody must have the revocation list signed, and answer HTTP; and tell the
 * monitor whether the database can be written. */
static bool wants_publisher(const struct obol_crew_options *options)
{
	return wants_signer(options) || options->http_fd >= 0 ||
		   options->metrics_fd >= 0;
}

static uint64_t now_ms(const struct obol_crew *crew)
{
	return obol_mono_ms(crew->options.clock);
}

/* Behind the workers; its pair is one process, in the worker's place. */
static bool is_publisher(const struct obol_crew *crew,
						 const struct member *member)
{
	return crew->n_publishers &&
		   member == crew->members + crew->n_signers + crew->n_workers;
}

/* Behind it; so is its. */
static bool is_monitor(const struct obol_crew *crew,
					   const struct member *member)
{
	return crew->options.metrics_fd >= 0 &&
		   member == crew->members + crew->n_signers + crew->n_workers +
						 crew->n_publishers;
}

/* The last member: it is wanted when its socket is there. */
static bool is_control(const struct obol_crew *crew,
					   const struct member *member)
{
	return crew->control.fd >= 0 && member == crew->members + crew->n - 1;
}

/* The first member; so is its. */
static bool is_signer(const struct obol_crew *crew, const struct member *member)
{
	return crew->n_signers && member == crew->members;
}

static enum obol_metric_process process_of(const struct obol_crew *crew,
										   const struct member *member)
{
	return is_control(crew, member)     ? OBOL_PROCESS_CONTROL
		   : is_monitor(crew, member)   ? OBOL_PROCESS_MONITOR
		   : is_publisher(crew, member) ? OBOL_PROCESS_PUBLISHER
		   : is_signer(crew, member)    ? OBOL_PROCESS_SIGNER
										: OBOL_PROCESS_WORKER;
}

/*
 * Starting
 */

static bool start_processes(struct obol_crew *crew, struct member *member)
{
	size_t i = (size_t)(member - crew->members);
	int way;

	if (is_signer(crew, member))
	{
		return obol_signer_start(&crew->options, &crew->ways, &member->pair);
	}
	if (is_control(crew, member))
	{
		return obol_pair_start_control(&crew->options, &crew->control,
									   &member->pair);
	}
	if (is_monitor(crew, member))
	{
		return obol_monitor_start(&crew->options, &member->pair);
	}
	way = obol_signer_way(&crew->ways, i - crew->n_signers);
	return is_publisher(crew, member)
			   ? obol_publisher_start(&crew->options, way, &member->pair)
			   : obol_pair_start(&crew->options, crew->n_workers, way,
								 &member->pair);
}

static bool start_member(struct obol_crew *crew, struct member *member)
{
	if (!start_processes(crew, member))
	{
		return false;
	}
	member->is_broken = false;
	member->is_told = false;
	member->started_ms = now_ms(crew);
	member->start_at_ms = 0;
	return true;
}

/* Its byte says that it serves; its end, that it could not; a signer's other
 * byte, that a PIN was refused. */
static enum obol_status wait_ready(const struct member *member)
{
	struct pollfd pfd = { .fd = member->pair.fd, .events = POLLIN };
	char byte;
	int n;

	do
	{
		n = poll(&pfd, 1, START_MAX_MS);
	} while (n < 0 && errno == EINTR);
	if (n != 1 || read(member->pair.fd, &byte, 1) != 1)
	{
		return OBOL_ERR_IO;
	}
	return byte == OBOL_SIGNER_PIN_REFUSED ? OBOL_ERR_AUTH : OBOL_OK;
}

/* A start that failed: end those that are there, and wait for them. */
static void abandon(struct obol_crew *crew)
{
	unsigned i;

	for (i = 0; i < crew->n; i++)
	{
		obol_pair_signal(&crew->members[i].pair, SIGKILL, SIGKILL);
		obol_board_ended(crew->options.board, crew->members[i].pair.worker);
		obol_board_ended(crew->options.board, crew->members[i].pair.keeper);
		obol_pair_wait(&crew->members[i].pair);
	}
}

static enum obol_status say(const struct obol_crew *crew, const char *why)
{
	obol_log(crew->options.log, OBOL_LOG_ERROR, "daemon", "%s", why);
	return OBOL_ERR_IO;
}

/* The control socket is last to take its place: until then the one before
 * serves. */
static enum obol_status start_all(struct obol_crew *crew)
{
	enum obol_status status = OBOL_OK;
	char why[512];
	unsigned i;

	/* one after the other: what is wrong with the database is told once, and
	 * one alone migrates it */
	if (crew->n_signers &&
		!obol_signer_ways_open(&crew->ways, crew->n_workers + 1))
	{
		status = OBOL_ERR_IO;
	}
	for (i = 0; status == OBOL_OK && i < crew->n; i++)
	{
		status = start_member(crew, &crew->members[i])
					 ? wait_ready(&crew->members[i])
					 : OBOL_ERR_IO;
	}
	if (status == OBOL_OK &&
		obol_control_socket_place(&crew->control, why, sizeof(why)) != OBOL_OK)
	{
		status = say(crew, why);
	}
	return status;
}

static struct obol_crew *new_crew(const struct obol_crew_options *options)
{
	unsigned n_workers = n_wanted(options->assets->config);
	unsigned n_signers = wants_signer(options) ? 1 : 0;
	unsigned n_publishers = wants_publisher(options) ? 1 : 0;
	unsigned n = n_signers + n_workers + n_publishers +
				 (options->metrics_fd >= 0 ? 1 : 0) +
				 (*options->assets->config->control.socket ? 1 : 0);
	struct obol_crew *crew =
		calloc(1, sizeof(*crew) + n * sizeof(crew->members[0]));
	unsigned i;

	if (!crew)
	{
		return NULL;
	}
	crew->options = *options;
	crew->n_signers = n_signers;
	crew->n_workers = n_workers;
	crew->n_publishers = n_publishers;
	crew->n = n;
	crew->control.fd = -1;
	for (i = 0; i < n; i++)
	{
		crew->members[i].pair.fd = -1;
	}
	return crew;
}

enum obol_status obol_crew_start(const struct obol_crew_options *options,
								 struct obol_crew **out)
{
	struct obol_crew *crew = new_crew(options);
	enum obol_status status;
	char why[512];

	if (!crew)
	{
		obol_assets_free(options->assets);
		return OBOL_ERR_NOMEM;
	}
	if (obol_control_socket_open(options->assets->config, &crew->control, why,
								 sizeof(why)) != OBOL_OK)
	{
		status = say(crew, why);
		obol_control_socket_remove(&crew->control);
		obol_crew_free(crew);
		return status;
	}
	status = start_all(crew);
	if (status != OBOL_OK)
	{
		abandon(crew);
		obol_control_socket_remove(&crew->control);
		obol_crew_free(crew);
		return status;
	}
	*out = crew;
	return OBOL_OK;
}

/*
 * Life
 */

static void tell_end(struct obol_crew *crew, const struct member *member,
					 const struct obol_pair_end *end)
{
	enum obol_metric_process process =
		end->is_keeper ? OBOL_PROCESS_KEEPER : process_of(crew, member);
	const char *name =
		process == OBOL_PROCESS_CONTROL
			? "control process"
			: obol_metric_labels[OBOL_LABEL_PROCESS].values[process];
	const struct obol_log_fields fields = {
		.id = OBOL_LOG_ID_PROCESS,
		.operation = name,
		.result = WIFSIGNALED(end->wait_status) ? "killed" : "ended",
	};
	unsigned pause_ms = member->last_pause_ms;

	obol_meter_add(obol_board_own(crew->options.board), OBOL_METRIC_RESTARTS,
				   process, 0, 1);
	if (WIFSIGNALED(end->wait_status))
	{
		obol_log_event(
			crew->options.log, OBOL_LOG_ERROR, "daemon", &fields,
			"%s %d was killed by signal %d%s; its successor starts in "
			"%u ms",
			name, (int)end->pid, WTERMSIG(end->wait_status),
			WTERMSIG(end->wait_status) == SIGSYS
				? " (a system call that its sandbox forbids)"
				: "",
			pause_ms);
	}
	else
	{
		obol_log_event(
			crew->options.log, OBOL_LOG_ERROR, "daemon", &fields,
			"%s %d ended with code %d; its successor starts in %u ms", name,
			(int)end->pid, WEXITSTATUS(end->wait_status), pause_ms);
	}
}

/* The first of the two that ends: the other one is of no use any more. */
static void break_up(struct obol_crew *crew, struct member *member)
{
	member->is_broken = true;
	obol_pair_signal(&member->pair, SIGKILL, SIGKILL);
	if (now_ms(crew) - member->started_ms >= GOOD_LIFE_MS)
	{
		member->pause_ms = 0;
	}
	member->last_pause_ms = member->pause_ms;
	member->start_at_ms = now_ms(crew) + member->pause_ms;
	member->pause_ms = !member->pause_ms ? PAUSE_FIRST_MS
					   : member->pause_ms < PAUSE_MAX_MS / 2
						   ? 2 * member->pause_ms
						   : PAUSE_MAX_MS;
}

/* Which of the two ended first cannot be seen from the order in which they are
 * reaped. But a keeper that ended well has only seen its worker's end. */
static void lose(struct obol_crew *crew, struct member *member,
				 const struct obol_pair_end *end)
{
	if (!member->is_broken)
	{
		break_up(crew, member);
	}
	if (!member->is_told && !(end->is_keeper && WIFEXITED(end->wait_status) &&
							  WEXITSTATUS(end->wait_status) == EXIT_SUCCESS))
	{
		member->is_told = true;
		tell_end(crew, member, end);
	}
}

/* Nobody is left who could ask: the end of our end is its end. */
static void let_signer_go(struct obol_crew *crew)
{
	unsigned i;

	for (i = crew->n_signers; i < crew->n; i++)
	{
		if (!obol_pair_is_gone(&crew->members[i].pair))
		{
			return;
		}
	}
	if (crew->n_signers)
	{
		obol_pair_close(&crew->members[0].pair);
	}
}

bool obol_crew_reap(struct obol_crew *crew, pid_t pid, int wait_status)
{
	struct obol_pair_end end = { .pid = pid, .wait_status = wait_status };
	unsigned i;

	for (i = 0; i < crew->n; i++)
	{
		struct member *member = &crew->members[i];

		if (obol_pair_reap(&member->pair, &end))
		{
			if (crew->is_draining)
			{
				let_signer_go(crew);
			}
			else
			{
				lose(crew, member, &end);
			}
			return true;
		}
	}
	return false;
}

int obol_crew_mend(struct obol_crew *crew)
{
	uint64_t now = now_ms(crew), wait = UINT64_MAX;
	unsigned i;

	if (crew->is_draining)
	{
		return -1;
	}
	for (i = 0; i < crew->n; i++)
	{
		struct member *member = &crew->members[i];

		if (!obol_pair_is_gone(&member->pair))
		{
			continue;
		}
		if (member->start_at_ms <= now && !start_member(crew, member))
		{
			member->start_at_ms = now + PAUSE_MAX_MS;
		}
		if (!member->pair.worker && member->start_at_ms - now < wait)
		{
			wait = member->start_at_ms - now;
		}
	}
	return wait == UINT64_MAX ? -1 : (int)wait;
}

/*
 * The end
 */

static void signal_all(struct obol_crew *crew, int worker_signal,
					   int keeper_signal)
{
	unsigned i;

	for (i = 0; i < crew->n; i++)
	{
		obol_pair_signal(&crew->members[i].pair, worker_signal, keeper_signal);
	}
}

void obol_crew_drain(struct obol_crew *crew)
{
	unsigned i;

	crew->is_draining = true;
	crew->drain_ms = now_ms(crew);
	for (i = 0; i < crew->n; i++)
	{
		obol_board_retire(crew->options.board, crew->members[i].pair.worker);
	}
	obol_control_socket_remove(&crew->control);
	/* keepers and signer end when the workers have */
	signal_all(crew, SIGTERM, 0);
	let_signer_go(crew);
}

void obol_crew_hurry(struct obol_crew *crew)
{
	uint64_t limit =
		crew->options.assets->config->timeouts.drain * (uint64_t)1000 +
		DRAIN_MARGIN_MS;

	if (crew->is_draining && !crew->was_hurried &&
		now_ms(crew) - crew->drain_ms >= limit)
	{
		crew->was_hurried = true;
		obol_log(crew->options.log, OBOL_LOG_WARN, "daemon",
				 "workers that did not end in time are killed");
		signal_all(crew, SIGKILL, SIGKILL);
	}
}

bool obol_crew_is_gone(const struct obol_crew *crew)
{
	unsigned i;

	for (i = 0; i < crew->n; i++)
	{
		if (!obol_pair_is_gone(&crew->members[i].pair))
		{
			return false;
		}
	}
	return crew->is_draining;
}

void obol_crew_enter(const struct obol_crew_options *options, const char *name,
					 int *keep, size_t n)
{
	options->forked(options->ctx, NULL);
	/* the parent does not have this crew yet when it starts */
	obol_assets_forget_tls(options->assets);
	obol_privileges_name(name);
	obol_privileges_keep_only(keep, n);
}

void obol_crew_forget_tls(struct obol_crew *crew)
{
	obol_assets_forget_tls(crew->options.assets);
}

const struct obol_assets *obol_crew_assets(const struct obol_crew *crew)
{
	return crew->options.assets;
}

void obol_crew_free(struct obol_crew *crew)
{
	unsigned i;

	if (crew)
	{
		for (i = 0; i < crew->n; i++)
		{
			obol_pair_close(&crew->members[i].pair);
		}
		obol_signer_ways_close(&crew->ways);
		obol_control_socket_close(&crew->control);
		obol_assets_free(crew->options.assets);
		free(crew);
	}
}
