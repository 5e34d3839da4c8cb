/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server's session: table of states, bytes in and out. */
#include "session/server_internal.h"

#include <stdlib.h>

/** What may be held before the login's challenge, and at all. */
#define HELD_EARLY_MAX (2 * (OBOL_FRAME_HEADER_LEN + OBOL_FRAME_EARLY_MAX))
#define HELD_MAX ((size_t)2 * (OBOL_FRAME_HEADER_LEN + OBOL_FRAME_MAX))

/** What may come in which state and by whom; all else is refused in
 * dispatch(). */
static const struct server_row {
	enum server_state state;
	uint8_t message;
	server_handler handler;
	unsigned flags;
} rows[] = {
	{ SERVER_START, OBOL_INFO, obol_server_session_on_request, ONCE },
	{ SERVER_START, OBOL_ACCOUNT_START, obol_server_session_on_request, 0 },
	{ SERVER_START, OBOL_ACCOUNT_CREATE, obol_server_session_on_request, 0 },
	{ SERVER_START, OBOL_LOGIN_START, obol_server_session_on_login_start, 0 },
	{ SERVER_CHALLENGED, OBOL_LOGIN_FINISH, obol_server_session_on_login_finish,
	  0 },
	{ SERVER_OPEN, OBOL_INFO, obol_server_session_on_request,
	  BY_ANY | BY_ENROLMENT | AFTER_REKEY },
	{ SERVER_OPEN, OBOL_LIST, obol_server_session_on_request, BY_ANY },
	{ SERVER_OPEN, OBOL_GET, obol_server_session_on_request, BY_ANY },
	{ SERVER_OPEN, OBOL_PUT, obol_server_session_on_request,
	  BY_OWNER | BY_DEVICE },
	{ SERVER_OPEN, OBOL_DELETE, obol_server_session_on_request, BY_OWNER },
	{ SERVER_OPEN, OBOL_SLOT_START, obol_server_session_on_request,
	  BY_OWNER | BY_ACTIVATION | BY_DEVICE_TO_MIGRATE | FRESH },
	{ SERVER_OPEN, OBOL_SLOT_FINISH, obol_server_session_on_request,
	  BY_OWNER | BY_DEVICE_TO_MIGRATE | FRESH },
	{ SERVER_OPEN, OBOL_SLOT_DELETE, obol_server_session_on_request,
	  BY_OWNER | FRESH },
	{ SERVER_OPEN, OBOL_SLOT_LIST, obol_server_session_on_request,
	  BY_OWNER | BY_DEVICE },
	{ SERVER_OPEN, OBOL_STAGE, obol_server_session_on_request,
	  BY_OWNER | BY_ACTIVATION | FRESH },
	{ SERVER_OPEN, OBOL_REKEY, obol_server_session_on_request,
	  BY_OWNER | BY_ACTIVATION | FRESH },
	{ SERVER_OPEN, OBOL_ISSUE, obol_server_session_on_request,
	  BY_OWNER | BY_DEVICE },
	{ SERVER_OPEN, OBOL_ANCHORS, obol_server_session_on_request,
	  BY_OWNER | BY_DEVICE },
	{ SERVER_OPEN, OBOL_HISTORY, obol_server_session_on_request,
	  BY_OWNER | BY_DEVICE },
	{ SERVER_OPEN, OBOL_FOLLOW, obol_server_session_on_request, BY_DEVICE },
	{ SERVER_OPEN, OBOL_REPORT, obol_server_session_on_request, BY_DEVICE },
	{ SERVER_OPEN, OBOL_ACCOUNT_START, obol_server_session_on_request,
	  BY_ENROLMENT | FRESH },
	{ SERVER_OPEN, OBOL_ACCOUNT_CREATE, obol_server_session_on_request,
	  BY_ENROLMENT | FRESH },
	{ SERVER_OPEN, OBOL_ACCOUNT_DELETE, obol_server_session_on_request,
	  BY_OWNER | FRESH },
};

static const struct refusal malformed = {
	OBOL_REPLY_SYNTAX, "a malformed frame came in: update the client"
};
static const struct refusal out_of_sequence = {
	OBOL_REPLY_SEQUENCE, "this frame is not allowed now: update the client"
};
static const struct refusal too_far_ahead = {
	OBOL_REPLY_SEQUENCE, "more was sent than may wait: read the answers first"
};
static const struct refusal no_memory = {
	OBOL_REPLY_TEMPORARY, "the server is out of memory: try again later"
};
static const struct refusal going_down = {
	OBOL_REPLY_UNAVAILABLE, "the server is going down: connect again"
};

enum obol_status
obol_server_session_new(const struct obol_server_session_config *config,
						struct obol_server_session **session)
{
	struct obol_server_session *this = calloc(1, sizeof(*this));

	if (!this)
	{
		return OBOL_ERR_NOMEM;
	}
	this->rng = config->rng;
	this->clock = config->clock;
	this->keys = config->keys;
	memcpy(this->exporter, config->exporter, sizeof(this->exporter));
	this->state = SERVER_START;
	this->event = OBOL_EVENT_NONE;
	obol_inbox_init(&this->inbox);
	obol_outbox_init(&this->outbox);
	*session = this;
	return OBOL_OK;
}

void obol_server_session_free(struct obol_server_session *session)
{
	if (!session)
	{
		return;
	}
	obol_opaque_server_free(session->opaque);
	obol_inbox_clear(&session->inbox);
	obol_outbox_clear(&session->outbox);
	free(session->request);
	obol_wipe(session, sizeof(*session));
	free(session);
}

enum obol_status
obol_server_session_put_error(struct obol_server_session *session,
							  const struct obol_error_message *error)
{
	struct obol_writer w;

	obol_writer_init(&w);
	obol_error_encode(&w, error);
	return obol_outbox_put(&session->outbox, &w);
}

void obol_server_session_end(struct obol_server_session *session,
							 struct refusal refusal)
{
	struct obol_error_message error = {
		.reply = (uint16_t)refusal.reply,
		.text = obol_bytes_str(refusal.text),
	};

	/* out of memory the peer sees the connection end, and no more */
	(void)!obol_server_session_put_error(session, &error);
	session->state = SERVER_CLOSED;
	session->event = OBOL_EVENT_CLOSE;
}

static size_t held_max(const struct obol_server_session *session)
{
	return session->state <= SERVER_LOGIN ? HELD_EARLY_MAX : HELD_MAX;
}

enum obol_status obol_server_session_input(struct obol_server_session *session,
										   struct obol_bytes in)
{
	if (session->state == SERVER_CLOSED)
	{
		return OBOL_OK;
	}
	if (in.len > held_max(session) - obol_inbox_len(&session->inbox))
	{
		obol_server_session_end(session, too_far_ahead);
		return OBOL_OK;
	}
	return obol_inbox_put(&session->inbox, in);
}

static const struct server_row *find_row(enum server_state state,
										 uint8_t message)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
	{
		if (rows[i].state == state && rows[i].message == message)
		{
			return &rows[i];
		}
	}
	return NULL;
}

static void dispatch(struct obol_server_session *session,
					 const struct obol_frame *frame)
{
	const struct server_row *row = find_row(session->state, frame->type);

	if (!row || (row->flags & ONCE && session->was_once))
	{
		obol_server_session_end(session, out_of_sequence);
		return;
	}
	if (row->flags & ONCE)
	{
		session->was_once = true;
	}
	row->handler(session, frame, row->flags);
}

/* whoever reads no answers gets no further requests read */
static bool may_take(const struct obol_server_session *session)
{
	return session->event == OBOL_EVENT_NONE &&
		   session->state != SERVER_CLOSED &&
		   obol_outbox_view(&session->outbox).len <= OBOL_FRAME_EARLY_MAX;
}

static void take_frames(struct obol_server_session *session)
{
	struct obol_frame frame;
	enum obol_status status;
	size_t max;

	while (may_take(session))
	{
		max = session->state == SERVER_OPEN ? OBOL_FRAME_MAX
											: OBOL_FRAME_EARLY_MAX;
		status = obol_inbox_take(&session->inbox, max, &frame);
		if (status == OBOL_ERR_NOT_FOUND)
		{
			/* the request before is over: it may have been a large one */
			obol_inbox_drop(&session->inbox);
			return;
		}
		if (status != OBOL_OK)
		{
			obol_server_session_end(
				session, status == OBOL_ERR_FORMAT ? malformed : no_memory);
			return;
		}
		dispatch(session, &frame);
	}
}

enum obol_server_event
obol_server_session_event(struct obol_server_session *session)
{
	enum obol_server_event event;

	take_frames(session);
	event = session->event;
	if (event == OBOL_EVENT_LOGIN_FAILED)
	{
		session->event = OBOL_EVENT_CLOSE;
	}
	return event;
}

size_t obol_server_session_buffered(const struct obol_server_session *session)
{
	return obol_inbox_len(&session->inbox);
}

size_t obol_server_session_held(const struct obol_server_session *session)
{
	return obol_inbox_held(&session->inbox) +
		   obol_outbox_view(&session->outbox).len;
}

struct obol_bytes
obol_server_session_output(const struct obol_server_session *session)
{
	return obol_outbox_view(&session->outbox);
}

void obol_server_session_sent(struct obol_server_session *session, size_t len)
{
	obol_outbox_sent(&session->outbox, len);
}

void obol_server_session_shutdown(struct obol_server_session *session)
{
	if (session->state != SERVER_CLOSED)
	{
		obol_server_session_end(session, going_down);
	}
}

bool obol_server_session_is_open(const struct obol_server_session *session)
{
	return session->state == SERVER_OPEN;
}
