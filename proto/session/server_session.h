/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The server's side of one connection, without I/O and without a store. Its
 * owner feeds bytes, looks at the event, finds out what is needed (in a
 * store), and gives it back; one thing at a time. What the table of states
 * does not list is refused in here, in one place.
 *
 *   event LOGIN_START   -> _challenge(), _later(), or _refuse() when the
 *                          server itself has a failure; _unanswered() when
 *                          there is no challenge
 *   event LOGIN_FINISH  -> _accept() or _refuse()     (KE3 has been verified)
 *   event LOGIN_FAILED  -> nothing; 535 is in the output, the session is over
 *                          (told once, CLOSE follows)
 *   event REQUEST       -> _answer() or _refuse()
 *   event CLOSE         -> send the output, then close; answers that come
 *                          later change nothing any more
 *
 * Who may ask for what, when KE3 was valid:
 *
 *   password, recovery  everything
 *   activation          Info, List, Get, SlotStart, Stage, ReKey
 *   enrolment           Info, AccountStart, AccountCreate
 *   device              Info, List, Get, Put, Issue, Anchors, History,
 *                       SlotList; with LoginDone's migrate SlotStart and
 *                       SlotFinish for the slot logged in with. Follow and
 *                       Report too: whose account is a gateway's is the
 *                       owner's to say
 *
 * else 537. AccountStart and AccountCreate may come before the login too;
 * whether anybody may enrol so is the owner's to say.
 *
 * SlotStart, SlotFinish, SlotDelete, Stage, ReKey and Account* need a login
 * younger than OBOL_FRESH_LOGIN_S, else 530; after ReKey's answer all but
 * Info does: the slot logged in with is gone. So it is after AccountDelete's. A
 * slot in SlotFinish or ReKey must have been begun by SlotStart, one in
 * AccountCreate by AccountStart of that name, on this connection (else 554 and
 * the end), with the key number answered and a KSF not below the one answered
 * nor out of a client's bounds, the identity for kinds but password (else 501).
 * An unknown kind of slot is 504. What a slot of an old generation may do is
 * the store's to say.
 */
#ifndef OBOL_SESSION_SERVER_SESSION_H_
#define OBOL_SESSION_SERVER_SESSION_H_

#include "base/clock.h"
#include "base/rng.h"
#include "wire/login.h"
#include "wire/request.h"

enum obol_server_event {
	/** nothing to do until more bytes come */
	OBOL_EVENT_NONE,
	OBOL_EVENT_LOGIN_START,
	OBOL_EVENT_LOGIN_FINISH,
	OBOL_EVENT_LOGIN_FAILED,
	OBOL_EVENT_REQUEST,
	OBOL_EVENT_CLOSE,
};

/** How long after the login slots may be changed, in seconds. */
#define OBOL_FRESH_LOGIN_S 300

/** Requests of one connection at most. */
#define OBOL_REQUESTS_MAX 4096
/** When the keys' own ceiling says no: how long until it may say yes, in
 * seconds. */
#define OBOL_CEILING_WAIT_S 60

struct obol_server_session;

struct obol_server_session_config {
	struct obol_rng *rng;
	struct obol_clock *clock;
	struct obol_opaque_keys *keys;
	uint8_t exporter[OBOL_EXPORTER_LEN];
};

enum obol_status
obol_server_session_new(const struct obol_server_session_config *config,
						struct obol_server_session **session) OBOL_MUST_CHECK;
void obol_server_session_free(struct obol_server_session *session);

/**
 * Take bytes that came in; they are kept until their frame is whole. More than
 * one frame may be fed at once (KE3 and the first request are); each waits
 * until the one before it was dealt with.
 *
 * @return	OK; NOMEM. A peer's error shows as an event
 */
enum obol_status
obol_server_session_input(struct obol_server_session *session,
						  struct obol_bytes in) OBOL_MUST_CHECK;

/**
 * What is to be done next. Ask after every input, after every answer and when
 * output was sent, until it is NONE; it stays the same until it was dealt
 * with. No further frame is taken while more than OBOL_FRAME_EARLY_MAX bytes
 * of output wait: whoever reads no answers gets no requests read.
 */
enum obol_server_event
obol_server_session_event(struct obol_server_session *session);

/** Bytes held that no event has come out of: read no more from the peer than
 * one frame of OBOL_FRAME_MAX ahead. Twice that, or two early frames before
 * the challenge, ends the session. */
size_t obol_server_session_buffered(const struct obol_server_session *session);

/** Memory that requests and answers take, whole or not. */
size_t obol_server_session_held(const struct obol_server_session *session);

/** Bytes to send now; holds until the next call for this session. */
struct obol_bytes
obol_server_session_output(const struct obol_server_session *session);
void obol_server_session_sent(struct obol_server_session *session, size_t len);

/** With LOGIN_START and after it: who wants to log in. Holds until _free. */
const struct obol_login_start *
obol_server_session_login(const struct obol_server_session *session);

/** What LOGIN_START is answered from. */
struct obol_server_challenge {
	struct obol_ksf_params ksf;
	uint32_t key_number;
	/** OBOL_OPAQUE_RECORD_LEN bytes, real or fake */
	struct obol_bytes record;
	struct obol_bytes credential_identifier;
};

/** Answer LOGIN_START with LoginChallenge. OK; FORMAT (KE1 is no point): the
 * session is over; CRYPTO, NOMEM, or what the keys' operations return: nothing
 * was sent, _unanswered() is next. */
enum obol_status obol_server_session_challenge(
	struct obol_server_session *session,
	const struct obol_server_challenge *challenge) OBOL_MUST_CHECK;

/** After a _challenge() that was neither OK nor FORMAT, with its status: tell
 * the peer to come later (DENIED, a ceiling of the keys) or to try again; the
 * session is over. Without a login that waits it does nothing. */
void obol_server_session_unanswered(struct obol_server_session *session,
									enum obol_status status);

/** Answer LOGIN_START with Later; the session is over. */
void obol_server_session_later(struct obol_server_session *session,
							   uint32_t seconds);

/**
 * With LOGIN_FINISH: the Get that has come behind KE3, if one has, so that it
 * can be seen to at once with the login. It is a REQUEST all the same after
 * _accept(), unless the session ends before.
 *
 * @param get	set on OK; its views hold until the next call for this session
 * @return		OK; NOT_FOUND when no frame is whole, or it is not a Get, or one
 *				that would not be let through; NOMEM
 */
enum obol_status
obol_server_session_next_get(const struct obol_server_session *session,
							 struct obol_get_request *get) OBOL_MUST_CHECK;

/** Answer LOGIN_FINISH with LoginDone; requests may come now. A slot whose
 * done->migrate is set may be registered anew, whatever its kind. */
enum obol_status
obol_server_session_accept(struct obol_server_session *session,
						   const struct obol_login_done *done) OBOL_MUST_CHECK;

/** With REQUEST: what is asked; views hold until it was answered. */
const struct obol_request *
obol_server_session_request(const struct obol_server_session *session);

/** Answer REQUEST. OK; else it is still to be answered, with _refuse() perhaps:
 * ARG when it is not this request's answer, is out of bounds or above a frame;
 * NOMEM. */
enum obol_status
obol_server_session_answer(struct obol_server_session *session,
						   const struct obol_answer *answer) OBOL_MUST_CHECK;

/**
 * Refuse LOGIN_START or LOGIN_FINISH (the session is over then) or REQUEST (it
 * goes on). LOGIN_START only for what says nothing about the name: a failure
 * of the server's own.
 *
 * @param reply	for the peer's program
 * @param error	retry_after_s, version and text are used; may be NULL
 * @return		OK; ARG when there is nothing to refuse; ARG for a reply or
 *				text out of bounds, NOMEM: the session is over
 */
enum obol_status obol_server_session_refuse(
	struct obol_server_session *session, enum obol_reply reply,
	const struct obol_error_message *error) OBOL_MUST_CHECK;

/** Say that the service is going down (421) and end the session. */
void obol_server_session_shutdown(struct obol_server_session *session);

/** A login has been accepted. */
bool obol_server_session_is_open(const struct obol_server_session *session);

#endif /* OBOL_SESSION_SERVER_SESSION_H_ */
