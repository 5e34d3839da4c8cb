/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readings in Prometheus' text format. */
#include "metrics/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DURATION_END "_duration_seconds"
#define MICRO ((uint64_t)1000000)

/** Of what a line is about. */
struct series {
	const struct obol_metric_info *info;
	unsigned values[2];
};

static void write_text(struct obol_writer *w, const char *text)
{
	obol_write_bytes(w, obol_bytes_str(text));
}

static void write_escaped(struct obol_writer *w, const char *text,
						  const char *escaped)
{
	for (; *text; text++)
	{
		if (strchr(escaped, *text))
		{
			obol_write_u8(w, '\\');
		}
		obol_write_u8(w, *text == '\n' ? 'n' : (uint8_t)*text);
	}
}

void obol_metrics_write_value(struct obol_writer *w, const char *value)
{
	write_escaped(w, value, "\\\"\n");
}

void obol_metrics_write_help(struct obol_writer *w, const char *help)
{
	write_escaped(w, help, "\\\n");
}

/* Up to six digits behind the point, without zeros at the end. */
static void format_bound(char out[32], enum obol_metric_type type,
						 uint64_t bound)
{
	size_t len;

	if (type == OBOL_METRIC_SIZES)
	{
		(void)snprintf(out, 32, "%" PRIu64, bound);
		return;
	}
	(void)snprintf(out, 32, "%" PRIu64 ".%06" PRIu64, bound / MICRO,
				   bound % MICRO);
	for (len = strlen(out); out[len - 1] == '0'; len--)
	{
		out[len - 1] = '\0';
	}
	if (out[len - 1] == '.')
	{
		out[len - 1] = '\0';
	}
}

/* "obol_NAME" */
static void write_name(struct obol_writer *w, const char *name)
{
	write_text(w, OBOL_METRIC_PREFIX);
	write_text(w, name);
}

/* The counter beside a histogram of durations that has labels:
 * "obol_requests_total". */
static bool counter_of(const struct obol_metric_info *info, char out[64])
{
	size_t len = strlen(info->name);

	if (info->type != OBOL_METRIC_DURATIONS ||
		info->labels[0] == OBOL_LABEL_NONE || len < sizeof(DURATION_END))
	{
		return false;
	}
	len -= sizeof(DURATION_END) - 1;
	(void)snprintf(out, 64, "%.*ss_total", (int)len, info->name);
	return true;
}

static void write_label(struct obol_writer *w, const char *name,
						const char *value, bool *is_first)
{
	write_text(w, *is_first ? "{" : ",");
	*is_first = false;
	write_text(w, name);
	write_text(w, "=\"");
	obol_metrics_write_value(w, value);
	write_text(w, "\"");
}

/* "{a="x",b="y",le="0.5"} ": the labels and the space behind them. */
static void write_labels(struct obol_writer *w, const struct series *series,
						 const char *le)
{
	bool is_first = true;
	size_t i;

	for (i = 0; i < 2; i++)
	{
		enum obol_metric_label label = series->info->labels[i];

		if (label != OBOL_LABEL_NONE)
		{
			write_label(w, obol_metric_labels[label].name,
						obol_metric_labels[label].values[series->values[i]],
						&is_first);
		}
	}
	if (le)
	{
		write_label(w, "le", le, &is_first);
	}
	write_text(w, is_first ? " " : "} ");
}

static void write_head(struct obol_writer *w, const char *name,
					   const char *type, const char *help)
{
	write_text(w, "# HELP ");
	write_name(w, name);
	write_text(w, " ");
	obol_metrics_write_help(w, help);
	write_text(w, "\n# TYPE ");
	write_name(w, name);
	write_text(w, " ");
	write_text(w, type);
	write_text(w, "\n");
}

static void write_number(struct obol_writer *w, uint64_t value)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%" PRIu64 "\n", value);
	write_text(w, text);
}

static uint64_t count_of(const uint64_t *cells)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i <= OBOL_METRIC_BUCKETS; i++)
	{
		n += cells[i];
	}
	return n;
}

static void write_histogram(struct obol_writer *w, const struct series *series,
							const uint64_t *cells)
{
	enum obol_metric_type type = series->info->type;
	const uint64_t *bounds = obol_metric_bounds(type);
	uint64_t n = 0;
	char text[32];
	size_t i;

	for (i = 0; i <= OBOL_METRIC_BUCKETS; i++)
	{
		n += cells[i];
		if (i < OBOL_METRIC_BUCKETS)
		{
			format_bound(text, type, bounds[i]);
		}
		write_name(w, series->info->name);
		write_text(w, "_bucket");
		write_labels(w, series, i < OBOL_METRIC_BUCKETS ? text : "+Inf");
		write_number(w, n);
	}
	format_bound(text, type, cells[OBOL_METRIC_BUCKETS + 1]);
	write_name(w, series->info->name);
	write_text(w, "_sum");
	write_labels(w, series, NULL);
	write_text(w, text);
	write_text(w, "\n");
	write_name(w, series->info->name);
	write_text(w, "_count");
	write_labels(w, series, NULL);
	write_number(w, n);
}

static void write_gauge(struct obol_writer *w, const struct series *series,
						enum obol_metric metric,
						const struct obol_readings *readings)
{
	char text[32];
	int64_t value;

	if (obol_readings_gauge(readings, metric, series->values[0], &value))
	{
		write_name(w, series->info->name);
		write_labels(w, series, NULL);
		(void)snprintf(text, sizeof(text), "%" PRId64 "\n", value);
		write_text(w, text);
	}
}

static void write_counter(struct obol_writer *w, const char *name,
						  const struct series *series, uint64_t value)
{
	write_name(w, name);
	write_labels(w, series, NULL);
	write_number(w, value);
}

/* All series of one metric; with a name, the counter beside a histogram. */
static void write_series(struct obol_writer *w, enum obol_metric metric,
						 const struct obol_readings *readings,
						 const char *counter)
{
	const struct obol_metric_info *info = &obol_metric_infos[metric];
	size_t n_a = obol_metric_labels[info->labels[0]].n_values;
	size_t n_b = obol_metric_labels[info->labels[1]].n_values;
	struct series series = { .info = info };
	unsigned a, b;

	for (a = 0; a < n_a; a++)
	{
		for (b = 0; b < n_b; b++)
		{
			const uint64_t *cells =
				readings->cells + obol_metric_cell(metric, a, b);

			series.values[0] = a;
			series.values[1] = b;
			if (counter)
			{
				write_counter(w, counter, &series, count_of(cells));
			}
			else if (info->type == OBOL_METRIC_COUNTER)
			{
				write_counter(w, info->name, &series, cells[0]);
			}
			else if (info->type < OBOL_METRIC_DURATIONS)
			{
				write_gauge(w, &series, metric, readings);
			}
			else if (count_of(cells))
			{
				write_histogram(w, &series, cells);
			}
		}
	}
}

void obol_metrics_write(struct obol_writer *w,
						const struct obol_readings *readings)
{
	char counter[64];
	unsigned i;

	for (i = 0; i < OBOL_METRIC_N; i++)
	{
		const struct obol_metric_info *info = &obol_metric_infos[i];

		if (!info->name)
		{
			continue;
		}
		write_head(w, info->name,
				   info->type >= OBOL_METRIC_DURATIONS ? "histogram"
				   : info->type == OBOL_METRIC_COUNTER ? "counter"
													   : "gauge",
				   info->help);
		write_series(w, (enum obol_metric)i, readings, NULL);
		if (counter_of(info, counter))
		{
			write_head(w, counter, "counter", info->help);
			write_series(w, (enum obol_metric)i, readings, counter);
		}
	}
}
