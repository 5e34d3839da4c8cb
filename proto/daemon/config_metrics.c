/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obold.conf's section metrics. */
#include "daemon/config_metrics.h"

#include <stdio.h>

void obol_config_take_metrics(cfg_t *cfg, struct obol_config *config)
{
	(void)snprintf(config->metrics_listen, sizeof(config->metrics_listen), "%s",
				   cfg_getstr(cfg, "metrics|listen"));
}
