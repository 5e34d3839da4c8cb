/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the handlers share. A handler has a first half, which checks the
 * request and gives the store an operation, and a second half, which answers
 * from its result. Nobody outside this room includes it.
 */
#ifndef OBOL_SERVER_HANDLER_H_
#define OBOL_SERVER_HANDLER_H_

#include "base/log_id.h"
#include "server/server.h"
#include "server/unknown_account.h"
#include "session/server_session.h"
#include "store/store_login.h"

/** Lines that a stranger can cause, per second and at once. */
#define OBOL_LOG_RATE 10
#define OBOL_LOG_BURST 50

/** Lines that strangers may still cause, in thousandths and as of when; and how
 * many were left out since the last one. */
struct obol_log_credit {
	uint64_t left;
	uint64_t at_ms;
	uint64_t n_dropped;
};

struct obol_server {
	struct obol_server_options options;
	struct obol_source_limit *sources;
	/** of tries to enrol */
	struct obol_source_limit *enrolments;
	struct obol_unknown_account *unknown;
	/** SLOT_SETS under way */
	struct obol_store_op sets_op;
	struct obol_store_slot_sets sets;
	struct obol_store_gone_drop drop;
	bool sets_are_pending;
	size_t n_connections;
	/** of what an operator must act on, and of all else: noise hides no error
	 */
	struct obol_log_credit error_credit;
	struct obol_log_credit credit;
	/** requests that the store failed and the operator was not yet told that
	 * it works again; and when the last one was */
	uint64_t n_store_failed;
	uint64_t store_failed_at_ms;
};

/** The account that has logged in, as far as requests need it. */
struct obol_connection_account {
	int64_t id;
	enum obol_account_kind kind;
	/** of the slot logged in with: what it can read */
	uint32_t generation;
	uint32_t certificate_lifetime_s;
	uint64_t expires_at;
	/** as they hold for it: the account's own, or the server's */
	uint8_t mode;
	uint8_t key_type;
	/** IKE identity, for the certificate */
	char *identity;
	/** of the device that has logged in, else "" */
	char label[OBOL_LABEL_MAX + 1];
};

/** A Get that the store is given along with the login. */
struct obol_fetched {
	struct obol_store_get get;
	/** what its request's views point to: the peer may send on meanwhile */
	uint8_t name[OBOL_CREDENTIAL_NAME_MAX];
	uint8_t after[OBOL_CREDENTIAL_NAME_MAX];
};

struct obol_server_connection {
	struct obol_server *server;
	struct obol_server_session *session;
	struct obol_server_peer peer;
	void (*changed)(void *ctx);
	void *changed_ctx;
	/** the operation under way, its argument on the heap, what comes then */
	struct obol_store_op op;
	void (*then)(struct obol_server_connection *conn, enum obol_status status);
	bool op_is_pending;
	/** inside of _run(): a callback that comes at once must not run it again */
	bool is_running;
	bool is_closed;
	bool is_done;
	bool is_going_down;
	/** KE2 is out, and the attempt has neither succeeded nor been noted */
	bool login_is_open;
	/** a place in the source's bucket is taken */
	bool source_is_taken;
	/** its network's bucket is full for so long; 0 when it is not */
	uint32_t source_wait_s;
	/** something is staged under stage_id */
	bool has_staged;
	uint8_t n_staged;
	uint8_t stage_id[16];
	/** of LOGIN_BEGIN until LOGIN_DONE */
	struct obol_store_login_begin *begin;
	/** why there is no answer, while its guess is given back; what comes then
	 */
	enum obol_status unanswered;
	void (*tell)(struct obol_server_connection *conn, enum obol_status why);
	/** a Get behind KE3: of LOGIN_DONE's beginning until its callback's end */
	struct obol_fetched *fetched;
	struct obol_connection_account account;
	/** of the enrolment code logged in with, 0 for none */
	int64_t enrolment_id;
	/** a request is being answered: which, and when its last byte came */
	bool is_measured;
	enum obol_metric_request measured;
	uint64_t arrived_us;
	/** an answer that waits for its audit row */
	enum obol_reply refusal;
	uint64_t refusal_version;
	const char *refusal_text;
};

/** Input of requests: account, generation, actor, time. */
struct obol_store_request
obol_handler_request(const struct obol_server_connection *conn);

/** Who acts, for the audit trail. */
struct obol_store_actor
obol_handler_actor(const struct obol_server_connection *conn);

/**
 * Zeroed memory for an operation's argument.
 *
 * @return	NULL when there is none; the request has been refused then
 */
void *obol_handler_argument(struct obol_server_connection *conn, size_t size);

/** Give the store an operation over the argument; then() runs with its status,
 * and the argument is freed behind it. */
void obol_handler_submit(struct obol_server_connection *conn,
						 enum obol_store_verb verb, void *argument,
						 void (*then)(struct obol_server_connection *conn,
									  enum obol_status status));

/**
 * What a guess was reserved for cannot be sent: give it back, so that who is
 * refused has lost nothing, and only then tell him. When it cannot be given
 * back the connection ends without an answer: it would promise too much.
 *
 * @param guess_key		and reservation: as the store gave it; copied
 * @param why			for tell()
 */
void obol_handler_give_back(struct obol_server_connection *conn,
							const uint8_t guess_key[OBOL_GUESS_KEY_LEN],
							uint64_t reservation, enum obol_status why,
							void (*tell)(struct obol_server_connection *conn,
										 enum obol_status why));

/** Send an answer. */
void obol_handler_answer(struct obol_server_connection *conn,
						 const struct obol_answer *answer);

/** Refuse with a reply, a text for people, and (with STALE) a version. */
void obol_handler_refuse(struct obol_server_connection *conn,
						 enum obol_reply reply, const char *text,
						 uint64_t version);

/** Refuse, with a row in the audit trail that leaves first. */
void obol_handler_refuse_audited(struct obol_server_connection *conn,
								 enum obol_operation operation,
								 enum obol_reply reply, const char *text,
								 uint64_t version);

/** The store failed (not: refused): 451, and a line for the operator. When
 * nobody knows whether it is done, the connection ends without an answer. */
void obol_handler_store_failed(struct obol_server_connection *conn,
							   enum obol_status status);

/** The store has worked: a line for the operator if it had failed before, and
 * has not done so for some seconds. */
void obol_handler_store_works(struct obol_server *server);

/**
 * The store's operation did not come to OK: a refusal gets its reply and text,
 * and a row in the audit trail; a failure gets 451.
 *
 * @param operation	0: no row, nothing was to be changed
 * @param version	with STALE
 */
void obol_handler_not_ok(struct obol_server_connection *conn,
						 enum obol_operation operation, enum obol_status status,
						 uint64_t version);

/** Log a line that a stranger can cause; more than a few a second are only
 * counted. */
void obol_handler_log(struct obol_server *server, enum obol_log_level level,
					  const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** The same, with fields. */
void obol_handler_event(struct obol_server *server, enum obol_log_level level,
						const struct obol_log_fields *fields, const char *fmt,
						...) __attribute__((format(printf, 4, 5)));

/** The session broke down: nothing can be answered any more. */
void obol_handler_broken(struct obol_server_connection *conn,
						 enum obol_status status);

/* What is counted and measured: bytes came in; an event is dealt with; its
 * answer is there, nothing happens at a second one; a login's end. */
void obol_measure_input(struct obol_server_connection *conn);
void obol_measure_begin(struct obol_server_connection *conn,
						enum obol_server_event event);
void obol_measure_end(struct obol_server_connection *conn,
					  enum obol_reply reply);
void obol_measure_login(struct obol_server_connection *conn,
						enum obol_metric_login login);
void obol_measure_later(struct obol_server_connection *conn,
						enum obol_metric_limit limit);

/* Events, each by its file. */
void obol_login_begin(struct obol_server_connection *conn);
void obol_login_finish(struct obol_server_connection *conn);
/** Log and note a failed login, of a connection that is closed; it goes then.
 */
void obol_login_failed(struct obol_server_connection *conn);

/** With LOGIN_FINISH: take note of a Get that has come behind KE3, in
 * conn->fetched. NULL when there is none, or no memory to see to it early. */
struct obol_store_get *obol_get_early(struct obol_server_connection *conn);
/** Forget it; nothing happens when there is none. */
void obol_get_forget(struct obol_server_connection *conn);

/* Requests, each by its file. */
void obol_handle_info(struct obol_server_connection *conn,
					  const struct obol_request *request);
void obol_handle_list(struct obol_server_connection *conn,
					  const struct obol_request *request);
void obol_handle_get(struct obol_server_connection *conn,
					 const struct obol_request *request);
void obol_handle_put(struct obol_server_connection *conn,
					 const struct obol_request *request);
void obol_handle_delete(struct obol_server_connection *conn,
						const struct obol_request *request);
void obol_handle_slot_start(struct obol_server_connection *conn,
							const struct obol_request *request);
void obol_handle_slot_finish(struct obol_server_connection *conn,
							 const struct obol_request *request);
void obol_handle_slot_delete(struct obol_server_connection *conn,
							 const struct obol_request *request);
void obol_handle_slot_list(struct obol_server_connection *conn,
						   const struct obol_request *request);
void obol_handle_stage(struct obol_server_connection *conn,
					   const struct obol_request *request);
void obol_handle_rekey(struct obol_server_connection *conn,
					   const struct obol_request *request);
void obol_handle_issue(struct obol_server_connection *conn,
					   const struct obol_request *request);
void obol_handle_anchors(struct obol_server_connection *conn,
						 const struct obol_request *request);
void obol_handle_account_start(struct obol_server_connection *conn,
							   const struct obol_request *request);
void obol_handle_account_create(struct obol_server_connection *conn,
								const struct obol_request *request);
void obol_handle_account_delete(struct obol_server_connection *conn,
								const struct obol_request *request);
void obol_handle_follow(struct obol_server_connection *conn,
						const struct obol_request *request);
void obol_handle_report(struct obol_server_connection *conn,
						const struct obol_request *request);
/** What a gateway's account may ask, logged in by a kind of slot. */
bool obol_gateway_may(uint8_t kind, enum obol_frame_type type);
void obol_handle_history(struct obol_server_connection *conn,
						 const struct obol_request *request);

#endif /* OBOL_SERVER_HANDLER_H_ */
