/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The field, scalars and points against OpenSSL's big numbers and curves. */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

#include "fuzz/support.h"
#include "group/hash_to_curve.h"

/** What OpenSSL computes with; made once, never changed. */
static struct {
	EC_GROUP *group;
	BN_CTX *ctx;
	BIGNUM *p;
	const BIGNUM *n;
} reference;

static void reference_init(void)
{
	if (reference.group)
	{
		return;
	}
	reference.group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	reference.ctx = BN_CTX_new();
	reference.p = BN_new();
	FUZZ_CHECK(reference.group && reference.ctx && reference.p);
	FUZZ_CHECK(EC_GROUP_get_curve(reference.group, reference.p, NULL, NULL,
								  reference.ctx));
	reference.n = EC_GROUP_get0_order(reference.group);
}

static BIGNUM *number(const uint8_t *bytes, size_t len)
{
	BIGNUM *bn = BN_bin2bn(bytes, (int)len, NULL);

	FUZZ_CHECK(bn);
	return bn;
}

static void check_field(const struct obol_field *a, const BIGNUM *expected)
{
	uint8_t bytes[OBOL_NUMBER_LEN], wanted[OBOL_NUMBER_LEN];

	obol_field_to_bytes(bytes, a);
	FUZZ_CHECK(BN_bn2binpad(expected, wanted, sizeof(wanted)) ==
			   sizeof(wanted));
	FUZZ_CHECK(memcmp(bytes, wanted, sizeof(bytes)) == 0);
}

static void check_roots(const struct obol_field *a, const BIGNUM *x)
{
	struct obol_field root;
	BIGNUM *expected = BN_mod_sqrt(NULL, x, reference.p, reference.ctx);
	mp_limb_t is_square = obol_field_sqrt(&root, a);

	FUZZ_CHECK((is_square == 1) == (expected != NULL));
	if (expected)
	{
		obol_field_sqr(&root, &root);
		FUZZ_CHECK(obol_field_eq(&root, a));
	}
	BN_free(expected);
	obol_field_inv0(&root, a);
	if (BN_is_zero(x))
	{
		FUZZ_CHECK(obol_field_is_zero(&root));
		return;
	}
	expected = BN_mod_inverse(NULL, x, reference.p, reference.ctx);
	FUZZ_CHECK(expected);
	check_field(&root, expected);
	BN_free(expected);
}

static void field(struct fuzz_script *script)
{
	uint8_t bytes[2 * OBOL_NUMBER_LEN];
	struct obol_field a, b, c;
	BIGNUM *x, *y, *z = BN_new();
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
	{
		bytes[i] = fuzz_u8(script);
	}
	x = number(bytes, OBOL_NUMBER_LEN);
	y = number(bytes + OBOL_NUMBER_LEN, OBOL_NUMBER_LEN);
	FUZZ_CHECK(obol_field_from_bytes(&a, bytes) ==
			   (mp_limb_t)(BN_cmp(x, reference.p) < 0));
	FUZZ_CHECK(obol_field_from_bytes(&b, bytes + OBOL_NUMBER_LEN) ==
			   (mp_limb_t)(BN_cmp(y, reference.p) < 0));
	FUZZ_CHECK(z && BN_nnmod(x, x, reference.p, reference.ctx) &&
			   BN_nnmod(y, y, reference.p, reference.ctx));
	check_field(&a, x);
	obol_field_mul(&c, &a, &b);
	FUZZ_CHECK(BN_mod_mul(z, x, y, reference.p, reference.ctx));
	check_field(&c, z);
	obol_field_sqr(&c, &a);
	FUZZ_CHECK(BN_mod_sqr(z, x, reference.p, reference.ctx));
	check_field(&c, z);
	obol_field_add(&c, &a, &b);
	FUZZ_CHECK(BN_mod_add(z, x, y, reference.p, reference.ctx));
	check_field(&c, z);
	obol_field_sub(&c, &a, &b);
	FUZZ_CHECK(BN_mod_sub(z, x, y, reference.p, reference.ctx));
	check_field(&c, z);
	FUZZ_CHECK(obol_field_sgn0(&a) == (mp_limb_t)BN_is_odd(x));
	check_roots(&a, x);
	BN_free(x);
	BN_free(y);
	BN_free(z);
}

static void scalar(struct fuzz_script *script)
{
	uint8_t wide[OBOL_WIDE_LEN], bytes[OBOL_SCALAR_LEN];
	struct obol_scalar a, decoded;
	BIGNUM *x, *inverse = NULL;
	size_t i;

	for (i = 0; i < sizeof(wide); i++)
	{
		wide[i] = fuzz_u8(script);
	}
	x = number(wide, OBOL_SCALAR_LEN);
	FUZZ_CHECK(
		(obol_scalar_decode(obol_bytes(wide, OBOL_SCALAR_LEN), &decoded) ==
		 OBOL_OK) == (!BN_is_zero(x) && BN_cmp(x, reference.n) < 0));
	BN_free(x);
	x = number(wide, sizeof(wide));
	FUZZ_CHECK(BN_nnmod(x, x, reference.n, reference.ctx));
	obol_scalar_from_wide(&a, wide);
	obol_scalar_encode(bytes, &a);
	FUZZ_CHECK(BN_bn2binpad(x, wide, OBOL_SCALAR_LEN) == OBOL_SCALAR_LEN);
	FUZZ_CHECK(memcmp(bytes, wide, OBOL_SCALAR_LEN) == 0);
	obol_scalar_invert(&a, &a);
	if (BN_is_zero(x))
	{
		FUZZ_CHECK(obol_scalar_is_zero(&a));
	}
	else
	{
		inverse = BN_mod_inverse(NULL, x, reference.n, reference.ctx);
		obol_scalar_encode(bytes, &a);
		FUZZ_CHECK(inverse && BN_bn2binpad(inverse, wide, OBOL_SCALAR_LEN) ==
								  OBOL_SCALAR_LEN);
		FUZZ_CHECK(memcmp(bytes, wide, OBOL_SCALAR_LEN) == 0);
	}
	BN_free(inverse);
	BN_free(x);
}

/* NULL when OpenSSL takes these bytes for no compressed point */
static EC_POINT *reference_point(struct obol_bytes in)
{
	EC_POINT *point = EC_POINT_new(reference.group);

	FUZZ_CHECK(point);
	if (in.len != OBOL_P256_POINT_LEN ||
		EC_POINT_oct2point(reference.group, point, in.ptr, in.len,
						   reference.ctx) != 1 ||
		EC_POINT_is_at_infinity(reference.group, point))
	{
		EC_POINT_free(point);
		point = NULL;
	}
	return point;
}

static void check_point(const struct obol_p256_point *a,
						const EC_POINT *expected)
{
	uint8_t bytes[OBOL_P256_POINT_LEN], wanted[OBOL_P256_POINT_LEN];

	obol_p256_encode(bytes, a);
	FUZZ_CHECK(EC_POINT_point2oct(
				   reference.group, expected, POINT_CONVERSION_COMPRESSED,
				   wanted, sizeof(wanted), reference.ctx) == sizeof(wanted));
	FUZZ_CHECK(memcmp(bytes, wanted, sizeof(bytes)) == 0);
	FUZZ_CHECK(obol_p256_on_curve(a));
}

static void check_sum(const struct obol_p256_point *a, EC_POINT *expected,
					  struct obol_bytes msg)
{
	struct obol_p256_point b, sum;
	uint8_t bytes[OBOL_P256_POINT_LEN];
	EC_POINT *other;

	/* of the same point too */
	b = *a;
	if (msg.len)
	{
		FUZZ_CHECK(obol_hash_to_curve(&msg, 1, obol_bytes_str("fuzz"), &b) ==
				   OBOL_OK);
	}
	obol_p256_encode(bytes, &b);
	other = reference_point(obol_bytes(bytes, sizeof(bytes)));
	FUZZ_CHECK(other && EC_POINT_add(reference.group, expected, expected, other,
									 reference.ctx));
	if (obol_p256_add(a, &b, &sum))
	{
		FUZZ_CHECK(EC_POINT_is_at_infinity(reference.group, expected));
	}
	else
	{
		check_point(&sum, expected);
	}
	EC_POINT_free(other);
}

static void point(struct fuzz_script *script)
{
	struct obol_bytes in = fuzz_bytes(script);
	EC_POINT *expected = reference_point(in);
	struct obol_p256_point a;
	enum obol_status status = obol_p256_decode(in, &a);

	FUZZ_CHECK((status == OBOL_OK) == (expected != NULL));
	if (status == OBOL_OK)
	{
		check_point(&a, expected);
		check_sum(&a, expected, fuzz_rest(script));
	}
	EC_POINT_free(expected);
	ERR_clear_error();
}

static void run(struct obol_bytes in)
{
	struct fuzz_script script = fuzz_script_over(in);

	reference_init();
	switch (fuzz_below(&script, 3))
	{
		case 0:
			field(&script);
			break;
		case 1:
			scalar(&script);
			break;
		default:
			point(&script);
			break;
	}
}

static void seed(struct fuzz_seeds *seeds)
{
	uint8_t bytes[1 + 2 * OBOL_NUMBER_LEN];
	struct obol_p256_point a;
	struct obol_bytes msg = obol_bytes_str("a");
	BIGNUM *p_minus_1;

	reference_init();
	p_minus_1 = BN_dup(reference.p);
	FUZZ_CHECK(p_minus_1 && BN_sub_word(p_minus_1, 1));
	bytes[0] = 0;
	FUZZ_CHECK(BN_bn2binpad(reference.p, bytes + 1, OBOL_NUMBER_LEN) > 0);
	FUZZ_CHECK(BN_bn2binpad(p_minus_1, bytes + 33, OBOL_NUMBER_LEN) > 0);
	fuzz_seed(seeds, "field-p", obol_bytes(bytes, sizeof(bytes)));
	memcpy(bytes + 1, bytes + 33, OBOL_NUMBER_LEN);
	fuzz_seed(seeds, "field-most", obol_bytes(bytes, sizeof(bytes)));
	bytes[0] = 1;
	memset(bytes + 1, 0, sizeof(bytes) - 1);
	FUZZ_CHECK(BN_bn2binpad(reference.n, bytes + 1, OBOL_NUMBER_LEN) > 0);
	fuzz_seed(seeds, "scalar-n", obol_bytes(bytes, 1 + OBOL_WIDE_LEN));
	bytes[32] ^= 3;
	fuzz_seed(seeds, "scalar", obol_bytes(bytes, 1 + OBOL_WIDE_LEN));
	FUZZ_CHECK(obol_hash_to_curve(&msg, 1, obol_bytes_str("fuzz"), &a) ==
			   OBOL_OK);
	bytes[0] = 2;
	bytes[1] = OBOL_P256_POINT_LEN;
	obol_p256_encode(bytes + 2, &a);
	fuzz_seed(seeds, "point-twice", obol_bytes(bytes, 2 + OBOL_P256_POINT_LEN));
	bytes[2 + OBOL_P256_POINT_LEN] = 'a';
	fuzz_seed(seeds, "point-same", obol_bytes(bytes, 3 + OBOL_P256_POINT_LEN));
	bytes[2] ^= 1;
	fuzz_seed(seeds, "point-opposite",
			  obol_bytes(bytes, 3 + OBOL_P256_POINT_LEN));
	BN_free(p_minus_1);
}

static struct fuzz_target target = {
	.name = "group",
	.what = "field, scalars and points come to what OpenSSL comes to",
	.run = run,
	.seed = seed,
	.max_len = 100,
};

FUZZ_TARGET(target)
