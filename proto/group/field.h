/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The field of P-256, integers modulo p = 2^256 - 2^224 + 2^192 + 2^96 - 1.
 *
 * Elements are kept in Montgomery form (times 2^256) and fully reduced, so
 * that equal elements have equal limbs. All functions take the same time and
 * touch the same addresses whatever the elements are; results may be stored
 * over arguments. Truth values are limbs of 0 or 1, for obol_field_select().
 */
#ifndef OBOL_GROUP_FIELD_H_
#define OBOL_GROUP_FIELD_H_

#include "group/limbs.h"

struct obol_field {
	mp_limb_t limbs[OBOL_LIMBS];
};

extern const struct obol_field obol_field_zero;
extern const struct obol_field obol_field_one;

/**
 * @param bytes		OBOL_NUMBER_LEN bytes, big-endian
 * @return			1; 0 when the number is not below p, out is then p's
 *					remainder of it
 */
mp_limb_t obol_field_from_bytes(struct obol_field *out, const uint8_t *bytes);

/** From OBOL_WIDE_LEN bytes, big-endian, modulo p (RFC 9380, 5.2). */
void obol_field_from_wide(struct obol_field *out, const uint8_t *bytes);

/** To OBOL_NUMBER_LEN bytes, big-endian. */
void obol_field_to_bytes(uint8_t *bytes, const struct obol_field *a);

void obol_field_add(struct obol_field *out, const struct obol_field *a,
					const struct obol_field *b);
void obol_field_sub(struct obol_field *out, const struct obol_field *a,
					const struct obol_field *b);
void obol_field_neg(struct obol_field *out, const struct obol_field *a);
void obol_field_mul(struct obol_field *out, const struct obol_field *a,
					const struct obol_field *b);
void obol_field_sqr(struct obol_field *out, const struct obol_field *a);

/** 1/a, and 0 for 0 (RFC 9380, 4: inv0). */
void obol_field_inv0(struct obol_field *out, const struct obol_field *a);

/**
 * A square root.
 *
 * @return	1; 0 when a is no square, out is then anything
 */
mp_limb_t obol_field_sqrt(struct obol_field *out, const struct obol_field *a);

/**
 * sqrt(u/v), or sqrt(-10 * u/v) if u/v is no square (RFC 9380, F.2.1.2:
 * sqrt_ratio for p = 3 mod 4, with Z = -10).
 *
 * @param v		not 0
 * @return		1 when u/v is a square
 */
mp_limb_t obol_field_sqrt_ratio(struct obol_field *out,
								const struct obol_field *u,
								const struct obol_field *v);

/** The lowest bit of the number (RFC 9380, 4.1: sgn0). */
mp_limb_t obol_field_sgn0(const struct obol_field *a);

mp_limb_t obol_field_is_zero(const struct obol_field *a);
mp_limb_t obol_field_eq(const struct obol_field *a, const struct obol_field *b);

/** out = take ? a : b (RFC 9380: CMOV(b, a, take)). */
void obol_field_select(struct obol_field *out, const struct obol_field *a,
					   const struct obol_field *b, mp_limb_t take);

/** Wipe n elements. */
void obol_field_clear(struct obol_field *a, size_t n);

#endif /* OBOL_GROUP_FIELD_H_ */
