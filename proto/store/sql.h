/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A cursor over prepared statements of a database, which are kept for the next
 * time. Parameters are bound and columns read in their order. It fails sticky:
 * obol_sql_end() tells.
 *
 *	q = obol_sql_begin(sql, "SELECT b FROM t WHERE a = ?");
 *	obol_sql_put_int(&q, a);
 *	if (obol_sql_row(&q))
 *		b = obol_sql_get_int(&q);
 *	status = obol_sql_end(&q);
 *
 * One text serves all engines, written so:
 * - Parameters are ? in their order, or ?1 to ?9.
 * - Integers have 64 bits, and truth values are 0 and 1; x'' is empty bytes.
 * - Rows that are read to be changed end in FOR UPDATE, and what housekeeping
 *   looks for in FOR UPDATE SKIP LOCKED: for engines with several writers.
 * - Where there is no common text, OBOL_SQL_EITHER() has two.
 */
#ifndef OBOL_STORE_SQL_H_
#define OBOL_STORE_SQL_H_

#include "base/bytes.h"
#include "base/log.h"

/** Statements that one store keeps. */
#define OBOL_SQL_STATEMENTS_MAX 192

struct obol_sql;
struct obol_sql_query;

/** What an engine does; see the functions of the same names below. */
struct obol_sql_driver {
	bool is_postgresql;
	void (*begin)(struct obol_sql_query *q, const char *text);
	void (*put_int)(struct obol_sql_query *q, int64_t value);
	void (*put_bytes)(struct obol_sql_query *q, struct obol_bytes bytes,
					  bool is_text);
	bool (*row)(struct obol_sql_query *q);
	int64_t (*get_int)(struct obol_sql_query *q);
	struct obol_bytes (*get_bytes)(struct obol_sql_query *q);
	void (*end)(struct obol_sql_query *q);
	/** of the column read last, for the log */
	const char *(*column)(const struct obol_sql_query *q);
	int64_t (*changes)(const struct obol_sql *sql);
};

/** A database; an engine's own follows it. */
struct obol_sql {
	const struct obol_sql_driver *driver;
	struct obol_log *log;
};

struct obol_sql_query {
	struct obol_sql *sql;
	/** the engine's */
	void *stmt;
	void *result;
	int n_bound;
	int n_row;
	int n_read;
	enum obol_status status;
};

/** One of two texts, both literals. */
#define OBOL_SQL_EITHER(sql, sqlite_text, postgresql_text)                     \
	((sql)->driver->is_postgresql ? (postgresql_text) : (sqlite_text))

/**
 * Begin a statement.
 *
 * @param text	a string literal: its address stands for it
 */
struct obol_sql_query obol_sql_begin(struct obol_sql *sql, const char *text);

/* Bind the next parameter; bytes must hold until the first row, or _end(). */
void obol_sql_put_int(struct obol_sql_query *q, int64_t value);
void obol_sql_put_time(struct obol_sql_query *q, uint64_t at);
void obol_sql_put_blob(struct obol_sql_query *q, const void *ptr, size_t len);
void obol_sql_put_text(struct obol_sql_query *q, struct obol_bytes text);
void obol_sql_put_str(struct obol_sql_query *q, const char *text);

/** Step to the next row; false at the end and on failure. */
bool obol_sql_row(struct obol_sql_query *q);

/* Read the row's next column. What is not in bounds fails the query. */
int64_t obol_sql_get_int(struct obol_sql_query *q);
uint64_t obol_sql_get_time(struct obol_sql_query *q);
uint64_t obol_sql_get_uint(struct obol_sql_query *q, uint64_t max);
/** A view until the next step. */
struct obol_bytes obol_sql_get_bytes(struct obol_sql_query *q);
/** Exactly len bytes. */
void obol_sql_get_fixed(struct obol_sql_query *q, void *out, size_t len);
/** At most size bytes; returns their number. */
size_t obol_sql_get_upto(struct obol_sql_query *q, void *out, size_t size);
/** A string of less than size bytes. */
void obol_sql_get_str(struct obol_sql_query *q, char *out, size_t size);

/** End the statement. OK; EXISTS when a key was taken; NOMEM; STORE (logged) */
enum obol_status obol_sql_end(struct obol_sql_query *q) OBOL_MUST_CHECK;

/** Step through to the end, and end. */
enum obol_status obol_sql_finish(struct obol_sql_query *q) OBOL_MUST_CHECK;

/** A statement without parameters or result. */
enum obol_status obol_sql_run(struct obol_sql *sql,
							  const char *text) OBOL_MUST_CHECK;

/** Rows changed by the last statement. */
int64_t obol_sql_changes(const struct obol_sql *sql);

/** Step to the one row of a statement that inserts with RETURNING id, and end.
 * OK; EXISTS; STORE */
enum obol_status obol_sql_finish_id(struct obol_sql_query *q,
									int64_t *id) OBOL_MUST_CHECK;

#endif /* OBOL_STORE_SQL_H_ */
