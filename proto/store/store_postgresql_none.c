/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store in PostgreSQL, where libpq was not there to build it. */
#include "store/store_migrate.h"
#include "store/store_postgresql.h"

#include <stdio.h>

#define WHY                                                                    \
	"this build of Obol is without PostgreSQL; use a file of SQLite's, or "    \
	"another build"

enum obol_status obol_store_postgresql_check(const char *target, char *why,
											 size_t size)
{
	(void)target;
	(void)snprintf(why, size, WHY);
	return OBOL_ERR_DENIED;
}

void obol_store_postgresql_files(const char *target,
								 struct obol_store_files *files)
{
	(void)target;
	(void)files;
}

bool obol_store_postgresql_passfile(const char *target, char *path, size_t size)
{
	(void)target;
	(void)path;
	(void)size;
	return false;
}

void obol_store_postgresql_describe(const char *target, char *text, size_t size)
{
	(void)target;
	(void)snprintf(text, size, "PostgreSQL database");
}

enum obol_status
obol_store_postgresql_open(const struct obol_store_postgresql_options *options,
						   struct obol_store **store, char *why, size_t size)
{
	(void)options;
	(void)store;
	(void)snprintf(why, size, WHY);
	return OBOL_ERR_ARG;
}

enum obol_status
obol_store_migrate(const struct obol_store_migrate_options *options,
				   struct obol_store_migrated *migrated, char *why, size_t size)
{
	(void)options;
	(void)migrated;
	(void)snprintf(why, size, WHY);
	return OBOL_ERR_ARG;
}
