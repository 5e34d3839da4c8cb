/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store in PostgreSQL: one operation, on its fiber. */
#include "store/store_anchors.h"
#include "store/store_postgresql_private.h"

#include <stdlib.h>

/** The first bytes of a keyed hash. */
static uint64_t key_of_guess(const uint8_t key[OBOL_GUESS_KEY_LEN])
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < 8; i++)
	{
		value = value << 8 | key[i];
	}
	return value | 1;
}

static uint64_t key_of_account(int64_t id)
{
	return (uint64_t)id << 1;
}

static int64_t account_of(const struct obol_store_op *op)
{
	switch (op->verb)
	{
		case OBOL_STORE_LIST:
			return op->arg.list->in.account_id;
		case OBOL_STORE_GET:
			return op->arg.get->in.request.account_id;
		case OBOL_STORE_PUT:
			return op->arg.put->in.request.account_id;
		case OBOL_STORE_DELETE:
			return op->arg.delete_->in.request.account_id;
		case OBOL_STORE_SLOT_LIST:
			return op->arg.slot_list->in.account_id;
		case OBOL_STORE_STAGE:
			return op->arg.stage->in.request.account_id;
		case OBOL_STORE_UNSTAGE:
			return op->arg.unstage->in.account_id;
		case OBOL_STORE_ISSUED:
			return op->arg.issued->in.request.account_id;
		case OBOL_STORE_HISTORY:
			return op->arg.history->in.account_id;
		case OBOL_STORE_ANCHORS:
			return op->arg.anchors->in.request.account_id;
		case OBOL_STORE_LOGIN_FAILED:
			return op->arg.login_failed->in.account_id;
		case OBOL_STORE_FOLLOW:
			return op->arg.follow->in.request.account_id;
		case OBOL_STORE_REPORT:
			return op->arg.report->in.request.account_id;
		case OBOL_STORE_SLOT_PUT:
			return op->arg.slot_put->in.request.account_id;
		case OBOL_STORE_SLOT_DELETE:
			return op->arg.slot_delete->in.request.account_id;
		case OBOL_STORE_REKEY:
			return op->arg.rekey->in.request.account_id;
		case OBOL_STORE_ACCOUNT_DELETE:
			return op->arg.account_delete->in.account_id;
		case OBOL_STORE_ACCOUNT_SET_STATE:
		case OBOL_STORE_ACCOUNT_APPROVE:
			return op->arg.account_set_state->in.account_id;
		case OBOL_STORE_ACCOUNT_SET:
			return op->arg.account_set->in.account_id;
		case OBOL_STORE_ACCOUNT_REMOVE:
			return op->arg.account_remove->in.account_id;
		case OBOL_STORE_ACCOUNT_RESET:
			return op->arg.account_reset->in.account_id;
		default:
			return 0;
	}
}

/** What logins ask all the time shares transactions; all else is alone, slots
 * among it: LOGIN_BEGIN reads them before the account is known. */
static void set_keys(struct obol_postgresql_task *task)
{
	const struct obol_store_op *op = task->op;

	switch (op->verb)
	{
		case OBOL_STORE_LOGIN_BEGIN:
			task->keys[0] = key_of_guess(op->arg.login_begin->in.guess_key);
			return;
		case OBOL_STORE_LOGIN_UNDO:
			task->keys[0] = key_of_guess(op->arg.login_undo->in.guess_key);
			return;
		case OBOL_STORE_LOGIN_DONE:
			task->keys[0] = key_of_guess(op->arg.login_done->in.guess_key);
			task->keys[1] = key_of_account(op->arg.login_done->in.account_id);
			return;
		case OBOL_STORE_LOGIN_FAILED:
		case OBOL_STORE_LIST:
		case OBOL_STORE_GET:
		case OBOL_STORE_PUT:
		case OBOL_STORE_DELETE:
		case OBOL_STORE_SLOT_LIST:
		case OBOL_STORE_STAGE:
		case OBOL_STORE_UNSTAGE:
		case OBOL_STORE_ISSUED:
		case OBOL_STORE_HISTORY:
		case OBOL_STORE_ANCHORS:
		case OBOL_STORE_FOLLOW:
			task->keys[0] = key_of_account(account_of(op));
			return;
		default:
			task->keys[0] = key_of_account(account_of(op));
			task->is_alone = true;
			return;
	}
}

struct obol_postgresql_task *
obol_postgresql_task_new(struct obol_postgresql_store *this,
						 struct obol_store_op *op)
{
	struct obol_postgresql_task *task = calloc(1, sizeof(*task));

	if (!task)
	{
		return NULL;
	}
	task->op = op;
	task->store = this;
	task->deadline_ms = obol_postgresql_now_ms(this) + OBOL_POSTGRESQL_WAIT_MS;
	set_keys(task);
	this->n_tasks++;
	return task;
}

bool obol_postgresql_tasks_share(const struct obol_postgresql_task *a,
								 const struct obol_postgresql_task *b)
{
	size_t i;

	for (i = 0; i < 2; i++)
	{
		if (a->keys[i] &&
			(a->keys[i] == b->keys[0] || a->keys[i] == b->keys[1]))
		{
			return true;
		}
	}
	return false;
}

static void run(struct obol_fiber *fiber, void *arg)
{
	struct obol_postgresql_task *task = arg;
	struct obol_store_op *op = task->op;

	task->fiber = fiber;
	op->status = obol_sql_verb_of(op)->run(&task->store->sql_store, op);
	task->has_ended = true;
}

void obol_postgresql_task_step(struct obol_postgresql_task *task)
{
	struct obol_postgresql_store *this = task->store;

	this->current = task;
	if (task->has_started)
	{
		obol_fiber_resume(task->fiber);
	}
	else
	{
		task->has_started = true;
		obol_sql_free_memory(task->op->memory);
		task->op->memory = NULL;
		task->op->reply = 0;
		if (!obol_fiber_start(this->fibers, run, task))
		{
			task->op->status = OBOL_ERR_NOMEM;
			task->has_ended = true;
		}
	}
	this->current = NULL;
}

void obol_postgresql_task_again(struct obol_postgresql_task *task)
{
	struct obol_postgresql_store *this = task->store;

	task->link = NULL;
	task->has_started = false;
	task->has_ended = false;
	task->has_written = false;
	task->n_tries++;
	obol_meter_add(this->sql_store.store.meter, OBOL_METRIC_STORE_BUSY, 0, 0,
				   1);
	task->next = this->first;
	if (!this->first)
	{
		this->end = &task->next;
	}
	this->first = task;
	this->n_waiting++;
}

void obol_postgresql_task_finish(struct obol_postgresql_task *task)
{
	struct obol_postgresql_store *this = task->store;
	struct obol_store_op *op = task->op;

	this->n_tasks--;
	free(task);
	obol_sql_finish_op(&this->sql_store, op);
}

/** Without a task: while the store is opened, by a connection that waits. */
static enum obol_status
execute_direct(struct obol_postgresql_store *this,
			   const struct obol_sql_postgresql_statement *statement,
			   PGresult **result)
{
	const struct obol_sql_parameters *parameters = &this->postgresql.parameters;

	*result =
		this->direct
			? PQexecParams(this->direct, statement->translated, parameters->n,
						   parameters->types, parameters->values,
						   parameters->lengths, parameters->formats, 1)
			: NULL;
	return *result ? OBOL_OK : OBOL_ERR_STORE;
}

enum obol_status
obol_postgresql_execute(struct obol_sql_postgresql *postgresql,
						struct obol_sql_postgresql_statement *statement,
						PGresult **result)
{
	struct obol_postgresql_store *this =
		(struct obol_postgresql_store *)((uint8_t *)postgresql -
										 offsetof(struct obol_postgresql_store,
												  postgresql));
	struct obol_postgresql_task *task = this->current;

	*result = NULL;
	if (!task)
	{
		return execute_direct(this, statement, result);
	}
	if (task->link->group.has_failed ||
		obol_postgresql_pipeline_query(
			task->link, statement, OBOL_POSTGRESQL_QUERIED, task) != OBOL_OK)
	{
		task->link->group.has_failed = true;
		return OBOL_ERR_STORE;
	}
	task->has_written = task->has_written || statement->writes;
	obol_fiber_yield(task->fiber);
	*result = task->result;
	task->result = NULL;
	return *result ? OBOL_OK : OBOL_ERR_STORE;
}
