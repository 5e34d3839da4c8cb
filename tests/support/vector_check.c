/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs vectors against the code. */
#include "support/vector_check.h"
#include "support/hex.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static void set_error(struct vector_check *check, enum vector_result result,
					  const char *format, va_list args)
{
	if (check->result == VECTOR_SAME)
	{
		check->result = result;
		(void)vsnprintf(check->error, sizeof(check->error), format, args);
	}
}

void vector_check_unusable(struct vector_check *check, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_error(check, VECTOR_UNUSABLE, format, args);
	va_end(args);
}

static void differs(struct vector_check *check, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void differs(struct vector_check *check, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_error(check, VECTOR_DIFFERS, format, args);
	va_end(args);
}

bool vector_check_good(const struct vector_check *check)
{
	return check->result == VECTOR_SAME;
}

bool vector_check_has(const struct vector_check *check, const char *key)
{
	return vector_text(check->vector, key) != NULL;
}

/* Memory that lives as long as the check. */
static void *keep(struct vector_check *check, size_t len)
{
	void *value = calloc(1, len + 1);

	if (!value || check->n_values == sizeof(check->values) / sizeof(void *))
	{
		free(value);
		vector_check_unusable(check, "out of memory");
		return NULL;
	}
	check->values[check->n_values++] = value;
	return value;
}

struct obol_bytes vector_check_text(struct vector_check *check, const char *key)
{
	const char *text = vector_text(check->vector, key);

	if (!text)
	{
		vector_check_unusable(check, "key '%s' is missing", key);
	}
	return vector_check_good(check) ? obol_bytes_str(text) : obol_bytes("", 0);
}

struct obol_bytes vector_check_optional(struct vector_check *check,
										const char *key)
{
	const char *text = vector_text(check->vector, key);
	size_t size = text ? strlen(text) : 0;
	char *digits;
	size_t n = 0, len;
	uint8_t *bytes;

	if (!text || !vector_check_good(check))
	{
		return obol_bytes("", 0);
	}
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
	{
		text += 2;
	}
	digits = keep(check, size);
	bytes = keep(check, size / 2);
	if (!digits || !bytes)
	{
		return obol_bytes("", 0);
	}
	for (; *text; text++)
	{
		if (!isspace((unsigned char)*text))
		{
			digits[n++] = *text;
		}
	}
	len = hex_decode(digits, bytes, size / 2);
	if (len == SIZE_MAX)
	{
		vector_check_unusable(check, "value of '%s' is no hexadecimal", key);
		return obol_bytes("", 0);
	}
	return obol_bytes(bytes, len);
}

struct obol_bytes vector_check_hex(struct vector_check *check, const char *key)
{
	if (!vector_check_has(check, key))
	{
		vector_check_unusable(check, "key '%s' is missing", key);
	}
	return vector_check_optional(check, key);
}

struct obol_bytes vector_check_fixed(struct vector_check *check,
									 const char *key, size_t len)
{
	/* so that whoever reads a value of a failed check reads zeros */
	uint8_t *zeros = keep(check, len);
	struct obol_bytes bytes = vector_check_hex(check, key);

	if (vector_check_good(check) && bytes.len != len)
	{
		vector_check_unusable(check, "'%s' has %zu bytes, %zu are wanted", key,
							  bytes.len, len);
	}
	return vector_check_good(check) ? bytes
									: obol_bytes(zeros, zeros ? len : 0);
}

struct obol_secret *vector_check_secret(struct vector_check *check,
										const char *key)
{
	struct obol_bytes bytes = vector_check_hex(check, key);
	struct obol_secret *secret = obol_secret_dup(bytes.ptr, bytes.len);

	if (!secret)
	{
		abort();
	}
	return secret;
}

void vector_check_equal(struct vector_check *check, const char *key,
						struct obol_bytes computed)
{
	struct obol_bytes expected;
	char *want, *have;

	if (!vector_check_good(check) || !vector_check_has(check, key))
	{
		return;
	}
	expected = vector_check_hex(check, key);
	if (!vector_check_good(check))
	{
		return;
	}
	check->n_compared++;
	if (obol_bytes_eq(expected, computed))
	{
		return;
	}
	want = hex_encode(expected);
	have = hex_encode(computed);
	differs(check, "%s differs: computed %.120s, the file has %.120s", key,
			have ? have : "?", want ? want : "?");
	free(have);
	free(want);
}

bool vector_check_step(struct vector_check *check, const char *step,
					   enum obol_status status)
{
	if (vector_check_good(check) && status != OBOL_OK)
	{
		differs(check, "%s refused the vector's values: %s", step,
				obol_status_name(status));
	}
	return vector_check_good(check);
}

/* The kind's spelling of a key; NULL when it knows none. */
static const char *known_as(const struct vector_kind *kind, const char *key)
{
	const char *found = NULL;
	size_t i;

	for (i = 0; kind->keys[i]; i++)
	{
		if (strcmp(kind->keys[i], key) == 0)
		{
			return kind->keys[i];
		}
		if (strcasecmp(kind->keys[i], key) == 0)
		{
			found = kind->keys[i];
		}
	}
	return found;
}

static void check_keys(struct vector_check *check,
					   const struct vector_kind *kind,
					   const struct vector *vector)
{
	const char *known[VECTOR_FIELDS_MAX];
	size_t i, j;

	for (i = 0; i < vector->n_fields; i++)
	{
		const struct vector_field *field = &vector->fields[i];

		known[i] = known_as(kind, field->key);
		if (!known[i])
		{
			vector_check_unusable(check, "line %zu: key '%.60s' is not known",
								  field->line, field->key);
		}
		for (j = 0; j < i; j++)
		{
			if (known[i] && known[i] == known[j])
			{
				vector_check_unusable(check, "line %zu: '%.60s' is twice",
									  field->line, field->key);
			}
		}
	}
}

void vector_check_run(struct vector_check *check,
					  const struct vector_kind *kind,
					  const struct vector *vector)
{
	memset(check, 0, sizeof(*check));
	check->vector = vector;
	check_keys(check, kind, vector);
	if (vector_check_good(check))
	{
		kind->check(check);
	}
	if (vector_check_good(check) && check->n_compared == 0)
	{
		vector_check_unusable(check, "it has no result to compare with");
	}
}

void vector_check_clear(struct vector_check *check)
{
	while (check->n_values)
	{
		free(check->values[--check->n_values]);
	}
}
