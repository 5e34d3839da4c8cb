/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obold's parent process. */
#include "daemon/parent.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "base/log_id.h"
#include "daemon/board.h"
#include "daemon/control_serve.h"
#include "daemon/crew.h"
#include "daemon/keeper_table.h"
#include "daemon/listeners.h"
#include "daemon/parent_signals.h"
#include "daemon/pid_file.h"
#include "daemon/relay_child.h"
#include "daemon/sandbox.h"

/** How often a self-made TLS certificate's age is looked at. */
#define RENEW_MS ((uint64_t)3600 * 1000)
/** How often draining crews are looked at, in milliseconds. */
#define LOOK_MS 200
/** Crews that drain at once; the oldest is hurried when there are more. */
#define DRAINING_MAX 8

struct parent {
	const struct obol_parent_options *options;
	struct obol_parent_signals signals;
	/** ceilings: the keepers', and those of a help desk's people */
	struct obol_keeper_table *table;
	struct obol_keeper_table *control_table;
	/** every process's meter; NULL: nothing is counted */
	struct obol_board *board;
	struct obol_listeners listeners;
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

static void say_event(struct parent *parent, enum obol_log_level level,
					  const char *id, const char *operation, const char *result,
					  const char *text)
{
	const struct obol_log_fields fields = { .id = id,
											.operation = operation,
											.result = result };

	obol_log_event(parent->options->log, level, "daemon", &fields, "%s", text);
}

/*
 * Crews
 */

/* In a new process: signals as usual, and no keys but those it serves with. */
static void on_forked(void *ctx, const struct obol_assets *serves)
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
	/* at a reload it is the crew before */
	if (parent->crew && obol_crew_assets(parent->crew) != serves)
	{
		obol_crew_forget_tls(parent->crew);
	}
	(void)signal(SIGHUP, SIG_IGN);
	/* of the terminal's whole group; the parent's SIGTERM counts */
	(void)signal(SIGINT, SIG_IGN);
	obol_parent_signals_forget(&parent->signals);
}

static enum obol_status start_crew(struct parent *parent,
								   struct obol_assets *assets,
								   const struct obol_listeners *listeners,
								   struct obol_crew **crew)
{
	struct obol_crew_options options = {
		.assets = assets,
		.table = parent->table,
		.control_table = parent->control_table,
		.board = parent->board,
		.http_fd = -1,
		.metrics_fd = -1,
		.clock = parent->options->clock,
		.log = parent->options->log,
		.forked = on_forked,
		.ctx = parent,
	};
	size_t i;

	for (i = 0; i < listeners->n; i++)
	{
		switch (listeners->all[i].use)
		{
			case OBOL_LISTENER_CLIENTS:
				options.sockets[options.n_sockets++] = listeners->all[i].fd;
				break;
			case OBOL_LISTENER_HTTP:
				options.http_fd = listeners->all[i].fd;
				break;
			case OBOL_LISTENER_METRICS:
				options.metrics_fd = listeners->all[i].fd;
				break;
			case OBOL_LISTENER_RELAY:
				break;
		}
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

/* What needs no keys: sockets, and the relay, which is started before those of
 * a new configuration are read. */
static enum obol_status load_relay(struct parent *parent,
								   struct obol_listeners *fresh)
{
	struct obol_config *config = NULL;
	enum obol_status status;

	status = obol_config_load(parent->options->config_path, &config,
							  parent->why, sizeof(parent->why));
	if (status == OBOL_OK)
	{
		status = obol_listeners_open(&parent->listeners, config,
									 parent->options->log, fresh, parent->why,
									 sizeof(parent->why));
	}
	if (status != OBOL_OK)
	{
		say(parent, OBOL_LOG_ERROR, parent->why);
		obol_config_free(config);
		return status;
	}
	status = obol_relay_child_try(&parent->relay, config, fresh);
	if (status != OBOL_OK)
	{
		obol_listeners_close(fresh, &parent->listeners);
	}
	return status;
}

static enum obol_status load_crew(struct parent *parent,
								  const struct obol_listeners *fresh,
								  struct obol_crew **crew)
{
	struct obol_assets *assets = NULL;
	enum obol_status status;

	status =
		obol_assets_load(parent->options->config_path, parent->options->clock,
						 true, &assets, parent->why, sizeof(parent->why));
	if (status != OBOL_OK)
	{
		say(parent, OBOL_LOG_ERROR, parent->why);
		return status;
	}
	take_level(parent, assets->config);
	return start_crew(parent, assets, fresh, crew);
}

/* Everything anew: all of it works before any of it is used. */
static enum obol_status load(struct parent *parent, struct obol_crew **crew)
{
	struct obol_listeners fresh;
	enum obol_status status = load_relay(parent, &fresh);

	if (status != OBOL_OK)
	{
		return status;
	}
	status = load_crew(parent, &fresh, crew);
	if (status != OBOL_OK)
	{
		obol_relay_child_drop(&parent->relay);
		obol_listeners_close(&fresh, &parent->listeners);
		return status;
	}
	obol_relay_child_take(&parent->relay);
	obol_listeners_close(&parent->listeners, &fresh);
	parent->listeners = fresh;
	return OBOL_OK;
}

static void count_load(struct parent *parent, enum obol_metric_outcome outcome)
{
	obol_meter_set(obol_board_own(parent->board), OBOL_METRIC_RELOADED, outcome,
				   (int64_t)obol_now(parent->options->clock));
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
	enum obol_metric_outcome outcome = OBOL_OUTCOME_FAILED;
	struct obol_crew *crew = NULL;

	(void)sd_notify(0, "RELOADING=1");
	if (load(parent, &crew) == OBOL_OK)
	{
		outcome = OBOL_OUTCOME_OK;
		let_drain(parent, parent->crew);
		parent->crew = crew;
		say_event(parent, OBOL_LOG_INFO, OBOL_LOG_ID_RELOAD, "reload", "ok",
				  "reloaded");
	}
	else
	{
		take_level(parent, obol_crew_assets(parent->crew)->config);
		say_event(parent, OBOL_LOG_ERROR, OBOL_LOG_ID_RELOAD, "reload",
				  "failed",
				  "nothing was reloaded; the server goes on as before");
	}
	obol_meter_add(obol_board_own(parent->board), OBOL_METRIC_RELOADS, outcome,
				   0, 1);
	count_load(parent, outcome);
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
		obol_board_ended(parent->board, pid);
		if (parent->crew && obol_crew_reap(parent->crew, pid, wait_status))
		{
			continue;
		}
		if (obol_relay_child_reap(&parent->relay, pid, wait_status))
		{
			obol_meter_add(obol_board_own(parent->board), OBOL_METRIC_RESTARTS,
						   OBOL_PROCESS_RELAY, 0, 1);
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
	enum obol_parent_order order;

	while ((order = obol_parent_signals_next(&parent->signals)) !=
		   OBOL_PARENT_NONE)
	{
		if (order == OBOL_PARENT_END)
		{
			begin_end(parent);
		}
		else if (!parent->is_ending)
		{
			reload(parent);
		}
	}
	reap(parent);
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
	struct pollfd pfd = { .fd = parent->signals.fd, .events = POLLIN };
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

/* The server serves without figures too. */
static void open_board(struct parent *parent)
{
	parent->board = obol_board_new(OBOL_BOARD_SLOTS);
	if (!parent->board)
	{
		say(parent, OBOL_LOG_WARN, "no memory can be had for metrics");
	}
	obol_meter_set(obol_board_own(parent->board), OBOL_METRIC_START, 0,
				   (int64_t)obol_now(parent->options->clock));
}

int obol_parent_run(const struct obol_parent_options *options)
{
	struct parent parent = {
		.options = options,
		.signals.fd = -1,
		.relay = {
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
	(void)signal(SIGPIPE, SIG_IGN);
	if (!obol_parent_signals_catch(&parent.signals))
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
	open_board(&parent);
	parent.relay.board = parent.board;
	status = load(&parent, &parent.crew);
	if (status != OBOL_OK)
	{
		free_tables(&parent);
		obol_board_free(parent.board);
		return status == OBOL_ERR_AUTH ? OBOL_EXIT_PIN_REFUSED : EXIT_FAILURE;
	}
	count_load(&parent, OBOL_OUTCOME_OK);
	(void)snprintf(pid_file, sizeof(pid_file), "%s",
				   obol_crew_assets(parent.crew)->config->pid_file);
	obol_pid_file_write(pid_file, options->log);
	say_event(&parent, OBOL_LOG_INFO, OBOL_LOG_ID_SERVER, "start", "ok",
			  "obold " OBOL_VERSION " serves");
	(void)sd_notify(0, "READY=1");
	serve(&parent);
	if (*pid_file)
	{
		(void)unlink(pid_file);
	}
	obol_listeners_close(&parent.listeners, NULL);
	free_tables(&parent);
	obol_board_free(parent.board);
	(void)close(parent.signals.fd);
	say_event(&parent, OBOL_LOG_INFO, OBOL_LOG_ID_SERVER, "end", "ok", "ended");
	return EXIT_SUCCESS;
}
