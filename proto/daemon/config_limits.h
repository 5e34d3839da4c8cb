/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * obold.conf's sections limits and timeouts. Nobody but config.c includes it.
 */
#ifndef OBOL_DAEMON_CONFIG_LIMITS_H_
#define OBOL_DAEMON_CONFIG_LIMITS_H_

#include <confuse.h>

#include "daemon/config.h"
#include "store/store_open.h"

/** The sections' options and their defaults. */
/* clang-format off */
#define OBOL_CONFIG_LIMITS_OPTIONS                                             \
	{                                                                          \
		CFG_INT("connections", 4096, CFGF_NONE),                               \
		CFG_INT("connections_per_source", 256, CFGF_NONE),                     \
		CFG_INT("handshakes_per_source", 300, CFGF_NONE),                      \
		CFG_INT("failures_per_source", 200, CFGF_NONE),                        \
		CFG_INT("guess_rows", 1000000, CFGF_NONE),                             \
		CFG_INT("history_rows", OBOL_STORE_HISTORY_ROWS, CFGF_NONE),           \
		CFG_END(),                                                             \
	}
#define OBOL_CONFIG_TIMEOUTS_OPTIONS                                           \
	{                                                                          \
		CFG_STR("handshake", "10s", CFGF_NONE),                                \
		CFG_STR("login", "10s", CFGF_NONE),                                    \
		CFG_STR("idle", "60s", CFGF_NONE),                                     \
		CFG_STR("total", "15m", CFGF_NONE),                                    \
		CFG_STR("drain", "20s", CFGF_NONE),                                    \
		CFG_END(),                                                             \
	}
/* clang-format on */

/** What has been checked, from libconfuse's tree to the struct. */
void obol_config_take_limits(cfg_t *cfg, struct obol_config *config);

#endif /* OBOL_DAEMON_CONFIG_LIMITS_H_ */
