/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The places that a server's files have: for obolctl init, and for restore on
 * a machine that never had any.
 */
#ifndef OBOL_TOOLS_CTL_PLACE_H_
#define OBOL_TOOLS_CTL_PLACE_H_

#include "tools/ctl.h"

#include <sys/types.h>

/**
 * Make the directories on the way to a file: 0755, the last one with a mode.
 *
 * @return	false, with the reason said
 */
bool obol_ctl_place_directory(const char *path, mode_t mode);

/**
 * Have users for keepers and signer, made as the workers' is: for a server
 * whose workers' user is the default one. Where that fails they will run as
 * that one, which is said. Does nothing unless root asks.
 */
void obol_ctl_place_users(const struct obol_config *config);

/** The same for a machine that has a signer alone. */
void obol_ctl_place_signer_user(void);

/**
 * Give the database and its directory to the workers' user, who is made when
 * he is not there. Does nothing unless root asks.
 *
 * @return	false, with the reason said
 */
bool obol_ctl_place_database(const struct obol_config *config);

#endif /* OBOL_TOOLS_CTL_PLACE_H_ */
