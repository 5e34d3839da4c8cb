/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store in PostgreSQL, whose server runs as long as this program. */
#include "trial.h"

#ifdef TEST_POSTGRESQL

#include <stdio.h>
#include <stdlib.h>

#include "store/store_postgresql.h"
#include "support/postgresql.h"

/** As many as a worker has. */
#define LINKS 2

struct obol_store *postgresql_store(void)
{
	struct obol_store_postgresql_options options = {
		.create = true,
		.n_links = LINKS,
		.guess_rows_max = 10000,
		.rng = obol_rng_system(),
	};
	const char *parent = getenv("TMPDIR");
	struct obol_store *store = NULL;
	char why[512];

	postgresql_start_in(parent && strlen(parent) <= 32 ? parent : "/tmp");
	(void)atexit(postgresql_stop);
	options.target = postgresql_target("obol", "obol");
	if (obol_store_postgresql_open(&options, &store, why, sizeof(why)) !=
		OBOL_OK)
	{
		give_up(why);
	}
	return store;
}

#else

struct obol_store *postgresql_store(void)
{
	give_up("this tree was built without PostgreSQL");
}

#endif
