/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The commands of the user's tool, one file each: cmd_obol_<name>.c.
 */
#ifndef OBOL_TOOLS_CMD_OBOL_H_
#define OBOL_TOOLS_CMD_OBOL_H_

#include "group/sha256.h"
#include "tools/obol.h"
#include "wire/registry.h"

extern const struct command cmd_obol_account;
extern const struct command cmd_obol_activate;
extern const struct command cmd_obol_delete;
extern const struct command cmd_obol_devices;
extern const struct command cmd_obol_enrol;
extern const struct command cmd_obol_get;
extern const struct command cmd_obol_history;
extern const struct command cmd_obol_list;
extern const struct command cmd_obol_passwd;
extern const struct command cmd_obol_put;
extern const struct command cmd_obol_receive;
extern const struct command cmd_obol_recovery;
extern const struct command cmd_obol_renew;
extern const struct command cmd_obol_send;
extern const struct command cmd_obol_status;

/** True for a name that a credential can have; else the failure is noted. */
bool cmd_name_ok(struct tool *tool, const char *name);

/** NONE when a file may be written there: its folder takes
 * one, and what is there may be replaced. Asked before a server is. */
enum obol_cause cmd_may_write(struct tool *tool, const char *path, bool force);

/** Print the code that somebody has to write down, or put it into the JSON. */
enum obol_cause cmd_show_code(struct tool *tool, const char *key,
							  const char *before,
							  const struct obol_secret *code,
							  const char *after);

/** Print what a bundle is, or put it into the JSON as "certificate". */
enum obol_cause cmd_show_bundle(struct tool *tool,
								const struct obol_bundle *bundle);

/** Print the set of CA certificates that is held, or put it into the JSON as
 * "ca_set".
 *
 * @param set		NULL for none
 * @param problem	why there is no newer one; may be NULL
 */
void cmd_show_anchors(struct tool *tool, const struct obol_anchors *set,
					  const struct obol_error *problem);

/** A SHA-256 fingerprint: 64 hexadecimal digits, colons between bytes. */
bool cmd_read_fingerprint(const char *text, uint8_t out[OBOL_SHA256_LEN]);

/**
 * End a device's slot: nobody has its secret any more. What cannot be ended is
 * told.
 *
 * @param device	secret NULL: there is none
 * @param which		for people, behind "the slot"
 */
void cmd_end_device(struct tool *tool, const struct obol_device *device,
					const char *which);

/**
 * Make a recovery code after a login that allows it, and show it.
 */
enum obol_cause cmd_new_recovery(struct tool *tool);

#endif /* OBOL_TOOLS_CMD_OBOL_H_ */
