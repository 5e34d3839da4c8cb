/* SPDX-License-Identifier: GPL-2.0-or-later */
/* List, Get, Put, Delete. */
#include "server/handler.h"

#include <stdlib.h>

/** What names and numbers of one item take in an answer, at most. */
#define ITEM_OVERHEAD (1 + OBOL_CREDENTIAL_NAME_MAX + 2 + 8 + 8 + 3)
/** Sealed bodies that fit one answer's frame. */
#define GET_SIZE_MAX (OBOL_FRAME_MAX - 4 - OBOL_CREDENTIALS_MAX * ITEM_OVERHEAD)

static void listed(struct obol_server_connection *conn, enum obol_status status)
{
	struct obol_answer answer = { .type = OBOL_LIST_ANSWER };

	if (status != OBOL_OK)
	{
		obol_handler_not_ok(conn, 0, status, 0);
		return;
	}
	answer.list = conn->op.arg.list->out;
	obol_handler_answer(conn, &answer);
}

void obol_handle_list(struct obol_server_connection *conn,
					  const struct obol_request *request)
{
	struct obol_store_list *arg = obol_handler_argument(conn, sizeof(*arg));

	(void)request;
	if (arg)
	{
		arg->in = obol_handler_request(conn);
		obol_handler_submit(conn, OBOL_STORE_LIST, arg, listed);
	}
}

/*
 * Get. One that has come behind KE3 shares the login's transaction, so that its
 * answer waits for one commit and not for two. Only an answer is used: what did
 * not come to one is asked of the store again, by the request itself. The row
 * in the audit trail says what was read, which the peer may not wait for any
 * more; so it is with every Get.
 */

struct obol_store_get *obol_get_early(struct obol_server_connection *conn)
{
	struct obol_fetched *fetched;
	struct obol_get_request get;

	if (obol_server_session_next_get(conn->session, &get) != OBOL_OK ||
		get.name.len > sizeof(fetched->name) ||
		get.after.len > sizeof(fetched->after))
	{
		return NULL;
	}
	fetched = calloc(1, sizeof(*fetched));
	if (!fetched)
	{
		return NULL;
	}
	fetched->get.in.request = obol_handler_request(conn);
	fetched->get.in.request.account_id = conn->begin->out.account_id;
	fetched->get.in.get = get;
	if (get.name.len > 0)
	{
		memcpy(fetched->name, get.name.ptr, get.name.len);
	}
	if (get.after.len > 0)
	{
		memcpy(fetched->after, get.after.ptr, get.after.len);
	}
	fetched->get.in.get.name.ptr = fetched->name;
	fetched->get.in.get.after.ptr = fetched->after;
	fetched->get.in.size_max = GET_SIZE_MAX;
	conn->fetched = fetched;
	return &fetched->get;
}

void obol_get_forget(struct obol_server_connection *conn)
{
	free(conn->fetched);
	conn->fetched = NULL;
}

static bool is_same(const struct obol_get_request *a,
					const struct obol_get_request *b)
{
	return a->held_version == b->held_version &&
		   obol_bytes_eq(a->name, b->name) && obol_bytes_eq(a->after, b->after);
}

static void answer_get(struct obol_server_connection *conn,
					   const struct obol_store_get *get)
{
	struct obol_answer answer = { .type = OBOL_GET_ANSWER };

	answer.get = get->out;
	obol_handler_answer(conn, &answer);
}

static void got(struct obol_server_connection *conn, enum obol_status status)
{
	if (status != OBOL_OK)
	{
		obol_handler_not_ok(conn, 0, status, 0);
		return;
	}
	answer_get(conn, conn->op.arg.get);
}

void obol_handle_get(struct obol_server_connection *conn,
					 const struct obol_request *request)
{
	struct obol_store_get *arg;

	if (conn->fetched && is_same(&conn->fetched->get.in.get, &request->get))
	{
		answer_get(conn, &conn->fetched->get);
		obol_get_forget(conn);
		return;
	}
	arg = obol_handler_argument(conn, sizeof(*arg));
	if (arg)
	{
		arg->in.request = obol_handler_request(conn);
		arg->in.get = request->get;
		arg->in.size_max = GET_SIZE_MAX;
		obol_handler_submit(conn, OBOL_STORE_GET, arg, got);
	}
}

static void was_put(struct obol_server_connection *conn,
					enum obol_status status)
{
	struct obol_answer answer = { .type = OBOL_PUT_ANSWER };

	if (status != OBOL_OK)
	{
		obol_handler_not_ok(conn, OBOL_OP_PUT, status,
							conn->op.arg.put->out.version);
		return;
	}
	answer.put = conn->op.arg.put->out;
	obol_handler_answer(conn, &answer);
}

void obol_handle_put(struct obol_server_connection *conn,
					 const struct obol_request *request)
{
	struct obol_store_put *arg = obol_handler_argument(conn, sizeof(*arg));

	if (arg)
	{
		arg->in.request = obol_handler_request(conn);
		arg->in.put = request->put;
		obol_handler_submit(conn, OBOL_STORE_PUT, arg, was_put);
	}
}

static void was_deleted(struct obol_server_connection *conn,
						enum obol_status status)
{
	struct obol_answer answer = { .type = OBOL_DELETE_ANSWER };

	if (status != OBOL_OK)
	{
		obol_handler_not_ok(conn, OBOL_OP_DELETE, status,
							conn->op.arg.delete_->out.version);
		return;
	}
	answer.deleted_version = conn->op.arg.delete_->out.version;
	obol_handler_answer(conn, &answer);
}

void obol_handle_delete(struct obol_server_connection *conn,
						const struct obol_request *request)
{
	struct obol_store_delete *arg = obol_handler_argument(conn, sizeof(*arg));

	if (arg)
	{
		arg->in.request = obol_handler_request(conn);
		arg->in.delete_ = request->delete_;
		obol_handler_submit(conn, OBOL_STORE_DELETE, arg, was_deleted);
	}
}
