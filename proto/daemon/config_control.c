/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The section control of obold.conf. */
#include "daemon/config_control.h"

#include <stdio.h>

#define CHANGES_MAX 100000

static int check_socket(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *text = cfg_opt_getnstr(opt, 0);

	if (*text && (*text != '/' || strlen(text) > OBOL_CONTROL_PATH_MAX))
	{
		cfg_error(cfg,
				  "socket must be a path of up to %d bytes that begins "
				  "with /",
				  OBOL_CONTROL_PATH_MAX);
		return -1;
	}
	return 0;
}

static int check_group(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *text = cfg_opt_getnstr(opt, 0);

	if (!*text || strlen(text) >= sizeof(((struct obol_config *)0)->group))
	{
		cfg_error(cfg, "group must be a group's name");
		return -1;
	}
	return 0;
}

static int check_changes(cfg_t *cfg, cfg_opt_t *opt)
{
	long value = cfg_opt_getnint(opt, 0);

	if (value < 1 || value > CHANGES_MAX)
	{
		cfg_error(cfg, "changes_per_day must be from 1 to %d", CHANGES_MAX);
		return -1;
	}
	return 0;
}

void obol_config_control_checks(cfg_t *cfg)
{
	(void)cfg_set_validate_func(cfg, "control|socket", check_socket);
	(void)cfg_set_validate_func(cfg, "control|group", check_group);
	(void)cfg_set_validate_func(cfg, "control|changes_per_day", check_changes);
}

void obol_config_control_take(cfg_t *cfg, struct obol_config *config)
{
	(void)snprintf(config->control.socket, sizeof(config->control.socket), "%s",
				   cfg_getstr(cfg, "control|socket"));
	(void)snprintf(config->control.group, sizeof(config->control.group), "%s",
				   cfg_getstr(cfg, "control|group"));
	config->control.changes_per_day =
		(unsigned)cfg_getint(cfg, "control|changes_per_day");
}
