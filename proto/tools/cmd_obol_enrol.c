/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol enrol */
#include "tools/activate.h"
#include "tools/cmd_obol.h"

#include <string.h>

#include "seal/code.h"

struct enrol_options {
	/** what the steps of obol activate take; options of every command first */
	struct activate_options activate;
	/** NULL: without a code */
	const char *team;
};

#define AT(member)                                                             \
	(offsetof(struct enrol_options, activate) +                                \
	 offsetof(struct activate_options, member))

static const struct option_row rows[] = {
	{ "team", 't', OBOL_OPTION_TEXT, offsetof(struct enrol_options, team),
	  "TEAM", "enrol with this team's code", 0, 0 },
	{ "code-fd", 0, OBOL_OPTION_NUMBER, AT(code_fd), "N",
	  "read the enrolment code from this descriptor", 0, 65535 },
	{ "new-password-fd", 0, OBOL_OPTION_NUMBER, AT(new_password_fd), "N",
	  "read the new password from this descriptor", 0, 65535 },
	{ "min-quality", 0, OBOL_OPTION_NUMBER, AT(min_quality), "SCORE",
	  "score wanted of the password, 0 to 100 (20)", 0, 100 },
	{ "device", 'd', OBOL_OPTION_TEXT, AT(device), "NAME",
	  "this device's name (host name)", 0, 0 },
	{ "gateway", 0, OBOL_OPTION_TEXT, AT(gateway), "ADDRESS",
	  "where the IKE gateway is (the server)", 0, 0 },
	{ "gateway-id", 0, OBOL_OPTION_TEXT, AT(gateway_id), "ID",
	  "identity in the gateway's certificate (the server)", 0, 0 },
	{ "remote-ts", 0, OBOL_OPTION_TEXT, AT(remote_ts), "NETWORKS",
	  "networks behind the gateway (" ACTIVATE_EVERYTHING ")", 0, 0 },
	{ "recovery", 0, OBOL_OPTION_FLAG, AT(recovery), NULL,
	  "make a recovery code, do not ask", 0, 0 },
	{ "no-recovery", 0, OBOL_OPTION_FLAG, AT(no_recovery), NULL,
	  "make none, do not ask", 0, 0 },
	{ "yes", 'y', OBOL_OPTION_FLAG, AT(yes), NULL,
	  "replace files that exist, do not ask", 0, 0 },
};

static enum obol_cause parse(struct tool *tool, const struct command *command,
							 int argc, char **argv,
							 struct enrol_options *options)
{
	struct option_words words = { &options->activate.account, 1, 0 };

	memset(options, 0, sizeof(*options));
	activate_options_init(&options->activate);
	return tool_parse(tool, command, argc, argv, options, &words);
}

static const char *fault(const struct enrol_options *options)
{
	const struct activate_options *activate = &options->activate;

	if (!activate->account)
	{
		return "obol enrol wants the name that the account shall have, as in "
			   "obol enrol alice@vpn.example.org";
	}
	if (!options->team && activate->code_fd != TOOL_NONE)
	{
		return "--code-fd goes with --team";
	}
	if (activate->common.with_password ||
		activate->common.password_fd != TOOL_NONE)
	{
		return "there is no account yet: the password is a new one, see "
			   "--new-password-fd";
	}
	if (activate->recovery && activate->no_recovery)
	{
		return "choose one of --recovery and --no-recovery";
	}
	if (activate->common.device_file || activate->common.state_file)
	{
		return "obol enrol chooses the files by the profile's name; use "
			   "--profile and --root";
	}
	return NULL;
}

static enum obol_cause check(struct tool *tool, struct enrol_options *options,
							 struct activate_answers *answers)
{
	const char *why;

	memset(answers, 0, sizeof(*answers));
	if (!options->activate.account)
	{
		options->activate.account = options->activate.common.account;
	}
	why = fault(options);
	if (why)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG, "%s", why);
	}
	return activate_options_check(tool, &options->activate, answers);
}

/* A slip is told before anything is sent. */
static enum obol_cause ask_code(struct tool *tool,
								const struct enrol_options *options,
								struct activate_answers *answers)
{
	struct obol_secret *secret = NULL;
	enum obol_cause cause;
	enum obol_status status;

	cause = tool_ask_secret(tool, options->activate.code_fd,
							"Enrolment code: ", "code-fd", &answers->code);
	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	status = obol_code_parse(obol_secret_view(answers->code),
							 OBOL_ACTIVATION_BITS, &secret);
	obol_secret_free(secret);
	return status == OBOL_OK
			   ? OBOL_CAUSE_NONE
			   : tool_fail(tool, OBOL_CAUSE_CODE,
						   status == OBOL_ERR_AUTH
							   ? "The enrolment code has a slip in it: compare "
								 "it and type it again. Nothing was sent."
							   : "An enrolment code has 17 letters and digits. "
								 "Nothing was sent.");
}

static enum obol_cause ask(struct tool *tool,
						   const struct enrol_options *options,
						   struct activate_answers *answers)
{
	const struct activate_options *activate = &options->activate;
	enum obol_cause cause = OBOL_CAUSE_NONE;

	if (options->team)
	{
		cause = ask_code(tool, options, answers);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		tool_say(tool, "Choose the account's password; you need it on new "
					   "devices only.");
		cause =
			tool_ask_new_password(tool, activate->new_password_fd,
								  activate->min_quality, NULL, &tool->password);
	}
	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	answers->wants_recovery =
		activate->recovery ||
		(!activate->no_recovery && !tool->common.json &&
		 activate->new_password_fd == TOOL_NONE &&
		 tool_confirm(tool, true,
					  "Make a recovery code, for when the password is "
					  "forgotten?"));
	return OBOL_CAUSE_NONE;
}

static enum obol_cause make_account(struct tool *tool,
									const struct enrol_options *options,
									const struct activate_answers *answers,
									struct obol_device *device, bool *waits)
{
	enum obol_status status = OBOL_OK;

	if (!options->team)
	{
		tool_busy(tool, "Making the account");
		status = obol_client_enrol_open(tool->client, tool->password,
										answers->label, device, waits);
	}
	else
	{
		tool_busy(tool, "Logging in with the enrolment code");
		status = obol_client_login_enrolment(tool->client, options->team,
											 answers->code);
		if (status == OBOL_OK)
		{
			tool_busy(tool, "Making the account");
			status = obol_client_enrol(tool->client, tool->password,
									   answers->label, device, waits);
		}
	}
	tool_busy(tool, NULL);
	return status == OBOL_OK ? OBOL_CAUSE_NONE : tool_fail_client(tool);
}

/* The device has its slot already; its certificate comes when it may log in. */
static enum obol_cause keep_for_later(struct tool *tool,
									  const struct activate_files *files,
									  const struct obol_device *device)
{
	char account[OBOL_NAME_MAX + 128];
	enum obol_cause cause = activate_files_device(tool, files, device);

	if (cause == OBOL_CAUSE_NONE)
	{
		cause = activate_files_profile(tool, files);
	}
	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	if (tool->common.json)
	{
		obol_json_bool(&tool->json, "waits_for_approval", true);
		return OBOL_CAUSE_NONE;
	}
	tool_say(tool,
			 "The account is made, and waits for the operator's approval. Once "
			 "he has approved it,\ngo on here with your password:\n"
			 "  obol activate --yes --with-password %s",
			 tool_account_text(tool, account, sizeof(account)));
	return OBOL_CAUSE_NONE;
}

static enum obol_cause go_on(struct tool *tool,
							 const struct enrol_options *options,
							 const struct activate_files *files,
							 const struct activate_answers *answers,
							 const struct obol_device *device)
{
	enum obol_cause cause =
		activate_finish(tool, &options->activate, files, device);

	if (cause == OBOL_CAUSE_NONE && answers->wants_recovery)
	{
		cause = cmd_new_recovery(tool);
	}
	if (cause == OBOL_CAUSE_NONE && tool->common.json)
	{
		obol_json_bool(&tool->json, "waits_for_approval", false);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		activate_say_files(tool, files);
	}
	return cause;
}

static enum obol_cause do_enrol(struct tool *tool,
								const struct enrol_options *options,
								struct activate_answers *answers)
{
	struct obol_device device;
	struct activate_files files;
	enum obol_cause cause;
	bool waits = false;

	memset(&device, 0, sizeof(device));
	/* files and answers first: what the server makes cannot be made twice */
	cause = activate_prepare(tool, &options->activate, &files);
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = ask(tool, options, answers);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = make_account(tool, options, answers, &device, &waits);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = waits ? keep_for_later(tool, &files, &device)
					  : go_on(tool, options, &files, answers, &device);
	}
	file_lock_release(&files.lock);
	obol_device_clear(&device);
	return cause;
}

static enum obol_cause run(struct tool *tool, const struct command *command,
						   int argc, char **argv)
{
	struct enrol_options options;
	struct activate_answers answers;
	enum obol_cause cause = parse(tool, command, argc, argv, &options);

	if (cause != OBOL_CAUSE_NONE || tool->is_help)
	{
		return cause;
	}
	cause = check(tool, &options, &answers);
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = do_enrol(tool, &options, &answers);
	}
	obol_secret_free(answers.code);
	return cause;
}

const struct command cmd_obol_enrol = {
	.name = "enrol",
	.usage = "NAME@SERVER",
	.summary = "make an account yourself, where the operator lets you",
	.text = "With the code of a team: makes an account of this name with a "
			"password of your choice, and goes on as obol activate does. "
			"Without one, where the operator allows that: the same, but the "
			"server must be verified by the CA of its TLS certificate "
			"(--tls-ca), or be known from before. Either way the account may "
			"have to wait for the operator's approval.",
	.options = { rows, sizeof(rows) / sizeof(rows[0]) },
	.run = run,
};
