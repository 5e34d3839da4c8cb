/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Simulated clients with a log of what was acknowledged, and the checks of a
 * server against that log. It asks libobol's public functions alone, of one
 * server or a list of them, and knows nothing of what stores the data. */
#include "testing/faults/check.h"
#include "testing/faults/gaps.h"
#include "testing/faults/load.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS 5000
#define NUMBER_MAX 1000000

static const char help[] =
	"usage: clients load --log FILE --servers LIST --accounts FILE "
	"[OPTION...]\n"
	"       clients check --log FILE [--servers LIST] [OPTION...]\n"
	"       clients gaps --log FILE [--limit MS]\n"
	"       clients event --log FILE KIND begin|end|now\n"
	"\n"
	"load plays many clients: logins, gets, puts, certificates, activations,\n"
	"changes of the password; and wrong codes beside them. What the server "
	"has\n"
	"acknowledged goes into the log; with one that is there, it goes on with "
	"what\n"
	"that says.\n"
	"\n"
	"  --servers LIST    NAME:PORT, or several, separated by commas\n"
	"  --accounts FILE   \"NAME CODE\" a line: accounts in device mode, not "
	"yet\n"
	"                    activated; at least as many as clients\n"
	"  --targets FILE    names to guess at, one a line, known or not\n"
	"  --clients N       at once (default 8)\n"
	"  --guessers N      beside them (default 0)\n"
	"  --rate N          operations in a second in all, 0 for no limit\n"
	"                    (default 40)\n"
	"  --guess-rate N    guesses in a second (default 8)\n"
	"  --ready N         accounts that are activated before \"ready\" is said; "
	"the\n"
	"                    others follow now and then (default: as many as "
	"clients)\n"
	"  --devices N       of each account, 1 to 4 (default 2)\n"
	"  --seconds N       after that (default: until SIGTERM)\n"
	"  --timeout MS      of an operation (default 5000)\n"
	"  --seed N          of what is drawn (default 1)\n"
	"\n"
	"check asks the server for all of it, as the accounts' devices and with\n"
	"their passwords: contents and versions, slots, codes that must still "
	"work.\n"
	"Each fault is a line; exit status 1 if there are any. Without --servers "
	"only\n"
	"the log and the listings are looked at.\n"
	"\n"
	"  --certificates FILE  those recorded: \"NAME SERIAL\" a line\n"
	"  --guesses FILE       the guess table: \"KEY NUMBER\" a line, in hex\n"
	"  --id-key HEX         the key of those keys\n"
	"\n"
	"gaps tells for each kind of fault how long there was no service: until "
	"the\n"
	"first operation was acknowledged that began after the fault, and until "
	"the\n"
	"last one began that failed. Exit status 1 if that is more than the "
	"limit.\n"
	"\n"
	"event writes a fault into the log: its beginning and end, or both in "
	"one.\n";

struct arguments {
	struct load_options load;
	struct check_options check;
	const char *log;
	unsigned limit_ms;
};

enum {
	OPTION_HELP = 1,
	OPTION_LOG,
	OPTION_SERVERS,
	OPTION_ACCOUNTS,
	OPTION_TARGETS,
	OPTION_CERTIFICATES,
	OPTION_GUESSES,
	OPTION_ID_KEY,
	/** from here on numbers, in the order of numbers_of() */
	OPTION_NUMBERS,
};

static const struct option options[] = {
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "log", required_argument, NULL, OPTION_LOG },
	{ "servers", required_argument, NULL, OPTION_SERVERS },
	{ "accounts", required_argument, NULL, OPTION_ACCOUNTS },
	{ "targets", required_argument, NULL, OPTION_TARGETS },
	{ "certificates", required_argument, NULL, OPTION_CERTIFICATES },
	{ "guesses", required_argument, NULL, OPTION_GUESSES },
	{ "id-key", required_argument, NULL, OPTION_ID_KEY },
	{ "clients", required_argument, NULL, OPTION_NUMBERS },
	{ "guessers", required_argument, NULL, OPTION_NUMBERS + 1 },
	{ "rate", required_argument, NULL, OPTION_NUMBERS + 2 },
	{ "guess-rate", required_argument, NULL, OPTION_NUMBERS + 3 },
	{ "ready", required_argument, NULL, OPTION_NUMBERS + 4 },
	{ "devices", required_argument, NULL, OPTION_NUMBERS + 5 },
	{ "seconds", required_argument, NULL, OPTION_NUMBERS + 6 },
	{ "timeout", required_argument, NULL, OPTION_NUMBERS + 7 },
	{ "seed", required_argument, NULL, OPTION_NUMBERS + 8 },
	{ "limit", required_argument, NULL, OPTION_NUMBERS + 9 },
	{ NULL, 0, NULL, 0 },
};

static void refuse(const char *why)
{
	(void)fprintf(stderr, "clients: %s; see --help\n", why);
	exit(2);
}

static unsigned *number_of(struct arguments *arguments, int option)
{
	struct load_options *load = &arguments->load;
	unsigned *const numbers[] = {
		&load->n_clients,  &load->n_guessers,
		&load->per_second, &load->guesses_per_second,
		&load->n_ready,    &load->n_devices,
		&load->seconds,    &load->server.timeout_ms,
		&load->seed,       &arguments->limit_ms,
	};

	return numbers[option - OPTION_NUMBERS];
}

static void take_number(struct arguments *arguments, int option)
{
	char *end;
	unsigned long value = strtoul(optarg, &end, 10);

	if (end == optarg || *end || value > NUMBER_MAX)
	{
		refuse("a number is none, or too large");
	}
	*number_of(arguments, option) = (unsigned)value;
}

static void take_text(struct arguments *arguments, int option)
{
	const char **const texts[] = {
		[OPTION_LOG] = &arguments->log,
		[OPTION_SERVERS] = &arguments->load.server.servers,
		[OPTION_ACCOUNTS] = &arguments->load.accounts,
		[OPTION_TARGETS] = &arguments->load.targets,
		[OPTION_CERTIFICATES] = &arguments->check.certificates,
		[OPTION_GUESSES] = &arguments->check.guesses,
		[OPTION_ID_KEY] = &arguments->check.id_key,
	};

	*texts[option] = optarg;
}

static void parse(struct arguments *arguments, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
	{
		if (option == OPTION_HELP)
		{
			(void)fputs(help, stdout);
			exit(0);
		}
		if (option == '?')
		{
			refuse("an option is unknown, or lacks its value");
		}
		if (option >= OPTION_NUMBERS)
		{
			take_number(arguments, option);
		}
		else
		{
			take_text(arguments, option);
		}
	}
	if (!arguments->log)
	{
		refuse("--log is missing");
	}
}

static int run_load(struct arguments *arguments)
{
	struct load_options *load = &arguments->load;

	if (!load->server.servers || !load->accounts || !load->n_clients ||
		load->n_devices < 1 || load->n_devices > MODEL_DEVICES)
	{
		refuse("--servers, --accounts, or a number in its bounds is missing");
	}
	if (!load->n_ready)
	{
		load->n_ready = load->n_clients;
	}
	if (!acks_open(arguments->log))
	{
		perror(arguments->log);
		return 2;
	}
	load->log = arguments->log;
	return load_run(load);
}

static int run_check(struct arguments *arguments)
{
	arguments->check.server = arguments->load.server;
	arguments->check.log = arguments->log;
	return check_run(&arguments->check);
}

static int run_event(struct arguments *arguments, char **rest)
{
	struct acks_line line;

	if (!rest[0] || !rest[1] || !acks_open(arguments->log))
	{
		refuse("the event lacks its kind, or the log cannot be written");
	}
	acks_begin(&line, "event", rest[0]);
	acks_end(&line, rest[1], "%s", "");
	return 0;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {
		.load = { .server = { .timeout_ms = TIMEOUT_MS },
				  .n_clients = 8,
				  .per_second = 40,
				  .guesses_per_second = 8,
				  .n_devices = 2,
				  .seed = 1 },
	};
	const char *command;

	parse(&arguments, argc, argv);
	command = optind < argc ? argv[optind++] : "";
	if (strcmp(command, "load") == 0)
	{
		return run_load(&arguments);
	}
	if (strcmp(command, "check") == 0)
	{
		return run_check(&arguments);
	}
	if (strcmp(command, "gaps") == 0)
	{
		return gaps_run(arguments.log, arguments.limit_ms);
	}
	if (strcmp(command, "event") == 0)
	{
		return run_event(&arguments, argv + optind);
	}
	refuse("no such command");
	return 2;
}
