/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client's session: the login. */
#include "session/client_internal.h"

/* keeps what KE3 needs later */
static void keep_login(struct obol_client_session *session,
					   const struct obol_client_login *login)
{
	session->kind = login->kind;
	memcpy(session->name, login->name.ptr, login->name.len);
	session->name_len = login->name.len;
	session->is_pinned = login->pinned_public_key.len != 0;
	if (session->is_pinned)
	{
		memcpy(session->pinned_public_key, login->pinned_public_key.ptr,
			   OBOL_OPAQUE_NPK);
	}
}

static bool login_is_sound(const struct obol_client_login *login)
{
	return login->kind >= OBOL_SLOT_PASSWORD &&
		   login->kind <= OBOL_SLOT_ENROLMENT &&
		   (login->pinned_public_key.len == 0 ||
			login->pinned_public_key.len == OBOL_OPAQUE_NPK);
}

static enum obol_status put_login_start(struct obol_client_session *session,
										const struct obol_client_login *login,
										const uint8_t *ke1)
{
	struct obol_login_start start = {
		.suite = OBOL_SUITE_1,
		.mechanism = OBOL_MECHANISM_OPAQUE,
		.kind = (uint8_t)login->kind,
		.name = login->name,
		.ke1 = obol_bytes(ke1, OBOL_OPAQUE_KE1_LEN),
	};
	struct obol_writer w;

	memcpy(start.device_id, login->device_id, sizeof(start.device_id));
	obol_writer_init(&w);
	obol_login_start_encode(&w, &start);
	return obol_outbox_put(&session->outbox, &w);
}

enum obol_status
obol_client_session_login(struct obol_client_session *session,
						  const struct obol_client_login *login)
{
	struct obol_opaque_client *opaque = NULL;
	struct obol_secret *input = NULL;
	uint8_t ke1[OBOL_OPAQUE_KE1_LEN];
	enum obol_status status = OBOL_ERR_ARG;

	if (session->step != STEP_START || !login_is_sound(login))
	{
		return status;
	}
	status = obol_login_oprf_input(login->name, login->secret, &input);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = obol_opaque_generate_ke1(session->rng, input, ke1, &opaque);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = put_login_start(session, login, ke1);
	if (status != OBOL_OK)
	{
		goto out;
	}
	keep_login(session, login);
	session->opaque = opaque;
	opaque = NULL; /* moved to the session */
	session->has_answer = false;
	session->failure = OBOL_FAILURE_NONE;
	session->step = STEP_CHALLENGE;
out:
	obol_opaque_client_free(opaque);
	obol_secret_free(input);
	return status;
}

/* a server must not choose how strongly the client's password is stretched */
static enum obol_status check_ksf(enum obol_slot_kind kind,
								  const struct obol_ksf_params *params)
{
	if (kind == OBOL_SLOT_PASSWORD)
	{
		return obol_ksf_accept(params);
	}
	return obol_ksf_params_eq(params, &obol_ksf_identity) ? OBOL_OK
														  : OBOL_ERR_DENIED;
}

/* RFC 9807, 6.2.3, with the channel in the context */
static enum obol_status
generate_ke3(struct obol_client_session *session,
			 const struct obol_login_challenge *challenge,
			 const struct obol_ksf *ksf, struct obol_opaque_client_output *out)
{
	struct obol_opaque_identities ids = {
		.client = obol_bytes(session->name, session->name_len),
	};
	struct obol_login_context in = {
		.suite = OBOL_SUITE_1,
		.mechanism = OBOL_MECHANISM_OPAQUE,
		.kind = (uint8_t)session->kind,
		.ksf = challenge->ksf,
		.key_number = challenge->key_number,
	};
	uint8_t context[OBOL_LOGIN_CONTEXT_LEN];

	memcpy(in.exporter, session->exporter, sizeof(in.exporter));
	obol_login_context(&in, context);
	return obol_opaque_generate_ke3(session->opaque, challenge->ke2, &ids,
									obol_bytes(context, sizeof(context)), ksf,
									out);
}

/* one action for all that KE2 can be wrong in: a peer that could tell them
 * apart, or had only some of them counted, could test guesses */
static enum obol_status fail_ke2(struct obol_client_session *session,
								 enum obol_status status)
{
	if (status == OBOL_ERR_AUTH || status == OBOL_ERR_FORMAT)
	{
		return obol_client_session_fail(session, OBOL_FAILURE_KE2,
										OBOL_ERR_AUTH);
	}
	return obol_client_session_fail(session, OBOL_FAILURE_INTERNAL, status);
}

enum obol_status
obol_client_session_on_challenge(struct obol_client_session *session,
								 const struct obol_frame *frame)
{
	struct obol_login_challenge challenge;
	struct obol_opaque_client_output out = { 0 };
	struct obol_ksf ksf;
	enum obol_status status;

	if (obol_login_challenge_decode(frame->body, &challenge) != OBOL_OK)
	{
		return obol_client_session_fail(session, OBOL_FAILURE_PROTOCOL,
										OBOL_ERR_FORMAT);
	}
	status = check_ksf(session->kind, &challenge.ksf);
	if (status == OBOL_OK)
	{
		status = obol_ksf_init(&ksf, &challenge.ksf);
	}
	if (status != OBOL_OK)
	{
		return obol_client_session_fail(session, OBOL_FAILURE_KSF, status);
	}
	status = generate_ke3(session, &challenge, &ksf, &out);
	obol_opaque_client_free(session->opaque);
	session->opaque = NULL;
	if (status != OBOL_OK)
	{
		return fail_ke2(session, status);
	}
	memcpy(session->server_public_key, out.server_public_key, OBOL_OPAQUE_NPK);
	session->is_verified = true;
	memcpy(session->ke3, out.ke3, sizeof(session->ke3));
	session->export_key = out.export_key;
	out.export_key = NULL; /* moved to the session */
	/* the channel is TLS: the session_key goes unused */
	obol_opaque_client_output_clear(&out);
	if (session->is_pinned &&
		memcmp(session->server_public_key, session->pinned_public_key,
			   OBOL_OPAQUE_NPK) != 0)
	{
		return obol_client_session_fail(session, OBOL_FAILURE_PIN,
										OBOL_ERR_AUTH);
	}
	session->step = STEP_VERIFIED;
	return OBOL_OK;
}

enum obol_status
obol_client_session_on_later(struct obol_client_session *session,
							 const struct obol_frame *frame)
{
	uint32_t seconds;

	if (obol_later_decode(frame->body, &seconds) != OBOL_OK)
	{
		return obol_client_session_fail(session, OBOL_FAILURE_PROTOCOL,
										OBOL_ERR_FORMAT);
	}
	memset(&session->error, 0, sizeof(session->error));
	session->error.retry_after_s = seconds;
	return obol_client_session_fail(session, OBOL_FAILURE_LATER,
									OBOL_ERR_DENIED);
}

/* the frame's memory goes with the next frame */
static void keep_done(struct obol_client_session *session,
					  const struct obol_login_done *done)
{
	session->done = *done;
	if (done->wrap.len)
	{
		memcpy(session->done_wrap, done->wrap.ptr, done->wrap.len);
	}
	session->done.wrap = obol_bytes(session->done_wrap, done->wrap.len);
	if (done->last_failure_source.len)
	{
		memcpy(session->done_source, done->last_failure_source.ptr,
			   done->last_failure_source.len);
	}
	session->done.last_failure_source =
		obol_bytes(session->done_source, done->last_failure_source.len);
}

/* a team has no account, and so no key */
static enum obol_status open_wrap(struct obol_client_session *session,
								  struct obol_bytes wrap)
{
	if (session->kind == OBOL_SLOT_ENROLMENT)
	{
		return wrap.len == 0 ? OBOL_OK : OBOL_ERR_FORMAT;
	}
	return obol_slot_unwrap(session->export_key, session->kind, wrap,
							&session->account_key);
}

enum obol_status
obol_client_session_on_login_done(struct obol_client_session *session,
								  const struct obol_frame *frame)
{
	struct obol_login_done done;
	enum obol_status status;

	if (obol_login_done_decode(frame->body, &done) != OBOL_OK)
	{
		return obol_client_session_fail(session, OBOL_FAILURE_PROTOCOL,
										OBOL_ERR_FORMAT);
	}
	status = open_wrap(session, done.wrap);
	obol_secret_free(session->export_key);
	session->export_key = NULL;
	if (status == OBOL_ERR_NOMEM || status == OBOL_ERR_CRYPTO)
	{
		return obol_client_session_fail(session, OBOL_FAILURE_INTERNAL, status);
	}
	if (status != OBOL_OK)
	{
		return obol_client_session_fail(session, OBOL_FAILURE_WRAP,
										OBOL_ERR_AUTH);
	}
	keep_done(session, &done);
	session->is_done = true;
	session->step = STEP_BUSY;
	return OBOL_OK;
}
