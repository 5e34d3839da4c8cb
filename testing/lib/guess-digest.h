/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The checks of guess-from-transcript that need no OPAQUE: the password itself
 * and what challenge-response protocols make of it.
 */
#ifndef OBOL_TESTING_GUESS_DIGEST_H_
#define OBOL_TESTING_GUESS_DIGEST_H_

#include "base/bytes.h"

/**
 * Look for a password in any form.
 *
 * @param all		everything that was seen
 * @param name		the account's, may be empty
 * @param password	a candidate
 * @return			what was found, NULL for nothing
 */
const char *guess_written(struct obol_bytes all, struct obol_bytes name,
						  struct obol_bytes password);

#endif /* OBOL_TESTING_GUESS_DIGEST_H_ */
