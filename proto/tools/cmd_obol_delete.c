/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol delete */
#include "tools/cmd_obol.h"

#include <inttypes.h>
#include <string.h>

struct delete_options {
	struct common_options common;
	const char *name;
	bool yes;
};

static const struct option_row rows[] = {
	{ "yes", 'y', OBOL_OPTION_FLAG, offsetof(struct delete_options, yes), NULL,
	  "do not ask", 0, 0 },
};

static enum obol_cause parse(struct tool *tool, const struct command *command,
							 int argc, char **argv,
							 struct delete_options *options)
{
	struct option_words words = { &options->name, 1, 0 };

	memset(options, 0, sizeof(*options));
	common_options_init(&options->common);
	return tool_parse(tool, command, argc, argv, options, &words);
}

static enum obol_cause check(struct tool *tool,
							 const struct delete_options *options)
{
	if (!options->name)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "obol delete wants a credential's name; obol list has "
						 "them");
	}
	return cmd_name_ok(tool, options->name) ? OBOL_CAUSE_NONE
											: tool->error.cause;
}

/* What is stored under the name, and the user's word that it shall go. */
static enum obol_cause confirm(struct tool *tool,
							   const struct delete_options *options,
							   struct obol_credential_info *info)
{
	enum obol_cause cause = tool_find(tool, options->name, info);

	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	if (!info->version || info->deleted)
	{
		return tool_fail(tool, OBOL_CAUSE_NOT_FOUND,
						 "there is no credential %s; obol list has the names",
						 options->name);
	}
	if (options->yes)
	{
		return OBOL_CAUSE_NONE;
	}
	if (!tool_confirm(tool, false,
					  "Delete version %" PRIu64 " of %s for all devices?",
					  info->version, options->name))
	{
		return tool_fail(tool, OBOL_CAUSE_ABORTED,
						 "nothing was deleted; --yes deletes without a "
						 "question");
	}
	return tool_login_again(tool);
}

static enum obol_cause do_delete(struct tool *tool,
								 const struct delete_options *options)
{
	struct obol_credential_info info;
	enum obol_cause cause = tool_open(tool);

	if (cause == OBOL_CAUSE_NONE)
	{
		/* a device's secret lets nobody delete */
		cause = tool_login_password(tool);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = confirm(tool, options, &info);
	}
	if (cause == OBOL_CAUSE_NONE &&
		obol_client_delete(tool->client, options->name, info.version) !=
			OBOL_OK)
	{
		cause = tool_fail_client(tool);
	}
	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	if (tool->common.json)
	{
		obol_json_str(&tool->json, "deleted", options->name);
	}
	tool_say(tool,
			 "%s is deleted. A certificate in it stays valid until it "
			 "expires or the operator revokes it.",
			 options->name);
	return OBOL_CAUSE_NONE;
}

static enum obol_cause run(struct tool *tool, const struct command *command,
						   int argc, char **argv)
{
	struct delete_options options;
	enum obol_cause cause = parse(tool, command, argc, argv, &options);

	if (cause != OBOL_CAUSE_NONE || tool->is_help)
	{
		return cause;
	}
	cause = check(tool, &options);
	return cause == OBOL_CAUSE_NONE ? do_delete(tool, &options) : cause;
}

const struct command cmd_obol_delete = {
	.name = "delete",
	.usage = "NAME",
	.summary = "delete a credential",
	.text = "Deletes the credential NAME for all devices, after a login with "
			"the password.",
	.options = { rows, sizeof(rows) / sizeof(rows[0]) },
	.run = run,
};
