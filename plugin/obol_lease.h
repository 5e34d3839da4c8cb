/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @defgroup obol_lease obol_lease
 * @{ @ingroup obol_p
 */

#ifndef OBOL_LEASE_H_
#define OBOL_LEASE_H_

#include "obol_fetch.h"

typedef struct obol_lease_t obol_lease_t;

/**
 * The credential that a profile has in memory: what of it the server is told,
 * when its time is over, and when it is to be renewed. It is empty at first.
 *
 * All times and durations are in milliseconds.
 */
struct obol_lease_t {

	/**
	 * Check if there is a credential.
	 *
	 * @return			TRUE if so
	 */
	bool (*is_held)(obol_lease_t *this);

	/**
	 * A credential has come, in place of the one that was there.
	 *
	 * @param result	fetch that has brought it, with its bundle
	 * @param now		time
	 */
	void (*take)(obol_lease_t *this, obol_fetch_result_t *result, int64_t now);

	/**
	 * The server has just said that the credential is the current one: its time
	 * to live begins anew.
	 *
	 * @param now		time
	 * @return			when to log in next, to renew it or to see whether
	 *					somebody else has
	 */
	int64_t (*confirm)(obol_lease_t *this, int64_t now);

	/**
	 * Note that the credential is of no use any more, although its time is not
	 * over, so that it is renewed with the next fetch.
	 *
	 * @param now		time
	 * @return			FALSE if there is none that can be renewed
	 */
	bool (*spoil)(obol_lease_t *this, int64_t now);

	/**
	 * Drop the credential if its time is over.
	 *
	 * @param now		time
	 * @return			TRUE if there is one no more
	 */
	bool (*expire)(obol_lease_t *this, int64_t now);

	/**
	 * When the time of the credential is over.
	 *
	 * @param now		time
	 * @return			time, OBOL_NEVER if there is none
	 */
	int64_t (*get_end)(obol_lease_t *this, int64_t now);

	/**
	 * How long a failed fetch may be left alone: the time of the renewal counts
	 * more than what failed before, and towards the end there is no time to
	 * lose.
	 *
	 * @param now		time
	 * @return			duration, OBOL_NEVER if there is no credential
	 */
	int64_t (*get_patience)(obol_lease_t *this, int64_t now);

	/**
	 * What the server is told, and whether a renewal is asked for.
	 *
	 * @param held		set, to zero if there is no credential
	 * @param now		time
	 */
	void (*get_held)(obol_lease_t *this, struct obol_held *held, int64_t now);

	/**
	 * Destroy the lease.
	 */
	void (*destroy)(obol_lease_t *this);
};

/**
 * Create an empty lease.
 *
 * @return				lease
 */
obol_lease_t *obol_lease_create();

#endif /** OBOL_LEASE_H_ @}*/
