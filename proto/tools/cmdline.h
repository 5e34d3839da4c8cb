/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Strict command line options, described by tables: no abbreviations, nothing
 * twice, numbers within bounds and nothing behind them.
 */
#ifndef OBOL_TOOLS_CMDLINE_H_
#define OBOL_TOOLS_CMDLINE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <obol/status.h>

/** Options of one command at most, all tables together. */
#define OPTIONS_MAX 64

enum option_kind {
	/** sets a bool */
	OPTION_FLAG,
	/** sets a const char *, which points into argv */
	OPTION_TEXT,
	/** sets a long */
	OPTION_NUMBER,
};

struct option_row {
	/** without dashes */
	const char *name;
	/** one-letter form, 0 for none */
	char letter;
	enum option_kind kind;
	/** where in the caller's struct */
	size_t offset;
	/** what the help calls the value; NULL for flags */
	const char *value;
	const char *help;
	/** bounds of a number */
	long min;
	long max;
};

struct option_table {
	const struct option_row *rows;
	size_t n;
};

/** The arguments that are no options. */
struct option_words {
	const char **words;
	size_t max;
	size_t n;
};

/**
 * Parse argv[1] and on into the caller's struct, which holds the defaults.
 * "--name value", "--name=value" and "-n value" are the same; "--" ends the
 * options.
 *
 * @param out	what the rows' offsets count from
 * @param why	receives a sentence for people on failure
 * @return		OK; ARG
 */
enum obol_status cmdline_parse(const struct option_table *tables,
							   size_t n_tables, int argc, char *const *argv,
							   void *out, struct option_words *words, char *why,
							   size_t size) OBOL_MUST_CHECK;

/** One line for each row. */
void cmdline_help(FILE *out, const struct option_table *table);

/**
 * A decimal number with nothing around it.
 *
 * @return	false when it is none or not between min and max
 */
bool option_number(const char *text, long min, long max, long *value);

#endif /* OBOL_TOOLS_CMDLINE_H_ */
