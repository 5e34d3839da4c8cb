/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection: its session's events, one after the other, and what happens
 * when its owner leaves while the store works. */
#include "server/handler.h"

#include <stdlib.h>

static void run(struct obol_server_connection *conn);

/*
 * Life and end
 */

enum obol_status obol_server_connection_new(struct obol_server *server,
											const struct obol_server_peer *peer,
											void (*changed)(void *ctx),
											void *ctx,
											struct obol_server_connection **out)
{
	struct obol_server_connection *conn = calloc(1, sizeof(*conn));
	struct obol_server_session_config config = {
		.rng = server->options.rng,
		.clock = server->options.clock,
		.keys = server->options.keys,
	};
	enum obol_status status = OBOL_ERR_NOMEM;

	if (!conn)
	{
		return status;
	}
	memcpy(config.exporter, peer->exporter, sizeof(config.exporter));
	status = obol_server_session_new(&config, &conn->session);
	obol_wipe(config.exporter, sizeof(config.exporter));
	if (status != OBOL_OK)
	{
		free(conn);
		return status;
	}
	conn->server = server;
	conn->peer = *peer;
	conn->changed = changed;
	conn->changed_ctx = ctx;
	server->n_connections++;
	*out = conn;
	return OBOL_OK;
}

static void destroy(struct obol_server_connection *conn)
{
	conn->server->n_connections--;
	obol_server_session_free(conn->session);
	free(conn->begin);
	obol_get_forget(conn);
	free(conn->account.identity);
	obol_wipe(conn->peer.exporter, sizeof(conn->peer.exporter));
	free(conn);
}

static void unstage(struct obol_server_connection *conn)
{
	struct obol_store_unstage *arg = calloc(1, sizeof(*arg));

	if (!arg)
	{
		destroy(conn); /* what is staged goes by its age */
		return;
	}
	arg->in.account_id = conn->account.id;
	memcpy(arg->in.stage_id, conn->stage_id, sizeof(arg->in.stage_id));
	obol_handler_submit(conn, OBOL_STORE_UNSTAGE, arg, NULL);
}

/* The owner is gone and nothing is under way: leave nothing behind. */
static void end(struct obol_server_connection *conn)
{
	if (conn->login_is_open)
	{
		conn->login_is_open = false;
		obol_login_failed(conn);
	}
	else if (conn->has_staged)
	{
		conn->has_staged = false;
		unstage(conn);
	}
	else
	{
		destroy(conn);
	}
}

void obol_server_connection_close(struct obol_server_connection *conn)
{
	if (!conn)
	{
		return;
	}
	conn->is_closed = true;
	conn->changed = NULL;
	if (!conn->op_is_pending)
	{
		end(conn);
	}
}

/*
 * Operations of the store
 */

/* The guess was counted all the same, before KE2 left. */
static void tell_unnoted(struct obol_server_connection *conn,
						 const struct obol_store_op *op)
{
	if (op->verb == OBOL_STORE_LOGIN_FAILED && op->status != OBOL_OK)
	{
		obol_handler_log(conn->server, OBOL_LOG_ERROR,
						 "a failed login could not be noted in the store (%s)",
						 obol_status_name(op->status));
	}
}

static void op_done(struct obol_store_op *op)
{
	struct obol_server_connection *conn = op->ctx;
	bool was_running = conn->is_running;
	/* op is the next one's before this function ends */
	bool ends_login = op->verb == OBOL_STORE_LOGIN_DONE, goes_on;
	void *argument = op->arg.any;

	conn->op_is_pending = false;
	if (conn->is_closed)
	{
		if (op->verb == OBOL_STORE_LOGIN_DONE)
		{
			/* his KE3 was valid, whether or not he waits for the answer */
			conn->then(conn, op->status);
		}
		tell_unnoted(conn, op);
		obol_get_forget(conn);
		free(argument);
		end(conn);
		return;
	}
	if (conn->then)
	{
		conn->then(conn, op->status);
	}
	free(argument);
	goes_on = !was_running && !conn->op_is_pending;
	if (goes_on)
	{
		run(conn);
	}
	if (ends_login)
	{
		/* what it points to is the store's, and goes when this returns */
		obol_get_forget(conn);
	}
	if (!goes_on)
	{
		return; /* who runs it goes on by himself */
	}
	if (conn->changed)
	{
		conn->changed(conn->changed_ctx);
	}
}

void obol_handler_submit(struct obol_server_connection *conn,
						 enum obol_store_verb verb, void *argument,
						 void (*then)(struct obol_server_connection *conn,
									  enum obol_status status))
{
	memset(&conn->op, 0, sizeof(conn->op));
	conn->op.verb = verb;
	conn->op.arg.any = argument;
	conn->op.done = op_done;
	conn->op.ctx = conn;
	conn->then = then;
	conn->op_is_pending = true;
	obol_store_submit(conn->server->options.store, &conn->op);
}

/*
 * Events
 */

static const struct {
	enum obol_frame_type type;
	void (*handle)(struct obol_server_connection *conn,
				   const struct obol_request *request);
} handlers[] = {
	{ OBOL_INFO, obol_handle_info },
	{ OBOL_LIST, obol_handle_list },
	{ OBOL_GET, obol_handle_get },
	{ OBOL_PUT, obol_handle_put },
	{ OBOL_DELETE, obol_handle_delete },
	{ OBOL_SLOT_START, obol_handle_slot_start },
	{ OBOL_SLOT_FINISH, obol_handle_slot_finish },
	{ OBOL_SLOT_DELETE, obol_handle_slot_delete },
	{ OBOL_SLOT_LIST, obol_handle_slot_list },
	{ OBOL_STAGE, obol_handle_stage },
	{ OBOL_REKEY, obol_handle_rekey },
	{ OBOL_ISSUE, obol_handle_issue },
	{ OBOL_ANCHORS, obol_handle_anchors },
	{ OBOL_HISTORY, obol_handle_history },
	{ OBOL_FOLLOW, obol_handle_follow },
	{ OBOL_REPORT, obol_handle_report },
	{ OBOL_ACCOUNT_START, obol_handle_account_start },
	{ OBOL_ACCOUNT_CREATE, obol_handle_account_create },
	{ OBOL_ACCOUNT_DELETE, obol_handle_account_delete },
};

static void handle_request(struct obol_server_connection *conn)
{
	const struct obol_request *request =
		obol_server_session_request(conn->session);
	size_t i;

	if (conn->account.kind == OBOL_ACCOUNT_GATEWAY &&
		!obol_gateway_may(obol_server_session_login(conn->session)->kind,
						  request->type))
	{
		obol_handler_refuse(conn, OBOL_REPLY_NOT_ALLOWED,
							"a gateway's account follows revocations, and "
							"does nothing else",
							0);
		return;
	}
	for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
	{
		if (handlers[i].type == request->type)
		{
			handlers[i].handle(conn, request);
			return;
		}
	}
	obol_handler_refuse(conn, OBOL_REPLY_UNSUPPORTED,
						"this server does not know that request", 0);
}

static void dispatch(struct obol_server_connection *conn,
					 enum obol_server_event event)
{
	obol_measure_begin(conn, event);
	switch (event)
	{
		case OBOL_EVENT_LOGIN_START:
			obol_login_begin(conn);
			break;
		case OBOL_EVENT_LOGIN_FINISH:
			obol_login_finish(conn);
			break;
		case OBOL_EVENT_LOGIN_FAILED:
			obol_measure_end(conn, OBOL_REPLY_AUTH);
			/* it is logged and noted once the peer has its 535 and the
			 * connection's end, see end(): both cost more for a name that is
			 * known, and he could tell by the time */
			conn->is_done = true;
			break;
		case OBOL_EVENT_REQUEST:
			handle_request(conn);
			break;
		case OBOL_EVENT_CLOSE:
			conn->is_done = true;
			break;
		case OBOL_EVENT_NONE:
			break;
	}
}

static void run(struct obol_server_connection *conn)
{
	enum obol_server_event event;

	if (conn->is_running)
	{
		return;
	}
	conn->is_running = true;
	while (!conn->op_is_pending && !conn->is_done)
	{
		event = obol_server_session_event(conn->session);
		if (event == OBOL_EVENT_NONE && !conn->is_going_down)
		{
			break;
		}
		if (event == OBOL_EVENT_NONE)
		{
			/* and then its event is CLOSE */
			obol_server_session_shutdown(conn->session);
			continue;
		}
		dispatch(conn, event);
	}
	conn->is_running = false;
}

void obol_server_connection_input(struct obol_server_connection *conn,
								  struct obol_bytes in)
{
	enum obol_status status;

	if (conn->is_done)
	{
		return;
	}
	obol_measure_input(conn);
	status = obol_server_session_input(conn->session, in);
	if (status != OBOL_OK)
	{
		obol_handler_broken(conn, status);
		return;
	}
	run(conn);
}

size_t obol_server_connection_room(const struct obol_server_connection *conn)
{
	size_t most = obol_server_session_is_open(conn->session)
					  ? OBOL_FRAME_HEADER_LEN + OBOL_FRAME_MAX
					  : OBOL_FRAME_HEADER_LEN + OBOL_FRAME_EARLY_MAX;
	size_t held = obol_server_session_buffered(conn->session);

	return conn->is_done || held >= most ? 0 : most - held;
}

size_t obol_server_connection_held(const struct obol_server_connection *conn)
{
	return conn ? obol_server_session_held(conn->session) : 0;
}

struct obol_bytes
obol_server_connection_output(const struct obol_server_connection *conn)
{
	return obol_server_session_output(conn->session);
}

void obol_server_connection_sent(struct obol_server_connection *conn,
								 size_t len)
{
	obol_server_session_sent(conn->session, len);
	/* a frame may have waited for the peer to read */
	run(conn);
}

bool obol_server_connection_is_done(const struct obol_server_connection *conn)
{
	return conn->is_done;
}

bool obol_server_connection_is_open(const struct obol_server_connection *conn)
{
	return obol_server_session_is_open(conn->session);
}

bool obol_server_connection_is_busy(const struct obol_server_connection *conn)
{
	return conn->op_is_pending;
}

void obol_server_connection_shutdown(struct obol_server_connection *conn)
{
	conn->is_going_down = true;
	run(conn);
}
