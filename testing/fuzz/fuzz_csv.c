/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comma-separated values. */
#include "fuzz/support.h"
#include "tools/csv.h"

static void write_row(struct obol_writer *w, const struct obol_csv_row *row)
{
	size_t i;

	for (i = 0; i < row->n; i++)
	{
		if (i)
		{
			obol_write_u8(w, ',');
		}
		obol_csv_write(w, row->fields[i]);
	}
	obol_write_u8(w, '\n');
}

/* a row that was good, written and read, is the same row */
static void check_row(const struct obol_csv_row *row)
{
	struct obol_csv_row *again = malloc(sizeof(*again));
	struct obol_writer w;
	struct obol_csv csv;
	size_t i;

	FUZZ_CHECK(again);
	FUZZ_CHECK(row->n >= 1 && row->n <= OBOL_CSV_FIELDS_MAX);
	obol_writer_init(&w);
	write_row(&w, row);
	csv = obol_csv_over(obol_writer_view(&w));
	FUZZ_CHECK(obol_csv_next(&csv, again) && !again->fault);
	FUZZ_CHECK(again->n == row->n);
	for (i = 0; i < row->n; i++)
	{
		FUZZ_CHECK(strcmp(again->fields[i], row->fields[i]) == 0);
	}
	FUZZ_CHECK(!obol_csv_next(&csv, again));
	obol_writer_clear(&w);
	free(again);
}

static void run(struct obol_bytes in)
{
	struct obol_csv_row *row = malloc(sizeof(*row));
	struct obol_csv csv = obol_csv_over(in);
	size_t line = 0;

	FUZZ_CHECK(row);
	while (obol_csv_next(&csv, row))
	{
		FUZZ_CHECK(row->line > line);
		line = row->line;
		if (!row->fault)
		{
			check_row(row);
		}
	}
	free(row);
}

static void seed(struct fuzz_seeds *seeds)
{
	fuzz_seed_text(seeds, "plain",
				   "name,identity\nalice,\nbob,bob@b.example\n");
	fuzz_seed_text(seeds, "crlf", "\xef\xbb\xbfname\r\nalice\r\n\r\nbob\r");
	fuzz_seed_text(seeds, "quoted", "\"a,\"\"b\"\"\n\",c\n");
	fuzz_seed_text(seeds, "open", "\"a,b\nc");
	fuzz_seed_text(seeds, "many", ",,,,,,,,,,,,,,,,,,\nx");
}

static struct fuzz_target target = {
	.name = "csv",
	.what = "a good row, written and read again, is the same row",
	.run = run,
	.seed = seed,
	.max_len = 2048,
};

FUZZ_TARGET(target)
