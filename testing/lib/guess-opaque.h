/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The checks of guess-from-transcript on OPAQUE's messages.
 */
#ifndef OBOL_TESTING_GUESS_OPAQUE_H_
#define OBOL_TESTING_GUESS_OPAQUE_H_

#include "testing/lib/transcript.h"

/** What can be computed of a login without a candidate. */
struct guess_opaque;

/** Prepare for a connection in which a LoginStart was seen. */
struct guess_opaque *
guess_opaque_new(const struct transcript_connection *connection);
void guess_opaque_free(struct guess_opaque *guess);

/** Numbers that were tried as the blind. */
size_t guess_opaque_tried(const struct guess_opaque *guess);

/**
 * Check a candidate.
 *
 * @param secret	normalised password, or a code's bytes
 * @return			what was found, NULL for nothing
 */
const char *guess_opaque_check(const struct guess_opaque *guess,
							   const struct obol_secret *secret);

#endif /* OBOL_TESTING_GUESS_OPAQUE_H_ */
