/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Credentials sealed on the client under the account key. The server stores
 * the bytes and cannot open them.
 *
 * Layout: version 1 (1) | generation (4) | seal (aead.h) with associated data
 * { version 1 (1) | account id (16) | generation (4) | name vec8 | format (2)
 * | credential's version (8) }. The plaintext is length (4) | body | zeros up
 * to a bucket: the next power of two from 256 bytes on, above 16 KiB the next
 * multiple of 16 KiB.
 */
#ifndef OBOL_SEAL_SEALED_CREDENTIAL_H_
#define OBOL_SEAL_SEALED_CREDENTIAL_H_

#include "seal/account_key.h"

/** Longest body that fits OBOL_SEALED_MAX when sealed. */
#define OBOL_CREDENTIAL_BODY_MAX (OBOL_SEALED_MAX - 16 * 1024 - 1024)

/** What a seal is bound to beside the account. */
struct obol_credential_header {
	struct obol_bytes name;
	uint16_t format;
	/** the version it will have at the server: the one it replaces plus 1 */
	uint64_t version;
};

/**
 * Seal a credential's body.
 *
 * @param body	1..OBOL_CREDENTIAL_BODY_MAX bytes
 * @param out	appended to
 * @return		OK; ARG when a length is out of bounds; NOMEM; CRYPTO
 */
enum obol_status
obol_credential_seal(struct obol_rng *rng, const struct obol_account_key *key,
					 const struct obol_credential_header *header,
					 const struct obol_secret *body,
					 struct obol_writer *out) OBOL_MUST_CHECK;

/**
 * Open a sealed credential.
 *
 * @param body	a new secret, set on OK
 * @return		OK; VERSION; FORMAT; AUTH when it was not sealed under this key
 *				with this header; NOMEM; CRYPTO
 */
enum obol_status
obol_credential_open(const struct obol_account_key *key,
					 const struct obol_credential_header *header,
					 struct obol_bytes sealed,
					 struct obol_secret **body) OBOL_MUST_CHECK;

#endif /* OBOL_SEAL_SEALED_CREDENTIAL_H_ */
