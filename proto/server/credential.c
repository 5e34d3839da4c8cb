/* SPDX-License-Identifier: GPL-2.0-or-later */
/* List, Get, Put, Delete. */
#include "server/handler.h"

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

static void got(struct obol_server_connection *conn, enum obol_status status)
{
	struct obol_answer answer = { .type = OBOL_GET_ANSWER };

	if (status != OBOL_OK)
	{
		obol_handler_not_ok(conn, 0, status, 0);
		return;
	}
	answer.get = conn->op.arg.get->out;
	obol_handler_answer(conn, &answer);
}

void obol_handle_get(struct obol_server_connection *conn,
					 const struct obol_request *request)
{
	struct obol_store_get *arg = obol_handler_argument(conn, sizeof(*arg));

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
