/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol, the user's tool: command table, failures, exit code. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/standard_io.h"
#include "client/error.h"
#include "tools/exit_code.h"
#include "tools/obol.h"
#include "tools/text.h"
#include "tools/tool_token.h"

/* Clocks that differ by less are none of the user's business. */
#define CLOCK_OFF_MIN_S 300

static void print_commands(FILE *out)
{
	const struct command *const *command;

	(void)fprintf(
		out, "usage: obol COMMAND [ARGUMENT]... [OPTION]...\n"
			 "       obol COMMAND --help\n"
			 "       obol --version\n\n"
			 "Credentials of a VPN account: kept at the credential server, "
			 "sealed by\n"
			 "your password and your devices.\n\n");
	for (command = obol_commands; *command; command++)
	{
		(void)fprintf(out, "  %-10s %s\n", (*command)->name,
					  (*command)->summary);
	}
}

static const struct command *find_command(const char *name)
{
	const struct command *const *command;

	for (command = obol_commands; *command; command++)
	{
		if (!strcmp((*command)->name, name))
		{
			return *command;
		}
	}
	return NULL;
}

/* Somebody has tried this account's password, or tries: its user must hear of
 * it, whatever was asked for. */
static void tell_failures(struct tool *tool)
{
	const struct obol_login_info *info = &tool->login_info;
	char time[TEXT_TIME_MAX], source[2 * sizeof(info->last_failure_source)];

	if (tool->client)
	{
		tool_keep_login_info(tool);
	}
	if (!info->n_failures)
	{
		return;
	}
	tool_note(
		tool,
		"%" PRIu32 " login%s failed since the last one that worked; the "
		"last at %s from %s. If that was not you, choose another "
		"password, and see obol history.",
		info->n_failures, info->n_failures == 1 ? " has" : "s have",
		text_time(time, info->last_failure_at),
		info->last_failure_source[0]
			? text_clean(source, sizeof(source), info->last_failure_source)
			: "an unknown address");
}

/* A clock that is off does not harm at once: say so before it does. */
static void tell_clock(struct tool *tool)
{
	char duration[OBOL_DURATION_TEXT_MAX];
	int64_t off =
		tool->client ? obol_client_error(tool->client)->clock_off_s : 0;
	uint64_t by = off < 0 ? (uint64_t)0 - (uint64_t)off : (uint64_t)off;

	if (by < CLOCK_OFF_MIN_S || tool->error.cause == OBOL_CAUSE_CLOCK)
	{
		return;
	}
	tool_note(tool,
			  "This machine's clock is %s %s the server's. Set it, or "
			  "certificates will count as not valid.",
			  obol_duration_text(by, duration),
			  off < 0 ? "ahead of" : "behind");
}

/* Whatever the command came to: what was refused must be heard of. */
static void tell_anchors(struct tool *tool)
{
	const struct obol_error *error =
		tool->client ? obol_client_anchors_error(tool->client) : NULL;
	char text[sizeof(error->text)];

	if (error && error->cause == OBOL_CAUSE_ANCHORS &&
		tool->error.cause != OBOL_CAUSE_ANCHORS)
	{
		tool_note(tool, "%s", text_clean(text, sizeof(text), error->text));
	}
}

static void json_failure(struct tool *tool)
{
	json_buffer_clear(&tool->json_buffer);
	if (json_buffer_init(&tool->json_buffer, &tool->json) != OBOL_OK)
	{
		return;
	}
	obol_json_begin_object(&tool->json, "error");
	obol_json_str(&tool->json, "cause", obol_cause_name(tool->error.cause));
	obol_json_number(&tool->json, "exit", exit_code_of(tool->error.cause));
	obol_json_str(&tool->json, "text", tool->error.text);
	if (tool->error.reply)
	{
		obol_json_number(&tool->json, "reply", tool->error.reply);
	}
	if (tool->error.retry_after_s)
	{
		obol_json_number(&tool->json, "retry_after_s",
						 tool->error.retry_after_s);
	}
	if (tool->error.clock_off_s)
	{
		obol_json_number(&tool->json, "clock_off_s", tool->error.clock_off_s);
	}
	obol_json_end_object(&tool->json);
}

static bool print_json(struct tool *tool)
{
	struct obol_bytes text;

	return tool->json_buffer.file &&
		   json_buffer_end(&tool->json_buffer, &tool->json, &text) == OBOL_OK &&
		   text_bytes(STDOUT_FILENO, text);
}

/* The code of what was done, unless nobody can have seen all of it. */
static int end_output(int code, bool is_whole)
{
	is_whole = obol_standard_output_is_whole() && is_whole;
	if (is_whole || code != EXIT_SUCCESS)
	{
		return code;
	}
	(void)fputs("cannot write to standard output\n", stderr);
	return exit_code_of(OBOL_CAUSE_FILE);
}

static int finish(struct tool *tool, enum obol_cause cause)
{
	char text[sizeof(tool->error.text)];
	bool is_whole;

	tool_busy(tool, NULL);
	if (cause == OBOL_CAUSE_NONE)
	{
		tell_failures(tool);
		tell_clock(tool);
	}
	else
	{
		tool_note(tool, "%s", text_clean(text, sizeof(text), tool->error.text));
		if (tool->common.json)
		{
			json_failure(tool);
		}
	}
	tell_anchors(tool);
	is_whole = !tool->common.json || print_json(tool);
	return end_output(exit_code_of(tool->error.cause), is_whole);
}

static int run(const struct command *command, int argc, char **argv)
{
	struct tool tool;
	enum obol_cause cause;
	int code = EXIT_SUCCESS;

	memset(&tool, 0, sizeof(tool));
	tool.command = command->name;
	tool.tty = -1;
	cause = json_buffer_init(&tool.json_buffer, &tool.json) == OBOL_OK
				? command->run(&tool, command, argc, argv)
				: tool_fail(&tool, OBOL_CAUSE_INTERNAL, "out of memory");
	if (cause == OBOL_CAUSE_NONE && tool.is_help)
	{
		tool_help(command);
		code = end_output(EXIT_SUCCESS, true);
	}
	else
	{
		code = finish(&tool, cause);
	}
	tool_token_close(&tool.token);
	obol_client_free(tool.client);
	obol_secret_free(tool.password);
	obol_device_clear(&tool.device);
	json_buffer_clear(&tool.json_buffer);
	if (tool.tty >= 0)
	{
		(void)close(tool.tty);
	}
	return code;
}

int main(int argc, char **argv)
{
	static const struct rlimit none = { 0, 0 };
	const struct command *command;

	if (!obol_standard_io_open())
	{
		return exit_code_of(OBOL_CAUSE_INTERNAL);
	}
	/* passwords are in this memory, and libraries make copies of them */
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0);
	if (argc < 2)
	{
		print_commands(stderr);
		return exit_code_of(OBOL_CAUSE_CONFIG);
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
		!strcmp(argv[1], "help"))
	{
		print_commands(stdout);
		return end_output(EXIT_SUCCESS, true);
	}
	if (!strcmp(argv[1], "--version"))
	{
		(void)printf("obol %s\n", OBOL_VERSION);
		return end_output(EXIT_SUCCESS, true);
	}
	command = find_command(argv[1]);
	if (!command)
	{
		(void)fprintf(stderr, "obol: there is no such command; see obol "
							  "--help\n");
		return exit_code_of(OBOL_CAUSE_CONFIG);
	}
	return run(command, argc - 1, argv + 1);
}
