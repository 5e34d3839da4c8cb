/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cursor, as far as it is the same for every engine. */
#include "store/sql.h"

struct obol_sql_query obol_sql_begin(struct obol_sql *sql, const char *text)
{
	struct obol_sql_query q = { sql, NULL, NULL, 0, 0, 0, OBOL_OK };

	sql->driver->begin(&q, text);
	return q;
}

void obol_sql_put_int(struct obol_sql_query *q, int64_t value)
{
	if (q->status == OBOL_OK)
	{
		q->sql->driver->put_int(q, value);
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
		q->sql->driver->put_bytes(q, obol_bytes(len ? ptr : "", len), false);
	}
}

void obol_sql_put_text(struct obol_sql_query *q, struct obol_bytes text)
{
	if (q->status == OBOL_OK)
	{
		q->sql->driver->put_bytes(
			q, obol_bytes(text.len ? text.ptr : (const uint8_t *)"", text.len),
			true);
	}
}

void obol_sql_put_str(struct obol_sql_query *q, const char *text)
{
	obol_sql_put_text(q, obol_bytes_str(text));
}

bool obol_sql_row(struct obol_sql_query *q)
{
	q->n_read = 0;
	return q->status == OBOL_OK && q->sql->driver->row(q);
}

static void corrupt(struct obol_sql_query *q)
{
	if (q->status == OBOL_OK)
	{
		obol_log(q->sql->log, OBOL_LOG_ERROR, "store",
				 "database: column '%s' has a value out of its bounds",
				 q->sql->driver->column(q));
		q->status = OBOL_ERR_STORE;
	}
}

int64_t obol_sql_get_int(struct obol_sql_query *q)
{
	return q->sql->driver->get_int(q);
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
	return q->sql->driver->get_bytes(q);
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
	q->sql->driver->end(q);
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
	return sql->driver->changes(sql);
}

enum obol_status obol_sql_finish_id(struct obol_sql_query *q, int64_t *id)
{
	bool found = obol_sql_row(q);
	enum obol_status status;

	if (found)
	{
		*id = obol_sql_get_int(q);
	}
	status = obol_sql_finish(q);
	return status == OBOL_OK && !found ? OBOL_ERR_STORE : status;
}
