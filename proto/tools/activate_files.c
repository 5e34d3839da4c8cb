/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that obol activate writes. */
#include "tools/activate_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "client/state_file.h"

#define WHY_MAX 256

static bool fits(int n, size_t size)
{
	return n > 0 && (size_t)n < size;
}

enum obol_cause activate_files_plan(struct tool *tool,
									struct activate_files *files)
{
	struct profile *profile = &tool->profile;
	char path[PROFILE_PATH_MAX];
	bool good;

	good = fits(snprintf(profile->device_file, sizeof(profile->device_file),
						 PROFILE_DEVICE_DIR "/%s.device", profile->name),
				sizeof(profile->device_file)) &&
		   fits(snprintf(profile->state_file, sizeof(profile->state_file),
						 PROFILE_DEVICE_DIR "/%s.state", profile->name),
				sizeof(profile->state_file)) &&
		   profile_path(files->device, tool->common.root, profile->device_file);
	(void)snprintf(path, sizeof(path), PROFILE_DEVICE_DIR "/%s.pin",
				   profile->name);
	good = good && profile_path(files->pin, tool->common.root, path);
	(void)snprintf(path, sizeof(path), PROFILE_DIR "/obol-%s.conf",
				   profile->name);
	good = good && profile_path(files->profile, tool->common.root, path);
	(void)snprintf(path, sizeof(path), PROFILE_CONNECTION_DIR "/obol-%s.conf",
				   profile->name);
	good = good && profile_path(files->connection, tool->common.root, path);
	return good ? OBOL_CAUSE_NONE
				: tool_fail(tool, OBOL_CAUSE_CONFIG,
							"the path of --root is too long");
}

static enum obol_cause cannot_write(struct tool *tool, const char *path)
{
	return tool_fail(tool, OBOL_CAUSE_FILE,
					 "cannot write to %s: %s. Run obol activate as root; or "
					 "with --root DIR to write below DIR, or with --no-files "
					 "to keep nothing on this machine. The server was not "
					 "asked yet.",
					 path, strerror(errno));
}

/* All directories above a file; the innermost one gets the mode. */
static enum obol_cause make_directory(struct tool *tool, const char *file,
									  mode_t mode)
{
	char path[PROFILE_PATH_MAX];
	char *last, *slash;

	(void)snprintf(path, sizeof(path), "%s", file);
	last = strrchr(path, '/');
	*last = '\0';
	for (slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/'))
	{
		*slash = '\0';
		if (mkdir(path, 0755) && errno != EEXIST)
		{
			return cannot_write(tool, path);
		}
		*slash = '/';
	}
	if ((mkdir(path, mode) && errno != EEXIST) || access(path, W_OK | X_OK))
	{
		return cannot_write(tool, path);
	}
	return OBOL_CAUSE_NONE;
}

static enum obol_cause take_lock(struct tool *tool,
								 struct activate_files *files)
{
	switch (file_lock_take(&files->lock, files->device))
	{
		case OBOL_OK:
			return OBOL_CAUSE_NONE;
		case OBOL_ERR_EXISTS:
			return tool_fail(tool, OBOL_CAUSE_FILE,
							 "Another obol is at work on profile %s. Let it "
							 "end, or choose another name with --profile. The "
							 "server was not asked.",
							 tool->profile.name);
		default:
			return cannot_write(tool, files->device);
	}
}

enum obol_cause activate_files_prepare(struct tool *tool,
									   struct activate_files *files, bool yes)
{
	const char *const paths[] = { files->device, files->profile,
								  files->connection };
	enum obol_cause cause;
	size_t i;

	cause = make_directory(tool, files->device, 0700);
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = make_directory(tool, files->profile, 0755);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = make_directory(tool, files->connection, 0755);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = take_lock(tool, files);
	}
	for (i = 0; cause == OBOL_CAUSE_NONE && !yes && i < 3; i++)
	{
		if (access(paths[i], F_OK) == 0 &&
			!tool_confirm(tool, false, "%s exists. Replace it?", paths[i]))
		{
			cause = tool_fail(tool, OBOL_CAUSE_ABORTED,
							  "%s exists and stays as it is. Choose another "
							  "name with --profile, or replace it with --yes. "
							  "The server was not asked.",
							  paths[i]);
		}
	}
	return cause;
}

enum obol_cause activate_files_forget(struct tool *tool, const char *account)
{
	char path[PROFILE_PATH_MAX], why[WHY_MAX];
	struct obol_state state;

	if (!profile_path(path, tool->common.root, tool->profile.state_file) ||
		obol_state_load(path, &state, why, sizeof(why)) != OBOL_OK ||
		!state.account[0] || strcmp(state.account, account) == 0)
	{
		/* a file that is no use is told of at the login */
		return OBOL_CAUSE_NONE;
	}
	return unlink(path) ? cannot_write(tool, path) : OBOL_CAUSE_NONE;
}

void activate_files_old_device(const struct activate_files *files,
							   struct obol_device *old)
{
	memset(old, 0, sizeof(*old));
	if (obol_device_load(files->device, old, NULL) != OBOL_OK)
	{
		memset(old, 0, sizeof(*old));
	}
}

enum obol_cause activate_files_device(struct tool *tool,
									  const struct activate_files *files,
									  const struct obol_device *device)
{
	return obol_device_save(files->device, device, &tool->error) == OBOL_OK
			   ? OBOL_CAUSE_NONE
			   : tool->error.cause;
}

enum obol_cause activate_files_token(struct tool *tool, const char *uri)
{
	struct profile *profile = &tool->profile;
	bool good;

	good =
		fits(tool->token.keeps_pin
				 ? snprintf(profile->token, sizeof(profile->token),
							"%s&pin-source=file:" PROFILE_DEVICE_DIR "/%s.pin",
							uri, profile->name)
				 : snprintf(profile->token, sizeof(profile->token), "%s", uri),
			 sizeof(profile->token)) &&
		profile_text_ok(uri);
	return good ? OBOL_CAUSE_NONE
				: tool_fail(tool, OBOL_CAUSE_CONFIG,
							"the URI of --token is too long or has control "
							"characters");
}

enum obol_cause activate_files_pin(struct tool *tool,
								   const struct activate_files *files)
{
	struct obol_bytes pin;
	char why[WHY_MAX];

	if (!tool->token.pkcs11)
	{
		return unlink(files->pin) && errno != ENOENT
				   ? cannot_write(tool, files->pin)
				   : OBOL_CAUSE_NONE;
	}
	if (!tool->token.keeps_pin)
	{
		return OBOL_CAUSE_NONE;
	}
	/* without the zero byte behind it */
	pin = obol_secret_view(tool->token.pin);
	pin.len--;
	return obol_file_replace(files->pin, pin, 0600, why, sizeof(why)) == OBOL_OK
			   ? OBOL_CAUSE_NONE
			   : tool_fail(tool, OBOL_CAUSE_FILE, "%s", why);
}

static enum obol_cause write_text(struct tool *tool, const char *path,
								  const struct obol_writer *w)
{
	char why[WHY_MAX];

	if (obol_writer_status(w) != OBOL_OK)
	{
		return tool_fail(tool, OBOL_CAUSE_INTERNAL, "out of memory");
	}
	if (obol_file_replace(path, obol_writer_view(w), 0644, why, sizeof(why)) !=
		OBOL_OK)
	{
		return tool_fail(tool, OBOL_CAUSE_FILE, "%s", why);
	}
	return OBOL_CAUSE_NONE;
}

enum obol_cause activate_files_profile(struct tool *tool,
									   const struct activate_files *files)
{
	enum obol_cause cause;
	struct obol_writer w;

	obol_writer_init(&w);
	profile_write(&w, &tool->profile);
	cause = write_text(tool, files->profile, &w);
	obol_writer_clear(&w);
	return cause;
}

enum obol_cause activate_files_connection(struct tool *tool,
										  const struct activate_files *files,
										  const struct connection *connection)
{
	enum obol_cause cause;
	struct obol_writer w;

	obol_writer_init(&w);
	connection_write(&w, connection);
	cause = write_text(tool, files->connection, &w);
	obol_writer_clear(&w);
	return cause;
}
