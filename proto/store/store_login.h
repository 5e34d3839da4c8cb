/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The store's operations of a login; see store.h for the rest.
 */
#ifndef OBOL_STORE_STORE_LOGIN_H_
#define OBOL_STORE_STORE_LOGIN_H_

#include "store/store.h"

/**
 * LOGIN_BEGIN: reserve one guess and find the slot, in one transaction.
 * OK with later_s 0: answer the challenge. found is false for an unknown name,
 * a kind or device that the account has not got, and an expired slot: the
 * caller answers from a fake record, with no set older than past, and nothing
 * else differs.
 */
struct obol_store_login_begin {
	struct {
		struct obol_bytes name;
		uint8_t kind;
		uint8_t device_id[OBOL_DEVICE_ID_LEN];
		/** key of the guess table's row, see guess_limit.h */
		uint8_t guess_key[OBOL_GUESS_KEY_LEN];
		uint64_t now;
		/** a slot that is not found reserves nothing, and leaves no row */
		bool only_found;
	} in;
	struct {
		/** 0: go on; else exhausted, and nothing was reserved */
		uint32_t later_s;
		/** to give this reservation back */
		uint64_t reservation;
		bool found;
		int64_t account_id;
		struct obol_slot slot;
		/** what a slot of this name, kind and device that has expired or is
		 * gone was answered with; key number 0: nothing is remembered */
		struct obol_store_slot_set past;
	} out;
};

/**
 * LOGIN_DONE: KE3 was valid. Gives the reservation back, notes the slot's use
 * and the audit row. DENIED when the account is disabled or expired or the
 * slot is gone meanwhile (the reservation is given back all the same, and the
 * refusal is in the audit trail).
 *
 * A Get that came behind KE3 can be given along. It is done with the login, and
 * so is its audit row, if the login is accepted and the account is a user's.
 * Whatever keeps it from success leaves no trace of it and the login as it is:
 * it is to be asked again then, by a GET of its own.
 */
struct obol_store_login_done {
	struct {
		int64_t account_id;
		struct obol_store_actor actor;
		uint8_t guess_key[OBOL_GUESS_KEY_LEN];
		uint64_t reservation;
		/** of the slot that LOGIN_BEGIN found: one written since then has
		 * another serial, and has not been logged in with */
		int64_t slot_serial;
		uint32_t slot_generation;
		char slot_label[OBOL_LABEL_MAX + 1];
		uint64_t now;
		/** may be NULL: of the same account and actor, see above; its
		 * generation is filled in */
		struct obol_store_get *get;
	} in;
	struct {
		/** but for its numbers of things and what is known of activation */
		struct obol_account account;
		/** of the slot, see struct obol_store_request */
		uint32_t generation;
		uint32_t n_failures;
		uint64_t last_failure_at;
		char last_failure_source[OBOL_SOURCE_MAX + 1];
		uint64_t last_login_at;
		/** certificates that the slot's user may hold and that are revoked, the
		 * last ones first */
		uint8_t n_revoked;
		struct obol_serial revoked[OBOL_LOGIN_REVOKED_MAX];
		/** of the newest set of CA certificates, 0 for none */
		uint32_t anchors_number;
		/** the Get has succeeded */
		bool has_get;
		/** with DENIED: for people */
		char refusal[OBOL_TEXT_MAX + 1];
	} out;
};

/** LOGIN_FAILED: KE3 was wrong, or never came. Notes the failure for the
 * account's owner; the reservation stays. account_id 0: unknown name, only
 * counted; it costs a commit like the other. */
struct obol_store_login_failed {
	struct {
		int64_t account_id;
		struct obol_store_actor actor;
		uint64_t now;
	} in;
};

/** LOGIN_UNDO: gives a reservation back, LOGIN_BEGIN's or ENROL_CHECK's, whose
 * answer was never sent: nobody can have guessed by it. */
struct obol_store_login_undo {
	struct {
		uint8_t guess_key[OBOL_GUESS_KEY_LEN];
		uint64_t reservation;
	} in;
};

#endif /* OBOL_STORE_STORE_LOGIN_H_ */
