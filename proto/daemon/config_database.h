/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Where obold.conf says the database is: a file or a server. Nobody but
 * config.c includes it.
 */
#ifndef OBOL_DAEMON_CONFIG_DATABASE_H_
#define OBOL_DAEMON_CONFIG_DATABASE_H_

#include <confuse.h>

#include "daemon/config.h"
#include "store/store_open.h"

#define OBOL_CONFIG_DATABASE_CONNECTIONS OBOL_STORE_CONNECTIONS

/** libconfuse's check: a path, or a connection string without a password. */
int obol_config_check_database(cfg_t *cfg, cfg_opt_t *opt);

/** What has been checked, from libconfuse's tree to the struct. */
void obol_config_take_database(cfg_t *cfg, struct obol_config *config);

#endif /* OBOL_DAEMON_CONFIG_DATABASE_H_ */
