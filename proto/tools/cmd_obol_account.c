/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol account */
#include "tools/cmd_obol.h"

#include <string.h>
#include <unistd.h>

#include "tools/text.h"

struct account_options {
	struct common_options common;
	/* the action */
	const char *words[1];
	bool yes;
};

static const struct option_row rows[] = {
	{ "yes", 'y', OBOL_OPTION_FLAG, offsetof(struct account_options, yes), NULL,
	  "do not ask", 0, 0 },
};

static enum obol_cause parse(struct tool *tool, const struct command *command,
							 int argc, char **argv,
							 struct account_options *options)
{
	struct option_words words = { options->words, 1, 0 };

	memset(options, 0, sizeof(*options));
	common_options_init(&options->common);
	return tool_parse(tool, command, argc, argv, options, &words);
}

static enum obol_cause check(struct tool *tool,
							 const struct account_options *options)
{
	if (!options->words[0] || strcmp(options->words[0], "delete") != 0)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG, "obol account knows: delete");
	}
	return OBOL_CAUSE_NONE;
}

/* Twice, since nobody can undo it. */
static bool is_sure(struct tool *tool)
{
	char account[OBOL_NAME_MAX + 128];

	(void)tool_account_text(tool, account, sizeof(account));
	return tool_confirm(tool, false,
						"Delete the account %s with all its credentials and "
						"devices?",
						account) &&
		   tool_confirm(tool, false,
						"Nobody can bring it back, not even the operator. "
						"Delete %s for good?",
						account);
}

static void say_deleted(struct tool *tool)
{
	char account[OBOL_NAME_MAX + 128], path[PROFILE_PATH_MAX];

	(void)tool_account_text(tool, account, sizeof(account));
	if (tool->common.json)
	{
		obol_json_str(&tool->json, "deleted", account);
		return;
	}
	tool_say(tool, "The account %s is deleted.", account);
	if (tool_device_path(tool, path) && access(path, F_OK) == 0)
	{
		tool_say(tool,
				 "Of no use any more on this machine, for you to remove:\n"
				 "  %s\n"
				 "and the profile and the connection of the same name.",
				 path);
	}
}

static enum obol_cause do_delete(struct tool *tool,
								 const struct account_options *options)
{
	enum obol_cause cause = tool_open(tool);

	/* the password first: whose account it is, before the questions */
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_login_password(tool);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_greet(tool);
	}
	if (cause == OBOL_CAUSE_NONE && !options->yes)
	{
		cause = is_sure(tool)
					? tool_login_again(tool)
					: tool_fail(tool, OBOL_CAUSE_ABORTED,
								"nothing was deleted; --yes deletes it "
								"without a question");
	}
	if (cause == OBOL_CAUSE_NONE &&
		obol_client_delete_account(tool->client) != OBOL_OK)
	{
		cause = tool_fail_client(tool);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		say_deleted(tool);
	}
	return cause;
}

static enum obol_cause run(struct tool *tool, const struct command *command,
						   int argc, char **argv)
{
	struct account_options options;
	enum obol_cause cause = parse(tool, command, argc, argv, &options);

	if (cause != OBOL_CAUSE_NONE || tool->is_help)
	{
		return cause;
	}
	cause = check(tool, &options);
	return cause == OBOL_CAUSE_NONE ? do_delete(tool, &options) : cause;
}

const struct command cmd_obol_account = {
	.name = "account",
	.usage = "delete",
	.summary = "delete the account for good",
	.text = "Deletes the account with all its credentials, devices and codes, "
			"and revokes its certificates, after two questions. It wants the "
			"password, whatever secret this device has; a device cannot do it.",
	.options = { rows, sizeof(rows) / sizeof(rows[0]) },
	.run = run,
};
