/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol renew */
#include "tools/cmd_obol.h"

#include <stdlib.h>
#include <string.h>

#include "tools/text.h"

struct renew_options {
	struct common_options common;
	const char *name;
	bool if_due;
	const char *accept_ca;
	uint8_t fingerprint[OBOL_SHA256_LEN];
};

static const struct option_row rows[] = {
	{ "if-due", 0, OBOL_OPTION_FLAG, offsetof(struct renew_options, if_due),
	  NULL, "only at two thirds of the certificate's life", 0, 0 },
	{ "accept-ca", 0, OBOL_OPTION_TEXT,
	  offsetof(struct renew_options, accept_ca), "SHA-256",
	  "accept a CA that is new here, by its fingerprint", 0, 0 },
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

static enum obol_cause check(struct tool *tool, struct renew_options *options)
{
	if (options->accept_ca &&
		!cmd_read_fingerprint(options->accept_ca, options->fingerprint))
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "a SHA-256 fingerprint has 64 hexadecimal digits");
	}
	return cmd_name_ok(tool, options->name) ? OBOL_CAUSE_NONE
											: tool->error.cause;
}

/* Each of an account's devices has a moment of its own, so that they do not
 * meet; whichever is first spares the others the work. */
static bool is_due(struct tool *tool, const struct obol_bundle *bundle)
{
	const struct obol_login_info *info = obol_client_login_info(tool->client);
	uint64_t at = obol_bundle_renew_at(
		bundle, tool->device.secret ? tool->device.id : NULL);

	return !obol_bundle_key_was_shared(bundle) && at <= info->server_time;
}

static void say_not_due(struct tool *tool, const struct obol_bundle *bundle)
{
	char text[TEXT_TIME_MAX];
	uint64_t at = obol_bundle_renew_at(
		bundle, tool->device.secret ? tool->device.id : NULL);

	if (tool->common.json)
	{
		obol_json_bool(&tool->json, "renewed", false);
	}
	else if (obol_bundle_key_was_shared(bundle))
	{
		tool_say(tool, "The operator has brought it; it is not renewed here.");
	}
	else
	{
		tool_say(tool, "It is not due before %s.", text_time(text, at));
	}
}

static enum obol_cause issue(struct tool *tool,
							 const struct renew_options *options)
{
	struct obol_bundle *bundle = NULL;
	enum obol_cause cause;

	if (options->accept_ca)
	{
		obol_client_accept_ca(tool->client, options->fingerprint);
	}
	tool_busy(tool, "Making a key and having it certified");
	if (obol_client_issue(tool->client, options->name, &bundle) != OBOL_OK)
	{
		return tool_fail_client(tool);
	}
	tool_busy(tool, NULL);
	if (options->if_due && tool->common.json)
	{
		obol_json_bool(&tool->json, "renewed", true);
	}
	tool_say(tool, "A new key, with this certificate:");
	cause = cmd_show_bundle(tool, bundle);
	obol_bundle_free(bundle);
	return cause;
}

/* What has expired is due above all. */
static enum obol_cause issue_if_due(struct tool *tool,
									const struct renew_options *options)
{
	struct obol_bundle *bundle = NULL;
	enum obol_cause cause;
	uint64_t version;

	if (obol_client_fetch(tool->client, options->name, 0, &bundle, &version) !=
		OBOL_OK)
	{
		cause = tool_fail_client(tool);
		if (cause != OBOL_CAUSE_EXPIRED)
		{
			return cause;
		}
		memset(&tool->error, 0, sizeof(tool->error));
		return issue(tool, options);
	}
	if (is_due(tool, bundle))
	{
		cause = issue(tool, options);
	}
	else
	{
		say_not_due(tool, bundle);
		cause = cmd_show_bundle(tool, bundle);
	}
	obol_bundle_free(bundle);
	return cause;
}

/* The login's answer tells the mode, and comes with the first request. */
static enum obol_cause check_mode(struct tool *tool)
{
	struct obol_credential_info *items = NULL;
	size_t n;

	if (obol_client_list(tool->client, &items, &n) != OBOL_OK)
	{
		return tool_fail_client(tool);
	}
	free(items);
	if (obol_client_login_info(tool->client)->mode == OBOL_CLIENT_MODE_DEVICE)
	{
		return tool_fail(tool, OBOL_CAUSE_NOT_ALLOWED,
						 "this account's devices make their own certificates, "
						 "and nothing is stored that could be renewed: the "
						 "daemon renews by itself, and makes a new one when it "
						 "is restarted; obol get --pkcs12 -o FILE makes one "
						 "for another program");
	}
	return OBOL_CAUSE_NONE;
}

static enum obol_cause do_renew(struct tool *tool,
								const struct renew_options *options)
{
	enum obol_cause cause = tool_open(tool);

	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_login(tool);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = check_mode(tool);
	}
	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	return options->if_due ? issue_if_due(tool, options) : issue(tool, options);
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
		"they also renew by themselves at two thirds of a certificate's life, "
		"give or take a tenth; where no daemon does, a timer can with "
		"--if-due.\n\n"
		"A CA that nobody whom this account trusts vouches for is refused. If "
		"the operator says that it is his, --accept-ca with the fingerprint "
		"that he reads out accepts it.",
	.options = { rows, sizeof(rows) / sizeof(rows[0]) },
	.run = run,
};
