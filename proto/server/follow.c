/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Follow and Report, of VPN gateways; and what else a gateway may ask. */
#include "server/handler.h"
#include "store/store_gateway.h"

#include <stdlib.h>

bool obol_gateway_may(uint8_t kind, enum obol_frame_type type)
{
	switch (type)
	{
		case OBOL_INFO:
			return true;
		case OBOL_FOLLOW:
		case OBOL_REPORT:
			return kind == OBOL_SLOT_DEVICE;
		/* to be set up by its code; to register its slot anew when it must */
		case OBOL_LIST:
		case OBOL_GET:
		case OBOL_STAGE:
		case OBOL_REKEY:
			return kind == OBOL_SLOT_ACTIVATION;
		case OBOL_SLOT_START:
			return kind == OBOL_SLOT_ACTIVATION || kind == OBOL_SLOT_DEVICE;
		case OBOL_SLOT_FINISH:
			return kind == OBOL_SLOT_DEVICE;
		default:
			return false;
	}
}

static void followed(struct obol_server_connection *conn,
					 enum obol_status status)
{
	struct obol_answer *answer;

	if (status != OBOL_OK)
	{
		obol_handler_not_ok(conn, 0, status, 0);
		return;
	}
	answer = obol_handler_argument(conn, sizeof(*answer));
	if (answer)
	{
		answer->type = OBOL_FOLLOW_ANSWER;
		answer->follow = conn->op.arg.follow->out;
		obol_handler_answer(conn, answer);
		free(answer);
	}
}

void obol_handle_follow(struct obol_server_connection *conn,
						const struct obol_request *request)
{
	struct obol_store_follow *arg = obol_handler_argument(conn, sizeof(*arg));

	if (arg)
	{
		arg->in.request = obol_handler_request(conn);
		arg->in.follow = request->follow;
		obol_handler_submit(conn, OBOL_STORE_FOLLOW, arg, followed);
	}
}

static void reported(struct obol_server_connection *conn,
					 enum obol_status status)
{
	struct obol_answer answer = { .type = OBOL_REPORT_ANSWER };

	if (status != OBOL_OK)
	{
		obol_handler_not_ok(conn, 0, status, 0);
		return;
	}
	obol_handler_answer(conn, &answer);
}

void obol_handle_report(struct obol_server_connection *conn,
						const struct obol_request *request)
{
	struct obol_store_report *arg = obol_handler_argument(conn, sizeof(*arg));

	if (arg)
	{
		arg->in.request = obol_handler_request(conn);
		arg->in.report = &request->report;
		obol_handler_submit(conn, OBOL_STORE_REPORT, arg, reported);
	}
}
