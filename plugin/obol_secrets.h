/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @defgroup obol_secrets obol_secrets
 * @{ @ingroup obol_p
 */

#ifndef OBOL_SECRETS_H_
#define OBOL_SECRETS_H_

#include <library.h>

#include <obol/secret.h>

typedef struct obol_secrets_t obol_secrets_t;

/**
 * What a profile logs in with: a password that is remembered, or the device's
 * secret. A secret that has been refused once is not tried again, as another
 * machine may be answering in the server's place.
 */
struct obol_secrets_t {

	/**
	 * Remember a password, unless it has been refused before.
	 *
	 * @param password	password, adopted
	 * @return			TRUE if it is one that was not there before
	 */
	bool (*offer)(obol_secrets_t *this, struct obol_secret *password);

	/**
	 * Get the password.
	 *
	 * @return			owned by this object, NULL if there is none
	 */
	struct obol_secret *(*get_password)(obol_secrets_t *this);

	/**
	 * Take note of what a login is tried with.
	 *
	 * @param secret	password or device's secret, not adopted
	 * @return			FALSE if it has been refused before
	 */
	bool (*use)(obol_secrets_t *this, const struct obol_secret *secret);

	/**
	 * What was used last has been accepted.
	 */
	void (*accepted)(obol_secrets_t *this);

	/**
	 * What was used last has been refused. A password is forgotten.
	 */
	void (*refused)(obol_secrets_t *this);

	/**
	 * Wipe everything and destroy the object.
	 */
	void (*destroy)(obol_secrets_t *this);
};

/**
 * Copy a secret.
 *
 * @param secret		secret, or NULL
 * @return				copy, NULL for NULL or without memory
 */
struct obol_secret *obol_secrets_copy(const struct obol_secret *secret);

/**
 * Create an empty object.
 *
 * @return				secrets
 */
obol_secrets_t *obol_secrets_create();

#endif /** OBOL_SECRETS_H_ @}*/
