/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comma-separated values. */
#include "tools/csv.h"

/** A byte order mark in UTF-8. */
#define MARK "\xef\xbb\xbf"
#define MARK_LEN (sizeof(MARK) - 1)

struct obol_csv obol_csv_over(struct obol_bytes text)
{
	struct obol_csv csv = { text, 1 };

	if (text.len >= MARK_LEN && memcmp(text.ptr, MARK, MARK_LEN) == 0)
	{
		csv.text = obol_bytes(text.ptr + MARK_LEN, text.len - MARK_LEN);
	}
	return csv;
}

/** The next byte, or -1; counts lines. */
static int next_byte(struct obol_csv *csv)
{
	int byte;

	if (csv->text.len == 0)
	{
		return -1;
	}
	byte = csv->text.ptr[0];
	csv->text.ptr++;
	csv->text.len--;
	csv->line += byte == '\n';
	return byte;
}

static bool next_is(const struct obol_csv *csv, char byte)
{
	return csv->text.len > 0 && csv->text.ptr[0] == (uint8_t)byte;
}

/** Add a byte to a row's last field. */
static void add(struct obol_csv_row *row, size_t *len, int byte)
{
	if (row->n > OBOL_CSV_FIELDS_MAX)
	{
		return;
	}
	if (byte == 0)
	{
		row->fault = "there is a zero byte in it";
		return;
	}
	if (*len + 1 >= OBOL_CSV_FIELD_MAX)
	{
		row->fault = "a field is too long";
		return;
	}
	row->fields[row->n - 1][(*len)++] = (char)byte;
	row->fields[row->n - 1][*len] = '\0';
}

/** What stands between quotes, doubled ones being one. */
static void read_quoted(struct obol_csv *csv, struct obol_csv_row *row,
						size_t *len)
{
	int byte;

	for (;;)
	{
		byte = next_byte(csv);
		if (byte < 0)
		{
			row->fault = "a quote is not closed";
			return;
		}
		if (byte == '"')
		{
			if (!next_is(csv, '"'))
			{
				return;
			}
			(void)next_byte(csv);
		}
		add(row, len, byte);
	}
}

/** One field; returns what ended it: ',', '\n' or -1. */
static int read_field(struct obol_csv *csv, struct obol_csv_row *row)
{
	size_t len = 0;
	int byte;

	if (++row->n > OBOL_CSV_FIELDS_MAX)
	{
		row->fault = "it has too many fields";
	}
	else
	{
		row->fields[row->n - 1][0] = '\0';
	}
	if (next_is(csv, '"'))
	{
		(void)next_byte(csv);
		read_quoted(csv, row, &len);
	}
	while ((byte = next_byte(csv)) >= 0 && byte != ',' && byte != '\n')
	{
		if (byte == '\r' && (next_is(csv, '\n') || csv->text.len == 0))
		{
			continue;
		}
		add(row, &len, byte);
	}
	return byte;
}

bool obol_csv_next(struct obol_csv *csv, struct obol_csv_row *row)
{
	do
	{
		if (csv->text.len == 0)
		{
			return false;
		}
		row->line = csv->line;
		row->n = 0;
		row->fault = NULL;
		while (read_field(csv, row) == ',')
		{
		}
	} while (row->n == 1 && !row->fields[0][0] && !row->fault);
	return true;
}

void obol_csv_write(struct obol_writer *w, const char *field)
{
	const char *c;

	/* a mark at the very start of a file would be taken for its own */
	if (!strpbrk(field, ",\"\r\n") && strncmp(field, MARK, MARK_LEN) != 0)
	{
		obol_write_bytes(w, obol_bytes_str(field));
		return;
	}
	obol_write_u8(w, '"');
	for (c = field; *c; c++)
	{
		if (*c == '"')
		{
			obol_write_u8(w, '"');
		}
		obol_write_u8(w, (uint8_t)*c);
	}
	obol_write_u8(w, '"');
}
