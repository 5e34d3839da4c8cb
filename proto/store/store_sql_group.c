/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations gathered into one commit. */
#include "store/store_sql_private.h"

#include <stdlib.h>

/** How a verb is run. */
enum verb_flag {
	/** changes nothing: needs no commit when no transaction is open */
	READS = 1,
	/** what it wrote stays when it is DENIED */
	KEEPS_DENIED = 2,
};

static const struct verb {
	obol_sql_verb run;
	unsigned flags;
} verbs[] = {
	[OBOL_STORE_LOGIN_BEGIN] = { obol_sql_login_begin, 0 },
	[OBOL_STORE_LOGIN_DONE] = { obol_sql_login_done, KEEPS_DENIED },
	[OBOL_STORE_LOGIN_FAILED] = { obol_sql_login_failed, 0 },
	[OBOL_STORE_LIST] = { obol_sql_list, READS },
	[OBOL_STORE_GET] = { obol_sql_get, 0 },
	[OBOL_STORE_PUT] = { obol_sql_put, 0 },
	[OBOL_STORE_DELETE] = { obol_sql_delete, 0 },
	[OBOL_STORE_SLOT_PUT] = { obol_sql_slot_put, 0 },
	[OBOL_STORE_SLOT_DELETE] = { obol_sql_slot_delete, 0 },
	[OBOL_STORE_SLOT_LIST] = { obol_sql_slot_list, READS },
	[OBOL_STORE_STAGE] = { obol_sql_stage, 0 },
	[OBOL_STORE_UNSTAGE] = { obol_sql_unstage, 0 },
	[OBOL_STORE_REKEY] = { obol_sql_rekey, 0 },
	[OBOL_STORE_ISSUED] = { obol_sql_issued, 0 },
	[OBOL_STORE_HISTORY] = { obol_sql_history, READS },
	[OBOL_STORE_SLOT_SETS] = { obol_sql_slot_sets, READS },
	[OBOL_STORE_ENROL_CHECK] = { obol_sql_enrol_check, 0 },
	[OBOL_STORE_ENROL] = { obol_sql_enrol, 0 },
	[OBOL_STORE_ACCOUNT_DELETE] = { obol_sql_account_delete, 0 },
	[OBOL_STORE_ACCOUNT_ADD] = { obol_sql_account_add, 0 },
	[OBOL_STORE_ACCOUNT_FIND] = { obol_sql_account_find, READS },
	[OBOL_STORE_ACCOUNT_LIST] = { obol_sql_account_list, READS },
	[OBOL_STORE_ACCOUNT_SET_STATE] = { obol_sql_account_set_state, 0 },
	[OBOL_STORE_ACCOUNT_SET] = { obol_sql_account_set, 0 },
	[OBOL_STORE_ACCOUNT_REMOVE] = { obol_sql_account_remove, 0 },
	[OBOL_STORE_ACCOUNT_RESET] = { obol_sql_account_reset, 0 },
	[OBOL_STORE_ACCOUNT_UNLOCK] = { obol_sql_account_unlock, 0 },
	[OBOL_STORE_AUDIT] = { obol_sql_audit_row, 0 },
	[OBOL_STORE_CERTIFICATES] = { obol_sql_certificates, READS },
	[OBOL_STORE_ANCHORS] = { obol_sql_anchors, 0 },
	[OBOL_STORE_ANCHORS_NEWEST] = { obol_sql_anchors_newest, READS },
	[OBOL_STORE_ANCHORS_PUT] = { obol_sql_anchors_put, 0 },
	[OBOL_STORE_ANCHORS_LACKING] = { obol_sql_anchors_lacking, READS },
	[OBOL_STORE_ROOT_COUNT] = { obol_sql_root_count, READS },
	[OBOL_STORE_ENROLMENT_ADD] = { obol_sql_enrolment_add, 0 },
	[OBOL_STORE_ENROLMENT_LIST] = { obol_sql_enrolment_list, READS },
	[OBOL_STORE_ENROLMENT_REVOKE] = { obol_sql_enrolment_revoke, 0 },
	[OBOL_STORE_ACCOUNT_APPROVE] = { obol_sql_account_approve, 0 },
	[OBOL_STORE_CERTIFICATE_REVOKE] = { obol_sql_certificate_revoke, 0 },
	[OBOL_STORE_REVOCATIONS] = { obol_sql_revocations, READS },
	[OBOL_STORE_CRL_ENTRIES] = { obol_sql_crl_entries, READS },
	[OBOL_STORE_CRL_GET] = { obol_sql_crl_get, READS },
	[OBOL_STORE_CRL_PUT] = { obol_sql_crl_put, 0 },
	[OBOL_STORE_FOLLOW] = { obol_sql_follow, 0 },
	[OBOL_STORE_REPORT] = { obol_sql_report, 0 },
	[OBOL_STORE_GATEWAYS] = { obol_sql_gateways, READS },
};

void *obol_sql_alloc(struct obol_store_op *op, size_t size)
{
	struct obol_store_memory *memory = calloc(1, sizeof(*memory) + size);

	if (!memory)
	{
		return NULL;
	}
	memory->next = op->memory;
	op->memory = memory;
	return memory->bytes;
}

enum obol_status obol_sql_copy(struct obol_store_op *op,
							   struct obol_bytes bytes, struct obol_bytes *copy)
{
	void *ptr = obol_sql_alloc(op, bytes.len);

	if (!ptr)
	{
		return OBOL_ERR_NOMEM;
	}
	if (bytes.len > 0)
	{
		memcpy(ptr, bytes.ptr, bytes.len);
	}
	*copy = obol_bytes(ptr, bytes.len);
	return OBOL_OK;
}

enum obol_status obol_sql_refuse(struct obol_store_op *op,
								 enum obol_status status, enum obol_reply reply)
{
	op->reply = reply;
	return status;
}

static void free_memory(struct obol_store_memory *memory)
{
	while (memory)
	{
		struct obol_store_memory *next = memory->next;

		free(memory);
		memory = next;
	}
}

/** What a client is told, where the verb has not said it. */
static enum obol_reply reply_of(const struct obol_store_op *op)
{
	switch (op->status)
	{
		case OBOL_OK:
			return OBOL_REPLY_OK;
		case OBOL_ERR_NOT_FOUND:
			return OBOL_REPLY_NOT_FOUND;
		case OBOL_ERR_EXISTS:
			return op->reply ? op->reply : OBOL_REPLY_STALE;
		case OBOL_ERR_DENIED:
			return op->reply ? op->reply : OBOL_REPLY_QUOTA;
		case OBOL_ERR_AUTH:
			return op->reply ? op->reply : OBOL_REPLY_LOGIN_NEEDED;
		case OBOL_ERR_ARG:
			return OBOL_REPLY_PARAMETER;
		default:
			return OBOL_REPLY_TEMPORARY;
	}
}

/** Run the callback; the operation may be gone after it. */
static void finish(struct obol_sql_store *this, struct obol_store_op *op)
{
	struct obol_store_memory *memory = op->memory;

	op->memory = NULL;
	op->reply = reply_of(op);
	if (op->done)
	{
		op->done(op);
		free_memory(memory);
		return;
	}
	while (memory)
	{
		struct obol_store_memory *next = memory->next;

		memory->next = this->kept;
		this->kept = memory;
		memory = next;
	}
}

static void append(struct obol_sql_store *this, struct obol_store_op *op)
{
	if (this->last)
	{
		this->last->next = op;
	}
	else
	{
		this->first = op;
	}
	this->last = op;
}

/** A verb that only reads, outside the group's transaction. */
static void run_alone(struct obol_sql_store *this, struct obol_store_op *op)
{
	op->status = obol_sql_run(&this->sql, "BEGIN");
	if (op->status == OBOL_OK)
	{
		op->status = verbs[op->verb].run(this, op);
	}
	if (!sqlite3_get_autocommit(this->sql.db) &&
		obol_sql_run(&this->sql, "COMMIT") != OBOL_OK)
	{
		(void)sqlite3_exec(this->sql.db, "ROLLBACK", NULL, NULL, NULL);
	}
	finish(this, op);
}

/**
 * A verb inside the group's transaction, in a savepoint of its own: what it
 * wrote goes when it fails, and nothing else does.
 */
static enum obol_status run_grouped(struct obol_sql_store *this,
									struct obol_store_op *op)
{
	const struct verb *verb = &verbs[op->verb];
	enum obol_status status = OBOL_ERR_STORE;

	/* outside a transaction a savepoint would be one of its own */
	if (!sqlite3_get_autocommit(this->sql.db))
	{
		status = obol_sql_run(&this->sql, "SAVEPOINT op");
	}
	if (status == OBOL_OK)
	{
		status = verb->run(this, op);
		if (status != OBOL_OK &&
			!(status == OBOL_ERR_DENIED && (verb->flags & KEEPS_DENIED)) &&
			!sqlite3_get_autocommit(this->sql.db) &&
			obol_sql_run(&this->sql, "ROLLBACK TO op") != OBOL_OK)
		{
			this->group_failed = true;
		}
		if (!sqlite3_get_autocommit(this->sql.db) &&
			obol_sql_run(&this->sql, "RELEASE op") != OBOL_OK)
		{
			this->group_failed = true;
		}
	}
	/* a full disk, for one, makes SQLite give up the whole transaction */
	if (sqlite3_get_autocommit(this->sql.db))
	{
		this->group_failed = true;
	}
	return status;
}

void obol_sql_submit(struct obol_store *store, struct obol_store_op *op)
{
	struct obol_sql_store *this = (struct obol_sql_store *)store;

	op->next = NULL;
	op->memory = NULL;
	op->reply = 0;
	free_memory(this->kept);
	this->kept = NULL;
	if ((verbs[op->verb].flags & READS) && !this->in_transaction)
	{
		run_alone(this, op);
		return;
	}
	if (!this->in_transaction)
	{
		op->status = obol_sql_run(&this->sql, "BEGIN IMMEDIATE");
		if (op->status != OBOL_OK)
		{
			finish(this, op);
			return;
		}
		this->in_transaction = true;
		this->group_failed = false;
	}
	op->status = OBOL_ERR_STORE;
	if (!this->group_failed)
	{
		op->status = run_grouped(this, op);
	}
	append(this, op);
}

/** End the group's transaction; false when nothing of it has become durable. */
static bool commit(struct obol_sql_store *this)
{
	bool done =
		!this->group_failed && obol_sql_run(&this->sql, "COMMIT") == OBOL_OK;

	if (!sqlite3_get_autocommit(this->sql.db))
	{
		(void)sqlite3_exec(this->sql.db, "ROLLBACK", NULL, NULL, NULL);
	}
	this->in_transaction = false;
	this->group_failed = false;
	return done;
}

void obol_sql_flush(struct obol_store *store)
{
	struct obol_sql_store *this = (struct obol_sql_store *)store;

	while (this->in_transaction)
	{
		struct obol_store_op *op = this->first;
		bool done = commit(this);

		this->first = NULL;
		this->last = NULL;
		while (op)
		{
			struct obol_store_op *next = op->next;

			if (!done)
			{
				op->status = OBOL_ERR_STORE;
			}
			finish(this, op);
			op = next;
		}
	}
}
