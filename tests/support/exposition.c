/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A strict look at Prometheus' text format. */
#include "support/exposition.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "metrics/reading.h"

#define FAMILIES_MAX 128
#define SERIES_MAX 8192
#define SERIES_LEN 256

struct look {
	size_t n_families;
	char families[FAMILIES_MAX][OBOL_SAMPLE_NAME_MAX + 1];
	char type[16];
	bool is_typed;
	size_t n_series;
	char (*series)[SERIES_LEN];
	/** of the histogram under way: the last bucket, its bound, all of it */
	double bucket;
	double bound;
	double all;
	bool has_all;
};

static const char *newest(const struct look *look)
{
	ck_assert_uint_gt(look->n_families, 0);
	return look->families[look->n_families - 1];
}

static void on_comment(void *ctx, struct obol_bytes line)
{
	struct look *look = ctx;
	char text[512], name[96], type[16];
	size_t i;

	ck_assert_uint_lt(line.len, sizeof(text));
	memcpy(text, line.ptr, line.len);
	text[line.len] = '\0';
	if (sscanf(text, "# HELP %95s", name) == 1)
	{
		ck_assert_ptr_nonnull(strchr(text + 7, ' ')); /* and says something */
		for (i = 0; i < look->n_families; i++)
		{
			ck_assert_msg(strcmp(look->families[i], name) != 0, "twice: %s",
						  name);
		}
		ck_assert_uint_lt(look->n_families, FAMILIES_MAX);
		(void)snprintf(look->families[look->n_families++],
					   sizeof(look->families[0]), "%s", name);
		look->is_typed = false;
		look->has_all = false;
		return;
	}
	ck_assert_msg(sscanf(text, "# TYPE %95s %15s", name, type) == 2, "%s",
				  text);
	ck_assert_str_eq(name, newest(look));
	ck_assert(!look->is_typed);
	look->is_typed = true;
	(void)snprintf(look->type, sizeof(look->type), "%s", type);
	ck_assert(strcmp(type, "counter") == 0 || strcmp(type, "gauge") == 0 ||
			  strcmp(type, "histogram") == 0);
	ck_assert_msg(strcmp(type, "counter") != 0 ||
					  strcmp(name + strlen(name) - 6, "_total") == 0,
				  "%s", name);
}

static void see_histogram(struct look *look, const char *end,
						  const struct obol_sample *sample)
{
	const char *le = obol_sample_label(sample, "le");

	if (strcmp(end, "_bucket") == 0)
	{
		double bound = strcmp(le, "+Inf") == 0 ? 1e300 : atof(le);

		ck_assert_str_ne(le, "");
		if (look->has_all || look->bound >= bound)
		{
			look->bucket = 0; /* of other labels */
			look->has_all = false;
		}
		else
		{
			ck_assert(sample->value >= look->bucket);
		}
		look->bound = bound;
		look->bucket = sample->value;
		return;
	}
	ck_assert_str_eq(le, "");
	if (strcmp(end, "_sum") == 0)
	{
		ck_assert_msg(look->bound > 1e299, "%s without +Inf", sample->name);
		ck_assert(sample->value >= 0);
		return;
	}
	ck_assert_str_eq(end, "_count");
	ck_assert(sample->value == look->bucket);
	look->has_all = true;
}

static void remember(struct look *look, const struct obol_sample *sample)
{
	char series[SERIES_LEN];
	size_t i, len;

	len = (size_t)snprintf(series, sizeof(series), "%s", sample->name);
	for (i = 0; i < sample->n_labels; i++)
	{
		len +=
			(size_t)snprintf(series + len, sizeof(series) - len, ",%s=%s",
							 sample->labels[i].name, sample->labels[i].value);
		ck_assert_uint_lt(len, sizeof(series));
	}
	for (i = 0; i < look->n_series; i++)
	{
		/* ck_assert() takes its time, and these are many */
		if (strcmp(look->series[i], series) == 0)
		{
			ck_abort_msg("twice: %s", series);
		}
	}
	ck_assert_uint_lt(look->n_series, SERIES_MAX);
	memcpy(look->series[look->n_series++], series, len + 1);
}

static void on_sample(void *ctx, const struct obol_sample *sample)
{
	struct look *look = ctx;
	size_t len = strlen(newest(look));

	ck_assert(look->is_typed);
	ck_assert_msg(strncmp(sample->name, newest(look), len) == 0,
				  "%s stands under %s", sample->name, newest(look));
	if (strcmp(look->type, "histogram") == 0)
	{
		see_histogram(look, sample->name + len, sample);
	}
	else
	{
		ck_assert_str_eq(sample->name + len, "");
		ck_assert(strcmp(look->type, "counter") != 0 || sample->value >= 0);
	}
	remember(look, sample);
}

size_t exposition_check(const char *text, size_t len)
{
	struct look *look = calloc(1, sizeof(*look));
	size_t n;

	ck_assert_ptr_nonnull(look);
	look->series = calloc(SERIES_MAX, sizeof(*look->series));
	ck_assert_ptr_nonnull(look->series);
	ck_assert_int_eq(
		obol_metrics_read(obol_bytes(text, len), on_sample, on_comment, look),
		OBOL_OK);
	n = look->n_families;
	free(look->series);
	free(look);
	return n;
}

double exposition_value(const char *text, const char *series)
{
	char wanted[256];
	const char *line;

	(void)snprintf(wanted, sizeof(wanted), "\n%s ", series);
	line = strstr(text, wanted);
	ck_assert_msg(line != NULL, "there is no %s", series);
	return atof(line + strlen(wanted));
}
