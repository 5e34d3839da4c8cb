/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A code as a person reads it out: "48213-5027-9164". Five digits are the
 * public number, seven the secret (10^7 of them, more than 2^23), the last one
 * is a check digit over all before it (ISO 7064, MOD 11,10), so that a slip
 * costs no guess. All in the same time whatever the secret digits are.
 */
#ifndef OBOL_TRANSFER_DIGITS_H_
#define OBOL_TRANSFER_DIGITS_H_

#include "base/rng.h"

#define OBOL_TRANSFER_NUMBER_DIGITS 5
#define OBOL_TRANSFER_SECRET_DIGITS 7

/** A random number below 10^5. OK; CRYPTO. */
enum obol_status obol_digits_number(struct obol_rng *rng,
									uint32_t *number) OBOL_MUST_CHECK;

/** Random digits as text, each equally likely. OK; NOMEM; CRYPTO. */
enum obol_status
obol_digits_secret(struct obol_rng *rng,
				   struct obol_secret **digits) OBOL_MUST_CHECK;

/** The whole code. OK; NOMEM. */
enum obol_status obol_digits_text(uint32_t number,
								  const struct obol_secret *digits,
								  struct obol_secret **text) OBOL_MUST_CHECK;

/**
 * Read a code with spaces and dashes anywhere.
 *
 * @return	OK; FORMAT for another length or character; AUTH when the check
 *			digit does not fit; NOMEM
 */
enum obol_status obol_digits_parse(struct obol_bytes text, uint32_t *number,
								   struct obol_secret **digits) OBOL_MUST_CHECK;

#endif /* OBOL_TRANSFER_DIGITS_H_ */
