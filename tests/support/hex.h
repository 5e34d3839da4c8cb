/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Hexadecimal text to bytes, for test vectors.
 */
#ifndef TESTS_SUPPORT_HEX_H_
#define TESTS_SUPPORT_HEX_H_

#include "base/bytes.h"

/**
 * Decode text of hexadecimal digits.
 *
 * @param out	at most size bytes
 * @return		number of bytes, SIZE_MAX when the text is no hexadecimal or
 *				too long
 */
size_t hex_decode(const char *text, uint8_t *out, size_t size);

/** Bytes as lower-case text; the caller frees it. */
char *hex_encode(struct obol_bytes bytes);

/** A new secret from hexadecimal text; aborts on anything else. */
struct obol_secret *hex_secret(const char *text);

#endif /* TESTS_SUPPORT_HEX_H_ */
