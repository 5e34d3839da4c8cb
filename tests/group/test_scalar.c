/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include <check.h>

#include "group/scalar.h"
#include "support/hex.h"
#include "support/scripted_rng.h"

Suite *scalar_suite(void);

#define N "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
#define N_MINUS_1                                                              \
	"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"
#define N_PLUS_1                                                               \
	"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632552"
#define MAX "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"
#define ONE "0000000000000000000000000000000000000000000000000000000000000001"
#define SEVEN "0000000000000000000000000000000000000000000000000000000000000007"

/* computed apart from this code */
#define WIDE_MAX                                                               \
	"431905529c0166ce652e96b7ccca0a99679b73e19ad16947f01cf013fc632550"
#define INVERSE_OF_SEVEN                                                       \
	"49249248db6db6dbb6db6db6db6db6db5a8b230d0b2b51dcd7ebf0c9fef7c185"

static void assert_scalar(const struct obol_scalar *scalar, const char *hex)
{
	uint8_t bytes[OBOL_SCALAR_LEN];
	char *text;

	obol_scalar_encode(bytes, scalar);
	text = hex_encode(obol_bytes(bytes, sizeof(bytes)));
	ck_assert_str_eq(text, hex);
	free(text);
}

static const struct {
	const char *what;
	const char *hex;
	enum obol_status status;
} encodings[] = {
	{ "one", ONE, OBOL_OK },
	{ "n - 1", N_MINUS_1, OBOL_OK },
	{ "zero", ZERO, OBOL_ERR_FORMAT },
	{ "n", N, OBOL_ERR_FORMAT },
	{ "n + 1", N_PLUS_1, OBOL_ERR_FORMAT },
	{ "2^256 - 1", MAX, OBOL_ERR_FORMAT },
	{ "nothing", "", OBOL_ERR_FORMAT },
	{ "a byte", "01", OBOL_ERR_FORMAT },
	{ "a byte less",
	  "00000000000000000000000000000000000000000000000000000000"
	  "000001",
	  OBOL_ERR_FORMAT },
	{ "a byte more", "00" ONE, OBOL_ERR_FORMAT },
};

/* RFC 9497, 4.3 */
START_TEST(decode)
{
	struct obol_scalar scalar;
	uint8_t bytes[64];
	size_t len = hex_decode(encodings[_i].hex, bytes, sizeof(bytes));

	memset(&scalar, 0xaa, sizeof(scalar));
	ck_assert_msg(obol_scalar_decode(obol_bytes(bytes, len), &scalar) ==
					  encodings[_i].status,
				  "%s", encodings[_i].what);
	assert_scalar(&scalar,
				  encodings[_i].status == OBOL_OK ? encodings[_i].hex : ZERO);
}
END_TEST

/* a script of draws, and what comes of it */
static const struct {
	const char *what;
	const char *script;
	enum obol_status status;
	size_t used;
	const char *out;
} draws[] = {
	{ "at once", SEVEN, OBOL_OK, 32, SEVEN },
	{ "after zero", ZERO SEVEN, OBOL_OK, 64, SEVEN },
	{ "after n", N SEVEN, OBOL_OK, 64, SEVEN },
	{ "after three", MAX N_PLUS_1 ZERO SEVEN, OBOL_OK, 128, SEVEN },
	{ "generator ends", ZERO, OBOL_ERR_CRYPTO, 32, ZERO },
	{ "generator fails", "", OBOL_ERR_CRYPTO, 0, ZERO },
	{ "generator is stuck",
	  MAX MAX MAX MAX MAX MAX MAX MAX MAX MAX MAX MAX MAX MAX MAX MAX MAX MAX,
	  OBOL_ERR_CRYPTO, 512, ZERO },
};

START_TEST(random_scalar)
{
	struct scripted_rng rng;
	struct obol_scalar scalar = { { 0 } };

	scripted_rng_init(&rng, draws[_i].script, NULL);
	ck_assert_msg(obol_scalar_random(&rng.rng, &scalar) == draws[_i].status,
				  "%s", draws[_i].what);
	ck_assert_uint_eq(rng.used, draws[_i].used);
	assert_scalar(&scalar, draws[_i].out);
}
END_TEST

START_TEST(wide_numbers)
{
	uint8_t bytes[OBOL_WIDE_LEN];
	struct obol_scalar scalar;

	(void)hex_decode("00000000000000000000000000000000" N, bytes,
					 sizeof(bytes));
	obol_scalar_from_wide(&scalar, bytes);
	ck_assert_uint_eq(obol_scalar_is_zero(&scalar), 1);
	memset(bytes, 0xff, sizeof(bytes));
	obol_scalar_from_wide(&scalar, bytes);
	ck_assert_uint_eq(obol_scalar_is_zero(&scalar), 0);
	assert_scalar(&scalar, WIDE_MAX);
}
END_TEST

START_TEST(inverses)
{
	struct obol_scalar scalar;
	uint8_t bytes[OBOL_SCALAR_LEN];

	(void)hex_decode(SEVEN, bytes, sizeof(bytes));
	ck_assert_int_eq(obol_scalar_decode(obol_bytes(bytes, 32), &scalar),
					 OBOL_OK);
	obol_scalar_invert(&scalar, &scalar);
	assert_scalar(&scalar, INVERSE_OF_SEVEN);
	obol_scalar_invert(&scalar, &scalar);
	assert_scalar(&scalar, SEVEN);
	(void)hex_decode(N_MINUS_1, bytes, sizeof(bytes));
	ck_assert_int_eq(obol_scalar_decode(obol_bytes(bytes, 32), &scalar),
					 OBOL_OK);
	obol_scalar_invert(&scalar, &scalar);
	assert_scalar(&scalar, N_MINUS_1);
	obol_scalar_clear(&scalar);
	obol_scalar_invert(&scalar, &scalar);
	assert_scalar(&scalar, ZERO);
}
END_TEST

Suite *scalar_suite(void)
{
	Suite *suite = suite_create("scalar");
	TCase *tc = tcase_create("scalar");

	tcase_add_loop_test(tc, decode, 0,
						sizeof(encodings) / sizeof(encodings[0]));
	tcase_add_loop_test(tc, random_scalar, 0, sizeof(draws) / sizeof(draws[0]));
	tcase_add_test(tc, wide_numbers);
	tcase_add_test(tc, inverses);
	suite_add_tcase(suite, tc);
	return suite;
}
