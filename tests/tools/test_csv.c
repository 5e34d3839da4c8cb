/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comma-separated values. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/csv.h"

Suite *csv_suite(void);

/** What text is read as: fields between '|', a row a line, faults as '!'. */
static const struct {
	const char *text;
	const char *rows;
} tables[] = {
	{ "", "" },
	{ "\n\n", "" },
	{ "a", "1:a\n" },
	{ "a,b\nc\n", "1:a|b\n2:c\n" },
	{ "a,\r\n,b\r\n", "1:a|\n2:|b\n" },
	{ "\xef\xbb\xbf"
	  "a",
	  "1:a\n" },
	{ "\"a,b\",\"c\"\"d\"", "1:a,b|c\"d\n" },
	{ "\"a\nb\"\nc", "1:a\nb\n3:c\n" },
	{ "\n\nx\n", "3:x\n" },
	{ "\"open\nx", "1!\n" },
	{ "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17\nx", "1!\n2:x\n" },
};

START_TEST(read_table)
{
	struct obol_csv csv = obol_csv_over(obol_bytes_str(tables[_i].text));
	struct obol_csv_row *row = calloc(1, sizeof(*row));
	char got[1024] = "";
	size_t i, len = 0;

	while (obol_csv_next(&csv, row))
	{
		len += (size_t)snprintf(got + len, sizeof(got) - len, "%zu%s",
								row->line, row->fault ? "!" : ":");
		for (i = 0; !row->fault && i < row->n; i++)
		{
			len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%s",
									i ? "|" : "", row->fields[i]);
		}
		len += (size_t)snprintf(got + len, sizeof(got) - len, "\n");
	}
	ck_assert_str_eq(got, tables[_i].rows);
	free(row);
}
END_TEST

START_TEST(bad_fields)
{
	struct obol_csv_row *row = calloc(1, sizeof(*row));
	char text[OBOL_CSV_FIELD_MAX + 4];
	struct obol_csv csv;

	memset(text, 'x', sizeof(text));
	csv = obol_csv_over(obol_bytes(text, OBOL_CSV_FIELD_MAX - 1));
	ck_assert(obol_csv_next(&csv, row));
	ck_assert_ptr_null(row->fault);
	ck_assert_uint_eq(strlen(row->fields[0]), OBOL_CSV_FIELD_MAX - 1);
	csv = obol_csv_over(obol_bytes(text, OBOL_CSV_FIELD_MAX));
	ck_assert(obol_csv_next(&csv, row));
	ck_assert_ptr_nonnull(row->fault);
	csv = obol_csv_over(obol_bytes("a\0b\nc", 5));
	ck_assert(obol_csv_next(&csv, row));
	ck_assert_ptr_nonnull(row->fault);
	ck_assert(obol_csv_next(&csv, row));
	ck_assert_str_eq(row->fields[0], "c");
	free(row);
}
END_TEST

START_TEST(written_is_read)
{
	/* the first one begins with what marks a file as UTF-8 */
	static const char *const fields[] = { "\xef\xbb\xbf"
										  "a",
										  "plain",
										  "",
										  "a,b",
										  "\"",
										  "x\ny",
										  "\"a\",\"b\"" };
	static const size_t n = sizeof(fields) / sizeof(fields[0]);
	struct obol_csv_row *row = calloc(1, sizeof(*row));
	struct obol_writer w;
	struct obol_csv csv;
	size_t i;

	obol_writer_init(&w);
	for (i = 0; i < n; i++)
	{
		if (i)
		{
			obol_write_u8(&w, ',');
		}
		obol_csv_write(&w, fields[i]);
	}
	csv = obol_csv_over(obol_writer_view(&w));
	ck_assert(obol_csv_next(&csv, row));
	ck_assert_uint_eq(row->n, n);
	for (i = 0; i < n; i++)
	{
		ck_assert_str_eq(row->fields[i], fields[i]);
	}
	obol_writer_clear(&w);
	free(row);
}
END_TEST

Suite *csv_suite(void)
{
	Suite *suite = suite_create("csv");
	TCase *tc = tcase_create("csv");

	tcase_add_loop_test(tc, read_table, 0, sizeof(tables) / sizeof(tables[0]));
	tcase_add_test(tc, bad_fields);
	tcase_add_test(tc, written_is_read);
	suite_add_tcase(suite, tc);
	return suite;
}
