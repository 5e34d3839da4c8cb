/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The section enrolment of obold.conf; config.c alone uses it.
 */
#ifndef OBOL_DAEMON_CONFIG_ENROLMENT_H_
#define OBOL_DAEMON_CONFIG_ENROLMENT_H_

#include <confuse.h>

#include "daemon/config.h"

#define OBOL_CONFIG_ENROLMENT_OPTIONS 6

/** The section's options and their defaults, with the end's mark. */
void obol_config_enrolment_options(
	cfg_opt_t options[OBOL_CONFIG_ENROLMENT_OPTIONS]);

/** Set the checks of its options that are no numbers. */
void obol_config_enrolment_checks(cfg_t *cfg);

/** From libconfuse's tree to the struct. */
void obol_config_enrolment_take(cfg_t *cfg, struct obol_config *config);

#endif /* OBOL_DAEMON_CONFIG_ENROLMENT_H_ */
