/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 256-bit numbers as GMP limbs. */
#include "group/limbs.h"

#include <assert.h>

/* mpn_sec_div_r() asks for room by a function; this is enough for every limb
 * size (it wants numerator + 2 * divisor + a few). */
#define DIV_SCRATCH 64

void obol_limbs_from_bytes(mp_limb_t *limbs, size_t n, const uint8_t *bytes)
{
	size_t i, j;

	for (i = 0; i < n; i++)
	{
		const uint8_t *from = bytes + (n - 1 - i) * sizeof(mp_limb_t);
		mp_limb_t limb = 0;

		for (j = 0; j < sizeof(mp_limb_t); j++)
		{
			limb = limb << 8 | from[j];
		}
		limbs[i] = limb;
	}
}

void obol_limbs_to_bytes(uint8_t *bytes, const mp_limb_t *limbs)
{
	size_t i;

	for (i = 0; i < OBOL_NUMBER_LEN; i++)
	{
		size_t shift = i % sizeof(mp_limb_t) * 8;

		bytes[OBOL_NUMBER_LEN - 1 - i] =
			(uint8_t)(limbs[i / sizeof(mp_limb_t)] >> shift);
	}
}

mp_limb_t obol_limbs_is_zero(const mp_limb_t *limbs)
{
	mp_limb_t any = 0;
	size_t i;

	for (i = 0; i < OBOL_LIMBS; i++)
	{
		any |= limbs[i];
	}
	/* the top bit of any | -any is set unless any is 0 */
	return 1 ^ ((any | (0 - any)) >> (GMP_LIMB_BITS - 1));
}

mp_limb_t obol_limbs_less(const mp_limb_t *a, const mp_limb_t *b)
{
	mp_limb_t difference[OBOL_LIMBS];
	mp_limb_t borrow = mpn_sub_n(difference, a, b, OBOL_LIMBS);

	obol_limbs_clear(difference, OBOL_LIMBS);
	return borrow;
}

void obol_limbs_select(mp_limb_t *out, const mp_limb_t *a, const mp_limb_t *b,
					   mp_limb_t take)
{
	volatile mp_limb_t hidden = take;
	mp_limb_t mask = 0 - hidden;
	size_t i;

	for (i = 0; i < OBOL_LIMBS; i++)
	{
		out[i] = (a[i] & mask) | (b[i] & ~mask);
	}
}

void obol_limbs_reduce_wide(mp_limb_t *out, const mp_limb_t *wide,
							const mp_limb_t *m)
{
	mp_limb_t number[OBOL_WIDE_LIMBS];
	mp_limb_t scratch[DIV_SCRATCH];

	assert(mpn_sec_div_r_itch(OBOL_WIDE_LIMBS, OBOL_LIMBS) <= DIV_SCRATCH);
	mpn_copyi(number, wide, OBOL_WIDE_LIMBS);
	mpn_sec_div_r(number, OBOL_WIDE_LIMBS, m, OBOL_LIMBS, scratch);
	mpn_copyi(out, number, OBOL_LIMBS);
	obol_limbs_clear(number, OBOL_WIDE_LIMBS);
	obol_limbs_clear(scratch, DIV_SCRATCH);
}
