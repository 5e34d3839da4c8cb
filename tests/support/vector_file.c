/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of test vectors. */
#include "support/vector_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* More than any vector needs; keeps a wrong file from eating the memory. */
#define FILE_MAX ((size_t)16 << 20)

static bool fail(struct vector_file *file, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool fail(struct vector_file *file, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(file->error, sizeof(file->error), format, args);
	va_end(args);
	return false;
}

/* Cut blanks off both ends, in place. */
static char *trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && isspace((unsigned char)end[-1]))
	{
		*--end = '\0';
	}
	while (isspace((unsigned char)*text))
	{
		text++;
	}
	return text;
}

static const struct vector_field *find_exactly(const struct vector *vector,
											   const char *key)
{
	size_t i;

	for (i = 0; i < vector->n_fields; i++)
	{
		if (strcmp(vector->fields[i].key, key) == 0)
		{
			return &vector->fields[i];
		}
	}
	return NULL;
}

static bool start_vector(struct vector_file *file, const char *name)
{
	struct vector *grown =
		realloc(file->vectors, (file->n_vectors + 1) * sizeof(*file->vectors));

	if (!grown)
	{
		return fail(file, "out of memory");
	}
	file->vectors = grown;
	grown += file->n_vectors++;
	memset(grown, 0, sizeof(*grown));
	(void)snprintf(grown->name, sizeof(grown->name), "%s", name);
	return true;
}

static bool add_section(struct vector_file *file, char *line, size_t number)
{
	size_t len = strlen(line);

	if (line[len - 1] != ']')
	{
		return fail(file, "line %zu: a section's name ends with ']'", number);
	}
	line[len - 1] = '\0';
	return start_vector(file, trim(line + 1));
}

static bool add_field(struct vector_file *file, char *line, size_t number)
{
	char *equals = strchr(line, '=');
	struct vector *vector;
	const char *key;

	if (!equals)
	{
		return fail(file, "line %zu: neither 'key = value' nor '[name]'",
					number);
	}
	*equals = '\0';
	key = trim(line);
	if (!*key)
	{
		return fail(file, "line %zu: no key before '='", number);
	}
	if (!file->n_vectors && !start_vector(file, "vector without a name"))
	{
		return false;
	}
	vector = &file->vectors[file->n_vectors - 1];
	if (find_exactly(vector, key))
	{
		return fail(file, "line %zu: '%s' is twice in [%s]", number, key,
					vector->name);
	}
	if (vector->n_fields == VECTOR_FIELDS_MAX)
	{
		return fail(file, "line %zu: more than %d keys in [%s]", number,
					VECTOR_FIELDS_MAX, vector->name);
	}
	vector->fields[vector->n_fields].key = key;
	vector->fields[vector->n_fields].value = trim(equals + 1);
	vector->fields[vector->n_fields].line = number;
	vector->n_fields++;
	return true;
}

static bool add_line(struct vector_file *file, char *line, size_t number)
{
	line = trim(line);
	if (*line == '\0' || *line == '#')
	{
		return true;
	}
	if (*line == '[')
	{
		return add_section(file, line, number);
	}
	return add_field(file, line, number);
}

bool vector_file_parse(struct vector_file *file, const char *text, size_t len)
{
	size_t number = 1;
	char *line, *next;

	memset(file, 0, sizeof(*file));
	if (memchr(text, '\0', len))
	{
		return fail(file, "no text file: it has zero bytes");
	}
	file->text = calloc(1, len + 1);
	if (!file->text)
	{
		return fail(file, "out of memory");
	}
	memcpy(file->text, text, len);
	for (line = file->text; line; line = next, number++)
	{
		next = strchr(line, '\n');
		if (next)
		{
			*next++ = '\0';
		}
		if (!add_line(file, line, number))
		{
			return false;
		}
	}
	if (file->n_vectors == 0)
	{
		return fail(file, "no vector in it");
	}
	return true;
}

bool vector_file_read(struct vector_file *file, const char *path)
{
	FILE *stream = fopen(path, "rb");
	char *text = NULL;
	bool done = false;
	size_t len;

	memset(file, 0, sizeof(*file));
	if (!stream)
	{
		return fail(file, "cannot open: %s", strerror(errno));
	}
	text = malloc(FILE_MAX + 1);
	if (!text)
	{
		(void)fail(file, "out of memory");
		goto out;
	}
	len = fread(text, 1, FILE_MAX + 1, stream);
	if (ferror(stream))
	{
		(void)fail(file, "cannot read: %s", strerror(errno));
		goto out;
	}
	if (len > FILE_MAX)
	{
		(void)fail(file, "longer than %zu bytes", FILE_MAX);
		goto out;
	}
	done = vector_file_parse(file, text, len);
out:
	free(text);
	(void)fclose(stream);
	return done;
}

void vector_file_clear(struct vector_file *file)
{
	free(file->vectors);
	free(file->text);
	memset(file, 0, sizeof(*file));
}

const char *vector_text(const struct vector *vector, const char *key)
{
	const struct vector_field *exact = find_exactly(vector, key);
	size_t i;

	if (exact)
	{
		return exact->value;
	}
	for (i = 0; i < vector->n_fields; i++)
	{
		if (strcasecmp(vector->fields[i].key, key) == 0)
		{
			return vector->fields[i].value;
		}
	}
	return NULL;
}
