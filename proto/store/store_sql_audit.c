/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store over SQL: the audit trail. */
#include "store/store_open.h"
#include "store/store_sql_private.h"

#include <stdio.h>

/** How often, in rows of all, it is seen to how many one account has. */
#define PRUNE_EVERY 64

static struct obol_bytes cut(struct obol_bytes text, size_t max)
{
	return obol_bytes(text.ptr, text.len < max ? text.len : max);
}

/** The trail is bounded: the oldest rows of an account go. */
static enum obol_status prune(struct obol_sql_store *this, int64_t account_id)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "DELETE FROM audit WHERE account_id = ?1 AND id <= "
				   "(SELECT id FROM audit WHERE account_id = ?1 "
				   "ORDER BY id DESC LIMIT 1 OFFSET ?2)");

	obol_sql_put_int(&q, account_id);
	obol_sql_put_int(&q, this->history_rows_max ? this->history_rows_max
												: OBOL_STORE_HISTORY_ROWS);
	return obol_sql_finish(&q);
}

#define INSERT                                                                 \
	"INSERT INTO audit (id, account_id, at, operation, reply, kind, label, "   \
	"source, detail) VALUES ("
#define VALUES ", ?, ?, ?, ?, ?, ?, ?, ?)"

/** A row of the trail, begun; its own id is still to be had in PostgreSQL: with
 * several writers the newest row's number is nobody's to take. In SQLite, to
 * return an id takes as long again as to insert the row. */
static struct obol_sql_query begin_row(struct obol_sql_store *this, int64_t *id)
{
	enum obol_status status = OBOL_OK;
	struct obol_sql_query q;

	if (this->sql->driver->is_postgresql)
	{
		return obol_sql_begin(this->sql, INSERT "nextval('audit_id')" VALUES
												" RETURNING id");
	}
	status = obol_sql_count(this, "audit_id", 1, id);
	q = obol_sql_begin(this->sql, INSERT "?" VALUES);
	q.status = q.status == OBOL_OK ? status : q.status;
	obol_sql_put_int(&q, *id);
	return q;
}

enum obol_status obol_sql_audit(struct obol_sql_store *this,
								const struct obol_sql_event *event)
{
	int64_t id = 0;
	struct obol_sql_query q = begin_row(this, &id);
	enum obol_status status;

	obol_sql_put_int(&q, event->account_id);
	obol_sql_put_time(&q, event->now);
	obol_sql_put_int(&q, event->operation);
	obol_sql_put_int(&q, event->reply);
	obol_sql_put_int(&q, event->actor->kind);
	obol_sql_put_str(&q, event->label);
	obol_sql_put_str(&q, event->actor->source);
	obol_sql_put_text(&q, cut(event->detail, OBOL_TEXT_MAX));
	status = this->sql->driver->is_postgresql ? obol_sql_finish_id(&q, &id)
											  : obol_sql_finish(&q);
	if (status == OBOL_OK && id % PRUNE_EVERY == 0)
	{
		status = prune(this, event->account_id);
	}
	return status;
}

enum obol_status obol_sql_audit_row(struct obol_sql_store *this,
									struct obol_store_op *op)
{
	const struct obol_store_audit *arg = op->arg.audit;
	struct obol_sql_event event = {
		.account_id = arg->in.account_id,
		.now = arg->in.now,
		.actor = &arg->in.actor,
		.operation = arg->in.operation,
		.reply = arg->in.reply,
		.detail = arg->in.detail,
	};
	char label[OBOL_LABEL_MAX + 1] = "";
	enum obol_status status;

	status = obol_sql_label(this, arg->in.account_id, arg->in.actor.kind,
							arg->in.actor.device_id, label);
	event.label = label;
	return status == OBOL_OK ? obol_sql_audit(this, &event) : status;
}

static enum obol_status read_line(struct obol_store_op *op,
								  struct obol_sql_query *q, size_t i)
{
	struct obol_store_history *arg = op->arg.history;
	struct obol_history_item *item = &arg->out.answer.items[i];
	enum obol_status status;
	int64_t account_id;
	bool is_gone;

	item->id = obol_sql_get_uint(q, INT64_MAX);
	item->at = obol_sql_get_time(q);
	item->operation = (uint8_t)obol_sql_get_uint(q, UINT8_MAX);
	item->reply = (uint16_t)obol_sql_get_uint(q, UINT16_MAX);
	item->kind = (uint8_t)obol_sql_get_uint(q, UINT8_MAX);
	status = obol_sql_copy(op, obol_sql_get_bytes(q), &item->label);
	if (status == OBOL_OK)
	{
		status = obol_sql_copy(op, obol_sql_get_bytes(q), &item->source);
	}
	if (status == OBOL_OK)
	{
		status = obol_sql_copy(op, obol_sql_get_bytes(q), &item->detail);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	account_id = obol_sql_get_int(q);
	is_gone = obol_sql_get_uint(q, 1);
	obol_sql_get_str(q, arg->out.names[i], sizeof(arg->out.names[i]));
	/* below 0 are teams, which the label names */
	if (account_id > 0 && is_gone)
	{
		(void)snprintf(arg->out.names[i], sizeof(arg->out.names[i]),
					   "removed account %lld", (long long)account_id);
	}
	return OBOL_OK;
}

#define LINE_COLUMNS                                                           \
	"h.id, h.at, h.operation, h.reply, h.kind, h.label, h.source, h.detail, "  \
	"h.account_id, a.id IS NULL, coalesce(a.name, '') "                        \
	"FROM audit h LEFT JOIN account a ON a.id = h.account_id "

enum obol_status obol_sql_history(struct obol_sql_store *this,
								  struct obol_store_op *op)
{
	struct obol_store_history *arg = op->arg.history;
	struct obol_sql_session session;
	enum obol_status status = OBOL_OK;
	enum obol_status ended;
	struct obol_sql_query q;
	size_t n = 0;

	arg->out.answer.n_items = 0;
	if (arg->in.request)
	{
		/* a device that was revoked meanwhile sees nothing more */
		status = obol_sql_check(this, op, arg->in.request, false, &session);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	if (arg->in.account_id != 0)
	{
		q = obol_sql_begin(this->sql, "SELECT " LINE_COLUMNS
									  "WHERE h.account_id = ? AND h.id < ? "
									  "ORDER BY h.id DESC LIMIT ?");
		obol_sql_put_int(&q, arg->in.account_id);
	}
	else
	{
		q = obol_sql_begin(this->sql, "SELECT " LINE_COLUMNS "WHERE h.id < ? "
									  "ORDER BY h.id DESC LIMIT ?");
	}
	obol_sql_put_time(&q, arg->in.before ? arg->in.before : INT64_MAX);
	obol_sql_put_int(&q, arg->in.limit < OBOL_HISTORY_MAX ? arg->in.limit
														  : OBOL_HISTORY_MAX);
	while (status == OBOL_OK && obol_sql_row(&q))
	{
		status = read_line(op, &q, n++);
	}
	ended = obol_sql_end(&q);
	status = status == OBOL_OK ? ended : status;
	if (status == OBOL_OK)
	{
		arg->out.answer.n_items = (uint16_t)n;
	}
	return status;
}
