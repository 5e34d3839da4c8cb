/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all commands share: messages and command lines. */
#include "tools/obol.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tools/text.h"
#include "wire/registry.h"

#define WORDS_TEXT_MAX 256

static const struct option_row common_rows[] = {
	{ "account", 'a', OBOL_OPTION_TEXT,
	  offsetof(struct common_options, account), "NAME@SERVER",
	  "the account; needed unless there is one profile", 0, 0 },
	{ "server", 0, OBOL_OPTION_TEXT, offsetof(struct common_options, server),
	  "SERVERS", "name, name:port, [v6]:port, or several with commas", 0, 0 },
	{ "server-name", 0, OBOL_OPTION_TEXT,
	  offsetof(struct common_options, server_name), "NAME",
	  "name for TLS when SERVERS are addresses", 0, 0 },
	{ "tls-ca", 0, OBOL_OPTION_TEXT, offsetof(struct common_options, tls_ca),
	  "FILE", "CA that must have signed the server's certificate", 0, 0 },
	{ "profile", 'p', OBOL_OPTION_TEXT,
	  offsetof(struct common_options, profile), "NAME",
	  "profile to use, or to write", 0, 0 },
	{ "device-file", 0, OBOL_OPTION_TEXT,
	  offsetof(struct common_options, device_file), "FILE",
	  "this device's secret", 0, 0 },
	{ "state-file", 0, OBOL_OPTION_TEXT,
	  offsetof(struct common_options, state_file), "FILE",
	  "what is remembered of the server", 0, 0 },
	{ "root", 0, OBOL_OPTION_TEXT, offsetof(struct common_options, root), "DIR",
	  "find and write files below DIR instead of /", 0, 0 },
	{ "timeout", 0, OBOL_OPTION_NUMBER,
	  offsetof(struct common_options, timeout_s), "SECONDS",
	  "overall, 1 to 600 (default 10)", 1, 600 },
	{ "password-fd", 0, OBOL_OPTION_NUMBER,
	  offsetof(struct common_options, password_fd), "N",
	  "read the password from this file descriptor", 0, 65535 },
	{ "with-password", 0, OBOL_OPTION_FLAG,
	  offsetof(struct common_options, with_password), NULL,
	  "log in with the password, not this device's secret", 0, 0 },
	{ "json", 0, OBOL_OPTION_FLAG, offsetof(struct common_options, json), NULL,
	  "machine-readable output", 0, 0 },
};

static const struct option_table common_table = {
	common_rows, sizeof(common_rows) / sizeof(common_rows[0])
};

void common_options_init(struct common_options *common)
{
	memset(common, 0, sizeof(*common));
	common->password_fd = TOOL_NONE;
}

enum obol_cause tool_fail(struct tool *tool, enum obol_cause cause,
						  const char *fmt, ...)
{
	va_list args;

	memset(&tool->error, 0, sizeof(tool->error));
	tool->error.cause = cause;
	va_start(args, fmt);
	(void)vsnprintf(tool->error.text, sizeof(tool->error.text), fmt, args);
	va_end(args);
	return cause;
}

enum obol_cause tool_fail_client(struct tool *tool)
{
	tool->error = *obol_client_error(tool->client);
	if (tool->error.cause == OBOL_CAUSE_NONE)
	{
		return tool_fail(tool, OBOL_CAUSE_INTERNAL, "%s", "internal failure");
	}
	return tool->error.cause;
}

void tool_busy(struct tool *tool, const char *what)
{
	if (tool->is_busy)
	{
		(void)fputs("\r\033[K", stderr);
		tool->is_busy = false;
	}
	if (what && isatty(STDERR_FILENO))
	{
		(void)fprintf(stderr, "%s ...", what);
		tool->is_busy = true;
	}
	(void)fflush(stderr);
}

void tool_say(const struct tool *tool, const char *fmt, ...)
{
	va_list args;

	if (tool->common.json)
	{
		return;
	}
	va_start(args, fmt);
	(void)vprintf(fmt, args);
	va_end(args);
	(void)fputc('\n', stdout);
}

void tool_note(struct tool *tool, const char *fmt, ...)
{
	va_list args;

	tool_busy(tool, NULL);
	va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	(void)fputc('\n', stderr);
}

/* The command's rows and the common ones, their values in the given struct. */
static size_t place_options(const struct command *command, void *out,
							struct obol_option options[OBOL_OPTIONS_MAX])
{
	const struct option_table *const tables[] = { &command->options,
												  &common_table };
	size_t n = 0, t, i;

	for (t = 0; t < 2; t++)
	{
		for (i = 0; i < tables[t]->n && n < OBOL_OPTIONS_MAX; i++)
		{
			const struct option_row *row = &tables[t]->rows[i];

			options[n].name = row->name;
			options[n].letter = row->letter;
			options[n].kind = row->kind;
			options[n].argument = row->value;
			options[n].help = row->help;
			options[n].value = (char *)out + row->offset;
			options[n].min = row->min;
			options[n].max = row->max;
			n++;
		}
	}
	return n;
}

static struct obol_usage usage_of(const struct command *command,
								  const char *title,
								  const struct obol_option *options, size_t n)
{
	struct obol_usage usage = {
		.command = title,
		.arguments = command->usage,
		.about = command->text,
		.options = options,
		.n_options = n,
		.max_arguments = 0,
	};

	return usage;
}

enum obol_cause tool_parse(struct tool *tool, const struct command *command,
						   int argc, char **argv, void *out,
						   struct option_words *words)
{
	struct obol_option options[OBOL_OPTIONS_MAX];
	size_t n = place_options(command, out, options);
	struct obol_usage usage = usage_of(command, command->name, options, n);
	char why[WORDS_TEXT_MAX], **args = NULL;
	enum obol_options_result result;
	int n_args = 0;

	usage.max_arguments = (int)words->max;
	result =
		obol_options_read(&usage, argc, argv, &args, &n_args, why, sizeof(why));
	memcpy(&tool->common, out, sizeof(tool->common));
	if (result == OBOL_OPTIONS_WRONG)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG, "obol %s: %s; see --help",
						 command->name, why);
	}
	tool->is_help = result == OBOL_OPTIONS_HELP;
	for (words->n = 0; words->n < (size_t)n_args; words->n++)
	{
		words->words[words->n] = args[words->n];
	}
	return OBOL_CAUSE_NONE;
}

void tool_help(const struct command *command)
{
	struct common_options ignored;
	struct obol_option options[OBOL_OPTIONS_MAX];
	size_t n = place_options(command, &ignored, options);
	struct obol_usage usage;
	char title[32];

	(void)snprintf(title, sizeof(title), "obol %s", command->name);
	usage = usage_of(command, title, options, n);
	obol_options_help(&usage);
}

const char *tool_account_text(const struct tool *tool, char *out, size_t size)
{
	const char *at =
		tool->common.account ? strrchr(tool->common.account, '@') : NULL;
	char account[OBOL_NAME_MAX + 1], server[SETTINGS_VALUE_MAX];
	const char *name = obol_client_server(tool->client);

	/* by name rather than by address, where both are known */
	if (at && at[1])
	{
		name = at + 1;
	}
	else if (tool->profile.server_name[0])
	{
		name = tool->profile.server_name;
	}
	(void)snprintf(
		out, size, "%s@%s",
		text_clean(account, sizeof(account), obol_client_account(tool->client)),
		text_clean(server, sizeof(server), name));
	return out;
}

/* In the order of their numbers. */
static const struct {
	uint16_t number;
	const char *name;
} formats[] = {
	{ OBOL_FORMAT_BUNDLE, "bundle" }, { OBOL_FORMAT_PKCS12, "pkcs12" },
	{ OBOL_FORMAT_PKCS15, "pkcs15" }, { OBOL_FORMAT_OPENPGP, "openpgp" },
	{ OBOL_FORMAT_SSH, "ssh" },       { OBOL_FORMAT_TOKEN_PUK, "token-puk" },
	{ OBOL_FORMAT_OPAQUE, "opaque" },
};

const char *tool_format_name(uint16_t format, char out[16])
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
	{
		if (formats[i].number == format)
		{
			return formats[i].name;
		}
	}
	(void)snprintf(out, 16, "%u", (unsigned)format);
	return out;
}

bool tool_format_number(const char *text, uint16_t *format)
{
	uint32_t number;
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
	{
		if (!strcmp(formats[i].name, text))
		{
			*format = formats[i].number;
			return true;
		}
	}
	/* private use */
	if (!obol_options_number(text, 0x8000, 0xffff, &number))
	{
		return false;
	}
	*format = (uint16_t)number;
	return true;
}

const char *tool_kind_name(uint8_t kind)
{
	switch (kind)
	{
		case OBOL_SLOT_PASSWORD:
			return "password";
		case OBOL_SLOT_ACTIVATION:
			return "activation code";
		case OBOL_SLOT_RECOVERY:
			return "recovery code";
		case OBOL_SLOT_DEVICE:
			return "device";
		case OBOL_SLOT_ENROLMENT:
			return "enrolment code";
		default:
			return "operator";
	}
}

void tool_json_time(struct tool *tool, const char *key, uint64_t at)
{
	if (at)
	{
		obol_json_number(&tool->json, key, (int64_t)at);
	}
	else
	{
		obol_json_null(&tool->json, key);
	}
}

uint64_t tool_now(void)
{
	time_t now = time(NULL);

	return now > 0 ? (uint64_t)now : 0;
}
