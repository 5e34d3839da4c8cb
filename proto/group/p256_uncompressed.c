/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Points of P-256 in uncompressed form, which CPace uses. */
#include "group/p256.h"

/* Prefix of an uncompressed point (SEC 1, 2.3.3). */
#define UNCOMPRESSED 0x04

enum obol_status obol_p256_decode_uncompressed(struct obol_bytes in,
											   struct obol_p256_point *out)
{
	struct obol_p256_point point;
	mp_limb_t good;

	if (in.len != OBOL_P256_UNCOMPRESSED_LEN || in.ptr[0] != UNCOMPRESSED)
	{
		return OBOL_ERR_FORMAT;
	}
	good = obol_field_from_bytes(&point.x, in.ptr + 1);
	good &= obol_field_from_bytes(&point.y, in.ptr + 1 + OBOL_NUMBER_LEN);
	good &= obol_p256_on_curve(&point);
	if (!good)
	{
		return OBOL_ERR_FORMAT;
	}
	*out = point;
	return OBOL_OK;
}

void obol_p256_encode_uncompressed(uint8_t out[OBOL_P256_UNCOMPRESSED_LEN],
								   const struct obol_p256_point *point)
{
	out[0] = UNCOMPRESSED;
	obol_field_to_bytes(out + 1, &point->x);
	obol_field_to_bytes(out + 1 + OBOL_NUMBER_LEN, &point->y);
}
