/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The store's operations for sets of CA certificates (seal/anchors.h), and
 * for who holds which.
 */
#ifndef OBOL_STORE_STORE_ANCHORS_H_
#define OBOL_STORE_STORE_ANCHORS_H_

#include "store/store.h"

/** SHA-256 of a CA's self-signed certificate in DER. */
#define OBOL_STORE_ROOT_LEN 32

/** ANCHORS: note what the slot's user holds, and give the first set above
 * after. The note leaves a row in the audit trail when it is a new one. */
struct obol_store_anchors {
	struct {
		struct obol_store_request request;
		/** 0 for none */
		uint32_t held;
		uint32_t after;
	} in;
	struct {
		/** 0: there is none */
		uint32_t number;
		uint64_t created_at;
		struct obol_bytes cms;
	} out;
};

/** ANCHORS_NEWEST: the newest set, for the operator; number 0 when there is
 * none. */
struct obol_store_anchors_newest {
	struct {
		uint32_t number;
		uint64_t created_at;
		struct obol_bytes cms;
	} out;
};

/** ANCHORS_PUT: a new set. EXISTS unless its number is one above the newest
 * one's. */
struct obol_store_anchors_put {
	struct {
		uint32_t number;
		uint64_t created_at;
		struct obol_bytes cms;
		struct obol_store_actor actor;
		enum obol_operation operation;
		/** for the audit trail */
		struct obol_bytes detail;
		uint64_t now;
	} in;
};

/** An account that lacks a set. */
struct obol_store_lacking {
	char name[OBOL_NAME_MAX + 1];
	uint64_t last_login_at;
	/** its devices, and those among them that lack it; both 0 for an account
	 * without devices, whose password slot counts */
	uint32_t n_devices;
	uint32_t n_lacking;
};

/** ANCHORS_LACKING: accounts in use (active, activated, not expired) of which
 * a device has not said that it holds this set or a later one; the one that
 * logged in last first. */
struct obol_store_anchors_lacking {
	struct {
		uint32_t number;
		uint64_t now;
		size_t limit;
	} in;
	struct {
		/** accounts in use, and those that lack it */
		uint32_t n_accounts;
		uint32_t n_lacking;
		/** at most limit of them */
		size_t n_items;
		const struct obol_store_lacking *items;
	} out;
};

/** ROOT_COUNT: certificates under a root that end after now; those whose root
 * was not recorded are counted too. */
struct obol_store_root_count {
	struct {
		uint8_t root[OBOL_STORE_ROOT_LEN];
		uint64_t now;
	} in;
	struct {
		/** accounts' and gateways' */
		uint32_t n_accounts;
		uint32_t n_gateways;
		/** when the last one ends */
		uint64_t last_not_after;
	} out;
};

#endif /* OBOL_STORE_STORE_ANCHORS_H_ */
