/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Unicode normalisation (UAX #15) in buffers of the caller's. libunistring has
 * functions for whole strings as well, but those leave copies of a password on
 * heap and stack; its tables of single code points are all that is used here.
 */
#ifndef OBOL_BASE_NORMALIZE_H_
#define OBOL_BASE_NORMALIZE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Code points that one becomes at most, canonically decomposed. */
#define OBOL_NFC_GROWTH 4
/** Code points that one becomes at most, decomposed for compatibility. */
#define OBOL_NFKC_GROWTH 32

/**
 * Normalise to NFC.
 *
 * @param in	n code points
 * @param out	room for size code points; n * OBOL_NFC_GROWTH is always enough
 * @return		number of code points in out, SIZE_MAX when size is too small
 */
size_t obol_nfc(const uint32_t *in, size_t n, uint32_t *out, size_t size);

/**
 * True when NFKC changes this code point: HasCompat of RFC 8264, 9.17.
 */
bool obol_has_compat(uint32_t cp);

#endif /* OBOL_BASE_NORMALIZE_H_ */
