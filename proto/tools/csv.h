/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Comma-separated values (RFC 4180), read from memory and written.
 */
#ifndef OBOL_TOOLS_CSV_H_
#define OBOL_TOOLS_CSV_H_

#include "base/writer.h"

/** Fields of one row at most, and bytes of one field with its final zero. */
#define OBOL_CSV_FIELDS_MAX 16
#define OBOL_CSV_FIELD_MAX 512

/** A row; fields are unquoted, a zero behind each. */
struct obol_csv_row {
	/** line that it begins in, from 1 */
	size_t line;
	size_t n;
	char fields[OBOL_CSV_FIELDS_MAX][OBOL_CSV_FIELD_MAX];
	/** NULL, or what is wrong with it; it was skipped to its end */
	const char *fault;
};

struct obol_csv {
	struct obol_bytes text;
	size_t line;
};

/** Read from text, without its byte order mark. */
struct obol_csv obol_csv_over(struct obol_bytes text);

/** The next row that is not empty; false at the end. */
bool obol_csv_next(struct obol_csv *csv, struct obol_csv_row *row);

/** Write a field, quoted where it must be; no comma around it. */
void obol_csv_write(struct obol_writer *w, const char *field);

#endif /* OBOL_TOOLS_CSV_H_ */
