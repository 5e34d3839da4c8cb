/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * 256-bit numbers as GMP limbs, least significant first, always all of them:
 * the ground under field and scalar. Nothing here branches on a number or
 * uses one as an index.
 */
#ifndef OBOL_GROUP_LIMBS_H_
#define OBOL_GROUP_LIMBS_H_

#include <stddef.h>
#include <stdint.h>

#include <gmp.h>

/** Length in bytes of a number, encoded big-endian. */
#define OBOL_NUMBER_LEN 32
/** Length in bytes of what hash_to_field reduces: L of RFC 9380, 8.2. */
#define OBOL_WIDE_LEN 48

/** Limbs of a number, and of a wide one. */
#define OBOL_LIMBS (OBOL_NUMBER_LEN / sizeof(mp_limb_t))
#define OBOL_WIDE_LIMBS (OBOL_WIDE_LEN / sizeof(mp_limb_t))

/** A constant's 64 bits as limbs, written as its two halves. */
#if GMP_LIMB_BITS == 64
#define OBOL_LIMB64(high, low) ((mp_limb_t)0x##high << 32 | 0x##low)
#elif GMP_LIMB_BITS == 32
#define OBOL_LIMB64(high, low) 0x##low, 0x##high
#else
#error "GMP limbs of 32 or 64 bits wanted"
#endif

/** n limbs from big-endian bytes, n * sizeof(mp_limb_t) of them. */
void obol_limbs_from_bytes(mp_limb_t *limbs, size_t n, const uint8_t *bytes);

/** OBOL_LIMBS limbs to OBOL_NUMBER_LEN big-endian bytes. */
void obol_limbs_to_bytes(uint8_t *bytes, const mp_limb_t *limbs);

/** 1 when all OBOL_LIMBS limbs are zero, else 0. */
mp_limb_t obol_limbs_is_zero(const mp_limb_t *limbs);

/** 1 when a < b, both of OBOL_LIMBS limbs, else 0. */
mp_limb_t obol_limbs_less(const mp_limb_t *a, const mp_limb_t *b);

/** out = take ? a : b; take is 0 or 1. */
void obol_limbs_select(mp_limb_t *out, const mp_limb_t *a, const mp_limb_t *b,
					   mp_limb_t take);

/** Reduce OBOL_WIDE_LIMBS limbs modulo m, whose top bit is set. */
void obol_limbs_reduce_wide(mp_limb_t *out, const mp_limb_t *wide,
							const mp_limb_t *m);

/** Wipe n limbs; cheap enough for every multiplication's working space. */
static inline void obol_limbs_clear(mp_limb_t *limbs, size_t n)
{
	volatile mp_limb_t *v = limbs;
	size_t i;

	for (i = 0; i < n; i++)
	{
		v[i] = 0;
	}
}

#endif /* OBOL_GROUP_LIMBS_H_ */
