/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addition on P-256 without special cases: algorithm 4 of J. Renes,
 * C. Costello, L. Batina, "Complete addition formulas for prime order elliptic
 * curves" (EUROCRYPT 2016), for a = -3, with both points affine (Z = 1). */
#include "group/p256.h"

struct projective {
	struct obol_field x;
	struct obol_field y;
	struct obol_field z;
};

static void triple(struct obol_field *out, const struct obol_field *a)
{
	struct obol_field twice;

	obol_field_add(&twice, a, a);
	obol_field_add(out, &twice, a);
	obol_field_clear(&twice, 1);
}

static void add_projective(struct projective *sum,
						   const struct obol_p256_point *a,
						   const struct obol_p256_point *b)
{
	struct obol_field xx, yy, xy, yz, xz, t, u, v;

	/* xx = x1 x2, yy = y1 y2, zz = 1 */
	obol_field_mul(&xx, &a->x, &b->x);
	obol_field_mul(&yy, &a->y, &b->y);
	/* xy = x1 y2 + x2 y1, yz = y1 + y2, xz = x1 + x2 */
	obol_field_add(&t, &a->x, &a->y);
	obol_field_add(&u, &b->x, &b->y);
	obol_field_mul(&xy, &t, &u);
	obol_field_sub(&xy, &xy, &xx);
	obol_field_sub(&xy, &xy, &yy);
	obol_field_add(&yz, &a->y, &b->y);
	obol_field_add(&xz, &a->x, &b->x);
	/* t = 3 (xz - b zz); u = yy - t, v = yy + t */
	obol_field_sub(&t, &xz, &obol_p256_b);
	triple(&t, &t);
	obol_field_sub(&u, &yy, &t);
	obol_field_add(&v, &yy, &t);
	/* t = 3 (b xz - xx - 3 zz), xx = 3 xx - 3 zz */
	obol_field_mul(&t, &obol_p256_b, &xz);
	triple(&yy, &obol_field_one);
	obol_field_sub(&t, &t, &yy);
	obol_field_sub(&t, &t, &xx);
	triple(&t, &t);
	triple(&xx, &xx);
	obol_field_sub(&xx, &xx, &yy);
	/* x3 = xy v - yz t, y3 = v u + xx t, z3 = yz u + xy xx */
	obol_field_mul(&sum->x, &xy, &v);
	obol_field_mul(&sum->y, &v, &u);
	obol_field_mul(&sum->z, &yz, &u);
	obol_field_mul(&u, &yz, &t);
	obol_field_sub(&sum->x, &sum->x, &u);
	obol_field_mul(&u, &xx, &t);
	obol_field_add(&sum->y, &sum->y, &u);
	obol_field_mul(&u, &xy, &xx);
	obol_field_add(&sum->z, &sum->z, &u);

	obol_field_clear(&xx, 1);
	obol_field_clear(&yy, 1);
	obol_field_clear(&xy, 1);
	obol_field_clear(&yz, 1);
	obol_field_clear(&xz, 1);
	obol_field_clear(&t, 1);
	obol_field_clear(&u, 1);
	obol_field_clear(&v, 1);
}

mp_limb_t obol_p256_add(const struct obol_p256_point *a,
						const struct obol_p256_point *b,
						struct obol_p256_point *out)
{
	struct projective sum;
	mp_limb_t is_identity;

	add_projective(&sum, a, b);
	is_identity = obol_field_is_zero(&sum.z);
	/* inv0 makes (0, 0) of the identity */
	obol_field_inv0(&sum.z, &sum.z);
	obol_field_mul(&out->x, &sum.x, &sum.z);
	obol_field_mul(&out->y, &sum.y, &sum.z);
	obol_field_clear(&sum.x, 1);
	obol_field_clear(&sum.y, 1);
	obol_field_clear(&sum.z, 1);
	return is_identity;
}
