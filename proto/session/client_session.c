/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client's session: table of states, bytes in and out. */
#include "session/client_internal.h"

#include <stdlib.h>

/** the answer to what was asked */
#define ANSWERS 1

/** What may come in which state; all else is refused in dispatch(). */
static const struct client_row {
	enum client_step step;
	/** 0 with ANSWERS */
	uint8_t message;
	client_handler handler;
	unsigned flags;
} rows[] = {
	{ STEP_START, OBOL_ERROR, obol_client_session_on_error, 0 },
	{ STEP_INFO, 0, obol_client_session_on_answer, ANSWERS },
	{ STEP_INFO, OBOL_ERROR, obol_client_session_on_error, 0 },
	{ STEP_CHALLENGE, OBOL_LOGIN_CHALLENGE, obol_client_session_on_challenge,
	  0 },
	{ STEP_CHALLENGE, OBOL_LATER, obol_client_session_on_later, 0 },
	{ STEP_CHALLENGE, OBOL_ERROR, obol_client_session_on_error, 0 },
	{ STEP_VERIFIED, OBOL_ERROR, obol_client_session_on_error, 0 },
	{ STEP_FINISH, OBOL_LOGIN_DONE, obol_client_session_on_login_done, 0 },
	{ STEP_FINISH, OBOL_ERROR, obol_client_session_on_error, 0 },
	{ STEP_READY, OBOL_ERROR, obol_client_session_on_error, 0 },
	{ STEP_BUSY, 0, obol_client_session_on_answer, ANSWERS },
	{ STEP_BUSY, OBOL_ERROR, obol_client_session_on_refusal, 0 },
};

enum obol_status
obol_client_session_new(const struct obol_client_session_config *config,
						struct obol_client_session **session)
{
	struct obol_client_session *this = calloc(1, sizeof(*this));

	if (!this)
	{
		return OBOL_ERR_NOMEM;
	}
	this->rng = config->rng;
	memcpy(this->exporter, config->exporter, sizeof(this->exporter));
	this->step = STEP_START;
	obol_inbox_init(&this->inbox);
	obol_outbox_init(&this->outbox);
	*session = this;
	return OBOL_OK;
}

/* what nobody needs any more once the login is over, well or badly */
static void wipe_login(struct obol_client_session *session)
{
	obol_opaque_client_free(session->opaque);
	session->opaque = NULL;
	obol_secret_free(session->export_key);
	session->export_key = NULL;
	obol_wipe(session->ke3, sizeof(session->ke3));
}

void obol_client_session_free(struct obol_client_session *session)
{
	if (!session)
	{
		return;
	}
	wipe_login(session);
	obol_account_key_clear(&session->account_key);
	obol_inbox_clear(&session->inbox);
	obol_outbox_clear(&session->outbox);
	free(session->answer);
	obol_wipe(session, sizeof(*session));
	free(session);
}

enum obol_status obol_client_session_fail(struct obol_client_session *session,
										  enum obol_session_failure failure,
										  enum obol_status status)
{
	session->step = STEP_FAILED;
	session->failure = failure;
	session->status = status;
	session->has_answer = false;
	wipe_login(session);
	obol_outbox_clear(&session->outbox);
	return status;
}

enum obol_status
obol_client_session_keep_error(struct obol_client_session *session,
							   const struct obol_frame *frame)
{
	struct obol_error_message error;
	enum obol_status status = obol_error_decode(frame->body, &error);

	if (status != OBOL_OK)
	{
		return status;
	}
	session->error = error;
	if (error.text.len)
	{
		memcpy(session->error_text, error.text.ptr, error.text.len);
	}
	session->error.text = obol_bytes(session->error_text, error.text.len);
	return OBOL_OK;
}

static enum obol_status dispatch(struct obol_client_session *session,
								 const struct obol_frame *frame)
{
	unsigned answer = session->asked.type + 1u;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
	{
		unsigned message =
			rows[i].flags & ANSWERS ? answer : (unsigned)rows[i].message;

		if (rows[i].step == session->step && message == frame->type)
		{
			return rows[i].handler(session, frame);
		}
	}
	return obol_client_session_fail(session, OBOL_FAILURE_PROTOCOL,
									OBOL_ERR_FORMAT);
}

/* large frames only from a server that has shown that it knows the account */
static size_t frame_max(const struct obol_client_session *session)
{
	return session->is_done ? OBOL_FRAME_MAX : OBOL_FRAME_EARLY_MAX;
}

enum obol_status obol_client_session_input(struct obol_client_session *session,
										   struct obol_bytes in)
{
	struct obol_frame frame;
	enum obol_status status;

	if (session->step == STEP_FAILED)
	{
		return session->status;
	}
	status = obol_inbox_put(&session->inbox, in);
	if (status != OBOL_OK)
	{
		return obol_client_session_fail(session, OBOL_FAILURE_INTERNAL, status);
	}
	for (;;)
	{
		status = obol_inbox_take(&session->inbox, frame_max(session), &frame);
		if (status == OBOL_ERR_NOT_FOUND)
		{
			return OBOL_OK;
		}
		if (status != OBOL_OK)
		{
			return obol_client_session_fail(session,
											status == OBOL_ERR_FORMAT
												? OBOL_FAILURE_PROTOCOL
												: OBOL_FAILURE_INTERNAL,
											status);
		}
		status = dispatch(session, &frame);
		if (status != OBOL_OK)
		{
			return status;
		}
	}
}

struct obol_bytes
obol_client_session_output(const struct obol_client_session *session)
{
	return obol_outbox_view(&session->outbox);
}

void obol_client_session_sent(struct obol_client_session *session, size_t len)
{
	obol_outbox_sent(&session->outbox, len);
}

enum obol_client_state
obol_client_session_state(const struct obol_client_session *session)
{
	switch (session->step)
	{
		case STEP_START:
			return OBOL_CLIENT_START;
		case STEP_CHALLENGE:
			return OBOL_CLIENT_CHALLENGE;
		case STEP_VERIFIED:
		case STEP_READY:
			return OBOL_CLIENT_READY;
		case STEP_INFO:
		case STEP_FINISH:
		case STEP_BUSY:
			return OBOL_CLIENT_BUSY;
		case STEP_FAILED:
			break;
	}
	return OBOL_CLIENT_FAILED;
}

const struct obol_answer *
obol_client_session_answer(const struct obol_client_session *session)
{
	return session->has_answer ? session->answer : NULL;
}

enum obol_session_failure
obol_client_session_failure(const struct obol_client_session *session)
{
	return session->failure;
}

const struct obol_error_message *
obol_client_session_error(const struct obol_client_session *session)
{
	return &session->error;
}

const struct obol_login_done *
obol_client_session_login_done(const struct obol_client_session *session)
{
	return session->is_done ? &session->done : NULL;
}

const struct obol_account_key *
obol_client_session_account_key(const struct obol_client_session *session)
{
	return session->account_key.key ? &session->account_key : NULL;
}

struct obol_bytes
obol_client_session_server_key(const struct obol_client_session *session)
{
	return obol_bytes(session->server_public_key,
					  session->is_verified ? OBOL_OPAQUE_NPK : 0);
}
