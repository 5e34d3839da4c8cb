/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What all commands of the user's tool share: options, the profile in use,
 * the client and its login, messages.
 *
 * A command returns OBOL_CAUSE_NONE, or the cause that tool_fail() has noted;
 * main() prints the text and turns the cause into the exit code.
 */
#ifndef OBOL_TOOLS_OBOL_H_
#define OBOL_TOOLS_OBOL_H_

#include <obol/client.h>
#include <obol/pkcs11.h>

#include "tools/json_buffer.h"
#include "tools/options.h"
#include "tools/profile.h"

/** No descriptor was given, and no version. */
#define TOOL_NONE UINT32_MAX

/** An option by where its value goes in a command's struct of options. */
struct option_row {
	const char *name;
	char letter;
	enum obol_option_kind kind;
	size_t offset;
	/** what the help calls the value; NULL for flags */
	const char *value;
	const char *help;
	uint32_t min;
	uint32_t max;
};

struct option_table {
	const struct option_row *rows;
	size_t n;
};

/** The arguments that are no options. */
struct option_words {
	const char **words;
	size_t max;
	size_t n;
};

/** Options of every command. */
struct common_options {
	const char *account;
	const char *server;
	const char *server_name;
	const char *tls_ca;
	const char *profile;
	const char *device_file;
	const char *state_file;
	const char *root;
	/** seconds, 0 for the default */
	uint32_t timeout_s;
	/** or TOOL_NONE */
	uint32_t password_fd;
	/** log in with the password, even if this device has a secret */
	bool with_password;
	bool json;
};

/** Defaults. */
void common_options_init(struct common_options *common);

/** The hardware token that makes this device's keys (tool_token.h). */
struct tool_token {
	/** NULL for none */
	struct obol_pkcs11 *pkcs11;
	/** made last; is_made until it is kept or dropped */
	struct obol_pkcs11_key key;
	bool is_made;
	/** with a zero byte behind it */
	struct obol_secret *pin;
	/** it was asked for, and goes into a file for the daemon */
	bool keeps_pin;
};

struct tool {
	const char *command;
	struct common_options common;
	/** what --profile or the only profile says; name empty when there is none
	 */
	struct profile profile;
	struct obol_client *client;
	/** as typed; NULL until it was asked for */
	struct obol_secret *password;
	/** this device's secret; secret NULL until it was used */
	struct obol_device device;
	struct tool_token token;
	/** of the login that told of failures */
	struct obol_login_info login_info;
	/** a terminal, -1 before it is needed and when there is none */
	int tty;
	/** what --json prints in the end, into the buffer behind it */
	struct obol_json json;
	struct json_buffer json_buffer;
	struct obol_error error;
	/** --help was asked for: nothing else is done */
	bool is_help;
	/** a line of progress stands on the terminal */
	bool is_busy;
};

struct command {
	const char *name;
	/** behind "obol NAME" */
	const char *usage;
	const char *summary;
	/** paragraphs of --help */
	const char *text;
	struct option_table options;
	enum obol_cause (*run)(struct tool *tool, const struct command *command,
						   int argc, char **argv);
};

/** All commands, in the order of the help; NULL last. */
extern const struct command *const obol_commands[];

/* Messages. */

/** Note a failure. @return the cause */
enum obol_cause tool_fail(struct tool *tool, enum obol_cause cause,
						  const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** Note the client's last failure. @return its cause */
enum obol_cause tool_fail_client(struct tool *tool);

/** A line for people on standard output; nothing with --json. */
void tool_say(const struct tool *tool, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** A line for people on standard error, also with --json. */
void tool_note(struct tool *tool, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** Say what takes a while, on a terminal only; NULL ends it. */
void tool_busy(struct tool *tool, const char *what);

/** "name@server", cleaned; holds in out. */
const char *tool_account_text(const struct tool *tool, char *out, size_t size);

/* Command lines. */

/**
 * Parse a command's arguments into a struct that starts with struct
 * common_options; the tool gets a copy of those.
 *
 * @return	NONE; CONFIG. With tool->is_help set, the command does nothing but
 *			return, and main() prints the help.
 */
enum obol_cause tool_parse(struct tool *tool, const struct command *command,
						   int argc, char **argv, void *out,
						   struct option_words *words);

/** Print a command's help to standard output. */
void tool_help(const struct command *command);

/* People. */

/**
 * A secret from a descriptor or, when that is TOOL_NONE, from the terminal.
 *
 * @param option	what to name when there is neither
 */
enum obol_cause tool_ask_secret(struct tool *tool, uint32_t fd,
								const char *prompt, const char *option,
								struct obol_secret **secret);

/**
 * A new password, twice on a terminal; checked by quality_check().
 *
 * @param before	NULL for none
 * @param minimum	score wanted, of 100
 */
enum obol_cause tool_ask_new_password(struct tool *tool, uint32_t fd,
									  uint32_t minimum,
									  const struct obol_secret *before,
									  struct obol_secret **password);

/** A question; without a terminal, the answer is no. */
bool tool_confirm(struct tool *tool, bool by_default, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The server. */

/**
 * Find account and server (the option, or the profile), and make the client.
 */
enum obol_cause tool_open(struct tool *tool);

/** Where this device's secret is kept; false when there is no place. */
bool tool_device_path(const struct tool *tool, char out[PROFILE_PATH_MAX]);

/** Log in with this device's secret or, where there is none to be read, the
 * password. */
enum obol_cause tool_login(struct tool *tool);

/** Log in with the password; tool->password has it afterwards. */
enum obol_cause tool_login_password(struct tool *tool);

/** Ask for the password, unless that was done; it is in tool->password. */
enum obol_cause tool_ask_password(struct tool *tool);

/** Log in once more as before: people take longer to answer a question than
 * servers keep a connection. */
enum obol_cause tool_login_again(struct tool *tool);

/** A first request, for what the server tells with its answer: commands whose
 * own request ends in another login would miss it. */
enum obol_cause tool_greet(struct tool *tool);

/** Keep what the server has said of failed logins, before another login. */
void tool_keep_login_info(struct tool *tool);

/** What a command that changes slots says about the others. */
enum obol_cause tool_list_slots(struct tool *tool, const char *heading);

/**
 * Version and format of a stored credential.
 *
 * @param info	version 0 when it was never there; deleted for a tombstone
 */
enum obol_cause tool_find(struct tool *tool, const char *name,
						  struct obol_credential_info *info);

/** A format's name, or its number in text; holds in out. */
const char *tool_format_name(uint16_t format, char out[16]);
/** The number for a name or number. */
bool tool_format_number(const char *text, uint16_t *format);

/** Words for a kind of slot. */
const char *tool_kind_name(uint8_t kind);

/** A time in seconds since the epoch as JSON; null for 0. */
void tool_json_time(struct tool *tool, const char *key, uint64_t at);

/** Seconds since the epoch. */
uint64_t tool_now(void);

#endif /* OBOL_TOOLS_OBOL_H_ */
