/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol passwd */
#include "tools/cmd_obol.h"

#include <string.h>
#include <unistd.h>

#include "tools/device_label.h"
#include "tools/file_lock.h"
#include "tools/quality.h"

struct passwd_options {
	struct common_options common;
	bool compromised;
	const char *device;
	/** or TOOL_NONE */
	uint32_t new_password_fd;
	uint32_t min_quality;
};

static const struct option_row rows[] = {
	{ "compromised", 0, OBOL_OPTION_FLAG,
	  offsetof(struct passwd_options, compromised), NULL,
	  "somebody may know the password: new account key, all devices out", 0,
	  0 },
	{ "device", 'd', OBOL_OPTION_TEXT, offsetof(struct passwd_options, device),
	  "NAME", "with --compromised: this device's name (host name)", 0, 0 },
	{ "new-password-fd", 0, OBOL_OPTION_NUMBER,
	  offsetof(struct passwd_options, new_password_fd), "N",
	  "read the new password from this descriptor", 0, 65535 },
	{ "min-quality", 0, OBOL_OPTION_NUMBER,
	  offsetof(struct passwd_options, min_quality), "SCORE",
	  "score wanted of a new password, 0 to 100 (20)", 0, 100 },
};

/** Where this device's new secret goes. */
struct device_place {
	char path[PROFILE_PATH_MAX];
	/** not held: there is no such place */
	struct file_lock lock;
};

static enum obol_cause parse(struct tool *tool, const struct command *command,
							 int argc, char **argv,
							 struct passwd_options *options)
{
	struct option_words words = { NULL, 0, 0 };

	memset(options, 0, sizeof(*options));
	common_options_init(&options->common);
	options->new_password_fd = TOOL_NONE;
	options->min_quality = QUALITY_MINIMUM;
	return tool_parse(tool, command, argc, argv, options, &words);
}

static enum obol_cause check(struct tool *tool,
							 const struct passwd_options *options,
							 char label[OBOL_LABEL_MAX + 1])
{
	if (options->device && !options->compromised)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "--device goes with --compromised");
	}
	if (!device_label(options->device, label))
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "a device's name is 1 to %d bytes of UTF-8 without "
						 "control characters",
						 OBOL_LABEL_MAX);
	}
	return OBOL_CAUSE_NONE;
}

static enum obol_cause change(struct tool *tool,
							  const struct obol_secret *password)
{
	tool_busy(tool, "Stretching the new password and storing it");
	if (obol_client_change_password(tool->client, password) != OBOL_OK)
	{
		return tool_fail_client(tool);
	}
	tool_busy(tool, NULL);
	tool_say(tool, "The password is changed. Everything below still opens the "
				   "account; end what\nyou do not know with: obol devices "
				   "revoke NAME\n");
	return tool_list_slots(tool, "Ways into the account:");
}

/* The password is another one by now, whatever became of the file: whoever
 * hears of the file alone would go on with the old one. */
static enum obol_cause not_kept(struct tool *tool,
								const struct obol_device *device)
{
	char account[OBOL_NAME_MAX + 128], why[sizeof(tool->error.text)];
	enum obol_cause cause = tool->error.cause;

	memcpy(why, tool->error.text, sizeof(why));
	cmd_end_device(tool, device, "that was made for this device just now");
	return tool_fail(tool, cause,
					 "The password is changed, and from now on the new one "
					 "opens the account. But this device's new secret cannot "
					 "be kept, and its old one is out. Put that right and, as "
					 "root and with the new password, run: obol activate --yes "
					 "%s (%s)",
					 tool_account_text(tool, account, sizeof(account)), why);
}

static void say_rekeyed(struct tool *tool, bool has_device)
{
	tool_say(tool,
			 "The account has a new key and the new password; all other "
			 "devices, codes and\npasswords no longer open it.\n\n"
			 "The certificates that the account had may have been copied: they "
			 "are revoked. So:\n"
			 "  1. obol renew            a new key and certificate\n"
			 "  2. obol recovery new     a new recovery code\n"
			 "  3. obol activate NAME@SERVER on each other device\n"
			 "A certificate that this server did not issue, of an old PKI, "
			 "its operator must revoke.");
	if (!has_device)
	{
		tool_say(tool, "     and on this one, as root: it has no secret of its "
					   "own now");
	}
	tool_say(tool, "%s", "");
}

/* What the password's thief may have had: the account key and all that it
 * seals. The key is made new, and what cannot be made new here is said. */
static enum obol_cause rekey(struct tool *tool,
							 const struct obol_secret *password,
							 const char *label,
							 const struct device_place *place)
{
	bool keep_device = place->lock.fd >= 0;
	enum obol_cause cause = OBOL_CAUSE_NONE;
	struct obol_device device;

	memset(&device, 0, sizeof(device));
	tool_busy(tool, "Making a new account key and sealing everything anew");
	if (obol_client_rekey(tool->client, password, keep_device ? label : NULL,
						  keep_device ? &device : NULL) != OBOL_OK)
	{
		return tool_fail_client(tool);
	}
	tool_busy(tool, NULL);
	if (keep_device &&
		obol_device_save(place->path, &device, &tool->error) != OBOL_OK)
	{
		cause = not_kept(tool, &device);
	}
	obol_device_clear(&device);
	say_rekeyed(tool, keep_device && cause == OBOL_CAUSE_NONE);
	return cause == OBOL_CAUSE_NONE
			   ? tool_list_slots(tool, "Ways into the account:")
			   : cause;
}

/* Before the login: an obol activate at the same time would lose one of the two
 * secrets. */
static enum obol_cause find_place(struct tool *tool, struct device_place *place)
{
	if (tool_device_path(tool, place->path) && access(place->path, W_OK) == 0 &&
		file_lock_take(&place->lock, place->path) == OBOL_ERR_EXISTS)
	{
		return tool_fail(tool, OBOL_CAUSE_FILE,
						 "Another obol is at work on this device's secret. "
						 "Let it end. The server was not asked.");
	}
	return OBOL_CAUSE_NONE;
}

static enum obol_cause do_passwd(struct tool *tool,
								 const struct passwd_options *options,
								 const char *label)
{
	struct obol_secret *password = NULL;
	enum obol_cause cause = tool_open(tool);
	struct device_place place;

	file_lock_init(&place.lock);
	if (cause == OBOL_CAUSE_NONE && options->compromised)
	{
		cause = find_place(tool, &place);
	}
	/* all questions before the login, whose session is short */
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_ask_password(tool);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_ask_new_password(tool, options->new_password_fd,
									  options->min_quality, tool->password,
									  &password);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_login_password(tool);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_greet(tool);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = options->compromised ? rekey(tool, password, label, &place)
									 : change(tool, password);
	}
	file_lock_release(&place.lock);
	obol_secret_free(password);
	return cause;
}

static enum obol_cause run(struct tool *tool, const struct command *command,
						   int argc, char **argv)
{
	struct passwd_options options;
	char label[OBOL_LABEL_MAX + 1];
	enum obol_cause cause = parse(tool, command, argc, argv, &options);

	if (cause != OBOL_CAUSE_NONE || tool->is_help)
	{
		return cause;
	}
	cause = check(tool, &options, label);
	return cause == OBOL_CAUSE_NONE ? do_passwd(tool, &options, label) : cause;
}

const struct command cmd_obol_passwd = {
	.name = "passwd",
	.usage = "",
	.summary = "change the password",
	.text = "Replaces the account's password, and lists what else opens the "
			"account.\n\nWith --compromised: the account gets a new key, "
			"everything is sealed anew, and all other devices, recovery and "
			"activation codes are out.",
	.options = { rows, sizeof(rows) / sizeof(rows[0]) },
	.run = run,
};
