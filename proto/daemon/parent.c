/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obold's parent process. */
#include "daemon/parent.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "daemon/control_serve.h"
#include "daemon/crew.h"
#include "daemon/keeper_table.h"
#include "daemon/listen.h"
#include "daemon/pid_file.h"
#include "daemon/relay_child.h"
#include "daemon/sandbox.h"

/** How often a self-made TLS certificate's age is looked at. */
#define RENEW_MS ((uint64_t)3600 * 1000)
/** How often draining crews are looked at, in milliseconds. */
#define LOOK_MS 200
/** Crews that drain at once; the oldest is hurried when there are more. */
#define DRAINING_MAX 8

/** HTTP's too. */
#define LISTENERS_MAX (OBOL_LISTEN_MAX + 1)

struct listener {
	char text[64];
	bool is_http;
	int fd;
};

struct parent {
	const struct obol_parent_options *options;
	sigset_t signals;
	sigset_t signals_before;
	int signal_fd;
	/** ceilings: the keepers', and those of a help desk's people */
	struct obol_keeper_table *table;
	struct obol_keeper_table *control_table;
	size_t n_listeners;
	/** the configuration's, in its order, and HTTP's last if it has one */
	struct listener listeners[LISTENERS_MAX];
	struct obol_crew *crew;
	struct obol_crew *draining[DRAINING_MAX];
	struct obol_relay_child relay;
	uint64_t renew_at_ms;
	bool is_ending;
	char why[512];
};

static void say(struct parent *parent, enum obol_log_level level,
				const char *text)
{
	obol_log(parent->options->log, level, "daemon", "%s", text);
}

/*
 * Listening sockets
 */

static int find_listener(const struct parent *parent,
						 const struct listener *wanted)
{
	char name[64];
	size_t i;

	for (i = 0; i < parent->n_listeners; i++)
	{
		/* as it was written, or as it came out: ":0" has become a port */
		obol_listen_name(parent->listeners[i].fd, name, sizeof(name));
		if (parent->listeners[i].is_http == wanted->is_http &&
			(strcmp(parent->listeners[i].text, wanted->text) == 0 ||
			 strcmp(name, wanted->text) == 0))
		{
			return parent->listeners[i].fd;
		}
	}
	return -1;
}

static void tell_listening(struct parent *parent, int fd)
{
	char name[64];

	obol_listen_name(fd, name, sizeof(name));
	obol_log(parent->options->log, OBOL_LOG_INFO, "daemon", "listening on %s",
			 name);
}

static size_t n_listeners(const struct obol_config *config)
{
	return config->n_listen + (*config->http_listen ? 1 : 0);
}

/* The configuration's addresses; sockets that are open already are kept. Those
 * that it no longer names are closed by close_others(). */
static enum obol_status open_listeners(struct parent *parent,
									   const struct obol_config *config,
									   struct listener *fresh)
{
	enum obol_status status = OBOL_OK;
	size_t i;

	for (i = 0; i < n_listeners(config); i++)
	{
		const char *text =
			i < config->n_listen ? config->listen[i] : config->http_listen;

		(void)snprintf(fresh[i].text, sizeof(fresh[i].text), "%s", text);
		fresh[i].is_http = i >= config->n_listen;
		fresh[i].fd = find_listener(parent, &fresh[i]);
		if (fresh[i].fd >= 0)
		{
			continue;
		}
		status = obol_listen_open(text, &fresh[i].fd, parent->why,
								  sizeof(parent->why));
		if (status != OBOL_OK)
		{
			say(parent, OBOL_LOG_ERROR, parent->why);
			break;
		}
		tell_listening(parent, fresh[i].fd);
	}
	if (status != OBOL_OK)
	{
		while (i-- > 0)
		{
			if (find_listener(parent, &fresh[i]) < 0)
			{
				(void)close(fresh[i].fd);
			}
		}
	}
	return status;
}

static bool has_fd(const struct listener *listeners, size_t n, int fd)
{
	size_t i;

	for (i = 0; i < n; i++)
	{
		if (listeners[i].fd == fd)
		{
			return true;
		}
	}
	return false;
}

static void close_others(const struct listener *all, size_t n_all,
						 const struct listener *kept, size_t n_kept)
{
	size_t i;

	for (i = 0; i < n_all; i++)
	{
		if (!has_fd(kept, n_kept, all[i].fd))
		{
			(void)close(all[i].fd);
		}
	}
}

/*
 * Crews
 */

/* In a new process: signals as usual, and no keys but those it serves with. */
static void on_forked(void *ctx, bool serves_tls)
{
	struct parent *parent = ctx;
	size_t i;

	for (i = 0; i < DRAINING_MAX; i++)
	{
		if (parent->draining[i])
		{
			obol_crew_forget_tls(parent->draining[i]);
		}
	}
	if (!serves_tls && parent->crew)
	{
		obol_crew_forget_tls(parent->crew);
	}
	(void)signal(SIGHUP, SIG_IGN);
	/* of the terminal's whole group; the parent's SIGTERM counts */
	(void)signal(SIGINT, SIG_IGN);
	(void)sigprocmask(SIG_SETMASK, &parent->signals_before, NULL);
}

static enum obol_status start_crew(struct parent *parent,
								   struct obol_assets *assets,
								   const struct listener *listeners,
								   struct obol_crew **crew)
{
	struct obol_crew_options options = {
		.assets = assets,
		.n_sockets = assets->config->n_listen,
		.table = parent->table,
		.control_table = parent->control_table,
		.http_fd = -1,
		.clock = parent->options->clock,
		.log = parent->options->log,
		.forked = on_forked,
		.ctx = parent,
	};
	size_t i;

	for (i = 0; i < options.n_sockets; i++)
	{
		options.sockets[i] = listeners[i].fd;
	}
	if (*assets->config->http_listen)
	{
		options.http_fd = listeners[i].fd;
	}
	if (obol_crew_identities(assets->config, &options, parent->why,
							 sizeof(parent->why)) != OBOL_OK)
	{
		say(parent, OBOL_LOG_ERROR, parent->why);
		obol_assets_free(assets);
		return OBOL_ERR_NOT_FOUND;
	}
	return obol_crew_start(&options, crew);
}

static void take_level(struct parent *parent, const struct obol_config *config)
{
	parent->options->log->level =
		parent->options->is_debug ? OBOL_LOG_DEBUG : config->log_level;
}

/* The relay is started before the keys of a new configuration are read. One
 * that cannot be read is told of by whoever reads it next. */
static enum obol_status load_relay(struct parent *parent)
{
	struct obol_config *config = NULL;
	enum obol_status status = OBOL_OK;

	if (obol_config_load(parent->options->config_path, &config, parent->why,
						 sizeof(parent->why)) == OBOL_OK)
	{
		status = obol_relay_child_load(&parent->relay, config);
	}
	obol_config_free(config);
	return status;
}

/* Everything anew: all of it works before any of it is used. */
static enum obol_status load(struct parent *parent, struct obol_crew **crew)
{
	struct listener fresh[LISTENERS_MAX];
	struct obol_assets *assets = NULL;
	enum obol_status status;
	size_t n_fresh;

	status = load_relay(parent);
	if (status != OBOL_OK)
	{
		return status;
	}
	status =
		obol_assets_load(parent->options->config_path, parent->options->clock,
						 true, &assets, parent->why, sizeof(parent->why));
	if (status != OBOL_OK)
	{
		say(parent, OBOL_LOG_ERROR, parent->why);
		return status;
	}
	status = open_listeners(parent, assets->config, fresh);
	if (status != OBOL_OK)
	{
		obol_assets_free(assets);
		return status;
	}
	n_fresh = n_listeners(assets->config);
	take_level(parent, assets->config);
	status = start_crew(parent, assets, fresh, crew);
	if (status != OBOL_OK)
	{
		close_others(fresh, n_fresh, parent->listeners, parent->n_listeners);
		return status;
	}
	close_others(parent->listeners, parent->n_listeners, fresh, n_fresh);
	memcpy(parent->listeners, fresh, sizeof(fresh));
	parent->n_listeners = n_fresh;
	return OBOL_OK;
}

static void let_drain(struct parent *parent, struct obol_crew *crew)
{
	size_t i;

	obol_crew_drain(crew);
	for (i = 0; i < DRAINING_MAX; i++)
	{
		if (!parent->draining[i])
		{
			parent->draining[i] = crew;
			return;
		}
	}
	/* reloads faster than connections end: these processes go on by
	 * themselves and nobody counts them any more */
	obol_crew_free(crew);
}

static void reload(struct parent *parent)
{
	struct obol_crew *crew = NULL;

	(void)sd_notify(0, "RELOADING=1");
	if (load(parent, &crew) == OBOL_OK)
	{
		let_drain(parent, parent->crew);
		parent->crew = crew;
		say(parent, OBOL_LOG_INFO, "reloaded");
	}
	else
	{
		take_level(parent, obol_crew_assets(parent->crew)->config);
		say(parent, OBOL_LOG_ERROR,
			"nothing was reloaded; the server goes on as before");
	}
	(void)sd_notify(0, "READY=1");
}

static bool sweep_draining(struct parent *parent)
{
	bool some = false;
	size_t i;

	for (i = 0; i < DRAINING_MAX; i++)
	{
		if (!parent->draining[i])
		{
			continue;
		}
		obol_crew_hurry(parent->draining[i]);
		if (obol_crew_is_gone(parent->draining[i]))
		{
			obol_crew_free(parent->draining[i]);
			parent->draining[i] = NULL;
		}
		else
		{
			some = true;
		}
	}
	return some;
}

/*
 * Signals
 */

static void reap(struct parent *parent)
{
	int wait_status;
	pid_t pid;
	size_t i;

	while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0)
	{
		if ((parent->crew && obol_crew_reap(parent->crew, pid, wait_status)) ||
			obol_relay_child_reap(&parent->relay, pid, wait_status))
		{
			continue;
		}
		for (i = 0; i < DRAINING_MAX; i++)
		{
			if (parent->draining[i] &&
				obol_crew_reap(parent->draining[i], pid, wait_status))
			{
				break;
			}
		}
	}
}

static void begin_end(struct parent *parent)
{
	if (parent->is_ending)
	{
		return;
	}
	parent->is_ending = true;
	(void)sd_notify(0, "STOPPING=1");
	say(parent, OBOL_LOG_INFO, "ending; connections may finish first");
	obol_relay_child_end(&parent->relay);
	let_drain(parent, parent->crew);
	parent->crew = NULL;
}

static void on_signals(struct parent *parent)
{
	struct signalfd_siginfo info;

	while (read(parent->signal_fd, &info, sizeof(info)) == sizeof(info))
	{
		switch (info.ssi_signo)
		{
			case SIGCHLD:
				break;
			case SIGHUP:
				if (!parent->is_ending)
				{
					reload(parent);
				}
				break;
			default:
				begin_end(parent);
				break;
		}
	}
	reap(parent);
}

static bool catch_signals(struct parent *parent)
{
	(void)sigemptyset(&parent->signals);
	(void)sigaddset(&parent->signals, SIGCHLD);
	(void)sigaddset(&parent->signals, SIGHUP);
	(void)sigaddset(&parent->signals, SIGTERM);
	(void)sigaddset(&parent->signals, SIGINT);
	(void)signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &parent->signals, &parent->signals_before) != 0)
	{
		return false;
	}
	parent->signal_fd =
		signalfd(-1, &parent->signals, SFD_NONBLOCK | SFD_CLOEXEC);
	return parent->signal_fd >= 0;
}

/*
 * The loop
 */

static void renew(struct parent *parent)
{
	uint64_t now = obol_mono_ms(parent->options->clock);

	if (!parent->crew || now < parent->renew_at_ms)
	{
		return;
	}
	parent->renew_at_ms = now + RENEW_MS;
	if (obol_assets_renew(obol_crew_assets(parent->crew),
						  parent->options->clock, parent->options->log))
	{
		say(parent, OBOL_LOG_INFO, "the TLS certificate was renewed");
		reload(parent);
	}
	else if (obol_assets_ca_has_changed(obol_crew_assets(parent->crew)))
	{
		say(parent, OBOL_LOG_INFO, "another CA is in its place");
		reload(parent);
	}
}

static void serve(struct parent *parent)
{
	struct pollfd pfd = { .fd = parent->signal_fd, .events = POLLIN };
	int wait_ms, mend_ms;
	bool some = false;

	while (!parent->is_ending || some)
	{
		renew(parent);
		wait_ms = some ? LOOK_MS : (int)RENEW_MS;
		mend_ms = parent->crew ? obol_crew_mend(parent->crew) : -1;
		if (mend_ms >= 0 && mend_ms < wait_ms)
		{
			wait_ms = mend_ms;
		}
		mend_ms = obol_relay_child_mend(&parent->relay);
		if (mend_ms >= 0 && mend_ms < wait_ms)
		{
			wait_ms = mend_ms;
		}
		(void)poll(&pfd, 1, wait_ms);
		on_signals(parent);
		some = sweep_draining(parent);
	}
}

static bool make_tables(struct parent *parent)
{
	if (obol_keeper_table_new(OBOL_KEEPER_TABLE_ROWS, obol_rng_system(),
							  &parent->table) == OBOL_OK &&
		obol_keeper_table_new(OBOL_CONTROL_TABLE_ROWS, obol_rng_system(),
							  &parent->control_table) == OBOL_OK)
	{
		return true;
	}
	say(parent, OBOL_LOG_ERROR, "no memory can be had for the keepers");
	return false;
}

static void free_tables(struct parent *parent)
{
	obol_keeper_table_free(parent->table);
	obol_keeper_table_free(parent->control_table);
}

int obol_parent_run(const struct obol_parent_options *options)
{
	struct parent parent = {
		.options = options,
		.signal_fd = -1,
		.relay = {
			.config_path = options->config_path,
			.is_debug = options->is_debug,
			.forked = on_forked,
			.clock = options->clock,
			.log = options->log,
		},
	};
	char pid_file[OBOL_CONFIG_TEXT_MAX];
	enum obol_status status;

	parent.relay.ctx = &parent;
	obol_privileges_hide();
	obol_privileges_raise_limits();
	if (!catch_signals(&parent))
	{
		say(&parent, OBOL_LOG_ERROR, "signals cannot be caught");
		return EXIT_FAILURE;
	}
	if (obol_sandbox_enter(OBOL_SANDBOX_PARENT, NULL, parent.why,
						   sizeof(parent.why)) != OBOL_OK)
	{
		say(&parent, OBOL_LOG_ERROR, parent.why);
		return EXIT_FAILURE;
	}
	if (!obol_sandbox_landlock())
	{
		say(&parent, OBOL_LOG_INFO,
			"the kernel has no Landlock: only system calls are limited");
	}
	if (!make_tables(&parent))
	{
		free_tables(&parent);
		return EXIT_FAILURE;
	}
	status = load(&parent, &parent.crew);
	if (status != OBOL_OK)
	{
		free_tables(&parent);
		return status == OBOL_ERR_AUTH ? OBOL_EXIT_PIN_REFUSED : EXIT_FAILURE;
	}
	(void)snprintf(pid_file, sizeof(pid_file), "%s",
				   obol_crew_assets(parent.crew)->config->pid_file);
	obol_pid_file_write(pid_file, options->log);
	say(&parent, OBOL_LOG_INFO, "obold " OBOL_VERSION " serves");
	(void)sd_notify(0, "READY=1");
	serve(&parent);
	if (*pid_file)
	{
		(void)unlink(pid_file);
	}
	close_others(parent.listeners, parent.n_listeners, NULL, 0);
	free_tables(&parent);
	(void)close(parent.signal_fd);
	say(&parent, OBOL_LOG_INFO, "ended");
	return EXIT_SUCCESS;
}
