/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The store's operations about revoked certificates and the CRL; beside
 * store.h.
 *
 * Each revocation has a number of its own, one more than the one before it, so
 * that whoever follows them asks for those since the last one he knows. A
 * certificate is revoked once and stays so; it leaves the list at its end.
 */
#ifndef OBOL_STORE_STORE_REVOCATION_H_
#define OBOL_STORE_STORE_REVOCATION_H_

#include "store/crl_entry.h"
#include "store/store_operator.h"

/** CERTIFICATE_REVOKE: one certificate, any account's or a gateway's.
 * NOT_FOUND, also when it has ended; EXISTS when it is revoked already. */
struct obol_store_certificate_revoke {
	struct {
		uint8_t serial[20];
		uint8_t serial_len;
		enum obol_revocation_reason reason;
		struct obol_store_actor actor;
		uint64_t now;
	} in;
	struct {
		struct obol_store_certificate certificate;
		struct obol_store_revoked revoked;
	} out;
};

/** A revoked certificate. */
struct obol_store_revocation {
	uint64_t number;
	uint8_t serial[20];
	uint8_t serial_len;
	uint8_t reason;
	uint64_t revoked_at;
	/** subject and SAN as text */
	struct obol_bytes subject;
};

/** Revocations of one answer at most. */
#define OBOL_STORE_REVOCATIONS_MAX 512

/** REVOCATIONS: those of certificates that end after now, in order of their
 * numbers, after since. */
struct obol_store_revocations {
	struct {
		uint64_t since;
		uint64_t now;
		size_t limit;
	} in;
	struct {
		/** the newest revocation's number, whatever was listed */
		uint64_t last;
		size_t n_items;
		/** the store's array, holds until the callback returns */
		const struct obol_store_revocation *items;
	} out;
};

/** CRL_ENTRIES: all that a CRL made now has. */
struct obol_store_crl_entries {
	struct {
		uint64_t now;
	} in;
	struct {
		/** the newest revocation's number */
		uint64_t last;
		size_t n_entries;
		/** the store's array, holds until the callback returns */
		const struct obol_crl_entry *entries;
	} out;
};

/** A CRL as it was signed. */
struct obol_store_crl {
	uint64_t number;
	/** it has all revocations up to this number */
	uint64_t revocation;
	uint64_t this_update;
	uint64_t next_update;
	/** DER */
	struct obol_bytes der;
};

/** CRL_GET: the last one; NOT_FOUND. */
struct obol_store_crl_get {
	struct {
		/** leave der out, empty */
		bool is_brief;
	} in;
	struct {
		struct obol_store_crl crl;
		/** the newest revocation's number */
		uint64_t last;
	} out;
};

/** CRL_PUT: a newer one. EXISTS when its number is not above the last one's,
 * or it knows less. */
struct obol_store_crl_put {
	struct {
		struct obol_store_crl crl;
	} in;
};

#endif /* OBOL_STORE_STORE_REVOCATION_H_ */
