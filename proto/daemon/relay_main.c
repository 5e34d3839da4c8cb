/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relay's process. */
#include "daemon/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "daemon/daemon_log.h"
#include "daemon/listen.h"
#include "daemon/privileges.h"
#include "daemon/sandbox.h"

/** A relay that was told to end closes its sockets at once; until then its
 * successor tries again. */
#define BIND_TRIES 50
#define BIND_PAUSE_MS 100

static bool open_sockets(const struct obol_config *config, int *sockets,
						 struct obol_log *log)
{
	enum obol_status status;
	char why[256], name[64];
	size_t i;
	int tries;

	for (i = 0; i < config->relay.n_listen; i++)
	{
		tries = 0;
		while ((status = obol_listen_open(config->relay.listen[i], &sockets[i],
										  why, sizeof(why))) ==
				   OBOL_ERR_EXISTS &&
			   ++tries < BIND_TRIES)
		{
			(void)poll(NULL, 0, BIND_PAUSE_MS);
		}
		if (status != OBOL_OK)
		{
			obol_log(log, OBOL_LOG_ERROR, "relay", "%s", why);
			return false;
		}
		obol_listen_name(sockets[i], name, sizeof(name));
		obol_log(log, OBOL_LOG_INFO, "relay", "listening on %s", name);
	}
	return true;
}

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

int obol_relay_main(const char *config_path, int ready_fd, bool is_debug)
{
	int sockets[OBOL_LISTEN_MAX], keep[] = { ready_fd };
	struct obol_config *config = NULL;
	struct obol_identity identity;
	struct obol_relay_options options;
	struct obol_daemon_log daemon_log;
	struct obol_log *log = &daemon_log.log;
	char why[512];
	int code = EXIT_FAILURE, end_fd;

	/* the parent's death is ours */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	obol_privileges_name("obold-relay");
	obol_privileges_keep_only(keep, 1);
	obol_daemon_log_init(&daemon_log, "obold", OBOL_LOG_INFO);
	if (obol_config_load(config_path, &config, why, sizeof(why)) != OBOL_OK ||
		obol_identity_find(config->user, config->group, &identity, why,
						   sizeof(why)) != OBOL_OK)
	{
		obol_log(log, OBOL_LOG_ERROR, "relay", "%s", why);
		goto out;
	}
	log->level = is_debug ? OBOL_LOG_DEBUG : config->log_level;
	if (!open_sockets(config, sockets, log))
	{
		goto out;
	}
	if (obol_privileges_drop(&identity) != OBOL_OK)
	{
		obol_log(log, OBOL_LOG_ERROR, "relay",
				 "it cannot give up its privileges: %s", strerror(errno));
		goto out;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	end_fd = end_signals();
	if (obol_sandbox_enter(OBOL_SANDBOX_RELAY, NULL, why, sizeof(why)) !=
		OBOL_OK)
	{
		obol_log(log, OBOL_LOG_ERROR, "relay", "%s", why);
		goto out;
	}
	options = (struct obol_relay_options){
		.config = config,
		.n_sockets = config->relay.n_listen,
		.sockets = sockets,
		.clock = obol_clock_system(),
		.log = log,
		.end_fd = end_fd,
	};
	(void)!write(ready_fd, "", 1);
	(void)close(ready_fd);
	code = obol_relay_run(&options);
out:
	obol_config_free(config);
	return code;
}
