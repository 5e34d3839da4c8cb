/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @defgroup obol_token_key obol_token_key
 * @{ @ingroup obol_p
 */

#ifndef OBOL_TOKEN_KEY_H_
#define OBOL_TOKEN_KEY_H_

#include "obol_token.h"

#include <credentials/keys/private_key.h>

/**
 * Create a private key whose signatures a hardware token makes.
 *
 * @param token			token, which gets another reference
 * @param key			key pair in it
 * @return				key, NULL if the daemon can not decode the public key
 */
private_key_t *obol_token_key_create(obol_token_t *token,
									 const struct obol_pkcs11_key *key);

/**
 * Have a key removed from its token once nobody uses it any more, neither the
 * daemon's credentials nor an exchange that began before it was replaced.
 *
 * @param key			a key that obol_token_key_create() has made
 */
void obol_token_key_retire(private_key_t *key);

#endif /** OBOL_TOKEN_KEY_H_ @}*/
