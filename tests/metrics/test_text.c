/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prometheus' text format as it is written. */
#include "metrics/text.h"

#include <string.h>

#include "support/exposition.h"
#include "support/run.h"

Suite *text_suite(void);

static struct obol_writer w;
static struct obol_readings readings;

static void setup(void)
{
	obol_writer_init(&w);
	memset(&readings, 0, sizeof(readings));
}

static void teardown(void)
{
	obol_writer_clear(&w);
}

/** What was written, as a string. */
static const char *text(void)
{
	obol_write_u8(&w, 0);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_OK);
	return (const char *)obol_writer_view(&w).ptr;
}

static const struct {
	const char *value;
	const char *escaped;
	const char *help;
} escapes[] = {
	{ "", "", "" },
	{ "plain", "plain", "plain" },
	{ "a\\b", "a\\\\b", "a\\\\b" },
	{ "say \"x\"", "say \\\"x\\\"", "say \"x\"" },
	{ "two\nlines", "two\\nlines", "two\\nlines" },
	{ "\\\"\n", "\\\\\\\"\\n", "\\\\\"\\n" },
};

START_TEST(test_escapes)
{
	obol_metrics_write_value(&w, escapes[_i].value);
	ck_assert_str_eq(text(), escapes[_i].escaped);
	obol_writer_clear(&w);
	obol_writer_init(&w);
	obol_metrics_write_help(&w, escapes[_i].value);
	ck_assert_str_eq(text(), escapes[_i].help);
}
END_TEST

/** Number of families, each with a counter beside it counted once more. */
static size_t n_families(void)
{
	size_t n = 0, i;

	for (i = 0; i < OBOL_METRIC_N; i++)
	{
		n += obol_metric_infos[i].name != NULL;
	}
	return n + 2; /* requests and handshakes; the store's is no request's */
}

START_TEST(test_empty_readings)
{
	obol_metrics_write(&w, &readings);
	ck_assert_uint_eq(exposition_check((const char *)obol_writer_view(&w).ptr,
									   obol_writer_view(&w).len),
					  n_families());
	ck_assert_ptr_null(strstr(text(), "_bucket"));
}
END_TEST

/* Every cell in use: nothing stands where another does. */
START_TEST(test_full_readings)
{
	size_t i;

	for (i = 0; i < OBOL_METRIC_CELLS; i++)
	{
		readings.cells[i] = i + 1;
	}
	obol_metrics_write(&w, &readings);
	ck_assert_uint_eq(exposition_check((const char *)obol_writer_view(&w).ptr,
									   obol_writer_view(&w).len),
					  n_families());
	/* and a reader takes all of it */
	ck_assert_uint_lt(obol_writer_view(&w).len, 1 << 20);
}
END_TEST

START_TEST(test_histogram)
{
	struct obol_meter meter;
	const char *said;

	memset(&meter, 0, sizeof(meter));
	obol_meter_observe(&meter, OBOL_METRIC_REQUESTS, OBOL_REQUEST_GET,
					   OBOL_RESULT_OK, 700);
	obol_meter_observe(&meter, OBOL_METRIC_REQUESTS, OBOL_REQUEST_GET,
					   OBOL_RESULT_OK, 1500000);
	obol_readings_add(&readings, &meter, true);
	obol_metrics_write(&w, &readings);
	said = text();
#define OF(end)                                                                \
	"obol_request_duration_seconds_" end "{request=\"get\",result=\"ok\""
	ck_assert(exposition_value(said, OF("bucket") ",le=\"0.0005\"}") == 0);
	ck_assert(exposition_value(said, OF("bucket") ",le=\"0.001\"}") == 1);
	ck_assert(exposition_value(said, OF("bucket") ",le=\"1\"}") == 1);
	ck_assert(exposition_value(said, OF("bucket") ",le=\"2\"}") == 2);
	ck_assert(exposition_value(said, OF("bucket") ",le=\"+Inf\"}") == 2);
	ck_assert(exposition_value(said, OF("count") "}") == 2);
	ck_assert_ptr_nonnull(strstr(said, OF("sum") "} 1.5007\n"));
	ck_assert(exposition_value(
				  said, "obol_requests_total{request=\"get\",result=\"ok\"}") ==
			  2);
}
END_TEST

START_TEST(test_gauge_below_zero)
{
	obol_readings_set(&readings, OBOL_METRIC_CERTIFICATE_DAYS, OBOL_ENDS_CA,
					  -3);
	obol_metrics_write(&w, &readings);
	ck_assert(exposition_value(
				  text(), "obol_certificate_days_left{certificate=\"ca\"}") ==
			  -3);
}
END_TEST

Suite *text_suite(void)
{
	Suite *s = suite_create("text");
	TCase *tc = tcase_create("text");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_escapes, 0,
						sizeof(escapes) / sizeof(escapes[0]));
	tcase_add_test(tc, test_empty_readings);
	tcase_add_test(tc, test_full_readings);
	tcase_add_test(tc, test_histogram);
	tcase_add_test(tc, test_gauge_below_zero);
	suite_add_tcase(s, tc);
	return s;
}
