/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The credential server without sockets: what a worker has (store, keys,
 * issuer, policy, limits), and a connection, which takes bytes and gives bytes
 * like the session it owns, and answers its events from the store.
 */
#ifndef OBOL_SERVER_SERVER_H_
#define OBOL_SERVER_SERVER_H_

#include "account/source_limit.h"
#include "issue/template.h"
#include "store/store.h"

/** Who may make accounts; with a team's code everybody may whom it is for. */
struct obol_enrolment_policy {
	/** without a code: nobody unless is_open; approve: the operator must agree,
	 * names: a pattern, see account/name_pattern.h; accounts in a day */
	bool is_open;
	bool approve;
	char names[OBOL_NAME_MAX + 1];
	uint32_t per_day_max;
	/** accounts that may wait for the operator's approval */
	uint32_t waiting_max;
	/** tries from one network in ten minutes, with a code or without */
	unsigned attempts_per_source;
	/** behind the name in IKE identities */
	char domain[OBOL_NAME_MAX + 1];
};

/** What the operator decides. */
struct obol_server_policy {
	/** the server's name as users type it */
	char server_name[OBOL_NAME_MAX + 1];
	/** lifetime of certificates whose account says nothing, in seconds */
	uint32_t certificate_lifetime_s;
	/** mode and key type of accounts that say nothing, enum obol_mode and enum
	 * obol_key_type */
	uint8_t mode;
	uint8_t key_type;
	/** what stands in certificates */
	struct obol_template subject;
	struct obol_template san;
	/** what certificates say of where the revocation list is; empty: nothing */
	char crl_uri[OBOL_URI_MAX + 1];
	/** least key stretching for passwords, at least obol_ksf_default */
	struct obol_ksf_params password_ksf;
	/** failed logins from one network in ten minutes */
	unsigned failures_per_source;
	struct obol_enrolment_policy enrolment;
};

/** What a server is made of; all but the policy is borrowed. */
struct obol_server_options {
	struct obol_server_policy policy;
	struct obol_store *store;
	struct obol_opaque_keys *keys;
	/** the key number that new slots get */
	uint32_t current_key;
	/** SHA-256 of the TLS key's SubjectPublicKeyInfo, for pins */
	uint8_t tls_key_hash[32];
	/** NULL: no certificates are issued */
	struct obol_issuer *issuer;
	struct obol_rng *rng;
	struct obol_clock *clock;
	struct obol_log *log;
	/** NULL: nothing is counted */
	struct obol_meter *meter;
};

struct obol_server;

/** OK; NOMEM; CRYPTO. Asks the store what slots there are, and waits for it. */
enum obol_status obol_server_new(const struct obol_server_options *options,
								 struct obol_server **server) OBOL_MUST_CHECK;

/** After all connections; NULL is fine. */
void obol_server_free(struct obol_server *server);

/** Once an hour: what follows the store's contents is brought up to date. */
void obol_server_tick(struct obol_server *server);

/** Connections that are not freed yet, closed ones included: while there are
 * any, flush the store before obol_server_free(). */
size_t obol_server_n_connections(const struct obol_server *server);

struct obol_server_connection;

/** Who is at the other end. */
struct obol_server_peer {
	struct obol_source_address address;
	/** the address as text, for the audit trail */
	char source[OBOL_SOURCE_MAX + 1];
	/** of this connection's TLS */
	uint8_t exporter[OBOL_EXPORTER_LEN];
};

/**
 * A connection whose TLS handshake is done.
 *
 * @param changed	called when there is output, or the connection is done,
 *					outside of a call of its owner; never after _close()
 * @return			OK; NOMEM
 */
enum obol_status obol_server_connection_new(
	struct obol_server *server, const struct obol_server_peer *peer,
	void (*changed)(void *ctx), void *ctx,
	struct obol_server_connection **conn) OBOL_MUST_CHECK;

/** The owner lets go. What is under way in the store ends by itself, a failure
 * of a login that got its KE2 is noted, and then it is freed. NULL is fine. */
void obol_server_connection_close(struct obol_server_connection *conn);

/** Bytes came in, at most obol_server_connection_room() of them. */
void obol_server_connection_input(struct obol_server_connection *conn,
								  struct obol_bytes in);

/** How many bytes may be read from the peer now; 0 while enough waits. */
size_t obol_server_connection_room(const struct obol_server_connection *conn);

/** Memory that its requests and answers take; NULL: none. */
size_t obol_server_connection_held(const struct obol_server_connection *conn);

/** Bytes to send now; holds until the next call. */
struct obol_bytes
obol_server_connection_output(const struct obol_server_connection *conn);
void obol_server_connection_sent(struct obol_server_connection *conn,
								 size_t len);

/** Nothing more comes: send the output, then close. */
bool obol_server_connection_is_done(const struct obol_server_connection *conn);

/** A login has been accepted. */
bool obol_server_connection_is_open(const struct obol_server_connection *conn);

/** A request or a login is being answered from the store. */
bool obol_server_connection_is_busy(const struct obol_server_connection *conn);

/** Say that the service goes down; what is under way is answered first. */
void obol_server_connection_shutdown(struct obol_server_connection *conn);

#endif /* OBOL_SERVER_SERVER_H_ */
