/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Activation codes and their slots, made for the operator: whoever makes one
 * plays client and server of OPAQUE's registration at once.
 */
#ifndef OBOL_SERVER_ACTIVATION_H_
#define OBOL_SERVER_ACTIVATION_H_

#include "seal/account_key.h"
#include "seal/code.h"
#include "store/store.h"

/** How long a code holds unless the operator says otherwise, in seconds. */
#define OBOL_ACTIVATION_LIFETIME_S (14 * (uint32_t)86400)

/** What a registration needs of the server. */
struct obol_activation_server {
	struct obol_rng *rng;
	const struct obol_store *store;
	struct obol_opaque_keys *keys;
	/** the key number of new slots */
	uint32_t key_number;
};

/**
 * Register an activation code.
 *
 * @param name			the account's normalised name
 * @param code			the code's bytes, of obol_code_new() or _parse()
 * @param key			the account key that the code shall open
 * @param expires_at	when the code ends
 * @param slot			the slot to store
 * @return				OK; ARG; NOMEM; CRYPTO; what the keys' operations return
 */
enum obol_status obol_activation_register(
	const struct obol_activation_server *server, const char *name,
	const struct obol_secret *code, const struct obol_account_key *key,
	uint64_t expires_at, struct obol_slot *slot) OBOL_MUST_CHECK;

/** A code, the account key it opens, and the slot to store. */
struct obol_activation_code {
	struct obol_secret *secret;
	/** for people */
	struct obol_secret *text;
	struct obol_account_key key;
	struct obol_slot slot;
};

/**
 * Make a code and an account key.
 *
 * @param account_id	OBOL_ACCOUNT_ID_LEN bytes to keep, NULL for new ones
 * @param generation	of the account key
 * @param code			to be cleared; holds nothing after a failure
 * @return				as obol_activation_register()
 */
enum obol_status
obol_activation_code_new(const struct obol_activation_server *server,
						 const char *name, const uint8_t *account_id,
						 uint32_t generation, uint64_t expires_at,
						 struct obol_activation_code *code) OBOL_MUST_CHECK;

/** Wipe. */
void obol_activation_code_clear(struct obol_activation_code *code);

/**
 * Register a team's enrolment code.
 *
 * @param team		the team's normalised name
 * @param code		the code's bytes
 * @param record	the OPAQUE record to store
 * @return			as obol_activation_register()
 */
enum obol_status
obol_enrolment_register(const struct obol_activation_server *server,
						const char *team, const struct obol_secret *code,
						uint8_t record[OBOL_OPAQUE_RECORD_LEN]) OBOL_MUST_CHECK;

#endif /* OBOL_SERVER_ACTIVATION_H_ */
