/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Info and History. */
#include "server/handler.h"

void obol_handle_info(struct obol_server_connection *conn,
					  const struct obol_request *request)
{
	const struct obol_server_options *options = &conn->server->options;
	struct obol_answer answer = { .type = OBOL_INFO_ANSWER };

	(void)request;
	answer.info.server_name = obol_bytes_str(options->policy.server_name);
	answer.info.server_time = obol_now(options->clock);
	answer.info.n_suites = 1;
	answer.info.suites[0] = OBOL_SUITE_1;
	answer.info.n_mechanisms = 1;
	answer.info.mechanisms[0] = OBOL_MECHANISM_OPAQUE;
	answer.info.frame_max = OBOL_FRAME_MAX;
	answer.info.sealed_max = OBOL_SEALED_MAX;
	answer.info.credentials_max = OBOL_CREDENTIALS_MAX;
	answer.info.devices_max = OBOL_DEVICES_MAX;
	obol_handler_answer(conn, &answer);
}

/** The store's argument and what it points to. */
struct history_argument {
	struct obol_store_history store;
	struct obol_store_request request;
};

static void have_history(struct obol_server_connection *conn,
						 enum obol_status status)
{
	struct obol_answer answer = { .type = OBOL_HISTORY_ANSWER };

	if (status != OBOL_OK)
	{
		obol_handler_not_ok(conn, 0, status, 0);
		return;
	}
	answer.history = conn->op.arg.history->out.answer;
	obol_handler_answer(conn, &answer);
}

void obol_handle_history(struct obol_server_connection *conn,
						 const struct obol_request *request)
{
	struct history_argument *arg = obol_handler_argument(conn, sizeof(*arg));

	if (arg)
	{
		arg->request = obol_handler_request(conn);
		arg->store.in.request = &arg->request;
		arg->store.in.account_id = conn->account.id;
		arg->store.in.before = request->history.before;
		arg->store.in.limit = request->history.limit;
		obol_handler_submit(conn, OBOL_STORE_HISTORY, arg, have_history);
	}
}
