/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol recovery */
#include "tools/cmd_obol.h"

#include <string.h>

#include "seal/code.h"
#include "tools/quality.h"

struct recovery_options {
	struct common_options common;
	const char *action;
	/** or TOOL_NONE */
	uint32_t code_fd;
	uint32_t new_password_fd;
	uint32_t min_quality;
};

static const struct option_row rows[] = {
	{ "code-fd", 0, OBOL_OPTION_NUMBER,
	  offsetof(struct recovery_options, code_fd), "N",
	  "read the recovery code from this descriptor", 0, 65535 },
	{ "new-password-fd", 0, OBOL_OPTION_NUMBER,
	  offsetof(struct recovery_options, new_password_fd), "N",
	  "read the new password from this descriptor", 0, 65535 },
	{ "min-quality", 0, OBOL_OPTION_NUMBER,
	  offsetof(struct recovery_options, min_quality), "SCORE",
	  "score wanted of a new password, 0 to 100 (20)", 0, 100 },
};

static enum obol_cause parse(struct tool *tool, const struct command *command,
							 int argc, char **argv,
							 struct recovery_options *options)
{
	struct option_words words = { &options->action, 1, 0 };

	memset(options, 0, sizeof(*options));
	common_options_init(&options->common);
	options->code_fd = TOOL_NONE;
	options->new_password_fd = TOOL_NONE;
	options->min_quality = QUALITY_MINIMUM;
	return tool_parse(tool, command, argc, argv, options, &words);
}

static enum obol_cause check(struct tool *tool,
							 const struct recovery_options *options)
{
	bool is_new = options->action && !strcmp(options->action, "new");

	if (!is_new && (!options->action || strcmp(options->action, "use") != 0))
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "obol recovery knows: new, use");
	}
	if (is_new && (options->code_fd != TOOL_NONE ||
				   options->new_password_fd != TOOL_NONE))
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "--code-fd and --new-password-fd go with use");
	}
	return OBOL_CAUSE_NONE;
}

static enum obol_cause do_new(struct tool *tool)
{
	enum obol_cause cause = tool_login_password(tool);

	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_greet(tool);
	}
	return cause == OBOL_CAUSE_NONE ? cmd_new_recovery(tool) : cause;
}

/* A slip costs no guess: it shows before anything is sent. */
static enum obol_cause ask_code(struct tool *tool,
								const struct recovery_options *options,
								struct obol_secret **code)
{
	struct obol_secret *typed = NULL, *bits = NULL;
	enum obol_status status;
	enum obol_cause cause = tool_ask_secret(
		tool, options->code_fd, "Recovery code: ", "code-fd", &typed);

	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	status =
		obol_code_parse(obol_secret_view(typed), OBOL_RECOVERY_BITS, &bits);
	obol_secret_free(bits);
	if (status != OBOL_OK)
	{
		obol_secret_free(typed);
		return tool_fail(tool, OBOL_CAUSE_CODE,
						 status == OBOL_ERR_AUTH
							 ? "The recovery code has a slip in it: compare it "
							   "with what you wrote down. Nothing was sent."
							 : "A recovery code has 27 letters and digits. "
							   "Nothing was sent.");
	}
	*code = typed;
	return OBOL_CAUSE_NONE;
}

static enum obol_cause login(struct tool *tool, const struct obol_secret *code)
{
	enum obol_status status;

	tool_busy(tool, "Logging in");
	status = obol_client_login_recovery(tool->client, code);
	tool_busy(tool, NULL);
	return status == OBOL_OK ? OBOL_CAUSE_NONE : tool_fail_client(tool);
}

static enum obol_cause set_password(struct tool *tool,
									const struct obol_secret *password)
{
	tool_busy(tool, "Stretching the new password and storing it");
	if (obol_client_change_password(tool->client, password) != OBOL_OK)
	{
		return tool_fail_client(tool);
	}
	tool_busy(tool, NULL);
	tool_say(tool, "The account has its new password.\n");
	/* the code has been typed into a machine: another takes its place */
	return cmd_new_recovery(tool);
}

/* The new password is chosen before the login, whose session is short. */
static enum obol_cause do_use(struct tool *tool,
							  const struct recovery_options *options)
{
	struct obol_secret *code = NULL, *password = NULL;
	enum obol_cause cause = ask_code(tool, options, &code);

	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_ask_new_password(tool, options->new_password_fd,
									  options->min_quality, NULL, &password);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = login(tool, code);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_greet(tool);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = set_password(tool, password);
	}
	obol_secret_free(code);
	obol_secret_free(password);
	return cause;
}

static enum obol_cause run(struct tool *tool, const struct command *command,
						   int argc, char **argv)
{
	struct recovery_options options;
	enum obol_cause cause = parse(tool, command, argc, argv, &options);

	if (cause != OBOL_CAUSE_NONE || tool->is_help)
	{
		return cause;
	}
	cause = check(tool, &options);
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_open(tool);
	}
	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	return !strcmp(options.action, "new") ? do_new(tool)
										  : do_use(tool, &options);
}

const struct command cmd_obol_recovery = {
	.name = "recovery",
	.usage = "new | use",
	.summary = "make a recovery code, or use it",
	.text = "new makes a recovery code, in place of one that there may be; it "
			"wants the password.\nuse sets a new password with the code when "
			"the old one is forgotten, and makes the next code.",
	.options = { rows, sizeof(rows) / sizeof(rows[0]) },
	.run = run,
};
