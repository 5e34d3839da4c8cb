/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obold.conf's sections limits and timeouts. */
#include "daemon/config_limits.h"

void obol_config_take_limits(cfg_t *cfg, struct obol_config *config)
{
	config->limits.connections =
		(unsigned)cfg_getint(cfg, "limits|connections");
	config->limits.connections_per_source =
		(unsigned)cfg_getint(cfg, "limits|connections_per_source");
	config->limits.handshakes_per_source =
		(unsigned)cfg_getint(cfg, "limits|handshakes_per_source");
	config->limits.failures_per_source =
		(unsigned)cfg_getint(cfg, "limits|failures_per_source");
	config->limits.guess_rows = (unsigned)cfg_getint(cfg, "limits|guess_rows");
	config->limits.history_rows =
		(unsigned)cfg_getint(cfg, "limits|history_rows");
	config->timeouts.handshake =
		obol_config_duration(cfg_getstr(cfg, "timeouts|handshake"));
	config->timeouts.login =
		obol_config_duration(cfg_getstr(cfg, "timeouts|login"));
	config->timeouts.idle =
		obol_config_duration(cfg_getstr(cfg, "timeouts|idle"));
	config->timeouts.total =
		obol_config_duration(cfg_getstr(cfg, "timeouts|total"));
	config->timeouts.drain =
		obol_config_duration(cfg_getstr(cfg, "timeouts|drain"));
}
