/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store in PostgreSQL: numbered migrations of the schema. */
#include "store/store_postgresql_private.h"

#include "store/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Whoever migrates holds it: "Obol" in ASCII, in the space of two-part locks,
 * which operations do not use. */
#define LOCK "SELECT pg_advisory_xact_lock(1331849068, 0)"

/* A step waits so long for a table that somebody uses: whatever asks for that
 * table meanwhile waits behind it. Then all is undone, others have their turn,
 * and it is tried again: a backup reads for minutes. What it does with the
 * table may take longer than an operation. */
#define TIMEOUTS                                                               \
	"SET LOCAL lock_timeout = '300ms'; SET LOCAL statement_timeout = 0"
#define PAUSE_MS 700
#define TRIES_MAX 30

/* Whoever works with an older build is parted from tables that it cannot live
 * with any more; its next connection learns why. */
#define PART                                                                   \
	"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "           \
	"WHERE datname = current_database() AND usename = session_user "           \
	"AND application_name = 'obol' AND pid <> pg_backend_pid()"

/** lock_not_available, deadlock_detected: somebody was in the way. */
static bool is_in_the_way(const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return state &&
		   (strcmp(state, "55P03") == 0 || strcmp(state, "40P01") == 0);
}

/**
 * Run what has no result to look at.
 *
 * @return	OK; STORE, and why tells; TIMEOUT when others are in the way
 */
static enum obol_status execute(PGconn *pg, const char *sql, char *why,
								size_t size)
{
	PGresult *result = PQexec(pg, sql);
	enum obol_status status = OBOL_OK;

	if (PQresultStatus(result) != PGRES_COMMAND_OK &&
		PQresultStatus(result) != PGRES_TUPLES_OK)
	{
		const char *text = PQerrorMessage(pg);

		status = is_in_the_way(result) ? OBOL_ERR_TIMEOUT : OBOL_ERR_STORE;
		(void)snprintf(why, size, "the database refuses its schema: %.*s",
					   (int)strcspn(text, "\n"), text);
	}
	PQclear(result);
	return status;
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
	enum obol_status status =
		execute(pg, obol_schema_postgresql[number - 1].sql, why, size);

	return status == OBOL_OK ? execute(pg, note, why, size) : status;
}

static long oldest_compatible(PGconn *pg)
{
	return number_of(pg, "SELECT number FROM meta WHERE name = 'compatible'");
}

/** breaks receives whether older builds, that may be at work, cannot live with
 * what was done. */
static enum obol_status migrate(struct obol_postgresql_store *this,
								bool *breaks, char *why, size_t size)
{
	PGconn *pg = this->direct;
	long version = has_schema(pg) ? number_of(pg, "SELECT number FROM meta "
												  "WHERE name = 'schema'")
								  : 0;
	long compatible = version > 0 ? oldest_compatible(pg) : 0;
	bool is_used = version > 0;
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
	if (version < (long)obol_schema_n_postgresql)
	{
		status = execute(pg, TIMEOUTS, why, size);
	}
	while (status == OBOL_OK && version < (long)obol_schema_n_postgresql)
	{
		status = step(pg, (unsigned)++version, why, size);
	}
	*breaks =
		status == OBOL_OK && is_used && oldest_compatible(pg) > compatible;
	return status;
}

/** See obol_postgresql_schema(). */
struct schema_options {
	bool create;
	const uint8_t *id_key;
	obol_postgresql_fill fill;
	void *ctx;
};

/** New tables get the key, and what else they shall have. */
static enum obol_status begin_with(struct obol_postgresql_store *this,
								   const struct schema_options *options)
{
	enum obol_status status =
		obol_sql_make_id_key(&this->sql_store, options->id_key);

	return status == OBOL_OK && options->fill
			   ? options->fill(this, options->ctx)
			   : status;
}

/** Make or migrate the tables, in the transaction that has begun. */
static enum obol_status bring_up(struct obol_postgresql_store *this,
								 const struct schema_options *options,
								 bool *breaks, char *why, size_t size)
{
	PGconn *pg = this->direct;
	enum obol_status status;

	if (options->create && !is_empty(pg))
	{
		(void)snprintf(why, size,
					   "the database is not empty and is left as it is");
		return OBOL_ERR_EXISTS;
	}
	if (!options->create && !has_schema(pg))
	{
		(void)snprintf(why, size,
					   "there is no Obol in the database; obolctl init makes "
					   "its tables");
		return OBOL_ERR_NOT_FOUND;
	}
	status = migrate(this, breaks, why, size);
	return status == OBOL_OK && options->create ? begin_with(this, options)
												: status;
}

/** All of it, in one transaction. */
static enum obol_status try_once(struct obol_postgresql_store *this,
								 const struct schema_options *options,
								 char *why, size_t size)
{
	PGconn *pg = this->direct;
	bool breaks = false;
	enum obol_status status = execute(pg, "BEGIN", why, size);

	/* two that start at once: the second one finds what the first has made */
	if (status == OBOL_OK)
	{
		status = execute(pg, LOCK, why, size);
	}
	if (status == OBOL_OK)
	{
		status = bring_up(this, options, &breaks, why, size);
	}
	if (status == OBOL_OK)
	{
		status = execute(pg, "COMMIT", why, size);
	}
	if (status != OBOL_OK)
	{
		PQclear(PQexec(pg, "ROLLBACK"));
	}
	else if (breaks)
	{
		PQclear(PQexec(pg, PART));
	}
	return status;
}

enum obol_status obol_postgresql_schema(struct obol_postgresql_store *this,
										bool create, const uint8_t *id_key,
										obol_postgresql_fill fill, void *ctx,
										char *why, size_t size)
{
	const struct schema_options options = { create, id_key, fill, ctx };
	const struct timespec pause = { 0, PAUSE_MS * 1000000L };
	enum obol_status status;
	unsigned n_tries = 1;

	if (!is_durable(this->direct))
	{
		(void)snprintf(why, size,
					   "the database's server runs with fsync off, so that a "
					   "power failure takes what was acknowledged");
		return OBOL_ERR_DENIED;
	}
	status = try_once(this, &options, why, size);
	while (status == OBOL_ERR_TIMEOUT && !create && n_tries++ < TRIES_MAX)
	{
		(void)nanosleep(&pause, NULL);
		status = try_once(this, &options, why, size);
	}
	if (status == OBOL_ERR_TIMEOUT)
	{
		(void)snprintf(why, size,
					   "the database's schema cannot be changed while "
					   "somebody, such as a backup, reads its tables; start "
					   "again when that has ended");
		return OBOL_ERR_STORE;
	}
	if (status != OBOL_OK)
	{
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
