/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Account, server, client and login of a command. */
#include "tools/obol.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/text.h"
#include "wire/registry.h"

#define WHY_MAX 512

/* "a/b" and all before it, 0700; what is there stays as it is. */
static bool make_directories(const char *path)
{
	char copy[PROFILE_PATH_MAX];
	char *slash;

	(void)snprintf(copy, sizeof(copy), "%s", path);
	for (slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/'))
	{
		*slash = '\0';
		if (mkdir(copy, 0700) && errno != EEXIST)
		{
			return false;
		}
		*slash = '/';
	}
	return true;
}

static void append_plain(char *out, size_t size, const char *text, size_t len)
{
	size_t used = strlen(out);
	size_t i;

	for (i = 0; i < len && used + 4 < size; i++)
	{
		unsigned char c = (unsigned char)text[i];

		if (isalnum(c) || c == '.' || c == '-' || c == '_')
		{
			out[used++] = (char)tolower(c);
			out[used] = '\0';
		}
		else
		{
			(void)snprintf(out + used, size - used, "%%%02x", c);
			used += 3;
		}
	}
}

/* What a user who is not root remembers of a server, one file for each
 * account. */
static bool user_state_file(const char *account, const char *server,
							char out[PROFILE_PATH_MAX])
{
	const char *base = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	const char *at = strrchr(account, '@');
	size_t len = at && !server ? (size_t)(at - account) : strlen(account);
	char file[256] = "";
	int n;

	append_plain(file, 128, account, len);
	(void)strcat(file, "@");
	server = server ? server : at ? at + 1 : "";
	append_plain(file, sizeof(file), server, strlen(server));
	if (base && *base == '/')
	{
		n = snprintf(out, PROFILE_PATH_MAX, "%s/obol/%s.state", base, file);
	}
	else if (home && *home == '/')
	{
		n = snprintf(out, PROFILE_PATH_MAX, "%s/.local/state/obol/%s.state",
					 home, file);
	}
	else
	{
		return false;
	}
	return n > 0 && n < PROFILE_PATH_MAX && make_directories(out);
}

/* The profile's own file where it can be kept up to date, else the user's. */
static const char *choose_state_file(const struct tool *tool,
									 const char *account, const char *server,
									 char out[PROFILE_PATH_MAX])
{
	char directory[PROFILE_PATH_MAX];
	char *slash;

	if (tool->common.state_file)
	{
		return tool->common.state_file;
	}
	if (tool->profile.state_file[0] &&
		profile_path(out, tool->common.root, tool->profile.state_file))
	{
		(void)snprintf(directory, sizeof(directory), "%s", out);
		slash = strrchr(directory, '/');
		if (slash)
		{
			*slash = '\0';
		}
		if (access(directory, W_OK | X_OK) == 0)
		{
			return out;
		}
	}
	return user_state_file(account, server, out) ? out : NULL;
}

static const char *first_of(const char *option, const char *profile)
{
	return option ? option : *profile ? profile : NULL;
}

static enum obol_cause find_profile(struct tool *tool)
{
	const struct common_options *common = &tool->common;
	char why[WHY_MAX];

	/* an account on the command line stands for itself */
	if (common->account)
	{
		return OBOL_CAUSE_NONE;
	}
	if (profile_find(common->root, common->profile, &tool->profile, why,
					 sizeof(why)) != OBOL_OK)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "%s. Name the account with --account NAME@SERVER, or "
						 "activate this device with: obol activate NAME@SERVER",
						 why);
	}
	if (!tool->profile.account[0])
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "profile %s names no account; give --account",
						 tool->profile.name);
	}
	return OBOL_CAUSE_NONE;
}

enum obol_cause tool_open(struct tool *tool)
{
	const struct common_options *common = &tool->common;
	struct obol_client_options options;
	char state[PROFILE_PATH_MAX];
	enum obol_cause cause;
	uint32_t timeout_s;

	cause = find_profile(tool);
	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	obol_client_options_init(&options);
	options.account = first_of(common->account, tool->profile.account);
	options.servers = first_of(common->server, tool->profile.server);
	options.server_name =
		first_of(common->server_name, tool->profile.server_name);
	options.tls_ca = first_of(common->tls_ca, tool->profile.tls_ca);
	options.state_file =
		choose_state_file(tool, options.account, options.servers, state);
	options.timeout_ms = (unsigned)common->timeout_s * 1000;
	if (!common->timeout_s && tool->profile.timeout[0] &&
		obol_options_number(tool->profile.timeout, 1, 600, &timeout_s))
	{
		options.timeout_ms = (unsigned)timeout_s * 1000;
	}
	if (obol_client_new(&options, &tool->client, &tool->error) != OBOL_OK)
	{
		return tool->error.cause;
	}
	return OBOL_CAUSE_NONE;
}

enum obol_cause tool_ask_password(struct tool *tool)
{
	char account[OBOL_NAME_MAX + 128], prompt[OBOL_NAME_MAX + 160];

	if (tool->password)
	{
		return OBOL_CAUSE_NONE;
	}
	(void)snprintf(prompt, sizeof(prompt), "Password of %s: ",
				   tool_account_text(tool, account, sizeof(account)));
	return tool_ask_secret(tool, tool->common.password_fd, prompt,
						   "password-fd", &tool->password);
}

enum obol_cause tool_login_password(struct tool *tool)
{
	enum obol_cause cause = tool_ask_password(tool);
	enum obol_status status;

	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	tool_busy(tool, "Stretching the password and logging in");
	status = obol_client_login_password(tool->client, tool->password);
	tool_busy(tool, NULL);
	return status == OBOL_OK ? OBOL_CAUSE_NONE : tool_fail_client(tool);
}

static enum obol_cause login_device(struct tool *tool)
{
	return obol_client_login_device(tool->client, &tool->device) == OBOL_OK
			   ? OBOL_CAUSE_NONE
			   : tool_fail_client(tool);
}

bool tool_device_path(const struct tool *tool, char out[PROFILE_PATH_MAX])
{
	if (tool->common.device_file)
	{
		return profile_path(out, NULL, tool->common.device_file);
	}
	return tool->profile.device_file[0] &&
		   profile_path(out, tool->common.root, tool->profile.device_file);
}

enum obol_cause tool_login(struct tool *tool)
{
	char path[PROFILE_PATH_MAX];

	if (tool->common.with_password || tool->common.password_fd != TOOL_NONE ||
		!tool_device_path(tool, path))
	{
		return tool_login_password(tool);
	}
	/* who is not root cannot read it, and has the password */
	if (access(path, R_OK) && !tool->common.device_file)
	{
		return tool_login_password(tool);
	}
	if (obol_device_load(path, &tool->device, &tool->error) != OBOL_OK)
	{
		return tool->error.cause;
	}
	return login_device(tool);
}

enum obol_cause tool_login_again(struct tool *tool)
{
	tool_keep_login_info(tool);
	return tool->device.secret ? login_device(tool) : tool_login_password(tool);
}

void tool_keep_login_info(struct tool *tool)
{
	const struct obol_login_info *info = obol_client_login_info(tool->client);

	if (info->n_failures)
	{
		tool->login_info = *info;
	}
}

enum obol_cause tool_greet(struct tool *tool)
{
	struct obol_credential_info ignored;
	enum obol_cause cause = tool_find(tool, OBOL_CLIENT_VPN, &ignored);

	tool_keep_login_info(tool);
	return cause;
}

enum obol_cause tool_find(struct tool *tool, const char *name,
						  struct obol_credential_info *info)
{
	struct obol_credential_info *items = NULL;
	size_t n = 0;
	size_t i;

	memset(info, 0, sizeof(*info));
	if (obol_client_list(tool->client, &items, &n) != OBOL_OK)
	{
		return tool_fail_client(tool);
	}
	for (i = 0; i < n; i++)
	{
		if (!strcmp(items[i].name, name))
		{
			*info = items[i];
		}
	}
	free(items);
	return OBOL_CAUSE_NONE;
}
