/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store in PostgreSQL: operations gathered into one transaction. */
#include "store/store_postgresql_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/** Tasks looked at when a group is made, so that a long queue costs little. */
#define LOOK_MAX 512
/** Tries of a task that other transactions are in the way of. */
#define TRIES_MAX 6

/* In the order of the keys: so two groups that want the same ones wait, one for
 * the other, and never both. What is exact all the same is so by row locks. */
#define LOCK                                                                   \
	"SELECT pg_advisory_xact_lock(k) "                                         \
	"FROM unnest(CAST(encode(?, 'escape') AS BIGINT[])) AS k"
#define COUNT_ROWS                                                             \
	"UPDATE counter SET value = value + ? WHERE name = 'guess_rows' "          \
	"AND part = pg_backend_pid() % 32"

/*
 * Making a group
 */

/** A group on another link has one of its keys. */
static bool shares_with_others(const struct obol_postgresql_link *link,
							   const struct obol_postgresql_task *task)
{
	const struct obol_postgresql_store *this = link->store;
	size_t i, k;

	for (i = 0; i < this->n_links; i++)
	{
		const struct obol_postgresql_group *other = &this->links[i].group;

		for (k = 0; &this->links[i] != link && k < other->n_tasks; k++)
		{
			if (obol_postgresql_tasks_share(task, other->tasks[k]))
			{
				return true;
			}
		}
	}
	return false;
}

/** Take it off the queue, whose link to it is given. */
static void take(struct obol_postgresql_link *link,
				 struct obol_postgresql_task **at)
{
	struct obol_postgresql_store *this = link->store;
	struct obol_postgresql_task *task = *at;

	*at = task->next;
	if (this->end == &task->next)
	{
		this->end = at;
	}
	task->next = NULL;
	task->link = link;
	this->n_waiting--;
	link->group.tasks[link->group.n_tasks++] = task;
}

/** In the order of the queue, and none overtakes another one with its key. */
static void gather(struct obol_postgresql_link *link)
{
	const struct obol_postgresql_task *passed[LOOK_MAX];
	struct obol_postgresql_group *group = &link->group;
	struct obol_postgresql_task **at = &link->store->first;
	size_t n_passed = 0, i;

	while (*at && n_passed < LOOK_MAX &&
		   group->n_tasks < OBOL_POSTGRESQL_GROUP_MAX)
	{
		struct obol_postgresql_task *task = *at;
		bool may_run = !(task->is_alone && group->n_tasks > 0) &&
					   !shares_with_others(link, task);

		for (i = 0; may_run && i < n_passed; i++)
		{
			may_run = !obol_postgresql_tasks_share(task, passed[i]);
		}
		if (!may_run)
		{
			passed[n_passed++] = task;
			at = &task->next;
			continue;
		}
		take(link, at);
		if (task->is_alone)
		{
			return;
		}
	}
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/** All keys of the group, in one statement. */
static void lock_keys(struct obol_postgresql_link *link)
{
	struct obol_postgresql_group *group = &link->group;
	int64_t keys[2 * OBOL_POSTGRESQL_GROUP_MAX];
	char text[2 * OBOL_POSTGRESQL_GROUP_MAX * 22 + 3] = "{";
	struct obol_sql_query q;
	size_t n = 0, len = 1, i;

	for (i = 0; i < 2 * group->n_tasks; i++)
	{
		uint64_t key = group->tasks[i / 2]->keys[i % 2];

		if (key)
		{
			keys[n++] = (int64_t)key;
		}
	}
	if (n == 0)
	{
		return;
	}
	qsort(keys, n, sizeof(keys[0]), compare);
	for (i = 0; i < n; i++)
	{
		if (i == 0 || keys[i] != keys[i - 1])
		{
			len += (size_t)snprintf(text + len, sizeof(text) - len,
									"%s%" PRId64, len > 1 ? "," : "", keys[i]);
		}
	}
	(void)snprintf(text + len, sizeof(text) - len, "}");
	q = obol_sql_begin(link->store->sql_store.sql, LOCK);
	obol_sql_put_str(&q, text);
	if (q.status != OBOL_OK ||
		obol_postgresql_pipeline_query(link, q.stmt, OBOL_POSTGRESQL_CONTROL,
									   NULL) != OBOL_OK)
	{
		link->is_broken = true;
	}
}

/** A transaction's own statement, without parameters. */
static void control(struct obol_postgresql_link *link, const char *text,
					enum obol_postgresql_expected what)
{
	link->store->postgresql.parameters.n = 0;
	obol_postgresql_pipeline_control(link, text, what);
}

/*
 * Running it
 */

static void step(struct obol_postgresql_link *link,
				 struct obol_postgresql_task *task)
{
	struct obol_postgresql_group *group = &link->group;
	unsigned flags = obol_sql_verb_of(task->op)->flags;
	enum obol_status status;

	group->n_running += !task->has_started;
	obol_postgresql_task_step(task);
	if (!task->has_ended)
	{
		return;
	}
	group->n_running--;
	group->n_ended++;
	status = task->op->status;
	/* a refusal must leave nothing behind */
	if (status != OBOL_OK && task->has_written &&
		!(status == OBOL_ERR_DENIED && (flags & OBOL_SQL_KEEPS_DENIED)))
	{
		group->has_failed = true;
	}
}

/** Start the tasks whose keys no earlier one of the group still uses. */
static void start_tasks(struct obol_postgresql_link *link)
{
	struct obol_postgresql_group *group = &link->group;
	size_t i, k;

	for (i = 0; i < group->n_tasks && !group->has_failed; i++)
	{
		bool may_start = !group->tasks[i]->has_started;

		for (k = 0; may_start && k < i; k++)
		{
			may_start =
				group->tasks[k]->has_ended ||
				!obol_postgresql_tasks_share(group->tasks[i], group->tasks[k]);
		}
		if (may_start)
		{
			step(link, group->tasks[i]);
		}
	}
}

void obol_postgresql_group_start(struct obol_postgresql_link *link)
{
	struct obol_postgresql_group *group = &link->group;
	const struct obol_postgresql_task *first;

	if (link->state != OBOL_POSTGRESQL_UP || link->is_broken ||
		group->phase != OBOL_POSTGRESQL_IDLE)
	{
		return;
	}
	gather(link);
	if (group->n_tasks == 0)
	{
		return;
	}
	group->phase = OBOL_POSTGRESQL_RUNNING;
	group->deadline_ms =
		obol_postgresql_now_ms(link->store) + OBOL_POSTGRESQL_GROUP_MS;
	first = group->tasks[0];
	/* several statements that read shall see one moment */
	control(link,
			first->is_alone &&
					(obol_sql_verb_of(first->op)->flags & OBOL_SQL_READS)
				? "BEGIN ISOLATION LEVEL REPEATABLE READ"
				: "BEGIN ISOLATION LEVEL READ COMMITTED",
			OBOL_POSTGRESQL_CONTROL);
	lock_keys(link);
	start_tasks(link);
	obol_postgresql_group_advance(link);
	obol_postgresql_link_send(link);
}

void obol_postgresql_group_result(struct obol_postgresql_link *link,
								  struct obol_postgresql_task *task,
								  PGresult *result)
{
	task->result = result;
	step(link, task);
}

void obol_postgresql_group_fail(struct obol_postgresql_link *link,
								const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	link->group.has_failed = true;
	if (state && !link->group.state[0])
	{
		(void)snprintf(link->group.state, sizeof(link->group.state), "%s",
					   state);
	}
}

/*
 * Its end
 */

/** Another transaction was in the way: a deadlock, a lock not got in time. */
static bool is_passing(const char *state)
{
	return strncmp(state, "40", 2) == 0 || strcmp(state, "55P03") == 0;
}

/** The server is going, or may only be read from: another one may do. */
static bool is_leaving(const char *state)
{
	return strncmp(state, "57P", 3) == 0 || strncmp(state, "08", 2) == 0 ||
		   strcmp(state, "25006") == 0;
}

/** What becomes of the one task of a group that was rolled back. */
static void end_alone(struct obol_postgresql_task *task, const char *state)
{
	struct obol_postgresql_store *this = task->store;
	bool is_in_time = obol_postgresql_now_ms(this) < task->deadline_ms;

	if (state[0] == '\0')
	{
		/* refused, and what it wrote is gone */
		obol_postgresql_task_finish(task);
		return;
	}
	if (is_in_time && task->n_tries < TRIES_MAX &&
		(is_passing(state) || is_leaving(state)))
	{
		obol_postgresql_task_again(task);
		return;
	}
	/* a key that was taken is the verb's to tell, unless it has not noticed */
	if (strcmp(state, "23505") != 0 || task->op->status == OBOL_OK)
	{
		task->op->status = OBOL_ERR_STORE;
	}
	obol_postgresql_task_finish(task);
}

/** Take the tasks out, so that their callbacks find the link free. */
static size_t empty(struct obol_postgresql_link *link,
					struct obol_postgresql_group *old)
{
	struct obol_postgresql_group *group = &link->group;

	*old = *group;
	memset(group, 0, sizeof(*group));
	return old->n_tasks;
}

static void end_committed(struct obol_postgresql_link *link)
{
	struct obol_postgresql_store *this = link->store;
	struct obol_postgresql_group old;
	size_t n = empty(link, &old), i;

	this->n_commits++;
	this->n_guess_rows += old.n_guess_rows;
	obol_meter_observe(this->sql_store.store.meter, OBOL_METRIC_STORE_GROUP, 0,
					   0, n);
	for (i = 0; i < n; i++)
	{
		/* it is done here, but not where it must be: nobody can know */
		if (old.is_doubtful)
		{
			old.tasks[i]->op->status = OBOL_ERR_STORE;
			old.tasks[i]->op->is_in_doubt = true;
		}
		obol_postgresql_task_finish(old.tasks[i]);
	}
}

static void end_rolled_back(struct obol_postgresql_link *link)
{
	struct obol_postgresql_group old;
	size_t n = empty(link, &old), i;

	if (n == 1)
	{
		end_alone(old.tasks[0], old.state);
		return;
	}
	for (i = n; i > 0; i--)
	{
		old.tasks[i - 1]->is_alone = true;
		obol_postgresql_task_again(old.tasks[i - 1]);
	}
}

static void finish_transaction(struct obol_postgresql_link *link)
{
	struct obol_postgresql_group *group = &link->group;
	struct obol_sql_query q;

	if (group->has_failed)
	{
		/* what was sent behind the failure is passed over up to here */
		group->phase = OBOL_POSTGRESQL_ROLLING_BACK;
		obol_postgresql_pipeline_sync(link);
		control(link, "ROLLBACK", OBOL_POSTGRESQL_CONTROL);
		obol_postgresql_pipeline_sync(link);
		return;
	}
	group->phase = OBOL_POSTGRESQL_COMMITTING;
	if (group->n_guess_rows != 0)
	{
		q = obol_sql_begin(link->store->sql_store.sql, COUNT_ROWS);
		obol_sql_put_int(&q, group->n_guess_rows);
		link->is_broken =
			link->is_broken || q.status != OBOL_OK ||
			obol_postgresql_pipeline_query(
				link, q.stmt, OBOL_POSTGRESQL_CONTROL, NULL) != OBOL_OK;
	}
	control(link, "COMMIT", OBOL_POSTGRESQL_COMMITTED);
	obol_postgresql_pipeline_sync(link);
}

static void roll_back_uncommitted(struct obol_postgresql_link *link)
{
	struct obol_postgresql_group *group = &link->group;

	if (!group->state[0])
	{
		/* nothing of it may pass for done */
		(void)snprintf(group->state, sizeof(group->state), "XX000");
	}
	group->phase = OBOL_POSTGRESQL_ROLLING_BACK;
	control(link, "ROLLBACK", OBOL_POSTGRESQL_CONTROL);
	obol_postgresql_pipeline_sync(link);
}

void obol_postgresql_group_advance(struct obol_postgresql_link *link)
{
	struct obol_postgresql_group *group = &link->group;

	switch (group->phase)
	{
		case OBOL_POSTGRESQL_RUNNING:
			start_tasks(link);
			if (group->n_running == 0 &&
				(group->has_failed || group->n_ended == group->n_tasks))
			{
				finish_transaction(link);
			}
			return;
		case OBOL_POSTGRESQL_COMMITTING:
			if (link->n_expected > 0)
			{
				return;
			}
			if (group->is_committed)
			{
				end_committed(link);
				return;
			}
			/* the server went on to the sync, so it has not committed; the
			 * transaction may be open still */
			roll_back_uncommitted(link);
			return;
		case OBOL_POSTGRESQL_ROLLING_BACK:
			if (link->n_expected == 0)
			{
				link->is_broken = link->is_broken || is_leaving(group->state);
				end_rolled_back(link);
			}
			return;
		default:
			return;
	}
}

void obol_postgresql_group_lose(struct obol_postgresql_link *link)
{
	struct obol_postgresql_group *group = &link->group;
	bool was_committing = group->phase == OBOL_POSTGRESQL_COMMITTING;
	bool has_written = false;
	struct obol_postgresql_group old;
	size_t n, i;

	if (group->phase == OBOL_POSTGRESQL_IDLE)
	{
		return;
	}
	/* their statements have no result: each comes to its end */
	group->has_failed = true;
	for (i = 0; i < group->n_tasks; i++)
	{
		while (group->tasks[i]->has_started && !group->tasks[i]->has_ended)
		{
			step(link, group->tasks[i]);
		}
		has_written = has_written || group->tasks[i]->has_written;
	}
	n = empty(link, &old);
	for (i = n; i > 0; i--)
	{
		struct obol_postgresql_task *task = old.tasks[i - 1];

		if (was_committing && old.is_committed && !old.is_doubtful)
		{
			obol_postgresql_task_finish(task);
		}
		else if (was_committing && has_written)
		{
			/* it may be done or not: neither is to be told, nor run again */
			task->op->status = OBOL_ERR_STORE;
			task->op->is_in_doubt = true;
			obol_postgresql_task_finish(task);
		}
		else
		{
			obol_postgresql_task_again(task);
		}
	}
}
