/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the files of the server's session share: server_session.c (table,
 * bytes in and out), server_login.c, server_request.c, server_permit.c.
 */
#ifndef OBOL_SESSION_SERVER_INTERNAL_H_
#define OBOL_SESSION_SERVER_INTERNAL_H_

#include "pake/opaque_login.h"
#include "session/inbox.h"
#include "session/outbox.h"
#include "session/server_session.h"

/** Where the session is. */
enum server_state {
	/** LoginStart or one Info may come */
	SERVER_START,
	/** LoginStart waits for the owner */
	SERVER_LOGIN,
	/** LoginChallenge is out */
	SERVER_CHALLENGED,
	/** KE3 was valid and waits for the owner */
	SERVER_FINISH,
	/** requests may come */
	SERVER_OPEN,
	/** over; what the output holds is to be sent */
	SERVER_CLOSED,
};

/* Flags of a row: by which kinds of slot, and what else. */
#define BY_PASSWORD (1u << OBOL_SLOT_PASSWORD)
#define BY_ACTIVATION (1u << OBOL_SLOT_ACTIVATION)
#define BY_RECOVERY (1u << OBOL_SLOT_RECOVERY)
#define BY_DEVICE (1u << OBOL_SLOT_DEVICE)
#define BY_ENROLMENT (1u << OBOL_SLOT_ENROLMENT)
#define BY_OWNER (BY_PASSWORD | BY_RECOVERY)
#define BY_ANY (BY_OWNER | BY_ACTIVATION | BY_DEVICE)
/** by a device too, for its own slot, when it must migrate */
#define BY_DEVICE_TO_MIGRATE (1u << 8)
/** the login must be younger than OBOL_FRESH_LOGIN_S */
#define FRESH (1u << 9)
/** once in this state */
#define ONCE (1u << 10)
/** also after the account key was replaced on this connection */
#define AFTER_REKEY (1u << 11)

/** A slot that was begun on this connection. */
struct begun_slot {
	uint8_t kind;
	uint8_t device_id[OBOL_DEVICE_ID_LEN];
	uint32_t key_number;
	struct obol_ksf_params ksf;
};

struct obol_server_session {
	struct obol_rng *rng;
	struct obol_clock *clock;
	struct obol_opaque_keys *keys;
	uint8_t exporter[OBOL_EXPORTER_LEN];
	enum server_state state;
	enum obol_server_event event;
	struct obol_inbox inbox;
	struct obol_outbox outbox;
	/** Info was asked before the login */
	bool was_once;

	/* the login */
	struct obol_login_start login;
	uint8_t name[OBOL_NAME_MAX];
	uint8_t ke1[OBOL_OPAQUE_KE1_LEN];
	bool has_login;
	struct obol_opaque_server *opaque;
	uint64_t login_mono_ms;
	bool migrate;

	/* requests */
	size_t n_requests;
	struct obol_request *request;
	bool is_rekeyed;
	bool is_deleted;
	/** whose slots were begun by AccountStart; length 0 for the login's own */
	uint8_t begun_name[OBOL_NAME_MAX];
	size_t begun_name_len;
	size_t n_begun;
	struct begun_slot begun[OBOL_SLOTS_MAX];
};

/** An Error frame's content as the session itself makes it. */
struct refusal {
	enum obol_reply reply;
	const char *text;
};

/** A frame's handler; what goes wrong shows in state, event and output. */
typedef void (*server_handler)(struct obol_server_session *session,
							   const struct obol_frame *frame, unsigned flags);

/** Append an Error frame. OK; ARG; NOMEM. */
enum obol_status obol_server_session_put_error(
	struct obol_server_session *session,
	const struct obol_error_message *error) OBOL_MUST_CHECK;

/** Say why and end the session. */
void obol_server_session_end(struct obol_server_session *session,
							 struct refusal refusal);

/* server_login.c */
void obol_server_session_on_login_start(struct obol_server_session *session,
										const struct obol_frame *frame,
										unsigned flags);
void obol_server_session_on_login_finish(struct obol_server_session *session,
										 const struct obol_frame *frame,
										 unsigned flags);

/* server_request.c */
void obol_server_session_on_request(struct obol_server_session *session,
									const struct obol_frame *frame,
									unsigned flags);

/* server_permit.c */

/**
 * Whether the request in session->request may reach the owner.
 *
 * @param flags	of the request's row
 * @param why	set when it may not
 * @return		OK; DENIED: refuse it and go on; FORMAT: the peer broke the
 *				protocol, end the session
 */
enum obol_status
obol_server_session_permit(struct obol_server_session *session, unsigned flags,
						   struct refusal *why) OBOL_MUST_CHECK;

/** The owner has answered the request: note what later ones depend on. */
void obol_server_session_note_answer(struct obol_server_session *session,
									 const struct obol_answer *answer);

#endif /* OBOL_SESSION_SERVER_INTERNAL_H_ */
