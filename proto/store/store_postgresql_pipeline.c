/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store in PostgreSQL: what is sent on a connection, and the results, which
 * come in the same order. */
#include "store/store_postgresql_private.h"

static void expect(struct obol_postgresql_link *link,
				   enum obol_postgresql_expected what,
				   struct obol_postgresql_task *task, size_t statement)
{
	size_t i = (link->first_expected + link->n_expected) %
			   OBOL_POSTGRESQL_EXPECTED_MAX;

	link->expected[i].what = what;
	link->expected[i].task = task;
	link->expected[i].statement = statement;
	link->n_expected++;
	link->has_unsent = true;
}

/** With its parameters' types, which are known when it is used first. */
static bool prepare(struct obol_postgresql_link *link,
					struct obol_sql_postgresql_statement *statement)
{
	const struct obol_sql_parameters *parameters =
		&link->store->postgresql.parameters;

	if (link->prepared[statement->index])
	{
		return true;
	}
	if (!PQsendPrepare(link->pg, statement->name, statement->translated,
					   parameters->n, parameters->types))
	{
		return false;
	}
	link->prepared[statement->index] = true;
	expect(link, OBOL_POSTGRESQL_PREPARED, NULL, statement->index);
	return true;
}

enum obol_status
obol_postgresql_pipeline_query(struct obol_postgresql_link *link,
							   struct obol_sql_postgresql_statement *statement,
							   enum obol_postgresql_expected what,
							   struct obol_postgresql_task *task)
{
	const struct obol_sql_parameters *parameters =
		&link->store->postgresql.parameters;

	if (link->state != OBOL_POSTGRESQL_UP || link->is_broken ||
		link->n_expected + 2 > OBOL_POSTGRESQL_EXPECTED_MAX)
	{
		return OBOL_ERR_STORE;
	}
	if (!prepare(link, statement) ||
		!PQsendQueryPrepared(link->pg, statement->name, parameters->n,
							 parameters->values, parameters->lengths,
							 parameters->formats, 1))
	{
		link->is_broken = true;
		return OBOL_ERR_STORE;
	}
	expect(link, what, task, statement->index);
	return OBOL_OK;
}

void obol_postgresql_pipeline_control(struct obol_postgresql_link *link,
									  const char *text,
									  enum obol_postgresql_expected what)
{
	struct obol_sql_postgresql_statement *statement =
		obol_sql_postgresql_statement(&link->store->postgresql, text);

	if (!statement ||
		obol_postgresql_pipeline_query(link, statement, what, NULL) != OBOL_OK)
	{
		link->is_broken = true;
	}
}

void obol_postgresql_pipeline_sync(struct obol_postgresql_link *link)
{
	if (link->state != OBOL_POSTGRESQL_UP || link->is_broken ||
		link->n_expected == OBOL_POSTGRESQL_EXPECTED_MAX ||
		!PQpipelineSync(link->pg))
	{
		link->is_broken = true;
		return;
	}
	expect(link, OBOL_POSTGRESQL_SYNC, NULL, 0);
	/* a sync flushes by itself */
	link->has_unsent = false;
}

static bool is_good(const PGresult *result)
{
	return PQresultStatus(result) == PGRES_COMMAND_OK ||
		   PQresultStatus(result) == PGRES_TUPLES_OK;
}

/** One result; what it belongs to is the first of what is expected. */
static void dispatch(struct obol_postgresql_link *link, PGresult *result)
{
	enum obol_postgresql_expected what =
		link->expected[link->first_expected].what;
	struct obol_postgresql_task *task =
		link->expected[link->first_expected].task;
	size_t statement = link->expected[link->first_expected].statement;

	link->first_expected =
		(link->first_expected + 1) % OBOL_POSTGRESQL_EXPECTED_MAX;
	link->n_expected--;
	if (what != OBOL_POSTGRESQL_SYNC && !is_good(result))
	{
		obol_postgresql_group_fail(link, result);
	}
	switch (what)
	{
		case OBOL_POSTGRESQL_PREPARED:
			link->prepared[statement] = is_good(result);
			break;
		case OBOL_POSTGRESQL_QUERIED:
			obol_postgresql_group_result(link, task, result);
			return;
		case OBOL_POSTGRESQL_COMMITTED:
			/* of a transaction that failed the server says ROLLBACK */
			link->group.is_committed =
				is_good(result) && strcmp(PQcmdStatus(result), "COMMIT") == 0;
			break;
		default:
			break;
	}
	PQclear(result);
}

void obol_postgresql_pipeline_take(struct obol_postgresql_link *link)
{
	while (link->state == OBOL_POSTGRESQL_UP && !link->is_broken &&
		   link->n_expected > 0 && !PQisBusy(link->pg))
	{
		PGresult *result = PQgetResult(link->pg);

		/* what libpq says for a server that it has lost or cannot understand
		 * is no word of the server's, and comes without an end */
		if (PQstatus(link->pg) == CONNECTION_BAD)
		{
			PQclear(result);
			break;
		}
		/* NULL stands between one statement's results and the next one's */
		if (result)
		{
			dispatch(link, result);
			obol_postgresql_group_advance(link);
		}
	}
	if (PQstatus(link->pg) == CONNECTION_BAD)
	{
		link->is_broken = true;
	}
}
