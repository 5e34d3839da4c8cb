/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Anchors: the server hands on what was signed elsewhere, and notes who has
 * it. */
#include "server/handler.h"
#include "store/store_anchors.h"

static void have_anchors(struct obol_server_connection *conn,
						 enum obol_status status)
{
	const struct obol_store_anchors *arg = conn->op.arg.anchors;
	struct obol_answer answer = { .type = OBOL_ANCHORS_ANSWER };

	if (status != OBOL_OK)
	{
		obol_handler_not_ok(conn, 0, status, 0);
		return;
	}
	answer.anchors.unchanged = arg->out.number == 0;
	answer.anchors.cms = arg->out.cms;
	obol_handler_answer(conn, &answer);
}

void obol_handle_anchors(struct obol_server_connection *conn,
						 const struct obol_request *request)
{
	struct obol_store_anchors *arg = obol_handler_argument(conn, sizeof(*arg));

	if (arg)
	{
		arg->in.request = obol_handler_request(conn);
		arg->in.held = request->anchors.held;
		arg->in.after = request->anchors.after;
		obol_handler_submit(conn, OBOL_STORE_ANCHORS, arg, have_anchors);
	}
}
