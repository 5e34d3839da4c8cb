/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A credential server on loopback for the tests of the client: sessions of
 * proto/session behind real sockets and TLS, with an account in memory. It
 * works as it should, and fails as it is told to.
 */
#ifndef TESTS_CLIENT_GATEWAY_H_
#define TESTS_CLIENT_GATEWAY_H_

#include "client/internal.h"
#include "exchange/fake_owner.h"
#include "support/tempdir.h"
#include "support/tls_peer.h"

#define PASSWORD "correct horse battery"

/** A deadline that is not to be met, and what comes in good time before it:
 * however slow the machine is, and whatever else it does. */
#define GATEWAY_LONG_MS 60000
#define GATEWAY_SOON_MS 30000

struct gateway {
	struct fake_owner owner;
	struct tls_peer peer;
	pthread_mutex_t lock;
	struct tempdir dir;
	/** issues certificates */
	struct test_identity ca;
	/** of the connection that is being served */
	const uint8_t *exporter;
	uint8_t ca_der[TEST_DER_MAX];
	uint8_t certificate_der[TEST_DER_MAX];
	size_t n_staged;
	struct fake_credential staged[FAKE_CREDENTIALS_MAX];

	/* what it is told to do: types of frames, 0 for never */
	/** close when such a frame comes, and do nothing of it */
	uint8_t cut_before;
	/** do what it asks, then close without an answer */
	uint8_t cut_after;
	/** neither answer nor close */
	uint8_t stall_at;
	/** how many such frames pass before */
	unsigned n_pass;
	/** only at this server; NULL for all of them */
	const struct tls_peer *fails_at;
	/** one credential in an answer to Get all */
	bool is_paging;
	/** days for which certificates are issued, from now */
	int issue_from;
	int issue_until;
	/** seconds for which they are issued, dated back an hour; 0: see above */
	int64_t issue_life_s;
	/** issue for a key of its own */
	bool wrong_key;
	/** called before a request is dealt with; may be NULL */
	enum obol_reply (*meddle)(struct gateway *gateway,
							  const struct obol_request *request);
	/** what LoginDone says of it */
	uint8_t n_pins;
	struct obol_pin pins[OBOL_PINS_MAX];
	int64_t clock_off_s;
	uint8_t mode;
	/** 0 says that no certificates are issued, and issues for any key */
	uint8_t key_type;
	uint64_t account_expires_at;
	uint32_t anchors_number;

	/* what it saw */
	unsigned n_requests[256];
	unsigned n_slots_made;
	char label[OBOL_LABEL_MAX + 1];
};

/** Start it, with an account that has no slot. */
void gateway_init(struct gateway *gateway);
void gateway_clear(struct gateway *gateway);

/** Start it again under another TLS key, at the same port. */
void gateway_new_tls_key(struct gateway *gateway);

/**
 * Start a second server in front of the same accounts.
 *
 * @param peer			to be cleared before the gateway
 * @param has_same_key	whether its TLS key is the first one's
 */
void gateway_add_server(struct gateway *gateway, struct tls_peer *peer,
						bool has_same_key);

/** Options for alice at this gateway, with a state file in its directory. */
void gateway_options(struct gateway *gateway,
					 struct obol_client_options *options);

/** A client with these options, or with the usual ones for NULL. */
struct obol_client *gateway_client(struct gateway *gateway,
								   const struct obol_client_options *options);

/** Log in with the password; the client must be told so. */
enum obol_status login(struct obol_client *client, const char *password);

/** Log in and have the server say so. */
void login_whole(struct obol_client *client, const char *password);

/** A request that any login may make; it brings LoginDone. */
enum obol_status ask(struct obol_client *client);

/** Fails the test unless the last call came to this cause. */
#define check_cause(client, wanted)                                            \
	ck_assert_msg(obol_client_error(client)->cause == (wanted),                \
				  "cause %s, %s",                                              \
				  obol_cause_name(obol_client_error(client)->cause),           \
				  obol_client_error(client)->text)

/** Fails the test unless it is OK, and says why not. */
#define check_ok(client, call)                                                 \
	do                                                                         \
	{                                                                          \
		enum obol_status check_status_ = (call);                               \
		ck_assert_msg(check_status_ == OBOL_OK, "%s: %s",                      \
					  obol_cause_name(obol_client_error(client)->cause),       \
					  obol_client_error(client)->text);                        \
	} while (0)

/** A slot with the password above; it costs key stretching. */
void gateway_add_password(struct gateway *gateway);

/** A device slot, registered at the gateway. */
void gateway_add_device(struct gateway *gateway, struct obol_device *device);

/** A code of the given kind, registered; its text. */
struct obol_secret *gateway_add_code(struct gateway *gateway,
									 enum obol_slot_kind kind);

/** A secret out of a text. */
struct obol_secret *secret_of(const char *text);

#endif /* TESTS_CLIENT_GATEWAY_H_ */
