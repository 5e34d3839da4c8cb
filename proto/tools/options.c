/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines. */
#include "tools/options.h"

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

static enum obol_options_result wrong(const struct obol_usage *usage,
									  const char *what, const char *text)
{
	(void)fprintf(stderr, "%s: %s%s; see %s --help\n", usage->command, what,
				  text, usage->command);
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

static enum obol_options_result store(const struct obol_usage *usage,
									  const struct obol_option *option,
									  const char *value)
{
	struct obol_option_list *list = option->value;

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
				return wrong(usage, "too many of --", option->name);
			}
			list->values[list->n++] = value;
			return OBOL_OPTIONS_OK;
		case OBOL_OPTION_NUMBER:
			break;
	}
	if (!obol_options_number(value, option->min, option->max, option->value))
	{
		(void)fprintf(stderr, "%s: --%s takes a number from %lu to %lu\n",
					  usage->command, option->name, (unsigned long)option->min,
					  (unsigned long)option->max);
		return OBOL_OPTIONS_WRONG;
	}
	return OBOL_OPTIONS_OK;
}

/** One option at argv[*i]; steps over its value when that stands apart. */
static enum obol_options_result take(const struct obol_usage *usage, int argc,
									 char **argv, int *i)
{
	const char *text = argv[*i];
	const struct obol_option *option;
	const char *value = NULL;
	size_t len;

	if (text[1] == '-')
	{
		len = strcspn(text + 2, "=");
		option = find(usage, text + 2, len);
		value = text[2 + len] ? text + 3 + len : NULL;
	}
	else
	{
		option = find_letter(usage, text[1]);
		value = text[2] ? text + 2 : NULL;
	}
	if (!option)
	{
		return wrong(usage, "there is no option ", text);
	}
	if (option->kind == OBOL_OPTION_FLAG)
	{
		return value ? wrong(usage, "no value goes with --", option->name)
					 : store(usage, option, NULL);
	}
	if (!value)
	{
		if (*i + 1 >= argc)
		{
			return wrong(usage, "a value is missing for --", option->name);
		}
		value = argv[++*i];
	}
	return store(usage, option, value);
}

enum obol_options_result obol_options_parse(const struct obol_usage *usage,
											int argc, char **argv, char ***args,
											int *n)
{
	bool options_end = false;
	int n_args = 0;
	int i;

	for (i = 1; i < argc; i++)
	{
		enum obol_options_result result;

		if (options_end || argv[i][0] != '-' || !argv[i][1])
		{
			/* never behind i: what is overwritten was read */
			argv[1 + n_args++] = argv[i];
			continue;
		}
		if (strcmp(argv[i], "--") == 0)
		{
			options_end = true;
			continue;
		}
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
		{
			obol_options_help(usage);
			return OBOL_OPTIONS_HELP;
		}
		result = take(usage, argc, argv, &i);
		if (result != OBOL_OPTIONS_OK)
		{
			return result;
		}
	}
	argv[1 + n_args] = NULL;
	if (n_args < usage->min_arguments)
	{
		return wrong(usage, "something is missing: ", usage->arguments);
	}
	if (n_args > usage->max_arguments)
	{
		return wrong(usage, "too many arguments, from ",
					 argv[1 + usage->max_arguments]);
	}
	*args = argv + 1;
	*n = n_args;
	return OBOL_OPTIONS_OK;
}
