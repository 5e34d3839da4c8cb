/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The store's operations of self-enrolment; see store.h for the rest.
 */
#ifndef OBOL_STORE_STORE_ENROL_H_
#define OBOL_STORE_STORE_ENROL_H_

#include "store/store.h"

/** Most uses of one code. */
#define OBOL_ENROLMENT_USES_MAX 100000

/** A team's rows in the audit trail have this for an account's number. */
#define OBOL_STORE_TEAM(id) (-1 - (id))

/** A team's enrolment code. */
struct obol_enrolment {
	int64_t id;
	/** the team's, normalised like an account's name; what one logs in as */
	char name[OBOL_LABEL_MAX + 1];
	/** of the names that it is good for, see account/name_pattern.h */
	char names[OBOL_NAME_MAX + 1];
	/** its accounts wait for the operator's approval */
	bool approve;
	uint32_t uses;
	uint32_t uses_left;
	uint64_t created_at;
	uint64_t expires_at;
	uint64_t last_used_at;
	uint32_t key_number;
	uint8_t record[OBOL_OPAQUE_RECORD_LEN];
};

/** ENROLMENT_ADD: EXISTS when the team has a code that is still good. */
struct obol_store_enrolment_add {
	struct {
		struct obol_enrolment enrolment;
		struct obol_store_actor actor;
		uint64_t now;
	} in;
};

/** ENROLMENT_LIST: in order of teams, after the given one, limit at a time. */
struct obol_store_enrolment_list {
	struct {
		struct obol_bytes after;
		size_t limit;
	} in;
	struct {
		size_t n_enrolments;
		/** the store's array, holds until the callback returns */
		const struct obol_enrolment *enrolments;
	} out;
};

/** ENROLMENT_REVOKE: a team's code ends at once, also for logins that are open;
 * NOT_FOUND. The accounts made with it stay. */
struct obol_store_enrolment_revoke {
	struct {
		struct obol_bytes name;
		struct obol_store_actor actor;
		uint64_t now;
	} in;
};

/** What accounts made without a code are bound by. */
struct obol_store_enrol_open {
	/** of names, see account/name_pattern.h */
	const char *names;
	bool approve;
	/** in a day; 0: nobody may */
	uint32_t per_day_max;
};

/**
 * ENROL_CHECK: whether an account of this name may be made; reserves one guess
 * of the name: what follows is an evaluation of the name's OPRF. LOGIN_UNDO
 * gives it back when nothing follows, and nothing else does. ENROL: the same
 * checks but for the guess, then the account, its slots, one use of the code
 * and the audit row, in one transaction.
 *
 * OK; AUTH when the code has ended since the login; EXISTS (reply TAKEN) when
 * name or identity are another account's; DENIED with reply NO_ENROLMENT or
 * BUSY, and refusal says what for; then later_s is when there is room again, 0
 * where nobody knows. OK and later_s not 0, by ENROL_CHECK: the guesses are
 * used up, nothing was reserved.
 */
struct obol_store_enrol {
	struct {
		struct obol_bytes name;
		const char *identity;
		/** of the code logged in with; 0: none */
		int64_t enrolment_id;
		struct obol_store_enrol_open open;
		/** accounts that may wait for approval */
		uint32_t waiting_max;
		/** ENROL_CHECK: of the password's guess row */
		uint8_t guess_key[OBOL_GUESS_KEY_LEN];
		/** ENROL: of generation 1 */
		size_t n_slots;
		const struct obol_slot *slots;
		struct obol_store_actor actor;
		uint64_t now;
	} in;
	struct {
		uint32_t later_s;
		/** ENROL_CHECK: to give this reservation back */
		uint64_t reservation;
		int64_t account_id;
		/** for approval */
		bool waits;
		/** with DENIED: for people, a constant */
		const char *refusal;
	} out;
};

/** ACCOUNT_APPROVE takes struct obol_store_account_set_state, whose state does
 * not count: DENIED when the account does not wait.
 *
 * ACCOUNT_DELETE: by its user; what ACCOUNT_REMOVE does. */
struct obol_store_account_delete {
	struct obol_store_request in;
};

#endif /* OBOL_STORE_STORE_ENROL_H_ */
