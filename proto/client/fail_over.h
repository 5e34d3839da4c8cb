/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Going on at another server. A connection that fails is no answer: the next
 * server may give it. An answer is one, whatever it says: a refused password
 * is never tried at a second server, where it would only use up a second guess.
 *
 * A server has failed when it closes the connection, when it says that it
 * cannot serve now (replies 421 and 451), and when it keeps silent for half of
 * the time that is left while there is another one. It is passed over until the
 * next login.
 */
#ifndef OBOL_CLIENT_FAIL_OVER_H_
#define OBOL_CLIENT_FAIL_OVER_H_

#include "client/internal.h"

/** A login of the user begins: every server may be tried. */
void obol_fail_over_reset(struct obol_client *client);

/** A public function begins whose requests may be made again elsewhere; until
 * obol_client_settle() all its tries have one deadline. */
void obol_fail_over_begin(struct obol_client *client);

/** The public function ends. */
void obol_fail_over_end(struct obol_client *client);

/**
 * A try at a login has failed: whether another server is left for the next.
 *
 * @param wait	the login's
 * @return		false if what it came to is the answer
 */
bool obol_fail_over_login(struct obol_client *client,
						  const struct obol_wait *wait);

/**
 * A public function's requests have come to something: whether to make them
 * again, logged in at another server.
 *
 * @param status	of the requests; receives that of a further login that
 *					failed
 * @return			false if it is what the function came to
 */
bool obol_fail_over(struct obol_client *client, enum obol_status *status);

/** The wait for one answer, within the whole: shorter while there are other
 * servers to go on at. */
struct obol_wait obol_fail_over_patience(const struct obol_client *client,
										 const struct obol_wait *whole);

/** The time for one request. */
void obol_fail_over_wait(const struct obol_client *client,
						 struct obol_wait *wait);

/** Words on a failure, with those that failed before. */
void obol_fail_over_tell(const struct obol_client *client, const char *what,
						 char *out, size_t size);

#endif /* OBOL_CLIENT_FAIL_OVER_H_ */
