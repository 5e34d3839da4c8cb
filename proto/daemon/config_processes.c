/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obold.conf's sections keeper and signer. */
#include "daemon/config_processes.h"

#include <stdio.h>

int obol_config_check_signer_names(cfg_t *cfg, cfg_opt_t *opt)
{
	unsigned n = cfg_opt_size(opt), i;

	for (i = 0; i < n; i++)
	{
		const char *name = cfg_opt_getnstr(opt, i);

		/* an end, so that "example.org" does not mean evilexample.org too */
		if ((name[0] != '@' && name[0] != '.') || !name[1] ||
			strlen(name) >= OBOL_SIGNER_NAME_LEN)
		{
			cfg_error(cfg, "names must begin with '@' or '.', such as "
						   "\"@example.org\", and have up to 63 characters");
			return -1;
		}
	}
	if (n > OBOL_SIGNER_NAMES_MAX)
	{
		cfg_error(cfg, "names: %d at most", OBOL_SIGNER_NAMES_MAX);
		return -1;
	}
	return 0;
}

int obol_config_check_token_folders(cfg_t *cfg, cfg_opt_t *opt)
{
	unsigned n = cfg_opt_size(opt), i;

	for (i = 0; i < n; i++)
	{
		const char *folder = cfg_opt_getnstr(opt, i);

		if (folder[0] != '/' || strlen(folder) >= OBOL_CONFIG_TEXT_MAX)
		{
			cfg_error(cfg, "token_folders must be paths that begin with /");
			return -1;
		}
	}
	if (n > OBOL_TOKEN_FOLDERS_MAX)
	{
		cfg_error(cfg, "token_folders: %d at most", OBOL_TOKEN_FOLDERS_MAX);
		return -1;
	}
	return 0;
}

static void take_text(char *out, size_t size, const char *text)
{
	(void)snprintf(out, size, "%s", text ? text : "");
}

static void take_folders(cfg_t *cfg, struct obol_config *config)
{
	size_t n = cfg_size(cfg, "signer|token_folders"), i;

	/* where SoftHSM has its tokens; other modules may need none */
	take_text(config->signer.token_folders[0],
			  sizeof(config->signer.token_folders[0]),
			  "/var/lib/softhsm/tokens");
	for (i = 0; i < n; i++)
	{
		take_text(config->signer.token_folders[i],
				  sizeof(config->signer.token_folders[i]),
				  cfg_getnstr(cfg, "signer|token_folders", (unsigned)i));
	}
	config->signer.n_token_folders = n ? n : 1;
}

static void take_signer(cfg_t *cfg, struct obol_config *config)
{
	size_t i;

	take_text(config->signer.user, sizeof(config->signer.user),
			  cfg_getstr(cfg, "signer|user"));
	take_text(config->signer.group, sizeof(config->signer.group),
			  cfg_getstr(cfg, "signer|group"));
	config->signer.n_names = cfg_size(cfg, "signer|names");
	for (i = 0; i < config->signer.n_names; i++)
	{
		take_text(config->signer.names[i], sizeof(config->signer.names[i]),
				  cfg_getnstr(cfg, "signer|names", (unsigned)i));
	}
	config->signer.lifetime_max_s =
		obol_config_duration(cfg_getstr(cfg, "signer|lifetime_max"));
	/* what is issued by default is never refused */
	if (config->signer.lifetime_max_s < config->ca.lifetime_s)
	{
		config->signer.lifetime_max_s = config->ca.lifetime_s;
	}
	config->signer.per_second = (unsigned)cfg_getint(cfg, "signer|per_second");
	take_folders(cfg, config);
	take_text(config->signer.audit, sizeof(config->signer.audit),
			  cfg_getstr(cfg, "signer|audit"));
	obol_config_take_signer_server(cfg, config);
}

void obol_config_take_processes(cfg_t *cfg, struct obol_config *config)
{
	take_text(config->keeper.user, sizeof(config->keeper.user),
			  cfg_getstr(cfg, "keeper|user"));
	take_text(config->keeper.group, sizeof(config->keeper.group),
			  cfg_getstr(cfg, "keeper|group"));
	config->keeper.per_slot = (unsigned)cfg_getint(cfg, "keeper|per_slot");
	config->keeper.per_second = (unsigned)cfg_getint(cfg, "keeper|per_second");
	take_signer(cfg, config);
}
