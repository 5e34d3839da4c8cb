/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The section relay of obold.conf; config.c alone uses it.
 */
#ifndef OBOL_DAEMON_CONFIG_RELAY_H_
#define OBOL_DAEMON_CONFIG_RELAY_H_

#include <confuse.h>

#include "daemon/config.h"

#define OBOL_CONFIG_RELAY_OPTIONS 8

/** The section's options and their defaults, with the end's mark. */
void obol_config_relay_options(cfg_opt_t options[OBOL_CONFIG_RELAY_OPTIONS]);

/** Set the checks of its options; listen's is that of the servers' own. */
void obol_config_relay_checks(cfg_t *cfg, cfg_validate_callback_t check_listen);

/** From libconfuse's tree to the struct. */
void obol_config_relay_take(cfg_t *cfg, struct obol_config *config);

#endif /* OBOL_DAEMON_CONFIG_RELAY_H_ */
