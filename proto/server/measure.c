/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the server counts of logins and requests, and how long they take. */
#include "server/handler.h"

static const struct {
	enum obol_frame_type type;
	enum obol_metric_request request;
} requests[] = {
	{ OBOL_INFO, OBOL_REQUEST_INFO },
	{ OBOL_LIST, OBOL_REQUEST_LIST },
	{ OBOL_GET, OBOL_REQUEST_GET },
	{ OBOL_PUT, OBOL_REQUEST_PUT },
	{ OBOL_DELETE, OBOL_REQUEST_DELETE },
	{ OBOL_SLOT_START, OBOL_REQUEST_SLOT_START },
	{ OBOL_SLOT_FINISH, OBOL_REQUEST_SLOT_FINISH },
	{ OBOL_SLOT_DELETE, OBOL_REQUEST_SLOT_DELETE },
	{ OBOL_SLOT_LIST, OBOL_REQUEST_SLOT_LIST },
	{ OBOL_STAGE, OBOL_REQUEST_STAGE },
	{ OBOL_REKEY, OBOL_REQUEST_REKEY },
	{ OBOL_ISSUE, OBOL_REQUEST_ISSUE },
	{ OBOL_ANCHORS, OBOL_REQUEST_ANCHORS },
	{ OBOL_ACCOUNT_START, OBOL_REQUEST_ACCOUNT_START },
	{ OBOL_ACCOUNT_CREATE, OBOL_REQUEST_ACCOUNT_CREATE },
	{ OBOL_ACCOUNT_DELETE, OBOL_REQUEST_ACCOUNT_DELETE },
	{ OBOL_HISTORY, OBOL_REQUEST_HISTORY },
	{ OBOL_FOLLOW, OBOL_REQUEST_FOLLOW },
	{ OBOL_REPORT, OBOL_REQUEST_REPORT },
};

static enum obol_metric_request request_of(enum obol_frame_type type)
{
	size_t i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
	{
		if (requests[i].type == type)
		{
			return requests[i].request;
		}
	}
	return OBOL_REQUEST_OTHER;
}

static enum obol_metric_result result_of(enum obol_reply reply)
{
	switch (reply)
	{
		case OBOL_REPLY_OK:
			return OBOL_RESULT_OK;
		case OBOL_REPLY_NOT_FOUND:
			return OBOL_RESULT_NOT_FOUND;
		case OBOL_REPLY_STALE:
			return OBOL_RESULT_STALE;
		case OBOL_REPLY_TEMPORARY:
		case OBOL_REPLY_UNAVAILABLE:
			return OBOL_RESULT_ERROR;
		default:
			return OBOL_RESULT_DENIED;
	}
}

void obol_measure_input(struct obol_server_connection *conn)
{
	conn->arrived_us = obol_meter_us(conn->server->options.meter);
}

void obol_measure_begin(struct obol_server_connection *conn,
						enum obol_server_event event)
{
	switch (event)
	{
		case OBOL_EVENT_LOGIN_START:
			conn->measured = OBOL_REQUEST_LOGIN_START;
			break;
		case OBOL_EVENT_LOGIN_FINISH:
		case OBOL_EVENT_LOGIN_FAILED:
			conn->measured = OBOL_REQUEST_LOGIN_FINISH;
			break;
		case OBOL_EVENT_REQUEST:
			conn->measured =
				request_of(obol_server_session_request(conn->session)->type);
			break;
		default:
			return;
	}
	conn->is_measured = true;
}

void obol_measure_end(struct obol_server_connection *conn,
					  enum obol_reply reply)
{
	if (conn->is_measured)
	{
		conn->is_measured = false;
		obol_meter_since(conn->server->options.meter, OBOL_METRIC_REQUESTS,
						 conn->measured, result_of(reply), conn->arrived_us);
		/* one that came with it has waited, and begins now */
		obol_measure_input(conn);
	}
}

void obol_measure_login(struct obol_server_connection *conn,
						enum obol_metric_login login)
{
	obol_meter_add(conn->server->options.meter, OBOL_METRIC_LOGINS,
				   (unsigned)obol_server_session_login(conn->session)->kind - 1,
				   login, 1);
}

void obol_measure_later(struct obol_server_connection *conn,
						enum obol_metric_limit limit)
{
	obol_measure_login(conn, OBOL_LOGIN_LATER);
	obol_meter_add(conn->server->options.meter, OBOL_METRIC_LATER, limit, 0, 1);
	obol_measure_end(conn, OBOL_REPLY_BUSY);
}
