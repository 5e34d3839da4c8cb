/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The steps of obol activate, most of which are those of obol enrol too; the
 * commands put them in their order.
 */
#ifndef OBOL_TOOLS_ACTIVATE_H_
#define OBOL_TOOLS_ACTIVATE_H_

#include "tools/activate_files.h"
#include "wire/registry.h"

/** Networks behind the gateway, unless others are given. */
#define ACTIVATE_EVERYTHING "0.0.0.0/0, ::/0"

struct activate_options {
	struct common_options common;
	/** name@server */
	const char *account;
	/** or TOOL_NONE */
	uint32_t code_fd;
	uint32_t new_password_fd;
	uint32_t min_quality;
	bool code;
	const char *device;
	const char *gateway;
	const char *gateway_id;
	const char *remote_ts;
	/** PKCS#11 URI; NULL: keys are made in memory */
	const char *token;
	/** or TOOL_NONE */
	uint32_t pin_fd;
	bool no_files;
	bool yes;
	bool recovery;
	bool no_recovery;
};

/** What the user has said, all of it before the login. */
struct activate_answers {
	/** the activation code as typed; NULL: tool->password is the account's */
	struct obol_secret *code;
	char label[OBOL_LABEL_MAX + 1];
	bool wants_recovery;
};

/** Defaults, before the command line is read. */
void activate_options_init(struct activate_options *options);

/** Check what both commands take, and find the device's label. */
enum obol_cause activate_options_check(struct tool *tool,
									   const struct activate_options *options,
									   struct activate_answers *answers);

/**
 * All that comes before the questions: account, server and profile from the
 * command line into the tool's profile, the files, and the tool's client.
 *
 * @param files		set unless none are wanted; file_lock_release() its lock
 */
enum obol_cause activate_prepare(struct tool *tool,
								 const struct activate_options *options,
								 struct activate_files *files);

/**
 * Ask for code or password and, with a code, for the new password, which then
 * is tool->password.
 */
enum obol_cause activate_ask(struct tool *tool,
							 const struct activate_options *options,
							 struct activate_answers *answers);

/**
 * Log in and set up the account (code), or add this device (password).
 *
 * @param device	receives the device's slot; secret NULL when none was wanted
 */
enum obol_cause activate_login(struct tool *tool,
							   const struct activate_options *options,
							   const struct activate_answers *answers,
							   struct obol_device *device);

/** The account's VPN credential: what is stored, or one issued now. */
enum obol_cause activate_credential(struct tool *tool,
									struct obol_bundle **bundle);

/** The connection for this credential, written to its file. */
enum obol_cause activate_connection(struct tool *tool,
									const struct activate_options *options,
									const struct activate_files *files,
									const struct obol_bundle *bundle);

/** What follows the login: this device's files, the credential and the
 * connection for it. */
enum obol_cause activate_finish(struct tool *tool,
								const struct activate_options *options,
								const struct activate_files *files,
								const struct obol_device *device);

/** Say what was written, and how to connect. */
void activate_say_files(struct tool *tool, const struct activate_files *files);

#endif /* OBOL_TOOLS_ACTIVATE_H_ */
