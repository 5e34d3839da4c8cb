/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * libobol's client: connects to a credential server, logs in, and works with
 * the account's credentials. Calls block, within one deadline, and can be
 * aborted; there is no global state, and a client object belongs to one
 * thread at a time.
 *
 * Strings are UTF-8. Names and passwords are normalised in here (RFC 8265).
 */
#ifndef OBOL_CLIENT_H_
#define OBOL_CLIENT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <obol/anchors.h>
#include <obol/bundle.h>
#include <obol/device.h>
#include <obol/error.h>
#include <obol/secret.h>
#include <obol/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Overall deadline when none is set, in milliseconds. */
#define OBOL_CLIENT_TIMEOUT_MS 10000
/** The credential that a VPN client fetches unless told otherwise. */
#define OBOL_CLIENT_VPN "vpn"

/*
 * Several servers: when a connection fails, in a login or in a call that can be
 * made again (list, get, fetch, put, issue, obtain, slots, history), the client
 * logs in at the next server and goes on. It does not after an answer: what one
 * server refuses is not tried at another. Each server that a login is cut at
 * may have counted a guess. Calls that change slots or delete are not repeated.
 */

/** What the caller does for the client; each may be NULL. */
struct obol_client_hooks {
	void *ctx;
	/**
	 * Called for every socket before it connects, to mark it or to exempt it
	 * from policies.
	 *
	 * @return	false gives up this address
	 */
	bool (*socket_created)(void *ctx, int fd, int family);
	/**
	 * Resolve a name instead of getaddrinfo().
	 *
	 * @param addrs	receives at most max addresses, ports are ignored
	 * @return		number of addresses, 0 when it does not resolve
	 */
	size_t (*resolve)(void *ctx, const char *host,
					  struct sockaddr_storage *addrs, size_t max);
};

struct obol_client_options {
	/** "name", "name:port", "[v6]:port", or several separated by commas or
	 * spaces, in front of the same accounts; a name without a port stands for
	 * the servers that its SRV records name (RFC 2782, _obol._tcp), or without
	 * them for its own addresses at ports 4501 and 443 */
	const char *servers;
	/** name for TLS (SNI and check) when servers has addresses; else NULL */
	const char *server_name;
	/** account name as typed; "name@server" sets the server too, when servers
	 * is NULL */
	const char *account;
	/** file of PEM CA certificates that must have signed the server's TLS
	 * certificate; NULL: the login authenticates the server */
	const char *tls_ca;
	/** file that keeps pins, account id and highest versions; no secret in it;
	 * NULL: nothing is kept */
	const char *state_file;
	/** the state file is read but never written */
	bool state_read_only;
	/** nobody sits at the keyboard: three failed logins in a row at a server
	 * that is not known yet stop further ones, as they always do for a device's
	 * logins */
	bool unattended;
	/** overall deadline of connect and login, the request behind it included,
	 * and of each request after it; however many servers are tried; 0 for
	 * OBOL_CLIENT_TIMEOUT_MS */
	unsigned timeout_ms;
	/** a descriptor that aborts every wait once it is readable; -1 for none */
	int abort_fd;
	struct obol_client_hooks hooks;
};

struct obol_client;

/** Set every option to its default. */
OBOL_API void obol_client_options_init(struct obol_client_options *options);

/**
 * A client; the options are copied. It does not connect.
 *
 * @param error	filled in on failure; may be NULL
 * @return		OK; ARG (see error); NOMEM; CRYPTO
 */
OBOL_API enum obol_status
obol_client_new(const struct obol_client_options *options,
				struct obol_client **client,
				struct obol_error *error) OBOL_MUST_CHECK;

/** Close and free; NULL is fine. */
OBOL_API void obol_client_free(struct obol_client *client);

/** What went wrong with the last call of this client; never NULL. */
OBOL_API const struct obol_error *
obol_client_error(const struct obol_client *client);

/** The account name as normalised, and the first server's name. */
OBOL_API const char *obol_client_account(const struct obol_client *client);
OBOL_API const char *obol_client_server(const struct obol_client *client);

/*
 * Login. Each connects, or uses nothing of an earlier connection, and leaves
 * the client logged in; the first request after it travels with KE3.
 */

/** With the account's password, as typed. */
OBOL_API enum obol_status
obol_client_login_password(struct obol_client *client,
						   const struct obol_secret *password) OBOL_MUST_CHECK;

/** With an activation code, as typed. */
OBOL_API enum obol_status
obol_client_login_activation(struct obol_client *client,
							 const struct obol_secret *code) OBOL_MUST_CHECK;

/**
 * With a team's enrolment code, as typed: to make an account, and for nothing
 * else.
 *
 * @param team	the team's name as typed
 */
OBOL_API enum obol_status
obol_client_login_enrolment(struct obol_client *client, const char *team,
							const struct obol_secret *code) OBOL_MUST_CHECK;

/** With a recovery code, as typed. */
OBOL_API enum obol_status
obol_client_login_recovery(struct obol_client *client,
						   const struct obol_secret *code) OBOL_MUST_CHECK;

/** With a device's own slot. */
OBOL_API enum obol_status
obol_client_login_device(struct obol_client *client,
						 const struct obol_device *device) OBOL_MUST_CHECK;

/** Close the connection and wipe what the login gave. */
OBOL_API void obol_client_logout(struct obol_client *client);

/** What the server said at the login; all 0 before the first answer. */
struct obol_login_info {
	/** failed logins since the last one that worked */
	uint32_t n_failures;
	uint64_t last_failure_at;
	char last_failure_source[65];
	uint64_t last_login_at;
	uint64_t server_time;
	/** milliseconds: name and TCP, TLS, KE1 to KE2 without stretching, key
	 * stretching, KE3 to the first answer */
	unsigned connect_ms, tls_ms, challenge_ms, ksf_ms, first_answer_ms;
	/** one of OBOL_CLIENT_MODE_* */
	uint8_t mode;
	/** one of OBOL_CLIENT_KEY_*; 0 when the server issues no certificates */
	uint8_t key_type;
	/** end of the account, 0 for never */
	uint64_t account_expires_at;
};

/** Where the account's VPN certificates come from: one that all its devices
 * share, stored at the server; or one for each, which the device makes. */
#define OBOL_CLIENT_MODE_PORTABLE 1
#define OBOL_CLIENT_MODE_DEVICE 2

/** What keys they are for. */
#define OBOL_CLIENT_KEY_EC_P256 1
#define OBOL_CLIENT_KEY_EC_P384 2
#define OBOL_CLIENT_KEY_RSA_3072 3
#define OBOL_CLIENT_KEY_ED25519 4

/** From here on users are told of their account's end, in seconds before it. */
#define OBOL_CLIENT_WARN_S (7 * 86400)

OBOL_API const struct obol_login_info *
obol_client_login_info(const struct obol_client *client);

/*
 * Credentials.
 */

struct obol_credential_info {
	char name[65];
	uint16_t format;
	uint64_t version;
	uint32_t size;
	uint64_t changed_at;
	bool deleted;
};

/**
 * All credentials of the account, tombstones included.
 *
 * @param items	receives an array; free() it
 */
OBOL_API enum obol_status obol_client_list(struct obol_client *client,
										   struct obol_credential_info **items,
										   size_t *n_items) OBOL_MUST_CHECK;

/** A credential, opened. */
struct obol_credential {
	struct obol_credential_info info;
	struct obol_secret *body;
};

OBOL_API void obol_credential_clear(struct obol_credential *credential);

/**
 * Get one credential and open it.
 *
 * @param held_version	version that the caller has, 0 for none
 * @param credential	set on OK; with body NULL when held_version is current
 * @return				OK; NOT_FOUND; AUTH with cause SEAL; EXISTS with cause
 *						ROLLBACK; and all that a login returns
 */
OBOL_API enum obol_status
obol_client_get(struct obol_client *client, const char *name,
				uint64_t held_version,
				struct obol_credential *credential) OBOL_MUST_CHECK;

/**
 * Get a bundle, open it, and check key, chain and dates.
 *
 * @param bundle	set on OK; NULL when held_version is current
 * @param version	the version got, or held_version
 * @return			as obol_client_get(); FORMAT with cause CREDENTIAL, EXPIRED
 *					or CLOCK
 */
OBOL_API enum obol_status obol_client_fetch(struct obol_client *client,
											const char *name,
											uint64_t held_version,
											struct obol_bundle **bundle,
											uint64_t *version) OBOL_MUST_CHECK;

/**
 * Check a bundle that obol_client_get() brought as obol_client_fetch() does:
 * key, chain, and dates by this device's clock and the server's.
 *
 * @return	OK; FORMAT with cause CREDENTIAL, EXPIRED or CLOCK
 */
OBOL_API enum obol_status
obol_client_check_bundle(struct obol_client *client,
						 const struct obol_bundle *bundle) OBOL_MUST_CHECK;

/**
 * Seal and store a credential.
 *
 * @param base_version	version that it replaces: of a credential or tombstone
 *						in obol_client_list(), 0 for none
 * @param version		receives the new version
 * @return				OK; EXISTS with cause STALE; DENIED with QUOTA
 */
OBOL_API enum obol_status obol_client_put(struct obol_client *client,
										  const char *name, uint16_t format,
										  uint64_t base_version,
										  const struct obol_secret *body,
										  uint64_t *version) OBOL_MUST_CHECK;

/** Delete a credential of the given version. */
OBOL_API enum obol_status
obol_client_delete(struct obol_client *client, const char *name,
				   uint64_t base_version) OBOL_MUST_CHECK;

/**
 * Have a certificate issued for a new key made here, of the account's type. In
 * portable mode the bundle is stored under a name, in place of what is stored
 * there; when another device was faster, its bundle is taken instead. In
 * device mode it is stored nowhere.
 *
 * @param bundle	receives it; may be NULL
 */
OBOL_API enum obol_status
obol_client_issue(struct obol_client *client, const char *name,
				  struct obol_bundle **bundle) OBOL_MUST_CHECK;

/** What the caller of obol_client_obtain() has in hand; all 0 for nothing. */
struct obol_held {
	/** as obtained */
	uint8_t mode;
	uint64_t version;
	/** end of its certificate; 0 when it is of no use any more */
	uint64_t not_after;
	/** see obol_bundle_serial(); when the server says at the login that it is
	 * revoked, it is renewed like one that is of no use */
	uint8_t serial_len;
	uint8_t serial[OBOL_BUNDLE_SERIAL_MAX];
	/** its time to be renewed has come, see obol_bundle_renew_at(); not for a
	 * bundle whose key was shared */
	bool renew;
};

/** What it got. */
struct obol_obtained {
	/** NULL when what is held is current; obol_bundle_free() it */
	struct obol_bundle *bundle;
	/** one of OBOL_CLIENT_MODE_* */
	uint8_t mode;
	/** of the stored bundle; 0 in device mode */
	uint64_t version;
};

/**
 * Have a good certificate, whatever the account's mode, with the fewest round
 * trips: the first request behind the login fits the mode that the last login
 * told (kept in the state file, else by this client).
 *
 * Portable: gets what is stored. When renew is set, and no other device has
 * renewed it meanwhile, a new one is made and stored; so it is when the stored
 * one has expired or was revoked. Device: makes a new one, unless one of this
 * mode is held and renew is not set. No renewal takes place when the held one
 * lasts as long as the account, nor of what the operator has brought. Whatever
 * fails, what is held stays as good as it was.
 *
 * @param held		may be NULL for nothing
 * @param obtained	set on OK
 * @return			OK; and as obol_client_fetch() and obol_client_issue()
 */
OBOL_API enum obol_status
obol_client_obtain(struct obol_client *client, const char *name,
				   const struct obol_held *held,
				   struct obol_obtained *obtained) OBOL_MUST_CHECK;

/*
 * CA certificates. What a bundle brings is trusted, as only the account's own
 * devices can seal one. Beyond it there is the set that the operator has
 * signed, for the time in which one CA follows another: a client takes the
 * newest one after any login, if a CA that it trusts has signed it.
 */

/** SHA-256 of a certificate in DER, in bytes. */
#define OBOL_CLIENT_FINGERPRINT_LEN 32

/** The set that is held, NULL for none; it holds until the next call. To be
 * trusted beside the bundle's. */
OBOL_API const struct obol_anchors *
obol_client_anchors(const struct obol_client *client);

/**
 * Take the newest set now, unless it is held: for callers whose last call did
 * not come to it, because nothing was trusted before obol_client_check_bundle()
 * or the server was not asked for anything yet.
 *
 * @return	OK, also when there is nothing to take or to verify it by; AUTH with
 *			cause ANCHORS; and all that a request returns
 */
OBOL_API enum obol_status
obol_client_take_anchors(struct obol_client *client) OBOL_MUST_CHECK;

/** Why the newest set is not held: cause NONE when it is, or when nothing
 * was asked for. Not a failure of the call that came to it. */
OBOL_API const struct obol_error *
obol_client_anchors_error(const struct obol_client *client);

/** Accept a CA that obol_client_issue() would refuse with cause ANCHORS. */
OBOL_API void
obol_client_accept_ca(struct obol_client *client,
					  const uint8_t fingerprint[OBOL_CLIENT_FINGERPRINT_LEN]);

/*
 * Slots. These need a login with password, activation or recovery code that is
 * younger than five minutes.
 */

/**
 * Set up an account after obol_client_login_activation(): a new account key,
 * everything sealed anew, a password slot and a device slot in one
 * transaction; the activation slot is gone. Logs in with the new password
 * afterwards, which proves it, and is logged in with that.
 *
 * @param label		the device's name for the user, 1..64 bytes
 * @param device	receives the device's id and secret, proved by a login
 */
OBOL_API enum obol_status
obol_client_activate(struct obol_client *client,
					 const struct obol_secret *password, const char *label,
					 struct obol_device *device) OBOL_MUST_CHECK;

/**
 * Make the client's account after obol_client_login_enrolment(): the account
 * key, a password slot and a device slot. Logs in with the new password
 * afterwards, which proves it, and is logged in with that.
 *
 * @param label		the device's name for the user, 1..64 bytes
 * @param device	receives the device's id and secret
 * @param waits		the operator has to approve the account first: there is no
 *					login then, and the device is not proved
 * @return			OK; EXISTS with cause TAKEN; DENIED with NO_ENROLMENT or
 *					BUSY; and all that a login returns
 */
OBOL_API enum obol_status obol_client_enrol(struct obol_client *client,
											const struct obol_secret *password,
											const char *label,
											struct obol_device *device,
											bool *waits) OBOL_MUST_CHECK;

/**
 * The same without a code, where the operator allows it. The server must be
 * verified by its TLS certificate's CA (tls_ca), or be known by its pins, else
 * a machine in the middle could make the account in the user's place.
 *
 * @return	as obol_client_enrol(); DENIED with UNVERIFIED: nothing was sent
 */
OBOL_API enum obol_status
obol_client_enrol_open(struct obol_client *client,
					   const struct obol_secret *password, const char *label,
					   struct obol_device *device, bool *waits) OBOL_MUST_CHECK;

/** Delete the account with all that it has, for good. */
OBOL_API enum obol_status
obol_client_delete_account(struct obol_client *client) OBOL_MUST_CHECK;

/** Make a slot for this device after a login with the password, and prove it
 * by a login; the client is logged in with the password again afterwards. */
OBOL_API enum obol_status
obol_client_add_device(struct obol_client *client, const char *label,
					   struct obol_device *device) OBOL_MUST_CHECK;

/** Replace the password slot, and prove the new one by a login. */
OBOL_API enum obol_status
obol_client_change_password(struct obol_client *client,
							const struct obol_secret *password) OBOL_MUST_CHECK;

/**
 * A new account key, everything sealed anew, and all slots gone but the new
 * password's; proved by a login.
 *
 * @param label		as in obol_client_activate(); NULL makes no device slot
 */
OBOL_API enum obol_status
obol_client_rekey(struct obol_client *client,
				  const struct obol_secret *password, const char *label,
				  struct obol_device *device) OBOL_MUST_CHECK;

/**
 * Make or replace the recovery slot, and prove it by a login.
 *
 * @param code	receives the code as text, to be shown once
 */
OBOL_API enum obol_status
obol_client_new_recovery(struct obol_client *client,
						 struct obol_secret **code) OBOL_MUST_CHECK;

/** What opens an account. */
#define OBOL_CLIENT_SLOT_PASSWORD 1
#define OBOL_CLIENT_SLOT_ACTIVATION 2
#define OBOL_CLIENT_SLOT_RECOVERY 3
#define OBOL_CLIENT_SLOT_DEVICE 4

/** What the account's slots are. */
struct obol_slot_info {
	/** one of the above */
	uint8_t kind;
	uint8_t device_id[OBOL_CLIENT_DEVICE_LEN];
	char label[65];
	uint64_t created_at;
	uint64_t last_used_at;
	char last_source[65];
	uint64_t expires_at;
};

/** @param items	receives an array; free() it */
OBOL_API enum obol_status obol_client_slots(struct obol_client *client,
											struct obol_slot_info **items,
											size_t *n_items) OBOL_MUST_CHECK;

/** End a slot. */
OBOL_API enum obol_status obol_client_delete_slot(
	struct obol_client *client, uint8_t kind,
	const uint8_t device_id[OBOL_CLIENT_DEVICE_LEN]) OBOL_MUST_CHECK;

/** A line of the account's own audit trail. */
struct obol_history_line {
	uint64_t id;
	uint64_t at;
	uint8_t operation;
	uint16_t reply;
	uint8_t kind;
	char label[65];
	char source[65];
	char detail[513];
};

/**
 * The account's audit trail, newest first.
 *
 * @param before	an id, 0 for the newest
 * @param limit		1..200
 * @param lines		receives an array; free() it
 */
OBOL_API enum obol_status obol_client_history(struct obol_client *client,
											  uint64_t before, uint16_t limit,
											  struct obol_history_line **lines,
											  size_t *n_lines) OBOL_MUST_CHECK;

/** What happened, as a word: "login", "put" ... */
OBOL_API const char *obol_operation_name(uint8_t operation);

#ifdef __cplusplus
}
#endif

#endif /* OBOL_CLIENT_H_ */
