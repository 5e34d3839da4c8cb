/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @defgroup obol_fetch obol_fetch
 * @{ @ingroup obol_p
 */

#ifndef OBOL_FETCH_H_
#define OBOL_FETCH_H_

#include "obol_options.h"

#include <credentials/keys/private_key.h>

#include <obol/client.h>

typedef struct obol_fetch_t obol_fetch_t;

/**
 * What one fetch came to.
 */
typedef struct {

	/**
	 * Cause OBOL_CAUSE_NONE if it worked
	 */
	struct obol_error error;

	/**
	 * What was fetched or made, NULL if what is held is still the current one
	 */
	struct obol_bundle *bundle;

	/**
	 * Its private key, if that is in a token; NULL if it is in the bundle
	 */
	private_key_t *key;

	/**
	 * Mode of the account, OBOL_CLIENT_MODE_*, when it was fetched or made
	 */
	uint8_t mode;

	/**
	 * Version of the credential
	 */
	uint64_t version;

	/**
	 * Seconds until the bundle is to be renewed, 0 if it can not be
	 */
	int64_t renew_in_s;

	/**
	 * When the account ends, 0 for never, and in how many seconds by the
	 * server's clock
	 */
	uint64_t account_end;
	int64_t account_left_s;

	/**
	 * Failed logins of others since the last login, and the last one's source
	 */
	uint32_t n_failures;
	char last_failure_source[65];

	/**
	 * Set of CA certificates to trust beside the bundle's, NULL for none
	 */
	struct obol_anchors *anchors;

	/**
	 * Why the server's newest set is not held, OBOL_CAUSE_NONE if it is
	 */
	struct obol_error anchors_error;

	/**
	 * How long it took, in milliseconds
	 */
	u_int took_ms;

} obol_fetch_result_t;

/**
 * What to log in with, and what for.
 */
typedef struct {

	/**
	 * Device, if its secret is set
	 */
	struct obol_device device;

	/**
	 * Password otherwise
	 */
	struct obol_secret *password;

	/**
	 * What the daemon has already, and if it is to be renewed
	 */
	struct obol_held held;

} obol_login_t;

/**
 * Wipe what a login consists of.
 *
 * @param this			login
 */
void obol_login_clear(obol_login_t *this);

/**
 * Called in the fetch's own thread when it is over.
 *
 * @param data			as given to start()
 */
typedef void (*obol_fetch_done_t)(void *data);

/**
 * Fetches a profile's credential, or has one made, in a thread of its own each time, as
 * libobol's calls block. It shares nothing with the profile but libobol's
 * client, which lives as long as the profile to remember, where there is no
 * state file, which server it has met.
 *
 * The methods are for one thread.
 */
struct obol_fetch_t {

	/**
	 * Start a fetch. It has to be ended before there can be another one.
	 *
	 * @param login		what to log in with, moved here
	 * @param done		called at its end
	 * @param data		data to pass
	 * @return			FALSE if no thread can be had, done is not called then
	 */
	bool (*start)(obol_fetch_t *this, obol_login_t *login,
				  obol_fetch_done_t done, void *data);

	/**
	 * Check if a fetch has been started and not been ended.
	 *
	 * @return			TRUE if so
	 */
	bool (*is_started)(obol_fetch_t *this);

	/**
	 * Check if a started fetch is over, such that end() does not block.
	 *
	 * @return			TRUE if so
	 */
	bool (*is_over)(obol_fetch_t *this);

	/**
	 * Make this fetch and all later ones end at once.
	 */
	void (*abort)(obol_fetch_t *this);

	/**
	 * The result of a fetch that is over.
	 *
	 * @return			owned by this object, valid until end()
	 */
	obol_fetch_result_t *(*get_result)(obol_fetch_t *this);

	/**
	 * Wait for the thread of a started fetch, and drop the result.
	 */
	void (*end)(obol_fetch_t *this);

	/**
	 * End the fetch, if there is one, and destroy the object.
	 */
	void (*destroy)(obol_fetch_t *this);
};

/**
 * Create the object.
 *
 * @param options		the profile's options, cloned
 * @return				fetch
 */
obol_fetch_t *obol_fetch_create(obol_options_t *options);

#endif /** OBOL_FETCH_H_ @}*/
