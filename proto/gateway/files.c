/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What obol-gateway keeps in its directory. */
#include "gateway/files.h"

#include <stdio.h>

#include "base/file.h"

#define FILE_MAX 1024

static bool join(char out[OBOL_GATEWAY_PATH_MAX], const char *dir,
				 const char *name)
{
	int n = snprintf(out, OBOL_GATEWAY_PATH_MAX, "%s/%s", dir, name);

	return n > 0 && n < OBOL_GATEWAY_PATH_MAX;
}

bool obol_gateway_files_in(const char *dir, struct obol_gateway_files *files)
{
	return join(files->account, dir, "account") &&
		   join(files->device, dir, "device") &&
		   join(files->state, dir, "state") &&
		   join(files->progress, dir, "progress");
}

/** The first line, without its end. */
static struct obol_bytes first_line(struct obol_bytes text)
{
	const void *end = text.len ? memchr(text.ptr, '\n', text.len) : NULL;

	return end ? obol_bytes(text.ptr, (size_t)((const uint8_t *)end - text.ptr))
			   : text;
}

enum obol_status obol_gateway_read_account(const char *path, char *account,
										   size_t account_size, char *why,
										   size_t size)
{
	struct obol_secret *content = NULL;
	struct obol_bytes line;
	enum obol_status status =
		obol_file_read(path, OBOL_FILE_PUBLIC, FILE_MAX, &content, why, size);

	if (status != OBOL_OK)
	{
		return status;
	}
	line = first_line(obol_secret_view(content));
	if (line.len == 0 || line.len >= account_size ||
		memchr(line.ptr, '\0', line.len))
	{
		(void)snprintf(why, size, "%s: its first line is no account", path);
		status = OBOL_ERR_FORMAT;
	}
	else
	{
		memcpy(account, line.ptr, line.len);
		account[line.len] = '\0';
	}
	obol_secret_free(content);
	return status;
}

uint64_t obol_gateway_read_progress(const char *path)
{
	struct obol_secret *content = NULL;
	struct obol_bytes line;
	uint64_t number = 0;
	char why[256];
	size_t i;

	if (obol_file_read(path, OBOL_FILE_PUBLIC, FILE_MAX, &content, why,
					   sizeof(why)) != OBOL_OK)
	{
		return 0;
	}
	line = first_line(obol_secret_view(content));
	for (i = 0; i < line.len; i++)
	{
		if (line.ptr[i] < '0' || line.ptr[i] > '9' ||
			number > (UINT64_MAX - 9) / 10)
		{
			number = 0;
			break;
		}
		number = 10 * number + (uint64_t)(line.ptr[i] - '0');
	}
	obol_secret_free(content);
	return number;
}

enum obol_status obol_gateway_write_progress(const char *path, uint64_t number,
											 char *why, size_t size)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%llu\n", (unsigned long long)number);
	return obol_file_replace(path, obol_bytes_str(text), 0600, why, size);
}
