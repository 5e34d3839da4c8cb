/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A client and a server of OPAQUE in one process: a registration made, logins
 * step by step, with fixed randomness so that messages repeat.
 */
#ifndef TESTS_PAKE_OPAQUE_PAIR_H_
#define TESTS_PAKE_OPAQUE_PAIR_H_

#include "pake/opaque_login.h"
#include "pake/opaque_registration.h"
#include "support/scripted_rng.h"

#define PAIR_KEY_NUMBER 7

struct opaque_pair {
	struct obol_secret *oprf_seed;
	struct obol_secret *private_key;
	uint8_t public_key[OBOL_OPAQUE_NPK];
	struct obol_opaque_keys keys;
	struct obol_ksf ksf;
	struct obol_secret *password;
	/** what the server answers from, with the record below */
	struct obol_opaque_server_input input;
	uint8_t record[OBOL_OPAQUE_RECORD_LEN];
	struct obol_secret *export_key;
	/** what the client takes for granted */
	struct obol_opaque_identities ids;
	struct obol_bytes context;
	/** the login's messages and states */
	uint8_t ke1[OBOL_OPAQUE_KE1_LEN];
	uint8_t ke2[OBOL_OPAQUE_KE2_LEN];
	struct obol_opaque_client *client;
	struct obol_opaque_server *server;
};

/** Keys, and a registration with password, context and identities. */
void opaque_pair_init(struct opaque_pair *pair, const char *password,
					  const char *client, const char *server);
void opaque_pair_clear(struct opaque_pair *pair);

/** A generator of its own bytes, the same for the same tag. */
void opaque_pair_rng(struct scripted_rng *rng, uint8_t tag);

/** GenerateKE1 with the pair's password, the same bytes each time. */
void opaque_pair_ke1(struct opaque_pair *pair);

/** GenerateKE2 for the KE1 in the pair. */
enum obol_status opaque_pair_ke2(struct opaque_pair *pair) OBOL_MUST_CHECK;

/** GenerateKE3 for the KE2 in the pair, its output compared and dropped. */
enum obol_status
opaque_pair_ke3(struct opaque_pair *pair,
				uint8_t ke3[OBOL_OPAQUE_KE3_LEN]) OBOL_MUST_CHECK;

/** Drop both states. */
void opaque_pair_reset(struct opaque_pair *pair);

#endif /* TESTS_PAKE_OPAQUE_PAIR_H_ */
