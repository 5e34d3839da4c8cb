/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include <check.h>

#include "group/fixed.h"
#include "group/p256.h"
#include "support/bad_points.h"
#include "support/hex.h"
#include "support/points_p256.h"

Suite *p256_suite(void);

/* The generator (SEC 2, 2.4.2). */
#define G "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define MINUS_G                                                                \
	"026b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define N_MINUS_1                                                              \
	"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"

static struct obol_scalar scalar(const char *hex)
{
	uint8_t bytes[OBOL_SCALAR_LEN];
	struct obol_scalar out;

	(void)hex_decode(hex, bytes, sizeof(bytes));
	ck_assert_int_eq(obol_scalar_decode(obol_bytes(bytes, 32), &out), OBOL_OK);
	return out;
}

static struct obol_scalar small(unsigned value)
{
	uint8_t bytes[OBOL_SCALAR_LEN] = { 0 };
	struct obol_scalar out;

	bytes[30] = (uint8_t)(value >> 8);
	bytes[31] = (uint8_t)value;
	ck_assert_int_eq(obol_scalar_decode(obol_bytes(bytes, 32), &out), OBOL_OK);
	return out;
}

static struct obol_p256_point times_g(unsigned k)
{
	struct obol_scalar s = small(k);
	struct obol_p256_point out;

	ck_assert_int_eq(obol_p256_mul_base(&s, &out), OBOL_OK);
	return out;
}

static void assert_point(const struct obol_p256_point *point, const char *hex)
{
	uint8_t bytes[OBOL_P256_POINT_LEN];
	char *text;

	obol_p256_encode(bytes, point);
	text = hex_encode(obol_bytes(bytes, sizeof(bytes)));
	ck_assert_str_eq(text, hex);
	free(text);
}

static bool same(const struct obol_p256_point *a,
				 const struct obol_p256_point *b)
{
	return obol_field_eq(&a->x, &b->x) && obol_field_eq(&a->y, &b->y);
}

START_TEST(encode_and_decode)
{
	static const char *const encodings[] = {
		G,
		MINUS_G,
		/* x = 0 and x = 5 */
		"020000000000000000000000000000000000000000000000000000000000000000",
		"030000000000000000000000000000000000000000000000000000000000000005",
	};
	struct obol_p256_point point;
	uint8_t bytes[OBOL_P256_POINT_LEN];

	(void)hex_decode(encodings[_i], bytes, sizeof(bytes));
	ck_assert_int_eq(obol_p256_decode(obol_bytes(bytes, sizeof(bytes)), &point),
					 OBOL_OK);
	ck_assert_uint_eq(obol_p256_on_curve(&point), 1);
	assert_point(&point, encodings[_i]);
}
END_TEST

START_TEST(refuse)
{
	struct obol_p256_point point;
	struct bad_point bad;

	bad_point_get((size_t)_i, &bad);
	ck_assert_msg(obol_p256_decode(obol_bytes(bad.bytes, bad.len), &point) ==
					  OBOL_ERR_FORMAT,
				  "%s", bad.what);
}
END_TEST

/* points at the field's edges, and a multiple that was computed elsewhere */
START_TEST(edges)
{
	const struct good_point_row *row;
	uint8_t bytes[OBOL_P256_POINT_LEN], product[OBOL_P256_POINT_LEN];
	struct obol_p256_point point;
	struct obol_scalar k;

	for (row = good_points_p256; row->what; row++)
	{
		ck_assert_uint_eq(hex_decode(row->encoding, bytes, sizeof(bytes)),
						  sizeof(bytes));
		ck_assert_uint_eq(hex_decode(row->product, product, sizeof(product)),
						  sizeof(product));
		k = scalar(row->scalar);
		ck_assert_msg(obol_p256_decode(obol_bytes(bytes, sizeof(bytes)),
									   &point) == OBOL_OK,
					  "%s", row->what);
		ck_assert_int_eq(obol_p256_mul(&k, &point, &point), OBOL_OK);
		obol_p256_encode(bytes, &point);
		ck_assert_msg(memcmp(bytes, product, sizeof(product)) == 0, "%s",
					  row->what);
	}
	ck_assert_uint_ge((size_t)(row - good_points_p256), 30);
}
END_TEST

START_TEST(every_wrong_length)
{
	uint8_t bytes[2 * OBOL_P256_POINT_LEN + 1] = { 0 };
	struct obol_p256_point point;
	size_t len;

	(void)hex_decode(G, bytes, sizeof(bytes));
	for (len = 0; len < sizeof(bytes); len++)
	{
		enum obol_status status =
			obol_p256_decode(obol_bytes(bytes, len), &point);

		ck_assert_msg(
			status == (len == OBOL_P256_POINT_LEN ? OBOL_OK : OBOL_ERR_FORMAT),
			"%zu bytes", len);
	}
}
END_TEST

START_TEST(multiples)
{
	struct obol_p256_point g = times_g(1), out, again;
	struct obol_scalar minus_one = scalar(N_MINUS_1), zero = { { 0 } };
	struct obol_scalar seven = small(7);

	assert_point(&g, G);
	ck_assert_int_eq(obol_p256_mul_base(&minus_one, &out), OBOL_OK);
	assert_point(&out, MINUS_G);
	ck_assert_int_eq(obol_p256_mul(&minus_one, &out, &out), OBOL_OK);
	assert_point(&out, G);
	ck_assert_int_eq(obol_p256_mul(&seven, &g, &out), OBOL_OK);
	again = times_g(7);
	ck_assert(same(&out, &again));
	/* 7 * 1/7 */
	obol_scalar_invert(&seven, &seven);
	ck_assert_int_eq(obol_p256_mul(&seven, &out, &out), OBOL_OK);
	assert_point(&out, G);
	/* would be the identity */
	ck_assert_int_eq(obol_p256_mul(&zero, &g, &out), OBOL_ERR_ARG);
	ck_assert_int_eq(obol_p256_mul_base(&zero, &out), OBOL_ERR_ARG);
}
END_TEST

/* what is no point never comes back as one from OpenSSL */
START_TEST(multiply_no_point)
{
	struct obol_p256_point point = times_g(1);
	struct obol_scalar seven = small(7);

	point.x = obol_field_one;
	ck_assert_uint_eq(obol_p256_on_curve(&point), 0);
	ck_assert_int_eq(obol_p256_mul(&seven, &point, &point), OBOL_ERR_CRYPTO);
}
END_TEST

START_TEST(sums)
{
	struct obol_p256_point a, b, sum, expected;
	unsigned i, j;

	/* i = j doubles */
	for (i = 1; i < 12; i++)
	{
		for (j = 1; j < 12; j++)
		{
			a = times_g(i * 97);
			b = times_g(j * 97);
			expected = times_g((i + j) * 97);
			ck_assert_uint_eq(obol_p256_add(&a, &b, &sum), 0);
			ck_assert_msg(same(&sum, &expected), "%u + %u", i, j);
		}
	}
}
END_TEST

START_TEST(sum_is_the_identity)
{
	struct obol_p256_point a = times_g(5), b = a, sum;

	obol_field_neg(&b.y, &b.y);
	ck_assert_uint_eq(obol_p256_add(&a, &b, &sum), 1);
	ck_assert_uint_eq(obol_field_is_zero(&sum.x), 1);
	ck_assert_uint_eq(obol_field_is_zero(&sum.y), 1);
	/* over its argument */
	ck_assert_uint_eq(obol_p256_add(&a, &a, &a), 0);
	b = times_g(10);
	ck_assert(same(&a, &b));
	obol_p256_clear(&a);
	ck_assert_uint_eq(obol_field_is_zero(&a.x), 1);
}
END_TEST

START_TEST(made_once)
{
	ck_assert_ptr_nonnull(obol_fixed());
	ck_assert_ptr_eq(obol_fixed(), obol_fixed());
}
END_TEST

Suite *p256_suite(void)
{
	Suite *suite = suite_create("p256");
	TCase *tc = tcase_create("p256");

	tcase_add_loop_test(tc, encode_and_decode, 0, 4);
	tcase_add_loop_test(tc, refuse, 0, (int)bad_points_count());
	tcase_add_test(tc, edges);
	tcase_add_test(tc, every_wrong_length);
	tcase_add_test(tc, multiples);
	tcase_add_test(tc, multiply_no_point);
	tcase_add_test(tc, sums);
	tcase_add_test(tc, sum_is_the_identity);
	tcase_add_test(tc, made_once);
	suite_add_tcase(suite, tc);
	return suite;
}
