/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The account key: made on the client, opened by each of the account's slots,
 * and what every credential of the account is sealed under.
 */
#ifndef OBOL_SEAL_ACCOUNT_KEY_H_
#define OBOL_SEAL_ACCOUNT_KEY_H_

#include "base/rng.h"
#include "base/writer.h"
#include "wire/registry.h"

struct obol_account_key {
	/** random, made by the client, believed only out of a wrap */
	uint8_t account_id[OBOL_ACCOUNT_ID_LEN];
	/** from 1, grows with every new key */
	uint32_t generation;
	/** OBOL_ACCOUNT_KEY_LEN bytes */
	struct obol_secret *key;
};

/** A first key, generation 1, with a new account id. */
enum obol_status
obol_account_key_new(struct obol_rng *rng,
					 struct obol_account_key *key) OBOL_MUST_CHECK;

/** The next generation: the same account id, a new key. */
enum obol_status
obol_account_key_next(struct obol_rng *rng, const struct obol_account_key *key,
					  struct obol_account_key *next) OBOL_MUST_CHECK;

/** Wipe. */
void obol_account_key_clear(struct obol_account_key *key);

/**
 * Wrap the account key for a slot.
 *
 * Layout: version 1 (1) | suite (2) | kind (1) | account id (16) |
 * generation (4) | seal (see aead.h) of { account id (16) | generation (4) |
 * account key (32) }, with all that stands before the seal as associated data.
 *
 * @param export_key	the slot's OPAQUE export_key, Nh bytes
 * @param wrap			appended to, at most OBOL_WRAP_MAX bytes
 */
enum obol_status obol_slot_wrap(struct obol_rng *rng,
								const struct obol_secret *export_key,
								enum obol_slot_kind kind,
								const struct obol_account_key *key,
								struct obol_writer *wrap) OBOL_MUST_CHECK;

/**
 * Open a wrap.
 *
 * @param kind	what the client logged in with
 * @param key	set on OK, obol_account_key_clear() it
 * @return		OK; VERSION; FORMAT; AUTH when it was not made with this
 *				export_key for this kind, account id and generation
 */
enum obol_status obol_slot_unwrap(const struct obol_secret *export_key,
								  enum obol_slot_kind kind,
								  struct obol_bytes wrap,
								  struct obol_account_key *key) OBOL_MUST_CHECK;

#endif /* OBOL_SEAL_ACCOUNT_KEY_H_ */
