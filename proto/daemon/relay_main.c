/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relay's process. */
#include "daemon/relay.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "daemon/daemon_log.h"
#include "daemon/privileges.h"
#include "daemon/sandbox.h"

static int end_signals(void)
{
	sigset_t set;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	/* whoever started us may have had others blocked */
	(void)sigemptyset(&set);
	(void)sigprocmask(SIG_SETMASK, &set, NULL);
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Nothing is left to it but its sockets. */
static bool confine(const struct obol_config *config, struct obol_log *log)
{
	struct obol_identity identity;
	char why[512];

	if (obol_identity_find(config->user, config->group, &identity, why,
						   sizeof(why)) != OBOL_OK)
	{
		obol_log(log, OBOL_LOG_ERROR, "relay", "%s", why);
		return false;
	}
	if (obol_privileges_drop(&identity) != OBOL_OK)
	{
		obol_log(log, OBOL_LOG_ERROR, "relay",
				 "it cannot give up its privileges: %s", strerror(errno));
		return false;
	}
	/* the parent's death is ours; setuid() has forgotten it */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (obol_sandbox_enter(OBOL_SANDBOX_RELAY, NULL, why, sizeof(why)) !=
		OBOL_OK)
	{
		obol_log(log, OBOL_LOG_ERROR, "relay", "%s", why);
		return false;
	}
	return true;
}

int obol_relay_main(const struct obol_relay_options *options, int ready_fd,
					bool is_debug)
{
	const struct obol_config *config = options->config;
	struct obol_relay_options own = *options;
	struct obol_daemon_log daemon_log;
	int keep[OBOL_LISTEN_MAX + 1] = { ready_fd };

	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	obol_privileges_name("obold-relay");
	memcpy(keep + 1, options->sockets, options->n_sockets * sizeof(keep[0]));
	obol_privileges_keep_only(keep, options->n_sockets + 1);
	obol_daemon_log_init(&daemon_log, "obold",
						 is_debug ? OBOL_LOG_DEBUG : config->log_level);
	own.clock = obol_clock_system();
	own.log = &daemon_log.log;
	own.end_fd = end_signals();
	if (!confine(config, own.log))
	{
		return EXIT_FAILURE;
	}
	(void)!write(ready_fd, "", 1);
	(void)close(ready_fd);
	return obol_relay_run(&own);
}
