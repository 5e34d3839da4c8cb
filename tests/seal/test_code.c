/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "seal/code.h"
#include "support/hex.h"
#include "support/scripted_rng.h"

Suite *code_suite(void);

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* The data characters follow from the bits by Crockford's base32; the check
 * characters were computed by hand with the weights x^1, x^2 ... from the end
 * in GF(2^5) with x^5 + x^2 + 1. */
static const struct {
	unsigned bits;
	const char *secret;
	const char *text;
} codes[] = {
	{ 80, "00000000000000000000", "0000-0000-0000-0000-0" },
	/* one: x */
	{ 80, "00000000000000000001", "0000-0000-0000-0001-2" },
	/* x^4: 10 hex is 16; times x is 0b00101 */
	{ 80, "00000000000000000010", "0000-0000-0000-000G-5" },
	/* 1 in the second place from the end: x^2 */
	{ 80, "00000000000000000020", "0000-0000-0000-0010-4" },
	/* both: x^2 + x */
	{ 80, "00000000000000000021", "0000-0000-0000-0011-6" },
	{ 128, "00000000000000000000000000000000",
	  "0000-0000-0000-0000-0000-0000-000" },
	/* the last character has three bits of the code, from the left */
	{ 128, "00000000000000000000000000000001",
	  "0000-0000-0000-0000-0000-0000-048" },
};

static enum obol_status parse(const char *text, unsigned bits,
							  struct obol_secret **secret)
{
	return obol_code_parse(obol_bytes_str(text), bits, secret);
}

static enum obol_status parse_only(const char *text, unsigned bits)
{
	struct obol_secret *secret = NULL;
	enum obol_status status = parse(text, bits, &secret);

	ck_assert((status == OBOL_OK) == (secret != NULL));
	obol_secret_free(secret);
	return status;
}

START_TEST(known_codes)
{
	struct obol_secret *secret, *text, *expected;
	struct scripted_rng rng;

	scripted_rng_init(&rng, codes[_i].secret, NULL);
	ck_assert_int_eq(obol_code_new(&rng.rng, codes[_i].bits, &secret, &text),
					 OBOL_OK);
	ck_assert_msg(
		obol_bytes_eq(obol_secret_view(text), obol_bytes_str(codes[_i].text)),
		"row %d: %.*s", _i, (int)obol_secret_len(text),
		(const char *)obol_secret_view(text).ptr);
	expected = hex_secret(codes[_i].secret);
	ck_assert(
		obol_bytes_eq(obol_secret_view(secret), obol_secret_view(expected)));
	obol_secret_free(secret);
	ck_assert_int_eq(parse(codes[_i].text, codes[_i].bits, &secret), OBOL_OK);
	ck_assert(
		obol_bytes_eq(obol_secret_view(secret), obol_secret_view(expected)));
	obol_secret_free(secret);
	obol_secret_free(text);
	obol_secret_free(expected);
}
END_TEST

/* A fresh code as a string, and its bits. */
static void new_code(unsigned bits, char text[OBOL_CODE_TEXT_MAX],
					 struct obol_secret **secret)
{
	struct obol_secret *shown;

	ck_assert_int_eq(obol_code_new(obol_rng_system(), bits, secret, &shown),
					 OBOL_OK);
	ck_assert_uint_lt(obol_secret_len(shown), OBOL_CODE_TEXT_MAX);
	(void)snprintf(text, OBOL_CODE_TEXT_MAX, "%.*s",
				   (int)obol_secret_len(shown),
				   (const char *)obol_secret_view(shown).ptr);
	ck_assert_uint_eq(strlen(text), obol_secret_len(shown));
	obol_secret_free(shown);
}

static const unsigned kinds[] = { OBOL_ACTIVATION_BITS, OBOL_RECOVERY_BITS };

START_TEST(as_people_type)
{
	char text[OBOL_CODE_TEXT_MAX], typed[4 * OBOL_CODE_TEXT_MAX];
	struct obol_secret *secret, *again;
	int round;

	for (round = 0; round < 200; round++)
	{
		size_t len = 0, i;

		new_code(kinds[_i], text, &secret);
		for (i = 0; text[i]; i++)
		{
			char c = text[i];

			if (c == '-')
			{
				c = round % 3 ? ' ' : '-';
			}
			else if (c == '0')
			{
				c = round % 2 ? 'o' : 'O';
			}
			else if (c == '1')
			{
				c = "iIlL"[round % 4];
			}
			else if (round % 2)
			{
				c = (char)tolower(c);
			}
			typed[len++] = c;
			if (i % 7 == 3)
			{
				typed[len++] = ' ';
			}
		}
		typed[len] = '\0';
		ck_assert_int_eq(parse(typed, kinds[_i], &again), OBOL_OK);
		ck_assert(
			obol_bytes_eq(obol_secret_view(secret), obol_secret_view(again)));
		obol_secret_free(secret);
		obol_secret_free(again);
	}
}
END_TEST

START_TEST(every_substitution)
{
	char text[OBOL_CODE_TEXT_MAX];
	struct obol_secret *secret;
	size_t i, j;

	new_code(kinds[_i], text, &secret);
	for (i = 0; text[i]; i++)
	{
		char right = text[i];

		for (j = 0; right != '-' && alphabet[j]; j++)
		{
			text[i] = alphabet[j];
			ck_assert_int_eq(parse_only(text, kinds[_i]),
							 text[i] == right ? OBOL_OK : OBOL_ERR_AUTH);
		}
		text[i] = right;
	}
	obol_secret_free(secret);
}
END_TEST

/* Neighbours, and any other two. */
START_TEST(every_transposition)
{
	char text[OBOL_CODE_TEXT_MAX];
	struct obol_secret *secret;
	size_t i, j;

	new_code(kinds[_i], text, &secret);
	for (i = 0; text[i]; i++)
	{
		for (j = i + 1; text[j]; j++)
		{
			char a = text[i], b = text[j];

			if (a == b || a == '-' || b == '-')
			{
				continue;
			}
			text[i] = b;
			text[j] = a;
			ck_assert_int_eq(parse_only(text, kinds[_i]), OBOL_ERR_AUTH);
			text[i] = a;
			text[j] = b;
		}
	}
	obol_secret_free(secret);
}
END_TEST

/* Every byte in one place: only the alphabet and its look-alikes are read. */
START_TEST(every_byte)
{
	char text[] = "0000-0000-0000-0000-0";
	int c;

	for (c = 1; c < 256; c++)
	{
		enum obol_status expected = OBOL_ERR_FORMAT;

		text[7] = (char)c;
		if (c == '0' || c == 'o' || c == 'O')
		{
			expected = OBOL_OK;
		}
		else if (c < 128 && isalnum(c) && toupper(c) != 'U')
		{
			expected = OBOL_ERR_AUTH;
		}
		/* separators leave one character too few, which is FORMAT too */
		ck_assert_msg(parse_only(text, OBOL_ACTIVATION_BITS) == expected,
					  "byte %d", c);
	}
}
END_TEST

static const struct {
	const char *text;
	unsigned bits;
	enum obol_status status;
} refused[] = {
	{ "", 80, OBOL_ERR_FORMAT },
	{ "----", 80, OBOL_ERR_FORMAT },
	{ "0000-0000-0000-0000", 80, OBOL_ERR_FORMAT },
	{ "0000-0000-0000-0000-00", 80, OBOL_ERR_FORMAT },
	{ "0000-0000-0000-0000-0", 128, OBOL_ERR_FORMAT },
	{ "0000-0000-0000-0000-0000-0000-000", 80, OBOL_ERR_FORMAT },
	{ "0000-0000-0000-0000-0000-0000-00", 128, OBOL_ERR_FORMAT },
	/* fits its check character, but has a bit that no code has */
	{ "0000-0000-0000-0000-0000-0000-012", 128, OBOL_ERR_FORMAT },
	{ "0000-0000-0000-0000-0", 0, OBOL_ERR_ARG },
	{ "0000-0000-0000-0000-0", 79, OBOL_ERR_ARG },
	{ "0000-0000-0000-0000-0", 256, OBOL_ERR_ARG },
};

START_TEST(refused_row)
{
	ck_assert_msg(parse_only(refused[_i].text, refused[_i].bits) ==
					  refused[_i].status,
				  "%s", refused[_i].text);
}
END_TEST

START_TEST(refused_new)
{
	struct obol_secret *secret = NULL, *text = NULL;
	struct scripted_rng rng;

	scripted_rng_init(&rng, "00", NULL);
	ck_assert_int_eq(obol_code_new(&rng.rng, 80, &secret, &text),
					 OBOL_ERR_CRYPTO);
	ck_assert_int_eq(obol_code_new(&rng.rng, 81, &secret, &text), OBOL_ERR_ARG);
	ck_assert_ptr_null(secret);
	ck_assert_ptr_null(text);
}
END_TEST

Suite *code_suite(void)
{
	Suite *suite = suite_create("code");
	TCase *tc = tcase_create("code");

	tcase_add_loop_test(tc, known_codes, 0,
						(int)(sizeof(codes) / sizeof(codes[0])));
	tcase_add_loop_test(tc, as_people_type, 0, 2);
	tcase_add_loop_test(tc, every_substitution, 0, 2);
	tcase_add_loop_test(tc, every_transposition, 0, 2);
	tcase_add_test(tc, every_byte);
	tcase_add_loop_test(tc, refused_row, 0,
						(int)(sizeof(refused) / sizeof(refused[0])));
	tcase_add_test(tc, refused_new);
	suite_add_tcase(suite, tc);
	return suite;
}
