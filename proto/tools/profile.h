/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Profiles: what plugin and tool need to know about an account on this
 * machine, in a file of strongswan.conf's syntax that obol activate writes.
 * No secret is in it.
 */
#ifndef OBOL_TOOLS_PROFILE_H_
#define OBOL_TOOLS_PROFILE_H_

#include <stdbool.h>

#include "base/writer.h"
#include "tools/settings.h"

/** Where the files go, below the root that is asked for. */
#define PROFILE_DIR "/etc/strongswan.d"
#define PROFILE_DEVICE_DIR "/etc/strongswan.d/obol"
#define PROFILE_CONNECTION_DIR "/etc/swanctl/conf.d"

/** Longest name of a profile, with its final zero. */
#define PROFILE_NAME_MAX 64
/** Longest path of a file. */
#define PROFILE_PATH_MAX 512

struct profile {
	char name[PROFILE_NAME_MAX];
	/* empty where the file does not say */
	char server[SETTINGS_VALUE_MAX];
	char server_name[SETTINGS_VALUE_MAX];
	char account[SETTINGS_VALUE_MAX];
	char credential[SETTINGS_VALUE_MAX];
	char tls_ca[SETTINGS_VALUE_MAX];
	/** seconds, as text */
	char timeout[SETTINGS_VALUE_MAX];
	char device_file[SETTINGS_VALUE_MAX];
	char state_file[SETTINGS_VALUE_MAX];
	/** PKCS#11 URI of the token that keys are made in */
	char token[SETTINGS_VALUE_MAX];
};

/** Letters, digits, '-' and '_', 1 to 63 of them: a section's name. */
bool profile_name_ok(const char *name);

/** A profile's name for a server: its first name or address, all else than
 * letters and digits made '-'. */
void profile_name_for(const char *servers, char name[PROFILE_NAME_MAX]);

/**
 * A path below a root.
 *
 * @param root	NULL for none
 * @return		false when it does not fit
 */
bool profile_path(char out[PROFILE_PATH_MAX], const char *root,
				  const char *path);

/** The profile's file as text. */
void profile_write(struct obol_writer *w, const struct profile *profile);

/** "text", quoted for strongSwan's syntax. */
void profile_quote(struct obol_writer *w, const char *text);

/** False when a text has what cannot stand in strongSwan's syntax. */
bool profile_text_ok(const char *text);

/**
 * Find a profile among obol-*.conf.
 *
 * @param name	NULL for the only one there is
 * @param why	receives a sentence for people on failure
 * @return		OK; NOT_FOUND; EXISTS when there are several; FORMAT; IO; NOMEM
 */
enum obol_status profile_find(const char *root, const char *name,
							  struct profile *profile, char *why,
							  size_t size) OBOL_MUST_CHECK;

#endif /* OBOL_TOOLS_PROFILE_H_ */
