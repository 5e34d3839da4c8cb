/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol renew */
#include "tools/cmd_obol.h"

#include <string.h>

struct renew_options {
	struct common_options common;
	const char *name;
};

static enum obol_cause parse(struct tool *tool, const struct command *command,
							 int argc, char **argv,
							 struct renew_options *options)
{
	struct option_words words = { &options->name, 1, 0 };

	memset(options, 0, sizeof(*options));
	common_options_init(&options->common);
	options->name = OBOL_CLIENT_VPN;
	return tool_parse(tool, command, argc, argv, options, &words);
}

static enum obol_cause check(struct tool *tool,
							 const struct renew_options *options)
{
	return cmd_name_ok(tool, options->name) ? OBOL_CAUSE_NONE
											: tool->error.cause;
}

static enum obol_cause do_renew(struct tool *tool,
								const struct renew_options *options)
{
	struct obol_bundle *bundle = NULL;
	enum obol_cause cause = tool_open(tool);

	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_login(tool);
	}
	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	tool_busy(tool, "Making a key and having it certified");
	if (obol_client_issue(tool->client, options->name, &bundle) != OBOL_OK)
	{
		return tool_fail_client(tool);
	}
	tool_busy(tool, NULL);
	tool_say(tool, "A new key, with this certificate:");
	cause = cmd_show_bundle(tool, bundle);
	obol_bundle_free(bundle);
	return cause;
}

static enum obol_cause run(struct tool *tool, const struct command *command,
						   int argc, char **argv)
{
	struct renew_options options;
	enum obol_cause cause = parse(tool, command, argc, argv, &options);

	if (cause != OBOL_CAUSE_NONE || tool->is_help)
	{
		return cause;
	}
	cause = check(tool, &options);
	return cause == OBOL_CAUSE_NONE ? do_renew(tool, &options) : cause;
}

const struct command cmd_obol_renew = {
	.name = "renew",
	.usage = "[NAME]",
	.summary = "have a new key certified now",
	.text =
		"Makes a new key on this machine, has the gateway's CA certify it, and "
		"stores both, sealed, as NAME (vpn). Daemons fetch it by themselves; "
		"they also renew by themselves at two thirds of a certificate's life.",
	.run = run,
};
