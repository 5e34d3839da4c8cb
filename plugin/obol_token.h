/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @defgroup obol_token obol_token
 * @{ @ingroup obol_p
 */

#ifndef OBOL_TOKEN_PLUGIN_H_
#define OBOL_TOKEN_PLUGIN_H_

#include <library.h>

#include <obol/bundle.h>
#include <obol/client.h>
#include <obol/pkcs11.h>

typedef struct obol_token_t obol_token_t;

/**
 * The hardware token that a profile's keys are in. It is opened when a key is
 * first made, and left with the last reference: keys have one each.
 *
 * A PIN that was wrong is not given to it again before its file has another
 * one, as tokens lock after a few.
 */
struct obol_token_t {

	/**
	 * Have libobol's client use keys of the token, opening it if that has not
	 * been done.
	 *
	 * @param client	client
	 * @param error		filled in on failure
	 * @return			FALSE if the token can not be used
	 */
	bool (*attach)(obol_token_t *this, struct obol_client *client,
				   struct obol_error *error);

	/**
	 * Take the key pair that was made last, now that there is a certificate
	 * for it, which is put beside it if there is room. What earlier runs have
	 * left in the token is removed.
	 *
	 * @param bundle	what was obtained with it
	 * @param error		filled in on failure
	 * @return			key, NULL on failure
	 */
	private_key_t *(*take_key)(obol_token_t *this,
							   const struct obol_bundle *bundle,
							   struct obol_error *error);

	/**
	 * Remove the key pair that was made last from the token, if it has not been
	 * taken: there is no certificate for it.
	 */
	void (*drop_key)(obol_token_t *this);

	/**
	 * Sign with a key pair; as obol_pkcs11_sign(), and logged.
	 */
	bool (*sign)(obol_token_t *this, const struct obol_pkcs11_key *key,
				 enum obol_pkcs11_hash hash, chunk_t digest,
				 chunk_t *signature);

	/**
	 * A key taken is gone.
	 *
	 * @param key		its key pair
	 * @param remove	whether to remove it from the token
	 */
	void (*end_key)(obol_token_t *this, const struct obol_pkcs11_key *key,
					bool remove);

	/**
	 * Get another reference.
	 *
	 * @return			this object
	 */
	obol_token_t *(*get_ref)(obol_token_t *this);

	/**
	 * Give a reference back.
	 */
	void (*destroy)(obol_token_t *this);
};

/**
 * Create the object.
 *
 * @param uri			PKCS#11 URI of the token
 * @param label			label of what is made in it, if the URI has none
 * @return				token
 */
obol_token_t *obol_token_create(char *uri, char *label);

#endif /** OBOL_TOKEN_PLUGIN_H_ @}*/
