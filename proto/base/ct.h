/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Constant-time comparison and choice, for secret bytes.
 */
#ifndef OBOL_BASE_CT_H_
#define OBOL_BASE_CT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Compare len bytes; the time depends on len alone.
 *
 * @return	true when all are equal
 */
bool obol_ct_eq(const void *a, const void *b, size_t len);

/**
 * Copy one of two buffers; which one shows in neither time nor addresses.
 *
 * @param out	len bytes, may be a or b itself
 * @param take	1 copies a, 0 copies b; nothing else is allowed
 */
void obol_ct_select(uint8_t *out, const uint8_t *a, const uint8_t *b,
					size_t len, uint8_t take);

#endif /* OBOL_BASE_CT_H_ */
