/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * obold.conf's section control. Nobody but config.c includes it.
 */
#ifndef OBOL_DAEMON_CONFIG_CONTROL_H_
#define OBOL_DAEMON_CONFIG_CONTROL_H_

#include <confuse.h>

#include "daemon/config.h"

/** The section's options and their defaults. */
/* clang-format off */
#define OBOL_CONFIG_CONTROL_OPTIONS                                            \
	{                                                                          \
		CFG_STR("socket", "", CFGF_NONE),                                      \
		CFG_STR("group", "obol-helpdesk", CFGF_NONE),                          \
		CFG_INT("changes_per_day", 40, CFGF_NONE),                             \
		CFG_END(),                                                             \
	}
/* clang-format on */

/** libconfuse's checks of them. */
void obol_config_control_checks(cfg_t *cfg);

/** What has been checked, from libconfuse's tree to the struct. */
void obol_config_control_take(cfg_t *cfg, struct obol_config *config);

#endif /* OBOL_DAEMON_CONFIG_CONTROL_H_ */
