/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Salted and committing authenticated encryption, the one that slots' wraps
 * and sealed credentials share.
 *
 * A seal: salt (32) | commitment (32) | AES-256-GCM ciphertext | tag (16).
 * HKDF-SHA-256 with the salt gives, from the key and info = label, zero byte,
 * associated data: key (32) | nonce (12) | commitment (32). The commitment is
 * compared first, in constant time; the tag is checked before anything of the
 * plaintext is handed out.
 */
#ifndef OBOL_SEAL_AEAD_H_
#define OBOL_SEAL_AEAD_H_

#include "base/rng.h"
#include "base/writer.h"

#define OBOL_SEAL_SALT_LEN 32
#define OBOL_SEAL_COMMITMENT_LEN 32
#define OBOL_SEAL_TAG_LEN 16
#define OBOL_SEAL_OVERHEAD                                                     \
	(OBOL_SEAL_SALT_LEN + OBOL_SEAL_COMMITMENT_LEN + OBOL_SEAL_TAG_LEN)

/**
 * Seal plaintext.
 *
 * @param key	32 bytes
 * @param label	what the key is used for, a constant of the caller's
 * @param ad	associated data, public
 * @param out	appended to
 * @return		OK; NOMEM; CRYPTO
 */
enum obol_status obol_aead_seal(struct obol_rng *rng,
								const struct obol_secret *key,
								const char *label, struct obol_bytes ad,
								const struct obol_secret *plaintext,
								struct obol_writer *out) OBOL_MUST_CHECK;

/**
 * Open a seal.
 *
 * @param plaintext	a new secret, set on OK
 * @return			OK; FORMAT when too short; AUTH when key, label, associated
 *					data or any byte is not the one it was made with; NOMEM;
 *					CRYPTO
 */
enum obol_status obol_aead_open(const struct obol_secret *key,
								const char *label, struct obol_bytes ad,
								struct obol_bytes sealed,
								struct obol_secret **plaintext) OBOL_MUST_CHECK;

#endif /* OBOL_SEAL_AEAD_H_ */
