/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A process's meter: one cell for each metric and its label values. One process
 * writes it, others may read it meanwhile. Whoever has no meter passes NULL,
 * and nothing is counted.
 */
#ifndef OBOL_METRICS_METER_H_
#define OBOL_METRICS_METER_H_

#include <stdatomic.h>
#include <stdbool.h>

#include "metrics/metric.h"

struct obol_meter {
	_Atomic uint64_t cells[OBOL_METRIC_CELLS];
};

/** What several meters come to. */
struct obol_readings {
	uint64_t cells[OBOL_METRIC_CELLS];
};

/** Add to a counter or a gauge; label values that the metric lacks are 0. */
void obol_meter_add(struct obol_meter *meter, enum obol_metric metric,
					unsigned a, unsigned b, uint64_t n);

/** Set a gauge; it may be below zero. One of OBOL_METRIC_GAUGE_MAX is shown
 * from then on, and may not. */
void obol_meter_set(struct obol_meter *meter, enum obol_metric metric,
					unsigned a, int64_t value);

/** Put a value into a histogram: microseconds, or a number of things. */
void obol_meter_observe(struct obol_meter *meter, enum obol_metric metric,
						unsigned a, unsigned b, uint64_t value);

/** Monotonic microseconds; 0 without a meter. */
uint64_t obol_meter_us(const struct obol_meter *meter);

/** Put the time since then, of obol_meter_us(), into a histogram. */
void obol_meter_since(struct obol_meter *meter, enum obol_metric metric,
					  unsigned a, unsigned b, uint64_t since_us);

/** Forget the gauges, whose process has ended. Counters go on. */
void obol_meter_clear_gauges(struct obol_meter *meter);

/**
 * Add what a meter shows to the readings.
 *
 * @param lives	whether its process is there: else its gauges do not count
 */
void obol_readings_add(struct obol_readings *readings,
					   const struct obol_meter *meter, bool lives);

/**
 * A gauge of the readings.
 *
 * @return	false when nobody has set it
 */
bool obol_readings_gauge(const struct obol_readings *readings,
						 enum obol_metric metric, unsigned a, int64_t *value);

/** Set one of them oneself. */
void obol_readings_set(struct obol_readings *readings, enum obol_metric metric,
					   unsigned a, int64_t value);

#endif /* OBOL_METRICS_METER_H_ */
