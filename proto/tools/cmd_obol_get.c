/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol get */
#include "tools/cmd_obol.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "seal/code.h"
#include "tools/text.h"
#include "tools/pkcs12.h"

#define WHY_MAX 256

struct get_options {
	struct common_options common;
	const char *name;
	const char *file;
	bool pkcs12;
	bool pem;
	bool force;
};

static const struct option_row rows[] = {
	{ "output", 'o', OBOL_OPTION_TEXT, offsetof(struct get_options, file),
	  "FILE", "write the credential to FILE, mode 0600", 0, 0 },
	{ "pkcs12", 0, OBOL_OPTION_FLAG, offsetof(struct get_options, pkcs12), NULL,
	  "as PKCS#12, under a new random file password", 0, 0 },
	{ "pem", 0, OBOL_OPTION_FLAG, offsetof(struct get_options, pem), NULL,
	  "as PEM, the key under a new random file password", 0, 0 },
	{ "force", 'f', OBOL_OPTION_FLAG, offsetof(struct get_options, force), NULL,
	  "replace FILE if it exists", 0, 0 },
};

static enum obol_cause parse(struct tool *tool, const struct command *command,
							 int argc, char **argv, struct get_options *options)
{
	struct option_words words = { &options->name, 1, 0 };

	memset(options, 0, sizeof(*options));
	common_options_init(&options->common);
	options->name = OBOL_CLIENT_VPN;
	return tool_parse(tool, command, argc, argv, options, &words);
}

static enum obol_cause check(struct tool *tool,
							 const struct get_options *options)
{
	if (!cmd_name_ok(tool, options->name))
	{
		return tool->error.cause;
	}
	if (options->pkcs12 && options->pem)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "choose one of --pkcs12 and --pem");
	}
	if ((options->pkcs12 || options->pem || options->force) && !options->file)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "name the file with --output FILE; a private key is "
						 "written nowhere else");
	}
	/* before anything is fetched, let alone a password shown */
	return options->file ? cmd_may_write(tool, options->file, options->force)
						 : OBOL_CAUSE_NONE;
}

static enum obol_cause write_file(struct tool *tool,
								  const struct get_options *options,
								  struct obol_bytes bytes)
{
	enum obol_status status;
	char why[WHY_MAX];

	status =
		options->force
			? obol_file_replace(options->file, bytes, 0600, why, sizeof(why))
			: obol_file_create(options->file, bytes, 0600, why, sizeof(why));
	if (status != OBOL_OK)
	{
		return tool_fail(tool, OBOL_CAUSE_FILE, "%s", why);
	}
	if (tool->common.json)
	{
		obol_json_str(&tool->json, "file", options->file);
	}
	return OBOL_CAUSE_NONE;
}

static enum obol_cause export_with(struct tool *tool,
								   const struct get_options *options,
								   const struct obol_bundle *bundle,
								   const struct obol_secret *password)
{
	struct obol_secret *encoded = NULL;
	enum obol_cause cause;
	enum obol_status status;

	status = options->pem
				 ? pem_write(bundle, password, &encoded)
				 : pkcs12_write(bundle, password, options->name, &encoded);
	if (status != OBOL_OK)
	{
		return tool_fail(tool,
						 status == OBOL_ERR_FORMAT ? OBOL_CAUSE_CREDENTIAL
												   : OBOL_CAUSE_INTERNAL,
						 "the credential cannot be written as %s (%s)",
						 options->pem ? "PEM" : "PKCS#12",
						 obol_status_name(status));
	}
	cause = write_file(tool, options, obol_secret_view(encoded));
	obol_secret_free(encoded);
	return cause;
}

/* The file password is random, so that nobody takes the account's for it, and
 * it is shown only after the file is there. */
static enum obol_cause export_bundle(struct tool *tool,
									 const struct get_options *options,
									 const struct obol_bundle *bundle)
{
	struct obol_secret *bits = NULL, *password = NULL;
	enum obol_cause cause;
	char before[512];

	if (obol_code_new(obol_rng_system(), OBOL_ACTIVATION_BITS, &bits,
					  &password) != OBOL_OK)
	{
		return tool_fail(tool, OBOL_CAUSE_INTERNAL, "no randomness");
	}
	cause = export_with(tool, options, bundle, password);
	if (cause == OBOL_CAUSE_NONE)
	{
		(void)snprintf(before, sizeof(before),
					   "%s is written; its private key is encrypted under this "
					   "file password,\ndashes included:",
					   options->file);
		cause = cmd_show_code(
			tool, "file_password", before, password,
			"It is shown this once and has nothing to do with the account's "
			"password. Whoever\nhas both file and file password has the "
			"credential until it expires or is revoked.");
	}
	obol_secret_free(bits);
	obol_secret_free(password);
	return cause;
}

static enum obol_cause get_bundle(struct tool *tool,
								  const struct get_options *options,
								  const struct obol_credential *credential)
{
	struct obol_bundle *bundle = NULL;
	enum obol_cause cause;

	if (obol_bundle_decode(credential->body, &bundle) != OBOL_OK)
	{
		return tool_fail(tool, OBOL_CAUSE_CREDENTIAL,
						 "the bundle under %s cannot be parsed; has a newer "
						 "obol stored it?",
						 options->name);
	}
	cause = cmd_show_bundle(tool, bundle);
	if (cause == OBOL_CAUSE_NONE &&
		obol_client_check_bundle(tool->client, bundle) != OBOL_OK)
	{
		cause = tool_fail_client(tool);
	}
	if (cause == OBOL_CAUSE_NONE && options->file)
	{
		cause = export_bundle(tool, options, bundle);
	}
	else if (cause == OBOL_CAUSE_NONE)
	{
		tool_say(tool,
				 "\nTo write it to a file: obol get %s --pkcs12 -o FILE "
				 "(or --pem)",
				 options->name);
	}
	obol_bundle_free(bundle);
	return cause;
}

static enum obol_cause get_bytes(struct tool *tool,
								 const struct get_options *options,
								 const struct obol_credential *credential)
{
	enum obol_cause cause;

	if (options->pkcs12 || options->pem)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "%s is no bundle, so it can only be written as it is: "
						 "leave out --pkcs12 and --pem",
						 options->name);
	}
	if (!options->file)
	{
		tool_say(tool, "To write it to a file: obol get %s -o FILE",
				 options->name);
		return OBOL_CAUSE_NONE;
	}
	cause = write_file(tool, options, obol_secret_view(credential->body));
	if (cause == OBOL_CAUSE_NONE)
	{
		tool_say(tool,
				 "%s is written as it was stored; only its mode 0600 protects "
				 "it.",
				 options->file);
	}
	return cause;
}

static void show_info(struct tool *tool,
					  const struct obol_credential_info *info)
{
	char time[TEXT_TIME_MAX], number[16];

	if (tool->common.json)
	{
		obol_json_str(&tool->json, "name", info->name);
		obol_json_str(&tool->json, "format",
					  tool_format_name(info->format, number));
		obol_json_number(&tool->json, "version", (int64_t)info->version);
		tool_json_time(tool, "changed_at", info->changed_at);
		return;
	}
	tool_say(tool, "%s, version %" PRIu64 ", format %s, stored %s", info->name,
			 info->version, tool_format_name(info->format, number),
			 text_time(time, info->changed_at));
}

/* In device mode there is none to get: one is made, for a file alone. */
static enum obol_cause make_one(struct tool *tool,
								const struct get_options *options)
{
	struct obol_bundle *bundle = NULL;
	enum obol_cause cause;

	if (!options->pkcs12 && !options->pem)
	{
		return tool_fail(tool, OBOL_CAUSE_NOT_FOUND,
						 "this account's devices make their own certificates, "
						 "and none is stored; obol get --pkcs12 -o FILE (or "
						 "--pem) has one made for another program");
	}
	tool_busy(tool, "Making a key and having it certified");
	if (obol_client_issue(tool->client, options->name, &bundle) != OBOL_OK)
	{
		return tool_fail_client(tool);
	}
	tool_busy(tool, NULL);
	memset(&tool->error, 0, sizeof(tool->error));
	cause = cmd_show_bundle(tool, bundle);
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = export_bundle(tool, options, bundle);
	}
	obol_bundle_free(bundle);
	return cause;
}

static bool has_none(const struct tool *tool, const struct get_options *options)
{
	return obol_client_error(tool->client)->cause == OBOL_CAUSE_NOT_FOUND &&
		   obol_client_login_info(tool->client)->mode ==
			   OBOL_CLIENT_MODE_DEVICE &&
		   strcmp(options->name, OBOL_CLIENT_VPN) == 0;
}

static enum obol_cause do_get(struct tool *tool,
							  const struct get_options *options)
{
	struct obol_credential credential;
	enum obol_cause cause;

	cause = tool_open(tool);
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_login(tool);
	}
	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	if (obol_client_get(tool->client, options->name, 0, &credential) != OBOL_OK)
	{
		return has_none(tool, options) ? make_one(tool, options)
									   : tool_fail_client(tool);
	}
	show_info(tool, &credential.info);
	if (credential.info.format == OBOL_FORMAT_BUNDLE)
	{
		if (options->file && !options->pkcs12 && !options->pem)
		{
			cause = tool_fail(tool, OBOL_CAUSE_CONFIG,
							  "say how to write it: --pkcs12 or --pem");
		}
		else
		{
			cause = get_bundle(tool, options, &credential);
		}
	}
	else
	{
		cause = get_bytes(tool, options, &credential);
	}
	obol_credential_clear(&credential);
	return cause;
}

static enum obol_cause run(struct tool *tool, const struct command *command,
						   int argc, char **argv)
{
	struct get_options options;
	enum obol_cause cause = parse(tool, command, argc, argv, &options);

	if (cause != OBOL_CAUSE_NONE || tool->is_help)
	{
		return cause;
	}
	cause = check(tool, &options);
	return cause == OBOL_CAUSE_NONE ? do_get(tool, &options) : cause;
}

const struct command cmd_obol_get = {
	.name = "get",
	.usage = "[NAME]",
	.summary = "show a credential, or write it to a file",
	.text = "Gets the credential NAME (vpn), opens it and shows what it is. No "
			"private key is written anywhere unless a file is named.",
	.options = { rows, sizeof(rows) / sizeof(rows[0]) },
	.run = run,
};
