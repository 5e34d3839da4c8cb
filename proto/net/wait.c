/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting within one deadline. */
#include "net/wait.h"

#include <errno.h>
#include <limits.h>

void obol_wait_init(struct obol_wait *wait, struct obol_clock *clock,
					unsigned timeout_ms, int abort_fd)
{
	wait->clock = clock;
	wait->deadline_mono_ms = obol_mono_ms(clock) + timeout_ms;
	wait->abort_fd = abort_fd;
}

static int poll_timeout(uint64_t now, uint64_t until)
{
	if (until <= now)
	{
		return 0;
	}
	return until - now > INT_MAX ? INT_MAX : (int)(until - now);
}

enum obol_net_failure obol_wait_poll(const struct obol_wait *wait,
									 struct pollfd *fds, size_t n,
									 uint64_t wake_mono_ms)
{
	uint64_t until = wait->deadline_mono_ms;
	int ready;

	if (wake_mono_ms < until)
	{
		until = wake_mono_ms;
	}
	/* poll() passes over negative descriptors */
	fds[n].fd = wait->abort_fd;
	fds[n].events = POLLIN;
	for (;;)
	{
		uint64_t now = obol_mono_ms(wait->clock);

		ready = poll(fds, (nfds_t)n + 1, poll_timeout(now, until));
		if (ready < 0 && errno != EINTR)
		{
			return OBOL_NET_INTERNAL;
		}
		if (ready > 0 && fds[n].revents)
		{
			return OBOL_NET_ABORTED;
		}
		now = obol_mono_ms(wait->clock);
		if (ready > 0)
		{
			/* a peer that always has something to say gains no time by it */
			return now >= wait->deadline_mono_ms ? OBOL_NET_TIMEOUT
												 : OBOL_NET_OK;
		}
		if (now >= until)
		{
			size_t i;

			for (i = 0; i < n; i++)
			{
				fds[i].revents = 0;
			}
			return now >= wait->deadline_mono_ms ? OBOL_NET_TIMEOUT
												 : OBOL_NET_OK;
		}
	}
}

enum obol_net_failure obol_wait_check(const struct obol_wait *wait)
{
	struct pollfd fd[1];

	return obol_wait_poll(wait, fd, 0, 0);
}
