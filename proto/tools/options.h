/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Command lines: a table of commands, a table of options for each, --help made
 * from both. Secrets never stand on a command line.
 */
#ifndef OBOL_TOOLS_OPTIONS_H_
#define OBOL_TOOLS_OPTIONS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Options of one command at most. */
#define OBOL_OPTIONS_MAX 64
/** Values of an option that may be given several times. */
#define OBOL_OPTION_LIST_MAX 16

enum obol_option_kind {
	/** value: bool */
	OBOL_OPTION_FLAG,
	/** value: const char * */
	OBOL_OPTION_TEXT,
	/** value: struct obol_option_list */
	OBOL_OPTION_LIST,
	/** value: uint32_t, a whole number from min to max */
	OBOL_OPTION_NUMBER,
};

struct obol_option_list {
	size_t n;
	const char *values[OBOL_OPTION_LIST_MAX];
};

struct obol_option {
	/** without its dashes */
	const char *name;
	/** short form, 0 for none */
	char letter;
	enum obol_option_kind kind;
	/** what the help calls the value, NULL for a flag */
	const char *argument;
	const char *help;
	/** where the value goes, of the kind's type */
	void *value;
	uint32_t min;
	uint32_t max;
};

/** Rows of the two common kinds, for long tables. */
#define OBOL_TEXT_OPTION(name_, letter_, argument_, help_, value_)             \
	{                                                                          \
		.name = (name_), .letter = (letter_), .kind = OBOL_OPTION_TEXT,        \
		.argument = (argument_), .help = (help_), .value = (value_)            \
	}
#define OBOL_FLAG_OPTION(name_, letter_, help_, value_)                        \
	{                                                                          \
		.name = (name_), .letter = (letter_), .kind = OBOL_OPTION_FLAG,        \
		.help = (help_), .value = (value_)                                     \
	}

/** A command's usage, for its help and for reading its command line. */
struct obol_usage {
	/** as typed, such as "obolctl account add" */
	const char *command;
	/** what stands behind the options, such as "NAME", "" for nothing */
	const char *arguments;
	/** a sentence or some, broken in lines by the help */
	const char *about;
	const struct obol_option *options;
	size_t n_options;
	/** arguments that must and may be there */
	int min_arguments;
	int max_arguments;
};

enum obol_options_result {
	/** go on */
	OBOL_OPTIONS_OK,
	/** --help was asked for: exit 0 once it is printed */
	OBOL_OPTIONS_HELP,
	/** something is wrong: exit OBOL_EXIT_USAGE once it is said */
	OBOL_OPTIONS_WRONG,
};

/** Exit code for a command line that cannot be understood. */
#define OBOL_EXIT_USAGE 2

/**
 * Read a command line. Options may stand anywhere, but, lists apart, once; "--"
 * ends them. There are no abbreviations, and no value is empty.
 *
 * @param argv	argv[0] is skipped; rearranged, so that the arguments follow it
 * @param args	receives the first argument; NULL stands behind the last
 * @param n		receives their number
 * @param why	receives what is wrong, without a value that was given: it might
 *				be a secret in the wrong place
 */
enum obol_options_result obol_options_read(const struct obol_usage *usage,
										   int argc, char **argv, char ***args,
										   int *n, char *why, size_t size);

/** The same, and prints the help to standard output, and what is wrong to
 * standard error. */
enum obol_options_result obol_options_parse(const struct obol_usage *usage,
											int argc, char **argv, char ***args,
											int *n);

/**
 * The same for a command of one argument at most.
 *
 * @param argument	set on OK, to NULL when there is none; may be NULL for a
 *					command that takes none
 */
enum obol_options_result obol_options_parse_one(const struct obol_usage *usage,
												int argc, char **argv,
												const char **argument);

/** Print a command's help to standard output. */
void obol_options_help(const struct obol_usage *usage);

/** A whole decimal number from min to max; nothing around it. */
bool obol_options_number(const char *text, uint32_t min, uint32_t max,
						 uint32_t *value);

#endif /* OBOL_TOOLS_OPTIONS_H_ */
