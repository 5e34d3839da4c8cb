/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The embedded store: operations gathered into one commit. */
#include "store/store_sqlite_private.h"

static void append(struct obol_sqlite_store *this, struct obol_store_op *op)
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

/* Without memory even that may fail; whatever is asked next tries it again. */
static void roll_back(struct obol_sqlite_store *this)
{
	if (!sqlite3_get_autocommit(this->sqlite.db))
	{
		(void)sqlite3_exec(this->sqlite.db, "ROLLBACK", NULL, NULL, NULL);
	}
}

/** A verb that only reads, outside the group's transaction. */
static void run_alone(struct obol_sqlite_store *this, struct obol_store_op *op)
{
	op->status = obol_sql_run(&this->sqlite.sql, "BEGIN");
	if (op->status == OBOL_OK)
	{
		op->status = obol_sql_verb_of(op)->run(&this->sql_store, op);
	}
	if (!sqlite3_get_autocommit(this->sqlite.db) &&
		obol_sql_run(&this->sqlite.sql, "COMMIT") != OBOL_OK)
	{
		roll_back(this);
	}
	obol_sql_finish_op(&this->sql_store, op);
}

static bool keeps(const struct obol_sql_verb_entry *verb,
				  enum obol_status status)
{
	return status == OBOL_OK ||
		   (status == OBOL_ERR_DENIED && (verb->flags & OBOL_SQL_KEEPS_DENIED));
}

/**
 * A verb that fails before it writes, or because the database does: it needs no
 * savepoint, for which SQLite would copy each page that it is about to change.
 */
static enum obol_status run_bare(struct obol_sqlite_store *this,
								 struct obol_store_op *op)
{
	const struct obol_sql_verb_entry *verb = obol_sql_verb_of(op);
	sqlite3_int64 before = sqlite3_total_changes64(this->sqlite.db);
	struct obol_sqlite_tally tally = this->guess_rows;
	enum obol_status status = verb->run(&this->sql_store, op);

	if (!keeps(verb, status))
	{
		this->guess_rows = tally;
		if (sqlite3_total_changes64(this->sqlite.db) != before)
		{
			this->group_failed = true;
		}
	}
	return status;
}

/**
 * A verb inside the group's transaction, in a savepoint of its own: what it
 * wrote goes when it fails, and nothing else does.
 */
static enum obol_status run_saved(struct obol_sqlite_store *this,
								  struct obol_store_op *op)
{
	const struct obol_sql_verb_entry *verb = obol_sql_verb_of(op);
	struct obol_sqlite_tally tally = this->guess_rows;
	enum obol_status status = OBOL_ERR_STORE;

	/* outside a transaction a savepoint would be one of its own */
	if (!sqlite3_get_autocommit(this->sqlite.db))
	{
		status = obol_sql_run(&this->sqlite.sql, "SAVEPOINT op");
	}
	if (status == OBOL_OK)
	{
		status = verb->run(&this->sql_store, op);
		if (!keeps(verb, status))
		{
			this->guess_rows = tally;
			if (!sqlite3_get_autocommit(this->sqlite.db) &&
				obol_sql_run(&this->sqlite.sql, "ROLLBACK TO op") != OBOL_OK)
			{
				this->group_failed = true;
			}
		}
		if (!sqlite3_get_autocommit(this->sqlite.db) &&
			obol_sql_run(&this->sqlite.sql, "RELEASE op") != OBOL_OK)
		{
			this->group_failed = true;
		}
	}
	return status;
}

static enum obol_status run_grouped(struct obol_sqlite_store *this,
									struct obol_store_op *op)
{
	enum obol_status status = obol_sql_verb_of(op)->flags & OBOL_SQL_WRITES_LAST
								  ? run_bare(this, op)
								  : run_saved(this, op);

	/* a full disk, for one, makes SQLite give up the whole transaction */
	if (sqlite3_get_autocommit(this->sqlite.db))
	{
		this->group_failed = true;
	}
	return status;
}

/* An open file goes on taking what is written when its name is gone, and nobody
 * will ever see that again: a test write must not succeed then. */
static bool has_moved(struct obol_sqlite_store *this)
{
	int moved = 0;

	if (sqlite3_file_control(this->sqlite.db, "main", SQLITE_FCNTL_HAS_MOVED,
							 &moved) == SQLITE_OK &&
		moved)
	{
		obol_log(this->sql_store.log, OBOL_LOG_ERROR, "store",
				 "the database's file was moved or removed while it is in use");
	}
	return moved != 0;
}

void obol_sqlite_submit(struct obol_store *store, struct obol_store_op *op)
{
	struct obol_sqlite_store *this = (struct obol_sqlite_store *)store;

	op->next = NULL;
	op->memory = NULL;
	op->reply = 0;
	obol_sql_free_memory(this->sql_store.kept);
	this->sql_store.kept = NULL;
	if (!this->in_transaction)
	{
		roll_back(this);
	}
	if ((obol_sql_verb_of(op)->flags & OBOL_SQL_READS) && !this->in_transaction)
	{
		run_alone(this, op);
		return;
	}
	if (op->verb == OBOL_STORE_PROBE && has_moved(this))
	{
		op->status = OBOL_ERR_STORE;
		obol_sql_finish_op(&this->sql_store, op);
		return;
	}
	if (!this->in_transaction)
	{
		op->status = obol_sql_run(&this->sqlite.sql, "BEGIN IMMEDIATE");
		if (op->status != OBOL_OK)
		{
			obol_sql_finish_op(&this->sql_store, op);
			return;
		}
		this->in_transaction = true;
		this->group_failed = false;
		this->guess_rows.is_known = false;
		this->audit_id.is_known = false;
	}
	op->status = OBOL_ERR_STORE;
	if (!this->group_failed)
	{
		op->status = run_grouped(this, op);
	}
	append(this, op);
}

/** What has become of a group. */
enum outcome {
	DURABLE,
	GONE,
	IN_DOUBT
};

/**
 * What a COMMIT has left behind that failed. All of the transaction is in the
 * write-ahead log when its last page is: if what comes then fails (that the log
 * reaches the disk, that the others are shown it), SQLite calls it rolled back
 * and writes the next one over it. But whoever recovers the log before, after a
 * crash, finds it there, whole.
 */
static enum outcome outcome_of(int code)
{
	switch (code & 0xff)
	{
		case SQLITE_FULL:
		case SQLITE_BUSY:
		case SQLITE_CONSTRAINT:
			/* not all of it was written */
			return GONE;
		default:
			return code == SQLITE_IOERR_WRITE ? GONE : IN_DOUBT;
	}
}

/** End the group's transaction. */
static enum outcome commit(struct obol_sqlite_store *this)
{
	enum outcome outcome = GONE;

	if (!this->group_failed && obol_sqlite_write_tally(this) == OBOL_OK)
	{
		outcome = obol_sql_run(&this->sqlite.sql, "COMMIT") == OBOL_OK
					  ? DURABLE
					  : outcome_of(sqlite3_extended_errcode(this->sqlite.db));
	}
	roll_back(this);
	this->in_transaction = false;
	this->group_failed = false;
	return outcome;
}

void obol_sqlite_flush(struct obol_store *store)
{
	struct obol_sqlite_store *this = (struct obol_sqlite_store *)store;

	while (this->in_transaction)
	{
		struct obol_store_op *op = this->first;
		enum outcome outcome = commit(this);

		this->first = NULL;
		this->last = NULL;
		while (op)
		{
			struct obol_store_op *next = op->next;

			if (outcome != DURABLE)
			{
				op->status = OBOL_ERR_STORE;
				op->is_in_doubt = outcome == IN_DOUBT;
			}
			obol_sql_finish_op(&this->sql_store, op);
			op = next;
		}
	}
}
