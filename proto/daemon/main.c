/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obold: the credential server's command line. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/standard_io.h"
#include "daemon/assets.h"
#include "daemon/daemon_log.h"
#include "daemon/heap.h"
#include "daemon/parent.h"

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
		"usage: obold [-c FILE] [--debug]\n"
		"       obold [-c FILE] --check-config\n"
		"\n"
		"The credential server; it stays in the foreground.\n"
		"\n"
		"  -c, --config FILE   configuration [" OBOL_CONFIG_PATH "]\n"
		"      --check-config  read configuration, keys and certificates, say\n"
		"                      what is wrong, and exit\n"
		"      --debug         log all that developers want to know\n"
		"  -h, --help          show this\n"
		"  -V, --version       show the version\n"
		"\n"
		"Signals: SIGHUP reads everything anew, SIGTERM ends.\n"
		"See obold(8), obold.conf(5).\n",
		out);
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
	struct options options = { .config_path = OBOL_CONFIG_PATH };
	int option;

	while ((option = getopt_long(argc, argv, "c:hV", table, NULL)) != -1)
	{
		switch (option)
		{
			case 'c':
				options.config_path = optarg;
				break;
			case 'C':
				options.is_check = true;
				break;
			case 'd':
				options.is_debug = true;
				break;
			case 'h':
				print_help(stdout);
				options.is_over = true;
				return options;
			case 'V':
				(void)puts("obold " OBOL_VERSION);
				options.is_over = true;
				return options;
			default:
				options.is_over = true;
				options.code = EXIT_FAILURE;
				break;
		}
	}
	if (optind < argc && !options.is_over)
	{
		(void)fprintf(stderr, "obold: '%s' is one argument too many\n",
					  argv[optind]);
		options.is_over = true;
		options.code = EXIT_FAILURE;
	}
	if (options.is_over)
	{
		(void)fputs("obold: see obold --help\n", stderr);
	}
	return options;
}

static int check_config(const char *path)
{
	char why[512];

	if (obol_assets_check(path, obol_clock_system(), why, sizeof(why)) !=
		OBOL_OK)
	{
		(void)fprintf(stderr, "obold: %s\n", why);
		return EXIT_FAILURE;
	}
	(void)printf("%s: good\n", path);
	return EXIT_SUCCESS;
}

static int run(const struct options *options)
{
	struct obol_daemon_log log;
	struct obol_parent_options parent = {
		.config_path = options->config_path,
		.is_debug = options->is_debug,
		.clock = obol_clock_system(),
		.log = &log.log,
	};

	if (!obol_heap_forgets())
	{
		(void)fputs("obold: OpenSSL's heap is in use already\n", stderr);
		return EXIT_FAILURE;
	}
	obol_daemon_log_init(&log, "obold",
						 options->is_debug ? OBOL_LOG_DEBUG : OBOL_LOG_INFO);
	return obol_parent_run(&parent);
}

/* What was asked for is printed; whoever asked may not be able to have it. */
static int end(int code)
{
	if (code == EXIT_SUCCESS && !obol_standard_output_is_whole())
	{
		(void)fputs("obold: cannot write to standard output\n", stderr);
		return EXIT_FAILURE;
	}
	return code;
}

int main(int argc, char **argv)
{
	struct options options;

	/* else a database or a socket could become what log lines go to */
	if (!obol_standard_io_open())
	{
		return EXIT_FAILURE;
	}
	options = parse(argc, argv);
	if (options.is_over)
	{
		return end(options.code);
	}
	if (options.is_check)
	{
		return end(check_config(options.config_path));
	}
	return run(&options);
}
