/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol send: what is sent, and how the code is shown. */
#include "tools/cmd_obol.h"

#include <string.h>
#include <unistd.h>

#include "tools/device_label.h"
#include "tools/meet.h"
#include "tools/package.h"
#include "tools/send_loop.h"
#include "tools/text.h"
#include "tools/transfer_show.h"

#define WHY_MAX 320

struct send_options {
	struct common_options common;
	const char *words[OBOL_TRANSFER_ITEMS_MAX];
	size_t n_words;
	struct obol_option_list files;
	struct obol_option_list pkcs12;
	struct obol_option_list pem;
	uint32_t file_password_fd;
	const char *device;
	const char *listen;
	const char *relay;
	uint32_t code_fd;
	bool no_qr;
};

static const struct option_row rows[] = {
	{ "file", 'f', OBOL_OPTION_LIST, offsetof(struct send_options, files),
	  "FILE", "send FILE as it is; may be given several times", 0, 0 },
	{ "pkcs12", 0, OBOL_OPTION_LIST, offsetof(struct send_options, pkcs12),
	  "FILE", "send the credential in a PKCS#12 file", 0, 0 },
	{ "pem", 0, OBOL_OPTION_LIST, offsetof(struct send_options, pem), "FILE",
	  "send the credential in a PEM file", 0, 0 },
	{ "file-password-fd", 0, OBOL_OPTION_NUMBER,
	  offsetof(struct send_options, file_password_fd), "N",
	  "read the files' passwords from this descriptor, a line each", 0, 65535 },
	{ "device", 0, OBOL_OPTION_TEXT, offsetof(struct send_options, device),
	  "NAME", "this device's name for the other one (default: host name)", 0,
	  0 },
	{ "listen", 0, OBOL_OPTION_TEXT, offsetof(struct send_options, listen),
	  "ADDRESS", "wait on this address and port", 0, 0 },
	{ "relay", 0, OBOL_OPTION_TEXT, offsetof(struct send_options, relay),
	  "HOST", "meet at this relay, host or host:port", 0, 0 },
	{ "code-fd", 0, OBOL_OPTION_NUMBER, offsetof(struct send_options, code_fd),
	  "N", "write the code to this descriptor, not to the terminal", 0, 65535 },
	{ "no-qr", 0, OBOL_OPTION_FLAG, offsetof(struct send_options, no_qr), NULL,
	  "show no QR code", 0, 0 },
};

static enum obol_cause parse(struct tool *tool, const struct command *command,
							 int argc, char **argv,
							 struct send_options *options)
{
	struct option_words words = { options->words, OBOL_TRANSFER_ITEMS_MAX, 0 };
	enum obol_cause cause;

	memset(options, 0, sizeof(*options));
	common_options_init(&options->common);
	options->file_password_fd = TOOL_NONE;
	options->code_fd = TOOL_NONE;
	cause = tool_parse(tool, command, argc, argv, options, &words);
	options->n_words = words.n;
	return cause;
}

static enum obol_cause check(struct tool *tool, struct send_options *options,
							 char label[OBOL_LABEL_MAX + 1])
{
	size_t i;

	if (!options->n_words && !options->files.n && !options->pkcs12.n &&
		!options->pem.n)
	{
		options->words[options->n_words++] = OBOL_CLIENT_VPN;
	}
	for (i = 0; i < options->n_words; i++)
	{
		if (!cmd_name_ok(tool, options->words[i]))
		{
			return tool->error.cause;
		}
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

/* A bundle is checked here as well: better now than on the other device. */
static enum obol_cause add_credential(struct tool *tool,
									  struct package *package, const char *name)
{
	struct obol_credential credential;
	struct obol_bundle *bundle = NULL;
	enum obol_cause cause = OBOL_CAUSE_NONE;

	if (obol_client_get(tool->client, name, 0, &credential) != OBOL_OK)
	{
		return tool_fail_client(tool);
	}
	if (credential.info.format == OBOL_FORMAT_BUNDLE)
	{
		if (obol_bundle_decode(credential.body, &bundle) != OBOL_OK)
		{
			cause = tool_fail(tool, OBOL_CAUSE_CREDENTIAL,
							  "the bundle under %s cannot be parsed", name);
		}
		else if (obol_client_check_bundle(tool->client, bundle) != OBOL_OK)
		{
			cause = tool_fail_client(tool);
		}
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = package_add_body(tool, package, name, credential.info.format,
								 credential.body);
		credential.body = NULL; /* taken over */
	}
	obol_bundle_free(bundle);
	obol_credential_clear(&credential);
	return cause;
}

static enum obol_cause add_stored(struct tool *tool,
								  const struct send_options *options,
								  struct package *package)
{
	enum obol_cause cause = OBOL_CAUSE_NONE;
	size_t i;

	if (options->n_words)
	{
		cause = tool_open(tool);
		if (cause == OBOL_CAUSE_NONE)
		{
			cause = tool_login(tool);
		}
	}
	for (i = 0; cause == OBOL_CAUSE_NONE && i < options->n_words; i++)
	{
		cause = add_credential(tool, package, options->words[i]);
	}
	if (options->n_words && cause == OBOL_CAUSE_NONE)
	{
		tool_keep_login_info(tool);
		obol_client_logout(tool->client);
	}
	return cause;
}

static enum obol_cause fill_package(struct tool *tool,
									const struct send_options *options,
									struct package *package)
{
	enum obol_cause cause = OBOL_CAUSE_NONE;
	size_t i;

	for (i = 0; cause == OBOL_CAUSE_NONE && i < options->files.n; i++)
	{
		cause = package_add_file(tool, package, options->files.values[i]);
	}
	for (i = 0; cause == OBOL_CAUSE_NONE && i < options->pkcs12.n; i++)
	{
		cause = package_add_pkcs12(tool, package, options->pkcs12.values[i],
								   options->file_password_fd);
	}
	for (i = 0; cause == OBOL_CAUSE_NONE && i < options->pem.n; i++)
	{
		cause = package_add_pem(tool, package, options->pem.values[i],
								options->file_password_fd);
	}
	return cause == OBOL_CAUSE_NONE ? add_stored(tool, options, package)
									: cause;
}

/* Listen here, unless a relay alone was asked for. */
static enum obol_cause find_places(struct tool *tool,
								   const struct send_options *options,
								   struct send_loop *loop)
{
	char why[WHY_MAX];

	if (options->relay)
	{
		if (!meet_parse(options->relay, true, OBOL_ROOM_PORT, &loop->places[0],
						why, sizeof(why)))
		{
			return tool_fail(tool, OBOL_CAUSE_CONFIG, "--relay: %s", why);
		}
		loop->n_places = 1;
	}
	if (!options->relay || options->listen)
	{
		if (!meet_listen(options->listen, &loop->listen_fd, why, sizeof(why)))
		{
			return tool_fail(tool, OBOL_CAUSE_CONFIG, "%s", why);
		}
		loop->n_places +=
			meet_places(loop->listen_fd, loop->places + loop->n_places,
						OBOL_TRANSFER_PLACES_MAX - loop->n_places);
	}
	return OBOL_CAUSE_NONE;
}

static enum obol_cause show_command(struct tool *tool,
									const struct send_loop *loop)
{
	char text[OBOL_TRANSFER_HOST_MAX + 16];
	size_t i;

	tool_say(tool, "On the other device, one of");
	for (i = 0; i < loop->n_places; i++)
	{
		tool_say(tool, "    obol receive %s%s",
				 loop->places[i].is_relay ? "--relay " : "",
				 meet_text(&loop->places[i], text, sizeof(text)));
	}
	return OBOL_CAUSE_NONE;
}

static enum obol_cause write_code(struct tool *tool, uint32_t fd,
								  const struct obol_secret *text)
{
	return text_bytes((int)fd, obol_secret_view(text)) &&
				   text_bytes((int)fd, obol_bytes_str("\n"))
			   ? OBOL_CAUSE_NONE
			   : tool_fail(tool, OBOL_CAUSE_FILE,
						   "cannot write the code to descriptor %u",
						   (unsigned)fd);
}

static enum obol_cause show_code(struct tool *tool,
								 const struct send_options *options,
								 const struct send_loop *loop)
{
	struct obol_secret *text = NULL, *link = NULL;
	enum obol_cause cause = OBOL_CAUSE_NONE;
	bool is_json = tool->common.json;

	if (obol_transfer_code_text(loop->code, &text) != OBOL_OK ||
		obol_transfer_code_link(loop->code, loop->places, loop->n_places,
								&link) != OBOL_OK)
	{
		cause = tool_fail(tool, OBOL_CAUSE_INTERNAL, "out of memory");
		goto out;
	}
	(void)show_command(tool, loop);
	if (options->code_fd != TOOL_NONE)
	{
		cause = write_code(tool, options->code_fd, text);
		goto out;
	}
	/* with JSON on standard output, people are told on standard error */
	if (is_json)
	{
		cause = write_code(tool, STDERR_FILENO, text);
		goto out;
	}
	cause = cmd_show_code(tool, "code", "which asks for this code:", text,
						  "It is good for one try, within five minutes. Ctrl-C "
						  "cancels.");
	if (cause == OBOL_CAUSE_NONE && !options->no_qr && isatty(STDOUT_FILENO))
	{
		(void)transfer_show_qr(link);
	}
out:
	/* whoever reads it from a pipe or a file reads it now */
	(void)fflush(stdout);
	obol_secret_free(text);
	obol_secret_free(link);
	return cause;
}

static enum obol_cause do_send(struct tool *tool,
							   const struct send_options *options,
							   const char *label)
{
	struct package package;
	struct send_loop loop;
	enum obol_cause cause;

	package_init(&package);
	send_loop_init(&loop, tool, &package, label);
	cause = fill_package(tool, options, &package);
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = find_places(tool, options, &loop);
	}
	if (cause == OBOL_CAUSE_NONE &&
		obol_transfer_code_new(NULL, transfer_now_ms(), &loop.code) != OBOL_OK)
	{
		cause = tool_fail(tool, OBOL_CAUSE_INTERNAL, "no randomness");
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = show_code(tool, options, &loop);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = send_loop_run(&loop);
	}
	send_loop_clear(&loop);
	package_clear(&package);
	return cause;
}

static enum obol_cause run(struct tool *tool, const struct command *command,
						   int argc, char **argv)
{
	char label[OBOL_LABEL_MAX + 1];
	struct send_options options;
	enum obol_cause cause = parse(tool, command, argc, argv, &options);

	if (cause != OBOL_CAUSE_NONE || tool->is_help)
	{
		return cause;
	}
	cause = check(tool, &options, label);
	return cause == OBOL_CAUSE_NONE ? do_send(tool, &options, label) : cause;
}

const struct command cmd_obol_send = {
	.name = "send",
	.usage = "[CREDENTIAL]...",
	.summary = "hand credentials or files to another device",
	.text =
		"Shows a code and, on a terminal, a QR code; obol receive on the other "
		"device takes\neither. Sends stored credentials after a login (vpn, "
		"unless something is named), or\nfiles. No server is trusted with "
		"anything; a relay only passes bytes on.",
	.options = { rows, sizeof(rows) / sizeof(rows[0]) },
	.run = run,
};
