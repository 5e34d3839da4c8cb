/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server's session: requests and their answers. */
#include "session/server_internal.h"

#include <stdlib.h>

static const struct refusal malformed = {
	OBOL_REPLY_SYNTAX, "a malformed request came in: update the client"
};
static const struct refusal no_memory = {
	OBOL_REPLY_TEMPORARY, "the server is out of memory: try again later"
};
static const struct refusal too_many = {
	OBOL_REPLY_UNAVAILABLE,
	"this connection has had its share of requests: connect again"
};

static void refuse(struct obol_server_session *session, struct refusal why)
{
	struct obol_error_message error = {
		.reply = (uint16_t)why.reply,
		.text = obol_bytes_str(why.text),
	};

	if (obol_server_session_put_error(session, &error) != OBOL_OK)
	{
		obol_server_session_end(session, no_memory);
	}
}

static enum obol_status decode(struct obol_server_session *session,
							   const struct obol_frame *frame)
{
	if (!session->request)
	{
		session->request = malloc(sizeof(*session->request));
	}
	if (!session->request)
	{
		return OBOL_ERR_NOMEM;
	}
	return obol_request_decode(frame->type, frame->body, session->request);
}

void obol_server_session_on_request(struct obol_server_session *session,
									const struct obol_frame *frame,
									unsigned flags)
{
	struct refusal why;
	enum obol_status status;

	if (session->n_requests >= OBOL_REQUESTS_MAX)
	{
		obol_server_session_end(session, too_many);
		return;
	}
	session->n_requests++;
	status = decode(session, frame);
	if (status != OBOL_OK)
	{
		obol_server_session_end(session, status == OBOL_ERR_NOMEM ? no_memory
																  : malformed);
		return;
	}
	status = obol_server_session_permit(session, flags, &why);
	if (status == OBOL_ERR_DENIED)
	{
		refuse(session, why);
		return;
	}
	if (status != OBOL_OK)
	{
		obol_server_session_end(session, why);
		return;
	}
	session->event = OBOL_EVENT_REQUEST;
}

enum obol_status
obol_server_session_next_get(const struct obol_server_session *session,
							 struct obol_get_request *get)
{
	struct obol_request *request;
	struct obol_frame frame;
	enum obol_status status;

	if (session->state != SERVER_FINISH ||
		session->login.kind == OBOL_SLOT_ENROLMENT ||
		obol_inbox_peek(&session->inbox, OBOL_FRAME_MAX, &frame) != OBOL_OK ||
		frame.type != OBOL_GET)
	{
		return OBOL_ERR_NOT_FOUND;
	}
	request = malloc(sizeof(*request));
	if (!request)
	{
		return OBOL_ERR_NOMEM;
	}
	status = obol_request_decode(frame.type, frame.body, request);
	if (status == OBOL_OK)
	{
		*get = request->get;
	}
	free(request);
	return status == OBOL_OK ? OBOL_OK : OBOL_ERR_NOT_FOUND;
}

const struct obol_request *
obol_server_session_request(const struct obol_server_session *session)
{
	return session->event == OBOL_EVENT_REQUEST ? session->request : NULL;
}

enum obol_status obol_server_session_answer(struct obol_server_session *session,
											const struct obol_answer *answer)
{
	struct obol_writer w;
	enum obol_status status;

	if (session->event != OBOL_EVENT_REQUEST ||
		(unsigned)answer->type != session->request->type + 1u)
	{
		return OBOL_ERR_ARG;
	}
	obol_writer_init(&w);
	obol_answer_encode(&w, answer);
	status = obol_outbox_put(&session->outbox, &w);
	if (status != OBOL_OK)
	{
		return status;
	}
	obol_server_session_note_answer(session, answer);
	session->event = OBOL_EVENT_NONE;
	return OBOL_OK;
}

enum obol_status
obol_server_session_refuse(struct obol_server_session *session,
						   enum obol_reply reply,
						   const struct obol_error_message *error)
{
	struct obol_error_message message = { .reply = 0 };
	enum obol_status status;

	if (session->event != OBOL_EVENT_REQUEST &&
		session->event != OBOL_EVENT_LOGIN_START &&
		session->event != OBOL_EVENT_LOGIN_FINISH)
	{
		return OBOL_ERR_ARG;
	}
	if (error)
	{
		message = *error;
	}
	message.reply = (uint16_t)reply;
	status = obol_server_session_put_error(session, &message);
	if (session->event != OBOL_EVENT_REQUEST || status != OBOL_OK)
	{
		session->state = SERVER_CLOSED;
		session->event = OBOL_EVENT_CLOSE;
		return status;
	}
	session->event = OBOL_EVENT_NONE;
	return OBOL_OK;
}
