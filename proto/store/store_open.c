/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening the store that a configuration names. */
#include "store/store_open.h"

#include "store/store_postgresql.h"
#include "store/store_sqlite.h"

#include <stdio.h>

bool obol_store_is_remote(const char *database)
{
	return strncmp(database, "postgresql://", 13) == 0 ||
		   strncmp(database, "postgres://", 11) == 0 ||
		   (database[0] != '/' && strchr(database, '='));
}

void obol_store_describe(const char *database, char *text, size_t size)
{
	if (obol_store_is_remote(database))
	{
		obol_store_postgresql_describe(database, text, size);
		return;
	}
	(void)snprintf(text, size, "%s", database);
}

enum obol_status obol_store_check_target(const char *database, char *why,
										 size_t size)
{
	return obol_store_postgresql_check(database, why, size);
}

bool obol_store_passfile(const char *database, char *path, size_t size)
{
	return obol_store_is_remote(database) &&
		   obol_store_postgresql_passfile(database, path, size);
}

void obol_store_files_of(const char *database, struct obol_store_files *files)
{
	files->n = 0;
	if (obol_store_is_remote(database))
	{
		obol_store_postgresql_files(database, files);
	}
}

enum obol_status obol_store_open(const struct obol_store_options *options,
								 struct obol_store **store, char *why,
								 size_t size)
{
	const struct obol_store_postgresql_options postgresql = {
		.target = options->database,
		.create = options->create,
		.n_links = options->n_connections,
		.guess_rows_max = options->guess_rows_max,
		.history_rows_max = options->history_rows_max,
		.rng = options->rng,
		.log = options->log,
	};
	const struct obol_store_sqlite_options sqlite = {
		.path = options->database,
		.create = options->create,
		.guess_rows_max = options->guess_rows_max,
		.history_rows_max = options->history_rows_max,
		.rng = options->rng,
		.log = options->log,
	};

	return obol_store_is_remote(options->database)
			   ? obol_store_postgresql_open(&postgresql, store, why, size)
			   : obol_store_sqlite_open(&sqlite, store, why, size);
}
