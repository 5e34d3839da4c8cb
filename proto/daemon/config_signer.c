/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obold.conf's section signer: one on another machine. */
#include "daemon/config_processes.h"

#include <stdio.h>

#include "daemon/listen.h"

bool obol_config_signer_server(const char *text, struct obol_endpoint *endpoint)
{
	struct obol_endpoint_list list;
	socklen_t len;
	char why[256];

	memset(endpoint, 0, sizeof(*endpoint));
	if (obol_listen_parse(text, &endpoint->addr, &len) == OBOL_OK)
	{
		endpoint->is_address = true;
		return true;
	}
	if (obol_endpoints_parse(text, &list, why, sizeof(why)) != OBOL_OK ||
		list.n != 1 || list.items[0].is_address || !list.items[0].port)
	{
		return false;
	}
	*endpoint = list.items[0];
	return true;
}

int obol_config_check_signer_server(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *text = cfg_opt_getnstr(opt, 0);
	struct obol_endpoint endpoint;

	if (*text &&
		(strlen(text) >= sizeof(((struct obol_config *)0)->signer.server) ||
		 !obol_config_signer_server(text, &endpoint)))
	{
		cfg_error(cfg, "server must be an address or a host name, such as "
					   "\"192.0.2.1:4503\", \"[2001:db8::1]:4503\" or "
					   "\"signer.example.org:4503\"");
		return -1;
	}
	return 0;
}

int obol_config_check_signer_pin(cfg_t *cfg, cfg_opt_t *opt)
{
	unsigned n = cfg_opt_size(opt), i;
	uint8_t pin[OBOL_SIGNER_PIN_LEN];

	if (n > OBOL_SIGNER_CLIENTS_MAX)
	{
		cfg_error(cfg, "%s: %d at most", cfg_opt_name(opt),
				  OBOL_SIGNER_CLIENTS_MAX);
		return -1;
	}
	for (i = 0; i < n; i++)
	{
		const char *text = cfg_opt_getnstr(opt, i);

		if (*text && !obol_signer_pin_parse(text, pin))
		{
			cfg_error(cfg,
					  "%s must be \"sha256:\" and 64 hexadecimal digits, "
					  "as obolctl signer prints them",
					  cfg_opt_name(opt));
			return -1;
		}
	}
	return 0;
}

int obol_config_check_signer_gateways(cfg_t *cfg, cfg_opt_t *opt)
{
	unsigned n = cfg_opt_size(opt), i;

	for (i = 0; i < n; i++)
	{
		const char *name = cfg_opt_getnstr(opt, i);

		if (strlen(name) >= OBOL_SIGNER_NAME_LEN ||
			!obol_issuer_name_is_usable(name))
		{
			cfg_error(cfg, "gateways must be host names or addresses of up to "
						   "63 characters");
			return -1;
		}
	}
	if (n > OBOL_SIGNER_NAMES_MAX)
	{
		cfg_error(cfg, "gateways: %d at most", OBOL_SIGNER_NAMES_MAX);
		return -1;
	}
	return 0;
}

static void take_text(char *out, size_t size, const char *text)
{
	(void)snprintf(out, size, "%s", text ? text : "");
}

void obol_config_take_signer_server(cfg_t *cfg, struct obol_config *config)
{
	size_t n = cfg_size(cfg, "signer|clients"), i;

	take_text(config->signer.server, sizeof(config->signer.server),
			  cfg_getstr(cfg, "signer|server"));
	take_text(config->signer.certificate, sizeof(config->signer.certificate),
			  cfg_getstr(cfg, "signer|certificate"));
	take_text(config->signer.key, sizeof(config->signer.key),
			  cfg_getstr(cfg, "signer|key"));
	config->signer.n_gateways = cfg_size(cfg, "signer|gateways");
	for (i = 0; i < config->signer.n_gateways; i++)
	{
		take_text(config->signer.gateways[i],
				  sizeof(config->signer.gateways[i]),
				  cfg_getnstr(cfg, "signer|gateways", (unsigned)i));
	}
	config->signer.has_pin = obol_signer_pin_parse(
		cfg_getstr(cfg, "signer|pin"), config->signer.pin);
	for (i = 0; i < n; i++)
	{
		if (obol_signer_pin_parse(
				cfg_getnstr(cfg, "signer|clients", (unsigned)i),
				config->signer.clients[config->signer.n_clients]))
		{
			config->signer.n_clients++;
		}
	}
}

bool obol_config_signer_is_away(const struct obol_config *config)
{
	return *config->signer.server != '\0';
}
