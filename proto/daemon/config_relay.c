/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The section relay of obold.conf. */
#include "daemon/config_relay.h"

#include <stdio.h>

void obol_config_relay_options(cfg_opt_t options[OBOL_CONFIG_RELAY_OPTIONS])
{
	cfg_opt_t all[OBOL_CONFIG_RELAY_OPTIONS] = {
		CFG_STR_LIST("listen", NULL, CFGF_NONE),
		CFG_INT("rooms", 128, CFGF_NONE),
		CFG_INT("rooms_per_source", 8, CFGF_NONE),
		CFG_INT("requests_per_source", 60, CFGF_NONE),
		CFG_INT("size", 64, CFGF_NONE),
		CFG_STR("waiting", "5m", CFGF_NONE),
		CFG_STR("total", "15m", CFGF_NONE),
		CFG_END(),
	};

	memcpy(options, all, sizeof(all));
}

static const struct {
	const char *option;
	long min;
	long max;
} numbers[] = {
	{ "rooms", 1, 1000 },
	{ "rooms_per_source", 1, 1000 },
	{ "requests_per_source", 1, 100000 },
	{ "size", 1, 1000000 },
};

static const struct {
	const char *option;
	uint32_t max;
} durations[] = {
	{ "waiting", 3600 },
	{ "total", 86400 },
};

static int check_number(cfg_t *cfg, cfg_opt_t *opt)
{
	long value = cfg_opt_getnint(opt, 0);
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
	{
		if (strcmp(numbers[i].option, cfg_opt_name(opt)) == 0 &&
			(value < numbers[i].min || value > numbers[i].max))
		{
			cfg_error(cfg, "%s must be from %ld to %ld", cfg_opt_name(opt),
					  numbers[i].min, numbers[i].max);
			return -1;
		}
	}
	return 0;
}

static int check_duration(cfg_t *cfg, cfg_opt_t *opt)
{
	uint32_t value = obol_config_duration(cfg_opt_getnstr(opt, 0));
	size_t i;

	for (i = 0; i < sizeof(durations) / sizeof(durations[0]); i++)
	{
		if (strcmp(durations[i].option, cfg_opt_name(opt)) == 0 &&
			(value == 0 || value > durations[i].max))
		{
			cfg_error(cfg,
					  "%s must be a length of time up to %us, such as "
					  "\"30s\", \"5m\"",
					  cfg_opt_name(opt), (unsigned)durations[i].max);
			return -1;
		}
	}
	return 0;
}

void obol_config_relay_checks(cfg_t *cfg, cfg_validate_callback_t check_listen)
{
	(void)cfg_set_validate_func(cfg, "relay|listen", check_listen);
	(void)cfg_set_validate_func(cfg, "relay|rooms", check_number);
	(void)cfg_set_validate_func(cfg, "relay|rooms_per_source", check_number);
	(void)cfg_set_validate_func(cfg, "relay|requests_per_source", check_number);
	(void)cfg_set_validate_func(cfg, "relay|size", check_number);
	(void)cfg_set_validate_func(cfg, "relay|waiting", check_duration);
	(void)cfg_set_validate_func(cfg, "relay|total", check_duration);
}

void obol_config_relay_take(cfg_t *cfg, struct obol_config *config)
{
	size_t i;

	config->relay.n_listen = cfg_size(cfg, "relay|listen");
	for (i = 0; i < config->relay.n_listen; i++)
	{
		(void)snprintf(config->relay.listen[i], sizeof(config->relay.listen[i]),
					   "%s", cfg_getnstr(cfg, "relay|listen", (unsigned)i));
	}
	config->relay.rooms = (unsigned)cfg_getint(cfg, "relay|rooms");
	config->relay.rooms_per_source =
		(unsigned)cfg_getint(cfg, "relay|rooms_per_source");
	config->relay.requests_per_source =
		(unsigned)cfg_getint(cfg, "relay|requests_per_source");
	config->relay.size_mib = (unsigned)cfg_getint(cfg, "relay|size");
	config->relay.waiting_s =
		obol_config_duration(cfg_getstr(cfg, "relay|waiting"));
	config->relay.total_s =
		obol_config_duration(cfg_getstr(cfg, "relay|total"));
}
