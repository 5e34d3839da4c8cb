/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON for programs, lines for people. */
#include "tools/output.h"
#include "tools/text.h"

#include <assert.h>
#include <inttypes.h>
#include <time.h>
#include <unistr.h>

#define REPLACEMENT 0xfffd

void obol_json_init(struct obol_json *json, FILE *file)
{
	memset(json, 0, sizeof(*json));
	json->file = file;
}

static void put_escaped(FILE *file, ucs4_t uc, const uint8_t *bytes, int len)
{
	if (uc == '"' || uc == '\\')
	{
		(void)fprintf(file, "\\%c", (char)uc);
	}
	else if (text_acts_on_terminals(uc) || uc == REPLACEMENT)
	{
		(void)fprintf(file, "\\u%04lx", (unsigned long)uc);
	}
	else
	{
		(void)fwrite(bytes, 1, (size_t)len, file);
	}
}

static void put_string(FILE *file, struct obol_bytes text)
{
	(void)putc('"', file);
	while (text.len > 0)
	{
		ucs4_t uc;
		int len = u8_mbtouc(&uc, text.ptr, text.len);

		put_escaped(file, uc, text.ptr, len);
		text.ptr += len;
		text.len -= (size_t)len;
	}
	(void)putc('"', file);
}

static void begin_item(struct obol_json *json, const char *key)
{
	if (json->has_items[json->depth])
	{
		(void)fputs(json->is_compact ? "," : ", ", json->file);
	}
	json->has_items[json->depth] = true;
	if (key)
	{
		put_string(json->file, obol_bytes_str(key));
		(void)fputs(json->is_compact ? ":" : ": ", json->file);
	}
}

static void begin(struct obol_json *json, const char *key, char bracket)
{
	begin_item(json, key);
	(void)putc(bracket, json->file);
	assert(json->depth < OBOL_JSON_DEPTH_MAX);
	json->has_items[++json->depth] = false;
}

static void end(struct obol_json *json, char bracket)
{
	assert(json->depth > 0);
	json->depth--;
	(void)putc(bracket, json->file);
	if (json->depth == 0)
	{
		(void)putc('\n', json->file);
		json->has_items[0] = false;
	}
}

void obol_json_begin_object(struct obol_json *json, const char *key)
{
	begin(json, key, '{');
}

void obol_json_end_object(struct obol_json *json)
{
	end(json, '}');
}

void obol_json_begin_array(struct obol_json *json, const char *key)
{
	begin(json, key, '[');
}

void obol_json_end_array(struct obol_json *json)
{
	end(json, ']');
}

void obol_json_text(struct obol_json *json, const char *key,
					struct obol_bytes text)
{
	begin_item(json, key);
	put_string(json->file, text);
}

void obol_json_str(struct obol_json *json, const char *key, const char *text)
{
	obol_json_text(json, key, obol_bytes_str(text));
}

void obol_json_number(struct obol_json *json, const char *key, int64_t number)
{
	begin_item(json, key);
	(void)fprintf(json->file, "%" PRId64, number);
}

void obol_json_bool(struct obol_json *json, const char *key, bool value)
{
	begin_item(json, key);
	(void)fputs(value ? "true" : "false", json->file);
}

void obol_json_null(struct obol_json *json, const char *key)
{
	begin_item(json, key);
	(void)fputs("null", json->file);
}

void obol_json_hex(struct obol_json *json, const char *key,
				   struct obol_bytes bytes)
{
	size_t i;

	begin_item(json, key);
	(void)putc('"', json->file);
	for (i = 0; i < bytes.len; i++)
	{
		(void)fprintf(json->file, "%02x", bytes.ptr[i]);
	}
	(void)putc('"', json->file);
}

const char *obol_output_time(uint64_t at, char out[OBOL_TIME_TEXT_MAX])
{
	time_t seconds = (time_t)at;
	struct tm tm;

	if (at == 0 || !localtime_r(&seconds, &tm) ||
		strftime(out, OBOL_TIME_TEXT_MAX, "%Y-%m-%d %H:%M", &tm) == 0)
	{
		(void)snprintf(out, OBOL_TIME_TEXT_MAX, "-");
	}
	return out;
}

void obol_output_hex(struct obol_bytes bytes, char *out)
{
	size_t i;

	out[0] = '\0';
	for (i = 0; i < bytes.len; i++)
	{
		(void)snprintf(out + 2 * i, 3, "%02x", bytes.ptr[i]);
	}
}

void obol_output_text(FILE *file, struct obol_bytes text, unsigned width)
{
	unsigned n = 0;

	while (text.len > 0)
	{
		ucs4_t uc;
		int len = u8_mbtouc(&uc, text.ptr, text.len);

		/* which stands for what is no UTF-8 as well */
		if (text_acts_on_terminals(uc) || uc == REPLACEMENT)
		{
			(void)putc('?', file);
		}
		else
		{
			(void)fwrite(text.ptr, 1, (size_t)len, file);
		}
		text.ptr += len;
		text.len -= (size_t)len;
		n++;
	}
	for (; n < width; n++)
	{
		(void)putc(' ', file);
	}
}
