/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * obold.conf's section ca: what stands in certificates. Nobody but config.c
 * includes it.
 */
#ifndef OBOL_DAEMON_CONFIG_CA_H_
#define OBOL_DAEMON_CONFIG_CA_H_

#include <confuse.h>

#include "daemon/config.h"

/** libconfuse's checks of mode, key_type, subject and san. */
int obol_config_check_ca_word(cfg_t *cfg, cfg_opt_t *opt);
int obol_config_check_ca_template(cfg_t *cfg, cfg_opt_t *opt);

/** What has been checked, from libconfuse's tree to the struct. */
void obol_config_take_ca(cfg_t *cfg, struct obol_config *config);

#endif /* OBOL_DAEMON_CONFIG_CA_H_ */
