/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obold.conf's section ca: what stands in certificates. */
#include "daemon/config_ca.h"

#include "wire/words.h"

int obol_config_check_ca_word(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *text = cfg_opt_getnstr(opt, 0);

	if (strcmp(cfg_opt_name(opt), "mode") == 0)
	{
		if (!obol_mode_number(text))
		{
			cfg_error(cfg, "mode must be one of " OBOL_MODE_WORDS);
			return -1;
		}
	}
	else if (!obol_key_type_number(text))
	{
		cfg_error(cfg, "key_type must be one of " OBOL_KEY_TYPE_WORDS);
		return -1;
	}
	return 0;
}

int obol_config_check_ca_template(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *text = cfg_opt_getnstr(opt, 0);
	struct obol_template template;
	char why[192];

	if (strcmp(cfg_opt_name(opt), "subject") == 0
			? !obol_template_subject(text, &template, why, sizeof(why))
			: !obol_template_san(text, &template, why, sizeof(why)))
	{
		cfg_error(cfg, "%s %s", cfg_opt_name(opt), why);
		return -1;
	}
	return 0;
}

void obol_config_take_ca(cfg_t *cfg, struct obol_config *config)
{
	char why[8];

	config->ca.mode = obol_mode_number(cfg_getstr(cfg, "ca|mode"));
	config->ca.key_type = obol_key_type_number(cfg_getstr(cfg, "ca|key_type"));
	(void)obol_template_subject(cfg_getstr(cfg, "ca|subject"),
								&config->ca.subject, why, sizeof(why));
	(void)obol_template_san(cfg_getstr(cfg, "ca|san"), &config->ca.san, why,
							sizeof(why));
}
