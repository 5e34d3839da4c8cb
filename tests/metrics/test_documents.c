/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each metric is described, and nothing is that does not exist. */
#include "metrics/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/reading.h"
#include "support/run.h"

Suite *documents_suite(void);

#define DAEMON SRCDIR "/proto/daemon/"
#define NAMES_MAX 256

/** Names of metrics, each once. */
struct names {
	size_t n;
	char all[NAMES_MAX][OBOL_SAMPLE_NAME_MAX + 1];
};

static struct names exported, found;

static bool has(const struct names *names, const char *name)
{
	size_t i;

	for (i = 0; i < names->n; i++)
	{
		if (strcmp(names->all[i], name) == 0)
		{
			return true;
		}
	}
	return false;
}

static void add(struct names *names, const char *name)
{
	if (!has(names, name))
	{
		ck_assert_uint_lt(names->n, NAMES_MAX);
		(void)snprintf(names->all[names->n++], sizeof(names->all[0]), "%s",
					   name);
	}
}

static void on_sample(void *ctx, const struct obol_sample *sample)
{
	(void)ctx;
	(void)sample;
}

static void on_comment(void *ctx, struct obol_bytes line)
{
	char text[512], name[OBOL_SAMPLE_NAME_MAX + 1];

	ck_assert_uint_lt(line.len, sizeof(text));
	memcpy(text, line.ptr, line.len);
	text[line.len] = '\0';
	if (sscanf(text, "# TYPE %95s", name) == 1)
	{
		add(ctx, name);
	}
}

static void setup(void)
{
	static const struct obol_readings readings;
	struct obol_writer w;

	memset(&exported, 0, sizeof(exported));
	memset(&found, 0, sizeof(found));
	obol_writer_init(&w);
	obol_metrics_write(&w, &readings);
	ck_assert_int_eq(obol_metrics_read(obol_writer_view(&w), on_sample,
									   on_comment, &exported),
					 OBOL_OK);
	obol_writer_clear(&w);
	ck_assert_uint_gt(exported.n, 30);
}

static char *read_file(const char *path)
{
	char *text = calloc(1, 1 << 20);
	FILE *file = fopen(path, "r");
	size_t n;

	ck_assert_msg(file && text, "%s", path);
	n = fread(text, 1, (1 << 20) - 1, file);
	ck_assert_uint_gt(n, 0);
	(void)fclose(file);
	return text;
}

/* The page's items and the exported metrics are the same. */
START_TEST(test_page)
{
	char *text = read_file(DAEMON "obold-metrics.7"), *line, *rest = NULL;
	char name[OBOL_SAMPLE_NAME_MAX + 1];
	size_t i;

	for (line = strtok_r(text, "\n", &rest); line;
		 line = strtok_r(NULL, "\n", &rest))
	{
		if (sscanf(line, ".It Ic %95s", name) == 1)
		{
			ck_assert_msg(!has(&found, name), "twice: %s", name);
			add(&found, name);
			ck_assert_msg(has(&exported, name), "there is no %s", name);
		}
	}
	for (i = 0; i < exported.n; i++)
	{
		ck_assert_msg(has(&found, exported.all[i]), "not described: %s",
					  exported.all[i]);
	}
	free(text);
}
END_TEST

/* Each value of each label too. */
START_TEST(test_values)
{
	char *text = read_file(DAEMON "obold-metrics.7");
	size_t label, i;

	for (label = OBOL_LABEL_REQUEST; label < OBOL_LABEL_VERSION; label++)
	{
		const struct obol_metric_label_info *info = &obol_metric_labels[label];

		for (i = 0; i < info->n_values; i++)
		{
			char *at = strstr(text, info->values[i]);

			/* a word of its own */
			while (at && (strchr(" ,", at[-1]) == NULL ||
						  strchr(" ,\n", at[strlen(info->values[i])]) == NULL))
			{
				at = strstr(at + 1, info->values[i]);
			}
			ck_assert_msg(at != NULL, "not described: %s=%s", info->name,
						  info->values[i]);
		}
	}
	free(text);
}
END_TEST

/* A name as a histogram's lines have it, without the end. */
static void strip(char *name)
{
	static const char *const ends[] = { "_bucket", "_sum", "_count" };
	size_t len = strlen(name), i;

	for (i = 0; i < 3 && !has(&exported, name); i++)
	{
		size_t end_len = strlen(ends[i]);

		if (len > end_len && strcmp(name + len - end_len, ends[i]) == 0)
		{
			name[len - end_len] = '\0';
			return;
		}
	}
}

/** Alerts and dashboard ask for what there is. */
static const char *const queries[] = { "obold-alerts.yml",
									   "obold-dashboard.json" };

START_TEST(test_queries)
{
	char path[256], name[OBOL_SAMPLE_NAME_MAX + 1];
	char *text, *at;
	size_t n = 0;

	(void)snprintf(path, sizeof(path), "%s%s", DAEMON, queries[_i]);
	text = read_file(path);
	for (at = strstr(text, OBOL_METRIC_PREFIX); at;
		 at = strstr(at + 1, OBOL_METRIC_PREFIX))
	{
		ck_assert_int_eq(sscanf(at, "%95[a-z_]", name), 1);
		strip(name);
		ck_assert_msg(has(&exported, name), "%s: there is no %s", queries[_i],
					  name);
		n++;
	}
	ck_assert_uint_gt(n, 15);
	free(text);
}
END_TEST

/* A value that a label of this name can have. */
static bool can_be(const char *name, const char *value)
{
	size_t label, i;

	for (label = OBOL_LABEL_REQUEST; label < OBOL_LABEL_VERSION; label++)
	{
		const struct obol_metric_label_info *info = &obol_metric_labels[label];

		for (i = 0; strcmp(info->name, name) == 0 && i < info->n_values; i++)
		{
			if (strcmp(info->values[i], value) == 0)
			{
				return true;
			}
		}
	}
	return false;
}

/* What stands behind a label's name: =, =~, != or !~, and "a|b|c" or \"a\".
 * How many values there are. */
static size_t check_values(const char *file, const char *name, const char *at)
{
	size_t n = 0, len = strspn(at, "=!~");
	char value[64];

	at += len;
	at += *at == '\\';
	if (len == 0 || *at != '"')
	{
		return 0;
	}
	do
	{
		at++;
		len = strcspn(at, "|\\\"");
		ck_assert_uint_lt(len, sizeof(value));
		memcpy(value, at, len);
		value[len] = '\0';
		ck_assert_msg(can_be(name, value), "%s: no %s is %s", file, name,
					  value);
		at += len;
		n++;
	} while (*at == '|');
	return n;
}

/* Alerts and dashboard ask for values that labels have: a word that is none
 * would be an alert that never comes. */
START_TEST(test_query_values)
{
	char path[256], *text;
	size_t n = 0, label;
	const char *at;

	(void)snprintf(path, sizeof(path), "%s%s", DAEMON, queries[_i]);
	text = read_file(path);
	for (label = OBOL_LABEL_REQUEST; label < OBOL_LABEL_VERSION; label++)
	{
		const char *name = obol_metric_labels[label].name;

		for (at = strstr(text, name); at; at = strstr(at + 1, name))
		{
			n += check_values(queries[_i], name, at + strlen(name));
		}
	}
	ck_assert_uint_gt(n, 5);
	free(text);
}
END_TEST

/** What follows a mark in a file, once each. */
static void collect(struct names *names, const char *file, const char *mark)
{
	char *text = read_file(file), *line, *rest = NULL;
	char name[OBOL_SAMPLE_NAME_MAX + 1];

	for (line = strtok_r(text, "\n", &rest); line;
		 line = strtok_r(NULL, "\n", &rest))
	{
		const char *at = strstr(line, mark);

		if (at && sscanf(at + strlen(mark), "%95[A-Za-z]", name) == 1)
		{
			ck_assert_msg(!has(names, name), "twice: %s", name);
			add(names, name);
		}
	}
	free(text);
}

/* Each alert is explained, and each explanation is of one. */
START_TEST(test_alerts)
{
	static struct names alerts, explained;
	size_t i;

	collect(&alerts, DAEMON "obold-alerts.yml", " - alert: ");
	collect(&explained, DAEMON "obold-metrics.7", ".It Cm ");
	ck_assert_uint_gt(alerts.n, 10);
	ck_assert_uint_eq(alerts.n, explained.n);
	for (i = 0; i < alerts.n; i++)
	{
		ck_assert_msg(has(&explained, alerts.all[i]), "not explained: %s",
					  alerts.all[i]);
	}
}
END_TEST

Suite *documents_suite(void)
{
	Suite *s = suite_create("documents");
	TCase *tc = tcase_create("documents");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, test_page);
	tcase_add_test(tc, test_values);
	tcase_add_loop_test(tc, test_queries, 0, 2);
	tcase_add_loop_test(tc, test_query_values, 0, 2);
	tcase_add_test(tc, test_alerts);
	suite_add_tcase(s, tc);
	return s;
}
