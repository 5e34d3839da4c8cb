/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Patterns of the names that may be enrolled: '*' stands for any characters or
 * none, '?' for one character of UTF-8, every other byte for itself. A pattern
 * is compared with normalised names, so it is normalised like one
 * (obol_precis_username() lets both signs pass).
 */
#ifndef OBOL_ACCOUNT_NAME_PATTERN_H_
#define OBOL_ACCOUNT_NAME_PATTERN_H_

#include "base/bytes.h"

#include <stdbool.h>

/** Any name. */
#define OBOL_NAME_PATTERN_ANY "*"

/**
 * Whether a name fits a pattern; takes at most pattern.len * name.len steps.
 *
 * @param pattern	empty: no name fits
 * @param name		UTF-8, normalised
 */
bool obol_name_pattern_fits(struct obol_bytes pattern, struct obol_bytes name);

#endif /* OBOL_ACCOUNT_NAME_PATTERN_H_ */
