/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @defgroup obol_message obol_message
 * @{ @ingroup obol_p
 */

#ifndef OBOL_MESSAGE_H_
#define OBOL_MESSAGE_H_

#include "obol_fetch.h"

typedef enum obol_retry_t obol_retry_t;

/**
 * When a fetch that failed may be tried again.
 */
enum obol_retry_t {
	/** after the back-off */
	OBOL_RETRY_BACKOFF,
	/** not before the time that the server said */
	OBOL_RETRY_LATER,
	/** not before there is another secret: this one was refused */
	OBOL_RETRY_NEW_SECRET,
};

/**
 * When to try again after the given failure.
 *
 * @param cause			cause of the failure
 * @return				when to try again
 */
obol_retry_t obol_message_retry(enum obol_cause cause);

/**
 * Log a failure in one line: what happened, and what the reader can do.
 *
 * @param level			log level
 * @param options		options of the profile
 * @param what			what the failure means, follows the profile's name
 * @param error			failure
 */
void obol_message_failure(level_t level, obol_options_t *options,
						  const char *what, const struct obol_error *error);

/**
 * Log that a fetch has worked, failed logins of somebody else since the last
 * one, and the account's end when it is near.
 *
 * @param options		options of the profile
 * @param result		what was fetched
 * @param identities	the certificate's identities, NULL if there is no new one
 * @param valid_s		seconds for which it is valid
 */
void obol_message_success(obol_options_t *options, obol_fetch_result_t *result,
						  char *identities, int64_t valid_s);

#endif /** OBOL_MESSAGE_H_ @}*/
