/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol put */
#include "tools/cmd_obol.h"

#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "seal/sealed_credential.h"
#include "tools/pkcs12.h"

#define WHY_MAX 256

struct put_options {
	struct common_options common;
	/* name, file */
	const char *words[2];
	size_t n_words;
	const char *format_name;
	uint16_t format;
	bool pkcs12;
	bool key_was_shared;
	bool replace;
	/** or TOOL_NONE */
	uint32_t file_password_fd;
	/** version that it must replace, TOOL_NONE for whatever is stored */
	uint32_t base;
};

static const struct option_row rows[] = {
	{ "pkcs12", 0, OBOL_OPTION_FLAG, offsetof(struct put_options, pkcs12), NULL,
	  "FILE is PKCS#12; store it as a bundle for the VPN", 0, 0 },
	{ "format", 0, OBOL_OPTION_TEXT, offsetof(struct put_options, format_name),
	  "FORMAT",
	  "store FILE as it is: pkcs12, pkcs15, openpgp, ssh, token-puk, opaque", 0,
	  0 },
	{ "file-password-fd", 0, OBOL_OPTION_NUMBER,
	  offsetof(struct put_options, file_password_fd), "N",
	  "read the PKCS#12 file's password from this descriptor", 0, 65535 },
	{ "key-was-shared", 0, OBOL_OPTION_FLAG,
	  offsetof(struct put_options, key_was_shared), NULL,
	  "note that somebody else has held this key", 0, 0 },
	{ "replace", 0, OBOL_OPTION_FLAG, offsetof(struct put_options, replace),
	  NULL, "replace what is stored without asking", 0, 0 },
	{ "base", 0, OBOL_OPTION_NUMBER, offsetof(struct put_options, base),
	  "VERSION", "only if this version is stored; 0: nothing is", 0,
	  INT32_MAX },
};

static enum obol_cause parse(struct tool *tool, const struct command *command,
							 int argc, char **argv, struct put_options *options)
{
	struct option_words words = { options->words, 2, 0 };
	enum obol_cause cause;

	memset(options, 0, sizeof(*options));
	common_options_init(&options->common);
	options->file_password_fd = TOOL_NONE;
	options->base = TOOL_NONE;
	cause = tool_parse(tool, command, argc, argv, options, &words);
	options->n_words = words.n;
	return cause;
}

static enum obol_cause check(struct tool *tool, struct put_options *options)
{
	if (options->n_words != 2)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "obol put wants a name and a file");
	}
	if (!cmd_name_ok(tool, options->words[0]))
	{
		return tool->error.cause;
	}
	if (options->pkcs12 == (options->format_name != NULL))
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "say what the file is: --pkcs12 for a VPN credential, "
						 "or --format to store it as it is");
	}
	if (!options->pkcs12 &&
		(options->file_password_fd != TOOL_NONE || options->key_was_shared))
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "--file-password-fd and --key-was-shared go with "
						 "--pkcs12");
	}
	if (options->pkcs12)
	{
		options->format = OBOL_FORMAT_BUNDLE;
		return OBOL_CAUSE_NONE;
	}
	if (!tool_format_number(options->format_name, &options->format) ||
		options->format == OBOL_FORMAT_BUNDLE)
	{
		return tool_fail(
			tool, OBOL_CAUSE_CONFIG,
			"there is no such format; pkcs12, pkcs15, openpgp, "
			"ssh, token-puk and opaque are known, and numbers from "
			"32768 on for private use");
	}
	return OBOL_CAUSE_NONE;
}

static const char *fault_text(enum obol_bundle_fault fault)
{
	switch (fault)
	{
		case OBOL_BUNDLE_KEY_MISMATCH:
			return pkcs12_fault_text(PKCS12_KEY_MISMATCH);
		case OBOL_BUNDLE_CHAIN:
			return "the file has no CA certificate that its certificate leads "
				   "to; export it with the whole chain";
		case OBOL_BUNDLE_NOT_YET_VALID:
			return "the certificate is not valid yet; is this machine's clock "
				   "right?";
		case OBOL_BUNDLE_EXPIRED:
			return "the certificate has expired";
		default:
			return "a key or certificate in it cannot be parsed";
	}
}

static enum obol_cause check_bundle(struct tool *tool, const char *file,
									const struct obol_bundle *bundle)
{
	enum obol_bundle_fault fault = obol_bundle_check(bundle, tool_now());

	if (fault == OBOL_BUNDLE_GOOD)
	{
		return OBOL_CAUSE_NONE;
	}
	return tool_fail(tool,
					 fault == OBOL_BUNDLE_EXPIRED ? OBOL_CAUSE_EXPIRED
												  : OBOL_CAUSE_CREDENTIAL,
					 "%s: %s. Nothing was stored.", file, fault_text(fault));
}

static enum obol_cause convert(struct tool *tool,
							   const struct put_options *options,
							   const struct obol_secret *content,
							   struct obol_secret **body)
{
	struct obol_secret *password = NULL;
	struct obol_bundle *bundle = NULL;
	enum pkcs12_fault fault;
	enum obol_cause cause;

	cause = tool_ask_secret(
		tool, options->file_password_fd,
		"Password of the PKCS#12 file: ", "file-password-fd", &password);
	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	fault = pkcs12_read(obol_secret_view(content), password,
						options->key_was_shared, &bundle);
	if (fault != PKCS12_GOOD)
	{
		cause = tool_fail(tool, OBOL_CAUSE_CREDENTIAL,
						  "%s: %s. Nothing was stored.", options->words[1],
						  pkcs12_fault_text(fault));
		goto out;
	}
	cause = check_bundle(tool, options->words[1], bundle);
	if (cause == OBOL_CAUSE_NONE && obol_bundle_encode(bundle, body) != OBOL_OK)
	{
		cause = tool_fail(tool, OBOL_CAUSE_INTERNAL, "out of memory");
	}
out:
	obol_bundle_free(bundle);
	obol_secret_free(password);
	return cause;
}

/* What is to be stored; read and judged before the server is asked. */
static enum obol_cause read_body(struct tool *tool,
								 const struct put_options *options,
								 struct obol_secret **body)
{
	struct obol_secret *content = NULL;
	enum obol_cause cause = OBOL_CAUSE_NONE;
	char why[WHY_MAX];

	if (obol_file_read(options->words[1], OBOL_FILE_PUBLIC,
					   OBOL_CREDENTIAL_BODY_MAX, &content, why,
					   sizeof(why)) != OBOL_OK)
	{
		return tool_fail(tool, OBOL_CAUSE_FILE, "%s", why);
	}
	if (obol_secret_len(content) == 0)
	{
		cause = tool_fail(tool, OBOL_CAUSE_FILE,
						  "%s is empty; to remove a credential use obol delete",
						  options->words[1]);
	}
	else if (options->pkcs12)
	{
		cause = convert(tool, options, content, body);
	}
	else
	{
		*body = content;
		content = NULL; /* moved to the caller */
	}
	obol_secret_free(content);
	return cause;
}

/* The version that this put replaces, and whether it may. */
static enum obol_cause choose_base(struct tool *tool,
								   const struct put_options *options,
								   uint64_t *base)
{
	struct obol_credential_info info;
	enum obol_cause cause = tool_find(tool, options->words[0], &info);
	bool stored = info.version && !info.deleted;

	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	*base = info.version;
	if (options->base != TOOL_NONE)
	{
		/* a tombstone's version is not what anybody means by a version */
		if ((stored ? info.version : 0) != (uint64_t)options->base)
		{
			return tool_fail(tool, OBOL_CAUSE_STALE,
							 "version %" PRIu64 " of %s is stored, not %" PRIu32
							 ": get it, see what has "
							 "changed, and put again",
							 stored ? info.version : 0, options->words[0],
							 options->base);
		}
		return OBOL_CAUSE_NONE;
	}
	if (stored && !options->replace &&
		!tool_confirm(tool, false, "Replace version %" PRIu64 " of %s?",
					  info.version, options->words[0]))
	{
		return tool_fail(tool, OBOL_CAUSE_ABORTED,
						 "%s is stored already; nothing was changed. --replace "
						 "replaces it",
						 options->words[0]);
	}
	/* somebody may have been asked, and taken the time to think */
	return stored && !options->replace ? tool_login_again(tool)
									   : OBOL_CAUSE_NONE;
}

static enum obol_cause store(struct tool *tool,
							 const struct put_options *options,
							 const struct obol_secret *body)
{
	uint64_t base = 0, version = 0;
	enum obol_cause cause = choose_base(tool, options, &base);

	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	if (obol_client_put(tool->client, options->words[0], options->format, base,
						body, &version) != OBOL_OK)
	{
		return tool_fail_client(tool);
	}
	if (tool->common.json)
	{
		obol_json_str(&tool->json, "name", options->words[0]);
		obol_json_number(&tool->json, "version", (int64_t)version);
		return OBOL_CAUSE_NONE;
	}
	tool_say(tool, "%s is stored as version %" PRIu64 ".", options->words[0],
			 version);
	return OBOL_CAUSE_NONE;
}

static enum obol_cause do_put(struct tool *tool,
							  const struct put_options *options)
{
	struct obol_secret *body = NULL;
	enum obol_cause cause = read_body(tool, options, &body);

	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_open(tool);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_login(tool);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = store(tool, options, body);
	}
	obol_secret_free(body);
	return cause;
}

static enum obol_cause run(struct tool *tool, const struct command *command,
						   int argc, char **argv)
{
	struct put_options options;
	enum obol_cause cause = parse(tool, command, argc, argv, &options);

	if (cause != OBOL_CAUSE_NONE || tool->is_help)
	{
		return cause;
	}
	cause = check(tool, &options);
	return cause == OBOL_CAUSE_NONE ? do_put(tool, &options) : cause;
}

const struct command cmd_obol_put = {
	.name = "put",
	.usage = "NAME FILE",
	.summary = "seal a file and store it",
	.text = "Seals FILE under the account's key and stores it as NAME. What is "
			"stored already is replaced only if you say so, and never if "
			"another device was faster.",
	.options = { rows, sizeof(rows) / sizeof(rows[0]) },
	.run = run,
};
