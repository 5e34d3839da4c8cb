/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * An activation slot, made by the operator's tool, which plays client and
 * server of OPAQUE's registration at once.
 */
#ifndef OBOL_TOOLS_ACTIVATION_H_
#define OBOL_TOOLS_ACTIVATION_H_

#include "seal/account_key.h"
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

#endif /* OBOL_TOOLS_ACTIVATION_H_ */
