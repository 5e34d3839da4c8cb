/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Points of P-256: encoding on field.h, multiplication on OpenSSL's EC. */
#include "group/p256.h"
#include "base/ct_check.h"
#include "group/fixed.h"

#include <openssl/bn.h>

/* Prefix of a compressed point with even y; one more with odd y. */
#define COMPRESSED_EVEN 0x02

/* in Montgomery form */
const struct obol_field obol_p256_b = { {
	OBOL_LIMB64(d89cdf62, 29c4bddf),
	OBOL_LIMB64(acf005cd, 78843090),
	OBOL_LIMB64(e5a220ab, f7212ed6),
	OBOL_LIMB64(dc30061d, 04874834),
} };

/* x^3 - 3x + b */
static void right_side(struct obol_field *out, const struct obol_field *x)
{
	struct obol_field t;

	obol_field_sqr(&t, x);
	obol_field_sub(&t, &t, &obol_field_one);
	obol_field_sub(&t, &t, &obol_field_one);
	obol_field_sub(&t, &t, &obol_field_one);
	obol_field_mul(&t, &t, x);
	obol_field_add(out, &t, &obol_p256_b);
	obol_field_clear(&t, 1);
}

mp_limb_t obol_p256_on_curve(const struct obol_p256_point *point)
{
	struct obol_field left, right;
	mp_limb_t equal;

	obol_field_sqr(&left, &point->y);
	right_side(&right, &point->x);
	equal = obol_field_eq(&left, &right);
	obol_field_clear(&left, 1);
	obol_field_clear(&right, 1);
	return equal;
}

enum obol_status obol_p256_decode(struct obol_bytes in,
								  struct obol_p256_point *out)
{
	struct obol_p256_point point;
	struct obol_field other;
	mp_limb_t good;

	if (in.len != OBOL_P256_POINT_LEN ||
		(in.ptr[0] != COMPRESSED_EVEN && in.ptr[0] != COMPRESSED_EVEN + 1))
	{
		return OBOL_ERR_FORMAT;
	}
	good = obol_field_from_bytes(&point.x, in.ptr + 1);
	right_side(&point.y, &point.x);
	good &= obol_field_sqrt(&point.y, &point.y);
	if (!good)
	{
		return OBOL_ERR_FORMAT;
	}
	/* no point has y = 0, the group's order is odd: one of the two fits */
	obol_field_neg(&other, &point.y);
	obol_field_select(&point.y, &other, &point.y,
					  obol_field_sgn0(&point.y) ^ (in.ptr[0] & 1));
	*out = point;
	return OBOL_OK;
}

void obol_p256_encode(uint8_t out[OBOL_P256_POINT_LEN],
					  const struct obol_p256_point *point)
{
	out[0] = (uint8_t)(COMPRESSED_EVEN | obol_field_sgn0(&point->y));
	obol_field_to_bytes(out + 1, &point->x);
}

/* What a multiplication needs of OpenSSL. */
struct work {
	const EC_GROUP *group;
	BN_CTX *ctx;
	BIGNUM *k;
	BIGNUM *x;
	BIGNUM *y;
	EC_POINT *point;
	EC_POINT *product;
};

static void work_clear(struct work *work)
{
	EC_POINT_clear_free(work->product);
	EC_POINT_clear_free(work->point);
	BN_clear_free(work->y);
	BN_clear_free(work->x);
	BN_clear_free(work->k);
	BN_CTX_free(work->ctx);
}

static bool work_init(struct work *work)
{
	const struct obol_fixed *fixed = obol_fixed();

	memset(work, 0, sizeof(*work));
	if (!fixed)
	{
		return false;
	}
	work->group = fixed->p256;
	work->ctx = BN_CTX_new();
	work->k = BN_new();
	work->x = BN_new();
	work->y = BN_new();
	work->point = EC_POINT_new(fixed->p256);
	work->product = EC_POINT_new(fixed->p256);
	return work->ctx && work->k && work->x && work->y && work->point &&
		   work->product;
}

static bool number_to_bn(const uint8_t *bytes, BIGNUM *bn)
{
	BN_set_flags(bn, BN_FLG_CONSTTIME);
	return BN_bin2bn(bytes, OBOL_NUMBER_LEN, bn) != NULL;
}

static bool field_to_bn(const struct obol_field *field, BIGNUM *bn)
{
	uint8_t bytes[OBOL_NUMBER_LEN];
	bool done;

	obol_field_to_bytes(bytes, field);
	done = number_to_bn(bytes, bn);
	obol_wipe(bytes, sizeof(bytes));
	return done;
}

static bool field_from_bn(struct obol_field *field, const BIGNUM *bn)
{
	uint8_t bytes[OBOL_NUMBER_LEN];
	bool done = BN_bn2binpad(bn, bytes, sizeof(bytes)) == sizeof(bytes);

	if (done)
	{
		/* public: OpenSSL's coordinates are below p */
		done = obol_ct_verdict(obol_field_from_bytes(field, bytes)) == 1;
	}
	obol_wipe(bytes, sizeof(bytes));
	return done;
}

static bool load_scalar(struct work *work, const struct obol_scalar *k)
{
	uint8_t bytes[OBOL_SCALAR_LEN];
	bool done;

	obol_scalar_encode(bytes, k);
	done = number_to_bn(bytes, work->k);
	obol_wipe(bytes, sizeof(bytes));
	return done;
}

static bool load_point(struct work *work, const struct obol_p256_point *point)
{
	return field_to_bn(&point->x, work->x) && field_to_bn(&point->y, work->y) &&
		   EC_POINT_set_affine_coordinates(work->group, work->point, work->x,
										   work->y, work->ctx) == 1;
}

static bool store_product(struct work *work, struct obol_p256_point *out)
{
	return EC_POINT_get_affine_coordinates(work->group, work->product, work->x,
										   work->y, work->ctx) == 1 &&
		   field_from_bn(&out->x, work->x) && field_from_bn(&out->y, work->y);
}

/* point is NULL for the generator. The group's order is a prime, so that a
 * multiple by 1..n-1 is never the identity. */
static enum obol_status multiply(const struct obol_scalar *k,
								 const struct obol_p256_point *point,
								 struct obol_p256_point *out)
{
	enum obol_status status = OBOL_ERR_CRYPTO;
	struct work work;
	int done;

	/* public: no scalar that is in use is 0 */
	if (obol_ct_verdict(obol_scalar_is_zero(k)))
	{
		return OBOL_ERR_ARG;
	}
	if (!work_init(&work) || !load_scalar(&work, k) ||
		(point && !load_point(&work, point)))
	{
		goto out;
	}
	if (point)
	{
		done = EC_POINT_mul(work.group, work.product, NULL, work.point, work.k,
							work.ctx);
	}
	else
	{
		done = EC_POINT_mul(work.group, work.product, work.k, NULL, NULL,
							work.ctx);
	}
	if (done == 1 && store_product(&work, out))
	{
		status = OBOL_OK;
	}
out:
	work_clear(&work);
	return status;
}

enum obol_status obol_p256_mul(const struct obol_scalar *k,
							   const struct obol_p256_point *point,
							   struct obol_p256_point *out)
{
	return multiply(k, point, out);
}

enum obol_status obol_p256_mul_base(const struct obol_scalar *k,
									struct obol_p256_point *out)
{
	return multiply(k, NULL, out);
}

void obol_p256_clear(struct obol_p256_point *point)
{
	obol_field_clear(&point->x, 1);
	obol_field_clear(&point->y, 1);
}
