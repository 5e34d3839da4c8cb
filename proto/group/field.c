/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The field of P-256 in Montgomery form, on GMP. */
#include "group/field.h"

#include <assert.h>

/* Working space of mpn_sec_mul() and mpn_sec_sqr(), for every limb size. */
#define MUL_SCRATCH 64

static const mp_limb_t p[OBOL_LIMBS] = {
	OBOL_LIMB64(ffffffff, ffffffff),
	OBOL_LIMB64(00000000, ffffffff),
	OBOL_LIMB64(00000000, 00000000),
	OBOL_LIMB64(ffffffff, 00000001),
};

/* 2^512 mod p: a product with it turns a number into Montgomery form */
static const struct obol_field r_squared = { {
	OBOL_LIMB64(00000000, 00000003),
	OBOL_LIMB64(fffffffb, ffffffff),
	OBOL_LIMB64(ffffffff, fffffffe),
	OBOL_LIMB64(00000004, fffffffd),
} };

const struct obol_field obol_field_zero = { { 0 } };

/* 2^256 mod p */
const struct obol_field obol_field_one = { {
	OBOL_LIMB64(00000000, 00000001),
	OBOL_LIMB64(ffffffff, 00000000),
	OBOL_LIMB64(ffffffff, ffffffff),
	OBOL_LIMB64(00000000, fffffffe),
} };

/* sqrt(10) = sqrt(-Z), in Montgomery form (RFC 9380, F.2.1.2: c2) */
static const struct obol_field sqrt_ten = { {
	OBOL_LIMB64(a1fd38ee, 98a195fd),
	OBOL_LIMB64(78400ad7, 423dcf70),
	OBOL_LIMB64(6913c88f, 9ea8dfee),
	OBOL_LIMB64(9051d26e, 12a8f304),
} };

/* Subtract p once if carry and limbs together reach it. What comes in is
 * below 2p, so carry is set only with limbs below p. */
static void reduce_once(mp_limb_t *limbs, mp_limb_t carry)
{
	mp_limb_t borrow = mpn_sub_n(limbs, limbs, p, OBOL_LIMBS);

	mpn_cnd_add_n(borrow - carry, limbs, limbs, p, OBOL_LIMBS);
}

/* Montgomery reduction of a product of 2 * OBOL_LIMBS limbs, which is wiped.
 * p is -1 modulo 2^32 and 2^64, so that the factor that clears the lowest limb
 * is that limb itself. */
static void montgomery_reduce(struct obol_field *out, mp_limb_t *product)
{
	mp_limb_t carry;
	size_t i;

	for (i = 0; i < OBOL_LIMBS; i++)
	{
		product[i] = mpn_addmul_1(product + i, p, OBOL_LIMBS, product[i]);
	}
	carry = mpn_add_n(out->limbs, product + OBOL_LIMBS, product, OBOL_LIMBS);
	reduce_once(out->limbs, carry);
	obol_limbs_clear(product, 2 * OBOL_LIMBS);
}

void obol_field_mul(struct obol_field *out, const struct obol_field *a,
					const struct obol_field *b)
{
	mp_limb_t product[2 * OBOL_LIMBS];
	mp_limb_t scratch[MUL_SCRATCH];

	assert(mpn_sec_mul_itch(OBOL_LIMBS, OBOL_LIMBS) <= MUL_SCRATCH);
	mpn_sec_mul(product, a->limbs, OBOL_LIMBS, b->limbs, OBOL_LIMBS, scratch);
	montgomery_reduce(out, product);
}

void obol_field_sqr(struct obol_field *out, const struct obol_field *a)
{
	mp_limb_t product[2 * OBOL_LIMBS];
	mp_limb_t scratch[MUL_SCRATCH];

	assert(mpn_sec_sqr_itch(OBOL_LIMBS) <= MUL_SCRATCH);
	mpn_sec_sqr(product, a->limbs, OBOL_LIMBS, scratch);
	montgomery_reduce(out, product);
}

mp_limb_t obol_field_from_bytes(struct obol_field *out, const uint8_t *bytes)
{
	mp_limb_t below_p;

	obol_limbs_from_bytes(out->limbs, OBOL_LIMBS, bytes);
	below_p = obol_limbs_less(out->limbs, p);
	mpn_cnd_sub_n(1 - below_p, out->limbs, out->limbs, p, OBOL_LIMBS);
	obol_field_mul(out, out, &r_squared);
	return below_p;
}

void obol_field_from_wide(struct obol_field *out, const uint8_t *bytes)
{
	mp_limb_t wide[OBOL_WIDE_LIMBS];

	obol_limbs_from_bytes(wide, OBOL_WIDE_LIMBS, bytes);
	obol_limbs_reduce_wide(out->limbs, wide, p);
	obol_field_mul(out, out, &r_squared);
	obol_limbs_clear(wide, OBOL_WIDE_LIMBS);
}

/* Out of Montgomery form: the reduction of a number divides it by 2^256. */
static void to_plain(struct obol_field *out, const struct obol_field *a)
{
	mp_limb_t product[2 * OBOL_LIMBS] = { 0 };

	mpn_copyi(product, a->limbs, OBOL_LIMBS);
	montgomery_reduce(out, product);
}

void obol_field_to_bytes(uint8_t *bytes, const struct obol_field *a)
{
	struct obol_field plain;

	to_plain(&plain, a);
	obol_limbs_to_bytes(bytes, plain.limbs);
	obol_field_clear(&plain, 1);
}

void obol_field_add(struct obol_field *out, const struct obol_field *a,
					const struct obol_field *b)
{
	mp_limb_t carry = mpn_add_n(out->limbs, a->limbs, b->limbs, OBOL_LIMBS);

	reduce_once(out->limbs, carry);
}

void obol_field_sub(struct obol_field *out, const struct obol_field *a,
					const struct obol_field *b)
{
	mp_limb_t borrow = mpn_sub_n(out->limbs, a->limbs, b->limbs, OBOL_LIMBS);

	mpn_cnd_add_n(borrow, out->limbs, out->limbs, p, OBOL_LIMBS);
}

void obol_field_neg(struct obol_field *out, const struct obol_field *a)
{
	obol_field_sub(out, &obol_field_zero, a);
}

/* out = a^(2^n) * b; n is public */
static void shift_mul(struct obol_field *out, const struct obol_field *a,
					  unsigned n, const struct obol_field *b)
{
	struct obol_field t = *a;

	while (n--)
	{
		obol_field_sqr(&t, &t);
	}
	obol_field_mul(out, &t, b);
	obol_field_clear(&t, 1);
}

/* a^((p-3)/4); the exponent is 2^254 - 2^222 + 2^190 + 2^94 - 1, in bits: 32
 * ones, 31 zeros, a one, 96 zeros, 94 ones. x[i] is a^(2^(2^i) - 1). */
static void pow_p_3_4(struct obol_field *out, const struct obol_field *a)
{
	static const uint8_t ones[] = { 5, 5, 4, 3, 2, 1 };
	struct obol_field x[6], t;
	unsigned i;

	x[0] = *a;
	for (i = 1; i < 6; i++)
	{
		shift_mul(&x[i], &x[i - 1], 1u << (i - 1), &x[i - 1]);
	}
	shift_mul(&t, &x[5], 32, &x[0]);
	shift_mul(&t, &t, 96 + 32, &x[5]);
	/* 94 ones are 32 + 32 + 16 + 8 + 4 + 2, the first 32 are in */
	for (i = 1; i < sizeof(ones); i++)
	{
		shift_mul(&t, &t, 1u << ones[i], &x[ones[i]]);
	}
	*out = t;
	obol_field_clear(x, 6);
	obol_field_clear(&t, 1);
}

void obol_field_inv0(struct obol_field *out, const struct obol_field *a)
{
	struct obol_field t;

	/* p - 2 = 4 * (p - 3)/4 + 1 */
	pow_p_3_4(&t, a);
	shift_mul(out, &t, 2, a);
	obol_field_clear(&t, 1);
}

mp_limb_t obol_field_sqrt(struct obol_field *out, const struct obol_field *a)
{
	struct obol_field root, square;
	mp_limb_t is_square;

	/* (p + 1)/4 = (p - 3)/4 + 1 */
	pow_p_3_4(&root, a);
	obol_field_mul(&root, &root, a);
	obol_field_sqr(&square, &root);
	is_square = obol_field_eq(&square, a);
	*out = root;
	obol_field_clear(&root, 1);
	obol_field_clear(&square, 1);
	return is_square;
}

mp_limb_t obol_field_sqrt_ratio(struct obol_field *out,
								const struct obol_field *u,
								const struct obol_field *v)
{
	struct obol_field tv1, tv2, tv3, y1, y2;
	mp_limb_t is_square;

	obol_field_sqr(&tv1, v);
	obol_field_mul(&tv2, u, v);
	obol_field_mul(&tv1, &tv1, &tv2);
	pow_p_3_4(&y1, &tv1);
	obol_field_mul(&y1, &y1, &tv2);
	obol_field_mul(&y2, &y1, &sqrt_ten);
	obol_field_sqr(&tv3, &y1);
	obol_field_mul(&tv3, &tv3, v);
	is_square = obol_field_eq(&tv3, u);
	obol_field_select(out, &y1, &y2, is_square);

	obol_field_clear(&tv1, 1);
	obol_field_clear(&tv2, 1);
	obol_field_clear(&tv3, 1);
	obol_field_clear(&y1, 1);
	obol_field_clear(&y2, 1);
	return is_square;
}

mp_limb_t obol_field_sgn0(const struct obol_field *a)
{
	struct obol_field plain;
	mp_limb_t sign;

	to_plain(&plain, a);
	sign = plain.limbs[0] & 1;
	obol_field_clear(&plain, 1);
	return sign;
}

mp_limb_t obol_field_is_zero(const struct obol_field *a)
{
	return obol_limbs_is_zero(a->limbs);
}

mp_limb_t obol_field_eq(const struct obol_field *a, const struct obol_field *b)
{
	struct obol_field difference;
	mp_limb_t equal;

	obol_field_sub(&difference, a, b);
	equal = obol_field_is_zero(&difference);
	obol_field_clear(&difference, 1);
	return equal;
}

void obol_field_select(struct obol_field *out, const struct obol_field *a,
					   const struct obol_field *b, mp_limb_t take)
{
	obol_limbs_select(out->limbs, a->limbs, b->limbs, take);
}

void obol_field_clear(struct obol_field *a, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
	{
		obol_limbs_clear(a[i].limbs, OBOL_LIMBS);
	}
}
