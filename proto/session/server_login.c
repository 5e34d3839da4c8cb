/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server's session: the login. */
#include "session/server_internal.h"

static const struct refusal malformed = {
	OBOL_REPLY_SYNTAX, "a malformed frame came in: update the client"
};
static const struct refusal unsupported = {
	OBOL_REPLY_UNSUPPORTED,
	"suite, mechanism or kind of slot is not known here: update client or "
	"server"
};
/* alike for all that may be wrong, and for unknown names */
static const struct refusal wrong = {
	OBOL_REPLY_AUTH, "the name, the password or code, or the device is wrong"
};
static const struct refusal no_answer = {
	OBOL_REPLY_TEMPORARY, "the server cannot answer now: try again later"
};

static bool is_supported(const struct obol_login_start *login)
{
	return login->suite == OBOL_SUITE_1 &&
		   login->mechanism == OBOL_MECHANISM_OPAQUE &&
		   login->kind >= OBOL_SLOT_PASSWORD &&
		   login->kind <= OBOL_SLOT_ENROLMENT;
}

void obol_server_session_on_login_start(struct obol_server_session *session,
										const struct obol_frame *frame,
										unsigned flags)
{
	struct obol_login_start login;

	(void)flags;
	if (obol_login_start_decode(frame->body, &login) != OBOL_OK)
	{
		obol_server_session_end(session, malformed);
		return;
	}
	if (!is_supported(&login))
	{
		obol_server_session_end(session, unsupported);
		return;
	}
	/* the frame's memory goes with the next frame */
	memcpy(session->name, login.name.ptr, login.name.len);
	memcpy(session->ke1, login.ke1.ptr, login.ke1.len);
	login.name.ptr = session->name;
	login.ke1.ptr = session->ke1;
	session->login = login;
	session->has_login = true;
	/* of another name */
	session->n_begun = 0;
	session->begun_name_len = 0;
	session->state = SERVER_LOGIN;
	session->event = OBOL_EVENT_LOGIN_START;
}

const struct obol_login_start *
obol_server_session_login(const struct obol_server_session *session)
{
	return session->has_login ? &session->login : NULL;
}

/* RFC 9807, 6.2.2, with the channel in the context */
static enum obol_status
generate_ke2(struct obol_server_session *session,
			 const struct obol_server_challenge *challenge, uint8_t *ke2)
{
	struct obol_login_context parts = {
		.suite = session->login.suite,
		.mechanism = session->login.mechanism,
		.kind = session->login.kind,
		.ksf = challenge->ksf,
		.key_number = challenge->key_number,
	};
	uint8_t context[OBOL_LOGIN_CONTEXT_LEN];
	struct obol_opaque_server_input in = {
		.keys = session->keys,
		.key_number = challenge->key_number,
		.credential_identifier = challenge->credential_identifier,
		.record = challenge->record,
		.ids = { .client = session->login.name },
		.context = obol_bytes(context, sizeof(context)),
	};

	memcpy(parts.exporter, session->exporter, sizeof(parts.exporter));
	obol_login_context(&parts, context);
	return obol_opaque_generate_ke2(session->rng, &in, session->login.ke1, ke2,
									&session->opaque);
}

enum obol_status
obol_server_session_challenge(struct obol_server_session *session,
							  const struct obol_server_challenge *challenge)
{
	struct obol_login_challenge message = {
		.ksf = challenge->ksf,
		.key_number = challenge->key_number,
	};
	uint8_t ke2[OBOL_OPAQUE_KE2_LEN];
	struct obol_writer w;
	enum obol_status status;

	if (session->state != SERVER_LOGIN)
	{
		return OBOL_ERR_ARG;
	}
	status = generate_ke2(session, challenge, ke2);
	if (status == OBOL_ERR_FORMAT)
	{
		obol_server_session_end(session, malformed);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	message.ke2 = obol_bytes(ke2, sizeof(ke2));
	obol_writer_init(&w);
	obol_login_challenge_encode(&w, &message);
	status = obol_outbox_put(&session->outbox, &w);
	if (status != OBOL_OK)
	{
		return status;
	}
	session->state = SERVER_CHALLENGED;
	session->event = OBOL_EVENT_NONE;
	return OBOL_OK;
}

/* the same for every name: it says nothing about the account */
void obol_server_session_unanswered(struct obol_server_session *session,
									enum obol_status status)
{
	if (session->state != SERVER_LOGIN)
	{
		return;
	}
	if (status == OBOL_ERR_DENIED)
	{
		obol_server_session_later(session, OBOL_CEILING_WAIT_S);
		return;
	}
	obol_server_session_end(session, no_answer);
}

void obol_server_session_later(struct obol_server_session *session,
							   uint32_t seconds)
{
	struct obol_writer w;

	if (session->state != SERVER_LOGIN)
	{
		return;
	}
	obol_writer_init(&w);
	obol_later_encode(&w, seconds ? seconds : 1);
	/* out of memory the peer sees the connection end, and no more */
	(void)!obol_outbox_put(&session->outbox, &w);
	session->state = SERVER_CLOSED;
	session->event = OBOL_EVENT_CLOSE;
}

void obol_server_session_on_login_finish(struct obol_server_session *session,
										 const struct obol_frame *frame,
										 unsigned flags)
{
	struct obol_bytes ke3;
	enum obol_status status;

	(void)flags;
	if (obol_login_finish_decode(frame->body, &ke3) != OBOL_OK)
	{
		obol_server_session_end(session, malformed);
		return;
	}
	/* the channel is TLS: the session_key is not even asked for */
	status = obol_opaque_server_finish(session->opaque, ke3, NULL);
	obol_opaque_server_free(session->opaque);
	session->opaque = NULL;
	if (status == OBOL_ERR_AUTH)
	{
		obol_server_session_end(session, wrong);
		session->event = OBOL_EVENT_LOGIN_FAILED;
		return;
	}
	if (status != OBOL_OK)
	{
		obol_server_session_end(session, no_answer);
		return;
	}
	session->login_mono_ms = obol_mono_ms(session->clock);
	session->state = SERVER_FINISH;
	session->event = OBOL_EVENT_LOGIN_FINISH;
}

enum obol_status obol_server_session_accept(struct obol_server_session *session,
											const struct obol_login_done *done)
{
	struct obol_writer w;
	enum obol_status status;

	if (session->state != SERVER_FINISH)
	{
		return OBOL_ERR_ARG;
	}
	obol_writer_init(&w);
	obol_login_done_encode(&w, done);
	status = obol_outbox_put(&session->outbox, &w);
	if (status != OBOL_OK)
	{
		obol_server_session_end(session, no_answer);
		return status;
	}
	session->migrate = done->migrate;
	session->state = SERVER_OPEN;
	session->event = OBOL_EVENT_NONE;
	return OBOL_OK;
}
