/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client's session: requests and what comes back. */
#include "session/client_internal.h"

#include <stdlib.h>

static void keep_name(struct client_asked *asked, struct obol_bytes name)
{
	if (name.len)
	{
		memcpy(asked->name, name.ptr, name.len);
	}
	asked->name_len = name.len;
}

/* what was encoded is within its bounds */
static void keep_asked(struct obol_client_session *session,
					   const struct obol_request *request)
{
	struct client_asked *asked = &session->asked;

	memset(asked, 0, sizeof(*asked));
	asked->type = (uint8_t)request->type;
	switch (request->type)
	{
		case OBOL_GET:
			keep_name(asked, request->get.name);
			asked->version = request->get.held_version;
			break;
		case OBOL_PUT:
			asked->version = request->put.base_version;
			break;
		case OBOL_DELETE:
			asked->version = request->delete_.base_version;
			break;
		case OBOL_REKEY:
			asked->generation = request->rekey.generation;
			break;
		case OBOL_ACCOUNT_START:
			asked->n_slots = request->account_start.n_slots;
			break;
		default:
			break;
	}
}

static bool may_ask(const struct obol_client_session *session,
					const struct obol_request *request)
{
	return session->step == STEP_VERIFIED || session->step == STEP_READY ||
		   (session->step == STEP_START &&
			(request->type == OBOL_INFO ||
			 request->type == OBOL_ACCOUNT_START ||
			 request->type == OBOL_ACCOUNT_CREATE));
}

enum obol_status
obol_client_session_request(struct obol_client_session *session,
							const struct obol_request *request)
{
	struct obol_writer w;
	enum obol_status status;

	if (!may_ask(session, request))
	{
		return OBOL_ERR_ARG;
	}
	obol_writer_init(&w);
	if (session->step == STEP_VERIFIED)
	{
		obol_login_finish_encode(
			&w, obol_bytes(session->ke3, sizeof(session->ke3)));
	}
	obol_request_encode(&w, request);
	status = obol_outbox_put(&session->outbox, &w);
	if (status != OBOL_OK)
	{
		return status;
	}
	keep_asked(session, request);
	session->has_answer = false;
	session->failure = OBOL_FAILURE_NONE;
	switch (session->step)
	{
		case STEP_START:
			session->step = STEP_INFO;
			break;
		case STEP_VERIFIED:
			session->step = STEP_FINISH;
			break;
		default:
			session->step = STEP_BUSY;
			break;
	}
	return OBOL_OK;
}

static bool get_fits(const struct client_asked *asked,
					 const struct obol_get_answer *get)
{
	if (asked->name_len == 0)
	{
		return !get->unchanged;
	}
	if (get->unchanged)
	{
		return asked->version > 0;
	}
	return get->n_items == 1 && !get->more &&
		   obol_bytes_eq(get->items[0].name,
						 obol_bytes(asked->name, asked->name_len));
}

/* an answer to this request, and not merely one of its type */
static bool answer_fits(const struct client_asked *asked,
						const struct obol_answer *answer)
{
	switch (answer->type)
	{
		case OBOL_GET_ANSWER:
			return get_fits(asked, &answer->get);
		case OBOL_PUT_ANSWER:
			return answer->put.version == asked->version + 1;
		case OBOL_DELETE_ANSWER:
			return answer->deleted_version > asked->version;
		case OBOL_REKEY_ANSWER:
			return answer->generation == asked->generation;
		case OBOL_ACCOUNT_START_ANSWER:
			return answer->account_start.n_slots == asked->n_slots;
		default:
			return true;
	}
}

enum obol_status
obol_client_session_on_answer(struct obol_client_session *session,
							  const struct obol_frame *frame)
{
	if (!session->answer)
	{
		session->answer = malloc(sizeof(*session->answer));
	}
	if (!session->answer)
	{
		return obol_client_session_fail(session, OBOL_FAILURE_INTERNAL,
										OBOL_ERR_NOMEM);
	}
	if (obol_answer_decode(frame->type, frame->body, session->answer) !=
			OBOL_OK ||
		!answer_fits(&session->asked, session->answer))
	{
		return obol_client_session_fail(session, OBOL_FAILURE_PROTOCOL,
										OBOL_ERR_FORMAT);
	}
	session->has_answer = true;
	session->step = session->step == STEP_INFO ? STEP_START : STEP_READY;
	return OBOL_OK;
}

/* an error that ends the session */
enum obol_status
obol_client_session_on_error(struct obol_client_session *session,
							 const struct obol_frame *frame)
{
	if (obol_client_session_keep_error(session, frame) != OBOL_OK)
	{
		return obol_client_session_fail(session, OBOL_FAILURE_PROTOCOL,
										OBOL_ERR_FORMAT);
	}
	return obol_client_session_fail(session, OBOL_FAILURE_REPLY,
									session->error.reply == OBOL_REPLY_AUTH
										? OBOL_ERR_AUTH
										: OBOL_ERR_DENIED);
}

/* the server closes after these */
static bool ends_session(uint16_t reply)
{
	return reply == OBOL_REPLY_UNAVAILABLE || reply == OBOL_REPLY_SYNTAX ||
		   reply == OBOL_REPLY_SEQUENCE;
}

enum obol_status
obol_client_session_on_refusal(struct obol_client_session *session,
							   const struct obol_frame *frame)
{
	if (obol_client_session_keep_error(session, frame) != OBOL_OK)
	{
		return obol_client_session_fail(session, OBOL_FAILURE_PROTOCOL,
										OBOL_ERR_FORMAT);
	}
	if (ends_session(session->error.reply))
	{
		return obol_client_session_fail(session, OBOL_FAILURE_REPLY,
										OBOL_ERR_DENIED);
	}
	session->failure = OBOL_FAILURE_REPLY;
	session->step = STEP_READY;
	return OBOL_OK;
}
