/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of the client's own text files. */
#include "client/lines.h"

#include <stdio.h>

struct obol_lines obol_lines_over(struct obol_bytes text)
{
	struct obol_lines lines = { text, false, 0, { NULL, 0 } };

	return lines;
}

void obol_lines_fail(struct obol_lines *lines)
{
	lines->failed = true;
	lines->line.len = 0;
}

bool obol_lines_next(struct obol_lines *lines)
{
	const uint8_t *end;

	if (lines->line.len)
	{
		obol_lines_fail(lines);
	}
	if (lines->failed || lines->text.len == 0)
	{
		return false;
	}
	lines->number++;
	end = memchr(lines->text.ptr, '\n', lines->text.len);
	if (!end)
	{
		obol_lines_fail(lines);
		return false;
	}
	lines->line = obol_bytes(lines->text.ptr, (size_t)(end - lines->text.ptr));
	lines->text.len -= lines->line.len + 1;
	lines->text.ptr = end + 1;
	return true;
}

/* The next word, without reading it; empty when there is none. */
static struct obol_bytes peek(const struct obol_lines *lines)
{
	const uint8_t *space =
		lines->line.len ? memchr(lines->line.ptr, ' ', lines->line.len) : NULL;

	return obol_bytes(lines->line.ptr, space ? (size_t)(space - lines->line.ptr)
											 : lines->line.len);
}

static void skip(struct obol_lines *lines, size_t len)
{
	lines->line.ptr += len;
	lines->line.len -= len;
	if (lines->line.len)
	{
		/* a space, and something behind it */
		lines->line.ptr++;
		lines->line.len--;
		if (lines->line.len == 0)
		{
			obol_lines_fail(lines);
		}
	}
}

static struct obol_bytes take(struct obol_lines *lines)
{
	struct obol_bytes word = peek(lines);

	if (word.len == 0)
	{
		obol_lines_fail(lines);
	}
	else
	{
		skip(lines, word.len);
	}
	return word;
}

bool obol_lines_word(struct obol_lines *lines, const char *word)
{
	if (lines->failed || !obol_bytes_eq(peek(lines), obol_bytes_str(word)))
	{
		return false;
	}
	skip(lines, strlen(word));
	return true;
}

uint64_t obol_lines_number(struct obol_lines *lines)
{
	struct obol_bytes word = take(lines);
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < word.len; i++)
	{
		unsigned digit = (unsigned)word.ptr[i] - '0';

		if (digit > 9 || value > (UINT64_MAX - digit) / 10)
		{
			obol_lines_fail(lines);
			return 0;
		}
		value = value * 10 + digit;
	}
	return value;
}

/* Value of a hexadecimal digit in lower case, or a value with a bit above the
 * low four set. No table and no branch: a device's secret comes by here. */
static unsigned hex_value(uint8_t c)
{
	unsigned digit = (unsigned)c - '0';
	unsigned letter = (unsigned)c - 'a';
	/* all ones when in range: only the subtraction's result is negative */
	unsigned is_digit = 0 - (((digit - 10) & ~digit) >> 31);
	unsigned is_letter = 0 - (((letter - 6) & ~letter) >> 31);

	return (digit & is_digit) | ((letter + 10) & is_letter) |
		   (0x100 & ~(is_digit | is_letter));
}

void obol_lines_hex(struct obol_lines *lines, uint8_t *out, size_t len)
{
	struct obol_bytes word = take(lines);
	unsigned bad = 0;
	size_t i;

	memset(out, 0, len);
	if (lines->failed || word.len != 2 * len)
	{
		obol_lines_fail(lines);
		return;
	}
	for (i = 0; i < len; i++)
	{
		unsigned high = hex_value(word.ptr[2 * i]);
		unsigned low = hex_value(word.ptr[2 * i + 1]);

		out[i] = (uint8_t)((high << 4 | low) & 0xff);
		bad |= high | low;
	}
	if (bad & 0x100)
	{
		obol_wipe(out, len);
		obol_lines_fail(lines);
	}
}

static bool is_plain(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		   (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

size_t obol_lines_name(struct obol_lines *lines, uint8_t *out, size_t max)
{
	struct obol_bytes word = take(lines);
	size_t len = 0;
	size_t i = 0;

	while (i < word.len && !lines->failed)
	{
		unsigned value = word.ptr[i++];

		if (value == '%' && word.len - i >= 2)
		{
			value = hex_value(word.ptr[i]) << 4 | hex_value(word.ptr[i + 1]);
			i += 2;
		}
		else if (!is_plain((uint8_t)value))
		{
			value = 0x100;
		}
		if (value > 0xff || len == max)
		{
			obol_lines_fail(lines);
			return 0;
		}
		out[len++] = (uint8_t)value;
	}
	return len;
}

void obol_write_str(struct obol_writer *w, const char *text)
{
	obol_write_bytes(w, obol_bytes_str(text));
}

void obol_write_number(struct obol_writer *w, uint64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	obol_write_str(w, text);
}

void obol_write_hex(struct obol_writer *w, struct obol_bytes bytes)
{
	size_t i;

	for (i = 0; i < 2 * bytes.len; i++)
	{
		unsigned value = i % 2 ? bytes.ptr[i / 2] & 15u : bytes.ptr[i / 2] >> 4;
		/* 'a' - 10 - '0' more from ten on, without a branch */
		unsigned more = (0 - ((9 - value) >> 31)) & ('a' - 10 - '0');

		obol_write_u8(w, (uint8_t)('0' + value + more));
	}
}

void obol_write_name(struct obol_writer *w, struct obol_bytes name)
{
	size_t i;

	for (i = 0; i < name.len; i++)
	{
		if (is_plain(name.ptr[i]))
		{
			obol_write_u8(w, name.ptr[i]);
		}
		else
		{
			obol_write_u8(w, '%');
			obol_write_hex(w, obol_bytes(name.ptr + i, 1));
		}
	}
}
