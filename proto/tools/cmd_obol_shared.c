/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What several commands show. */
#include "tools/cmd_obol.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/precis.h"
#include "tools/certificate.h"
#include "tools/text.h"

const struct command *const obol_commands[] = {
	&cmd_obol_activate, &cmd_obol_enrol,
	&cmd_obol_status,   &cmd_obol_list,
	&cmd_obol_get,      &cmd_obol_put,
	&cmd_obol_delete,   &cmd_obol_renew,
	&cmd_obol_passwd,   &cmd_obol_devices,
	&cmd_obol_recovery, &cmd_obol_history,
	&cmd_obol_account,  &cmd_obol_send,
	&cmd_obol_receive,  NULL,
};

bool cmd_name_ok(struct tool *tool, const char *name)
{
	char cleaned[4 * OBOL_CREDENTIAL_NAME_MAX];
	size_t len = strlen(name);

	if (len == 0 || len > OBOL_CREDENTIAL_NAME_MAX ||
		strcmp(text_clean(cleaned, sizeof(cleaned), name), name) != 0)
	{
		(void)tool_fail(tool, OBOL_CAUSE_CONFIG,
						"a credential's name is 1 to %d bytes of UTF-8 without "
						"control characters",
						OBOL_CREDENTIAL_NAME_MAX);
		return false;
	}
	return true;
}

/* What --force replaces is a file, and no device or link that happens to be
 * there. */
static enum obol_cause may_replace(struct tool *tool, const char *path,
								   bool force)
{
	struct stat st;

	if (lstat(path, &st))
	{
		return OBOL_CAUSE_NONE;
	}
	if (!S_ISREG(st.st_mode))
	{
		return tool_fail(tool, OBOL_CAUSE_FILE,
						 "%s is no regular file; name another one", path);
	}
	return force ? OBOL_CAUSE_NONE
				 : tool_fail(tool, OBOL_CAUSE_FILE,
							 "%s exists; name another file, or say --force",
							 path);
}

enum obol_cause cmd_may_write(struct tool *tool, const char *path, bool force)
{
	char folder[PROFILE_PATH_MAX] = ".";
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	if (len >= sizeof(folder))
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG, "the path is too long");
	}
	if (slash)
	{
		(void)snprintf(folder, sizeof(folder), "%.*s", (int)len, path);
	}
	if (access(len || !slash ? folder : "/", W_OK | X_OK))
	{
		return tool_fail(tool, OBOL_CAUSE_FILE, "cannot write %s: %s", path,
						 strerror(errno));
	}
	return may_replace(tool, path, force);
}

/* Past stdio, whose buffer would keep a copy. */
enum obol_cause cmd_show_code(struct tool *tool, const char *key,
							  const char *before,
							  const struct obol_secret *code, const char *after)
{
	if (tool->common.json)
	{
		obol_json_text(&tool->json, key, obol_secret_view(code));
		return OBOL_CAUSE_NONE;
	}
	tool_say(tool, "%s", before);
	if (fflush(stdout) ||
		!text_bytes(STDOUT_FILENO, obol_bytes_str("\n    ")) ||
		!text_bytes(STDOUT_FILENO, obol_secret_view(code)) ||
		!text_bytes(STDOUT_FILENO, obol_bytes_str("\n\n")))
	{
		return tool_fail(tool, OBOL_CAUSE_FILE,
						 "cannot write to standard output");
	}
	tool_say(tool, "%s", after);
	return OBOL_CAUSE_NONE;
}

static void json_certificate(struct tool *tool,
							 const struct certificate *certificate,
							 const struct obol_bundle *bundle)
{
	obol_json_begin_object(&tool->json, "certificate");
	obol_json_str(&tool->json, "subject", certificate->subject);
	obol_json_str(&tool->json, "issuer", certificate->issuer);
	obol_json_str(&tool->json, "identity", certificate->ike_id);
	obol_json_str(&tool->json, "serial", certificate->serial);
	tool_json_time(tool, "not_before", certificate->not_before);
	tool_json_time(tool, "not_after", certificate->not_after);
	obol_json_number(&tool->json, "days_left",
					 text_days_left(certificate->not_after, tool_now()));
	obol_json_bool(&tool->json, "key_was_shared",
				   obol_bundle_key_was_shared(bundle));
	obol_json_bool(&tool->json, "key_is_in_token",
				   obol_bundle_key_is_elsewhere(bundle));
	obol_json_end_object(&tool->json);
}

enum obol_cause cmd_show_bundle(struct tool *tool,
								const struct obol_bundle *bundle)
{
	char from[TEXT_TIME_MAX], until[TEXT_TIME_MAX];
	struct certificate certificate;

	if (certificate_read(obol_bundle_chain(bundle, 0), &certificate) != OBOL_OK)
	{
		return tool_fail(tool, OBOL_CAUSE_CREDENTIAL,
						 "the certificate cannot be parsed");
	}
	if (tool->common.json)
	{
		json_certificate(tool, &certificate, bundle);
		return OBOL_CAUSE_NONE;
	}
	tool_say(tool, "subject      %s", certificate.subject);
	tool_say(tool, "issuer       %s", certificate.issuer);
	tool_say(tool, "IKE identity %s", certificate.ike_id);
	tool_say(tool, "serial       %s", certificate.serial);
	tool_say(tool, "valid        %s to %s (%" PRId64 " days left)",
			 text_time(from, certificate.not_before),
			 text_time(until, certificate.not_after),
			 text_days_left(certificate.not_after, tool_now()));
	tool_say(tool, "key          %s",
			 obol_bundle_key_is_elsewhere(bundle)
				 ? "made in the token, which it never leaves"
			 : obol_bundle_key_was_shared(bundle)
				 ? "brought by the operator, who has held it"
				 : "made on a device of this account");
	return OBOL_CAUSE_NONE;
}

void cmd_end_device(struct tool *tool, const struct obol_device *device,
					const char *which)
{
	if (!device->secret ||
		obol_client_delete_slot(tool->client, OBOL_SLOT_DEVICE, device->id) ==
			OBOL_OK ||
		obol_client_error(tool->client)->cause == OBOL_CAUSE_NOT_FOUND)
	{
		return;
	}
	tool_note(tool, "The slot %s could not be ended (%s); see obol devices.",
			  which, obol_cause_name(obol_client_error(tool->client)->cause));
}

enum obol_cause cmd_new_recovery(struct tool *tool)
{
	struct obol_secret *code = NULL;
	enum obol_cause cause;

	tool_busy(tool, "Making the recovery code");
	if (obol_client_new_recovery(tool->client, &code) != OBOL_OK)
	{
		return tool_fail_client(tool);
	}
	tool_busy(tool, NULL);
	cause = cmd_show_code(
		tool, "recovery_code",
		"The recovery code, which opens the account once when the password is "
		"forgotten:",
		code,
		"Write it down and keep it away from this machine: it is shown this "
		"once. A code\nthat was made before no longer works.");
	obol_secret_free(code);
	return cause;
}
