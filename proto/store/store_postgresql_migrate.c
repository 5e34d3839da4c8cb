/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From SQLite to PostgreSQL: every table as a stream of rows in the order of
 * their keys, in the format of COPY. The same stream is read back. */
#include "store/store_migrate.h"

#include "store/store_postgresql_private.h"
#include "store/store_sqlite_private.h"

#include <openssl/evp.h>

#include <stdio.h>
#include <stdlib.h>

/** Rows between two looks at the bar. */
#define SHOW_EVERY 1000
/** COPY's head, without flags and extension, and its end. */
#define HEAD "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"
#define HEAD_LEN 19
#define END "\377\377"

/** In the order in which they refer to each other. */
static const struct table {
	const char *name;
	const char *key;
} tables[] = {
	{ "account", "id" },
	{ "slot", "account_id, kind, device_id" },
	{ "credential", "account_id, generation, name" },
	{ "guess", "guess_key" },
	{ "certificate", "account_id, serial" },
	{ "audit", "account_id, id" },
	{ "anchors", "number" },
	{ "anchors_held", "account_id, kind, device_id" },
	{ "crl", "id" },
	{ "gateway", "account_id" },
	{ "tunnel", "gateway_id, spis" },
	{ "enrolment", "id" },
	{ "enrolled", "id" },
	{ "gone", "who" },
};
#define N_TABLES (sizeof(tables) / sizeof(tables[0]))

/** Taken along otherwise, or not at all. */
#define OTHERS "'meta', 'counter', 'stage', 'sqlite_sequence'"

struct migration {
	const struct obol_store_migrate_options *options;
	struct obol_store_migrated *migrated;
	sqlite3 *db;
	PGconn *pg;
	uint64_t n_done;
	uint64_t n_total;
	/** of what was sent, and of what came back */
	EVP_MD_CTX *sent;
	EVP_MD_CTX *seen;
	/** one row */
	uint8_t *row;
	size_t row_size;
	size_t row_len;
	char *why;
	size_t size;
};

static bool fail(struct migration *this, const char *what, const char *detail)
{
	(void)snprintf(this->why, this->size, "%s: %.*s", what,
				   (int)strcspn(detail, "\n"), detail);
	return false;
}

static void show(struct migration *this, bool always)
{
	if (this->options->progress && (always || this->n_done % SHOW_EVERY == 0))
	{
		this->options->progress(this->options->ctx, this->n_done,
								this->n_total);
	}
}

/*
 * SQLite's side
 */

/** The first value of a query; -1 on failure. */
static int64_t ask(struct migration *this, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int64_t value = -1;

	if (sqlite3_prepare_v2(this->db, sql, -1, &stmt, NULL) == SQLITE_OK)
	{
		int code = sqlite3_step(stmt);

		value = code == SQLITE_ROW    ? sqlite3_column_int64(stmt, 0)
				: code == SQLITE_DONE ? 0
									  : -1;
	}
	(void)sqlite3_finalize(stmt);
	return value;
}

/** Every table is one of those above, and nothing is forgotten. */
static bool check_tables(struct migration *this)
{
	char sql[1024];
	size_t len, i;

	len = (size_t)snprintf(sql, sizeof(sql),
						   "SELECT count(*) FROM sqlite_schema WHERE type = "
						   "'table' AND name NOT IN (" OTHERS);
	for (i = 0; i < N_TABLES; i++)
	{
		len += (size_t)snprintf(sql + len, sizeof(sql) - len, ", '%s'",
								tables[i].name);
	}
	(void)snprintf(sql + len, sizeof(sql) - len, ")");
	if (ask(this, sql) != 0)
	{
		(void)snprintf(this->why, this->size,
					   "the database has a table that is not known here");
		return false;
	}
	return true;
}

static bool count_rows(struct migration *this)
{
	char sql[128];
	size_t i;

	for (i = 0; i < N_TABLES; i++)
	{
		int64_t n;

		(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s",
					   tables[i].name);
		n = ask(this, sql);
		if (n < 0)
		{
			return fail(this, "the database cannot be read",
						sqlite3_errmsg(this->db));
		}
		this->migrated->n_accounts += i == 0 ? (uint64_t)n : 0;
		this->migrated->n_rows += (uint64_t)n;
	}
	this->n_total = 2 * this->migrated->n_rows;
	return true;
}

/** Nobody else has the file open, and nobody can have meanwhile. */
static bool lock_file(struct migration *this)
{
	(void)sqlite3_busy_timeout(this->db, 0);
	if (sqlite3_exec(this->db,
					 "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE", NULL,
					 NULL, NULL) != SQLITE_OK)
	{
		(void)snprintf(this->why, this->size,
					   "somebody uses the database %s; stop obold first",
					   this->options->from);
		return false;
	}
	return true;
}

/*
 * Rows
 */

static uint8_t *more(struct migration *this, size_t len)
{
	size_t size = this->row_size ? this->row_size : 4096;
	uint8_t *at;

	while (size < this->row_len + len)
	{
		size *= 2;
	}
	if (size != this->row_size)
	{
		uint8_t *row = realloc(this->row, size);

		if (!row)
		{
			return NULL;
		}
		this->row = row;
		this->row_size = size;
	}
	at = this->row + this->row_len;
	this->row_len += len;
	return at;
}

static bool add_number(struct migration *this, uint64_t value, size_t len)
{
	uint8_t *at = more(this, len);

	while (at && len-- > 0)
	{
		at[len] = (uint8_t)value;
		value >>= 8;
	}
	return at;
}

static bool add_value(struct migration *this, sqlite3_stmt *stmt, int i)
{
	const void *bytes;
	size_t len;
	uint8_t *at;

	if (sqlite3_column_type(stmt, i) == SQLITE_INTEGER)
	{
		return add_number(this, 8, 4) &&
			   add_number(this, (uint64_t)sqlite3_column_int64(stmt, i), 8);
	}
	bytes = sqlite3_column_blob(stmt, i);
	len = (size_t)sqlite3_column_bytes(stmt, i);
	at = add_number(this, len, 4) ? more(this, len) : NULL;
	if (at && len > 0)
	{
		memcpy(at, bytes, len);
	}
	return at;
}

/** Both sides' streams have a table's name before its rows. */
static bool digest(EVP_MD_CTX *ctx, const void *bytes, size_t len)
{
	return EVP_DigestUpdate(ctx, bytes, len) == 1;
}

static bool send_row(struct migration *this, sqlite3_stmt *stmt, int n_columns)
{
	bool is_good;
	int i;

	this->row_len = 0;
	is_good = add_number(this, (uint64_t)n_columns, 2);
	for (i = 0; is_good && i < n_columns; i++)
	{
		is_good = add_value(this, stmt, i);
	}
	if (!is_good || !digest(this->sent, this->row, this->row_len))
	{
		return fail(this, "nothing was copied", "memory ran out");
	}
	if (PQputCopyData(this->pg, (const char *)this->row, (int)this->row_len) !=
		1)
	{
		return fail(this, "the new database", PQerrorMessage(this->pg));
	}
	this->n_done++;
	show(this, false);
	return true;
}

/*
 * PostgreSQL's side
 */

static bool is_good(const PGresult *result, ExecStatusType wanted)
{
	return PQresultStatus(result) == wanted;
}

static bool run(struct migration *this, const char *sql, ExecStatusType wanted)
{
	PGresult *result = PQexec(this->pg, sql);
	bool done = is_good(result, wanted) || is_good(result, PGRES_TUPLES_OK);

	PQclear(result);
	return done || fail(this, "the new database", PQerrorMessage(this->pg));
}

static bool end_copy(struct migration *this)
{
	PGresult *result;
	bool done;

	if (PQputCopyData(this->pg, END, 2) != 1 ||
		PQputCopyEnd(this->pg, NULL) != 1)
	{
		return fail(this, "the new database", PQerrorMessage(this->pg));
	}
	result = PQgetResult(this->pg);
	done = is_good(result, PGRES_COMMAND_OK) ||
		   fail(this, "the new database", PQerrorMessage(this->pg));
	while (result)
	{
		PQclear(result);
		result = PQgetResult(this->pg);
	}
	return done;
}

/** The columns' names, between commas. */
static void name_columns(sqlite3_stmt *stmt, char *text, size_t size)
{
	int n = sqlite3_column_count(stmt);
	size_t len = 0;
	int i;

	for (i = 0; i < n && len < size; i++)
	{
		len += (size_t)snprintf(text + len, size - len, "%s%s", i ? ", " : "",
								sqlite3_column_name(stmt, i));
	}
}

static bool send_table(struct migration *this, const struct table *table,
					   sqlite3_stmt *stmt, const char *columns)
{
	int n_columns = sqlite3_column_count(stmt);
	char sql[1024];
	int code;

	(void)snprintf(sql, sizeof(sql), "COPY %s (%s) FROM STDIN (FORMAT binary)",
				   table->name, columns);
	if (!run(this, sql, PGRES_COPY_IN) ||
		!digest(this->sent, table->name, strlen(table->name) + 1))
	{
		return false;
	}
	if (PQputCopyData(this->pg, HEAD, HEAD_LEN) != 1)
	{
		return fail(this, "the new database", PQerrorMessage(this->pg));
	}
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
	{
		if (!send_row(this, stmt, n_columns))
		{
			return false;
		}
	}
	if (code != SQLITE_DONE)
	{
		return fail(this, "the database cannot be read",
					sqlite3_errmsg(this->db));
	}
	return end_copy(this);
}

/** One piece of what comes back: the head comes with the first row. */
static bool see(struct migration *this, const char *bytes, size_t len,
				bool is_first)
{
	if (is_first && len >= HEAD_LEN)
	{
		bytes += HEAD_LEN;
		len -= HEAD_LEN;
	}
	if (len == 2 && memcmp(bytes, END, 2) == 0)
	{
		return true;
	}
	this->n_done += len > 0;
	show(this, false);
	return digest(this->seen, bytes, len);
}

static bool see_table(struct migration *this, const struct table *table,
					  const char *columns)
{
	bool is_first = true, done = true;
	char *bytes = NULL;
	char sql[1024];
	int len;

	(void)snprintf(sql, sizeof(sql),
				   "COPY (SELECT %s FROM %s ORDER BY %s) TO STDOUT "
				   "(FORMAT binary)",
				   columns, table->name, table->key);
	if (!run(this, sql, PGRES_COPY_OUT) ||
		!digest(this->seen, table->name, strlen(table->name) + 1))
	{
		return false;
	}
	while (done && (len = PQgetCopyData(this->pg, &bytes, 0)) > 0)
	{
		done = see(this, bytes, (size_t)len, is_first);
		is_first = false;
		PQfreemem(bytes);
	}
	PQclear(PQgetResult(this->pg));
	while (PQgetResult(this->pg))
	{
	}
	return done;
}

static bool copy_table(struct migration *this, const struct table *table)
{
	sqlite3_stmt *stmt = NULL;
	char columns[768] = "";
	char sql[128];
	bool done;

	(void)snprintf(sql, sizeof(sql), "SELECT * FROM %s ORDER BY %s",
				   table->name, table->key);
	if (sqlite3_prepare_v2(this->db, sql, -1, &stmt, NULL) != SQLITE_OK)
	{
		return fail(this, "the database cannot be read",
					sqlite3_errmsg(this->db));
	}
	name_columns(stmt, columns, sizeof(columns));
	done = send_table(this, table, stmt, columns) &&
		   see_table(this, table, columns);
	(void)sqlite3_finalize(stmt);
	return done;
}

/** Counters and sequences go on where SQLite's were. */
static bool set_counters(struct migration *this)
{
	static const struct {
		const char *from;
		const char *to;
	} counters[] = {
		{ "SELECT value FROM counter WHERE name = 'revocation'",
		  "UPDATE counter SET value = %lld WHERE name = 'revocation'" },
		{ "SELECT count(*) FROM guess",
		  "UPDATE counter SET value = %lld WHERE name = 'guess_rows' "
		  "AND part = 0" },
		{ "SELECT value FROM counter WHERE name = 'unknown_failures'",
		  "UPDATE counter SET value = %lld WHERE name = 'unknown_failures' "
		  "AND part = 0" },
		{ "SELECT value + 1 FROM counter WHERE name = 'slot_serial'",
		  "SELECT setval('slot_serial', %lld, false)" },
		{ "SELECT coalesce(max(id), 0) + 1 FROM audit",
		  "SELECT setval('audit_id', %lld, false)" },
		/* no id is ever used twice: not that of the newest, removed since */
		{ "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence "
		  "WHERE name = 'account'",
		  "SELECT setval(pg_get_serial_sequence('account', 'id'), %lld, "
		  "false)" },
		{ "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence "
		  "WHERE name = 'enrolment'",
		  "SELECT setval(pg_get_serial_sequence('enrolment', 'id'), %lld, "
		  "false)" },
		{ "SELECT coalesce(max(id), 0) + 1 FROM enrolled",
		  "SELECT setval(pg_get_serial_sequence('enrolled', 'id'), %lld, "
		  "false)" },
	};
	char sql[256];
	size_t i;

	for (i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
	{
		int64_t value = ask(this, counters[i].from);

		if (value < 0)
		{
			return fail(this, "the database cannot be read",
						sqlite3_errmsg(this->db));
		}
		/* the table's own text: a number and nothing else goes in */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(sql, sizeof(sql), counters[i].to, (long long)value);
#pragma GCC diagnostic pop
		if (!run(this, sql, PGRES_COMMAND_OK))
		{
			return false;
		}
	}
	return true;
}

static bool compare(struct migration *this)
{
	uint8_t sent[32], seen[32];
	size_t i;

	if (EVP_DigestFinal_ex(this->sent, sent, NULL) != 1 ||
		EVP_DigestFinal_ex(this->seen, seen, NULL) != 1 ||
		memcmp(sent, seen, sizeof(sent)) != 0)
	{
		(void)snprintf(this->why, this->size,
					   "what is in the new database is not what was sent");
		return false;
	}
	for (i = 0; i < sizeof(sent); i++)
	{
		(void)snprintf(this->migrated->digest + 2 * i, 3, "%02x", sent[i]);
	}
	return true;
}

/** Inside the transaction that makes the schema, whose statements may take
 * long. */
static enum obol_status fill(struct obol_postgresql_store *store, void *ctx)
{
	struct migration *this = ctx;
	size_t i;

	this->pg = store->direct;
	for (i = 0; i < N_TABLES; i++)
	{
		if (!copy_table(this, &tables[i]))
		{
			return OBOL_ERR_STORE;
		}
	}
	show(this, true);
	return set_counters(this) && compare(this) ? OBOL_OK : OBOL_ERR_STORE;
}

static enum obol_status migrate(struct migration *this,
								const struct obol_store *from)
{
	const struct obol_store_postgresql_options options = {
		.target = this->options->to,
		.create = true,
		.rng = this->options->rng,
		.log = this->options->log,
	};
	struct obol_store *to = NULL;
	enum obol_status status;

	if (!check_tables(this))
	{
		return OBOL_ERR_VERSION;
	}
	if (!lock_file(this))
	{
		return OBOL_ERR_DENIED;
	}
	if (!count_rows(this))
	{
		return OBOL_ERR_STORE;
	}
	status = obol_postgresql_open(&options, from->id_key, fill, this, &to,
								  this->why, this->size);
	obol_store_close(to);
	return status;
}

enum obol_status
obol_store_migrate(const struct obol_store_migrate_options *options,
				   struct obol_store_migrated *migrated, char *why, size_t size)
{
	const struct obol_store_sqlite_options sqlite = {
		.path = options->from,
		.guess_rows_max = UINT32_MAX,
		.rng = options->rng,
		.log = options->log,
	};
	struct migration this = {
		.options = options,
		.migrated = migrated,
		.sent = EVP_MD_CTX_new(),
		.seen = EVP_MD_CTX_new(),
		.why = why,
		.size = size,
	};
	struct obol_store *from = NULL;
	enum obol_status status = OBOL_ERR_NOMEM;

	memset(migrated, 0, sizeof(*migrated));
	(void)snprintf(why, size, "memory ran out");
	if (this.sent && this.seen &&
		EVP_DigestInit_ex(this.sent, EVP_sha256(), NULL) == 1 &&
		EVP_DigestInit_ex(this.seen, EVP_sha256(), NULL) == 1)
	{
		status = obol_store_sqlite_open(&sqlite, &from, why, size);
	}
	if (status == OBOL_OK)
	{
		this.db = ((struct obol_sqlite_store *)from)->sqlite.db;
		status = migrate(&this, from);
		(void)sqlite3_exec(this.db, "ROLLBACK", NULL, NULL, NULL);
	}
	obol_store_close(from);
	EVP_MD_CTX_free(this.sent);
	EVP_MD_CTX_free(this.seen);
	free(this.row);
	return status;
}
