/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the publisher finds out for the monitor: whether the database can be
 * written, how much is in it, and when certificates end.
 */
#ifndef OBOL_DAEMON_FIGURES_H_
#define OBOL_DAEMON_FIGURES_H_

#include "daemon/assets.h"
#include "metrics/meter.h"
#include "store/store.h"

struct obol_figures {
	struct obol_store *store;
	struct obol_clock *clock;
	struct obol_meter *meter;
	/** monotonic milliseconds */
	uint64_t write_at_ms;
	uint64_t count_at_ms;
};

/** Read the ends of the certificates that obold.conf names; before privileges
 * are given up. */
void obol_figures_certificates(const struct obol_assets *assets,
							   struct obol_meter *meter);

/** Do what is due; call it every second or more often. */
void obol_figures_tick(struct obol_figures *figures);

#endif /* OBOL_DAEMON_FIGURES_H_ */
