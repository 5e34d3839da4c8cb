/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The files that obol activate writes: this device's secret, the plugin's
 * profile, the connection. None of them holds a private key.
 */
#ifndef OBOL_TOOLS_ACTIVATE_FILES_H_
#define OBOL_TOOLS_ACTIVATE_FILES_H_

#include "tools/connection.h"
#include "tools/file_lock.h"
#include "tools/obol.h"

struct activate_files {
	/** where they are written, root included */
	char device[PROFILE_PATH_MAX];
	char profile[PROFILE_PATH_MAX];
	char connection[PROFILE_PATH_MAX];
	/** of a token */
	char pin[PROFILE_PATH_MAX];
	/** on the device's file, from before the questions to the end: of two at
	 * once, the server would keep the slot of the one whose file is lost */
	struct file_lock lock;
};

/**
 * Decide on the paths, and put them, as the system will see them, into the
 * tool's profile.
 */
enum obol_cause activate_files_plan(struct tool *tool,
									struct activate_files *files);

/**
 * Make the directories, see that they can be written to, take the lock, and ask
 * before what exists is replaced: all of it before the server is spoken to,
 * because a device's secret that cannot be kept is lost.
 *
 * @param yes	do not ask
 */
enum obol_cause activate_files_prepare(struct tool *tool,
									   struct activate_files *files, bool yes);

/**
 * Forget what is remembered of another account's server, once its files were
 * allowed to be replaced; what is remembered for this account stays.
 *
 * @param account	normalised
 */
enum obol_cause activate_files_forget(struct tool *tool, const char *account);

/** The device whose file is going to be replaced; secret NULL when there is
 * none, or none that can be read. */
void activate_files_old_device(const struct activate_files *files,
							   struct obol_device *old);

/** Write the device's secret. */
enum obol_cause activate_files_device(struct tool *tool,
									  const struct activate_files *files,
									  const struct obol_device *device);

/** Name the token in the tool's profile, with the PIN's file unless the URI
 * names one. */
enum obol_cause activate_files_token(struct tool *tool, const char *uri);

/** Write the token's PIN; without a token, remove that of one that was used
 * before. */
enum obol_cause activate_files_pin(struct tool *tool,
								   const struct activate_files *files);

/** Write the plugin's profile, which is the tool's. */
enum obol_cause activate_files_profile(struct tool *tool,
									   const struct activate_files *files);

/** Write the connection. */
enum obol_cause activate_files_connection(struct tool *tool,
										  const struct activate_files *files,
										  const struct connection *connection);

#endif /* OBOL_TOOLS_ACTIVATE_FILES_H_ */
