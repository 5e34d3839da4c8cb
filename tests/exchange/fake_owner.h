/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What owns a server's session in the tests: one account, alice, in memory.
 * It answers as the daemon does, and does other things when it is told to.
 */
#ifndef TESTS_EXCHANGE_FAKE_OWNER_H_
#define TESTS_EXCHANGE_FAKE_OWNER_H_

#include "base/rng.h"
#include "seal/account_key.h"
#include "session/server_session.h"
#include "support/driven_clock.h"

#define FAKE_ACCOUNT "alice"
#define FAKE_CREDENTIALS_MAX 8
#define FAKE_KEY_NUMBER 7

struct fake_slot {
	uint8_t kind;
	uint8_t device_id[OBOL_DEVICE_ID_LEN];
	char label[OBOL_LABEL_MAX + 1];
	struct obol_ksf_params ksf;
	uint8_t record[OBOL_OPAQUE_RECORD_LEN];
	uint8_t wrap[OBOL_WRAP_MAX];
	size_t wrap_len;
};

struct fake_credential {
	char name[OBOL_CREDENTIAL_NAME_MAX + 1];
	uint16_t format;
	uint64_t version;
	uint8_t *sealed;
	size_t sealed_len;
};

struct fake_owner;

/** What a test that has more to do than this owner adds; each may be NULL. */
struct fake_owner_hooks {
	void *ctx;
	/** change what LoginDone says */
	void (*login_done)(void *ctx, struct obol_login_done *done);
	/** answer a request in owner->answer and give a reply, or 0 to leave it to
	 * the owner */
	enum obol_reply (*request)(void *ctx, const struct obol_request *request);
};

struct fake_owner {
	struct driven_clock clock;
	struct obol_opaque_keys keys;
	struct obol_secret *oprf_seed;
	struct obol_secret *private_key;
	uint8_t public_key[OBOL_OPAQUE_NPK];
	struct obol_secret *fake_seed;
	struct obol_account_key account_key;
	size_t n_slots;
	struct fake_slot slots[OBOL_SLOTS_MAX];
	size_t n_credentials;
	struct fake_credential credentials[FAKE_CREDENTIALS_MAX];
	struct obol_answer *answer;

	/* what it is told to do */
	uint32_t later_s;
	enum obol_reply refuse_login;
	enum obol_reply refuse_request;
	bool migrate;
	bool no_wrap;
	/** accounts that are made wait for approval */
	bool waits;
	/** answers and challenges are held back */
	bool is_idle;
	/** overrides the challenge's KSF when its id is not 0xff */
	struct obol_ksf_params ksf;
	/** the KSF that SlotStart answers for a password */
	struct obol_ksf_params least_ksf;
	struct fake_owner_hooks hooks;

	/* what it saw */
	unsigned n_starts;
	unsigned n_finishes;
	unsigned n_failed;
	unsigned n_requests;
	bool is_closed;
};

/** New keys, the account's key, no slot. Aborts when that fails. */
void fake_owner_init(struct fake_owner *owner);
void fake_owner_clear(struct fake_owner *owner);

/** Register a slot of alice's with a secret, as activation would. */
void fake_owner_add(struct fake_owner *owner, enum obol_slot_kind kind,
					const uint8_t *device_id, const char *secret);
void fake_owner_add_secret(struct fake_owner *owner, enum obol_slot_kind kind,
						   const uint8_t *device_id,
						   const struct obol_secret *secret);

/** A session whose owner this is. */
struct obol_server_session *fake_owner_session(struct fake_owner *owner,
											   const uint8_t *exporter);

/** Deal with the session's events until there is none. */
void fake_owner_serve(struct fake_owner *owner,
					  struct obol_server_session *session);

#endif /* TESTS_EXCHANGE_FAKE_OWNER_H_ */
