/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @defgroup obol_entry obol_entry
 * @{ @ingroup obol_p
 */

#ifndef OBOL_ENTRY_H_
#define OBOL_ENTRY_H_

#include "obol_keyring.h"
#include "obol_profile.h"

typedef struct obol_entry_t obol_entry_t;

/**
 * What the fetcher has of each profile: what shall happen, and what does.
 */
struct obol_entry_t {

	/**
	 * Profile
	 */
	obol_profile_t *profile;

	/**
	 * Its fetch
	 */
	obol_fetch_t *fetch;
};

/**
 * Create an entry.
 *
 * @param options		options of the profile, adopted
 * @return				entry
 */
obol_entry_t *obol_entry_create(obol_options_t *options);

/**
 * Get the options of an entry's profile.
 *
 * @param this			entry
 * @return				owned by the profile
 */
obol_options_t *obol_entry_options(obol_entry_t *this);

/**
 * Begin the profile's fetch if one is due.
 *
 * @param this			entry whose fetch is not started
 * @param done			called in the fetch's thread at its end
 * @param data			data to pass
 */
void obol_entry_begin(obol_entry_t *this, obol_fetch_done_t done, void *data);

/**
 * Put what a fetch has brought into the keyring. The profile is not told yet.
 *
 * @param this			entry whose fetch is over
 * @param keyring		keyring
 * @return				identities of the certificate, allocated; NULL if there
 *						is no new one
 */
char *obol_entry_store(obol_entry_t *this, obol_keyring_t *keyring);

/**
 * Destroy an entry, waiting for its fetch.
 *
 * @param this			entry
 */
void obol_entry_destroy(obol_entry_t *this);

#endif /** OBOL_ENTRY_H_ @}*/
