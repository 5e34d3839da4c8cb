/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a user does, with all that it rests on as lines.
 */
#ifndef TESTS_SPEC_VECTOR_USER_H_
#define TESTS_SPEC_VECTOR_USER_H_

#include "spec/vector_show.h"

/** Who logs in, with what. */
struct vector_login {
	enum obol_slot_kind kind;
	const char *name;
	/** NULL but for kind device */
	const uint8_t *device_id;
	const struct obol_secret *secret;
};

/** LoginStart and what comes of it; name, secret and OPRF's input before it.
 * True when KE2 verified: then what opens the wrap is written too. The
 * export_key is for vector_login_done(); free it. */
bool vector_login_start(struct vector_link *l, const struct vector_login *login,
						struct obol_secret **export_key);

/** LoginFinish with the first request; LoginDone's wrap is opened. */
const struct obol_answer *
vector_login_done(struct vector_link *l, const struct obol_secret *export_key,
				  const struct obol_request *first);

/** A login that must work. */
const struct obol_answer *vector_login(struct vector_link *l,
									   const struct vector_login *login,
									   const struct obol_request *first);

/** A slot that is being registered. */
struct vector_slot {
	struct vector_login login;
	const char *label;
	/** before the names of its lines, such as "device_" */
	const char *prefix;
	uint8_t record[OBOL_OPAQUE_RECORD_LEN];
	uint8_t wrap[OBOL_WRAP_MAX];
};

/** SlotStart, then the slot as SlotFinish and ReKey carry it; in slot's
 * memory. */
void vector_register(struct vector_link *l, struct vector_slot *slot,
					 const struct obol_account_key *key,
					 struct obol_slot_message *message);

/** The same where client and server are one: the operator's tool. */
void vector_register_here(struct vector_world *w, struct vector_slot *slot,
						  const struct obol_account_key *key);

/** Seal a body under a header; its lines; clear the writer. */
void vector_seal(struct vector_world *w, const struct obol_account_key *key,
				 const struct obol_credential_header *header,
				 const struct obol_secret *body, struct obol_writer *sealed);

#endif /* TESTS_SPEC_VECTOR_USER_H_ */
