/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hashing to P-256. */
#include "group/hash_to_curve.h"
#include "base/ct_check.h"
#include "group/expand.h"

#include <assert.h>

/* Z = -10 (RFC 9380, 8.2), in Montgomery form */
static const struct obol_field z = { {
	OBOL_LIMB64(ffffffff, fffffff5),
	OBOL_LIMB64(0000000a, ffffffff),
	OBOL_LIMB64(00000000, 00000000),
	OBOL_LIMB64(fffffff5, 0000000b),
} };

enum obol_status obol_hash_to_field(const struct obol_bytes *msg,
									size_t n_parts, struct obol_bytes dst,
									struct obol_field *u, size_t count)
{
	uint8_t uniform[OBOL_HASH_TO_FIELD_MAX * OBOL_WIDE_LEN];
	enum obol_status status;
	size_t i;

	assert(count >= 1 && count <= OBOL_HASH_TO_FIELD_MAX);
	status = obol_expand_message_xmd(msg, n_parts, dst, uniform,
									 count * OBOL_WIDE_LEN);
	for (i = 0; status == OBOL_OK && i < count; i++)
	{
		obol_field_from_wide(&u[i], uniform + i * OBOL_WIDE_LEN);
	}
	obol_wipe(uniform, sizeof(uniform));
	return status;
}

/* out = A * a, A being -3 */
static void mul_a(struct obol_field *out, const struct obol_field *a)
{
	struct obol_field t;

	obol_field_add(&t, a, a);
	obol_field_add(&t, &t, a);
	obol_field_neg(out, &t);
	obol_field_clear(&t, 1);
}

/* The steps and names of RFC 9380, F.2. */
void obol_map_to_curve_simple_swu(const struct obol_field *u,
								  struct obol_p256_point *out)
{
	struct obol_field tv1, tv2, tv3, tv4, tv5, tv6, y1, x, y;
	mp_limb_t is_gx1_square;

	obol_field_sqr(&tv1, u);
	obol_field_mul(&tv1, &z, &tv1);
	obol_field_sqr(&tv2, &tv1);
	obol_field_add(&tv2, &tv2, &tv1);
	obol_field_add(&tv3, &tv2, &obol_field_one);
	obol_field_mul(&tv3, &obol_p256_b, &tv3);
	obol_field_neg(&tv4, &tv2);
	obol_field_select(&tv4, &z, &tv4, obol_field_is_zero(&tv2));
	mul_a(&tv4, &tv4);
	obol_field_sqr(&tv2, &tv3);
	obol_field_sqr(&tv6, &tv4);
	mul_a(&tv5, &tv6);
	obol_field_add(&tv2, &tv2, &tv5);
	obol_field_mul(&tv2, &tv2, &tv3);
	obol_field_mul(&tv6, &tv6, &tv4);
	obol_field_mul(&tv5, &obol_p256_b, &tv6);
	obol_field_add(&tv2, &tv2, &tv5);
	obol_field_mul(&x, &tv1, &tv3);
	is_gx1_square = obol_field_sqrt_ratio(&y1, &tv2, &tv6);
	obol_field_mul(&y, &tv1, u);
	obol_field_mul(&y, &y, &y1);
	obol_field_select(&x, &tv3, &x, is_gx1_square);
	obol_field_select(&y, &y1, &y, is_gx1_square);
	obol_field_neg(&tv1, &y);
	obol_field_select(&y, &tv1, &y, obol_field_sgn0(u) ^ obol_field_sgn0(&y));
	obol_field_inv0(&tv4, &tv4);
	obol_field_mul(&out->x, &x, &tv4);
	out->y = y;

	obol_field_clear(&tv1, 1);
	obol_field_clear(&tv2, 1);
	obol_field_clear(&tv3, 1);
	obol_field_clear(&tv4, 1);
	obol_field_clear(&tv5, 1);
	obol_field_clear(&tv6, 1);
	obol_field_clear(&y1, 1);
	obol_field_clear(&x, 1);
	obol_field_clear(&y, 1);
}

enum obol_status obol_hash_to_curve(const struct obol_bytes *msg,
									size_t n_parts, struct obol_bytes dst,
									struct obol_p256_point *out)
{
	struct obol_p256_point q0, q1;
	struct obol_field u[2];
	enum obol_status status;

	status = obol_hash_to_field(msg, n_parts, dst, u, 2);
	if (status != OBOL_OK)
	{
		return status;
	}
	obol_map_to_curve_simple_swu(&u[0], &q0);
	obol_map_to_curve_simple_swu(&u[1], &q1);
	/* The cofactor is 1. public: whether the sum is the identity, no message
	 * is known that makes it so */
	if (obol_ct_verdict(obol_p256_add(&q0, &q1, out)))
	{
		status = OBOL_ERR_ARG;
	}
	obol_p256_clear(&q0);
	obol_p256_clear(&q1);
	obol_field_clear(u, 2);
	return status;
}

enum obol_status obol_encode_to_curve(const struct obol_bytes *msg,
									  size_t n_parts, struct obol_bytes dst,
									  struct obol_p256_point *out)
{
	struct obol_field u;
	enum obol_status status;

	status = obol_hash_to_field(msg, n_parts, dst, &u, 1);
	if (status == OBOL_OK)
	{
		obol_map_to_curve_simple_swu(&u, out);
		obol_field_clear(&u, 1);
	}
	return status;
}

enum obol_status obol_hash_to_scalar(const struct obol_bytes *msg,
									 size_t n_parts, struct obol_bytes dst,
									 struct obol_scalar *out)
{
	uint8_t uniform[OBOL_WIDE_LEN];
	enum obol_status status;

	status =
		obol_expand_message_xmd(msg, n_parts, dst, uniform, sizeof(uniform));
	if (status == OBOL_OK)
	{
		obol_scalar_from_wide(out, uniform);
	}
	obol_wipe(uniform, sizeof(uniform));
	return status;
}
