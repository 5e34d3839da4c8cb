/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include <check.h>

#include "group/field.h"
#include "group/p256.h"
#include "support/hex.h"

Suite *field_suite(void);

#define P "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
#define P_MINUS_1                                                              \
	"ffffffff00000001000000000000000000000000fffffffffffffffffffffffe"
#define MAX "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"
#define ONE "0000000000000000000000000000000000000000000000000000000000000001"
#define B "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"

static struct obol_field field(const char *hex)
{
	uint8_t bytes[OBOL_NUMBER_LEN];
	struct obol_field out;

	ck_assert_uint_eq(hex_decode(hex, bytes, sizeof(bytes)), sizeof(bytes));
	(void)obol_field_from_bytes(&out, bytes);
	return out;
}

static struct obol_field small(unsigned value)
{
	uint8_t bytes[OBOL_NUMBER_LEN] = { 0 };
	struct obol_field out;

	bytes[OBOL_NUMBER_LEN - 1] = (uint8_t)value;
	ck_assert_uint_eq(obol_field_from_bytes(&out, bytes), 1);
	return out;
}

static void assert_field(const struct obol_field *a, const char *hex)
{
	uint8_t bytes[OBOL_NUMBER_LEN];
	char *text;

	obol_field_to_bytes(bytes, a);
	text = hex_encode(obol_bytes(bytes, sizeof(bytes)));
	ck_assert_str_eq(text, hex);
	free(text);
}

/* numbers at the borders: as given, as they must come back, below p or not */
static const struct {
	const char *in;
	const char *out;
	unsigned below_p;
} borders[] = {
	{ ZERO, ZERO, 1 },
	{ ONE, ONE, 1 },
	{ P_MINUS_1, P_MINUS_1, 1 },
	{ P, ZERO, 0 },
	{ "ffffffff00000001000000000000000000000001000000000000000000000000", ONE,
	  0 },
	{ MAX, "00000000fffffffeffffffffffffffffffffffff000000000000000000000000",
	  0 },
};

START_TEST(bytes_and_back)
{
	uint8_t bytes[OBOL_NUMBER_LEN];
	struct obol_field a;

	(void)hex_decode(borders[_i].in, bytes, sizeof(bytes));
	ck_assert_uint_eq(obol_field_from_bytes(&a, bytes), borders[_i].below_p);
	assert_field(&a, borders[_i].out);
}
END_TEST

START_TEST(sums_wrap_at_p)
{
	struct obol_field minus_one = field(P_MINUS_1), out;

	obol_field_add(&out, &minus_one, &obol_field_one);
	assert_field(&out, ZERO);
	obol_field_add(&out, &minus_one, &minus_one);
	assert_field(&out, "ffffffff00000001000000000000000000000000"
					   "fffffffffffffffffffffffd");
	obol_field_sub(&out, &obol_field_zero, &obol_field_one);
	assert_field(&out, P_MINUS_1);
	obol_field_neg(&out, &obol_field_zero);
	assert_field(&out, ZERO);
	obol_field_mul(&out, &minus_one, &minus_one);
	assert_field(&out, ONE);
	obol_field_sqr(&out, &minus_one);
	assert_field(&out, ONE);
}
END_TEST

START_TEST(constants)
{
	assert_field(&obol_field_zero, ZERO);
	assert_field(&obol_field_one, ONE);
	/* SEC 2, 2.4.2 */
	assert_field(&obol_p256_b, B);
}
END_TEST

/* OBOL_WIDE_LEN bytes modulo p; computed apart from this code */
static const struct {
	const char *in;
	const char *out;
} wide[] = {
	{ "00000000000000000000000000000000" P, ZERO },
	{ "00000000000000000000000000000001" ZERO,
	  "00000000fffffffeffffffffffffffffffffffff000000000000000000000001" },
	{ "ffffffffffffffffffffffffffffffff" MAX,
	  "fffffffe00000001000000000000000200000002fffffffffffffffefffffffd" },
};

START_TEST(wide_numbers)
{
	uint8_t bytes[OBOL_WIDE_LEN];
	struct obol_field a;

	ck_assert_uint_eq(hex_decode(wide[_i].in, bytes, sizeof(bytes)),
					  sizeof(bytes));
	obol_field_from_wide(&a, bytes);
	assert_field(&a, wide[_i].out);
}
END_TEST

START_TEST(inverses)
{
	struct obol_field b = field(B), inverse, out;

	obol_field_inv0(&inverse, &b);
	obol_field_mul(&out, &inverse, &b);
	assert_field(&out, ONE);
	/* RFC 9380, 4: inv0(0) = 0 */
	obol_field_inv0(&out, &obol_field_zero);
	assert_field(&out, ZERO);
	/* over its argument */
	obol_field_inv0(&b, &b);
	ck_assert_uint_eq(obol_field_eq(&b, &inverse), 1);
}
END_TEST

START_TEST(square_roots)
{
	struct obol_field a = field(B), square, root;
	unsigned i;

	obol_field_sqr(&square, &a);
	ck_assert_uint_eq(obol_field_sqrt(&root, &square), 1);
	obol_field_sqr(&root, &root);
	ck_assert_uint_eq(obol_field_eq(&root, &square), 1);
	ck_assert_uint_eq(obol_field_sqrt(&root, &obol_field_zero), 1);
	ck_assert_uint_eq(obol_field_is_zero(&root), 1);
	/* -1 is no square for p = 3 mod 4, so of a and -a one is */
	for (i = 1; i < 50; i++)
	{
		mp_limb_t plus, minus;

		a = small(i);
		plus = obol_field_sqrt(&root, &a);
		obol_field_neg(&a, &a);
		minus = obol_field_sqrt(&root, &a);
		ck_assert_uint_eq(plus + minus, 1);
	}
}
END_TEST

START_TEST(sqrt_ratio_has_both_sides)
{
	struct obol_field u, v = small(7), z = small(10), left, right, root;
	unsigned i, squares = 0;

	obol_field_neg(&z, &z);
	for (i = 1; i < 50; i++)
	{
		mp_limb_t is_square;

		u = small(i);
		is_square = obol_field_sqrt_ratio(&root, &u, &v);
		/* root^2 * v is u, or Z u */
		obol_field_sqr(&left, &root);
		obol_field_mul(&left, &left, &v);
		obol_field_mul(&right, &z, &u);
		obol_field_select(&right, &u, &right, is_square);
		ck_assert_msg(obol_field_eq(&left, &right) == 1, "u = %u", i);
		squares += (unsigned)is_square;
	}
	ck_assert_uint_gt(squares, 10);
	ck_assert_uint_lt(squares, 40);
}
END_TEST

START_TEST(signs_and_choice)
{
	struct obol_field one = obol_field_one, two = small(2), out;

	/* RFC 9380, 4.1: of the number itself, not of its Montgomery form */
	ck_assert_uint_eq(obol_field_sgn0(&one), 1);
	ck_assert_uint_eq(obol_field_sgn0(&two), 0);
	ck_assert_uint_eq(obol_field_sgn0(&obol_field_zero), 0);
	obol_field_select(&out, &one, &two, 1);
	ck_assert_uint_eq(obol_field_eq(&out, &one), 1);
	obol_field_select(&out, &one, &two, 0);
	ck_assert_uint_eq(obol_field_eq(&out, &two), 1);
	ck_assert_uint_eq(obol_field_eq(&one, &two), 0);
	ck_assert_uint_eq(obol_field_is_zero(&one), 0);
	obol_field_clear(&out, 1);
	ck_assert_uint_eq(obol_field_is_zero(&out), 1);
}
END_TEST

Suite *field_suite(void)
{
	Suite *suite = suite_create("field");
	TCase *tc = tcase_create("field");

	tcase_add_loop_test(tc, bytes_and_back, 0,
						sizeof(borders) / sizeof(borders[0]));
	tcase_add_test(tc, sums_wrap_at_p);
	tcase_add_test(tc, constants);
	tcase_add_loop_test(tc, wide_numbers, 0, sizeof(wide) / sizeof(wide[0]));
	tcase_add_test(tc, inverses);
	tcase_add_test(tc, square_roots);
	tcase_add_test(tc, sqrt_ratio_has_both_sides);
	tcase_add_test(tc, signs_and_choice);
	suite_add_tcase(suite, tc);
	return suite;
}
