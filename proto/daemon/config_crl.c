/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obold.conf's sections crl and http. */
#include "daemon/config_crl.h"

#include "store/store_open.h"

#include <stdio.h>

#define FILE_NAME "/obol.crl"

int obol_config_check_crl_uri(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *text = cfg_opt_getnstr(opt, 0);

	if (*text && !obol_issuer_uri_is_usable(text))
	{
		cfg_error(cfg,
				  "%s must be an http:// or https:// URI without spaces, ',' "
				  "and ';'",
				  cfg_opt_name(opt));
		return -1;
	}
	return 0;
}

/* Without a word about it, the list lies beside the database, or where that
 * would be. */
static void take_file(const char *file, struct obol_config *config)
{
	const char *beside = obol_store_is_remote(config->database)
							 ? LOCALSTATEDIR "/lib/obol/"
							 : config->database;
	const char *slash = strrchr(beside, '/');
	size_t len = slash ? (size_t)(slash - beside) : 0;

	if (file)
	{
		(void)snprintf(config->crl.file, sizeof(config->crl.file), "%s", file);
	}
	else if (slash && len + sizeof(FILE_NAME) <= sizeof(config->crl.file))
	{
		memcpy(config->crl.file, beside, len);
		memcpy(config->crl.file + len, FILE_NAME, sizeof(FILE_NAME));
	}
}

void obol_config_take_crl(cfg_t *cfg, struct obol_config *config)
{
	take_file(cfg_getstr(cfg, "crl|file"), config);
	config->crl.lifetime_s =
		obol_config_duration(cfg_getstr(cfg, "crl|lifetime"));
	(void)snprintf(config->crl.uri, sizeof(config->crl.uri), "%s",
				   cfg_getstr(cfg, "crl|uri"));
	(void)snprintf(config->http_listen, sizeof(config->http_listen), "%s",
				   cfg_getstr(cfg, "http|listen"));
}
