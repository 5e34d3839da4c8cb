/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @defgroup obol_fetcher obol_fetcher
 * @{ @ingroup obol_p
 */

#ifndef OBOL_FETCHER_H_
#define OBOL_FETCHER_H_

#include "obol_keyring.h"

typedef struct obol_fetcher_t obol_fetcher_t;

/**
 * Checks, without waiting, if the caller of await() has what it needs.
 *
 * @param data			as given to await()
 * @return				TRUE if so
 */
typedef bool (*obol_satisfied_t)(void *data);

/**
 * The thread that fetches credentials when they are due, all of them side by
 * side, and puts them into the keyring.
 */
struct obol_fetcher_t {

	/**
	 * Have everything fetched that is missing, and wait for it within bounds:
	 * as long as a first try may take, and not at all after a failure, when
	 * half of the worker threads wait already or when the daemon shuts down.
	 *
	 * Called by worker threads that hold the credential manager's read lock,
	 * and may ask the credential sets for a password.
	 *
	 * @param satisfied	called now and then; waiting ends if it returns TRUE
	 * @param data		data to pass
	 */
	void (*await)(obol_fetcher_t *this, obol_satisfied_t satisfied, void *data);

	/**
	 * A credential that is there is used for a connection: see soon what the
	 * server says about it. Returns at once.
	 */
	void (*used)(obol_fetcher_t *this);

	/**
	 * Log for each profile without credential why that is so.
	 */
	void (*log_problems)(obol_fetcher_t *this);

	/**
	 * Have the thread read the configuration again. Returns at once.
	 */
	void (*reload)(obol_fetcher_t *this);

	/**
	 * Abort all fetches, end the thread and destroy the object.
	 */
	void (*destroy)(obol_fetcher_t *this);
};

/**
 * Create the fetcher and start its thread.
 *
 * @param keyring		where credentials go; must outlive this object
 * @return				NULL if no thread can be had
 */
obol_fetcher_t *obol_fetcher_create(obol_keyring_t *keyring);

#endif /** OBOL_FETCHER_H_ @}*/
