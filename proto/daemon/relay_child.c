/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parent's side of the relay. */
#include "daemon/relay_child.h"
#include "daemon/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_MAX_MS 10000
#define GOOD_LIFE_MS 10000
/** As a crew's: what somebody keeps killing is never gone for longer. */
#define PAUSE_FIRST_MS 100
#define PAUSE_MAX_MS 1000

static void become_relay(const struct obol_relay_child *child,
						 const struct obol_relay_run *run, obol_board_slot slot,
						 int ready_fd)
{
	struct obol_relay_options options = {
		.config = run->config,
		.n_sockets = run->n_sockets,
		.sockets = run->sockets,
	};

	child->forked(child->ctx, NULL);
	options.meter = obol_board_enter(child->board, slot);
	_exit(obol_relay_main(&options, ready_fd, child->is_debug));
}

static bool wait_ready(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char byte;
	int n;

	do
	{
		n = poll(&pfd, 1, START_MAX_MS);
	} while (n < 0 && errno == EINTR);
	return n == 1 && read(fd, &byte, 1) == 1;
}

/* Start one; *ready_fd becomes readable when it serves or has ended. */
static bool start(const struct obol_relay_child *child,
				  struct obol_relay_run *run, int *ready_fd)
{
	obol_board_slot slot;
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
	{
		return false;
	}
	slot = obol_board_take(child->board, OBOL_PROCESS_RELAY);
	pid = fork();
	if (pid == 0)
	{
		become_relay(child, run, slot, fds[1]);
	}
	obol_board_forked(child->board, slot, pid);
	(void)close(fds[1]);
	if (pid < 0)
	{
		(void)close(fds[0]);
		return false;
	}
	run->pid = pid;
	*ready_fd = fds[0];
	return true;
}

static void end_run(struct obol_relay_run *run, int signal)
{
	if (run->pid)
	{
		(void)kill(run->pid, signal);
	}
	obol_config_free(run->config);
	memset(run, 0, sizeof(*run));
}

static void take_sockets(struct obol_relay_run *run,
						 const struct obol_listeners *listeners)
{
	size_t i;

	for (i = 0; i < listeners->n; i++)
	{
		if (listeners->all[i].use == OBOL_LISTENER_RELAY)
		{
			run->sockets[run->n_sockets++] = listeners->all[i].fd;
		}
	}
}

enum obol_status obol_relay_child_try(struct obol_relay_child *child,
									  struct obol_config *config,
									  const struct obol_listeners *listeners)
{
	struct obol_relay_run *next = &child->next;
	bool serves;
	int fd;

	memset(next, 0, sizeof(*next));
	if (!config->relay.n_listen)
	{
		obol_config_free(config);
		return OBOL_OK;
	}
	next->config = config;
	take_sockets(next, listeners);
	if (!start(child, next, &fd))
	{
		obol_log(child->log, OBOL_LOG_ERROR, "daemon",
				 "the relay cannot be started: %s", strerror(errno));
		end_run(next, SIGKILL);
		return OBOL_ERR_IO;
	}
	serves = wait_ready(fd);
	(void)close(fd);
	if (!serves)
	{
		end_run(next, SIGKILL);
	}
	return serves ? OBOL_OK : OBOL_ERR_IO;
}

void obol_relay_child_take(struct obol_relay_child *child)
{
	obol_relay_child_end(child);
	child->present = child->next;
	memset(&child->next, 0, sizeof(child->next));
	child->started_ms = obol_mono_ms(child->clock);
	child->pause_ms = 0;
}

void obol_relay_child_drop(struct obol_relay_child *child)
{
	end_run(&child->next, SIGKILL);
}

bool obol_relay_child_reap(struct obol_relay_child *child, pid_t pid,
						   int wait_status)
{
	uint64_t now = obol_mono_ms(child->clock);

	if (pid != child->present.pid)
	{
		return false;
	}
	child->present.pid = 0;
	if (now - child->started_ms >= GOOD_LIFE_MS)
	{
		child->pause_ms = 0;
	}
	child->pause_ms = !child->pause_ms                     ? PAUSE_FIRST_MS
					  : child->pause_ms < PAUSE_MAX_MS / 2 ? 2 * child->pause_ms
														   : PAUSE_MAX_MS;
	child->start_at_ms = now + child->pause_ms;
	obol_log(child->log, OBOL_LOG_ERROR, "daemon",
			 "the relay ended (%s %d); its successor starts in %u ms",
			 WIFSIGNALED(wait_status) ? "signal" : "code",
			 WIFSIGNALED(wait_status) ? WTERMSIG(wait_status)
									  : WEXITSTATUS(wait_status),
			 child->pause_ms);
	return true;
}

int obol_relay_child_mend(struct obol_relay_child *child)
{
	uint64_t now = obol_mono_ms(child->clock);
	int fd;

	if (!child->present.config || child->present.pid)
	{
		return -1;
	}
	if (child->start_at_ms <= now)
	{
		if (start(child, &child->present, &fd))
		{
			(void)close(fd);
			child->started_ms = now;
			return -1;
		}
		child->start_at_ms = now + PAUSE_MAX_MS;
	}
	return (int)(child->start_at_ms - now);
}

void obol_relay_child_end(struct obol_relay_child *child)
{
	/* it leaves its sockets at once, and goes on for rooms in use */
	end_run(&child->present, SIGTERM);
}
