/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cursor over PostgreSQL's prepared statements. */
#include "store/sql_postgresql.h"

#include <stdio.h>
#include <stdlib.h>

/* Types of parameters, as in the server's pg_type.dat. */
#define TYPE_BYTEA 17
#define TYPE_INT8 20

/** SQLSTATE of a key that is taken, and the class of what another transaction
 * is the cause of. */
#define UNIQUE_VIOLATION "23505"
#define CLASS_ROLLBACK "40"

static struct obol_sql_postgresql *postgresql_of(const struct obol_sql_query *q)
{
	return (struct obol_sql_postgresql *)q->sql;
}

char *obol_sql_postgresql_translate(const char *text)
{
	/* the longest that a letter becomes: ? -> $99, x'' -> ''::bytea */
	char *out = malloc(4 * strlen(text) + 1);
	unsigned n = 0;
	char *to = out;

	while (out && *text)
	{
		if (*text == '?')
		{
			bool is_numbered = text[1] >= '1' && text[1] <= '9';

			n = is_numbered ? (unsigned)(text[1] - '0') : n + 1;
			to += sprintf(to, "$%u", n);
			text += is_numbered ? 2 : 1;
		}
		else if (strncmp(text, "x''", 3) == 0)
		{
			to += sprintf(to, "''::bytea");
			text += 3;
		}
		else
		{
			*to++ = *text++;
		}
	}
	if (out)
	{
		*to = '\0';
	}
	return out;
}

struct obol_sql_postgresql_statement *
obol_sql_postgresql_statement(struct obol_sql_postgresql *this,
							  const char *text)
{
	struct obol_sql_postgresql_statement *statement;
	size_t i;

	for (i = 0; i < this->n_statements; i++)
	{
		if (this->statements[i].text == text)
		{
			return &this->statements[i];
		}
	}
	if (this->n_statements == OBOL_SQL_STATEMENTS_MAX)
	{
		return NULL;
	}
	statement = &this->statements[this->n_statements];
	statement->translated = obol_sql_postgresql_translate(text);
	if (!statement->translated)
	{
		return NULL;
	}
	statement->text = text;
	statement->index = this->n_statements++;
	statement->writes = strncmp(text, "INSERT", 6) == 0 ||
						strncmp(text, "UPDATE", 6) == 0 ||
						strncmp(text, "DELETE", 6) == 0;
	(void)snprintf(statement->name, sizeof(statement->name), "o%u",
				   (unsigned)statement->index % 1000);
	return statement;
}

static void begin(struct obol_sql_query *q, const char *text)
{
	struct obol_sql_postgresql *this = postgresql_of(q);

	this->parameters.n = 0;
	q->n_row = -1;
	q->stmt = obol_sql_postgresql_statement(this, text);
	if (!q->stmt)
	{
		q->status = OBOL_ERR_NOMEM;
	}
}

static void put(struct obol_sql_query *q, Oid type, const void *value,
				size_t len)
{
	struct obol_sql_parameters *to = &postgresql_of(q)->parameters;

	if (to->n == OBOL_SQL_PARAMETERS_MAX || len > INT32_MAX)
	{
		q->status = OBOL_ERR_ARG;
		return;
	}
	to->types[to->n] = type;
	to->values[to->n] = value;
	to->lengths[to->n] = (int)len;
	to->formats[to->n++] = 1;
}

static void put_int(struct obol_sql_query *q, int64_t value)
{
	struct obol_sql_parameters *to = &postgresql_of(q)->parameters;
	uint8_t *out = to->n < OBOL_SQL_PARAMETERS_MAX ? to->integers[to->n] : NULL;
	uint64_t bits = (uint64_t)value;
	int i;

	for (i = 7; out && i >= 0; i--, bits >>= 8)
	{
		out[i] = (uint8_t)bits;
	}
	put(q, TYPE_INT8, out, 8);
}

static void put_bytes(struct obol_sql_query *q, struct obol_bytes bytes,
					  bool is_text)
{
	/* a text of PostgreSQL's has no zero byte and must be UTF-8 */
	(void)is_text;
	put(q, TYPE_BYTEA, bytes.ptr, bytes.len);
}

enum obol_status obol_sql_postgresql_judge(struct obol_sql_postgresql *this,
										   const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	switch (PQresultStatus(result))
	{
		case PGRES_TUPLES_OK:
		case PGRES_COMMAND_OK:
			return OBOL_OK;
		case PGRES_PIPELINE_ABORTED:
			return OBOL_ERR_STORE;
		default:
			break;
	}
	if (state && strcmp(state, UNIQUE_VIOLATION) == 0)
	{
		return OBOL_ERR_EXISTS;
	}
	if (!state || strncmp(state, CLASS_ROLLBACK, 2) != 0)
	{
		obol_log(this->sql.log, OBOL_LOG_ERROR, "store", "database: %s (%s)",
				 text ? text : "no answer", state ? state : "-");
	}
	return OBOL_ERR_STORE;
}

static bool row(struct obol_sql_query *q)
{
	struct obol_sql_postgresql *this = postgresql_of(q);
	PGresult *result = q->result;

	if (!result)
	{
		q->status = this->execute(this, q->stmt, &result);
		q->result = result;
		if (q->status == OBOL_OK)
		{
			q->status = obol_sql_postgresql_judge(this, result);
		}
		if (q->status != OBOL_OK)
		{
			return false;
		}
		this->n_changes = atoll(PQcmdTuples(result));
	}
	return ++q->n_row < PQntuples(result);
}

static bool is_there(const struct obol_sql_query *q)
{
	return q->result && q->n_row >= 0 && q->n_row < PQntuples(q->result) &&
		   q->n_read < PQnfields(q->result);
}

/** Integers of 8, 4 or 2 bytes, and truth values of one; NULL is 0. */
static int64_t get_int(struct obol_sql_query *q)
{
	uint64_t value = 0;
	const uint8_t *bytes;
	int len, i;

	if (!is_there(q))
	{
		return 0;
	}
	bytes = (const uint8_t *)PQgetvalue(q->result, q->n_row, q->n_read);
	len = PQgetlength(q->result, q->n_row, q->n_read++);
	if (len > 8)
	{
		q->status = OBOL_ERR_STORE;
		return 0;
	}
	if (len > 1 && (bytes[0] & 0x80))
	{
		value = UINT64_MAX;
	}
	for (i = 0; i < len; i++)
	{
		value = value << 8 | bytes[i];
	}
	return (int64_t)value;
}

static struct obol_bytes get_bytes(struct obol_sql_query *q)
{
	struct obol_bytes bytes = obol_bytes("", 0);

	if (is_there(q))
	{
		bytes = obol_bytes(PQgetvalue(q->result, q->n_row, q->n_read),
						   (size_t)PQgetlength(q->result, q->n_row, q->n_read));
		q->n_read++;
	}
	return bytes;
}

static void end(struct obol_sql_query *q)
{
	PQclear(q->result);
	q->result = NULL;
}

static const char *column(const struct obol_sql_query *q)
{
	const char *name = PQfname(q->result, q->n_read - 1);

	return name ? name : "?";
}

static int64_t changes(const struct obol_sql *sql)
{
	return ((const struct obol_sql_postgresql *)sql)->n_changes;
}

static const struct obol_sql_driver driver = {
	.is_postgresql = true,
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

void obol_sql_postgresql_init(struct obol_sql_postgresql *this,
							  struct obol_log *log)
{
	this->sql.driver = &driver;
	this->sql.log = log;
	this->n_statements = 0;
}

void obol_sql_postgresql_clear(struct obol_sql_postgresql *this)
{
	size_t i;

	for (i = 0; i < this->n_statements; i++)
	{
		free(this->statements[i].translated);
	}
	this->n_statements = 0;
}
