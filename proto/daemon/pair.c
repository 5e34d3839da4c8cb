/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worker and its keeper. */
#include "daemon/pair.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/control.h"
#include "daemon/heap.h"
#include "daemon/keeper.h"
#include "daemon/worker.h"

/** Ends of the two socket pairs. */
struct ends {
	/** worker and keeper */
	int asks;
	int answers;
	/** parent and worker */
	int parent;
	int worker;
};

static bool open_ends(struct ends *ends)
{
	int ours[2], theirs[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, theirs) != 0)
	{
		return false;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ours) != 0)
	{
		(void)close(theirs[0]);
		(void)close(theirs[1]);
		return false;
	}
	ends->asks = theirs[0];
	ends->answers = theirs[1];
	ends->parent = ours[0];
	ends->worker = ours[1];
	return true;
}

/* In the child. */
static void become_keeper(const struct obol_crew_options *options,
						  obol_board_slot slot, const struct ends *ends)
{
	const struct obol_config *config = options->assets->config;
	struct obol_keeper_options keeper = {
		.keys_path = config->keys,
		.worker_fd = ends->answers,
		.meter = obol_board_enter(options->board, slot),
		.table = options->table,
		.rates = { .per_slot = config->keeper.per_slot,
				   .per_second = config->keeper.per_second },
		.identity = options->keeper_identity,
		.clock = options->clock,
		.log = options->log,
	};
	int keep[] = { ends->answers };

	obol_crew_enter(options, "obold-keeper", keep, 1);
	_exit(obol_keeper_run(&keeper));
}

/* Which process the keeper answers, and what for. */
struct work {
	/** NULL: a worker */
	const struct obol_control_socket *control;
	unsigned n_workers;
	int signer_fd;
};

static void become_worker(const struct obol_crew_options *options,
						  const struct work *work, obol_board_slot slot,
						  const struct ends *ends)
{
	struct obol_worker_options worker = {
		.assets = options->assets,
		.n_sockets = options->n_sockets,
		.sockets = options->sockets,
		.n_workers = work->n_workers,
		.parent_fd = ends->worker,
		.keeper_fd = ends->asks,
		.signer_fd = work->signer_fd,
		.meter = obol_board_enter(options->board, slot),
		.identity = options->identity,
		.clock = options->clock,
		.log = options->log,
	};
	int keep[OBOL_LISTEN_MAX + 3] = { ends->worker, ends->asks };
	size_t n = 2 + options->n_sockets;

	memcpy(keep + 2, options->sockets, options->n_sockets * sizeof(keep[0]));
	if (work->signer_fd >= 0)
	{
		keep[n++] = work->signer_fd;
	}
	options->forked(options->ctx, options->assets);
	obol_heap_remembers();
	obol_privileges_name("obold-worker");
	obol_privileges_keep_only(keep, n);
	_exit(obol_worker_run(&worker));
}

static void become_control(const struct obol_crew_options *options,
						   const struct work *work, obol_board_slot slot,
						   const struct ends *ends)
{
	struct obol_control_options control = {
		.config = options->assets->config,
		.socket = work->control,
		.parent_fd = ends->worker,
		.keeper_fd = ends->asks,
		.table = options->control_table,
		.identity = options->identity,
		.clock = options->clock,
		.log = options->log,
	};
	int keep[] = { ends->worker, ends->asks, work->control->fd };

	(void)obol_board_enter(options->board, slot);
	obol_crew_enter(options, "obold-control", keep, 3);
	_exit(obol_control_run(&control));
}

/* Each has the table that it counts in, and not the other one's. */
static pid_t fork_keeper(const struct obol_crew_options *options,
						 const struct ends *ends)
{
	obol_board_slot slot = obol_board_take(options->board, OBOL_PROCESS_KEEPER);
	pid_t pid;

	obol_keeper_table_share(options->table, true);
	pid = fork();
	if (pid == 0)
	{
		become_keeper(options, slot, ends);
	}
	obol_keeper_table_share(options->table, false);
	obol_board_forked(options->board, slot, pid);
	return pid;
}

static pid_t fork_other(const struct obol_crew_options *options,
						const struct work *work, const struct ends *ends)
{
	obol_board_slot slot =
		obol_board_take(options->board, work->control ? OBOL_PROCESS_CONTROL
													  : OBOL_PROCESS_WORKER);
	pid_t pid;

	if (work->control)
	{
		obol_keeper_table_share(options->control_table, true);
	}
	pid = fork();
	if (pid == 0)
	{
		work->control ? become_control(options, work, slot, ends)
					  : become_worker(options, work, slot, ends);
	}
	obol_board_forked(options->board, slot, pid);
	if (work->control)
	{
		obol_keeper_table_share(options->control_table, false);
	}
	return pid;
}

static bool start(const struct obol_crew_options *options,
				  const struct work *work, struct obol_pair *pair)
{
	struct ends ends;

	if (!open_ends(&ends))
	{
		return false;
	}
	pair->keeper = fork_keeper(options, &ends);
	pair->worker = pair->keeper > 0 ? fork_other(options, work, &ends) : -1;
	(void)close(ends.asks);
	(void)close(ends.answers);
	(void)close(ends.worker);
	if (pair->worker < 0)
	{
		(void)close(ends.parent);
		pair->keeper = pair->keeper > 0 ? pair->keeper : 0;
		pair->worker = 0;
		return false;
	}
	pair->fd = ends.parent;
	return true;
}

bool obol_pair_start(const struct obol_crew_options *options,
					 unsigned n_workers, int signer_fd, struct obol_pair *pair)
{
	struct work work = { .n_workers = n_workers, .signer_fd = signer_fd };

	return start(options, &work, pair);
}

bool obol_pair_start_control(const struct obol_crew_options *options,
							 const struct obol_control_socket *socket,
							 struct obol_pair *pair)
{
	struct work work = { .control = socket };

	return start(options, &work, pair);
}

bool obol_pair_is_gone(const struct obol_pair *pair)
{
	return !pair->worker && !pair->keeper;
}

void obol_pair_signal(const struct obol_pair *pair, int worker_signal,
					  int keeper_signal)
{
	if (pair->worker && worker_signal)
	{
		(void)kill(pair->worker, worker_signal);
	}
	if (pair->keeper && keeper_signal)
	{
		(void)kill(pair->keeper, keeper_signal);
	}
}

static void wait_for(pid_t pid)
{
	while (pid && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
	{
	}
}

void obol_pair_wait(struct obol_pair *pair)
{
	wait_for(pair->worker);
	wait_for(pair->keeper);
	pair->worker = 0;
	pair->keeper = 0;
	obol_pair_close(pair);
}

bool obol_pair_reap(struct obol_pair *pair, struct obol_pair_end *end)
{
	if (pair->worker == end->pid)
	{
		end->is_keeper = false;
		pair->worker = 0;
		obol_pair_close(pair);
		return true;
	}
	if (pair->keeper == end->pid)
	{
		end->is_keeper = true;
		pair->keeper = 0;
		return true;
	}
	return false;
}

void obol_pair_close(struct obol_pair *pair)
{
	if (pair->fd >= 0)
	{
		(void)close(pair->fd);
		pair->fd = -1;
	}
}
