/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Keys in hardware tokens, as far as libobol goes: it has none of PKCS#11.
 */
#ifndef OBOL_TOKEN_H_
#define OBOL_TOKEN_H_

#include <obol/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Longest PIN in bytes. */
#define OBOL_TOKEN_PIN_MAX 255

/** Longest public key (SubjectPublicKeyInfo in DER) and longest signature, in
 * bytes. */
#define OBOL_TOKEN_PUBLIC_KEY_MAX 512
#define OBOL_TOKEN_SIGNATURE_MAX 512

/**
 * Who makes and keeps the keys of a client whose own shall not leave a token.
 * why receives what is wrong and what to do, as a sentence for people.
 */
struct obol_key_maker {
	void *ctx;
	/**
	 * Make a key pair. A client that gets no certificate for it leaves it to
	 * the caller to remove it.
	 *
	 * @param key_type	OBOL_CLIENT_KEY_*
	 * @param spki		receives the public key
	 * @return			false on failure
	 */
	bool (*make)(void *ctx, uint8_t key_type,
				 uint8_t spki[OBOL_TOKEN_PUBLIC_KEY_MAX], size_t *len,
				 char *why, size_t size);
	/**
	 * Sign with the key made last.
	 *
	 * @param digest	SHA-256, 32 bytes
	 * @param signature	receives r and s of equal length (EC), or PKCS#1 v1.5
	 *					(RSA)
	 * @return			false on failure
	 */
	bool (*sign)(void *ctx, const uint8_t digest[32],
				 uint8_t signature[OBOL_TOKEN_SIGNATURE_MAX], size_t *len,
				 char *why, size_t size);
};

/**
 * Have obol_client_obtain() and obol_client_issue() use keys of a token's. Only
 * accounts of mode OBOL_CLIENT_MODE_DEVICE can: what devices share cannot be in
 * a token, and is refused with cause TOKEN, as is whatever the maker fails at.
 * The bundles that come have no private key, see
 * obol_bundle_key_is_elsewhere().
 *
 * @param maker	copied; NULL for none
 */
OBOL_API void obol_client_set_key_maker(struct obol_client *client,
										const struct obol_key_maker *maker);

/**
 * Read a token's PIN, the first line of a file; refused when others than its
 * owner can read that.
 *
 * @param pin	a new secret: the PIN with a zero byte behind it
 * @param why	receives a sentence for people on failure
 * @return		OK; NOT_FOUND; DENIED for its permissions; FORMAT; IO; NOMEM
 */
OBOL_API enum obol_status obol_token_pin_load(const char *path,
											  struct obol_secret **pin,
											  char *why,
											  size_t size) OBOL_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif /* OBOL_TOKEN_H_ */
