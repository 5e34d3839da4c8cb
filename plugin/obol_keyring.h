/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @defgroup obol_keyring obol_keyring
 * @{ @ingroup obol_p
 */

#ifndef OBOL_KEYRING_H_
#define OBOL_KEYRING_H_

#include "obol_loaded.h"

#include <credentials/credential_set.h>

typedef struct obol_keyring_t obol_keyring_t;

/**
 * The credentials of all profiles, in memory.
 *
 * The methods that change it call the credential manager and are for one
 * thread; that thread holds no mutex meanwhile. The set is for all threads.
 */
struct obol_keyring_t {

	/**
	 * Get the set with keys and certificates.
	 *
	 * @return			owned by this object
	 */
	credential_set_t *(*get_set)(obol_keyring_t *this);

	/**
	 * Set or replace a profile's credential: the new key is there before the
	 * new certificate, the old one stays until nothing refers to it.
	 *
	 * @param name		name of the profile
	 * @param loaded	credential, adopted
	 */
	void (*replace)(obol_keyring_t *this, char *name, obol_loaded_t *loaded);

	/**
	 * Set or replace the CA certificates that are trusted beside those of a
	 * profile's credential; all at once, and the daemon forgets what it has
	 * verified by the ones before.
	 *
	 * @param name		name of the profile
	 * @param number	number of the set, nothing happens if it is there already
	 * @param certs		self-signed CA certificates, certificate_t, adopted
	 * @return			TRUE if it is a new set
	 */
	bool (*set_anchors)(obol_keyring_t *this, char *name, uint32_t number,
						linked_list_t *certs);

	/**
	 * Remove a profile's credential and CA certificates, if there are any.
	 *
	 * @param name		name of the profile
	 */
	void (*remove)(obol_keyring_t *this, char *name);

	/**
	 * Remove all credentials and destroy the object.
	 */
	void (*destroy)(obol_keyring_t *this);
};

/**
 * Create an empty keyring.
 *
 * @return				keyring
 */
obol_keyring_t *obol_keyring_create();

#endif /** OBOL_KEYRING_H_ @}*/
