/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @defgroup obol_profile obol_profile
 * @{ @ingroup obol_p
 */

#ifndef OBOL_PROFILE_H_
#define OBOL_PROFILE_H_

#include "obol_fetch.h"
#include "obol_options.h"

/** Shortest and longest time between two tries, in milliseconds. */
#define OBOL_BACKOFF_MIN_MS 5000
#define OBOL_BACKOFF_MAX_MS 600000

typedef enum obol_profile_state_t obol_profile_state_t;
typedef struct obol_profile_t obol_profile_t;

/**
 * States of a profile. Beside it, a credential may be in memory or not: one
 * that is being renewed, or whose renewal has failed, serves on while it is
 * valid.
 */
enum obol_profile_state_t {
	/** nothing is going on, for instance as there is no secret yet */
	OBOL_IDLE,
	/** a fetch is on its way */
	OBOL_FETCHING,
	/** the last fetch worked */
	OBOL_READY,
	/** the last fetch failed, the next one is due later */
	OBOL_BACKOFF,
};

extern enum_name_t *obol_profile_state_names;

/**
 * What happens with one profile, and when. It has no thread and no lock of its
 * own, its owner calls one method at a time; the time is an argument.
 *
 * A credential in memory is renewed when its time has come, by this device or
 * another one. One that this device can not renew is fetched again, as somebody
 * else may have.
 */
struct obol_profile_t {

	/**
	 * Get the profile's options.
	 *
	 * @return			owned by this object
	 */
	obol_options_t *(*get_options)(obol_profile_t *this);

	/**
	 * Get the state.
	 *
	 * @return			state
	 */
	obol_profile_state_t (*get_state)(obol_profile_t *this);

	/**
	 * Check if a valid credential is in memory.
	 *
	 * @return			TRUE if so
	 */
	bool (*has_credential)(obol_profile_t *this);

	/**
	 * Somebody needs the credential now.
	 *
	 * If there is none, a fetch becomes due. Waiting is worth it for the first
	 * try, and for a further one if the last found no network at all, which
	 * ends quickly and is over as soon as there is network; otherwise nobody
	 * waits for a server that has just failed.
	 *
	 * @param now		time
	 * @return			for how long the caller may wait, in milliseconds; 0
	 *					not at all
	 */
	u_int (*want)(obol_profile_t *this, int64_t now);

	/**
	 * A connection is made with the credential that is there. It may be the
	 * next one after the gateway has ended the last, for a certificate that is
	 * revoked; so a look at what the server says becomes due, unless that has
	 * just been done. Nobody waits for it.
	 *
	 * @param now		time
	 */
	void (*used)(obol_profile_t *this, int64_t now);

	/**
	 * For how long waiting is still worth it.
	 *
	 * @param now		time
	 * @return			milliseconds, 0 as soon as the fetch is over
	 */
	u_int (*get_wait)(obol_profile_t *this, int64_t now);

	/**
	 * Check if a password has to be asked for.
	 *
	 * @return			TRUE if so
	 */
	bool (*wants_password)(obol_profile_t *this);

	/**
	 * Give the profile a password. A fetch is due then, unless the password is
	 * the one that is known, or has been refused.
	 *
	 * @param password	password, adopted
	 * @param now		time
	 */
	void (*offer_password)(obol_profile_t *this, struct obol_secret *password,
						   int64_t now);

	/**
	 * Check if the profile remembers a password.
	 *
	 * @return			TRUE if so
	 */
	bool (*has_password)(obol_profile_t *this);

	/**
	 * Fetch the credential as soon as possible, if there is a secret, but not
	 * earlier than the server has asked for.
	 *
	 * @param now		time
	 */
	void (*prefetch)(obol_profile_t *this, int64_t now);

	/**
	 * Renew the credential as soon as possible: it is of no use any more, for
	 * instance revoked, whatever its certificate says. It serves on until there
	 * is another one.
	 *
	 * @param now		time
	 */
	void (*renew)(obol_profile_t *this, int64_t now);

	/**
	 * When begin() or expire() has to be called next.
	 *
	 * @param now		time
	 * @return			time, OBOL_NEVER for never
	 */
	int64_t (*get_due)(obol_profile_t *this, int64_t now);

	/**
	 * Begin a fetch if one is due. If so, the state is OBOL_FETCHING until
	 * finish() is called with what came of it.
	 *
	 * @param login		receives what to log in with, to be cleared by the caller
	 *					whatever is returned
	 * @param now		time
	 * @return			FALSE if nothing is to be fetched
	 */
	bool (*begin)(obol_profile_t *this, obol_login_t *login, int64_t now);

	/**
	 * Take note of what a fetch came to, and log it.
	 *
	 * @param result	result
	 * @param identities	list of the certificate's identities for the log,
	 *					if the result has a bundle
	 * @param now		time
	 */
	void (*finish)(obol_profile_t *this, obol_fetch_result_t *result,
				   char *identities, int64_t now);

	/**
	 * Drop the credential if its time is over.
	 *
	 * @param now		time
	 * @return			TRUE if there is one no more
	 */
	bool (*expire)(obol_profile_t *this, int64_t now);

	/**
	 * Log why there is no credential, for somebody who needed one.
	 *
	 * @param now		time
	 */
	void (*log_problem)(obol_profile_t *this, int64_t now);

	/**
	 * Destroy the profile, wiping its secrets.
	 */
	void (*destroy)(obol_profile_t *this);
};

/**
 * Create a profile. If it has a device file, a fetch is due at once.
 *
 * @param options		options, adopted
 * @return				profile
 */
obol_profile_t *obol_profile_create(obol_options_t *options);

#endif /** OBOL_PROFILE_H_ @}*/
