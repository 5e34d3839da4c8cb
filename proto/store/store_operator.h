/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The store's operations for the operator: accounts, their audit trail, and
 * the certificates that were issued to them.
 */
#ifndef OBOL_STORE_STORE_OPERATOR_H_
#define OBOL_STORE_STORE_OPERATOR_H_

#include "store/store.h"

/** ACCOUNT_ADD: EXISTS when the name is taken. The account comes with its
 * activation slot and, from an old PKI, sealed credentials of version 1. */
struct obol_store_account_add {
	struct {
		struct obol_account account;
		struct obol_slot activation;
		size_t n_credentials;
		const struct obol_put_request *credentials;
		struct obol_store_actor actor;
		uint64_t now;
	} in;
	struct {
		int64_t account_id;
	} out;
};

/** ACCOUNT_FIND: by name; NOT_FOUND. */
struct obol_store_account_find {
	struct {
		struct obol_bytes name;
	} in;
	struct {
		struct obol_account account;
	} out;
};

/** ACCOUNT_LIST: in order of names, after the given one, limit at a time. */
struct obol_store_account_list {
	struct {
		struct obol_bytes after;
		size_t limit;
	} in;
	struct {
		size_t n_accounts;
		/** the store's array, holds until the callback returns */
		const struct obol_account *accounts;
	} out;
};

/** ACCOUNT_SET_STATE: disable, enable. Disabling revokes its certificates. */
struct obol_store_account_set_state {
	struct {
		int64_t account_id;
		enum obol_account_state state;
		struct obol_store_actor actor;
		uint64_t now;
	} in;
	struct {
		struct obol_store_revoked revoked;
	} out;
};

/** What of an account ACCOUNT_SET changes. */
enum obol_account_field {
	OBOL_ACCOUNT_IDENTITY = 1 << 0,
	OBOL_ACCOUNT_LIFETIME = 1 << 1,
	OBOL_ACCOUNT_EXPIRES = 1 << 2,
	OBOL_ACCOUNT_MODE = 1 << 3,
	OBOL_ACCOUNT_KEY_TYPE = 1 << 4,
};

/** ACCOUNT_SET: change some of an account's fields, which holds from its next
 * logins on. NOT_FOUND. */
struct obol_store_account_set {
	struct {
		int64_t account_id;
		/** of enum obol_account_field */
		unsigned fields;
		/** has their values */
		const struct obol_account *account;
		/** what was changed, for the audit trail */
		struct obol_bytes detail;
		struct obol_store_actor actor;
		uint64_t now;
	} in;
};

/** ACCOUNT_REMOVE: account, slots, credentials, staged items; its audit rows
 * keep its number as a pseudonym, without labels and details. Issued
 * certificates are revoked, and stay recorded until they end. */
struct obol_store_account_remove {
	struct {
		int64_t account_id;
		struct obol_store_actor actor;
		uint64_t now;
	} in;
	struct {
		struct obol_store_revoked revoked;
	} out;
};

/** ACCOUNT_RESET: a new generation (the present one plus 1, else EXISTS) with
 * one activation slot; all other slots but recovery go; what was sealed is
 * kept under its generation, and the new one has tombstones of the same
 * versions. An account that was never activated gets a new code this way; for
 * that one credentials of an old PKI may be given, on those versions. Issued
 * certificates are revoked. */
struct obol_store_account_reset {
	struct {
		int64_t account_id;
		uint32_t generation;
		struct obol_slot activation;
		size_t n_credentials;
		const struct obol_put_request *credentials;
		struct obol_store_actor actor;
		uint64_t now;
	} in;
	struct {
		struct obol_store_revoked revoked;
	} out;
};

/** ACCOUNT_UNLOCK: empty the guess rows of the given keys. */
struct obol_store_account_unlock {
	struct {
		int64_t account_id;
		size_t n_keys;
		const uint8_t (*guess_keys)[OBOL_GUESS_KEY_LEN];
		struct obol_store_actor actor;
		uint64_t now;
	} in;
};

/** AUDIT: one row, for what no other operation records. */
struct obol_store_audit {
	struct {
		int64_t account_id;
		struct obol_store_actor actor;
		enum obol_operation operation;
		enum obol_reply reply;
		struct obol_bytes detail;
		uint64_t now;
	} in;
};

/** CERTIFICATES: those of one account, of all (0), or of none (the gateways'),
 * that end after now, soonest first. */
#define OBOL_STORE_NO_ACCOUNT (-1)

struct obol_store_certificate {
	int64_t account_id;
	char name[OBOL_NAME_MAX + 1];
	uint8_t device_id[OBOL_DEVICE_ID_LEN];
	uint8_t serial[20];
	uint8_t serial_len;
	uint64_t not_before;
	uint64_t not_after;
	char subject[OBOL_TEXT_MAX + 1];
	bool is_portable;
	/** 0: it is good */
	uint64_t revoked_at;
	/** enum obol_revocation_reason */
	uint8_t reason;
};

struct obol_store_certificates {
	struct {
		int64_t account_id;
		uint64_t now;
		size_t limit;
	} in;
	struct {
		size_t n_certificates;
		const struct obol_store_certificate *certificates;
	} out;
};

#endif /* OBOL_STORE_STORE_OPERATOR_H_ */
