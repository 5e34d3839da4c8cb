/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Reading Prometheus' text format, as obold writes it.
 */
#ifndef OBOL_METRICS_READING_H_
#define OBOL_METRICS_READING_H_

#include "base/bytes.h"

/** What is read at most. */
#define OBOL_METRICS_TEXT_MAX ((size_t)1 << 20)
#define OBOL_SAMPLE_NAME_MAX 95
#define OBOL_SAMPLE_VALUE_MAX 63
#define OBOL_SAMPLE_LABELS_MAX 4

struct obol_sample {
	char name[OBOL_SAMPLE_NAME_MAX + 1];
	size_t n_labels;
	struct {
		char name[OBOL_SAMPLE_NAME_MAX + 1];
		/** unescaped */
		char value[OBOL_SAMPLE_VALUE_MAX + 1];
	} labels[OBOL_SAMPLE_LABELS_MAX];
	double value;
};

/**
 * Read a document.
 *
 * @param sample	called for each line with a value
 * @param comment	called for the others, without their end; NULL: for none
 * @return			OK; FORMAT at the first line that is none, or has more or
 *					longer labels than above
 */
enum obol_status
obol_metrics_read(struct obol_bytes text,
				  void (*sample)(void *ctx, const struct obol_sample *sample),
				  void (*comment)(void *ctx, struct obol_bytes line),
				  void *ctx) OBOL_MUST_CHECK;

/** A sample's value of a label; "" when it has none. */
const char *obol_sample_label(const struct obol_sample *sample,
							  const char *name);

#endif /* OBOL_METRICS_READING_H_ */
