/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict command line options. */
#include "tools/cmdline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	const struct option_table *tables;
	size_t n_tables;
	int argc;
	char *const *argv;
	/** the next argument */
	int next;
	char *out;
	struct option_words *words;
	/** rows already used, counted over all tables */
	bool used[OPTIONS_MAX];
	char *why;
	size_t size;
};

bool option_number(const char *text, long min, long max, long *value)
{
	char *end;
	long number;

	/* strtol() would take leading spaces and signs */
	if (text[0] < '0' || text[0] > '9')
	{
		return false;
	}
	errno = 0;
	number = strtol(text, &end, 10);
	if (errno || *end || number < min || number > max)
	{
		return false;
	}
	*value = number;
	return true;
}

/* By name of len bytes, or by letter when the name is NULL. */
static const struct option_row *find(const struct parser *p, const char *name,
									 size_t len, char letter, size_t *index)
{
	size_t base = 0;
	size_t t, i;

	for (t = 0; t < p->n_tables; t++)
	{
		for (i = 0; i < p->tables[t].n; i++)
		{
			const struct option_row *row = &p->tables[t].rows[i];

			if (name ? strlen(row->name) == len && !memcmp(row->name, name, len)
					 : row->letter && row->letter == letter)
			{
				*index = base + i;
				return row;
			}
		}
		base += p->tables[t].n;
	}
	return NULL;
}

static bool store(struct parser *p, const struct option_row *row,
				  const char *value)
{
	char *place = p->out + row->offset;
	const bool yes = true;
	long number;

	switch (row->kind)
	{
		case OPTION_FLAG:
			memcpy(place, &yes, sizeof(yes));
			return true;
		case OPTION_TEXT:
			if (!*value)
			{
				(void)snprintf(p->why, p->size, "--%s is empty", row->name);
				return false;
			}
			memcpy(place, &value, sizeof(value));
			return true;
		case OPTION_NUMBER:
			if (!option_number(value, row->min, row->max, &number))
			{
				(void)snprintf(p->why, p->size,
							   "--%s wants a number from %ld to %ld", row->name,
							   row->min, row->max);
				return false;
			}
			memcpy(place, &number, sizeof(number));
			return true;
	}
	return false;
}

/* The value behind '=' or in the next argument. */
static bool take(struct parser *p, const struct option_row *row, size_t index,
				 const char *attached)
{
	const char *value = attached;

	if (p->used[index])
	{
		(void)snprintf(p->why, p->size, "--%s is given twice", row->name);
		return false;
	}
	p->used[index] = true;
	if (row->kind == OPTION_FLAG && attached)
	{
		(void)snprintf(p->why, p->size, "--%s takes no value", row->name);
		return false;
	}
	if (row->kind != OPTION_FLAG && !value)
	{
		if (p->next == p->argc)
		{
			(void)snprintf(p->why, p->size, "--%s wants a value: %s", row->name,
						   row->value);
			return false;
		}
		value = p->argv[p->next++];
	}
	return store(p, row, value);
}

static bool parse_option(struct parser *p, const char *argument)
{
	const struct option_row *row;
	const char *equals = NULL;
	size_t index;

	if (argument[1] == '-')
	{
		equals = strchr(argument, '=');
		row = find(p, argument + 2,
				   equals ? (size_t)(equals - argument) - 2
						  : strlen(argument) - 2,
				   0, &index);
	}
	else
	{
		row = argument[2] ? NULL : find(p, NULL, 0, argument[1], &index);
	}
	if (!row)
	{
		/* what stands behind '=' might be a secret in the wrong place */
		(void)snprintf(p->why, p->size, "there is no option %.*s; see --help",
					   equals ? (int)(equals - argument) : 64, argument);
		return false;
	}
	return take(p, row, index, equals ? equals + 1 : NULL);
}

static bool parse_word(struct parser *p, const char *word)
{
	if (p->words->n == p->words->max)
	{
		(void)snprintf(p->why, p->size, "there is an argument too many");
		return false;
	}
	p->words->words[p->words->n++] = word;
	return true;
}

enum obol_status cmdline_parse(const struct option_table *tables,
							   size_t n_tables, int argc, char *const *argv,
							   void *out, struct option_words *words, char *why,
							   size_t size)
{
	struct parser p = {
		.tables = tables,
		.n_tables = n_tables,
		.argc = argc,
		.argv = argv,
		.next = 1,
		.out = out,
		.words = words,
		.why = why,
		.size = size,
	};
	bool options_ended = false, good = true;

	words->n = 0;
	while (good && p.next < argc)
	{
		const char *argument = argv[p.next++];

		if (!options_ended && !strcmp(argument, "--"))
		{
			options_ended = true;
		}
		else if (!options_ended && argument[0] == '-' && argument[1])
		{
			good = parse_option(&p, argument);
		}
		else
		{
			good = parse_word(&p, argument);
		}
	}
	return good ? OBOL_OK : OBOL_ERR_ARG;
}

void cmdline_help(FILE *out, const struct option_table *table)
{
	size_t i;

	for (i = 0; i < table->n; i++)
	{
		const struct option_row *row = &table->rows[i];
		char left[40];

		(void)snprintf(left, sizeof(left), "%c%c%s--%s%s%s",
					   row->letter ? '-' : ' ', row->letter ? row->letter : ' ',
					   row->letter ? ", " : "  ", row->name,
					   row->value ? " " : "", row->value ? row->value : "");
		(void)fprintf(out, "  %-28s %s\n", left, row->help);
	}
}
