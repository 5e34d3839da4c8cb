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

static void become_relay(const struct obol_relay_child *child, int ready_fd)
{
	child->forked(child->ctx, false);
	(void)obol_board_enter(child->board, OBOL_BOARD_NONE);
	_exit(obol_relay_main(child->config_path, ready_fd, child->is_debug));
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
static bool start(struct obol_relay_child *child, int *ready_fd)
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
		become_relay(child, fds[1]);
	}
	obol_board_forked(child->board, slot, pid);
	(void)close(fds[1]);
	if (pid < 0)
	{
		(void)close(fds[0]);
		return false;
	}
	child->pid = pid;
	child->started_ms = obol_mono_ms(child->clock);
	child->start_at_ms = 0;
	*ready_fd = fds[0];
	return true;
}

enum obol_status obol_relay_child_load(struct obol_relay_child *child,
									   const struct obol_config *config)
{
	bool serves;
	int fd;

	obol_relay_child_end(child);
	child->is_wanted = config->relay.n_listen > 0;
	if (!child->is_wanted)
	{
		return OBOL_OK;
	}
	if (!start(child, &fd))
	{
		obol_log(child->log, OBOL_LOG_ERROR, "daemon",
				 "the relay cannot be started: %s", strerror(errno));
		child->is_wanted = false;
		return OBOL_ERR_IO;
	}
	serves = wait_ready(fd);
	(void)close(fd);
	return serves ? OBOL_OK : OBOL_ERR_IO;
}

bool obol_relay_child_reap(struct obol_relay_child *child, pid_t pid,
						   int wait_status)
{
	uint64_t now = obol_mono_ms(child->clock);

	if (pid != child->pid)
	{
		return false;
	}
	child->pid = 0;
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

	if (!child->is_wanted || child->pid)
	{
		return -1;
	}
	if (child->start_at_ms <= now)
	{
		if (start(child, &fd))
		{
			(void)close(fd);
			return -1;
		}
		child->start_at_ms = now + PAUSE_MAX_MS;
	}
	return (int)(child->start_at_ms - now);
}

void obol_relay_child_end(struct obol_relay_child *child)
{
	child->is_wanted = false;
	if (child->pid)
	{
		/* it closes its sockets at once, and goes on for rooms in use */
		(void)kill(child->pid, SIGTERM);
		child->pid = 0;
	}
}
