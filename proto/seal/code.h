/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Activation and recovery codes that a person reads out: groups of four
 * characters of an alphabet without look-alikes (Crockford's base32), the last
 * one a check character over all before it.
 *
 * activation: 80 bits, 16 characters + check; recovery: 128 bits, 26
 * characters + check. Bits fill characters from the left, zeros at the end.
 * The check character is the sum of value * x^i over the characters, i counted
 * from the end and from 1, in GF(2^5) with x^5 + x^2 + 1: one wrong character,
 * or two that changed places, are always noticed.
 */
#ifndef OBOL_SEAL_CODE_H_
#define OBOL_SEAL_CODE_H_

#include "base/rng.h"

#define OBOL_ACTIVATION_BITS 80
#define OBOL_RECOVERY_BITS 128
/** Longest code as text, with dashes and final zero. */
#define OBOL_CODE_TEXT_MAX 48

/**
 * A new code.
 *
 * @param bits		OBOL_ACTIVATION_BITS or OBOL_RECOVERY_BITS
 * @param secret	the bits as bytes (10 or 16): what OPAQUE takes
 * @param text		secret text for people, shorter than OBOL_CODE_TEXT_MAX; a
 *					zero byte stands behind its length
 */
enum obol_status obol_code_new(struct obol_rng *rng, unsigned bits,
							   struct obol_secret **secret,
							   struct obol_secret **text) OBOL_MUST_CHECK;

/**
 * Read what a person typed: any case, spaces and dashes anywhere, look-alikes
 * folded (O and 0, I L and 1).
 *
 * @return	OK; FORMAT for a wrong length or character; AUTH when the check
 *			character does not fit, so that a slip costs no guess
 */
enum obol_status obol_code_parse(struct obol_bytes text, unsigned bits,
								 struct obol_secret **secret) OBOL_MUST_CHECK;

#endif /* OBOL_SEAL_CODE_H_ */
