/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Integers modulo the order of P-256's group, on GMP. */
#include "group/scalar.h"
#include "base/ct_check.h"

#include <assert.h>

/* Working space of mpn_sec_invert(), for every limb size. */
#define INVERT_SCRATCH 64

/* A draw is refused with a chance of 2^-32; that many in a row are no
 * accident. */
#define DRAWS_MAX 16

static const mp_limb_t n[OBOL_LIMBS] = {
	OBOL_LIMB64(f3b9cac2, fc632551),
	OBOL_LIMB64(bce6faad, a7179e84),
	OBOL_LIMB64(ffffffff, ffffffff),
	OBOL_LIMB64(ffffffff, 00000000),
};

static bool is_scalar(const mp_limb_t *limbs)
{
	mp_limb_t good =
		obol_limbs_less(limbs, n) & (1 - obol_limbs_is_zero(limbs));

	/* public: it decides whether there is anything to go on with, and says of
	 * a scalar no more than that it is one */
	return obol_ct_verdict(good) == 1;
}

enum obol_status obol_scalar_decode(struct obol_bytes in,
									struct obol_scalar *out)
{
	if (in.len != OBOL_SCALAR_LEN)
	{
		obol_scalar_clear(out);
		return OBOL_ERR_FORMAT;
	}
	obol_limbs_from_bytes(out->limbs, OBOL_LIMBS, in.ptr);
	obol_ct_secret(out->limbs, sizeof(out->limbs));
	if (!is_scalar(out->limbs))
	{
		obol_scalar_clear(out);
		return OBOL_ERR_FORMAT;
	}
	return OBOL_OK;
}

void obol_scalar_encode(uint8_t *out, const struct obol_scalar *scalar)
{
	obol_limbs_to_bytes(out, scalar->limbs);
}

void obol_scalar_from_wide(struct obol_scalar *out, const uint8_t *bytes)
{
	mp_limb_t wide[OBOL_WIDE_LIMBS];

	obol_limbs_from_bytes(wide, OBOL_WIDE_LIMBS, bytes);
	obol_limbs_reduce_wide(out->limbs, wide, n);
	obol_ct_secret(out->limbs, sizeof(out->limbs));
	obol_limbs_clear(wide, OBOL_WIDE_LIMBS);
}

enum obol_status obol_scalar_random(struct obol_rng *rng,
									struct obol_scalar *out)
{
	uint8_t bytes[OBOL_SCALAR_LEN];
	enum obol_status status = OBOL_ERR_CRYPTO;
	int draw;

	for (draw = 0; draw < DRAWS_MAX; draw++)
	{
		status = obol_rng_fill(rng, bytes, sizeof(bytes));
		if (status != OBOL_OK)
		{
			break;
		}
		status = obol_scalar_decode(obol_bytes(bytes, sizeof(bytes)), out);
		if (status == OBOL_OK)
		{
			break;
		}
		status = OBOL_ERR_CRYPTO;
	}
	obol_wipe(bytes, sizeof(bytes));
	return status;
}

void obol_scalar_invert(struct obol_scalar *out, const struct obol_scalar *a)
{
	mp_limb_t number[OBOL_LIMBS];
	mp_limb_t inverse[OBOL_LIMBS];
	mp_limb_t scratch[INVERT_SCRATCH];
	mp_limb_t exists;

	assert(mpn_sec_invert_itch(OBOL_LIMBS) <= INVERT_SCRATCH);
	mpn_copyi(number, a->limbs, OBOL_LIMBS);
	exists = (mp_limb_t)mpn_sec_invert(inverse, number, n, OBOL_LIMBS,
									   2 * 8 * OBOL_NUMBER_LEN, scratch);
	mpn_copyi(out->limbs, inverse, OBOL_LIMBS);
	mpn_cnd_sub_n(1 - exists, out->limbs, out->limbs, out->limbs, OBOL_LIMBS);
	obol_limbs_clear(number, OBOL_LIMBS);
	obol_limbs_clear(inverse, OBOL_LIMBS);
	obol_limbs_clear(scratch, INVERT_SCRATCH);
}

mp_limb_t obol_scalar_is_zero(const struct obol_scalar *a)
{
	return obol_limbs_is_zero(a->limbs);
}

void obol_scalar_clear(struct obol_scalar *a)
{
	obol_limbs_clear(a->limbs, OBOL_LIMBS);
}
