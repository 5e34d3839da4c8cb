/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the files of the client's session share: client_session.c (table,
 * bytes in and out), client_login.c, client_request.c.
 */
#ifndef OBOL_SESSION_CLIENT_INTERNAL_H_
#define OBOL_SESSION_CLIENT_INTERNAL_H_

#include "pake/opaque_login.h"
#include "session/client_session.h"
#include "session/inbox.h"
#include "session/outbox.h"

/** Where the session is; finer than enum obol_client_state. */
enum client_step {
	/** before the login */
	STEP_START,
	/** Info is out, before the login */
	STEP_INFO,
	/** LoginStart is out */
	STEP_CHALLENGE,
	/** KE2 is verified, KE3 is kept back */
	STEP_VERIFIED,
	/** KE3 and the first request are out */
	STEP_FINISH,
	/** logged in, nothing is out */
	STEP_READY,
	/** a request is out */
	STEP_BUSY,
	STEP_FAILED,
};

/** What an answer must fit. */
struct client_asked {
	uint8_t type;
	uint8_t name[OBOL_CREDENTIAL_NAME_MAX];
	size_t name_len;
	/** Put, Delete: the version replaced; Get: the version held */
	uint64_t version;
	uint32_t generation;
	/** AccountStart */
	uint8_t n_slots;
};

struct obol_client_session {
	struct obol_rng *rng;
	uint8_t exporter[OBOL_EXPORTER_LEN];
	enum client_step step;
	struct obol_inbox inbox;
	struct obol_outbox outbox;

	/* how it failed, or what was refused */
	enum obol_status status;
	enum obol_session_failure failure;
	struct obol_error_message error;
	uint8_t error_text[OBOL_TEXT_MAX];

	/* the login */
	enum obol_slot_kind kind;
	uint8_t name[OBOL_NAME_MAX];
	size_t name_len;
	uint8_t pinned_public_key[OBOL_OPAQUE_NPK];
	bool is_pinned;
	struct obol_opaque_client *opaque;
	uint8_t server_public_key[OBOL_OPAQUE_NPK];
	bool is_verified;
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN];
	struct obol_secret *export_key;
	struct obol_login_done done;
	uint8_t done_wrap[OBOL_WRAP_MAX];
	uint8_t done_source[OBOL_SOURCE_MAX];
	bool is_done;
	struct obol_account_key account_key;

	/* the last request */
	struct client_asked asked;
	struct obol_answer *answer;
	bool has_answer;
};

/** A frame's handler: OK, or what obol_client_session_fail() returned. */
typedef enum obol_status (*client_handler)(struct obol_client_session *session,
										   const struct obol_frame *frame);

/** End the session; gives the status back. */
enum obol_status
obol_client_session_fail(struct obol_client_session *session,
						 enum obol_session_failure failure,
						 enum obol_status status) OBOL_MUST_CHECK;

/** Keep what an Error frame says. OK; FORMAT. */
enum obol_status
obol_client_session_keep_error(struct obol_client_session *session,
							   const struct obol_frame *frame) OBOL_MUST_CHECK;

/* client_login.c */
enum obol_status
obol_client_session_on_challenge(struct obol_client_session *session,
								 const struct obol_frame *frame);
enum obol_status
obol_client_session_on_later(struct obol_client_session *session,
							 const struct obol_frame *frame);
enum obol_status
obol_client_session_on_login_done(struct obol_client_session *session,
								  const struct obol_frame *frame);

/* client_request.c */
enum obol_status
obol_client_session_on_answer(struct obol_client_session *session,
							  const struct obol_frame *frame);
enum obol_status
obol_client_session_on_refusal(struct obol_client_session *session,
							   const struct obol_frame *frame);
enum obol_status
obol_client_session_on_error(struct obol_client_session *session,
							 const struct obol_frame *frame);

#endif /* OBOL_SESSION_CLIENT_INTERNAL_H_ */
