/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prometheus' text format as it is read. */
#include "metrics/reading.h"

#include <string.h>

#include "support/run.h"

Suite *reading_suite(void);

static struct obol_sample last;
static unsigned n_samples, n_comments;

static void on_sample(void *ctx, const struct obol_sample *sample)
{
	(void)ctx;
	last = *sample;
	n_samples++;
}

static void on_comment(void *ctx, struct obol_bytes line)
{
	(void)ctx;
	(void)line;
	n_comments++;
}

static enum obol_status read_text(const char *text)
{
	n_samples = 0;
	n_comments = 0;
	return obol_metrics_read(obol_bytes_str(text), on_sample, on_comment, NULL);
}

START_TEST(test_reads)
{
	ck_assert_int_eq(read_text("# HELP x y z\n# TYPE x gauge\n\n"
							   "x{a=\"b\\\\\\\"\\n\",cd=\"\"} -1.5e3\ny 2\n"),
					 OBOL_OK);
	ck_assert_uint_eq(n_comments, 2);
	ck_assert_uint_eq(n_samples, 2);
	ck_assert_str_eq(last.name, "y");
	ck_assert_uint_eq(last.n_labels, 0);
	ck_assert_str_eq(obol_sample_label(&last, "a"), "");
	ck_assert_int_eq(read_text("x{a=\"b\\\\\\\"\\n\",cd=\"\"} -1.5e3\n"),
					 OBOL_OK);
	ck_assert_str_eq(obol_sample_label(&last, "a"), "b\\\"\n");
	ck_assert_uint_eq(last.n_labels, 2);
	ck_assert(last.value == -1500);
}
END_TEST

START_TEST(test_empty)
{
	ck_assert_int_eq(read_text(""), OBOL_OK);
	ck_assert_uint_eq(n_samples, 0);
}
END_TEST

#define LONG "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
static const char *const bad[] = {
	"x 1",                        /* cut off */
	"x\n",                        /* no value */
	"x \n",                       /* likewise */
	"x 1 2\n",                    /* a timestamp: we write none */
	"x one\n",                    /* no number */
	"x 1x\n",                     /* more than one */
	"x  1\n",                     /* two spaces */
	"1x 1\n",                     /* no name */
	" x 1\n",                     /* likewise */
	"{a=\"b\"} 1\n",              /* likewise */
	"x{} 1\n",                    /* no label */
	"x{a} 1\n",                   /* no value of it */
	"x{a=b} 1\n",                 /* without quotes */
	"x{a=\"b} 1\n",               /* not closed */
	"x{a=\"b\" 1\n",              /* likewise */
	"x{a=\"b\",} 1\n",            /* one more is missing */
	"x{a=\"b\"}1\n",              /* no space */
	"x{a=\"\\x\"} 1\n",           /* no such escape */
	"x{a=\"b\\\n",                /* ends in one */
	"x{a=\"" LONG LONG "\"} 1\n", /* a value too long */
	LONG LONG " 1\n",             /* a name too long */
	"x{a=\"\",b=\"\",c=\"\",d=\"\",e=\"\"} 1\n", /* labels too many */
	"x 1111111111111111111111111111111111111111111111111111111111111111\n",
};

START_TEST(test_bad)
{
	ck_assert_int_eq(read_text(bad[_i]), OBOL_ERR_FORMAT);
	ck_assert_uint_eq(n_samples, 0);
}
END_TEST

/* A zero byte ends nothing and hides nothing. */
START_TEST(test_zero_byte)
{
	static const char text[] = "x{a=\"b\0c\"} 1\n";

	n_samples = 0;
	ck_assert_int_eq(obol_metrics_read(obol_bytes(text, sizeof(text) - 1),
									   on_sample, NULL, NULL),
					 OBOL_ERR_FORMAT);
}
END_TEST

/* Cut at every length: no more is read than is there. */
START_TEST(test_truncated)
{
	static const char text[] = "x{a=\"b\\\\\",c=\"d\"} 1.5\n";
	size_t len;

	for (len = 1; len < sizeof(text) - 1; len++)
	{
		char copy[sizeof(text)];

		memcpy(copy, text, len);
		ck_assert_int_eq(
			obol_metrics_read(obol_bytes(copy, len), on_sample, NULL, NULL),
			OBOL_ERR_FORMAT);
	}
}
END_TEST

Suite *reading_suite(void)
{
	Suite *s = suite_create("reading");
	TCase *tc = tcase_create("reading");

	tcase_add_test(tc, test_reads);
	tcase_add_test(tc, test_empty);
	tcase_add_loop_test(tc, test_bad, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc, test_zero_byte);
	tcase_add_test(tc, test_truncated);
	suite_add_tcase(s, tc);
	return s;
}
