/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol-signer: a signer on a machine of its own. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <systemd/sd-daemon.h>

#include "daemon/daemon_log.h"
#include "daemon/heap.h"
#include "daemon/signer_server.h"

#define CONFIG_PATH SYSCONFDIR "/obol/obol-signer.conf"
/** Its table counts certificates alone. */
#define TABLE_ROWS 64

struct options {
	const char *config_path;
	bool is_debug;
	bool is_check;
	/** help or version was asked for and given, or an option was wrong */
	bool is_over;
	int code;
};

static void print_help(FILE *out)
{
	(void)fputs(
		"usage: obol-signer [-c FILE] [--debug]\n"
		"       obol-signer [-c FILE] --check-config\n"
		"\n"
		"Holds a CA's key, on a machine of its own, and signs for obold on\n"
		"others; it stays in the foreground. obolctl signer init sets it up.\n"
		"\n"
		"  -c, --config FILE   configuration [" CONFIG_PATH "]\n"
		"      --check-config  read configuration, CA and keys, say what is\n"
		"                      wrong, and exit\n"
		"      --debug         log all that developers want to know\n"
		"  -h, --help          show this\n"
		"  -V, --version       show the version\n"
		"\n"
		"See obol-signer(8), obold.conf(5).\n",
		out);
}

static void take_option(struct options *options, int option)
{
	switch (option)
	{
		case 'c':
			options->config_path = optarg;
			break;
		case 'C':
			options->is_check = true;
			break;
		case 'd':
			options->is_debug = true;
			break;
		case 'h':
			print_help(stdout);
			options->is_over = true;
			break;
		case 'V':
			(void)puts("obol-signer " OBOL_VERSION);
			options->is_over = true;
			break;
		default:
			options->is_over = true;
			options->code = EXIT_FAILURE;
			break;
	}
}

static struct options parse(int argc, char **argv)
{
	static const struct option table[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check-config", no_argument, NULL, 'C' },
		{ "debug", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = { .config_path = CONFIG_PATH };
	int option;

	while (!options.is_over &&
		   (option = getopt_long(argc, argv, "c:hV", table, NULL)) != -1)
	{
		take_option(&options, option);
	}
	if (optind < argc && !options.is_over)
	{
		(void)fprintf(stderr, "obol-signer: '%s' is one argument too many\n",
					  argv[optind]);
		options.is_over = true;
		options.code = EXIT_FAILURE;
	}
	if (options.code)
	{
		(void)fputs("obol-signer: see obol-signer --help\n", stderr);
	}
	return options;
}

static void serves(void)
{
	(void)sd_notify(0, "READY=1");
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

static enum obol_status prepare(struct obol_signer_server_options *server,
								char *why, size_t size)
{
	const struct obol_config *config = server->config;
	enum obol_status status;

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
	status = find_identity(config, &server->signer.identity, why, size);
	if (status == OBOL_OK)
	{
		status = obol_keeper_table_new(TABLE_ROWS, obol_rng_system(),
									   &server->signer.table);
		(void)snprintf(why, size, "no memory can be had");
	}
	return status;
}

static int run(const struct options *options, const struct obol_config *config,
			   struct obol_log *log)
{
	const char *folders[OBOL_TOKEN_FOLDERS_MAX + 1] = { NULL };
	struct obol_signer_server_options server = {
		.signer = {
			.certificate_path = config->ca.certificate,
			.key_path = config->ca.key,
			.rules = obol_signer_rules_of(config),
			.per_second = config->signer.per_second,
			.token_folders = folders,
			.audit_path = config->signer.audit,
			.clock = obol_clock_system(),
			.log = log,
		},
		.config = config,
		.is_check = options->is_check,
		.serves = serves,
	};
	char why[512];
	size_t i;
	int code;

	server.signer.rules.n_gateways = config->signer.n_gateways;
	for (i = 0; i < config->signer.n_gateways; i++)
	{
		server.signer.rules.gateways[i] = config->signer.gateways[i];
	}
	for (i = 0; i < config->signer.n_token_folders; i++)
	{
		folders[i] = config->signer.token_folders[i];
	}
	if (prepare(&server, why, sizeof(why)) != OBOL_OK)
	{
		obol_log(log, OBOL_LOG_ERROR, "signer", "%s: %s", options->config_path,
				 why);
		return EXIT_FAILURE;
	}
	code = obol_signer_server_run(&server);
	obol_keeper_table_free(server.signer.table);
	return code;
}

int main(int argc, char **argv)
{
	struct options options = parse(argc, argv);
	struct obol_config *config = NULL;
	struct obol_daemon_log log;
	char why[512];
	int code;

	if (options.is_over)
	{
		return options.code;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	obol_privileges_hide();
	obol_privileges_name("obol-signer");
	(void)snprintf(why, sizeof(why), "OpenSSL's heap is in use already");
	if (!obol_heap_forgets() || obol_config_load(options.config_path, &config,
												 why, sizeof(why)) != OBOL_OK)
	{
		(void)fprintf(stderr, "obol-signer: %s\n", why);
		return EXIT_FAILURE;
	}
	obol_daemon_log_init(&log, "obol-signer",
						 options.is_debug ? OBOL_LOG_DEBUG : config->log_level);
	code = run(&options, config, &log.log);
	obol_config_free(config);
	if (options.is_check && code == EXIT_SUCCESS)
	{
		(void)printf("%s: good\n", options.config_path);
	}
	return code;
}
