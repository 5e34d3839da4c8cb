/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A whole server in this process, on a real store and a driven clock, and
 * clients' sessions that talk to it.
 */
#ifndef TESTS_SERVER_WORLD_H_
#define TESTS_SERVER_WORLD_H_

#include <check.h>

#include "server/keys.h"
#include "server/server.h"
#include "session/client_session.h"
#include "store/store_operator.h"
#include "support/driven_clock.h"
#include "support/tempdir.h"

#define WORLD_NOW ((uint64_t)1800000000)
#define DAY ((uint64_t)86400)
/** Activation code of every account. */
#define CODE "0123456789"
#define PASSWORD "correct horse battery"
#define DEVICE_SECRET "fedcba9876543210"

/** The tests' first device, and a second one. */
extern const uint8_t device_one[OBOL_DEVICE_ID_LEN];
extern const uint8_t device_two[OBOL_DEVICE_ID_LEN];

/** A name that a client has given. */
struct typed_name {
	char name[OBOL_NAME_MAX + 1];
	/** it is, or was, an account's or a team's */
	bool is_known;
};
#define TYPED_MAX 64

struct world {
	struct tempdir dir;
	struct driven_clock clock;
	struct obol_log log;
	/** what was logged, lines behind each other */
	char logged[65536];
	size_t logged_len;
	size_t n_typed;
	struct typed_name typed[TYPED_MAX];
	struct obol_server_keys *keys;
	struct obol_issuer *issuer;
	/** what obol_server_new() gets; a test may change it before world_start */
	struct obol_server_options options;
	struct obol_server *server;
};

/** Store, keys, CA and options, at WORLD_NOW or another time. */
void world_init(struct world *w);
void world_init_at(struct world *w, uint64_t now);
/** With another store, which is the world's from now on. */
void world_init_with(struct world *w, uint64_t now, struct obol_store *store);
/** The server. */
void world_start(struct world *w);
/** Stop the server; the store stays. */
void world_stop(struct world *w);
/** Stop it, add a server key, which becomes the current one, and start. */
void world_new_key(struct world *w);
/** Also looks that no secret of the tests is in the log, nor a name that was
 * never known. */
void world_clear(struct world *w);

/** A name that may be logged from now on: a team's, most often. */
void world_know(struct world *w, const char *name);

/** world_init() and world_start(). */
void world_begin(struct world *w);

/** Run an operation of the operator's and expect OK. */
void world_run(struct world *w, enum obol_store_verb verb, void *arg);

/** Add an account with an activation slot of CODE; its id. */
int64_t world_add(struct world *w, const char *name);
int64_t world_add_gateway(struct world *w, const char *name);

/** The account as it is stored. */
struct obol_account world_account(struct world *w, const char *name);

/** The operator disables or enables an account. */
void world_set_state(struct world *w, const char *name,
					 enum obol_account_state state);

/** A client and its connection. */
struct link {
	struct world *world;
	struct obol_client_session *client;
	struct obol_server_connection *conn;
	uint8_t exporter[OBOL_EXPORTER_LEN];
	char name[OBOL_NAME_MAX + 1];
	enum obol_status status;
	/** the account key in use; from LoginDone, or the next after a rekey */
	struct obol_account_key key;
	/** record and wrap of the slot begun last */
	uint8_t record[4][OBOL_OPAQUE_RECORD_LEN];
	uint8_t wrap[4][OBOL_WRAP_MAX];
	size_t n_records;
};

/** Connect from an address, NULL for 192.0.2.1. */
void link_open(struct link *l, struct world *w, const char *source);
void link_close(struct link *l);

/** Let bytes go over, and the store work, until nothing moves. */
void link_run(struct link *l);

/** Send LoginStart and take what comes; true when KE2 verified. */
bool link_start(struct link *l, const char *name, enum obol_slot_kind kind,
				const uint8_t *device_id, const char *secret);

/** Log in, with Info as the first request; true when that was answered. */
bool link_login(struct link *l, const char *name, enum obol_slot_kind kind,
				const uint8_t *device_id, const char *secret);

/** A request and its answer; NULL when it was refused. */
const struct obol_answer *link_ask(struct link *l,
								   const struct obol_request *request);

/** Ask and expect a refusal; its reply number. */
unsigned link_refused(struct link *l, const struct obol_request *request);

/** Reply number of the last refusal, 0 for none. */
unsigned link_reply(const struct link *l);

/** Ask with a type alone. */
const struct obol_answer *link_ask_type(struct link *l,
										enum obol_frame_type type);

/** SlotStart, and the slot message for SlotFinish or ReKey; memory in l. */
void link_register(struct link *l, enum obol_slot_kind kind,
				   const uint8_t *device_id, const char *secret,
				   uint32_t generation, struct obol_slot_message *slot);

/** SlotFinish of that; true when it was answered. */
bool link_finish(struct link *l, const struct obol_slot_message *slot);

/** Put a credential; its new version, 0 when it was refused. */
uint64_t link_put(struct link *l, const char *name, uint64_t base_version,
				  uint32_t generation, const char *sealed);

/** Set an account up as its user: code, then PASSWORD and device one. */
void world_activate(struct world *w, const char *name);

/** Log a link in with PASSWORD, which must work. */
void link_by_password(struct link *l, struct world *w, const char *name);

/** Log a link in as device one, which must work. */
void link_by_device(struct link *l, struct world *w, const char *name);

/** The newest line of an account's history: "operation reply kind detail". */
const char *newest_line(struct world *w, const char *name);

#endif /* TESTS_SERVER_WORLD_H_ */
