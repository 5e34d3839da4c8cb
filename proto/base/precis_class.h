/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * PRECIS string classes (RFC 8264): which code points a string may have, and
 * the bidi rule (RFC 5893). Input is text in code points, as it stands after
 * a profile's mappings.
 */
#ifndef OBOL_BASE_PRECIS_CLASS_H_
#define OBOL_BASE_PRECIS_CLASS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** IdentifierClass (RFC 8264, 4.2), contextual rules included. */
bool obol_precis_is_identifier(const uint32_t *cps, size_t n);

/** FreeformClass (RFC 8264, 4.3), contextual rules included. */
bool obol_precis_is_freeform(const uint32_t *cps, size_t n);

/**
 * The bidi rule (RFC 5893, 2), which text without right-to-left characters
 * need not meet.
 */
bool obol_precis_bidi_ok(const uint32_t *cps, size_t n);

#endif /* OBOL_BASE_PRECIS_CLASS_H_ */
