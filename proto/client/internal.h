/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the files of this room share: the client object, and the steps that
 * several public functions take. Functions that return a status have set the
 * client's error when it is not OK.
 */
#ifndef OBOL_CLIENT_INTERNAL_H_
#define OBOL_CLIENT_INTERNAL_H_

#include <obol/client.h>
#include <obol/token.h>

#include "client/anchors.h"
#include "client/error.h"
#include "client/state_file.h"
#include "net/connect.h"
#include "session/client_session.h"

/** What a client takes from its surroundings. */
struct obol_client_env {
	/** NULL: of the client's own OpenSSL library context */
	struct obol_rng *rng;
	struct obol_clock *clock;
	/** tried when a server is named without a port */
	uint16_t ports[OBOL_PORTS_MAX];
	size_t n_ports;
	/** asked for SRV records; NULL: those of the system */
	const struct obol_name_servers *name_servers;
};

/** Going on at other servers (fail_over.h). */
struct obol_client_tries {
	/** those that have failed since the login began */
	struct obol_tried tried;
	/** the present connection's server, and whether there are others */
	struct sockaddr_storage addr;
	char where[OBOL_SOCKADDR_TEXT_MAX];
	bool has_others;
	/** what is under way can be made again elsewhere, until then */
	bool can_repeat;
	uint64_t deadline_mono_ms;
	/** it is being made again: each request ends then, too */
	bool is_bounded;
	/** what the login has left of its time for the request behind it */
	unsigned left_ms;
};

/** What a login is made with. */
struct obol_login_secret {
	enum obol_slot_kind kind;
	uint8_t device_id[OBOL_DEVICE_ID_LEN];
	/** normalised password, or a code's or device's bytes */
	struct obol_secret *secret;
};

struct obol_client {
	struct obol_client_env env;
	struct obol_rng own_rng;
	/** strings in it are owned */
	struct obol_client_options options;
	struct obol_endpoint_list endpoints;
	char server_name[OBOL_HOST_MAX + 1];
	/** normalised */
	char account[OBOL_NAME_MAX + 1];
	/** that one logs in as with an enrolment code, normalised */
	char team[OBOL_NAME_MAX + 1];
	struct obol_tls_context *tls;
	struct obol_state state;
	struct obol_error error;
	/** the present connection, or NULL */
	struct obol_stream *stream;
	struct obol_client_session *session;
	size_t endpoint;
	uint8_t exporter[OBOL_EXPORTER_LEN];
	uint8_t tls_key_hash[OBOL_TLS_KEY_HASH_LEN];
	struct obol_client_tries tries;
	/** what the present login was made with */
	struct obol_login_secret login;
	/** LoginDone has been looked at */
	bool is_open;
	/** the server asked to register this slot's secret anew */
	bool migrate_due;
	struct obol_login_info info;
	/** certificates that the server said at the login are revoked */
	uint8_t n_revoked;
	struct obol_serial revoked[OBOL_LOGIN_REVOKED_MAX];
	/** what was issued was not valid by our clock, and by how much it was off
	 */
	bool clock_was_wrong;
	int64_t wrong_clock_off_s;
	struct obol_client_anchors anchors;
	/** where keys are made; make NULL for here */
	struct obol_key_maker key_maker;
};

/** obol_client_new() in given surroundings; rng and clock are borrowed. */
enum obol_status obol_client_new_in(const struct obol_client_env *env,
									const struct obol_client_options *options,
									struct obol_client **client,
									struct obol_error *error) OBOL_MUST_CHECK;

/* error.c's texts for a client (client.c). */

/** A public function begins: no error. */
void obol_client_begin(struct obol_client *client);

/** Set the error; the status belongs to the cause. */
enum obol_status obol_client_fail(struct obol_client *client,
								  enum obol_cause cause, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** A failure of memory or library: INTERNAL with the status itself. */
enum obol_status obol_client_fail_internal(struct obol_client *client,
										   enum obol_status status);

/** What the network came to. */
enum obol_status obol_client_fail_net(struct obol_client *client,
									  enum obol_net_failure failure,
									  const char *why);

/** Write the state file if there is one and something has changed. */
enum obol_status
obol_client_save_state(struct obol_client *client) OBOL_MUST_CHECK;

/* The connection (exchange.c). */

/** Close the connection; what was logged in with is kept. */
void obol_client_drop(struct obol_client *client);

/**
 * Send what the session has to send, and feed it until it waits for nothing.
 *
 * @param answer_ms	time until the bytes came that ended the wait; may be NULL
 * @param work_ms	time that the session then worked on them; may be NULL
 */
enum obol_status obol_client_pump(struct obol_client *client,
								  const struct obol_wait *wait,
								  unsigned *answer_ms,
								  unsigned *work_ms) OBOL_MUST_CHECK;

/**
 * Make a request and wait for its answer.
 *
 * @param answer	holds until the next request
 */
enum obol_status
obol_client_ask(struct obol_client *client, const struct obol_request *request,
				const struct obol_answer **answer) OBOL_MUST_CHECK;

/** As obol_client_ask() when the answer does not matter. */
enum obol_status
obol_client_tell(struct obol_client *client,
				 const struct obol_request *request) OBOL_MUST_CHECK;

/** The session has failed: set the error, close the connection. */
enum obol_status obol_client_session_failed(struct obol_client *client);

/**
 * A public function ends: do what the server asked for at the login (taking
 * the newest set of CA certificates, registering this slot's secret anew);
 * neither makes the call fail.
 *
 * @return	status
 */
enum obol_status obol_client_settle(struct obol_client *client,
									enum obol_status status);

/* Logins (login.c). */

/** Log in with a secret in its final form, which is copied. */
enum obol_status
obol_client_login(struct obol_client *client,
				  const struct obol_login_secret *login) OBOL_MUST_CHECK;

/** Log in with what the present login was made with, at a server that has not
 * failed yet, within the given wait. */
enum obol_status
obol_client_login_again(struct obol_client *client,
						const struct obol_wait *wait) OBOL_MUST_CHECK;

/** Log in with a code that a person has typed. */
enum obol_status
obol_client_login_code(struct obol_client *client, enum obol_slot_kind kind,
					   unsigned bits,
					   const struct obol_secret *code) OBOL_MUST_CHECK;

/** Connect without a login to a server that TLS verifies; cause UNVERIFIED,
 * before anything is sent, when there is nothing to verify it by. */
enum obol_status
obol_client_connect_verified(struct obol_client *client) OBOL_MUST_CHECK;

/** Log in and have the server confirm it. */
enum obol_status
obol_client_prove(struct obol_client *client,
				  const struct obol_login_secret *login) OBOL_MUST_CHECK;

/** LoginDone has come: take account, time and successors out of it. */
enum obol_status
obol_client_take_login_done(struct obol_client *client) OBOL_MUST_CHECK;

/** A copy of a login's secret. */
enum obol_status
obol_login_secret_dup(const struct obol_login_secret *login,
					  struct obol_login_secret *copy) OBOL_MUST_CHECK;
void obol_login_secret_clear(struct obol_login_secret *login);

/** A password as typed, normalised; cause PASSWORD when it cannot be used. */
enum obol_status
obol_client_password(struct obol_client *client,
					 const struct obol_secret *typed,
					 struct obol_secret **password) OBOL_MUST_CHECK;

/* Credentials (credentials.c). */

/** Copy one item's description; false for a name with a zero byte. */
bool obol_credential_info_set(struct obol_credential_info *info,
							  struct obol_bytes name, uint16_t format,
							  uint64_t version, uint64_t changed_at);

/** Open a sealed credential and look whether it was rolled back. */
enum obol_status obol_client_open(struct obol_client *client,
								  const struct obol_get_item *item,
								  struct obol_secret **body) OBOL_MUST_CHECK;

/** obol_client_get(), _put(), _fetch() within another public function. */
enum obol_status
obol_client_do_get(struct obol_client *client, const char *name,
				   uint64_t held_version,
				   struct obol_credential *credential) OBOL_MUST_CHECK;
enum obol_status obol_client_do_put(struct obol_client *client,
									const char *name, uint16_t format,
									uint64_t base_version,
									const struct obol_secret *body,
									uint64_t *version) OBOL_MUST_CHECK;
enum obol_status obol_client_do_fetch(struct obol_client *client,
									  const char *name, uint64_t held_version,
									  struct obol_bundle **bundle,
									  uint64_t *version) OBOL_MUST_CHECK;

/** A credential as the bundle it is, not checked; cause CREDENTIAL when it is
 * none. */
enum obol_status
obol_client_open_bundle(struct obol_client *client,
						const struct obol_credential *credential,
						struct obol_bundle **bundle) OBOL_MUST_CHECK;

/* Certificates (issue.c). */

/** After a login: keys of a token's are for accounts of mode DEVICE alone;
 * cause TOKEN otherwise. */
enum obol_status
obol_client_check_maker(struct obol_client *client) OBOL_MUST_CHECK;

/** Have a certificate issued for a new key of the account's type, and check it
 * by the server's clock. */
enum obol_status
obol_client_issue_own(struct obol_client *client,
					  struct obol_bundle **bundle) OBOL_MUST_CHECK;

/**
 * Have one issued and store it, or take the one that another device was faster
 * to store.
 *
 * @param version	the version that is replaced; receives that of the bundle
 */
enum obol_status
obol_client_issue_over(struct obol_client *client, const char *name,
					   uint64_t *version,
					   struct obol_bundle **bundle) OBOL_MUST_CHECK;

/**
 * Store one that was issued; EXISTS with cause STALE when the version is
 * another one.
 *
 * @param version	the version that is replaced; receives the new one
 */
enum obol_status obol_client_store_issued(struct obol_client *client,
										  const char *name,
										  const struct obol_bundle *bundle,
										  uint64_t *version) OBOL_MUST_CHECK;

/** The account key comes with the first answer after the login: have it. */
enum obol_status
obol_client_need_key(struct obol_client *client) OBOL_MUST_CHECK;

/** Our clock's time, and the server's as far as it is known. */
uint64_t obol_client_now(const struct obol_client *client);
uint64_t obol_client_server_now(const struct obol_client *client);

/** Copy a peer's text, controls replaced, cut to size. */
void obol_copy_text(char *out, size_t size, struct obol_bytes text);

/* Registration (register.c). */

/** A slot that is ready to be registered; it points into itself. */
struct obol_slot_draft {
	struct obol_slot_message message;
	uint8_t record[OBOL_OPAQUE_RECORD_LEN];
	char label[OBOL_LABEL_MAX + 1];
	struct obol_writer wrap;
};

/**
 * Make a slot: SlotStart, the record, and the account key wrapped for it.
 *
 * @param login	the slot's kind, device id and secret
 * @param label	1..OBOL_LABEL_MAX bytes for a device, else empty
 * @param key	what the slot is to open
 * @param draft	obol_slot_draft_clear() it, also on failure
 */
enum obol_status
obol_client_draft_slot(struct obol_client *client,
					   const struct obol_login_secret *login, const char *label,
					   const struct obol_account_key *key,
					   struct obol_slot_draft *draft) OBOL_MUST_CHECK;
void obol_slot_draft_clear(struct obol_slot_draft *draft);

/* Its halves, before and behind the server's answer. */

struct obol_opaque_registration;

/** @param state	to be freed, also on failure */
enum obol_status obol_client_draft_begin(
	struct obol_client *client, const struct obol_login_secret *login,
	const char *label, struct obol_slot_draft *draft,
	uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN],
	struct obol_opaque_registration **state) OBOL_MUST_CHECK;
enum obol_status
obol_client_draft_finish(struct obol_client *client,
						 struct obol_opaque_registration *state,
						 const struct obol_slot_start_answer *answer,
						 const struct obol_account_key *key,
						 struct obol_slot_draft *draft) OBOL_MUST_CHECK;

/** Make a slot for the present account key and register it at once. */
enum obol_status obol_client_register(struct obol_client *client,
									  const struct obol_login_secret *login,
									  const char *label) OBOL_MUST_CHECK;

/** A device's name for the user; cause CONFIG when it cannot be used. */
enum obol_status obol_client_check_label(struct obol_client *client,
										 const char *label) OBOL_MUST_CHECK;

/** A new device's id and secret. */
enum obol_status
obol_client_new_device(struct obol_client *client,
					   struct obol_device *device) OBOL_MUST_CHECK;

/** A device as what to log in with; borrows its secret. */
struct obol_login_secret obol_device_login(const struct obol_device *device);

/** Log in, and see that the account key is this one (rekey.c). */
enum obol_status
obol_client_prove_key(struct obol_client *client,
					  const struct obol_login_secret *login,
					  const struct obol_account_key *key) OBOL_MUST_CHECK;

/** A new account key and everything under it (rekey.c). */
enum obol_status
obol_client_do_rekey(struct obol_client *client,
					 const struct obol_secret *password, const char *label,
					 struct obol_device *device) OBOL_MUST_CHECK;

/** Randomness and library of this client. */
struct obol_rng *obol_client_rng(struct obol_client *client);
OSSL_LIB_CTX *obol_client_library(const struct obol_client *client);

#endif /* OBOL_CLIENT_INTERNAL_H_ */
