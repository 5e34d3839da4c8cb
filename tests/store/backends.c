/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The back ends that the store's suites run on. */
#include "store/backends.h"

#include "store/store_sqlite.h"

#ifdef TEST_POSTGRESQL
#include "store/store_postgresql.h"
#include "support/postgresql.h"
#endif

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

static void describe_sqlite(const char *dir, char *database, size_t size)
{
	(void)snprintf(database, size, "%s/obol.db", dir);
}

#ifdef TEST_POSTGRESQL

/** A database for each folder, of the folder's name. */
static struct obol_store *open_postgresql(const char *dir, bool create,
										  uint32_t guess_rows_max)
{
	const char *name = strrchr(dir, '/') + 1;
	char why[512];
	struct obol_store_postgresql_options options = {
		.create = create,
		.n_links = 2,
		.guess_rows_max = guess_rows_max,
		.rng = obol_rng_system(),
	};
	struct obol_store *store = NULL;

	if (create)
	{
		postgresql_make_database(name);
	}
	options.target = postgresql_target(name, "obol");
	ck_assert_msg(obol_store_postgresql_open(&options, &store, why,
											 sizeof(why)) == OBOL_OK,
				  "%s", why);
	return store;
}

static void describe_postgresql(const char *dir, char *database, size_t size)
{
	(void)snprintf(database, size, "%s",
				   postgresql_target(strrchr(dir, '/') + 1, "obol"));
}

void backends_start(void)
{
	postgresql_start();
}

void backends_stop(void)
{
	postgresql_stop();
}

#else

void backends_start(void)
{
}

void backends_stop(void)
{
}

#endif

const struct backend backends[N_BACKENDS_MAX] = {
	{ "sqlite", open_sqlite, describe_sqlite },
#ifdef TEST_POSTGRESQL
	{ "postgresql", open_postgresql, describe_postgresql },
#endif
};
