/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cursor over SQLite's prepared statements. */
#include "store/sql_sqlite.h"

#include <stdlib.h>

/** SQLite has one writer, and knows no row locks. */
#define LOCK " FOR UPDATE"
#define SKIP " SKIP LOCKED"

static struct obol_sql_sqlite *sqlite_of(const struct obol_sql_query *q)
{
	return (struct obol_sql_sqlite *)q->sql;
}

/** SQLite's result code to ours; what is the database's fault is logged. */
static enum obol_status translate(struct obol_sql_sqlite *this, int code)
{
	switch (code & 0xff)
	{
		case SQLITE_OK:
		case SQLITE_ROW:
		case SQLITE_DONE:
			return OBOL_OK;
		case SQLITE_CONSTRAINT:
			if (code == SQLITE_CONSTRAINT_PRIMARYKEY ||
				code == SQLITE_CONSTRAINT_UNIQUE)
			{
				return OBOL_ERR_EXISTS;
			}
			break;
		case SQLITE_NOMEM:
			return OBOL_ERR_NOMEM;
		default:
			break;
	}
	obol_log(this->sql.log, OBOL_LOG_ERROR, "store", "database: %s (%d)",
			 sqlite3_errmsg(this->db), code);
	return OBOL_ERR_STORE;
}

static void note(struct obol_sql_query *q, int code)
{
	if (q->status == OBOL_OK)
	{
		q->status = translate(sqlite_of(q), code);
	}
}

/** The text without its row locks; NULL when memory ran out. */
static char *without_locks(const char *text)
{
	char *copy = strdup(text);
	char *lock;

	while (copy && (lock = strstr(copy, LOCK)))
	{
		char *rest = lock + strlen(LOCK);

		if (strncmp(rest, SKIP, strlen(SKIP)) == 0)
		{
			rest += strlen(SKIP);
		}
		memmove(lock, rest, strlen(rest) + 1);
	}
	return copy;
}

static sqlite3_stmt *prepare(struct obol_sql_query *q, const char *text)
{
	char *copy = without_locks(text);
	sqlite3_stmt *stmt = NULL;

	if (!copy)
	{
		q->status = OBOL_ERR_NOMEM;
		return NULL;
	}
	note(q, sqlite3_prepare_v3(sqlite_of(q)->db, copy, -1,
							   SQLITE_PREPARE_PERSISTENT, &stmt, NULL));
	free(copy);
	return stmt;
}

static void begin(struct obol_sql_query *q, const char *text)
{
	struct obol_sql_sqlite *this = sqlite_of(q);
	size_t i;

	for (i = 0; i < this->n_statements; i++)
	{
		if (this->statements[i].text == text)
		{
			q->stmt = this->statements[i].stmt;
			return;
		}
	}
	if (this->n_statements == OBOL_SQL_STATEMENTS_MAX)
	{
		q->status = OBOL_ERR_ARG;
		return;
	}
	q->stmt = prepare(q, text);
	if (q->status == OBOL_OK)
	{
		this->statements[this->n_statements].text = text;
		this->statements[this->n_statements].stmt = q->stmt;
		this->n_statements++;
	}
}

static void put_int(struct obol_sql_query *q, int64_t value)
{
	note(q, sqlite3_bind_int64(q->stmt, ++q->n_bound, value));
}

static void put_bytes(struct obol_sql_query *q, struct obol_bytes bytes,
					  bool is_text)
{
	int n = ++q->n_bound;

	note(q, is_text ? sqlite3_bind_text64(q->stmt, n, (const char *)bytes.ptr,
										  bytes.len, SQLITE_STATIC, SQLITE_UTF8)
					: sqlite3_bind_blob64(q->stmt, n, bytes.ptr, bytes.len,
										  SQLITE_STATIC));
}

static bool row(struct obol_sql_query *q)
{
	int code = sqlite3_step(q->stmt);

	note(q, code);
	return code == SQLITE_ROW;
}

static int64_t get_int(struct obol_sql_query *q)
{
	return sqlite3_column_int64(q->stmt, q->n_read++);
}

static struct obol_bytes get_bytes(struct obol_sql_query *q)
{
	const void *ptr = sqlite3_column_blob(q->stmt, q->n_read);
	int len = sqlite3_column_bytes(q->stmt, q->n_read);

	q->n_read++;
	if (!ptr && len > 0)
	{
		q->status = OBOL_ERR_NOMEM;
		len = 0;
	}
	return obol_bytes(ptr, (size_t)len);
}

static void end(struct obol_sql_query *q)
{
	if (q->stmt)
	{
		(void)sqlite3_reset(q->stmt);
	}
}

static const char *column(const struct obol_sql_query *q)
{
	return sqlite3_column_name(q->stmt, q->n_read - 1);
}

static int64_t changes(const struct obol_sql *sql)
{
	return sqlite3_changes64(((const struct obol_sql_sqlite *)sql)->db);
}

static const struct obol_sql_driver driver = {
	.begin = begin,
	.put_int = put_int,
	.put_bytes = put_bytes,
	.row = row,
	.get_int = get_int,
	.get_bytes = get_bytes,
	.end = end,
	.column = column,
	.changes = changes,
};

void obol_sql_sqlite_init(struct obol_sql_sqlite *this, struct obol_log *log)
{
	this->sql.driver = &driver;
	this->sql.log = log;
	this->db = NULL;
	this->n_statements = 0;
}

void obol_sql_sqlite_clear(struct obol_sql_sqlite *this)
{
	size_t i;

	for (i = 0; i < this->n_statements; i++)
	{
		(void)sqlite3_finalize(this->statements[i].stmt);
	}
	this->n_statements = 0;
	(void)sqlite3_close(this->db);
	this->db = NULL;
}
