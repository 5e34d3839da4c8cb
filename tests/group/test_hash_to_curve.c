/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "group/hash_to_curve.h"
#include "group/sha256.h"
#include "support/vector_suite.h"

Suite *hash_to_curve_suite(void);

START_TEST(rfc9380_j1)
{
	assert_vectors(&vector_kind_hash_to_curve, "hash-to-curve-p256-ro.txt", 5);
	assert_vectors(&vector_kind_hash_to_curve, "hash-to-curve-p256-nu.txt", 5);
}
END_TEST

/* x = B/(Z A) = B/30, where map_to_curve goes for its exceptional inputs
 * (RFC 9380, 6.6.2) */
static struct obol_field exceptional_x(void)
{
	uint8_t bytes[OBOL_NUMBER_LEN] = { 0 };
	struct obol_field thirty;

	bytes[OBOL_NUMBER_LEN - 1] = 30;
	(void)obol_field_from_bytes(&thirty, bytes);
	obol_field_inv0(&thirty, &thirty);
	obol_field_mul(&thirty, &thirty, &obol_p256_b);
	return thirty;
}

START_TEST(exceptional_inputs)
{
	uint8_t bytes[OBOL_NUMBER_LEN] = { 0 };
	struct obol_field ten, u, x = exceptional_x();
	struct obol_p256_point plus, minus;

	/* u = 0 */
	obol_map_to_curve_simple_swu(&obol_field_zero, &plus);
	ck_assert_uint_eq(obol_p256_on_curve(&plus), 1);
	ck_assert_uint_eq(obol_field_eq(&plus.x, &x), 1);
	ck_assert_uint_eq(obol_field_sgn0(&plus.y), 0);
	/* Z u^2 = -1: u = 1/sqrt(10) and its negative */
	bytes[OBOL_NUMBER_LEN - 1] = 10;
	(void)obol_field_from_bytes(&ten, bytes);
	ck_assert_uint_eq(obol_field_sqrt(&u, &ten), 1);
	obol_field_inv0(&u, &u);
	obol_map_to_curve_simple_swu(&u, &plus);
	obol_field_neg(&u, &u);
	obol_map_to_curve_simple_swu(&u, &minus);
	ck_assert_uint_eq(obol_p256_on_curve(&plus), 1);
	ck_assert_uint_eq(obol_field_eq(&plus.x, &x), 1);
	ck_assert_uint_eq(obol_field_eq(&minus.x, &x), 1);
	/* RFC 9380, 6.6.2: y has u's sign */
	ck_assert_uint_eq(obol_field_sgn0(&plus.y) + obol_field_sgn0(&minus.y), 1);
	ck_assert_uint_eq(obol_field_sgn0(&minus.y), obol_field_sgn0(&u));
}
END_TEST

START_TEST(always_on_the_curve)
{
	struct obol_field u = obol_field_one;
	struct obol_p256_point point;
	int i;

	for (i = 0; i < 200; i++)
	{
		obol_map_to_curve_simple_swu(&u, &point);
		ck_assert_uint_eq(obol_p256_on_curve(&point), 1);
		ck_assert_uint_eq(obol_field_sgn0(&point.y), obol_field_sgn0(&u));
		obol_field_add(&u, &u, &point.x);
	}
}
END_TEST

START_TEST(lengths_of_messages)
{
	static uint8_t message[65536];
	struct obol_bytes dst = obol_bytes_str("test");
	struct obol_bytes msg = obol_bytes(message, 0);
	struct obol_p256_point none, longest;

	ck_assert_int_eq(obol_hash_to_curve(&msg, 1, dst, &none), OBOL_OK);
	ck_assert_uint_eq(obol_p256_on_curve(&none), 1);
	msg.len = sizeof(message);
	ck_assert_int_eq(obol_hash_to_curve(&msg, 1, dst, &longest), OBOL_OK);
	ck_assert_uint_eq(obol_p256_on_curve(&longest), 1);
	ck_assert_uint_eq(obol_field_eq(&none.x, &longest.x), 0);
}
END_TEST

/* RFC 9380, 3.1 */
START_TEST(no_dst)
{
	struct obol_bytes msg = obol_bytes_str("abc");
	struct obol_bytes dst = obol_bytes_str("");
	struct obol_p256_point point;
	struct obol_scalar scalar;

	ck_assert_int_eq(obol_hash_to_curve(&msg, 1, dst, &point), OBOL_ERR_ARG);
	ck_assert_int_eq(obol_encode_to_curve(&msg, 1, dst, &point), OBOL_ERR_ARG);
	ck_assert_int_eq(obol_hash_to_scalar(&msg, 1, dst, &scalar), OBOL_ERR_ARG);
}
END_TEST

/* a dst that is too long counts as its hash, both ways of hashing to points */
START_TEST(oversized_dst)
{
	uint8_t dst[300];
	struct obol_bytes msg = obol_bytes_str("abc");
	struct obol_bytes parts[] = {
		obol_bytes_str("H2C-OVERSIZE-DST-"),
		obol_bytes(dst, sizeof(dst)),
	};
	struct obol_p256_point a, b;
	uint8_t hash[32];

	memset(dst, 'd', sizeof(dst));
	ck_assert_int_eq(obol_sha256(parts, 2, hash), OBOL_OK);
	ck_assert_int_eq(obol_hash_to_curve(&msg, 1, parts[1], &a), OBOL_OK);
	ck_assert_int_eq(obol_hash_to_curve(&msg, 1, obol_bytes(hash, 32), &b),
					 OBOL_OK);
	ck_assert_uint_eq(obol_field_eq(&a.x, &b.x), 1);
	ck_assert_uint_eq(obol_field_eq(&a.y, &b.y), 1);
}
END_TEST

Suite *hash_to_curve_suite(void)
{
	Suite *suite = suite_create("hash_to_curve");
	TCase *tc = tcase_create("hash_to_curve");

	tcase_add_test(tc, rfc9380_j1);
	tcase_add_test(tc, exceptional_inputs);
	tcase_add_test(tc, always_on_the_curve);
	tcase_add_test(tc, lengths_of_messages);
	tcase_add_test(tc, no_dst);
	tcase_add_test(tc, oversized_dst);
	suite_add_tcase(suite, tc);
	return suite;
}
