/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Account, server, client and login of a command. */
#include "tools/obol.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/precis.h"
#include "group/sha256.h"
#include "tools/text.h"
#include "wire/registry.h"

#define WHY_MAX 512
/** Two of these, each with '~' and a hash, fit a file's name. */
#define PLAIN_MAX 100
/** Bytes of a hash that are shown. */
#define HASH_SHOWN 8
#define FILE_NAME_SIZE (2 * (PLAIN_MAX + 1 + 2 * HASH_SHOWN) + 2)

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

/* Letters, digits and a few signs as they are, the rest as %XX; what is too
 * long for a file's name is cut, and a hash keeps it apart from others. */
static bool append_plain(char *out, size_t size, const char *text, size_t len)
{
	struct obol_bytes bytes = obol_bytes(text, len);
	char plain[PLAIN_MAX + 1 + 2 * HASH_SHOWN + 1] = "";
	uint8_t hash[OBOL_SHA256_LEN];
	size_t used = 0, i;

	for (i = 0; i < len && used + 3 <= PLAIN_MAX; i++)
	{
		unsigned char c = bytes.ptr[i];
		bool is_plain = isalnum(c) || c == '.' || c == '-' || c == '_';

		used += (size_t)snprintf(plain + used, sizeof(plain) - used,
								 is_plain ? "%c" : "%%%02x",
								 is_plain ? tolower(c) : c);
	}
	if (i < len)
	{
		if (obol_sha256(&bytes, 1, hash) != OBOL_OK)
		{
			return false;
		}
		plain[used++] = '~';
		for (i = 0; i < HASH_SHOWN; i++)
		{
			(void)snprintf(plain + used + 2 * i, 3, "%02x", hash[i]);
		}
	}
	return snprintf(out, size, "%s", plain) < (int)size;
}

/* "name@server" as a file's name. The account's name in the form that it has
 * at the server: else another spelling of it would know no pins. */
static bool state_file_name(const char *account, const char *server,
							char file[FILE_NAME_SIZE])
{
	const char *at = strrchr(account, '@');
	size_t len = at ? (size_t)(at - account) : strlen(account);
	char name[OBOL_NAME_MAX + 1];
	size_t used;

	server = server ? server : at ? at + 1 : "";
	if (obol_precis_username(obol_bytes(account, len), name, sizeof(name)) !=
			OBOL_OK ||
		!append_plain(file, FILE_NAME_SIZE, name, strlen(name)))
	{
		return false;
	}
	used = strlen(file);
	file[used++] = '@';
	return append_plain(file + used, FILE_NAME_SIZE - used, server,
						strlen(server));
}

/* What a user who is not root remembers of a server, one file for each
 * account. */
static bool user_state_file(const char *account, const char *server,
							char out[PROFILE_PATH_MAX])
{
	const char *base = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	char file[FILE_NAME_SIZE];
	int n;

	if (!state_file_name(account, server, file))
	{
		return false;
	}
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
	if (!options.state_file)
	{
		/* without pins each login trusts the server anew */
		tool_note(tool, "The server's keys cannot be remembered, for want of a "
						"home directory that can be written to; name a file "
						"with --state-file FILE.");
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
