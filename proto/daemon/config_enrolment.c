/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The section enrolment of obold.conf. */
#include "daemon/config_enrolment.h"

#include <stdio.h>

#include "base/precis.h"

void obol_config_enrolment_options(
	cfg_opt_t options[OBOL_CONFIG_ENROLMENT_OPTIONS])
{
	cfg_opt_t all[OBOL_CONFIG_ENROLMENT_OPTIONS] = {
		CFG_STR("open", "no", CFGF_NONE),
		CFG_STR("names", "*", CFGF_NONE),
		CFG_INT("per_day", 100, CFGF_NONE),
		CFG_INT("waiting", 100, CFGF_NONE),
		CFG_INT("attempts_per_source", 20, CFGF_NONE),
		CFG_END(),
	};

	memcpy(options, all, sizeof(all));
}

static int check_open(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *text = cfg_opt_getnstr(opt, 0);

	if (strcmp(text, "no") == 0 || strcmp(text, "approve") == 0 ||
		strcmp(text, "yes") == 0)
	{
		return 0;
	}
	cfg_error(cfg, "open must be no, approve or yes");
	return -1;
}

/* Compared with normalised names, so it must be written like one. */
static int check_names(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *text = cfg_opt_getnstr(opt, 0);
	char normal[OBOL_NAME_MAX + 1];

	if (obol_precis_username(obol_bytes_str(text), normal, sizeof(normal)) ==
			OBOL_OK &&
		strcmp(text, normal) == 0)
	{
		return 0;
	}
	cfg_error(cfg, "names must be a pattern of names in small letters, such as "
				   "\"*\" or \"ext-*\"");
	return -1;
}

void obol_config_enrolment_checks(cfg_t *cfg)
{
	(void)cfg_set_validate_func(cfg, "enrolment|open", check_open);
	(void)cfg_set_validate_func(cfg, "enrolment|names", check_names);
}

void obol_config_enrolment_take(cfg_t *cfg, struct obol_config *config)
{
	const char *open = cfg_getstr(cfg, "enrolment|open");

	config->enrolment.is_open = strcmp(open, "no") != 0;
	config->enrolment.approve = strcmp(open, "yes") != 0;
	(void)snprintf(config->enrolment.names, sizeof(config->enrolment.names),
				   "%s", cfg_getstr(cfg, "enrolment|names"));
	config->enrolment.per_day = (unsigned)cfg_getint(cfg, "enrolment|per_day");
	config->enrolment.waiting = (unsigned)cfg_getint(cfg, "enrolment|waiting");
	config->enrolment.attempts_per_source =
		(unsigned)cfg_getint(cfg, "enrolment|attempts_per_source");
}
