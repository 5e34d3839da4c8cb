/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cursor over SQLite's prepared statements. */
#include "store/sql.h"

void obol_sql_close(struct obol_sql *sql)
{
	size_t i;

	for (i = 0; i < sql->n_statements; i++)
	{
		(void)sqlite3_finalize(sql->statements[i].stmt);
	}
	sql->n_statements = 0;
	(void)sqlite3_close(sql->db);
	sql->db = NULL;
}

/** SQLite's result code to ours; what is the database's fault is logged. */
static enum obol_status translate(struct obol_sql *sql, int code)
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
	obol_log(sql->log, OBOL_LOG_ERROR, "store", "database: %s (%d)",
			 sqlite3_errmsg(sql->db), code);
	return OBOL_ERR_STORE;
}

static void note(struct obol_sql_query *q, int code)
{
	if (q->status == OBOL_OK)
	{
		q->status = translate(q->sql, code);
	}
}

struct obol_sql_query obol_sql_begin(struct obol_sql *sql, const char *text)
{
	struct obol_sql_query q = { sql, NULL, 0, 0, OBOL_OK };
	size_t i;

	for (i = 0; i < sql->n_statements; i++)
	{
		if (sql->statements[i].text == text)
		{
			q.stmt = sql->statements[i].stmt;
			return q;
		}
	}
	if (sql->n_statements == OBOL_SQL_STATEMENTS_MAX)
	{
		q.status = OBOL_ERR_ARG;
		return q;
	}
	note(&q, sqlite3_prepare_v3(sql->db, text, -1, SQLITE_PREPARE_PERSISTENT,
								&q.stmt, NULL));
	if (q.status == OBOL_OK)
	{
		sql->statements[sql->n_statements].text = text;
		sql->statements[sql->n_statements].stmt = q.stmt;
		sql->n_statements++;
	}
	return q;
}

void obol_sql_put_int(struct obol_sql_query *q, int64_t value)
{
	if (q->status == OBOL_OK)
	{
		note(q, sqlite3_bind_int64(q->stmt, ++q->n_bound, value));
	}
}

void obol_sql_put_time(struct obol_sql_query *q, uint64_t at)
{
	obol_sql_put_int(q, at < INT64_MAX ? (int64_t)at : INT64_MAX);
}

void obol_sql_put_blob(struct obol_sql_query *q, const void *ptr, size_t len)
{
	if (q->status == OBOL_OK)
	{
		note(q, sqlite3_bind_blob64(q->stmt, ++q->n_bound, len ? ptr : "", len,
									SQLITE_STATIC));
	}
}

void obol_sql_put_text(struct obol_sql_query *q, struct obol_bytes text)
{
	if (q->status == OBOL_OK)
	{
		note(q, sqlite3_bind_text64(q->stmt, ++q->n_bound,
									text.len ? (const char *)text.ptr : "",
									text.len, SQLITE_STATIC, SQLITE_UTF8));
	}
}

void obol_sql_put_str(struct obol_sql_query *q, const char *text)
{
	obol_sql_put_text(q, obol_bytes_str(text));
}

bool obol_sql_row(struct obol_sql_query *q)
{
	int code;

	if (q->status != OBOL_OK)
	{
		return false;
	}
	q->n_read = 0;
	code = sqlite3_step(q->stmt);
	note(q, code);
	return code == SQLITE_ROW;
}

static void corrupt(struct obol_sql_query *q)
{
	if (q->status == OBOL_OK)
	{
		obol_log(q->sql->log, OBOL_LOG_ERROR, "store",
				 "database: column '%s' has a value out of its bounds",
				 sqlite3_column_name(q->stmt, q->n_read - 1));
		q->status = OBOL_ERR_STORE;
	}
}

int64_t obol_sql_get_int(struct obol_sql_query *q)
{
	return sqlite3_column_int64(q->stmt, q->n_read++);
}

uint64_t obol_sql_get_uint(struct obol_sql_query *q, uint64_t max)
{
	int64_t value = obol_sql_get_int(q);

	if (value < 0 || (uint64_t)value > max)
	{
		corrupt(q);
		return 0;
	}
	return (uint64_t)value;
}

uint64_t obol_sql_get_time(struct obol_sql_query *q)
{
	return obol_sql_get_uint(q, INT64_MAX);
}

struct obol_bytes obol_sql_get_bytes(struct obol_sql_query *q)
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

void obol_sql_get_fixed(struct obol_sql_query *q, void *out, size_t len)
{
	struct obol_bytes bytes = obol_sql_get_bytes(q);

	if (bytes.len != len)
	{
		corrupt(q);
		memset(out, 0, len);
		return;
	}
	memcpy(out, bytes.ptr, len);
}

size_t obol_sql_get_upto(struct obol_sql_query *q, void *out, size_t size)
{
	struct obol_bytes bytes = obol_sql_get_bytes(q);

	if (bytes.len > size)
	{
		corrupt(q);
		return 0;
	}
	if (bytes.len > 0)
	{
		memcpy(out, bytes.ptr, bytes.len);
	}
	return bytes.len;
}

void obol_sql_get_str(struct obol_sql_query *q, char *out, size_t size)
{
	out[obol_sql_get_upto(q, out, size - 1)] = '\0';
}

enum obol_status obol_sql_end(struct obol_sql_query *q)
{
	if (q->stmt)
	{
		(void)sqlite3_reset(q->stmt);
	}
	return q->status;
}

enum obol_status obol_sql_finish(struct obol_sql_query *q)
{
	while (obol_sql_row(q))
	{
	}
	return obol_sql_end(q);
}

enum obol_status obol_sql_run(struct obol_sql *sql, const char *text)
{
	struct obol_sql_query q = obol_sql_begin(sql, text);

	return obol_sql_finish(&q);
}

int64_t obol_sql_changes(const struct obol_sql *sql)
{
	return sqlite3_changes64(sql->db);
}
