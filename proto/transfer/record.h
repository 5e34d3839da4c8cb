/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The keys of a transfer, and records sealed under them.
 *
 * PRK = HKDF-Extract(sid, ISK); from it, by HKDF-Expand, for each direction a
 * key (32) and an initial value (12) of AES-256-GCM, and a key (32) for the
 * receipt. A record's nonce is the initial value with the record's number, from
 * 0, XORed into its last eight bytes (as RFC 8446, 5.3); its associated data is
 * the frame's header.
 */
#ifndef OBOL_TRANSFER_RECORD_H_
#define OBOL_TRANSFER_RECORD_H_

#include <openssl/types.h>

#include "transfer/message.h"

/** One direction. */
struct obol_record_key {
	/** with the key in it, which is wiped when it is freed */
	EVP_CIPHER_CTX *cipher;
	uint8_t iv[12];
	uint64_t number;
};

struct obol_transfer_keys {
	struct obol_record_key send;
	struct obol_record_key receive;
	struct obol_secret *receipt;
};

/**
 * Derive the keys.
 *
 * @param keys	zeroed by the caller; obol_transfer_keys_clear() in any case
 * @return		OK; NOMEM; CRYPTO
 */
enum obol_status
obol_transfer_keys_derive(struct obol_transfer_keys *keys,
						  const struct obol_secret *isk, struct obol_bytes sid,
						  enum obol_transfer_role own) OBOL_MUST_CHECK;

void obol_transfer_keys_clear(struct obol_transfer_keys *keys);

/**
 * Append a record's frame.
 *
 * @param type		the content's type
 * @param content	what stands behind it, at most OBOL_TRANSFER_CHUNK_MAX bytes
 * @return			OK; NOMEM; CRYPTO
 */
enum obol_status obol_record_seal(struct obol_record_key *key,
								  enum obol_transfer_content type,
								  struct obol_bytes content,
								  struct obol_writer *out) OBOL_MUST_CHECK;

/**
 * Open a record.
 *
 * @param header	of its frame, OBOL_TRANSFER_HEADER_LEN bytes
 * @param body		sealed, at most OBOL_TRANSFER_BODY_MAX bytes
 * @param content	receives what was sealed, body.len -
 *					OBOL_TRANSFER_SEAL_LEN bytes; wiped unless OK
 * @return			OK; FORMAT when there is no content; AUTH; CRYPTO
 */
enum obol_status obol_record_open(struct obol_record_key *key,
								  const uint8_t *header, struct obol_bytes body,
								  uint8_t *content) OBOL_MUST_CHECK;

#endif /* OBOL_TRANSFER_RECORD_H_ */
