/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a parent is told by signals. */
#include "daemon/parent_signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

bool obol_parent_signals_catch(struct obol_parent_signals *signals)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, &signals->before) != 0)
	{
		return false;
	}
	signals->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return signals->fd >= 0;
}

enum obol_parent_order
obol_parent_signals_next(const struct obol_parent_signals *signals)
{
	struct signalfd_siginfo info;

	while (read(signals->fd, &info, sizeof(info)) == sizeof(info))
	{
		if (info.ssi_signo == SIGHUP)
		{
			return OBOL_PARENT_RELOAD;
		}
		if (info.ssi_signo != SIGCHLD)
		{
			return OBOL_PARENT_END;
		}
	}
	return OBOL_PARENT_NONE;
}

void obol_parent_signals_forget(const struct obol_parent_signals *signals)
{
	(void)sigprocmask(SIG_SETMASK, &signals->before, NULL);
}
