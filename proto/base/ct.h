/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Constant-time comparison of secret bytes.
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

#endif /* OBOL_BASE_CT_H_ */
