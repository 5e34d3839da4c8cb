/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * obold.conf's section metrics. Nobody but config.c includes it.
 */
#ifndef OBOL_DAEMON_CONFIG_METRICS_H_
#define OBOL_DAEMON_CONFIG_METRICS_H_

#include <confuse.h>

#include "daemon/config.h"

/** The section's options and their defaults. */
/* clang-format off */
#define OBOL_CONFIG_METRICS_OPTIONS                                            \
	{                                                                          \
		CFG_STR("listen", "", CFGF_NONE),                                      \
		CFG_END(),                                                             \
	}
/* clang-format on */

/** What has been checked, from libconfuse's tree to the struct. */
void obol_config_take_metrics(cfg_t *cfg, struct obol_config *config);

#endif /* OBOL_DAEMON_CONFIG_METRICS_H_ */
