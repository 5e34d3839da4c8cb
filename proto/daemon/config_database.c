/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where obold.conf says the database is. */
#include "daemon/config_database.h"

#include <stdio.h>

int obol_config_check_database(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *text = cfg_opt_getnstr(opt, 0);
	bool is_remote = obol_store_is_remote(text);
	char why[256];

	if (!is_remote && *text && *text != '/')
	{
		cfg_error(cfg,
				  "%s must be a path that begins with /, or a connection "
				  "string of PostgreSQL's",
				  cfg_opt_name(opt));
		return -1;
	}
	if (strlen(text) >= OBOL_CONFIG_TEXT_MAX)
	{
		cfg_error(cfg, "%s is too long", cfg_opt_name(opt));
		return -1;
	}
	if (is_remote && obol_store_check_target(text, why, sizeof(why)) != OBOL_OK)
	{
		cfg_error(cfg, "%s: %s", cfg_opt_name(opt), why);
		return -1;
	}
	return 0;
}

void obol_config_take_database(cfg_t *cfg, struct obol_config *config)
{
	(void)snprintf(config->database, sizeof(config->database), "%s",
				   cfg_getstr(cfg, "database"));
	config->database_connections =
		(unsigned)cfg_getint(cfg, "database_connections");
}
