/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of obol activate. */
#include "tools/activate.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "seal/code.h"
#include "tools/certificate.h"
#include "tools/tool_token.h"

static bool copy_text(char out[SETTINGS_VALUE_MAX], const char *text,
					  size_t len)
{
	if (len >= SETTINGS_VALUE_MAX)
	{
		return false;
	}
	memcpy(out, text, len);
	out[len] = '\0';
	return profile_text_ok(out);
}

static bool copy_option(char out[SETTINGS_VALUE_MAX], const char *text)
{
	return !text || copy_text(out, text, strlen(text));
}

static bool name_profile(struct profile *profile, const char *asked,
						 const char *servers)
{
	if (!asked)
	{
		profile_name_for(servers, profile->name);
		return true;
	}
	(void)snprintf(profile->name, sizeof(profile->name), "%s", asked);
	return profile_name_ok(asked);
}

/* What the plugin needs to know of account and server. */
static bool fill_profile(struct profile *profile,
						 const struct activate_options *options, const char *at,
						 const char *servers)
{
	const struct common_options *common = &options->common;
	/* what stands behind the account's name is what TLS is to expect when
	 * the server is given by address; the profile has the two apart */
	const char *name = common->server_name    ? common->server_name
					   : common->server && at ? at + 1
											  : NULL;
	size_t len =
		at ? (size_t)(at - options->account) : strlen(options->account);

	if (common->timeout_s)
	{
		(void)snprintf(profile->timeout, sizeof(profile->timeout), "%" PRIu32,
					   common->timeout_s);
	}
	return copy_text(profile->account, options->account, len) &&
		   copy_option(profile->server, servers) &&
		   copy_option(profile->server_name, name) &&
		   copy_option(profile->tls_ca, common->tls_ca) &&
		   copy_option(profile->credential, OBOL_CLIENT_VPN);
}

static enum obol_cause read_account(struct tool *tool,
									const struct activate_options *options)
{
	const struct common_options *common = &options->common;
	const char *at = strrchr(options->account, '@');
	const char *servers = common->server ? common->server : at ? at + 1 : NULL;

	if (!servers || !*servers || at == options->account)
	{
		return tool_fail(
			tool, OBOL_CAUSE_CONFIG,
			"name account and server, as in alice@vpn.example.org");
	}
	memset(&tool->profile, 0, sizeof(tool->profile));
	if (!name_profile(&tool->profile, common->profile, at ? at + 1 : servers))
	{
		return tool_fail(
			tool, OBOL_CAUSE_CONFIG,
			"a profile's name has letters, digits, '-' and '_', 63 "
			"at most; choose another one with --profile");
	}
	if (!fill_profile(&tool->profile, options, at, servers))
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "account, server or a path is too long or has control "
						 "characters");
	}
	tool->common.account = options->account;
	return OBOL_CAUSE_NONE;
}

enum obol_cause activate_prepare(struct tool *tool,
								 const struct activate_options *options,
								 struct activate_files *files)
{
	enum obol_cause cause = read_account(tool, options);

	file_lock_init(&files->lock);
	if (cause == OBOL_CAUSE_NONE && !options->no_files)
	{
		cause = activate_files_plan(tool, files);
		if (cause == OBOL_CAUSE_NONE)
		{
			cause = activate_files_prepare(tool, files, options->yes);
		}
	}
	if (cause == OBOL_CAUSE_NONE && options->token)
	{
		cause = tool_token_open(tool, options->token, options->pin_fd);
		if (cause == OBOL_CAUSE_NONE)
		{
			cause = activate_files_token(tool, options->token);
		}
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_open(tool);
	}
	if (cause == OBOL_CAUSE_NONE && options->token)
	{
		tool_token_attach(tool);
	}
	if (cause == OBOL_CAUSE_NONE && !options->no_files)
	{
		cause = activate_files_forget(tool, obol_client_account(tool->client));
	}
	return cause;
}

static enum obol_status parse_code(const struct obol_secret *typed,
								   unsigned bits)
{
	struct obol_secret *secret = NULL;
	enum obol_status status =
		obol_code_parse(obol_secret_view(typed), bits, &secret);

	obol_secret_free(secret);
	return status;
}

/* "7GX1-1BXN-PHVG-WY3C": written as codes are, whatever is wrong with it. */
static bool is_in_groups(const struct obol_secret *typed)
{
	struct obol_bytes text = obol_secret_view(typed);
	size_t n_groups = 1, len = 0, i;

	for (i = 0; i < text.len; i++)
	{
		uint8_t c = text.ptr[i];

		if (c == '-' && len > 0)
		{
			n_groups++;
			len = 0;
		}
		else if (++len > 5 || (!isalnum(c) && (!c || !strchr("*~$=", c))))
		{
			return false;
		}
	}
	return n_groups >= 3;
}

/* What was typed at a prompt that takes both. */
static enum obol_cause sort_out(struct tool *tool, struct obol_secret *typed,
								bool code_only,
								struct activate_answers *answers)
{
	enum obol_status status = parse_code(typed, OBOL_ACTIVATION_BITS);

	if (status == OBOL_OK)
	{
		answers->code = typed;
		return OBOL_CAUSE_NONE;
	}
	if (!code_only && parse_code(typed, OBOL_RECOVERY_BITS) == OBOL_OK)
	{
		obol_secret_free(typed);
		return tool_fail(tool, OBOL_CAUSE_CODE,
						 "That is a recovery code. Set a new password with: "
						 "obol recovery use --account %s",
						 tool->common.account);
	}
	/* a password of just this form is possible, and rare; a code that is taken
	 * for one costs a guess, and its user learns nothing */
	if (code_only ||
		((status == OBOL_ERR_AUTH || is_in_groups(typed)) &&
		 !tool_confirm(tool, false,
					   "That looks like an activation code with a slip in it. "
					   "Is it your password?")))
	{
		obol_secret_free(typed);
		return tool_fail(tool, OBOL_CAUSE_CODE,
						 status == OBOL_ERR_AUTH
							 ? "The activation code has a slip in it: compare "
							   "it and type it again. Nothing was sent."
							 : "An activation code has 17 letters and digits. "
							   "Nothing was sent.");
	}
	tool->password = typed;
	return OBOL_CAUSE_NONE;
}

static enum obol_cause ask_either(struct tool *tool,
								  const struct activate_options *options,
								  struct activate_answers *answers)
{
	bool code_only = options->code || options->code_fd != TOOL_NONE;
	struct obol_secret *typed = NULL;
	enum obol_cause cause;

	if (tool->common.password_fd != TOOL_NONE || tool->common.with_password)
	{
		return tool_ask_password(tool);
	}
	cause = tool_ask_secret(tool, options->code_fd,
							code_only ? "Activation code: "
									  : "Activation code, or password: ",
							"code-fd N or --password-fd", &typed);
	return cause == OBOL_CAUSE_NONE ? sort_out(tool, typed, code_only, answers)
									: cause;
}

enum obol_cause activate_ask(struct tool *tool,
							 const struct activate_options *options,
							 struct activate_answers *answers)
{
	enum obol_cause cause = ask_either(tool, options, answers);

	if (cause == OBOL_CAUSE_NONE && answers->code)
	{
		tool_say(tool, "Choose the account's password; you need it on new "
					   "devices only.");
		cause =
			tool_ask_new_password(tool, options->new_password_fd,
								  options->min_quality, NULL, &tool->password);
	}
	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	answers->wants_recovery =
		options->recovery ||
		(answers->code && !options->no_recovery && !tool->common.json &&
		 options->code_fd == TOOL_NONE &&
		 tool_confirm(tool, true,
					  "Make a recovery code, for when the password is "
					  "forgotten?"));
	return OBOL_CAUSE_NONE;
}

/* The server has said so at the login; nothing was changed there yet. */
static enum obol_cause check_mode(struct tool *tool)
{
	if (!tool->token.pkcs11 ||
		obol_client_login_info(tool->client)->mode == OBOL_CLIENT_MODE_DEVICE)
	{
		return OBOL_CAUSE_NONE;
	}
	return tool_fail(tool, OBOL_CAUSE_TOKEN,
					 "This account's devices share one key, which cannot be in "
					 "a token. Ask the operator for keys of each device's own "
					 "(obolctl account set %s --mode device) and try again, or "
					 "leave --token out. Nothing was changed.",
					 obol_client_account(tool->client));
}

static enum obol_cause set_up(struct tool *tool,
							  const struct activate_answers *answers,
							  struct obol_device *device)
{
	enum obol_cause cause;

	tool_busy(tool, "Logging in with the activation code");
	if (obol_client_login_activation(tool->client, answers->code) != OBOL_OK)
	{
		return tool_fail_client(tool);
	}
	cause = tool_greet(tool);
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = check_mode(tool);
	}
	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	tool_busy(tool, "Setting up the account");
	return obol_client_activate(tool->client, tool->password, answers->label,
								device) == OBOL_OK
			   ? OBOL_CAUSE_NONE
			   : tool_fail_client(tool);
}

static enum obol_cause add_device(struct tool *tool,
								  const struct activate_answers *answers,
								  bool wants_device, struct obol_device *device)
{
	enum obol_cause cause = tool_login_password(tool);

	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_greet(tool);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = check_mode(tool);
	}
	if (cause != OBOL_CAUSE_NONE || !wants_device)
	{
		return cause;
	}
	tool_busy(tool, "Adding this device");
	return obol_client_add_device(tool->client, answers->label, device) ==
				   OBOL_OK
			   ? OBOL_CAUSE_NONE
			   : tool_fail_client(tool);
}

enum obol_cause activate_login(struct tool *tool,
							   const struct activate_options *options,
							   const struct activate_answers *answers,
							   struct obol_device *device)
{
	enum obol_cause cause;

	if (!answers->code)
	{
		cause = add_device(tool, answers, !options->no_files, device);
	}
	else
	{
		cause = set_up(tool, answers, device);
		/* the account starts with a device; this one shall not be it */
		if (cause == OBOL_CAUSE_NONE && options->no_files)
		{
			if (obol_client_delete_slot(tool->client, OBOL_SLOT_DEVICE,
										device->id) != OBOL_OK)
			{
				cause = tool_fail_client(tool);
			}
			obol_device_clear(device);
		}
	}
	tool_busy(tool, NULL);
	return cause;
}

enum obol_cause activate_credential(struct tool *tool,
									struct obol_bundle **bundle)
{
	struct obol_obtained got;
	enum obol_cause cause;

	tool_busy(tool, "Getting the certificate");
	if (obol_client_obtain(tool->client, OBOL_CLIENT_VPN, NULL, &got) ==
		OBOL_OK)
	{
		*bundle = got.bundle;
		tool_busy(tool, NULL);
		if (tool->token.pkcs11)
		{
			tool_token_keep(tool, got.bundle);
		}
		return OBOL_CAUSE_NONE;
	}
	cause = tool_fail_client(tool);
	/* none yet, or one that is of no use any more */
	if (cause == OBOL_CAUSE_NOT_FOUND || cause == OBOL_CAUSE_EXPIRED)
	{
		tool_busy(tool, "Making a key and having it certified");
		cause =
			obol_client_issue(tool->client, OBOL_CLIENT_VPN, bundle) == OBOL_OK
				? OBOL_CAUSE_NONE
				: tool_fail_client(tool);
	}
	tool_busy(tool, NULL);
	if (cause == OBOL_CAUSE_NONE)
	{
		memset(&tool->error, 0, sizeof(tool->error));
	}
	return cause;
}

/* The CA that the chain ends at: a bundle may bring its successor as well. */
static enum obol_status find_ca(const struct obol_bundle *bundle,
								struct certificate *ca)
{
	size_t last = obol_bundle_n_chain(bundle) - 1;
	struct certificate top;
	enum obol_status status =
		certificate_read(obol_bundle_chain(bundle, last), &top);
	size_t i;

	for (i = 0; status == OBOL_OK && i < obol_bundle_n_cas(bundle); i++)
	{
		status = certificate_read(obol_bundle_ca(bundle, i), ca);
		if (status == OBOL_OK && !strcmp(ca->subject, top.issuer))
		{
			return OBOL_OK;
		}
	}
	return status == OBOL_OK && obol_bundle_n_cas(bundle)
			   ? certificate_read(obol_bundle_ca(bundle, 0), ca)
			   : OBOL_ERR_FORMAT;
}

/* "name:port" and "[v6]:port" without the port. */
static void host_only(const char *server, char host[SETTINGS_VALUE_MAX])
{
	size_t len;

	server += strspn(server, " ,");
	if (*server == '[')
	{
		server++;
		len = strcspn(server, "]");
	}
	else
	{
		len = strcspn(server, ":, ");
	}
	len = len < SETTINGS_VALUE_MAX ? len : SETTINGS_VALUE_MAX - 1;
	memcpy(host, server, len);
	host[len] = '\0';
}

enum obol_cause activate_connection(struct tool *tool,
									const struct activate_options *options,
									const struct activate_files *files,
									const struct obol_bundle *bundle)
{
	struct certificate own, ca;
	char host[SETTINGS_VALUE_MAX];
	struct connection connection;

	if (certificate_read(obol_bundle_chain(bundle, 0), &own) != OBOL_OK ||
		find_ca(bundle, &ca) != OBOL_OK)
	{
		return tool_fail(tool, OBOL_CAUSE_CREDENTIAL,
						 "the certificate or its CA cannot be parsed");
	}
	host_only(tool->profile.server, host);
	connection.name = tool->profile.name;
	connection.remote_addrs = options->gateway ? options->gateway : host;
	connection.remote_id = options->gateway_id ? options->gateway_id
						   : tool->profile.server_name[0]
							   ? tool->profile.server_name
							   : host;
	connection.ca_id = ca.subject;
	connection.local_id = own.ike_id;
	connection.remote_ts = options->remote_ts;
	if (tool->common.json)
	{
		obol_json_str(&tool->json, "identity", own.ike_id);
	}
	return activate_files_connection(tool, files, &connection);
}
