/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a CRL says of a certificate: for the store that keeps it and the issuer
 * that signs it.
 */
#ifndef OBOL_STORE_CRL_ENTRY_H_
#define OBOL_STORE_CRL_ENTRY_H_

#include "base/bytes.h"

/** Reasons (RFC 5280, 5.3.1), as far as they are used. */
enum obol_revocation_reason {
	OBOL_REVOKED_UNSPECIFIED = 0,
	/** a device was lost, or the account key replaced for that */
	OBOL_REVOKED_KEY_COMPROMISE = 1,
	/** the account was removed or reset */
	OBOL_REVOKED_CESSATION = 5,
	/** the account was disabled */
	OBOL_REVOKED_PRIVILEGE = 9,
};

/** An entry of a CRL. */
struct obol_crl_entry {
	uint8_t serial[20];
	uint8_t serial_len;
	/** enum obol_revocation_reason */
	uint8_t reason;
	uint64_t revoked_at;
};

#endif /* OBOL_STORE_CRL_ENTRY_H_ */
