/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The attack that a key commitment is against: AES-GCM lets whoever knows two
 * keys make one ciphertext and tag that opens under both.
 */
#ifndef TESTS_SEAL_GCM_COLLISION_H_
#define TESTS_SEAL_GCM_COLLISION_H_

#include <stdbool.h>
#include <stdint.h>

#define GCM_BLOCK_LEN 16

struct gcm_key {
	/** 32 bytes */
	const uint8_t *key;
	/** 12 bytes */
	const uint8_t *nonce;
};

/** A ciphertext of one block and its tag, good under both keys. */
void gcm_collide(const struct gcm_key *a, const struct gcm_key *b,
				 uint8_t ciphertext[GCM_BLOCK_LEN], uint8_t tag[GCM_BLOCK_LEN]);

/** True when OpenSSL's AES-256-GCM takes the tag for this ciphertext. */
bool gcm_opens(const struct gcm_key *key,
			   const uint8_t ciphertext[GCM_BLOCK_LEN],
			   const uint8_t tag[GCM_BLOCK_LEN]);

#endif /* TESTS_SEAL_GCM_COLLISION_H_ */
