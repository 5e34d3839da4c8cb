/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A client's and a server's session in one process, and the wire between
 * them.
 */
#ifndef TESTS_EXCHANGE_EXCHANGE_H_
#define TESTS_EXCHANGE_EXCHANGE_H_

#include "exchange/fake_owner.h"
#include "session/client_session.h"

#define FAKE_PASSWORD "correct horse"
#define FAKE_CODE "0123456789"
#define FAKE_RECOVERY "0123456789abcdef"
#define FAKE_DEVICE_SECRET "fedcba9876543210"

extern const uint8_t fake_device_id[OBOL_DEVICE_ID_LEN];

struct exchange {
	struct fake_owner owner;
	struct obol_client_session *client;
	struct obol_server_session *server;
	/** bytes that go over at once, 0 for all */
	size_t chunk;
	/** times that the direction changed */
	unsigned n_flights;
	/** what the client's input came to */
	enum obol_status status;
	/** changes what goes over; may be NULL */
	void (*tamper)(struct exchange *x, bool to_client, uint8_t *bytes,
				   size_t len);
	/** for tamper */
	size_t at;
};

/** An owner with the slot of a kind, and a session at either end. */
void exchange_init(struct exchange *x, enum obol_slot_kind kind);
void exchange_clear(struct exchange *x);

/** Free both sessions and make new ones, over a channel of its own. */
void exchange_connect(struct exchange *x);

/** The secret that exchange_init() registers for a kind. */
const char *exchange_secret(enum obol_slot_kind kind);

/** Begin the login of alice with a secret. */
void exchange_login(struct exchange *x, enum obol_slot_kind kind,
					const char *secret);

/** Let bytes go over until nobody has any. */
void exchange_run(struct exchange *x);

/** Log in with the right secret, to state READY. */
void exchange_ready(struct exchange *x, enum obol_slot_kind kind);

/** Log in and make a first request (Info), so that LoginDone is there. */
void exchange_open(struct exchange *x, enum obol_slot_kind kind);

/** A request and its answer; NULL when it was refused or the session failed. */
const struct obol_answer *exchange_ask(struct exchange *x,
									   const struct obol_request *request);

/** The same for a request of a type alone. */
const struct obol_answer *exchange_ask_type(struct exchange *x,
											enum obol_frame_type type);

/** The reply number of the last refusal. */
unsigned exchange_reply(const struct exchange *x);

#endif /* TESTS_EXCHANGE_EXCHANGE_H_ */
