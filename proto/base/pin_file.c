/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PINs of tokens in files. */
#include <obol/token.h>

#include <stdio.h>
#include <string.h>

#include "base/file.h"

enum obol_status obol_token_pin_load(const char *path, struct obol_secret **pin,
									 char *why, size_t size)
{
	struct obol_secret *file = NULL;
	enum obol_status status = obol_file_read(
		path, OBOL_FILE_PRIVATE, OBOL_TOKEN_PIN_MAX + 2, &file, why, size);
	struct obol_bytes view;
	size_t len = 0;

	if (status != OBOL_OK)
	{
		return status;
	}
	view = obol_secret_view(file);
	while (len < view.len && view.ptr[len] != '\n' && view.ptr[len] != '\r' &&
		   view.ptr[len])
	{
		len++;
	}
	if (!len || len > OBOL_TOKEN_PIN_MAX)
	{
		(void)snprintf(why, size, "%s: has no PIN in its first line", path);
		obol_secret_free(file);
		return OBOL_ERR_FORMAT;
	}
	*pin = obol_secret_new(len + 1);
	if (*pin)
	{
		memcpy(obol_secret_ptr(*pin), view.ptr, len);
		obol_secret_ptr(*pin)[len] = '\0';
	}
	else
	{
		status = OBOL_ERR_NOMEM;
		(void)snprintf(why, size, "no memory for the PIN");
	}
	obol_secret_free(file);
	return status;
}
