/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl, the operator's tool: finds the command and runs it. */
#include "tools/ctl_commands.h"

#include "base/standard_io.h"
#include "daemon/privileges.h"

#include <locale.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct command {
	/** one word or two */
	const char *name;
	int (*run)(struct obol_ctl *ctl, int argc, char **argv);
	const char *about;
} commands[] = {
	{ "init", obol_ctl_init, "set up key file, database, CA, configuration" },
	{ "account add", obol_ctl_account_add, "add an account, print its code" },
	{ "account import", obol_ctl_account_import,
	  "add an account for each row of a table" },
	{ "account list", obol_ctl_account_list, "list all accounts" },
	{ "account show", obol_ctl_account_show, "show all about one account" },
	{ "account set", obol_ctl_account_set,
	  "change its lifetime, end, mode, key type" },
	{ "account disable", obol_ctl_account_disable, "let nobody log in to it" },
	{ "account enable", obol_ctl_account_enable, "undo disable" },
	{ "account remove", obol_ctl_account_remove, "remove it for good" },
	{ "account reset", obol_ctl_account_reset,
	  "forgotten password: a new code and account key" },
	{ "account new-code", obol_ctl_account_new_code,
	  "a code was lost before its use" },
	{ "account unlock", obol_ctl_account_unlock,
	  "forget the failed logins that were counted" },
	{ "account approve", obol_ctl_account_approve,
	  "let an account be used that its user made" },
	{ "enrolment add", obol_ctl_enrolment_add,
	  "make a team's code, with which it makes accounts" },
	{ "enrolment list", obol_ctl_enrolment_list, "list the teams' codes" },
	{ "enrolment revoke", obol_ctl_enrolment_revoke, "end a team's code" },
	{ "device list", obol_ctl_device_list, "list an account's devices" },
	{ "device revoke", obol_ctl_device_revoke, "end a device's access" },
	{ "certificate list", obol_ctl_certificate_list,
	  "list certificates that have not ended" },
	{ "certificate revoke", obol_ctl_certificate_revoke,
	  "revoke one by its serial number" },
	{ "ca status", obol_ctl_ca_status, "show the CAs and who lacks the set" },
	{ "ca next", obol_ctl_ca_next, "make or take the CA that follows" },
	{ "ca switch", obol_ctl_ca_switch, "have the next CA issue" },
	{ "ca retire", obol_ctl_ca_retire, "take the old CA out of the set" },
	{ "ca install", obol_ctl_ca_install_command,
	  "bring a gateway's CA certificates up to date" },
	{ "ca export-set", obol_ctl_ca_export_set,
	  "write the set for a root that is off line" },
	{ "ca import-set", obol_ctl_ca_import_set,
	  "take the set that it has signed" },
	{ "signer pin", obol_ctl_signer_pin,
	  "print what a signer on another machine knows us by" },
	{ "signer init", obol_ctl_signer_init, "set up such a signer here" },
	{ "signer next", obol_ctl_signer_next,
	  "make or take the CA that follows, where its key is" },
	{ "signer sign-set", obol_ctl_signer_sign_set,
	  "sign a set of CAs, where their keys are" },
	{ "signer switch", obol_ctl_signer_switch, "have the next CA sign there" },
	{ "gateway add", obol_ctl_gateway_add,
	  "add a gateway that follows revocations" },
	{ "gateway list", obol_ctl_gateway_list, "list them, and their tunnels" },
	{ "gateway-cert", obol_ctl_gateway_cert,
	  "make the VPN gateway's key and certificate" },
	{ "keys new", obol_ctl_keys_new, "make a new key for the server" },
	{ "keys list", obol_ctl_keys_list, "list the server's keys" },
	{ "keys retire", obol_ctl_keys_retire, "remove an old key" },
	{ "history", obol_ctl_history, "show the audit trail" },
	{ "status", obol_ctl_status, "show what ends when" },
	{ "backup", obol_ctl_backup, "copy database and keys, to two places" },
	{ "restore", obol_ctl_restore, "put a backup back" },
	{ "migrate", obol_ctl_migrate, "copy all to a PostgreSQL database" },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* What a help desk may do, by the control socket. */
static const char *const for_control[] = {
	"account list",   "account show", "account reset", "account new-code",
	"account unlock", "device list",  "device revoke", "history",
};

/** Those of one word and another one, such as all of "account"; false when
 * there are none. */
static bool print_group(FILE *out, const char *word)
{
	size_t len = strlen(word), i;
	bool found = false;

	for (i = 0; i < N_COMMANDS; i++)
	{
		const char *name = commands[i].name;

		if (strncmp(name, word, len) == 0 && name[len] == ' ')
		{
			(void)fprintf(out, "  %-20s %s\n", name, commands[i].about);
			found = true;
		}
	}
	return found;
}

static void print_help(void)
{
	size_t i;

	(void)printf("usage: obolctl [--config FILE] [--control SOCKET] [--json] "
				 "COMMAND ...\n"
				 "       obolctl --version\n\n"
				 "The operator's tool of the credential server obold. Each "
				 "command has --help;\nobolctl(8) has it all.\n\n");
	for (i = 0; i < N_COMMANDS; i++)
	{
		(void)printf("  %-20s %s\n", commands[i].name, commands[i].about);
	}
}

/** The operator's login name, as far as the system tells. */
static void set_actor(struct obol_store_actor *actor)
{
	const struct passwd *pw = getpwuid(getuid());
	const char *user = pw ? pw->pw_name : "unknown";
	/* set by sudo for root alone; anybody else's says nothing */
	const char *behind = getuid() == 0 ? getenv("SUDO_USER") : NULL;

	if (behind && *behind)
	{
		(void)snprintf(actor->source, sizeof(actor->source), "%s (%s)", user,
					   behind);
	}
	else
	{
		(void)snprintf(actor->source, sizeof(actor->source), "%s", user);
	}
}

static const struct command *find(int argc, char **argv, int *n_words)
{
	char name[64];
	size_t i;

	for (*n_words = 2; *n_words > 0; (*n_words)--)
	{
		if (argc < *n_words)
		{
			continue;
		}
		(void)snprintf(name, sizeof(name), "%s%s%s", argv[0],
					   *n_words > 1 ? " " : "", *n_words > 1 ? argv[1] : "");
		for (i = 0; i < N_COMMANDS; i++)
		{
			if (strcmp(commands[i].name, name) == 0)
			{
				return &commands[i];
			}
		}
	}
	return NULL;
}

static bool is_for_control(const struct command *command)
{
	size_t i;

	for (i = 0; i < sizeof(for_control) / sizeof(for_control[0]); i++)
	{
		if (strcmp(for_control[i], command->name) == 0)
		{
			return true;
		}
	}
	return false;
}

/** Options before the command; the number of words they take, or -1. */
static int early_options(struct obol_ctl *ctl, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++)
	{
		if (strcmp(argv[i], "--json") == 0 || strcmp(argv[i], "-j") == 0)
		{
			ctl->is_json = true;
		}
		else if ((strcmp(argv[i], "--config") == 0 ||
				  strcmp(argv[i], "-c") == 0) &&
				 i + 1 < argc)
		{
			ctl->config_path = argv[++i];
		}
		else if (strncmp(argv[i], "--config=", 9) == 0)
		{
			ctl->config_path = argv[i] + 9;
		}
		else if (strcmp(argv[i], "--control") == 0 && i + 1 < argc)
		{
			ctl->control_path = argv[++i];
		}
		else if (strncmp(argv[i], "--control=", 10) == 0)
		{
			ctl->control_path = argv[i] + 10;
		}
		else
		{
			return -1;
		}
	}
	return i - 1;
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/** What was typed is no command: the first word of some, perhaps. */
static int no_command(int argc, char **argv)
{
	if (argc == 2 && is_help(argv[1]) && print_group(stdout, argv[0]))
	{
		return OBOL_EXIT_DONE;
	}
	(void)fprintf(stderr,
				  "obolctl: there is no such command; see obolctl --help\n");
	(void)print_group(stderr, argv[0]);
	return OBOL_EXIT_USAGE;
}

static int run(struct obol_ctl *ctl, int argc, char **argv)
{
	const struct command *command;
	int n_words, skip;

	if (argc == 2 && is_help(argv[1]))
	{
		print_help();
		return OBOL_EXIT_DONE;
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
	{
		(void)printf("obolctl %s\n", OBOL_VERSION);
		return OBOL_EXIT_DONE;
	}
	skip = early_options(ctl, argc, argv);
	if (skip < 0 || argc - 1 - skip < 1)
	{
		(void)fprintf(stderr, "obolctl: a command is missing; see obolctl "
							  "--help\n");
		return OBOL_EXIT_USAGE;
	}
	command = find(argc - 1 - skip, argv + 1 + skip, &n_words);
	if (!command)
	{
		return no_command(argc - 1 - skip, argv + 1 + skip);
	}
	ctl->is_for_control = is_for_control(command);
	return command->run(ctl, argc - skip - n_words, argv + skip + n_words);
}

int main(int argc, char **argv)
{
	struct obol_ctl ctl = {
		.rng = obol_rng_system(),
		.clock = obol_clock_system(),
		.config_path = OBOL_CONFIG_PATH,
	};
	int code;

	if (!obol_standard_io_open())
	{
		return OBOL_EXIT_FAILED;
	}
	/* keys and codes are in this memory, and libraries make copies of them */
	obol_privileges_hide();
	(void)setlocale(LC_CTYPE, "");
	(void)umask(077);
	(void)signal(SIGPIPE, SIG_IGN);
	obol_log_init_stderr(&ctl.log, "obolctl", OBOL_LOG_WARN);
	set_actor(&ctl.actor);
	code = run(&ctl, argc, argv);
	obol_ctl_clear(&ctl);
	if (!obol_standard_output_is_whole())
	{
		(void)fprintf(stderr, "obolctl: the output could not be written\n");
		code = code ? code : OBOL_EXIT_FAILED;
	}
	return code;
}
