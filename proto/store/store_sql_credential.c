/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store over SQL: sealed credentials. */
#include "store/store_sql_private.h"

#include <stdio.h>

enum obol_status obol_sql_version(struct obol_sql_store *this,
								  int64_t account_id, uint32_t generation,
								  struct obol_bytes name, uint64_t *version,
								  bool *deleted)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "SELECT version, deleted FROM credential "
				   "WHERE account_id = ? AND generation = ? AND name = ?");
	enum obol_status status;
	bool found;

	obol_sql_put_int(&q, account_id);
	obol_sql_put_int(&q, generation);
	obol_sql_put_text(&q, name);
	found = obol_sql_row(&q);
	if (found)
	{
		*version = obol_sql_get_uint(&q, INT64_MAX);
		*deleted = obol_sql_get_uint(&q, 1);
	}
	status = obol_sql_end(&q);
	return status == OBOL_OK && !found ? OBOL_ERR_NOT_FOUND : status;
}

enum obol_status obol_sql_write_credential(struct obol_sql_store *this,
										   int64_t account_id,
										   const struct obol_put_request *put,
										   uint64_t now)
{
	struct obol_sql_query q;

	if (put->sealed.len > OBOL_SEALED_MAX)
	{
		return OBOL_ERR_ARG;
	}
	q = obol_sql_begin(
		this->sql,
		"INSERT INTO credential (account_id, generation, name, format, "
		"version, changed_at, deleted, size, sealed) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, length(?7), ?7) "
		"ON CONFLICT (account_id, generation, name) DO UPDATE SET "
		"format = ?4, version = ?5, changed_at = ?6, deleted = 0, "
		"size = length(?7), sealed = ?7");
	obol_sql_put_int(&q, account_id);
	obol_sql_put_int(&q, put->generation);
	obol_sql_put_text(&q, put->name);
	obol_sql_put_int(&q, put->format);
	obol_sql_put_time(&q, put->base_version + 1);
	obol_sql_put_time(&q, now);
	obol_sql_put_blob(&q, put->sealed.ptr, put->sealed.len);
	return obol_sql_finish(&q);
}

enum obol_status obol_sql_check_credentials(struct obol_sql_store *this,
											struct obol_store_op *op,
											int64_t account_id,
											uint32_t generation)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "SELECT count(*), count(*) FILTER (WHERE deleted = 0) "
				   "FROM credential WHERE account_id = ? AND generation = ?");
	int64_t n_names = 0, n_live = 0;
	enum obol_status status;

	obol_sql_put_int(&q, account_id);
	obol_sql_put_int(&q, generation);
	if (obol_sql_row(&q))
	{
		n_names = obol_sql_get_int(&q);
		n_live = obol_sql_get_int(&q);
	}
	status = obol_sql_end(&q);
	if (status == OBOL_OK &&
		(n_names > OBOL_NAMES_MAX || n_live > OBOL_CREDENTIALS_MAX))
	{
		status = obol_sql_refuse(op, OBOL_ERR_DENIED, OBOL_REPLY_QUOTA);
	}
	return status;
}

enum obol_status obol_sql_drop_unreadable(struct obol_sql_store *this,
										  int64_t account_id)
{
	struct obol_sql_query q = obol_sql_begin(
		this->sql, "DELETE FROM credential WHERE account_id = ?1 AND "
				   "generation < (SELECT generation FROM account "
				   "WHERE id = ?1) AND generation NOT IN "
				   "(SELECT generation FROM slot WHERE account_id = ?1)");

	obol_sql_put_int(&q, account_id);
	return obol_sql_finish(&q);
}

static enum obol_status note_change(struct obol_sql_store *this,
									const struct obol_store_request *request,
									enum obol_operation operation,
									const struct obol_sql_session *session,
									struct obol_bytes name, uint64_t version)
{
	char detail[OBOL_CREDENTIAL_NAME_MAX + 40];
	struct obol_sql_event event = {
		.account_id = request->account_id,
		.now = request->now,
		.actor = &request->actor,
		.operation = operation,
		.reply = OBOL_REPLY_OK,
		.label = session->label,
	};

	if (version > 0)
	{
		(void)snprintf(detail, sizeof(detail), "%.*s version %llu",
					   (int)name.len, (const char *)name.ptr,
					   (unsigned long long)version);
		event.detail = obol_bytes_str(detail);
	}
	else
	{
		event.detail = obol_bytes_str("all");
	}
	return obol_sql_audit(this, &event);
}

enum obol_status obol_sql_list(struct obol_sql_store *this,
							   struct obol_store_op *op)
{
	struct obol_store_list *arg = op->arg.list;
	struct obol_sql_session session;
	enum obol_status status, ended;
	struct obol_sql_query q;
	size_t n = 0;

	arg->out.n_items = 0;
	status = obol_sql_check(this, op, &arg->in, false, &session);
	if (status != OBOL_OK)
	{
		return status;
	}
	q = obol_sql_begin(this->sql,
					   "SELECT name, format, version, size, changed_at, "
					   "deleted FROM credential WHERE account_id = ? "
					   "AND generation = ? ORDER BY name");
	obol_sql_put_int(&q, arg->in.account_id);
	obol_sql_put_int(&q, arg->in.generation);
	while (status == OBOL_OK && n < OBOL_NAMES_MAX && obol_sql_row(&q))
	{
		struct obol_list_item *item = &arg->out.items[n++];

		status = obol_sql_copy(op, obol_sql_get_bytes(&q), &item->name);
		item->format = (uint16_t)obol_sql_get_uint(&q, UINT16_MAX);
		item->version = obol_sql_get_uint(&q, INT64_MAX);
		item->size = (uint32_t)obol_sql_get_uint(&q, OBOL_SEALED_MAX);
		item->changed_at = obol_sql_get_time(&q);
		item->deleted = obol_sql_get_uint(&q, 1);
	}
	ended = obol_sql_end(&q);
	status = status == OBOL_OK ? ended : status;
	if (status == OBOL_OK)
	{
		arg->out.n_items = (uint16_t)n;
	}
	return status;
}

static struct obol_sql_query
select_credentials(struct obol_sql_store *this,
				   const struct obol_store_get *arg)
{
	const struct obol_store_request *request = &arg->in.request;
	bool is_one = arg->in.get.name.len > 0;
	struct obol_sql_query q;

	q = is_one ? obol_sql_begin(
					 this->sql,
					 "SELECT name, format, version, changed_at, size, sealed "
					 "FROM credential WHERE account_id = ? "
					 "AND generation = ? AND name = ? AND deleted = 0")
			   : obol_sql_begin(
					 this->sql,
					 "SELECT name, format, version, changed_at, size, sealed "
					 "FROM credential WHERE account_id = ? "
					 "AND generation = ? AND name > ? AND deleted = 0 "
					 "ORDER BY name");
	obol_sql_put_int(&q, request->account_id);
	obol_sql_put_int(&q, request->generation);
	obol_sql_put_text(&q, is_one ? arg->in.get.name : arg->in.get.after);
	return q;
}

/** Take rows while they fit; the first one fits always. */
static enum obol_status take_items(struct obol_store_op *op,
								   struct obol_store_get *arg,
								   struct obol_sql_query *q)
{
	struct obol_get_answer *out = &arg->out;
	enum obol_status status = OBOL_OK;
	size_t total = 0;

	while (status == OBOL_OK && obol_sql_row(q))
	{
		struct obol_get_item *item = &out->items[out->n_items];
		struct obol_bytes name = obol_sql_get_bytes(q);
		size_t size;

		if (out->n_items == OBOL_CREDENTIALS_MAX)
		{
			out->more = true;
			break;
		}
		item->format = (uint16_t)obol_sql_get_uint(q, UINT16_MAX);
		item->version = obol_sql_get_uint(q, INT64_MAX);
		item->changed_at = obol_sql_get_time(q);
		size = (size_t)obol_sql_get_uint(q, OBOL_SEALED_MAX);
		if (arg->in.get.name.len > 0 &&
			arg->in.get.held_version == item->version)
		{
			out->unchanged = true;
			break;
		}
		if (out->n_items > 0 && total + size > arg->in.size_max)
		{
			out->more = true;
			break;
		}
		status = obol_sql_copy(op, name, &item->name);
		if (status == OBOL_OK)
		{
			status = obol_sql_copy(op, obol_sql_get_bytes(q), &item->sealed);
		}
		total += size;
		out->n_items++;
	}
	return status;
}

enum obol_status obol_sql_get_checked(struct obol_sql_store *this,
									  struct obol_store_op *op,
									  struct obol_store_get *arg,
									  const struct obol_sql_session *session)
{
	enum obol_status status, ended;
	struct obol_sql_query q;

	arg->out.unchanged = false;
	arg->out.more = false;
	arg->out.n_items = 0;
	q = select_credentials(this, arg);
	status = take_items(op, arg, &q);
	ended = obol_sql_end(&q);
	status = status == OBOL_OK ? ended : status;
	if (status != OBOL_OK || arg->out.unchanged)
	{
		return status;
	}
	if (arg->out.n_items == 0)
	{
		return arg->in.get.name.len > 0 ? OBOL_ERR_NOT_FOUND : OBOL_OK;
	}
	return note_change(
		this, &arg->in.request, OBOL_OP_GET, session, arg->in.get.name,
		arg->in.get.name.len > 0 ? arg->out.items[0].version : 0);
}

enum obol_status obol_sql_get(struct obol_sql_store *this,
							  struct obol_store_op *op)
{
	struct obol_store_get *arg = op->arg.get;
	struct obol_sql_session session;
	enum obol_status status;

	arg->out.unchanged = false;
	arg->out.more = false;
	arg->out.n_items = 0;
	status = obol_sql_check(this, op, &arg->in.request, false, &session);
	return status == OBOL_OK ? obol_sql_get_checked(this, op, arg, &session)
							 : status;
}

enum obol_status obol_sql_put(struct obol_sql_store *this,
							  struct obol_store_op *op)
{
	struct obol_store_put *arg = op->arg.put;
	const struct obol_store_request *request = &arg->in.request;
	const struct obol_put_request *put = &arg->in.put;
	struct obol_sql_session session;
	enum obol_status status;
	uint64_t version = 0;
	bool deleted;

	status = obol_sql_check(this, op, request, true, &session);
	if (status == OBOL_OK && put->generation != session.generation)
	{
		status = obol_sql_refuse(op, OBOL_ERR_AUTH, OBOL_REPLY_LOGIN_NEEDED);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	status = obol_sql_version(this, request->account_id, put->generation,
							  put->name, &version, &deleted);
	if (status != OBOL_OK && status != OBOL_ERR_NOT_FOUND)
	{
		return status;
	}
	arg->out.version = version;
	if (put->base_version != version)
	{
		return OBOL_ERR_EXISTS;
	}
	status =
		obol_sql_write_credential(this, request->account_id, put, request->now);
	if (status == OBOL_OK)
	{
		status = obol_sql_check_credentials(this, op, request->account_id,
											put->generation);
	}
	if (status == OBOL_OK)
	{
		arg->out.version = version + 1;
		arg->out.changed_at = request->now;
		status = note_change(this, request, OBOL_OP_PUT, &session, put->name,
							 version + 1);
	}
	return status;
}

enum obol_status obol_sql_delete(struct obol_sql_store *this,
								 struct obol_store_op *op)
{
	struct obol_store_delete *arg = op->arg.delete_;
	const struct obol_store_request *request = &arg->in.request;
	struct obol_bytes name = arg->in.delete_.name;
	struct obol_sql_session session;
	enum obol_status status;
	struct obol_sql_query q;
	bool deleted = false;

	status = obol_sql_check(this, op, request, true, &session);
	if (status == OBOL_OK)
	{
		status = obol_sql_version(this, request->account_id, session.generation,
								  name, &arg->out.version, &deleted);
	}
	if (status == OBOL_OK && deleted)
	{
		status = OBOL_ERR_NOT_FOUND;
	}
	if (status == OBOL_OK && arg->in.delete_.base_version != arg->out.version)
	{
		status = OBOL_ERR_EXISTS;
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	q = obol_sql_begin(this->sql,
					   "UPDATE credential SET version = version + 1, "
					   "deleted = 1, size = 0, sealed = x'', changed_at = ? "
					   "WHERE account_id = ? AND generation = ? AND name = ?");
	obol_sql_put_time(&q, request->now);
	obol_sql_put_int(&q, request->account_id);
	obol_sql_put_int(&q, session.generation);
	obol_sql_put_text(&q, name);
	status = obol_sql_finish(&q);
	if (status == OBOL_OK)
	{
		arg->out.version++;
		status = note_change(this, request, OBOL_OP_DELETE, &session, name,
							 arg->out.version);
	}
	return status;
}
