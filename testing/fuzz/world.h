/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * An account, alice, and a server's keys, the same every time: what a session
 * needs for conversations whose cryptography is valid. Made once, never
 * changed.
 */
#ifndef TESTING_FUZZ_WORLD_H_
#define TESTING_FUZZ_WORLD_H_

#include "fuzz/messages.h"
#include "pake/opaque_login.h"
#include "seal/account_key.h"

#define FUZZ_ACCOUNT "alice"

struct fuzz_slot {
	uint8_t record[OBOL_OPAQUE_RECORD_LEN];
	uint8_t wrap[OBOL_WRAP_MAX];
	size_t wrap_len;
};

struct fuzz_world {
	struct obol_opaque_keys keys;
	struct obol_secret *oprf_seed;
	struct obol_secret *private_key;
	uint8_t public_key[OBOL_OPAQUE_NPK];
	struct obol_account_key account_key;
	/** the secret of each slot */
	struct obol_secret *secret;
	/** the stretching of each slot is the identity, whatever is announced */
	struct obol_ksf ksf;
	/** by kind */
	struct fuzz_slot slots[OBOL_SLOT_ENROLMENT + 1];
	/** what an unknown name is answered from */
	uint8_t fake_record[OBOL_OPAQUE_RECORD_LEN];
	uint8_t exporter[OBOL_EXPORTER_LEN];
};

/** The world; the same one every time. */
const struct fuzz_world *fuzz_world(void);

/** The record of who wants to log in, a fake one for everybody but alice. */
struct obol_bytes fuzz_world_record(const struct obol_login_start *login);

/** The credential identifier: kind and name. */
struct obol_bytes fuzz_world_identifier(const struct obol_login_start *login,
										uint8_t out[1 + OBOL_NAME_MAX]);

/** OPAQUE's context of a login and its challenge. */
void fuzz_world_context(const struct obol_login_start *login,
						const struct obol_ksf_params *ksf, uint32_t key_number,
						uint8_t context[OBOL_LOGIN_CONTEXT_LEN]);

#endif /* TESTING_FUZZ_WORLD_H_ */
