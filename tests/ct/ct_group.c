/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The group: scalars, field, points, hashing to the curve. */
#include "base/ct.h"
#include "base/ct_check.h"
#include "ct/ct.h"
#include "group/hash_to_curve.h"

static struct obol_scalar draw(void)
{
	struct obol_scalar scalar;

	CT_CHECK(obol_scalar_random(obol_rng_system(), &scalar) == OBOL_OK);
	return scalar;
}

/* an element as the password makes them */
static struct obol_field draw_element(void)
{
	struct obol_secret *wide = NULL;
	struct obol_field element;

	CT_CHECK(obol_rng_secret(obol_rng_system(), OBOL_WIDE_LEN, &wide) ==
			 OBOL_OK);
	obol_field_from_wide(&element, obol_secret_view(wide).ptr);
	obol_secret_free(wide);
	return element;
}

static struct obol_p256_point draw_point(void)
{
	struct obol_secret *password = ct_password("correct horse");
	struct obol_bytes msg = obol_secret_view(password);
	struct obol_p256_point point;

	CT_CHECK(obol_hash_to_curve(&msg, 1, obol_bytes_str("ct"), &point) ==
			 OBOL_OK);
	obol_secret_free(password);
	return point;
}

static void scalars(void)
{
	struct obol_scalar a = draw(), b, inverse;
	uint8_t bytes[OBOL_SCALAR_LEN];

	ct_probe("a scalar", a.limbs, sizeof(a.limbs));
	obol_scalar_invert(&inverse, &a);
	ct_probe("its inverse", inverse.limbs, sizeof(inverse.limbs));
	obol_scalar_encode(bytes, &a);
	ct_probe("its encoding", bytes, sizeof(bytes));
	CT_CHECK(obol_scalar_decode(obol_bytes(bytes, sizeof(bytes)), &b) ==
			 OBOL_OK);
	ct_probe("it decoded", b.limbs, sizeof(b.limbs));
	/* one that was not marked before it came in is so afterwards */
	obol_ct_public(bytes, sizeof(bytes));
	CT_CHECK(obol_scalar_decode(obol_bytes(bytes, sizeof(bytes)), &b) ==
			 OBOL_OK);
	ct_probe("a key of a file", b.limbs, sizeof(b.limbs));
}

static void field(void)
{
	struct obol_field a = draw_element(), b = draw_element(), c;
	mp_limb_t verdict;

	ct_probe("an element", a.limbs, sizeof(a.limbs));
	obol_field_mul(&c, &a, &b);
	obol_field_sqr(&c, &c);
	obol_field_add(&c, &c, &a);
	obol_field_sub(&c, &c, &b);
	obol_field_neg(&c, &c);
	obol_field_inv0(&c, &c);
	verdict = obol_field_sqrt(&c, &a);
	obol_field_select(&c, &a, &b, verdict);
	verdict = obol_field_sqrt_ratio(&c, &a, &b) ^ obol_field_sgn0(&a) ^
			  obol_field_eq(&a, &b) ^ obol_field_is_zero(&a);
	obol_field_select(&c, &c, &a, verdict);
	ct_probe("what comes of it", c.limbs, sizeof(c.limbs));
}

static void points(void)
{
	struct obol_p256_point point = draw_point(), sum, base;
	uint8_t bytes[OBOL_P256_POINT_LEN];
	struct obol_scalar k = draw();

	ct_probe("a password's point", &point, sizeof(point));
	/* equal ones included */
	(void)obol_p256_add(&point, &point, &sum);
	ct_probe("a sum", &sum, sizeof(sum));
	CT_CHECK(obol_p256_mul(&k, &point, &sum) == OBOL_OK);
	CT_CHECK(obol_p256_mul_base(&k, &base) == OBOL_OK);
	/* the encoding of what OpenSSL gives: a product is marked only as far as
	 * its marks go through OpenSSL, and its x is */
	ct_probe("a product", &sum.x, sizeof(sum.x));
	obol_p256_encode(bytes, &sum);
	ct_probe("a product's encoding", bytes + 1, sizeof(bytes) - 1);
}

static void hash_to_scalar(void)
{
	struct obol_secret *seed = NULL;
	struct obol_bytes msg;
	struct obol_scalar scalar;

	CT_CHECK(obol_rng_secret(obol_rng_system(), 32, &seed) == OBOL_OK);
	msg = obol_secret_view(seed);
	CT_CHECK(obol_hash_to_scalar(&msg, 1, obol_bytes_str("ct"), &scalar) ==
			 OBOL_OK);
	ct_probe("a derived scalar", scalar.limbs, sizeof(scalar.limbs));
	obol_secret_free(seed);
}

static void comparisons(void)
{
	struct obol_secret *a = ct_password("0123456789abcdef");
	struct obol_secret *b = ct_password("0123456789abcdeg");

	ct_probe_secret("one of two that are compared", a);
	ct_probe_secret("the other one", b);
	CT_CHECK(!obol_ct_eq(obol_secret_view(a).ptr, obol_secret_view(b).ptr, 16));
	obol_secret_free(a);
	obol_secret_free(b);
}

const struct ct_case ct_group_cases[] = {
	{ "scalars", scalars },         { "field", field },
	{ "points", points },           { "hash_to_scalar", hash_to_scalar },
	{ "comparisons", comparisons }, { NULL, NULL },
};
