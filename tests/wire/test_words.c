/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words for the registry's numbers. */
#include "wire/words.h"

#include "support/run.h"

Suite *words_suite(void);

START_TEST(test_words)
{
	ck_assert_uint_eq(obol_mode_number("portable"), OBOL_MODE_PORTABLE);
	ck_assert_uint_eq(obol_mode_number("device"), OBOL_MODE_DEVICE);
	ck_assert_uint_eq(obol_mode_number("Device"), 0);
	ck_assert_uint_eq(obol_mode_number(""), 0);
	ck_assert_str_eq(obol_mode_word(OBOL_MODE_DEVICE), "device");
	ck_assert_str_eq(obol_mode_word(0), "unknown");
	ck_assert_str_eq(obol_mode_word(OBOL_MODE_DEVICE + 1), "unknown");
	ck_assert_uint_eq(obol_key_type_number("rsa-3072"), OBOL_KEY_RSA_3072);
	ck_assert_uint_eq(obol_key_type_number("rsa"), 0);
	ck_assert_uint_eq(obol_key_type_number("unknown"), 0);
	ck_assert_str_eq(obol_key_type_word(OBOL_KEY_ED25519), "ed25519");
	ck_assert_str_eq(obol_key_type_word(0xff), "unknown");
}
END_TEST

/* What messages list is what is understood. */
START_TEST(test_lists)
{
	char list[96] = "";
	uint8_t i;

	for (i = 1; i <= OBOL_KEY_ED25519; i++)
	{
		strcat(list, i > 1 ? ", " : "");
		strcat(list, obol_key_type_word(i));
		ck_assert_uint_eq(obol_key_type_number(obol_key_type_word(i)), i);
	}
	ck_assert_str_eq(list, OBOL_KEY_TYPE_WORDS);
	ck_assert_str_eq(OBOL_MODE_WORDS, "portable, device");
}
END_TEST

Suite *words_suite(void)
{
	Suite *s = suite_create("words");
	TCase *tc = tcase_create("words");

	tcase_add_test(tc, test_words);
	tcase_add_test(tc, test_lists);
	suite_add_tcase(s, tc);
	return s;
}
