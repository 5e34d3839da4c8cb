/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @defgroup obol_creds obol_creds
 * @{ @ingroup obol_p
 */

#ifndef OBOL_CREDS_H_
#define OBOL_CREDS_H_

#include "obol_fetcher.h"
#include "obol_keyring.h"

typedef struct obol_creds_t obol_creds_t;

/**
 * Credential set with what was fetched. A look-up tells that a credential is
 * needed, so some of them have it fetched and wait for it.
 */
struct obol_creds_t {

	/**
	 * Implements credential_set_t.
	 */
	credential_set_t set;

	/**
	 * Destroy the object.
	 */
	void (*destroy)(obol_creds_t *this);
};

/**
 * Create the set. It does not own its arguments.
 *
 * @param keyring		keyring
 * @param fetcher		fetcher
 * @return				set
 */
obol_creds_t *obol_creds_create(obol_keyring_t *keyring,
								obol_fetcher_t *fetcher);

#endif /** OBOL_CREDS_H_ @}*/
