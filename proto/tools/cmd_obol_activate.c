/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol activate */
#include "tools/activate.h"
#include "tools/cmd_obol.h"

#include <string.h>

static const struct option_row rows[] = {
	{ "code", 0, OBOL_OPTION_FLAG, offsetof(struct activate_options, code),
	  NULL, "ask for an activation code only", 0, 0 },
	{ "code-fd", 0, OBOL_OPTION_NUMBER,
	  offsetof(struct activate_options, code_fd), "N",
	  "read the activation code from this descriptor", 0, 65535 },
	{ "new-password-fd", 0, OBOL_OPTION_NUMBER,
	  offsetof(struct activate_options, new_password_fd), "N",
	  "read the new password from this descriptor", 0, 65535 },
	{ "min-quality", 0, OBOL_OPTION_NUMBER,
	  offsetof(struct activate_options, min_quality), "SCORE",
	  "score wanted of a new password, 0 to 100 (20)", 0, 100 },
	{ "device", 'd', OBOL_OPTION_TEXT,
	  offsetof(struct activate_options, device), "NAME",
	  "this device's name (host name)", 0, 0 },
	{ "gateway", 0, OBOL_OPTION_TEXT,
	  offsetof(struct activate_options, gateway), "ADDRESS",
	  "where the IKE gateway is (the server)", 0, 0 },
	{ "gateway-id", 0, OBOL_OPTION_TEXT,
	  offsetof(struct activate_options, gateway_id), "ID",
	  "identity in the gateway's certificate (the server)", 0, 0 },
	{ "remote-ts", 0, OBOL_OPTION_TEXT,
	  offsetof(struct activate_options, remote_ts), "NETWORKS",
	  "networks behind the gateway (" ACTIVATE_EVERYTHING ")", 0, 0 },
	{ "token", 0, OBOL_OPTION_TEXT, offsetof(struct activate_options, token),
	  "URI", "make this device's keys in a PKCS#11 token", 0, 0 },
	{ "pin-fd", 0, OBOL_OPTION_NUMBER,
	  offsetof(struct activate_options, pin_fd), "N",
	  "read the token's PIN from this descriptor", 0, 65535 },
	{ "recovery", 0, OBOL_OPTION_FLAG,
	  offsetof(struct activate_options, recovery), NULL,
	  "make a recovery code, do not ask", 0, 0 },
	{ "no-recovery", 0, OBOL_OPTION_FLAG,
	  offsetof(struct activate_options, no_recovery), NULL,
	  "make none, do not ask", 0, 0 },
	{ "no-files", 0, OBOL_OPTION_FLAG,
	  offsetof(struct activate_options, no_files), NULL,
	  "keep nothing on this machine", 0, 0 },
	{ "yes", 'y', OBOL_OPTION_FLAG, offsetof(struct activate_options, yes),
	  NULL, "replace files that exist, do not ask", 0, 0 },
};

static enum obol_cause parse(struct tool *tool, const struct command *command,
							 int argc, char **argv,
							 struct activate_options *options)
{
	struct option_words words = { &options->account, 1, 0 };

	activate_options_init(options);
	return tool_parse(tool, command, argc, argv, options, &words);
}

static enum obol_cause check(struct tool *tool,
							 struct activate_options *options,
							 struct activate_answers *answers)
{
	bool by_password = options->common.with_password ||
					   options->common.password_fd != TOOL_NONE;

	memset(answers, 0, sizeof(*answers));
	/* --account is taken as well */
	options->account =
		options->account ? options->account : options->common.account;
	if (!options->account)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "obol activate wants an account, as in obol activate "
						 "alice@vpn.example.org");
	}
	if (by_password && (options->code || options->code_fd != TOOL_NONE))
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "choose either the code or the password");
	}
	if (options->recovery && options->no_recovery)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "choose one of --recovery and --no-recovery");
	}
	if ((options->token && options->no_files) ||
		(!options->token && options->pin_fd != TOOL_NONE))
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "--pin-fd goes with --token, and that without "
						 "--no-files: the daemon has to know the token");
	}
	if (options->common.device_file || options->common.state_file)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "obol activate chooses the files by the profile's "
						 "name; use --profile and --root");
	}
	return activate_options_check(tool, options, answers);
}

/* The device's secret first: without it the server would know of a device
 * that nobody is. Setting an account up has ended the slot before, and another
 * account's is not touched. */
static enum obol_cause keep_device(struct tool *tool,
								   const struct activate_files *files,
								   const struct obol_device *device)
{
	struct obol_device old;
	enum obol_cause cause;

	activate_files_old_device(files, &old);
	cause = activate_files_pin(tool, files);
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = activate_files_device(tool, files, device);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cmd_end_device(tool, &old, "that this device had before");
		cause = activate_files_profile(tool, files);
	}
	else
	{
		cmd_end_device(tool, device, "that was made for this device just now");
	}
	obol_device_clear(&old);
	return cause;
}

/* From here on the account is active; say so, whatever else goes wrong. */
enum obol_cause activate_finish(struct tool *tool,
								const struct activate_options *options,
								const struct activate_files *files,
								const struct obol_device *device)
{
	struct obol_bundle *bundle = NULL;
	enum obol_cause cause = OBOL_CAUSE_NONE;

	if (!options->no_files)
	{
		cause = keep_device(tool, files, device);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = activate_credential(tool, &bundle);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = cmd_show_bundle(tool, bundle);
	}
	if (cause == OBOL_CAUSE_NONE && !options->no_files)
	{
		cause = activate_connection(tool, options, files, bundle);
	}
	obol_bundle_free(bundle);
	if (cause != OBOL_CAUSE_NONE)
	{
		tool_note(tool, "The account is active and has its password, but the "
						"following went wrong. Once\nit is put right, obol "
						"activate with the password goes on.");
	}
	return cause;
}

void activate_say_files(struct tool *tool, const struct activate_files *files)
{
	const struct {
		const char *path;
		const char *what;
	} written[] = {
		{ files->device, "this device's secret" },
		{ files->profile, "the plugin's profile" },
		{ files->connection, "the connection" },
		{ files->pin, "the token's PIN" },
	};
	size_t n = sizeof(written) / sizeof(written[0]), width = 0, i;

	n -= tool->token.keeps_pin ? 0 : 1;
	if (tool->common.json)
	{
		obol_json_str(&tool->json, "profile", tool->profile.name);
		obol_json_str(&tool->json, "device_file", files->device);
		obol_json_str(&tool->json, "profile_file", files->profile);
		obol_json_str(&tool->json, "connection_file", files->connection);
		if (tool->token.keeps_pin)
		{
			obol_json_str(&tool->json, "pin_file", files->pin);
		}
		return;
	}
	for (i = 0; i < n; i++)
	{
		width =
			strlen(written[i].path) > width ? strlen(written[i].path) : width;
	}
	tool_say(tool, "\nWritten, without any private key in them:");
	for (i = 0; i < n; i++)
	{
		tool_say(tool, "  %-*s  %s", (int)width, written[i].path,
				 written[i].what);
	}
	tool_say(tool,
			 "\nConnect, now and after every reboot:\n"
			 "  swanctl --reload-settings   (once, for the new profile)\n"
			 "  swanctl --load-all\n"
			 "  swanctl --initiate --ike %s --child net",
			 tool->profile.name);
}

static enum obol_cause do_activate(struct tool *tool,
								   const struct activate_options *options,
								   struct activate_answers *answers)
{
	struct obol_device device;
	struct activate_files files;
	enum obol_cause cause;

	memset(&device, 0, sizeof(device));
	/* files and answers first: a server that was asked has used the code up */
	cause = activate_prepare(tool, options, &files);
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = activate_ask(tool, options, answers);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = activate_login(tool, options, answers, &device);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = activate_finish(tool, options, &files, &device);
	}
	if (cause == OBOL_CAUSE_NONE && answers->wants_recovery)
	{
		cause = cmd_new_recovery(tool);
	}
	if (cause == OBOL_CAUSE_NONE && !options->no_files)
	{
		activate_say_files(tool, &files);
	}
	file_lock_release(&files.lock);
	obol_device_clear(&device);
	return cause;
}

static enum obol_cause run(struct tool *tool, const struct command *command,
						   int argc, char **argv)
{
	struct activate_options options;
	struct activate_answers answers;
	enum obol_cause cause = parse(tool, command, argc, argv, &options);

	if (cause != OBOL_CAUSE_NONE || tool->is_help)
	{
		return cause;
	}
	cause = check(tool, &options, &answers);
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = do_activate(tool, &options, &answers);
	}
	obol_secret_free(answers.code);
	return cause;
}

const struct command cmd_obol_activate = {
	.name = "activate",
	.usage = "NAME@SERVER",
	.summary = "set up an account, or add this device to it",
	.text = "With the operator's activation code: sets up the account with a "
			"password of your choice, and has a certificate issued for a key "
			"made here. With the password: adds this device to the account. "
			"Both write this device's secret, the plugin's profile and a "
			"connection for swanctl; no private key is written.\n\n"
			"With --token this device's keys are made in a PKCS#11 token and "
			"never leave it; the account must be one whose devices have keys "
			"of their own. Its PIN is asked for, and kept in a file for root "
			"alone, unless the URI has pin-source=file:/PATH.",
	.options = { rows, sizeof(rows) / sizeof(rows[0]) },
	.run = run,
};
