/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * obold.conf's sections crl and http. Nobody but config.c includes it.
 */
#ifndef OBOL_DAEMON_CONFIG_CRL_H_
#define OBOL_DAEMON_CONFIG_CRL_H_

#include <confuse.h>

#include "daemon/config.h"

/** The sections' options and their defaults. */
/* clang-format off */
#define OBOL_CONFIG_CRL_OPTIONS                                                \
	{                                                                          \
		CFG_STR("lifetime", "1d", CFGF_NONE),                                  \
		CFG_STR("file", NULL, CFGF_NODEFAULT),                                 \
		CFG_STR("uri", "", CFGF_NONE),                                         \
		CFG_END(),                                                             \
	}
#define OBOL_CONFIG_HTTP_OPTIONS                                               \
	{                                                                          \
		CFG_STR("listen", "", CFGF_NONE),                                      \
		CFG_END(),                                                             \
	}
/* clang-format on */

/** libconfuse's check of uri. */
int obol_config_check_crl_uri(cfg_t *cfg, cfg_opt_t *opt);

/** What has been checked, from libconfuse's tree to the struct, which has the
 * database's path already. */
void obol_config_take_crl(cfg_t *cfg, struct obol_config *config);

#endif /* OBOL_DAEMON_CONFIG_CRL_H_ */
