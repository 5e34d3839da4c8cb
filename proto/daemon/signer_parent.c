/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol-signer's parent process. */
#include "daemon/signer_parent.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "daemon/listeners.h"
#include "daemon/parent.h"
#include "daemon/parent_signals.h"
#include "daemon/sandbox.h"
#include "daemon/signer_server.h"

/** Its table counts certificates alone. */
#define TABLE_ROWS 64
/** Longest start of a process, a token's included. */
#define START_MAX_MS 60000
/** Longest end of one that was told to. */
#define END_MAX_MS 5000

struct child {
	/** 0: there is none */
	pid_t pid;
	/** its end is the child's */
	int fd;
};

struct parent {
	const struct obol_signer_parent_options *options;
	struct obol_parent_signals signals;
	/** certificates are counted there, so that a reload begins no new rate */
	struct obol_keeper_table *table;
	struct obol_config *config;
	struct obol_listeners listeners;
	struct child child;
	/** the one before it, which was told to end, and how long that may take */
	pid_t ending;
	uint64_t ending_until_ms;
	bool is_ending;
	char why[512];
};

static void say(struct parent *parent, enum obol_log_level level,
				const char *text)
{
	obol_log(parent->options->log, level, "signer", "%s", text);
}

static uint64_t now_ms(const struct parent *parent)
{
	return obol_mono_ms(parent->options->clock);
}

/*
 * Configurations
 */

static enum obol_status check(const struct obol_config *config, char *why,
							  size_t size)
{
	if (!*config->ca.certificate || *config->signer.server)
	{
		(void)snprintf(why, size,
					   "ca.certificate and ca.key must name a CA "
					   "that is here, without signer.server");
		return OBOL_ERR_ARG;
	}
	if (!config->signer.n_clients)
	{
		(void)snprintf(why, size,
					   "signer.clients names nobody whom it may "
					   "sign for; obolctl signer pin prints, on "
					   "obold's machine, what belongs there");
		return OBOL_ERR_ARG;
	}
	return OBOL_OK;
}

static void take_level(const struct parent *parent,
					   const struct obol_config *config)
{
	parent->options->log->level =
		parent->options->is_debug ? OBOL_LOG_DEBUG : config->log_level;
}

static enum obol_status load_config(struct parent *parent,
									struct obol_config **out)
{
	char why[sizeof(parent->why) / 2];
	struct obol_config *config = NULL;
	enum obol_status status =
		obol_config_load(parent->options->config_path, &config, parent->why,
						 sizeof(parent->why));

	if (status == OBOL_OK)
	{
		status = check(config, why, sizeof(why));
		if (status != OBOL_OK)
		{
			(void)snprintf(parent->why, sizeof(parent->why), "%.200s: %s",
						   parent->options->config_path, why);
		}
	}
	if (status != OBOL_OK)
	{
		say(parent, OBOL_LOG_ERROR, parent->why);
		obol_config_free(config);
		return status;
	}
	/* these are obold's */
	config->http_listen[0] = '\0';
	config->metrics_listen[0] = '\0';
	*out = config;
	return OBOL_OK;
}

/* The user that is there for it, or the one that is named. */
static enum obol_status find_identity(const struct obol_config *config,
									  struct obol_identity *identity, char *why,
									  size_t size)
{
	const char *user = *config->signer.user ? config->signer.user
					   : obol_identity_exists(OBOL_SIGNER_USER)
						   ? OBOL_SIGNER_USER
						   : config->user;

	return obol_identity_find(user, config->signer.group, identity, why, size);
}

/*
 * The process that serves
 */

/* The configuration holds as long as the options do. */
static enum obol_status fill(struct parent *parent,
							 const struct obol_config *config,
							 const char **folders,
							 struct obol_signer_server_options *server)
{
	struct obol_signer_options *signer = &server->signer;
	enum obol_status status;
	size_t i;

	*server = (struct obol_signer_server_options){
		.signer = {
			.certificate_path = config->ca.certificate,
			.key_path = config->ca.key,
			.rules = obol_signer_rules_of(config),
			.parent_fd = -1,
			.table = parent->table,
			.per_second = config->signer.per_second,
			.token_folders = folders,
			.audit_path = config->signer.audit,
			.clock = parent->options->clock,
			.log = parent->options->log,
		},
		.config = config,
	};
	signer->rules.n_gateways = config->signer.n_gateways;
	for (i = 0; i < config->signer.n_gateways; i++)
	{
		signer->rules.gateways[i] = config->signer.gateways[i];
	}
	for (i = 0; i < config->signer.n_token_folders; i++)
	{
		folders[i] = config->signer.token_folders[i];
	}
	folders[i] = NULL;
	status = find_identity(config, &signer->identity, parent->why,
						   sizeof(parent->why));
	if (status != OBOL_OK)
	{
		say(parent, OBOL_LOG_ERROR, parent->why);
	}
	return status;
}

static void become_server(struct parent *parent,
						  const struct obol_listeners *listeners, int fd,
						  struct obol_signer_server_options *server)
{
	int keep[OBOL_LISTENERS_MAX + 1] = { fd };
	size_t i;

	/* the parent's end counts, and nothing else */
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	obol_parent_signals_forget(&parent->signals);
	server->signer.parent_fd = fd;
	for (i = 0; i < listeners->n; i++)
	{
		server->sockets[server->n_sockets++] = listeners->all[i].fd;
		keep[1 + i] = listeners->all[i].fd;
	}
	obol_privileges_keep_only(keep, 1 + listeners->n);
	_exit(obol_signer_server_run(server));
}

/* Its byte says that it serves; its end, that it could not. */
static int wait_ready(const struct child *child)
{
	struct pollfd pfd = { .fd = child->fd, .events = POLLIN };
	int n, wait_status = 0;
	char byte;

	do
	{
		n = poll(&pfd, 1, START_MAX_MS);
	} while (n < 0 && errno == EINTR);
	if (n == 1 && read(child->fd, &byte, 1) == 1)
	{
		return EXIT_SUCCESS;
	}
	(void)kill(child->pid, SIGKILL);
	(void)waitpid(child->pid, &wait_status, 0);
	return WIFEXITED(wait_status) && WEXITSTATUS(wait_status)
			   ? WEXITSTATUS(wait_status)
			   : EXIT_FAILURE;
}

static int start(struct parent *parent, const struct obol_config *config,
				 const struct obol_listeners *listeners, struct child *child)
{
	const char *folders[OBOL_TOKEN_FOLDERS_MAX + 1];
	struct obol_signer_server_options server;
	int ends[2], code;

	if (fill(parent, config, folders, &server) != OBOL_OK ||
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
	{
		return EXIT_FAILURE;
	}
	obol_keeper_table_share(parent->table, true);
	child->pid = fork();
	if (child->pid == 0)
	{
		become_server(parent, listeners, ends[1], &server);
	}
	obol_keeper_table_share(parent->table, false);
	(void)close(ends[1]);
	child->fd = ends[0];
	code = child->pid > 0 ? wait_ready(child) : EXIT_FAILURE;
	if (code)
	{
		(void)close(child->fd);
	}
	return code;
}

/*
 * Loading
 */

/* Everything anew: all of it works before any of it is used. */
static int load(struct parent *parent, struct child *child)
{
	struct obol_config *config = NULL;
	struct obol_listeners fresh;
	int code;

	if (load_config(parent, &config) != OBOL_OK)
	{
		return EXIT_FAILURE;
	}
	if (obol_listeners_open(&parent->listeners, config, parent->options->log,
							&fresh, parent->why,
							sizeof(parent->why)) != OBOL_OK)
	{
		say(parent, OBOL_LOG_ERROR, parent->why);
		obol_config_free(config);
		return EXIT_FAILURE;
	}
	take_level(parent, config);
	code = start(parent, config, &fresh, child);
	if (code)
	{
		obol_listeners_close(&fresh, &parent->listeners);
		obol_config_free(config);
		return code;
	}
	obol_listeners_close(&parent->listeners, &fresh);
	parent->listeners = fresh;
	obol_config_free(parent->config);
	parent->config = config;
	return EXIT_SUCCESS;
}

/* It answers what it has been asked, and goes; who asks comes to the other
 * one. */
static void let_end(struct parent *parent)
{
	if (parent->ending)
	{
		(void)kill(parent->ending, SIGKILL);
	}
	(void)close(parent->child.fd);
	parent->ending = parent->child.pid;
	parent->ending_until_ms = now_ms(parent) + END_MAX_MS;
	parent->child.pid = 0;
}

static void reload(struct parent *parent)
{
	struct child fresh = { 0, -1 };

	(void)sd_notify(0, "RELOADING=1");
	if (load(parent, &fresh) == EXIT_SUCCESS)
	{
		let_end(parent);
		parent->child = fresh;
		say(parent, OBOL_LOG_INFO, "reloaded");
	}
	else
	{
		take_level(parent, parent->config);
		say(parent, OBOL_LOG_ERROR,
			"nothing was reloaded; the signer goes on as before");
	}
	(void)sd_notify(0, "READY=1");
}

/*
 * Signals
 */

/* The program's code, when it was the one that serves; -1 else. */
static int reap(struct parent *parent)
{
	int wait_status, code = -1;
	pid_t pid;

	while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0)
	{
		if (pid == parent->ending)
		{
			parent->ending = 0;
		}
		else if (pid == parent->child.pid)
		{
			(void)close(parent->child.fd);
			parent->child.pid = 0;
			code = WIFEXITED(wait_status) && WEXITSTATUS(wait_status)
					   ? WEXITSTATUS(wait_status)
					   : EXIT_FAILURE;
			say(parent, OBOL_LOG_ERROR,
				WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGSYS
					? "the process that serves was ended by a system call that "
					  "its sandbox forbids"
					: "the process that serves has ended");
		}
	}
	return code;
}

static void begin_end(struct parent *parent)
{
	if (!parent->is_ending)
	{
		parent->is_ending = true;
		(void)sd_notify(0, "STOPPING=1");
		let_end(parent);
	}
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
}

/*
 * The loop
 */

static int time_left(struct parent *parent)
{
	uint64_t now = now_ms(parent);

	if (!parent->ending)
	{
		return -1;
	}
	if (parent->ending_until_ms <= now)
	{
		(void)kill(parent->ending, SIGKILL);
		return -1;
	}
	return (int)(parent->ending_until_ms - now);
}

static int serve(struct parent *parent)
{
	struct pollfd pfd = { .fd = parent->signals.fd, .events = POLLIN };
	int code = -1;

	while (code < 0 && !(parent->is_ending && !parent->ending))
	{
		(void)poll(&pfd, 1, time_left(parent));
		on_signals(parent);
		code = reap(parent);
	}
	return code < 0 ? EXIT_SUCCESS : code;
}

static bool begin(struct parent *parent)
{
	if (!obol_parent_signals_catch(&parent->signals))
	{
		say(parent, OBOL_LOG_ERROR, "signals cannot be caught");
		return false;
	}
	if (obol_sandbox_enter(OBOL_SANDBOX_PARENT, NULL, parent->why,
						   sizeof(parent->why)) != OBOL_OK)
	{
		say(parent, OBOL_LOG_ERROR, parent->why);
		return false;
	}
	if (obol_keeper_table_new(TABLE_ROWS, obol_rng_system(), &parent->table) !=
		OBOL_OK)
	{
		say(parent, OBOL_LOG_ERROR, "no memory can be had");
		return false;
	}
	return true;
}

int obol_signer_parent_run(const struct obol_signer_parent_options *options)
{
	struct parent parent = { .options = options, .signals.fd = -1 };
	int code = EXIT_FAILURE;

	if (begin(&parent))
	{
		code = load(&parent, &parent.child);
	}
	if (!code)
	{
		say(&parent, OBOL_LOG_INFO, "obol-signer " OBOL_VERSION " serves");
		(void)sd_notify(0, "READY=1");
		code = serve(&parent);
	}
	obol_listeners_close(&parent.listeners, NULL);
	obol_config_free(parent.config);
	obol_keeper_table_free(parent.table);
	(void)close(parent.signals.fd);
	return code;
}

int obol_signer_parent_check(const struct obol_signer_parent_options *options)
{
	struct parent parent = { .options = options, .signals.fd = -1 };
	const char *folders[OBOL_TOKEN_FOLDERS_MAX + 1];
	struct obol_signer_server_options server;
	struct obol_config *config = NULL;
	int code = EXIT_FAILURE;

	if (load_config(&parent, &config) == OBOL_OK &&
		fill(&parent, config, folders, &server) == OBOL_OK)
	{
		server.is_check = true;
		code = obol_signer_server_run(&server);
	}
	obol_config_free(config);
	return code;
}
