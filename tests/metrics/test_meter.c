/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cells, histograms, and what several meters come to. */
#include "metrics/meter.h"

#include <stdlib.h>
#include <string.h>

#include "support/run.h"

Suite *meter_suite(void);

static struct obol_meter *one, *other;
static struct obol_readings readings;

static void setup(void)
{
	one = calloc(1, sizeof(*one));
	other = calloc(1, sizeof(*other));
	ck_assert(one && other);
	memset(&readings, 0, sizeof(readings));
}

static void teardown(void)
{
	free(one);
	free(other);
}

static uint64_t cell(enum obol_metric metric, unsigned a, unsigned b)
{
	return readings.cells[obol_metric_cell(metric, a, b)];
}

START_TEST(test_cells_do_not_overlap)
{
	unsigned char seen[OBOL_METRIC_CELLS] = { 0 };
	size_t metric, i, n = 0;

	for (metric = 0; metric < OBOL_METRIC_N; metric++)
	{
		const struct obol_metric_info *info = &obol_metric_infos[metric];

		ck_assert_uint_gt(info->n_cells, 0);
		for (i = info->at; i < info->at + info->n_cells; i++)
		{
			ck_assert_uint_lt(i, OBOL_METRIC_CELLS);
			ck_assert_uint_eq(seen[i], 0);
			seen[i] = 1;
			n++;
		}
	}
	ck_assert_uint_eq(n, OBOL_METRIC_CELLS);
}
END_TEST

START_TEST(test_every_value_has_a_text)
{
	size_t label, i;

	for (label = OBOL_LABEL_REQUEST; label <= OBOL_LABEL_VERSION; label++)
	{
		const struct obol_metric_label_info *info = &obol_metric_labels[label];

		ck_assert_uint_gt(info->n_values, 0);
		for (i = 0; i < info->n_values; i++)
		{
			ck_assert_msg(info->values[i] && *info->values[i], "%s, value %zu",
						  info->name, i);
		}
	}
}
END_TEST

START_TEST(test_counters_add_up)
{
	obol_meter_add(one, OBOL_METRIC_LOGINS, OBOL_KIND_DEVICE, OBOL_LOGIN_OK, 2);
	obol_meter_add(one, OBOL_METRIC_LOGINS, OBOL_KIND_DEVICE, OBOL_LOGIN_OK, 1);
	obol_meter_add(other, OBOL_METRIC_LOGINS, OBOL_KIND_DEVICE, OBOL_LOGIN_OK,
				   4);
	obol_readings_add(&readings, one, true);
	/* one whose process has ended counts as before */
	obol_readings_add(&readings, other, false);
	ck_assert_uint_eq(cell(OBOL_METRIC_LOGINS, OBOL_KIND_DEVICE, OBOL_LOGIN_OK),
					  7);
	ck_assert_uint_eq(
		cell(OBOL_METRIC_LOGINS, OBOL_KIND_DEVICE, OBOL_LOGIN_FAILED), 0);
	ck_assert_uint_eq(
		cell(OBOL_METRIC_LOGINS, OBOL_KIND_PASSWORD, OBOL_LOGIN_OK), 0);
}
END_TEST

START_TEST(test_gauges_of_the_living)
{
	int64_t value;

	obol_meter_set(one, OBOL_METRIC_CONNECTIONS_OPEN, 0, 3);
	obol_meter_set(other, OBOL_METRIC_CONNECTIONS_OPEN, 0, 5);
	obol_meter_set(one, OBOL_METRIC_CRL_NUMBER, 0, 7);
	obol_meter_set(other, OBOL_METRIC_CRL_NUMBER, 0, 6);
	obol_readings_add(&readings, one, true);
	obol_readings_add(&readings, other, true);
	ck_assert(obol_readings_gauge(&readings, OBOL_METRIC_CONNECTIONS_OPEN, 0,
								  &value));
	ck_assert_int_eq(value, 8);
	ck_assert(
		obol_readings_gauge(&readings, OBOL_METRIC_CRL_NUMBER, 0, &value));
	ck_assert_int_eq(value, 7);

	memset(&readings, 0, sizeof(readings));
	obol_readings_add(&readings, one, false);
	ck_assert(obol_readings_gauge(&readings, OBOL_METRIC_CONNECTIONS_OPEN, 0,
								  &value));
	ck_assert_int_eq(value, 0);
	ck_assert(
		!obol_readings_gauge(&readings, OBOL_METRIC_CRL_NUMBER, 0, &value));
}
END_TEST

/* Zero is a value; never set is none. */
START_TEST(test_zero_is_set)
{
	int64_t value = -1;

	obol_meter_set(one, OBOL_METRIC_DEVICES, 0, 0);
	obol_readings_add(&readings, one, true);
	ck_assert(obol_readings_gauge(&readings, OBOL_METRIC_DEVICES, 0, &value));
	ck_assert_int_eq(value, 0);
	ck_assert(
		!obol_readings_gauge(&readings, OBOL_METRIC_CRL_NUMBER, 0, &value));
}
END_TEST

START_TEST(test_clear_gauges)
{
	obol_meter_set(one, OBOL_METRIC_CONNECTIONS_OPEN, 0, 3);
	obol_meter_add(one, OBOL_METRIC_STORE_BUSY, 0, 0, 2);
	obol_meter_observe(one, OBOL_METRIC_STORE_GROUP, 0, 0, 2);
	obol_meter_clear_gauges(one);
	obol_readings_add(&readings, one, true);
	ck_assert_uint_eq(cell(OBOL_METRIC_CONNECTIONS_OPEN, 0, 0), 0);
	ck_assert_uint_eq(cell(OBOL_METRIC_STORE_BUSY, 0, 0), 2);
	ck_assert_uint_eq(cell(OBOL_METRIC_STORE_GROUP, 0, 0) +
						  readings.cells[OBOL_METRIC_AT_STORE_GROUP + 1],
					  1);
}
END_TEST

/* A bound belongs to the bucket below it. */
static const struct {
	uint64_t us;
	unsigned bucket;
} durations[] = {
	{ 0, 0 },    { 500, 0 },       { 501, 1 },       { 1000, 1 },
	{ 1001, 2 }, { 10000000, 13 }, { 10000001, 14 }, { UINT32_MAX, 14 },
};

START_TEST(test_buckets)
{
	size_t at = obol_metric_cell(OBOL_METRIC_REQUESTS, OBOL_REQUEST_GET,
								 OBOL_RESULT_OK);
	size_t i;

	obol_meter_observe(one, OBOL_METRIC_REQUESTS, OBOL_REQUEST_GET,
					   OBOL_RESULT_OK, durations[_i].us);
	obol_readings_add(&readings, one, true);
	for (i = 0; i <= OBOL_METRIC_BUCKETS; i++)
	{
		ck_assert_uint_eq(readings.cells[at + i], i == durations[_i].bucket);
	}
	ck_assert_uint_eq(readings.cells[at + i], durations[_i].us);
}
END_TEST

START_TEST(test_bounds_grow)
{
	const uint64_t *bounds =
		obol_metric_bounds(_i ? OBOL_METRIC_SIZES : OBOL_METRIC_DURATIONS);
	size_t i;

	for (i = 1; i < OBOL_METRIC_BUCKETS; i++)
	{
		ck_assert_uint_gt(bounds[i], bounds[i - 1]);
	}
}
END_TEST

/* What a stranger's message could name wrongly changes nothing. */
START_TEST(test_values_out_of_bounds)
{
	static const struct obol_meter untouched;

	obol_meter_add(one, OBOL_METRIC_LOGINS, (unsigned)-1, 0, 1);
	obol_meter_add(one, OBOL_METRIC_LOGINS, OBOL_KIND_N, 0, 1);
	obol_meter_add(one, OBOL_METRIC_LOGINS, 0, OBOL_LOGIN_N, 1);
	obol_meter_set(one, OBOL_METRIC_ACCOUNTS, OBOL_ACCOUNTS_N, 1);
	obol_meter_observe(one, OBOL_METRIC_REQUESTS, OBOL_REQUEST_N, 0, 1);
	ck_assert_mem_eq(one, &untouched, sizeof(untouched));
	ck_assert_uint_eq(obol_metric_cell(OBOL_METRIC_LOGINS, OBOL_KIND_N, 0),
					  OBOL_METRIC_CELLS);
}
END_TEST

START_TEST(test_no_meter)
{
	obol_meter_add(NULL, OBOL_METRIC_LOGINS, 0, 0, 1);
	obol_meter_set(NULL, OBOL_METRIC_DEVICES, 0, 1);
	obol_meter_since(NULL, OBOL_METRIC_REQUESTS, 0, 0, 0);
	ck_assert_uint_eq(obol_meter_us(NULL), 0);
}
END_TEST

START_TEST(test_since)
{
	uint64_t began = obol_meter_us(one);

	ck_assert_uint_gt(began, 0);
	obol_meter_since(one, OBOL_METRIC_STORE_DURATION, 0, 0, began - 700);
	/* a time to come counts as none */
	obol_meter_since(one, OBOL_METRIC_STORE_DURATION, 0, 0, UINT64_MAX);
	obol_readings_add(&readings, one, true);
	ck_assert_uint_eq(readings.cells[OBOL_METRIC_AT_STORE_DURATION], 1);
	ck_assert_uint_ge(readings.cells[OBOL_METRIC_AT_STORE_DURATION_LAST], 700);
}
END_TEST

Suite *meter_suite(void)
{
	Suite *s = suite_create("meter");
	TCase *tc = tcase_create("meter");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_cells_do_not_overlap);
	tcase_add_test(tc, test_every_value_has_a_text);
	tcase_add_test(tc, test_counters_add_up);
	tcase_add_test(tc, test_gauges_of_the_living);
	tcase_add_test(tc, test_zero_is_set);
	tcase_add_test(tc, test_clear_gauges);
	tcase_add_loop_test(tc, test_buckets, 0,
						sizeof(durations) / sizeof(durations[0]));
	tcase_add_loop_test(tc, test_bounds_grow, 0, 2);
	tcase_add_test(tc, test_values_out_of_bounds);
	tcase_add_test(tc, test_no_meter);
	tcase_add_test(tc, test_since);
	suite_add_tcase(s, tc);
	return s;
}
