/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol status */
#include "tools/cmd_obol.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/anchors.h"
#include "client/state_file.h"
#include "tools/text.h"
#include "wire/words.h"

struct status_options {
	struct common_options common;
	bool offline;
};

static const struct option_row rows[] = {
	{ "offline", 0, OBOL_OPTION_FLAG, offsetof(struct status_options, offline),
	  NULL, "say only what is known without the server", 0, 0 },
};

static enum obol_cause parse(struct tool *tool, const struct command *command,
							 int argc, char **argv,
							 struct status_options *options)
{
	struct option_words words = { NULL, 0, 0 };

	memset(options, 0, sizeof(*options));
	common_options_init(&options->common);
	return tool_parse(tool, command, argc, argv, options, &words);
}

static void show(struct tool *tool, const char *key, const char *words,
				 const char *value)
{
	if (tool->common.json)
	{
		obol_json_str(&tool->json, key, value);
		return;
	}
	tool_say(tool, "%-12s %s", words, value);
}

static const char *file_text(const struct tool *tool, const char *path,
							 char out[PROFILE_PATH_MAX + 64])
{
	char full[PROFILE_PATH_MAX];

	if (!*path || !profile_path(full, tool->common.root, path))
	{
		return "none";
	}
	(void)snprintf(out, PROFILE_PATH_MAX + 64, "%s%s", full,
				   access(full, R_OK) == 0 ? ""
				   : access(full, F_OK) == 0
					   ? " (not readable for this user)"
					   : " (missing, or not readable for this user)");
	return out;
}

/* The start of a pinned key: enough to compare with what the operator reads
 * out. */
static void show_keys(struct tool *tool, const char *key, const char *words,
					  const uint8_t *keys, size_t len, size_t n)
{
	char text[2 * OBOL_OPAQUE_NPK + 1];
	size_t i, k;

	if (tool->common.json)
	{
		obol_json_begin_array(&tool->json, key);
	}
	for (k = 0; k < n; k++)
	{
		if (tool->common.json)
		{
			obol_json_hex(&tool->json, NULL, obol_bytes(keys + k * len, len));
			continue;
		}
		for (i = 0; i < len; i++)
		{
			(void)snprintf(text + 2 * i, 3, "%02x", keys[k * len + i]);
		}
		tool_say(tool, "%-12s %s", words, text);
	}
	if (tool->common.json)
	{
		obol_json_end_array(&tool->json);
	}
}

static void show_pins(struct tool *tool)
{
	struct obol_state *state = calloc(1, sizeof(*state));
	char path[PROFILE_PATH_MAX], why[128];

	if (state && tool->profile.state_file[0] &&
		profile_path(path, tool->common.root, tool->profile.state_file) &&
		obol_state_load(path, state, why, sizeof(why)) == OBOL_OK)
	{
		show_keys(tool, "server_keys", "server key", state->server_keys[0],
				  OBOL_OPAQUE_NPK, state->n_server_keys);
		show_keys(tool, "tls_keys", "TLS key", state->tls_keys[0],
				  OBOL_TLS_KEY_HASH_LEN, state->n_tls_keys);
	}
	free(state);
}

/* What is kept, without the server. */
static void show_kept_anchors(struct tool *tool)
{
	char state[PROFILE_PATH_MAX], path[PROFILE_PATH_MAX + 16];
	struct obol_anchors *set = NULL;

	if (tool->profile.state_file[0] &&
		profile_path(state, tool->common.root, tool->profile.state_file) &&
		obol_anchors_path(state, path, sizeof(path)))
	{
		set = obol_anchors_read(path, 0);
	}
	cmd_show_anchors(tool, set, NULL);
	obol_anchors_free(set);
}

static void show_local(struct tool *tool)
{
	char text[PROFILE_PATH_MAX + 64], account[OBOL_NAME_MAX + 256];

	show(tool, "account", "account",
		 tool_account_text(tool, account, sizeof(account)));
	show(tool, "profile", "profile",
		 tool->profile.name[0] ? tool->profile.name : "none");
	show(tool, "device_file", "device file",
		 file_text(tool, tool->profile.device_file, text));
	show(tool, "state_file", "state file",
		 file_text(tool, tool->profile.state_file, text));
	show(tool, "tls_ca", "TLS CA",
		 tool->common.tls_ca ? tool->common.tls_ca
		 : tool->profile.tls_ca[0]
			 ? tool->profile.tls_ca
			 : "none, the login authenticates the server");
	show_pins(tool);
}

static void show_login(struct tool *tool)
{
	const struct obol_login_info *info = obol_client_login_info(tool->client);
	char time[TEXT_TIME_MAX];

	if (tool->common.json)
	{
		tool_json_time(tool, "last_login_at", info->last_login_at);
		obol_json_number(&tool->json, "failures_since", info->n_failures);
		tool_json_time(tool, "last_failure_at", info->last_failure_at);
		obol_json_str(&tool->json, "last_failure_source",
					  info->last_failure_source);
		obol_json_begin_object(&tool->json, "times_ms");
		obol_json_number(&tool->json, "connect", info->connect_ms);
		obol_json_number(&tool->json, "tls", info->tls_ms);
		obol_json_number(&tool->json, "challenge", info->challenge_ms);
		obol_json_number(&tool->json, "ksf", info->ksf_ms);
		obol_json_number(&tool->json, "first_answer", info->first_answer_ms);
		obol_json_end_object(&tool->json);
		return;
	}
	tool_say(tool, "last login   %s", text_time(time, info->last_login_at));
	tool_say(tool, "failures     %" PRIu32 " since then", info->n_failures);
	tool_say(tool,
			 "this login   %u ms to connect, %u for TLS, %u to be challenged, "
			 "%u stretching, %u to the first answer",
			 info->connect_ms, info->tls_ms, info->challenge_ms, info->ksf_ms,
			 info->first_answer_ms);
}

/* Told here from a week before: nobody shall be surprised by it. */
static void show_end(struct tool *tool, uint64_t end)
{
	char time[TEXT_TIME_MAX];
	bool is_near = end && end < tool_now() + OBOL_CLIENT_WARN_S;

	if (tool->common.json)
	{
		tool_json_time(tool, "account_expires_at", end);
		obol_json_bool(&tool->json, "account_expires_soon", is_near);
		return;
	}
	tool_say(tool, "account ends %s%s", text_time(time, end),
			 is_near ? ", soon: ask its operator if you need it longer" : "");
}

static void show_kind(struct tool *tool)
{
	const struct obol_login_info *info = obol_client_login_info(tool->client);

	show_end(tool, info->account_expires_at);
	if (tool->common.json)
	{
		obol_json_str(&tool->json, "mode", obol_mode_word(info->mode));
		obol_json_str(&tool->json, "key_type",
					  info->key_type ? obol_key_type_word(info->key_type)
									 : "none");
		return;
	}
	tool_say(tool, "certificates %s, %s", obol_mode_word(info->mode),
			 info->key_type ? obol_key_type_word(info->key_type)
							: "none are issued by this server");
}

/* That a device's own certificate is stored nowhere is as it should be. */
static enum obol_cause show_none(struct tool *tool, const char *name)
{
	const struct obol_login_info *info = obol_client_login_info(tool->client);
	enum obol_cause cause = tool_fail_client(tool);

	show_login(tool);
	if (cause != OBOL_CAUSE_NOT_FOUND)
	{
		return cause;
	}
	show_kind(tool);
	if (info->mode != OBOL_CLIENT_MODE_DEVICE ||
		strcmp(name, OBOL_CLIENT_VPN) != 0)
	{
		return cause;
	}
	memset(&tool->error, 0, sizeof(tool->error));
	tool_say(tool, "credential   made by each device for itself");
	return OBOL_CAUSE_NONE;
}

/* Shown before it is judged: an expired certificate is what one comes here
 * for. */
static enum obol_cause show_credential(struct tool *tool)
{
	const char *name = tool->profile.credential[0] ? tool->profile.credential
												   : OBOL_CLIENT_VPN;
	struct obol_credential credential;
	struct obol_bundle *bundle = NULL;
	enum obol_cause cause = OBOL_CAUSE_NONE;

	if (obol_client_get(tool->client, name, 0, &credential) != OBOL_OK)
	{
		return show_none(tool, name);
	}
	show_login(tool);
	show_kind(tool);
	show(tool, "credential", "credential", name);
	if (tool->common.json)
	{
		obol_json_number(&tool->json, "version",
						 (int64_t)credential.info.version);
	}
	tool_say(tool, "version      %" PRIu64, credential.info.version);
	if (credential.info.format == OBOL_FORMAT_BUNDLE)
	{
		if (obol_bundle_decode(credential.body, &bundle) != OBOL_OK)
		{
			cause = tool_fail(tool, OBOL_CAUSE_CREDENTIAL,
							  "the bundle under %s cannot be parsed", name);
		}
		else
		{
			cause = cmd_show_bundle(tool, bundle);
		}
	}
	if (cause == OBOL_CAUSE_NONE && bundle &&
		obol_client_check_bundle(tool->client, bundle) != OBOL_OK)
	{
		cause = tool_fail_client(tool);
		if (cause == OBOL_CAUSE_EXPIRED &&
			obol_bundle_not_after(bundle) < tool_now())
		{
			cause = tool_fail(tool, cause,
							  "the certificate has expired: obol renew");
		}
	}
	/* its CAs are what a set is verified by; what comes of it is shown */
	(void)!obol_client_take_anchors(tool->client);
	cmd_show_anchors(tool, obol_client_anchors(tool->client),
					 obol_client_anchors_error(tool->client));
	obol_bundle_free(bundle);
	obol_credential_clear(&credential);
	return cause;
}

static enum obol_cause do_status(struct tool *tool,
								 const struct status_options *options)
{
	enum obol_cause cause = tool_open(tool);

	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	show_local(tool);
	if (options->offline)
	{
		show_kept_anchors(tool);
		return OBOL_CAUSE_NONE;
	}
	cause = tool_login(tool);
	return cause == OBOL_CAUSE_NONE ? show_credential(tool) : cause;
}

static enum obol_cause run(struct tool *tool, const struct command *command,
						   int argc, char **argv)
{
	struct status_options options;
	enum obol_cause cause = parse(tool, command, argc, argv, &options);

	if (cause != OBOL_CAUSE_NONE || tool->is_help)
	{
		return cause;
	}
	return do_status(tool, &options);
}

const struct command cmd_obol_status = {
	.name = "status",
	.usage = "",
	.summary = "show account, files, certificate and last login",
	.text = "Shows what this machine knows of the account, logs in, and shows "
			"the certificate's remaining days, the last login and the failed "
			"ones since.",
	.options = { rows, sizeof(rows) / sizeof(rows[0]) },
	.run = run,
};
