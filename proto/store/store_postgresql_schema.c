/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store in PostgreSQL: numbered migrations of the schema. */
#include "store/store_postgresql_private.h"

#include "store/schema.h"

#include <stdio.h>
#include <stdlib.h>

/* Whoever migrates holds it: "Obol" in ASCII, in the space of two-part locks,
 * which operations do not use. */
#define LOCK "SELECT pg_advisory_xact_lock(1331849068, 0)"

/** Run what has no result to look at; false on failure, and why tells. */
static bool execute(PGconn *pg, const char *sql, char *why, size_t size)
{
	PGresult *result = PQexec(pg, sql);
	bool is_good = PQresultStatus(result) == PGRES_COMMAND_OK ||
				   PQresultStatus(result) == PGRES_TUPLES_OK;

	if (!is_good)
	{
		const char *text = PQerrorMessage(pg);

		(void)snprintf(why, size, "the database refuses its schema: %.*s",
					   (int)strcspn(text, "\n"), text);
	}
	PQclear(result);
	return is_good;
}

/** One number; -1 when there is none. */
static long number_of(PGconn *pg, const char *sql)
{
	PGresult *result = PQexec(pg, sql);
	long number = -1;

	if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1)
	{
		number = strtol(PQgetvalue(result, 0, 0), NULL, 10);
	}
	PQclear(result);
	return number;
}

static bool has_schema(PGconn *pg)
{
	return number_of(pg, "SELECT count(*) FROM pg_class WHERE relnamespace = "
						 "current_schema()::regnamespace AND relname = 'meta' "
						 "AND relkind = 'r'") == 1;
}

static bool is_empty(PGconn *pg)
{
	return number_of(pg, "SELECT count(*) FROM pg_class WHERE relnamespace = "
						 "current_schema()::regnamespace") == 0;
}

static bool is_durable(PGconn *pg)
{
	return number_of(pg, "SELECT count(*) FROM pg_settings "
						 "WHERE name = 'fsync' AND setting = 'on'") == 1;
}

static enum obol_status step(PGconn *pg, unsigned number, char *why,
							 size_t size)
{
	char note[160];

	(void)snprintf(note, sizeof(note),
				   "INSERT INTO meta (name, number) VALUES ('schema', %u) "
				   "ON CONFLICT (name) DO UPDATE SET number = %u",
				   number, number);
	return execute(pg, obol_schema_postgresql[number - 1].sql, why, size) &&
				   execute(pg, note, why, size)
			   ? OBOL_OK
			   : OBOL_ERR_STORE;
}

static enum obol_status migrate(struct obol_postgresql_store *this, char *why,
								size_t size)
{
	PGconn *pg = this->direct;
	long version = has_schema(pg) ? number_of(pg, "SELECT number FROM meta "
												  "WHERE name = 'schema'")
								  : 0;
	long compatible = version > 0 ? number_of(pg, "SELECT number FROM meta "
												  "WHERE name = 'compatible'")
								  : 0;
	enum obol_status status = OBOL_OK;

	if (version < 0)
	{
		(void)snprintf(why, size, "the database is no Obol database");
		return OBOL_ERR_STORE;
	}
	/* newer by steps that an older obold can live with is fine: so the old one
	 * and the new one can run side by side while all are replaced */
	if (compatible > (long)obol_schema_n_postgresql)
	{
		(void)snprintf(why, size,
					   "the database has schema %ld, and this build knows up "
					   "to %u: it was written by a newer Obol; install that "
					   "version",
					   version, obol_schema_n_postgresql);
		return OBOL_ERR_VERSION;
	}
	while (status == OBOL_OK && version < (long)obol_schema_n_postgresql)
	{
		status = step(pg, (unsigned)++version, why, size);
	}
	return status;
}

/** New tables get the key, and what else they shall have. */
static enum obol_status begin_with(struct obol_postgresql_store *this,
								   const uint8_t *id_key,
								   obol_postgresql_fill fill, void *ctx)
{
	enum obol_status status = obol_sql_make_id_key(&this->sql_store, id_key);

	return status == OBOL_OK && fill ? fill(this, ctx) : status;
}

enum obol_status obol_postgresql_schema(struct obol_postgresql_store *this,
										bool create, const uint8_t *id_key,
										obol_postgresql_fill fill, void *ctx,
										char *why, size_t size)
{
	PGconn *pg = this->direct;
	enum obol_status status = OBOL_ERR_STORE;

	if (!is_durable(pg))
	{
		(void)snprintf(why, size,
					   "the database's server runs with fsync off, so that a "
					   "power failure takes what was acknowledged");
		return OBOL_ERR_DENIED;
	}
	/* two that start at once: the second one finds what the first has made */
	if (!execute(pg, "BEGIN", why, size) || !execute(pg, LOCK, why, size))
	{
		return OBOL_ERR_STORE;
	}
	if (create && !is_empty(pg))
	{
		(void)snprintf(why, size,
					   "the database is not empty and is left as it is");
		status = OBOL_ERR_EXISTS;
	}
	else if (!create && !has_schema(pg))
	{
		(void)snprintf(why, size,
					   "there is no Obol in the database; obolctl init makes "
					   "its tables");
		status = OBOL_ERR_NOT_FOUND;
	}
	else
	{
		status = migrate(this, why, size);
	}
	if (status == OBOL_OK && create)
	{
		status = begin_with(this, id_key, fill, ctx);
	}
	if (status == OBOL_OK && !execute(pg, "COMMIT", why, size))
	{
		status = OBOL_ERR_STORE;
	}
	if (status != OBOL_OK)
	{
		PGresult *result = PQexec(pg, "ROLLBACK");

		PQclear(result);
		return status;
	}
	status = obol_sql_load_id_key(&this->sql_store);
	if (status != OBOL_OK)
	{
		(void)snprintf(why, size,
					   "the database has no usable id key: restore it");
	}
	return status;
}
