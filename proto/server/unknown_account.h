/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a name that has no account (or no such slot) is answered from, so that
 * neither one login nor many tell it from a known one (RFC 9807, 10.9): KSF
 * parameters and a key number, by a keyed hash of the name, in the proportions
 * that the real slots have, and a record. That is one for all of them, as the
 * RFC recommends: a client sees it under masks that a nonce of each answer's
 * own makes anew, and what the OPRF answers is each name's own anyway. So it
 * costs no login a multiplication.
 *
 * Over time names move to newer sets, and never back: slots that are gone count
 * as before, so that no share of a newer set shrinks, and their names are
 * answered with nothing older than they were (see slot_sets.h).
 */
#ifndef OBOL_SERVER_UNKNOWN_ACCOUNT_H_
#define OBOL_SERVER_UNKNOWN_ACCOUNT_H_

#include "store/store.h"

struct obol_unknown_account;

/**
 * @param fallback		parameters of passwords while there are no real ones
 * @param current_key	key number while there are no real ones
 * @return				OK; NOMEM
 */
enum obol_status
obol_unknown_account_new(struct obol_store *store,
						 const struct obol_ksf_params *fallback,
						 uint32_t current_key,
						 struct obol_unknown_account **unknown) OBOL_MUST_CHECK;

/** NULL is fine. */
void obol_unknown_account_free(struct obol_unknown_account *unknown);

/** Use these proportions from now on. */
void obol_unknown_account_set(struct obol_unknown_account *unknown,
							  const struct obol_store_slot_sets *sets);

/** What LOGIN_START is answered from. */
struct obol_unknown_answer {
	struct obol_ksf_params ksf;
	uint32_t key_number;
	uint8_t record[OBOL_OPAQUE_RECORD_LEN];
};

/**
 * Make up the answer for a name, kind and device id; the same comes every time
 * as long as the proportions stay, and when one set's share grows, names only
 * move into it.
 *
 * @param past	what LOGIN_BEGIN has found: the answer is no older
 * @return		OK; CRYPTO; NOMEM
 */
enum obol_status
obol_unknown_account_answer(const struct obol_unknown_account *unknown,
							uint8_t kind, struct obol_bytes name,
							const uint8_t device_id[OBOL_DEVICE_ID_LEN],
							const struct obol_store_slot_set *past,
							struct obol_unknown_answer *answer) OBOL_MUST_CHECK;

#endif /* OBOL_SERVER_UNKNOWN_ACCOUNT_H_ */
