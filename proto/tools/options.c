/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines. */
#include "tools/options.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/** Column at which an option's help begins, and where lines end. */
#define HELP_COLUMN 26
#define LINE_WIDTH 79

bool obol_options_number(const char *text, uint32_t min, uint32_t max,
						 uint32_t *value)
{
	uint64_t number = 0;
	const char *c;

	for (c = text; *c >= '0' && *c <= '9' && number <= UINT32_MAX; c++)
	{
		number = 10 * number + (uint64_t)(*c - '0');
	}
	if (c == text || *c || number < min || number > max)
	{
		return false;
	}
	*value = (uint32_t)number;
	return true;
}

/** Print text broken in lines, from a column that the cursor stands in. */
static void print_wrapped(const char *text, size_t column)
{
	size_t at = column;

	while (*text)
	{
		size_t len = strcspn(text, " \n");

		if (at > column && at + 1 + len > LINE_WIDTH)
		{
			(void)printf("\n%*s", (int)column, "");
			at = column;
		}
		else if (at > column)
		{
			(void)putchar(' ');
			at++;
		}
		(void)printf("%.*s", (int)len, text);
		at += len;
		text += len;
		if (*text == '\n')
		{
			(void)printf("\n%*s", (int)column, "");
			at = column;
		}
		text += *text != '\0';
	}
	(void)putchar('\n');
}

static void print_option(const struct obol_option *option)
{
	char head[64];

	if (option->letter)
	{
		(void)snprintf(head, sizeof(head), "  -%c, --%s%s%s", option->letter,
					   option->name, option->argument ? " " : "",
					   option->argument ? option->argument : "");
	}
	else
	{
		(void)snprintf(head, sizeof(head), "  --%s%s%s", option->name,
					   option->argument ? " " : "",
					   option->argument ? option->argument : "");
	}
	if (strlen(head) + 2 > HELP_COLUMN)
	{
		(void)printf("%s\n%*s", head, HELP_COLUMN, "");
	}
	else
	{
		(void)printf("%-*s", HELP_COLUMN, head);
	}
	print_wrapped(option->help, HELP_COLUMN);
}

void obol_options_help(const struct obol_usage *usage)
{
	static const struct obol_option help = { .name = "help",
											 .letter = 'h',
											 .help = "print this text" };
	size_t i;

	(void)printf("usage: %s [option ...]%s%s\n\n", usage->command,
				 *usage->arguments ? " " : "", usage->arguments);
	print_wrapped(usage->about, 0);
	(void)putchar('\n');
	for (i = 0; i < usage->n_options; i++)
	{
		print_option(&usage->options[i]);
	}
	print_option(&help);
}

/** The command line as far as it was read. */
struct reading {
	const struct obol_usage *usage;
	int argc;
	char **argv;
	/** the argument in hand */
	int i;
	/** options that were given, by their place in the usage */
	bool given[OBOL_OPTIONS_MAX];
	char *why;
	size_t size;
};

static enum obol_options_result wrong(const struct reading *r, const char *fmt,
									  ...)
	__attribute__((format(printf, 2, 3)));

static enum obol_options_result wrong(const struct reading *r, const char *fmt,
									  ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(r->why, r->size, fmt, args);
	va_end(args);
	return OBOL_OPTIONS_WRONG;
}

static const struct obol_option *find(const struct obol_usage *usage,
									  const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < usage->n_options; i++)
	{
		const struct obol_option *option = &usage->options[i];

		if (strlen(option->name) == len &&
			strncmp(option->name, name, len) == 0)
		{
			return option;
		}
	}
	return NULL;
}

static const struct obol_option *find_letter(const struct obol_usage *usage,
											 char letter)
{
	size_t i;

	for (i = 0; i < usage->n_options; i++)
	{
		if (usage->options[i].letter == letter)
		{
			return &usage->options[i];
		}
	}
	return NULL;
}

static enum obol_options_result store(const struct reading *r,
									  const struct obol_option *option,
									  const char *value)
{
	struct obol_option_list *list = option->value;

	if (option->kind != OBOL_OPTION_FLAG && !*value)
	{
		return wrong(r, "--%s is empty", option->name);
	}
	switch (option->kind)
	{
		case OBOL_OPTION_FLAG:
			*(bool *)option->value = true;
			return OBOL_OPTIONS_OK;
		case OBOL_OPTION_TEXT:
			*(const char **)option->value = value;
			return OBOL_OPTIONS_OK;
		case OBOL_OPTION_LIST:
			if (list->n == OBOL_OPTION_LIST_MAX)
			{
				return wrong(r, "there are too many of --%s", option->name);
			}
			list->values[list->n++] = value;
			return OBOL_OPTIONS_OK;
		case OBOL_OPTION_NUMBER:
			break;
	}
	if (!obol_options_number(value, option->min, option->max, option->value))
	{
		return wrong(r, "--%s takes a number from %lu to %lu", option->name,
					 (unsigned long)option->min, (unsigned long)option->max);
	}
	return OBOL_OPTIONS_OK;
}

/** @param value	what stands in the same argument; NULL for nothing */
static enum obol_options_result take_value(struct reading *r,
										   const struct obol_option *option,
										   const char *value)
{
	size_t place = (size_t)(option - r->usage->options);

	if (r->given[place] && option->kind != OBOL_OPTION_LIST)
	{
		return wrong(r, "--%s is given twice", option->name);
	}
	r->given[place] = true;
	if (option->kind == OBOL_OPTION_FLAG)
	{
		return value ? wrong(r, "no value goes with --%s", option->name)
					 : store(r, option, NULL);
	}
	if (!value)
	{
		if (r->i + 1 >= r->argc)
		{
			return wrong(r, "a value is missing for --%s", option->name);
		}
		value = r->argv[++r->i];
	}
	return store(r, option, value);
}

static enum obol_options_result take(struct reading *r)
{
	const char *text = r->argv[r->i];
	const struct obol_option *option;
	size_t len;

	if (text[1] != '-')
	{
		option = find_letter(r->usage, text[1]);
		return option ? take_value(r, option, text[2] ? text + 2 : NULL)
					  : wrong(r, "there is no option -%c", text[1]);
	}
	len = strcspn(text + 2, "=");
	option = find(r->usage, text + 2, len);
	return option ? take_value(r, option, text[2 + len] ? text + 3 + len : NULL)
				  : wrong(r, "there is no option %.*s", (int)len + 2, text);
}

static enum obol_options_result end(const struct reading *r, int n_args)
{
	if (n_args < r->usage->min_arguments)
	{
		return wrong(r, "something is missing: %s", r->usage->arguments);
	}
	return n_args > r->usage->max_arguments
			   ? wrong(r, "there is an argument too many")
			   : OBOL_OPTIONS_OK;
}

enum obol_options_result obol_options_read(const struct obol_usage *usage,
										   int argc, char **argv, char ***args,
										   int *n, char *why, size_t size)
{
	struct reading r = {
		.usage = usage, .argc = argc, .argv = argv, .why = why, .size = size
	};
	enum obol_options_result result = OBOL_OPTIONS_OK;
	bool options_end = false;
	int n_args = 0;

	assert(usage->n_options <= OBOL_OPTIONS_MAX);
	for (r.i = 1; r.i < argc && result == OBOL_OPTIONS_OK; r.i++)
	{
		if (options_end || argv[r.i][0] != '-' || !argv[r.i][1])
		{
			/* never behind i: what is overwritten was read */
			argv[1 + n_args++] = argv[r.i];
		}
		else if (strcmp(argv[r.i], "--") == 0)
		{
			options_end = true;
		}
		else if (strcmp(argv[r.i], "--help") == 0 ||
				 strcmp(argv[r.i], "-h") == 0)
		{
			return OBOL_OPTIONS_HELP;
		}
		else
		{
			result = take(&r);
		}
	}
	if (result != OBOL_OPTIONS_OK)
	{
		return result;
	}
	/* no room is needed: with no option among them, argv has its own NULL */
	argv[1 + n_args] = NULL;
	*args = argv + 1;
	*n = n_args;
	return end(&r, n_args);
}

enum obol_options_result obol_options_parse(const struct obol_usage *usage,
											int argc, char **argv, char ***args,
											int *n)
{
	char why[256] = "";
	enum obol_options_result result =
		obol_options_read(usage, argc, argv, args, n, why, sizeof(why));

	if (result == OBOL_OPTIONS_HELP)
	{
		obol_options_help(usage);
	}
	if (result == OBOL_OPTIONS_WRONG)
	{
		(void)fprintf(stderr, "%s: %s; see %s --help\n", usage->command, why,
					  usage->command);
	}
	return result;
}

enum obol_options_result obol_options_parse_one(const struct obol_usage *usage,
												int argc, char **argv,
												const char **argument)
{
	enum obol_options_result result;
	char **args;
	int n;

	result = obol_options_parse(usage, argc, argv, &args, &n);
	if (result == OBOL_OPTIONS_OK && argument)
	{
		*argument = args[0];
	}
	return result;
}
