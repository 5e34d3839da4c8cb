/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of the files that lie beside a CA's. */
#include "issue/ca_path.h"

#include <stdio.h>
#include <string.h>

bool obol_ca_path(const char *path, const char *word, char *out, size_t size)
{
	const char *slash = strrchr(path, '/');
	const char *dot = strrchr(slash ? slash : path, '.');
	size_t len = dot ? (size_t)(dot - path) : strlen(path);
	int n = snprintf(out, size, "%.*s%s%s", (int)len, path, word, path + len);

	return n > 0 && (size_t)n < size;
}
