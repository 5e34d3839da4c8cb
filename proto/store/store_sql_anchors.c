/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store over SQL: sets of CA certificates, and who holds which. */
#include "store/store_anchors.h"
#include "store/store_sql_private.h"

#include <stdio.h>

/** Accounts of one answer at most. */
#define LIMIT_MAX 1000

enum obol_status obol_sql_anchors_number(struct obol_sql_store *this,
										 uint32_t *number)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "SELECT coalesce(max(number), 0) FROM anchors");

	*number = 0;
	if (obol_sql_row(&q))
	{
		*number = (uint32_t)obol_sql_get_uint(&q, UINT32_MAX);
	}
	return obol_sql_end(&q);
}

/** A row's set; its bytes copied to the operation's memory. */
static enum obol_status read_set(struct obol_sql_query *q,
								 struct obol_store_op *op, uint32_t *number,
								 uint64_t *created_at, struct obol_bytes *cms)
{
	enum obol_status status = OBOL_OK, ended;

	*number = 0;
	if (obol_sql_row(q))
	{
		*number = (uint32_t)obol_sql_get_uint(q, UINT32_MAX);
		*created_at = obol_sql_get_time(q);
		status = obol_sql_copy(op, obol_sql_get_bytes(q), cms);
	}
	ended = obol_sql_end(q);
	return ended == OBOL_OK ? status : ended;
}

/** The number that a slot's user has told, 0 for none. */
static enum obol_status held_before(struct obol_sql_store *this,
									const struct obol_store_request *request,
									uint32_t *number)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "SELECT number FROM anchors_held WHERE account_id = ? "
				   "AND kind = ? AND device_id = ?");

	*number = 0;
	obol_sql_put_int(&q, request->account_id);
	obol_sql_put_int(&q, request->actor.kind);
	obol_sql_put_blob(&q, request->actor.device_id, OBOL_DEVICE_ID_LEN);
	if (obol_sql_row(&q))
	{
		*number = (uint32_t)obol_sql_get_uint(&q, UINT32_MAX);
	}
	return obol_sql_end(&q);
}

static enum obol_status write_held(struct obol_sql_store *this,
								   const struct obol_store_request *request,
								   uint32_t number)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "INSERT INTO anchors_held (account_id, kind, "
				   "device_id, number, at) VALUES (?, ?, ?, ?, ?) "
				   "ON CONFLICT (account_id, kind, device_id) DO UPDATE SET "
				   "number = excluded.number, at = excluded.at");

	obol_sql_put_int(&q, request->account_id);
	obol_sql_put_int(&q, request->actor.kind);
	obol_sql_put_blob(&q, request->actor.device_id, OBOL_DEVICE_ID_LEN);
	obol_sql_put_int(&q, number);
	obol_sql_put_time(&q, request->now);
	return obol_sql_finish(&q);
}

/** What he holds, if that is another one than before; a number that was never
 * given out is nobody's. */
static enum obol_status note_held(struct obol_sql_store *this,
								  const struct obol_store_anchors *arg,
								  uint32_t newest, const char *label)
{
	const struct obol_store_request *request = &arg->in.request;
	struct obol_sql_event event = {
		.account_id = request->account_id,
		.now = request->now,
		.actor = &request->actor,
		.operation = OBOL_OP_ANCHORS,
		.reply = OBOL_REPLY_OK,
		.label = label,
	};
	enum obol_status status;
	uint32_t before;
	char text[48];

	if (arg->in.held == 0 || arg->in.held > newest)
	{
		return OBOL_OK;
	}
	status = held_before(this, request, &before);
	if (status != OBOL_OK || before == arg->in.held)
	{
		return status;
	}
	status = write_held(this, request, arg->in.held);
	if (status != OBOL_OK)
	{
		return status;
	}
	(void)snprintf(text, sizeof(text), "holds set %u of CA certificates",
				   (unsigned)arg->in.held);
	event.detail = obol_bytes_str(text);
	return obol_sql_audit(this, &event);
}

enum obol_status obol_sql_anchors(struct obol_sql_store *this,
								  struct obol_store_op *op)
{
	struct obol_store_anchors *arg = op->arg.anchors;
	struct obol_sql_session session = { 0, "" };
	struct obol_sql_query q;
	enum obol_status status;
	uint32_t newest = 0;

	memset(&arg->out, 0, sizeof(arg->out));
	status = obol_sql_check(this, op, &arg->in.request, false, &session);
	if (status == OBOL_OK)
	{
		status = obol_sql_anchors_number(this, &newest);
	}
	if (status == OBOL_OK)
	{
		status = note_held(this, arg, newest, session.label);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	q = obol_sql_begin(this->sql, "SELECT number, created_at, cms FROM anchors "
								  "WHERE number > ? ORDER BY number LIMIT 1");
	obol_sql_put_int(&q, arg->in.after);
	return read_set(&q, op, &arg->out.number, &arg->out.created_at,
					&arg->out.cms);
}

enum obol_status obol_sql_anchors_newest(struct obol_sql_store *this,
										 struct obol_store_op *op)
{
	struct obol_store_anchors_newest *arg = op->arg.anchors_newest;
	struct obol_sql_query q =
		obol_sql_begin(this->sql, "SELECT number, created_at, cms FROM anchors "
								  "ORDER BY number DESC LIMIT 1");

	memset(&arg->out, 0, sizeof(arg->out));
	return read_set(&q, op, &arg->out.number, &arg->out.created_at,
					&arg->out.cms);
}

enum obol_status obol_sql_anchors_put(struct obol_sql_store *this,
									  struct obol_store_op *op)
{
	const struct obol_store_anchors_put *arg = op->arg.anchors_put;
	struct obol_sql_event event = {
		.account_id = 0,
		.now = arg->in.now,
		.actor = &arg->in.actor,
		.operation = arg->in.operation,
		.reply = OBOL_REPLY_OK,
		.label = "",
		.detail = arg->in.detail,
	};
	struct obol_sql_query q;
	enum obol_status status;
	uint32_t newest;

	if (arg->in.cms.len == 0 || arg->in.cms.len > OBOL_ANCHORS_MAX)
	{
		return OBOL_ERR_ARG;
	}
	status = obol_sql_anchors_number(this, &newest);
	if (status != OBOL_OK)
	{
		return status;
	}
	if (newest == UINT32_MAX || arg->in.number != newest + 1)
	{
		return OBOL_ERR_EXISTS;
	}
	q = obol_sql_begin(this->sql, "INSERT INTO anchors (number, created_at, "
								  "cms) VALUES (?, ?, ?)");
	obol_sql_put_int(&q, arg->in.number);
	obol_sql_put_time(&q, arg->in.created_at);
	obol_sql_put_blob(&q, arg->in.cms.ptr, arg->in.cms.len);
	status = obol_sql_finish(&q);
	return status == OBOL_OK ? obol_sql_audit(this, &event) : status;
}

/** Accounts in use, ?1 is now and ?2 the set's number: with how many devices,
 * how many of them that lack it, and whether the password slot does, which
 * counts where there is no device. */
#define IN_USE                                                                 \
	"WITH in_use AS (SELECT a.name AS name, a.last_login_at AS login_at, "     \
	"(SELECT count(*) FROM slot s WHERE s.account_id = a.id "                  \
	"AND s.kind = 4) AS n_devices, "                                           \
	"(SELECT count(*) FROM slot s WHERE s.account_id = a.id AND s.kind = 4 "   \
	"AND NOT EXISTS (SELECT 1 FROM anchors_held h WHERE h.account_id = a.id "  \
	"AND h.kind = 4 AND h.device_id = s.device_id AND h.number >= ?2)) "       \
	"AS n_lacking, "                                                           \
	"NOT EXISTS (SELECT 1 FROM anchors_held h WHERE h.account_id = a.id "      \
	"AND h.kind = 1 AND h.number >= ?2) AS password_lacks "                    \
	"FROM account a WHERE a.state = 1 AND a.activated_at <> 0 "                \
	"AND (a.expires_at = 0 OR a.expires_at > ?1)), "                           \
	"lacking AS (SELECT * FROM in_use WHERE n_lacking > 0 "                    \
	"OR (n_devices = 0 AND password_lacks)) "

static enum obol_status count_lacking(struct obol_sql_store *this,
									  struct obol_store_anchors_lacking *arg)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, IN_USE "SELECT (SELECT count(*) FROM in_use), "
						  "(SELECT count(*) FROM lacking)");

	obol_sql_put_time(&q, arg->in.now);
	obol_sql_put_int(&q, arg->in.number);
	if (obol_sql_row(&q))
	{
		arg->out.n_accounts = (uint32_t)obol_sql_get_uint(&q, UINT32_MAX);
		arg->out.n_lacking = (uint32_t)obol_sql_get_uint(&q, UINT32_MAX);
	}
	return obol_sql_end(&q);
}

enum obol_status obol_sql_anchors_lacking(struct obol_sql_store *this,
										  struct obol_store_op *op)
{
	struct obol_store_anchors_lacking *arg = op->arg.anchors_lacking;
	size_t limit = arg->in.limit < LIMIT_MAX ? arg->in.limit : LIMIT_MAX;
	struct obol_store_lacking *items;
	struct obol_sql_query q;
	enum obol_status status;
	size_t n = 0;

	memset(&arg->out, 0, sizeof(arg->out));
	items = obol_sql_alloc(op, (limit + 1) * sizeof(*items));
	if (!items)
	{
		return OBOL_ERR_NOMEM;
	}
	status = count_lacking(this, arg);
	if (status != OBOL_OK)
	{
		return status;
	}
	q = obol_sql_begin(this->sql,
					   IN_USE "SELECT name, login_at, n_devices, n_lacking "
							  "FROM lacking ORDER BY login_at DESC, name "
							  "LIMIT ?3");
	obol_sql_put_time(&q, arg->in.now);
	obol_sql_put_int(&q, arg->in.number);
	obol_sql_put_int(&q, (int64_t)limit);
	while (obol_sql_row(&q))
	{
		obol_sql_get_str(&q, items[n].name, sizeof(items[n].name));
		items[n].last_login_at = obol_sql_get_time(&q);
		items[n].n_devices = (uint32_t)obol_sql_get_uint(&q, UINT32_MAX);
		items[n].n_lacking = (uint32_t)obol_sql_get_uint(&q, UINT32_MAX);
		n++;
	}
	arg->out.items = items;
	arg->out.n_items = n;
	return obol_sql_end(&q);
}

enum obol_status obol_sql_root_count(struct obol_sql_store *this,
									 struct obol_store_op *op)
{
	struct obol_store_root_count *arg = op->arg.root_count;
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "SELECT count(*) FILTER (WHERE account_id <> 0), "
				   "count(*) FILTER (WHERE account_id = 0), "
				   "coalesce(max(not_after), 0) FROM certificate "
				   "WHERE not_after > ? AND root IN (?, x'')");

	memset(&arg->out, 0, sizeof(arg->out));
	obol_sql_put_time(&q, arg->in.now);
	obol_sql_put_blob(&q, arg->in.root, sizeof(arg->in.root));
	if (obol_sql_row(&q))
	{
		arg->out.n_accounts = (uint32_t)obol_sql_get_uint(&q, UINT32_MAX);
		arg->out.n_gateways = (uint32_t)obol_sql_get_uint(&q, UINT32_MAX);
		arg->out.last_not_after = obol_sql_get_time(&q);
	}
	return obol_sql_end(&q);
}
