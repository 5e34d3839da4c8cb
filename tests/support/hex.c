/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hexadecimal text to bytes. */
#include "support/hex.h"

#include <stdio.h>
#include <stdlib.h>

static int digit(char c)
{
	if (c >= '0' && c <= '9')
	{
		return c - '0';
	}
	if (c >= 'a' && c <= 'f')
	{
		return c - 'a' + 10;
	}
	if (c >= 'A' && c <= 'F')
	{
		return c - 'A' + 10;
	}
	return -1;
}

size_t hex_decode(const char *text, uint8_t *out, size_t size)
{
	size_t len = strlen(text);
	size_t i;

	if (len % 2 || len / 2 > size)
	{
		return SIZE_MAX;
	}
	for (i = 0; i < len / 2; i++)
	{
		int high = digit(text[2 * i]);
		int low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
		{
			return SIZE_MAX;
		}
		out[i] = (uint8_t)(high << 4 | low);
	}
	return len / 2;
}

char *hex_encode(struct obol_bytes bytes)
{
	char *text = calloc(1, 2 * bytes.len + 1);
	size_t i;

	for (i = 0; text && i < bytes.len; i++)
	{
		(void)snprintf(text + 2 * i, 3, "%02x", bytes.ptr[i]);
	}
	return text;
}

struct obol_secret *hex_secret(const char *text)
{
	struct obol_secret *secret = obol_secret_new(strlen(text) / 2);

	if (!secret || hex_decode(text, obol_secret_ptr(secret),
							  obol_secret_len(secret)) == SIZE_MAX)
	{
		abort();
	}
	return secret;
}
