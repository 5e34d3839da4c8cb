/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "base/ct.h"
#include "pake/oprf.h"
#include "support/bad_points.h"
#include "support/scripted_rng.h"
#include "support/vector_suite.h"

Suite *oprf_suite(void);

START_TEST(rfc9497_a31)
{
	assert_vectors(&vector_kind_oprf, "oprf-p256-sha256.txt", 2);
}
END_TEST

static struct obol_scalar server_key(void)
{
	struct obol_secret *seed = obol_secret_new(OBOL_OPRF_SEED_LEN);
	struct obol_scalar key;

	ck_assert_int_eq(
		obol_derive_key_pair(seed, obol_bytes_str("test"), &key, NULL),
		OBOL_OK);
	obol_secret_free(seed);
	return key;
}

/* Blind, evaluate and finalize; the blind must not show in the output. */
static enum obol_status evaluate(const struct obol_secret *input,
								 struct obol_rng *rng,
								 struct obol_secret *output)
{
	uint8_t blinded[OBOL_OPRF_ELEMENT_LEN], evaluated[OBOL_OPRF_ELEMENT_LEN];
	struct obol_scalar key = server_key(), blind;
	enum obol_status status;

	status = obol_oprf_blind(rng, input, &blind, blinded);
	if (status != OBOL_OK)
	{
		ck_assert_uint_eq(obol_scalar_is_zero(&blind), 1);
		return status;
	}
	ck_assert_int_eq(obol_oprf_blind_evaluate(
						 &key, obol_bytes(blinded, sizeof(blinded)), evaluated),
					 OBOL_OK);
	status = obol_oprf_finalize(
		input, &blind, obol_bytes(evaluated, sizeof(evaluated)), output);
	ck_assert_uint_eq(obol_scalar_is_zero(&blind), 1);
	return status;
}

static const struct {
	size_t len;
	enum obol_status status;
} lengths[] = {
	{ 0, OBOL_ERR_ARG },
	{ 1, OBOL_OK },
	{ OBOL_OPRF_INPUT_MAX, OBOL_OK },
	{ OBOL_OPRF_INPUT_MAX + 1, OBOL_ERR_ARG },
};

START_TEST(input_lengths)
{
	struct obol_secret *input = obol_secret_new(lengths[_i].len);
	struct obol_secret *a = obol_secret_new(OBOL_OPRF_OUTPUT_LEN);
	struct obol_secret *b = obol_secret_new(OBOL_OPRF_OUTPUT_LEN);

	ck_assert_int_eq(evaluate(input, obol_rng_system(), a), lengths[_i].status);
	ck_assert_int_eq(evaluate(input, obol_rng_system(), b), lengths[_i].status);
	ck_assert(obol_ct_eq(obol_secret_ptr(a), obol_secret_ptr(b),
						 OBOL_OPRF_OUTPUT_LEN));
	obol_secret_free(input);
	obol_secret_free(a);
	obol_secret_free(b);
}
END_TEST

START_TEST(inputs_differ)
{
	struct obol_secret *one = obol_secret_dup("password", 8);
	struct obol_secret *two = obol_secret_dup("Password", 8);
	struct obol_secret *a = obol_secret_new(OBOL_OPRF_OUTPUT_LEN);
	struct obol_secret *b = obol_secret_new(OBOL_OPRF_OUTPUT_LEN);

	ck_assert_int_eq(evaluate(one, obol_rng_system(), a), OBOL_OK);
	ck_assert_int_eq(evaluate(two, obol_rng_system(), b), OBOL_OK);
	ck_assert(!obol_ct_eq(obol_secret_ptr(a), obol_secret_ptr(b),
						  OBOL_OPRF_OUTPUT_LEN));
	obol_secret_free(one);
	obol_secret_free(two);
	obol_secret_free(a);
	obol_secret_free(b);
}
END_TEST

START_TEST(no_randomness)
{
	struct obol_secret *input = obol_secret_dup("password", 8);
	struct scripted_rng rng;

	scripted_rng_init(&rng, NULL);
	ck_assert_int_eq(evaluate(input, &rng.rng, NULL), OBOL_ERR_CRYPTO);
	obol_secret_free(input);
}
END_TEST

START_TEST(refuse_elements)
{
	struct obol_secret *input = obol_secret_dup("password", 8);
	struct obol_secret *output = obol_secret_new(OBOL_OPRF_OUTPUT_LEN);
	uint8_t out[OBOL_OPRF_ELEMENT_LEN];
	struct obol_scalar key = server_key(), blind = key;
	struct bad_point bad;
	struct obol_bytes view;

	bad_point_get((size_t)_i, &bad);
	view = obol_bytes(bad.bytes, bad.len);
	ck_assert_msg(obol_oprf_blind_evaluate(&key, view, out) == OBOL_ERR_FORMAT,
				  "%s", bad.what);
	ck_assert_msg(obol_oprf_finalize(input, &blind, view, output) ==
					  OBOL_ERR_FORMAT,
				  "%s", bad.what);
	ck_assert_uint_eq(obol_scalar_is_zero(&blind), 1);
	obol_secret_free(input);
	obol_secret_free(output);
}
END_TEST

START_TEST(refuse_arguments)
{
	struct obol_secret *input = obol_secret_dup("password", 8);
	struct obol_secret *output = obol_secret_new(OBOL_OPRF_OUTPUT_LEN);
	struct obol_secret *shorter = obol_secret_new(OBOL_OPRF_OUTPUT_LEN - 1);
	uint8_t element[OBOL_OPRF_ELEMENT_LEN];
	struct obol_scalar key = server_key(), zero = { { 0 } }, blind;
	struct obol_bytes view = obol_bytes(element, sizeof(element));

	ck_assert_int_eq(obol_oprf_blind(obol_rng_system(), input, &blind, element),
					 OBOL_OK);
	ck_assert_int_eq(obol_oprf_blind_evaluate(&zero, view, element),
					 OBOL_ERR_ARG);
	ck_assert_int_eq(obol_oprf_blind_evaluate(&key, view, element), OBOL_OK);
	ck_assert_int_eq(obol_oprf_finalize(input, &zero, view, output),
					 OBOL_ERR_ARG);
	ck_assert_int_eq(obol_oprf_finalize(input, &blind, view, shorter),
					 OBOL_ERR_ARG);
	obol_secret_free(input);
	obol_secret_free(output);
	obol_secret_free(shorter);
}
END_TEST

static const struct {
	size_t seed_len;
	size_t info_len;
	enum obol_status status;
} derivations[] = {
	{ 32, 0, OBOL_OK },
	{ 32, OBOL_OPRF_INFO_MAX, OBOL_OK },
	{ 32, OBOL_OPRF_INFO_MAX + 1, OBOL_ERR_ARG },
	{ 0, 4, OBOL_ERR_ARG },
	{ 31, 4, OBOL_ERR_ARG },
	{ 33, 4, OBOL_ERR_ARG },
};

START_TEST(derive_key_pair)
{
	static uint8_t info[OBOL_OPRF_INFO_MAX + 1];
	struct obol_secret *seed = obol_secret_new(derivations[_i].seed_len);
	struct obol_bytes view = obol_bytes(info, derivations[_i].info_len);
	uint8_t public_key[OBOL_OPRF_ELEMENT_LEN], expected[sizeof(public_key)];
	struct obol_p256_point point;
	struct obol_scalar key;

	ck_assert_int_eq(obol_derive_key_pair(seed, view, &key, public_key),
					 derivations[_i].status);
	ck_assert_uint_eq(obol_scalar_is_zero(&key),
					  derivations[_i].status != OBOL_OK);
	if (derivations[_i].status == OBOL_OK)
	{
		ck_assert_int_eq(obol_p256_mul_base(&key, &point), OBOL_OK);
		obol_p256_encode(expected, &point);
		ck_assert_mem_eq(public_key, expected, sizeof(expected));
	}
	obol_secret_free(seed);
}
END_TEST

Suite *oprf_suite(void)
{
	Suite *suite = suite_create("oprf");
	TCase *tc = tcase_create("oprf");

	tcase_add_test(tc, rfc9497_a31);
	tcase_add_loop_test(tc, input_lengths, 0,
						sizeof(lengths) / sizeof(lengths[0]));
	tcase_add_test(tc, inputs_differ);
	tcase_add_test(tc, no_randomness);
	tcase_add_loop_test(tc, refuse_elements, 0, (int)bad_points_count());
	tcase_add_test(tc, refuse_arguments);
	tcase_add_loop_test(tc, derive_key_pair, 0,
						sizeof(derivations) / sizeof(derivations[0]));
	suite_add_tcase(suite, tc);
	return suite;
}
