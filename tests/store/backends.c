/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The back ends that the store's suites run on. */
#include "store/backends.h"

#include "store/store_sqlite.h"

#include <check.h>
#include <stdio.h>

static struct obol_store *open_sqlite(const char *dir, bool create,
									  uint32_t guess_rows_max)
{
	char path[256];
	char why[256];
	struct obol_store_sqlite_options options = {
		.path = path,
		.create = create,
		.guess_rows_max = guess_rows_max,
		.rng = obol_rng_system(),
	};
	struct obol_store *store = NULL;

	(void)snprintf(path, sizeof(path), "%s/obol.db", dir);
	ck_assert_msg(obol_store_sqlite_open(&options, &store, why, sizeof(why)) ==
					  OBOL_OK,
				  "%s", why);
	return store;
}

const struct backend backends[N_BACKENDS] = {
	{ "sqlite", open_sqlite },
};
