/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prometheus' text format, as obolctl status reads it. */
#include "fuzz/support.h"

#include <math.h>
#include <stdio.h>

#include "metrics/reading.h"
#include "metrics/text.h"

static struct obol_sample again;

static void keep(void *ctx, const struct obol_sample *sample)
{
	unsigned *n = ctx;

	again = *sample;
	(*n)++;
}

static void write_text(struct obol_writer *w, const char *text)
{
	obol_write_bytes(w, obol_bytes_str(text));
}

static void write_sample(struct obol_writer *w,
						 const struct obol_sample *sample)
{
	char value[64];
	size_t i;

	write_text(w, sample->name);
	for (i = 0; i < sample->n_labels; i++)
	{
		write_text(w, i ? "," : "{");
		write_text(w, sample->labels[i].name);
		write_text(w, "=\"");
		obol_metrics_write_value(w, sample->labels[i].value);
		write_text(w, "\"");
	}
	(void)snprintf(value, sizeof(value), "%s %.17g\n",
				   sample->n_labels ? "}" : "", sample->value);
	write_text(w, value);
}

/* a sample that was read, written and read, is the same sample */
static void check(void *ctx, const struct obol_sample *sample)
{
	struct obol_writer w;
	unsigned n = 0;
	size_t i;

	(void)ctx;
	FUZZ_CHECK(sample->n_labels <= OBOL_SAMPLE_LABELS_MAX);
	if (!isfinite(sample->value))
	{
		return;
	}
	obol_writer_init(&w);
	write_sample(&w, sample);
	FUZZ_CHECK(obol_metrics_read(obol_writer_view(&w), keep, NULL, &n) ==
			   OBOL_OK);
	FUZZ_CHECK(n == 1 && again.n_labels == sample->n_labels);
	FUZZ_CHECK(strcmp(again.name, sample->name) == 0);
	FUZZ_CHECK(again.value == sample->value);
	for (i = 0; i < sample->n_labels; i++)
	{
		FUZZ_CHECK(strcmp(again.labels[i].name, sample->labels[i].name) == 0 &&
				   strcmp(again.labels[i].value, sample->labels[i].value) == 0);
	}
	obol_writer_clear(&w);
}

static void run(struct obol_bytes in)
{
	(void)!obol_metrics_read(in, check, NULL, NULL);
}

static void seed(struct fuzz_seeds *seeds)
{
	fuzz_seed_text(seeds, "plain", "# HELP x y\n# TYPE x gauge\nx 1\n\nx -2\n");
	fuzz_seed_text(seeds, "labels",
				   "obol_logins_total{kind=\"password\",result=\"ok\"} 7\n");
	fuzz_seed_text(seeds, "escapes", "x{a=\"\\\\\\\"\\n\",b=\"\"} 1.5e-3\n");
	fuzz_seed_text(seeds, "bucket", "x_bucket{le=\"+Inf\"} 3\nx_sum 0.25\n");
	fuzz_seed_text(seeds, "open", "x{a=\"b");
}

static struct fuzz_target target = {
	.name = "metrics",
	.what = "a good sample, written and read again, is the same sample",
	.run = run,
	.seed = seed,
	.max_len = 1024,
};

FUZZ_TARGET(target)
