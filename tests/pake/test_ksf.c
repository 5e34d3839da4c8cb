/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include <check.h>

#include "pake/ksf.h"
#include "support/hex.h"

Suite *ksf_suite(void);

static const struct {
	const char *what;
	struct obol_ksf_params params;
	bool valid;
	enum obol_status init;
	enum obol_status accept;
} rows[] = {
	{ "default", { OBOL_KSF_SCRYPT, 15, 8, 1 }, true, OBOL_OK, OBOL_OK },
	{ "ceiling", { OBOL_KSF_SCRYPT, 18, 8, 1 }, true, OBOL_OK, OBOL_OK },
	{ "ceiling in p", { OBOL_KSF_SCRYPT, 15, 8, 16 }, true, OBOL_OK, OBOL_OK },
	{ "larger r", { OBOL_KSF_SCRYPT, 14, 16, 1 }, true, OBOL_OK, OBOL_OK },
	{ "identity",
	  { OBOL_KSF_IDENTITY, 0, 0, 0 },
	  true,
	  OBOL_OK,
	  OBOL_ERR_DENIED },
	{ "identity with parameters",
	  { OBOL_KSF_IDENTITY, 0, 0, 1 },
	  false,
	  OBOL_ERR_ARG,
	  OBOL_ERR_DENIED },
	{ "below the floor",
	  { OBOL_KSF_SCRYPT, 14, 8, 1 },
	  true,
	  OBOL_OK,
	  OBOL_ERR_DENIED },
	{ "below the floor in r, p does not make up for it",
	  { OBOL_KSF_SCRYPT, 15, 7, 16 },
	  true,
	  OBOL_OK,
	  OBOL_ERR_DENIED },
	{ "above the ceiling",
	  { OBOL_KSF_SCRYPT, 19, 8, 1 },
	  true,
	  OBOL_OK,
	  OBOL_ERR_DENIED },
	{ "above the ceiling in r",
	  { OBOL_KSF_SCRYPT, 18, 9, 1 },
	  true,
	  OBOL_OK,
	  OBOL_ERR_DENIED },
	{ "above the ceiling in p",
	  { OBOL_KSF_SCRYPT, 15, 8, 17 },
	  true,
	  OBOL_OK,
	  OBOL_ERR_DENIED },
	{ "blocks beside N too large",
	  { OBOL_KSF_SCRYPT, 4, 65535, 1 },
	  true,
	  OBOL_OK,
	  OBOL_ERR_DENIED },
	{ "N = 1",
	  { OBOL_KSF_SCRYPT, 0, 8, 1 },
	  false,
	  OBOL_ERR_ARG,
	  OBOL_ERR_DENIED },
	{ "r = 0",
	  { OBOL_KSF_SCRYPT, 15, 0, 1 },
	  false,
	  OBOL_ERR_ARG,
	  OBOL_ERR_DENIED },
	{ "p = 0",
	  { OBOL_KSF_SCRYPT, 15, 8, 0 },
	  false,
	  OBOL_ERR_ARG,
	  OBOL_ERR_DENIED },
	/* RFC 7914, 2: N < 2^(128 * r / 8) */
	{ "N too large for r",
	  { OBOL_KSF_SCRYPT, 16, 1, 1 },
	  false,
	  OBOL_ERR_ARG,
	  OBOL_ERR_DENIED },
	{ "r * p too large",
	  { OBOL_KSF_SCRYPT, 15, 65535, 65535 },
	  false,
	  OBOL_ERR_ARG,
	  OBOL_ERR_DENIED },
	{ "N absurd",
	  { OBOL_KSF_SCRYPT, 255, 65535, 1 },
	  false,
	  OBOL_ERR_ARG,
	  OBOL_ERR_DENIED },
	{ "unknown id",
	  { (enum obol_ksf_id)2, 15, 8, 1 },
	  false,
	  OBOL_ERR_VERSION,
	  OBOL_ERR_VERSION },
	{ "last id",
	  { (enum obol_ksf_id)255, 0, 0, 0 },
	  false,
	  OBOL_ERR_VERSION,
	  OBOL_ERR_VERSION },
};

START_TEST(parameters)
{
	const struct obol_ksf_params *params = &rows[_i].params;
	struct obol_ksf ksf;

	ck_assert_msg(obol_ksf_params_valid(params) == rows[_i].valid, "%s",
				  rows[_i].what);
	ck_assert_msg(obol_ksf_init(&ksf, params) == rows[_i].init, "%s",
				  rows[_i].what);
	ck_assert_msg(obol_ksf_accept(params) == rows[_i].accept, "%s",
				  rows[_i].what);
}
END_TEST

START_TEST(equality)
{
	struct obol_ksf_params other = obol_ksf_default;

	ck_assert(obol_ksf_params_eq(&obol_ksf_default, &other));
	ck_assert(!obol_ksf_params_eq(&obol_ksf_default, &obol_ksf_identity));
	other.p++;
	ck_assert(!obol_ksf_params_eq(&obol_ksf_default, &other));
	other = obol_ksf_default;
	other.r++;
	ck_assert(!obol_ksf_params_eq(&obol_ksf_default, &other));
	other = obol_ksf_default;
	other.log2_n++;
	ck_assert(!obol_ksf_params_eq(&obol_ksf_default, &other));
}
END_TEST

static void stretch(const struct obol_ksf_params *params, const char *in_hex,
					const char *out_hex)
{
	struct obol_secret *in = hex_secret(in_hex);
	struct obol_secret *out = obol_secret_new(strlen(out_hex) / 2);
	struct obol_ksf ksf;
	char *text;

	ck_assert_int_eq(obol_ksf_init(&ksf, params), OBOL_OK);
	ck_assert_int_eq(ksf.stretch(&ksf, in, out), OBOL_OK);
	text = hex_encode(obol_secret_view(out));
	ck_assert_str_eq(text, out_hex);
	free(text);
	obol_secret_free(in);
	obol_secret_free(out);
}

/* RFC 9807, 7: the salt is 16 zero bytes; computed apart from this code */
START_TEST(salt)
{
	struct obol_ksf_params params = { OBOL_KSF_SCRYPT, 4, 1, 1 };

	stretch(&params, "",
			"b2972034c2bf1a57feb1115e69387a00e4b7d086511502f8e53cbf9dd2ba17bc"
			"51b3ec5dd1c4cdba8b720808be71f62d8c90bd34dba07dc8930d1ae24e014e6c");
}
END_TEST

#define OUT_15                                                                 \
	"7c46095f796d6aa39840a5dac1b9dbf12271bb2b16fce9ab9469fba970167a39"
#define OUT_16                                                                 \
	"783703ce4382f4440b36eade59ed685c6fe2745dc09152e4b0bdc219eeb5c484"
#define OUT_P16                                                                \
	"0835246981be8d0beb51f9b52ba7987e4af3244d67382ba8922a7cb3b9bcfc04"

/* the second takes twice the memory that OpenSSL grants unasked */
static const struct {
	struct obol_ksf_params params;
	const char *out;
} sizes[] = {
	{ { OBOL_KSF_SCRYPT, 15, 8, 1 }, OUT_15 },
	{ { OBOL_KSF_SCRYPT, 16, 8, 1 }, OUT_16 },
	{ { OBOL_KSF_SCRYPT, 10, 8, 16 }, OUT_P16 },
};

START_TEST(memory)
{
	stretch(&sizes[_i].params,
			"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
			sizes[_i].out);
}
END_TEST

START_TEST(identity)
{
	struct obol_secret *in = obol_secret_new(32);
	struct obol_secret *out = obol_secret_new(31);
	struct obol_ksf ksf;

	stretch(&obol_ksf_identity, "00ff7f", "00ff7f");
	ck_assert_int_eq(obol_ksf_init(&ksf, &obol_ksf_identity), OBOL_OK);
	ck_assert_int_eq(ksf.stretch(&ksf, in, out), OBOL_ERR_ARG);
	obol_secret_free(in);
	obol_secret_free(out);
}
END_TEST

Suite *ksf_suite(void)
{
	Suite *suite = suite_create("ksf");
	TCase *tc = tcase_create("ksf");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, parameters, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tc, equality);
	tcase_add_test(tc, salt);
	tcase_add_loop_test(tc, memory, 0, sizeof(sizes) / sizeof(sizes[0]));
	tcase_add_test(tc, identity);
	suite_add_tcase(suite, tc);
	return suite;
}
