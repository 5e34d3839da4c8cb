/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The workers of one configuration. */
#include "daemon/crew.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/worker.h"

/** A worker that lived this long is replaced at once. */
#define GOOD_LIFE_MS 10000
/** Pauses before a successor: first and longest. */
#define PAUSE_FIRST_MS 100
#define PAUSE_MAX_MS 30000
/** Longest start of a worker, opening (and migrating) the database included. */
#define START_MAX_MS 60000
/** Beyond the configured drain, in milliseconds. */
#define DRAIN_MARGIN_MS 3000

struct member {
	/** 0: none at present */
	pid_t pid;
	/** our end of its socket pair */
	int fd;
	uint64_t started_ms;
	/** when its successor starts, and the pause that was kept last */
	uint64_t start_at_ms;
	unsigned pause_ms;
};

struct obol_crew {
	struct obol_crew_options options;
	bool is_draining;
	uint64_t drain_ms;
	bool was_hurried;
	unsigned n;
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

static uint64_t now_ms(const struct obol_crew *crew)
{
	return obol_mono_ms(crew->options.clock);
}

/*
 * Starting
 */

/* In the child: nothing of the parent's stays but what a worker is given. */
static void become_worker(struct obol_crew *crew, int fd)
{
	const struct obol_crew_options *options = &crew->options;
	struct obol_worker_options worker = {
		.assets = options->assets,
		.n_sockets = options->n_sockets,
		.sockets = options->sockets,
		.n_workers = crew->n,
		.parent_fd = fd,
		.identity = options->identity,
		.clock = options->clock,
		.log = options->log,
	};

	options->forked(options->ctx);
	obol_crew_forget(crew);
	_exit(obol_worker_run(&worker));
}

static bool start_member(struct obol_crew *crew, struct member *member)
{
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
	{
		return false;
	}
	pid = fork();
	if (pid == 0)
	{
		(void)close(fds[0]);
		become_worker(crew, fds[1]);
	}
	(void)close(fds[1]);
	if (pid < 0)
	{
		(void)close(fds[0]);
		return false;
	}
	member->pid = pid;
	member->fd = fds[0];
	member->started_ms = now_ms(crew);
	member->start_at_ms = 0;
	return true;
}

/* Its byte says that it serves; its end, that it could not. */
static bool wait_ready(const struct member *member)
{
	struct pollfd pfd = { .fd = member->fd, .events = POLLIN };
	char byte;
	int n;

	do
	{
		n = poll(&pfd, 1, START_MAX_MS);
	} while (n < 0 && errno == EINTR);
	return n == 1 && read(member->fd, &byte, 1) == 1;
}

static void lose(struct member *member)
{
	(void)close(member->fd);
	member->fd = -1;
	member->pid = 0;
}

/* A start that failed: end those that are there, and wait for them. */
static void abandon(struct obol_crew *crew)
{
	unsigned i;

	for (i = 0; i < crew->n; i++)
	{
		struct member *member = &crew->members[i];

		if (member->pid)
		{
			(void)kill(member->pid, SIGKILL);
			while (waitpid(member->pid, NULL, 0) < 0 && errno == EINTR)
			{
			}
			lose(member);
		}
	}
}

enum obol_status obol_crew_start(const struct obol_crew_options *options,
								 struct obol_crew **out)
{
	unsigned n = n_wanted(options->assets->config), i;
	struct obol_crew *crew =
		calloc(1, sizeof(*crew) + n * sizeof(crew->members[0]));

	if (!crew)
	{
		obol_assets_free(options->assets);
		return OBOL_ERR_NOMEM;
	}
	crew->options = *options;
	crew->n = n;
	for (i = 0; i < n; i++)
	{
		crew->members[i].fd = -1;
	}
	/* one after the other: what is wrong with the database is told once, and
	 * one alone migrates it */
	for (i = 0; i < n; i++)
	{
		if (!start_member(crew, &crew->members[i]) ||
			!wait_ready(&crew->members[i]))
		{
			abandon(crew);
			obol_crew_free(crew);
			return OBOL_ERR_IO;
		}
	}
	*out = crew;
	return OBOL_OK;
}

/*
 * Life
 */

static void tell_end(struct obol_crew *crew, pid_t pid, int wait_status,
					 unsigned pause_ms)
{
	if (WIFSIGNALED(wait_status))
	{
		obol_log(crew->options.log, OBOL_LOG_ERROR, "daemon",
				 "worker %d was killed by signal %d; its successor starts in "
				 "%u ms",
				 (int)pid, WTERMSIG(wait_status), pause_ms);
	}
	else
	{
		obol_log(crew->options.log, OBOL_LOG_ERROR, "daemon",
				 "worker %d ended with code %d; its successor starts in %u ms",
				 (int)pid, WEXITSTATUS(wait_status), pause_ms);
	}
}

bool obol_crew_reap(struct obol_crew *crew, pid_t pid, int wait_status)
{
	struct member *member = NULL;
	unsigned i;

	for (i = 0; i < crew->n; i++)
	{
		if (crew->members[i].pid == pid)
		{
			member = &crew->members[i];
		}
	}
	if (!member)
	{
		return false;
	}
	lose(member);
	if (crew->is_draining)
	{
		return true;
	}
	if (now_ms(crew) - member->started_ms >= GOOD_LIFE_MS)
	{
		member->pause_ms = 0;
	}
	member->start_at_ms = now_ms(crew) + member->pause_ms;
	tell_end(crew, pid, wait_status, member->pause_ms);
	member->pause_ms = !member->pause_ms ? PAUSE_FIRST_MS
					   : member->pause_ms < PAUSE_MAX_MS / 2
						   ? 2 * member->pause_ms
						   : PAUSE_MAX_MS;
	return true;
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

		if (member->pid)
		{
			continue;
		}
		if (member->start_at_ms <= now && !start_member(crew, member))
		{
			member->start_at_ms = now + PAUSE_MAX_MS;
		}
		if (!member->pid && member->start_at_ms - now < wait)
		{
			wait = member->start_at_ms - now;
		}
	}
	return wait == UINT64_MAX ? -1 : (int)wait;
}

/*
 * The end
 */

static void signal_all(struct obol_crew *crew, int sig)
{
	unsigned i;

	for (i = 0; i < crew->n; i++)
	{
		if (crew->members[i].pid)
		{
			(void)kill(crew->members[i].pid, sig);
		}
	}
}

void obol_crew_drain(struct obol_crew *crew)
{
	crew->is_draining = true;
	crew->drain_ms = now_ms(crew);
	signal_all(crew, SIGTERM);
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
		signal_all(crew, SIGKILL);
	}
}

bool obol_crew_is_gone(const struct obol_crew *crew)
{
	unsigned i;

	for (i = 0; i < crew->n; i++)
	{
		if (crew->members[i].pid)
		{
			return false;
		}
	}
	return crew->is_draining;
}

const struct obol_assets *obol_crew_assets(const struct obol_crew *crew)
{
	return crew->options.assets;
}

void obol_crew_forget(struct obol_crew *crew)
{
	unsigned i;

	for (i = 0; i < crew->n; i++)
	{
		if (crew->members[i].fd >= 0)
		{
			(void)close(crew->members[i].fd);
			crew->members[i].fd = -1;
		}
	}
}

void obol_crew_free(struct obol_crew *crew)
{
	if (crew)
	{
		obol_crew_forget(crew);
		obol_assets_free(crew->options.assets);
		free(crew);
	}
}
