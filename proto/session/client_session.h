/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The client's side of one connection, without I/O: bytes that came in go to
 * obol_client_session_input(), bytes to send come from _output().
 *
 * States: START -> (login) CHALLENGE -> (KE2 verified) READY -> (request)
 * BUSY -> (answer) READY ...; any error ends in FAILED. Info, AccountStart and
 * AccountCreate may be asked in START: BUSY, and START again with the answer.
 * KE3 is kept back until the first request, so that both leave in one flight.
 */
#ifndef OBOL_SESSION_CLIENT_SESSION_H_
#define OBOL_SESSION_CLIENT_SESSION_H_

#include "base/rng.h"
#include "seal/account_key.h"
#include "wire/login.h"
#include "wire/request.h"

enum obol_client_state {
	/** before the login */
	OBOL_CLIENT_START,
	/** LoginStart is out, LoginChallenge (or Later, Error) is awaited */
	OBOL_CLIENT_CHALLENGE,
	/** a request may be made */
	OBOL_CLIENT_READY,
	/** a request is out */
	OBOL_CLIENT_BUSY,
	/** over; obol_client_session_failure() tells why */
	OBOL_CLIENT_FAILED,
};

/** Why a session failed, or a request was refused. */
enum obol_session_failure {
	OBOL_FAILURE_NONE,
	/** the peer broke the protocol */
	OBOL_FAILURE_PROTOCOL,
	/** KE2 does not verify or is malformed inside: wrong secret or another
	 * machine answering */
	OBOL_FAILURE_KE2,
	/** the server's OPAQUE key is not the pinned one */
	OBOL_FAILURE_PIN,
	/** KSF parameters below the floor or above the ceiling */
	OBOL_FAILURE_KSF,
	/** Later: the guess budget is used up for now */
	OBOL_FAILURE_LATER,
	/** an Error frame: see obol_client_session_error() */
	OBOL_FAILURE_REPLY,
	/** there is no wrap or it does not open: the server's data was changed */
	OBOL_FAILURE_WRAP,
	/** memory or the cryptographic library */
	OBOL_FAILURE_INTERNAL,
};

struct obol_client_session;

struct obol_client_session_config {
	struct obol_rng *rng;
	/** of this connection's TLS */
	uint8_t exporter[OBOL_EXPORTER_LEN];
};

/** A session at its start. OK or NOMEM. */
enum obol_status
obol_client_session_new(const struct obol_client_session_config *config,
						struct obol_client_session **session) OBOL_MUST_CHECK;

/** Wipe and free; NULL is fine. */
void obol_client_session_free(struct obol_client_session *session);

struct obol_client_login {
	enum obol_slot_kind kind;
	/** normalised, 1..OBOL_NAME_MAX bytes */
	struct obol_bytes name;
	/** with kind device; zeros else */
	uint8_t device_id[OBOL_DEVICE_ID_LEN];
	/** normalised password, code bytes or device secret; copied */
	const struct obol_secret *secret;
	/** pinned OPAQUE public key, Npk bytes, or empty; a server key that is not
	 * this one fails the session after KE2 and before KE3 */
	struct obol_bytes pinned_public_key;
};

/**
 * Log in: LoginStart becomes output. Once in a session.
 *
 * @return	OK; ARG in another state or for values out of bounds; NOMEM; CRYPTO
 */
enum obol_status obol_client_session_login(
	struct obol_client_session *session,
	const struct obol_client_login *login) OBOL_MUST_CHECK;

/**
 * Make a request; the first one after the login leaves together with KE3.
 * After the answer to a ReKey the server wants a new login for the next one.
 *
 * @return	OK; ARG in another state than READY (what may come before the login:
 *			also START) or for values out of bounds; NOMEM
 */
enum obol_status
obol_client_session_request(struct obol_client_session *session,
							const struct obol_request *request) OBOL_MUST_CHECK;

/**
 * Take bytes that came in. Key stretching takes place in here.
 *
 * @return	OK: look at the state. The session has failed with AUTH: KE2, PIN,
 *			WRAP, reply 535; DENIED: LATER, KSF, another reply; VERSION: KSF;
 *			FORMAT: PROTOCOL; CRYPTO, NOMEM: INTERNAL
 */
enum obol_status
obol_client_session_input(struct obol_client_session *session,
						  struct obol_bytes in) OBOL_MUST_CHECK;

/** Bytes to send now; holds until the next call for this session. */
struct obol_bytes
obol_client_session_output(const struct obol_client_session *session);

/** The first len bytes of the output were sent. */
void obol_client_session_sent(struct obol_client_session *session, size_t len);

enum obol_client_state
obol_client_session_state(const struct obol_client_session *session);

/**
 * The answer to the last request, in the state after BUSY; NULL when the
 * last request was refused (then _failure() is REPLY and _error() says how;
 * the session stays READY). Holds until the next request.
 */
const struct obol_answer *
obol_client_session_answer(const struct obol_client_session *session);

enum obol_session_failure
obol_client_session_failure(const struct obol_client_session *session);

/** With REPLY and LATER: what the server said; with LATER only retry_after_s.
 * The text is not escaped; it holds until the next error. */
const struct obol_error_message *
obol_client_session_error(const struct obol_client_session *session);

/** What LoginDone said; NULL before it came. Holds as long as the session. */
const struct obol_login_done *
obol_client_session_login_done(const struct obol_client_session *session);

/** The account key out of the slot's wrap; NULL before LoginDone, and for an
 * enrolment code, which is of no account. */
const struct obol_account_key *
obol_client_session_account_key(const struct obol_client_session *session);

/** The server's OPAQUE public key, Npk bytes, once KE2 verified; else empty. */
struct obol_bytes
obol_client_session_server_key(const struct obol_client_session *session);

#endif /* OBOL_SESSION_CLIENT_SESSION_H_ */
