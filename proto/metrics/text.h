/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Readings in Prometheus' text format, version 0.0.4.
 */
#ifndef OBOL_METRICS_TEXT_H_
#define OBOL_METRICS_TEXT_H_

#include "base/writer.h"
#include "metrics/meter.h"

#define OBOL_METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/** All metrics. A histogram with labels comes with a counter of what it has
 * seen: beside obol_x_duration_seconds there is obol_xs_total. Histograms that
 * have seen nothing are left out, but for their description. */
void obol_metrics_write(struct obol_writer *w,
						const struct obol_readings *readings);

/** A label's value: '\', '"' and the end of a line are escaped. */
void obol_metrics_write_value(struct obol_writer *w, const char *value);

/** A description: '\' and the end of a line are escaped. */
void obol_metrics_write_help(struct obol_writer *w, const char *help);

#endif /* OBOL_METRICS_TEXT_H_ */
