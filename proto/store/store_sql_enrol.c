/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store over SQL: accounts that their users make, and end. */
#include "store/store_sql_private.h"

#include <stdio.h>

#include "account/name_pattern.h"

#define DAY_S ((uint64_t)86400)

/** What a request to make an account rests on. */
struct gate {
	/** id 0: without a code */
	struct obol_enrolment code;
	const char *names;
	bool approve;
};

static enum obol_status deny(struct obol_store_op *op, enum obol_reply reply,
							 const char *why)
{
	op->arg.enrol->out.refusal = why;
	return obol_sql_refuse(op, OBOL_ERR_DENIED, reply);
}

/*
 * Whether an account may be made
 */

static enum obol_status count(struct obol_sql_query *q, int64_t *n)
{
	*n = obol_sql_row(q) ? obol_sql_get_int(q) : 0;
	return obol_sql_end(q);
}

static enum obol_status by_code(struct obol_sql_store *this,
								struct obol_store_op *op, struct gate *gate)
{
	const struct obol_store_enrol *arg = op->arg.enrol;
	enum obol_status status = obol_sql_enrolment(this, arg->in.enrolment_id,
												 arg->in.now, &gate->code);

	if (status == OBOL_ERR_NOT_FOUND)
	{
		return obol_sql_refuse(op, OBOL_ERR_AUTH, OBOL_REPLY_LOGIN_NEEDED);
	}
	if (status == OBOL_OK && gate->code.uses_left == 0)
	{
		return deny(op, OBOL_REPLY_NO_ENROLMENT,
					"this enrolment code is used up; ask its operator for "
					"another one");
	}
	gate->names = gate->code.names;
	gate->approve = gate->code.approve;
	return status;
}

static enum obol_status without_code(struct obol_sql_store *this,
									 struct obol_store_op *op,
									 struct gate *gate)
{
	struct obol_store_enrol *arg = op->arg.enrol;
	uint64_t begin = arg->in.now > DAY_S ? arg->in.now - DAY_S : 0;
	uint64_t eldest = 0;
	enum obol_status status;
	struct obol_sql_query q;
	int64_t n = 0;

	gate->names = arg->in.open.names;
	gate->approve = arg->in.open.approve;
	if (arg->in.open.per_day_max == 0)
	{
		return deny(op, OBOL_REPLY_NO_ENROLMENT,
					"nobody may enrol here without a code; ask the operator "
					"for one");
	}
	q = obol_sql_begin(this->sql, "SELECT count(*), coalesce(min(at), 0) "
								  "FROM enrolled WHERE at > ?");
	obol_sql_put_time(&q, begin);
	if (obol_sql_row(&q))
	{
		n = obol_sql_get_int(&q);
		eldest = obol_sql_get_time(&q);
	}
	status = obol_sql_end(&q);
	if (status == OBOL_OK && n >= (int64_t)arg->in.open.per_day_max)
	{
		/* none of them is from the future, but where a clock was set back */
		arg->out.later_s =
			eldest - begin < DAY_S ? (uint32_t)(eldest - begin) : DAY_S;
		status = deny(op, OBOL_REPLY_BUSY,
					  "as many accounts were made within a day as may be");
	}
	return status;
}

#define FREE                                                                   \
	"SELECT (SELECT count(*) FROM account WHERE name = ?) + "                  \
	"(SELECT count(*) FROM account WHERE "

/** The name and what a certificate for it would say. */
static enum obol_status check_free(struct obol_sql_store *this,
								   struct obol_store_op *op)
{
	const struct obol_store_enrol *arg = op->arg.enrol;
	struct obol_sql_query q = obol_sql_begin(
		this->sql,
		OBOL_SQL_EITHER(
			this->sql, FREE "identity = ? COLLATE NOCASE)",
			FREE
			"lower(encode(identity, 'escape')) = lower(encode(?, 'escape')))"));
	enum obol_status status;
	int64_t n = 0;

	obol_sql_put_text(&q, arg->in.name);
	obol_sql_put_str(&q, arg->in.identity);
	status = count(&q, &n);
	return status == OBOL_OK && n > 0
			   ? obol_sql_refuse(op, OBOL_ERR_EXISTS, OBOL_REPLY_TAKEN)
			   : status;
}

static enum obol_status check_waiting(struct obol_sql_store *this,
									  struct obol_store_op *op)
{
	const struct obol_store_enrol *arg = op->arg.enrol;
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "SELECT count(*) FROM account WHERE state = 3");
	enum obol_status status;
	int64_t n = 0;

	status = count(&q, &n);
	return status == OBOL_OK && n >= (int64_t)arg->in.waiting_max
			   ? deny(op, OBOL_REPLY_BUSY,
					  "as many accounts as may be wait for the operator's "
					  "approval")
			   : status;
}

/** One account is made at a time: what is counted and compared stays so. */
static enum obol_status lock(struct obol_sql_store *this)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql,
		"SELECT value FROM counter WHERE name = 'enrolled' FOR UPDATE");

	return obol_sql_finish(&q);
}

static enum obol_status check(struct obol_sql_store *this,
							  struct obol_store_op *op, struct gate *gate)
{
	struct obol_store_enrol *arg = op->arg.enrol;
	enum obol_status status;

	memset(&arg->out, 0, sizeof(arg->out));
	memset(gate, 0, sizeof(*gate));
	status = arg->in.enrolment_id ? by_code(this, op, gate)
								  : without_code(this, op, gate);
	if (status == OBOL_OK &&
		!obol_name_pattern_fits(obol_bytes_str(gate->names), arg->in.name))
	{
		return deny(op, OBOL_REPLY_NO_ENROLMENT,
					"the operator has not opened enrolment for such a name; "
					"choose one as you were told to");
	}
	if (status == OBOL_OK)
	{
		status = check_free(this, op);
	}
	if (status == OBOL_OK && gate->approve)
	{
		status = check_waiting(this, op);
	}
	return status;
}

enum obol_status obol_sql_enrol_check(struct obol_sql_store *this,
									  struct obol_store_op *op)
{
	struct obol_store_enrol *arg = op->arg.enrol;
	struct gate gate;
	enum obol_status status = check(this, op, &gate);

	/* behind the other checks: who asks for a name that is taken must not use
	 * its guesses up */
	return status == OBOL_OK
			   ? obol_sql_reserve(this, arg->in.guess_key, arg->in.now,
								  &arg->out.later_s, &arg->out.reservation)
			   : status;
}

/*
 * Making it
 */

static enum obol_status insert(struct obol_sql_store *this,
							   struct obol_store_enrol *arg)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "INSERT INTO account (name, state, created_at, "
				   "activated_at, expires_at, generation, identity, "
				   "certificate_lifetime_s) VALUES (?, ?, ?, ?, 0, 1, ?, 0) "
				   "RETURNING id");

	obol_sql_put_text(&q, arg->in.name);
	obol_sql_put_int(&q, arg->out.waits ? OBOL_ACCOUNT_WAITING
										: OBOL_ACCOUNT_ACTIVE);
	obol_sql_put_time(&q, arg->in.now);
	obol_sql_put_time(&q, arg->in.now);
	obol_sql_put_str(&q, arg->in.identity);
	return obol_sql_finish_id(&q, &arg->out.account_id);
}

/** One use of the code, or one more of the day's accounts without one. */
static enum obol_status count_use(struct obol_sql_store *this,
								  const struct obol_store_enrol *arg)
{
	enum obol_status status;
	struct obol_sql_query q;

	if (arg->in.enrolment_id)
	{
		q = obol_sql_begin(this->sql, "UPDATE enrolment SET uses_left = "
									  "uses_left - 1 WHERE id = ?");
		obol_sql_put_int(&q, arg->in.enrolment_id);
		return obol_sql_finish(&q);
	}
	q = obol_sql_begin(this->sql, "DELETE FROM enrolled WHERE at <= ?");
	obol_sql_put_time(&q, arg->in.now > DAY_S ? arg->in.now - DAY_S : 0);
	status = obol_sql_finish(&q);
	if (status == OBOL_OK)
	{
		q = obol_sql_begin(this->sql, "INSERT INTO enrolled (at) VALUES (?)");
		obol_sql_put_time(&q, arg->in.now);
		status = obol_sql_finish(&q);
	}
	return status;
}

static enum obol_status note_enrol(struct obol_sql_store *this,
								   const struct obol_store_enrol *arg,
								   const struct gate *gate)
{
	struct obol_sql_event event = {
		.account_id = arg->out.account_id,
		.now = arg->in.now,
		.actor = &arg->in.actor,
		.operation = OBOL_OP_ENROL,
		.reply = OBOL_REPLY_OK,
		.label = gate->code.name,
		.detail = obol_bytes_str(arg->out.waits ? "waits for approval" : ""),
	};

	return obol_sql_audit(this, &event);
}

enum obol_status obol_sql_enrol(struct obol_sql_store *this,
								struct obol_store_op *op)
{
	struct obol_store_enrol *arg = op->arg.enrol;
	struct gate gate;
	enum obol_status status = lock(this);
	size_t i;

	if (status == OBOL_OK)
	{
		status = check(this, op, &gate);
	}
	if (status == OBOL_OK)
	{
		arg->out.waits = gate.approve;
		status = insert(this, arg);
	}
	for (i = 0; status == OBOL_OK && i < arg->in.n_slots; i++)
	{
		status = arg->in.slots[i].generation == 1
					 ? obol_sql_write_slot(this, arg->out.account_id,
										   &arg->in.slots[i], arg->in.now)
					 : OBOL_ERR_ARG;
	}
	if (status == OBOL_OK)
	{
		status = count_use(this, arg);
	}
	if (status == OBOL_OK)
	{
		status = note_enrol(this, arg, &gate);
	}
	return status;
}

/*
 * Approval, and the end
 */

enum obol_status obol_sql_account_approve(struct obol_sql_store *this,
										  struct obol_store_op *op)
{
	const struct obol_store_account_set_state *arg = op->arg.account_set_state;
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "UPDATE account SET state = 1 WHERE id = ? AND state = 3");
	struct obol_sql_event event = {
		.account_id = arg->in.account_id,
		.now = arg->in.now,
		.actor = &arg->in.actor,
		.operation = OBOL_OP_ACCOUNT_APPROVE,
		.reply = OBOL_REPLY_OK,
		.label = "",
	};
	enum obol_status status;

	obol_sql_put_int(&q, arg->in.account_id);
	status = obol_sql_finish(&q);
	if (status == OBOL_OK && obol_sql_changes(this->sql) == 0)
	{
		return obol_sql_refuse(op, OBOL_ERR_DENIED, OBOL_REPLY_NOT_ALLOWED);
	}
	return status == OBOL_OK ? obol_sql_audit(this, &event) : status;
}

enum obol_status obol_sql_account_delete(struct obol_sql_store *this,
										 struct obol_store_op *op)
{
	const struct obol_store_account_delete *arg = op->arg.account_delete;
	struct obol_store_account_remove removal = { .in = { .account_id =
															 arg->in.account_id,
														 .actor = arg->in.actor,
														 .now = arg->in.now } };
	struct obol_sql_session session;
	struct obol_store_op remove = *op;
	enum obol_status status =
		obol_sql_check(this, op, &arg->in, true, &session);

	if (status != OBOL_OK)
	{
		return status;
	}
	remove.verb = OBOL_STORE_ACCOUNT_REMOVE;
	remove.arg.account_remove = &removal;
	status = obol_sql_account_remove(this, &remove);
	op->memory = remove.memory;
	op->reply = remove.reply;
	return status;
}
