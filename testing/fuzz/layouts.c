/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tests' tables of messages as seeds. */
#include "fuzz/layouts.h"
#include "support/hex.h"

#include <stdio.h>

void fuzz_seed_layouts(struct fuzz_seeds *seeds, const struct layout *rows,
					   const char *prefix)
{
	uint8_t bytes[8192];
	char name[32];
	size_t i, len;

	for (i = 0; rows[i].name; i++)
	{
		bytes[0] = rows[i].type;
		len = hex_decode(rows[i].body, bytes + 1, sizeof(bytes) - 1);
		FUZZ_CHECK(len != SIZE_MAX);
		(void)snprintf(name, sizeof(name), "%s-%02zu", prefix, i);
		fuzz_seed(seeds, name, obol_bytes(bytes, len + 1));
	}
}
