/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol-signer: a signer on a machine of its own. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/standard_io.h"
#include "daemon/daemon_log.h"
#include "daemon/heap.h"
#include "daemon/privileges.h"
#include "daemon/signer_parent.h"

#define CONFIG_PATH SYSCONFDIR "/obol/obol-signer.conf"

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

static int run(const struct options *options)
{
	struct obol_signer_parent_options parent = {
		.config_path = options->config_path,
		.is_debug = options->is_debug,
		.clock = obol_clock_system(),
	};
	struct obol_daemon_log log;
	int code;

	(void)signal(SIGPIPE, SIG_IGN);
	obol_privileges_hide();
	obol_privileges_name("obol-signer");
	if (!obol_heap_forgets())
	{
		(void)fputs("obol-signer: OpenSSL's heap is in use already\n", stderr);
		return EXIT_FAILURE;
	}
	obol_daemon_log_init(&log, "obol-signer",
						 options->is_debug ? OBOL_LOG_DEBUG : OBOL_LOG_INFO);
	parent.log = &log.log;
	if (!options->is_check)
	{
		return obol_signer_parent_run(&parent);
	}
	code = obol_signer_parent_check(&parent);
	if (code == EXIT_SUCCESS)
	{
		(void)printf("%s: good\n", options->config_path);
	}
	return code;
}

int main(int argc, char **argv)
{
	struct options options;
	int code;

	/* as in obold */
	if (!obol_standard_io_open())
	{
		return EXIT_FAILURE;
	}
	options = parse(argc, argv);
	code = options.is_over ? options.code : run(&options);
	if (code == EXIT_SUCCESS && !obol_standard_output_is_whole())
	{
		(void)fputs("obol-signer: cannot write to standard output\n", stderr);
		code = EXIT_FAILURE;
	}
	return code;
}
