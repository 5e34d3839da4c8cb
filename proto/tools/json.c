/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON output. */
#include "tools/json.h"

#include <inttypes.h>
#include <stdio.h>

#include <unistr.h>

static void put(struct json *json, const char *text)
{
	obol_write_bytes(&json->out, obol_bytes_str(text));
}

void json_init(struct json *json)
{
	obol_writer_init(&json->out);
	json->more = false;
	put(json, "{");
}

void json_clear(struct json *json)
{
	obol_writer_clear(&json->out);
}

static void put_character(struct json *json, uint32_t cp,
						  struct obol_bytes utf8)
{
	char escaped[8];

	switch (cp)
	{
		case '"':
			put(json, "\\\"");
			return;
		case '\\':
			put(json, "\\\\");
			return;
		case '\n':
			put(json, "\\n");
			return;
		default:
			break;
	}
	/* C1 and line separators need no escape, but do things to terminals */
	if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 || cp == 0x2029)
	{
		(void)snprintf(escaped, sizeof(escaped), "\\u%04x", (unsigned)cp);
		put(json, escaped);
		return;
	}
	obol_write_bytes(&json->out, utf8);
}

static void put_string(struct json *json, struct obol_bytes text)
{
	size_t pos = 0;

	put(json, "\"");
	while (pos < text.len)
	{
		ucs4_t cp;
		int len = u8_mbtoucr(&cp, text.ptr + pos, text.len - pos);

		if (len <= 0)
		{
			put(json, "\xef\xbf\xbd");
			pos++;
			continue;
		}
		put_character(json, cp, obol_bytes(text.ptr + pos, (size_t)len));
		pos += (size_t)len;
	}
	put(json, "\"");
}

/* The comma and the key, if there is one. */
static void begin(struct json *json, const char *key)
{
	if (json->more)
	{
		put(json, ",");
	}
	json->more = true;
	if (key)
	{
		put_string(json, obol_bytes_str(key));
		put(json, ":");
	}
}

void json_text(struct json *json, const char *key, const char *value)
{
	json_bytes(json, key, obol_bytes_str(value));
}

void json_bytes(struct json *json, const char *key, struct obol_bytes value)
{
	begin(json, key);
	put_string(json, value);
}

void json_hex(struct json *json, const char *key, const uint8_t *bytes,
			  size_t len)
{
	size_t i;

	begin(json, key);
	put(json, "\"");
	for (i = 0; i < len; i++)
	{
		char digits[3];

		(void)snprintf(digits, sizeof(digits), "%02x", bytes[i]);
		put(json, digits);
	}
	put(json, "\"");
}

void json_number(struct json *json, const char *key, uint64_t value)
{
	char text[24];

	begin(json, key);
	(void)snprintf(text, sizeof(text), "%" PRIu64, value);
	put(json, text);
}

void json_signed(struct json *json, const char *key, int64_t value)
{
	char text[24];

	begin(json, key);
	(void)snprintf(text, sizeof(text), "%" PRId64, value);
	put(json, text);
}

void json_bool(struct json *json, const char *key, bool value)
{
	begin(json, key);
	put(json, value ? "true" : "false");
}

void json_time(struct json *json, const char *key, uint64_t at)
{
	if (at)
	{
		json_number(json, key, at);
		return;
	}
	begin(json, key);
	put(json, "null");
}

static void open_nested(struct json *json, const char *key, const char *bracket)
{
	begin(json, key);
	put(json, bracket);
	json->more = false;
}

static void close_nested(struct json *json, const char *bracket)
{
	put(json, bracket);
	json->more = true;
}

void json_open_object(struct json *json, const char *key)
{
	open_nested(json, key, "{");
}

void json_close_object(struct json *json)
{
	close_nested(json, "}");
}

void json_open_array(struct json *json, const char *key)
{
	open_nested(json, key, "[");
}

void json_close_array(struct json *json)
{
	close_nested(json, "]");
}

enum obol_status json_end(struct json *json, struct obol_bytes *text)
{
	put(json, "}\n");
	if (obol_writer_status(&json->out) != OBOL_OK)
	{
		return obol_writer_status(&json->out);
	}
	*text = obol_writer_view(&json->out);
	return OBOL_OK;
}
