/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdio.h>

#include "support/scripted_rng.h"
#include "transfer/code.h"
#include "transfer/digits.h"
#include "transfer/link.h"

Suite *code_suite(void);

static struct obol_transfer_place places[OBOL_TRANSFER_PLACES_MAX + 1];
static size_t n_places;

static enum obol_status parse(const char *text,
							  struct obol_transfer_code **code)
{
	*code = NULL;
	return obol_transfer_code_parse(obol_bytes_str(text), 1000, code, places,
									&n_places);
}

/* Bytes become digits; 250 and above are drawn anew. */
START_TEST(text_of_script)
{
	struct obol_transfer_code *code, *typed;
	struct obol_secret *text;
	struct scripted_rng rng;
	char string[OBOL_TRANSFER_CODE_LEN + 1] = "";

	scripted_rng_init(&rng, "0408fa0201ff03", /* 48213 */
					  "05000207090106",       /* 5027916 */
					  "000102030405060708090a0b0c0d0e0f", NULL);
	ck_assert_int_eq(obol_transfer_code_new(&rng.rng, 0, &code), OBOL_OK);
	ck_assert_uint_eq(obol_transfer_code_number(code), 48213);
	ck_assert_int_eq(obol_transfer_code_text(code, &text), OBOL_OK);
	memcpy(string, obol_secret_view(text).ptr, OBOL_TRANSFER_CODE_LEN);
	ck_assert_mem_eq(string, "48213-5027-916", 14);
	ck_assert_int_eq(parse(string, &typed), OBOL_OK);
	ck_assert_uint_eq(obol_transfer_code_number(typed), 48213);
	ck_assert_int_eq(obol_transfer_code_kind(typed), OBOL_TRANSFER_SPOKEN);
	ck_assert_mem_eq(
		obol_secret_view(obol_transfer_code_secret(typed, OBOL_TRANSFER_SPOKEN))
			.ptr,
		"5027916", 7);
	ck_assert_ptr_null(obol_transfer_code_secret(typed, OBOL_TRANSFER_LINKED));
	/* what was typed is nobody's to read out */
	ck_assert_int_eq(obol_transfer_code_text(typed, &text), OBOL_ERR_ARG);
	ck_assert_int_eq(obol_transfer_code_link(typed, places, 0, &text),
					 OBOL_ERR_ARG);
	obol_secret_free(text);
	obol_transfer_code_free(code);
	obol_transfer_code_free(typed);
}
END_TEST

START_TEST(no_randomness)
{
	struct obol_transfer_code *code;
	struct scripted_rng rng;

	scripted_rng_init(&rng, "0408020103", NULL);
	ck_assert_int_eq(obol_transfer_code_new(&rng.rng, 0, &code),
					 OBOL_ERR_CRYPTO);
}
END_TEST

/* Any one digit wrong is noticed, wherever it is; so are nearly all
 * neighbours that changed places. */
START_TEST(slips_are_noticed)
{
	unsigned n_swaps = 0, n_missed = 0, round;

	for (round = 0; round < 50; round++)
	{
		struct obol_transfer_code *code, *typed;
		struct obol_secret *text;
		char good[OBOL_TRANSFER_CODE_LEN + 1] = "", bad[sizeof(good)];
		size_t i;
		char c;

		ck_assert_int_eq(obol_transfer_code_new(NULL, 0, &code), OBOL_OK);
		ck_assert_int_eq(obol_transfer_code_text(code, &text), OBOL_OK);
		memcpy(good, obol_secret_view(text).ptr, OBOL_TRANSFER_CODE_LEN);
		for (i = 0; i < OBOL_TRANSFER_CODE_LEN; i++)
		{
			memcpy(bad, good, sizeof(bad));
			for (c = '0'; good[i] != '-' && c <= '9'; c++)
			{
				bad[i] = c;
				ck_assert_int_eq(parse(bad, &typed),
								 c == good[i] ? OBOL_OK : OBOL_ERR_AUTH);
				obol_transfer_code_free(typed);
			}
			memcpy(bad, good, sizeof(bad));
			if (good[i] != '-' && good[i + 1] >= '0' && good[i] != good[i + 1])
			{
				bad[i] = good[i + 1];
				bad[i + 1] = good[i];
				n_swaps++;
				n_missed += parse(bad, &typed) == OBOL_OK;
				obol_transfer_code_free(typed);
			}
		}
		obol_secret_free(text);
		obol_transfer_code_free(code);
	}
	ck_assert_uint_le(n_missed * 20, n_swaps);
}
END_TEST

static const struct {
	const char *text;
	enum obol_status status;
} typed_codes[] = {
	{ "", OBOL_ERR_FORMAT },
	{ "12345", OBOL_ERR_FORMAT },
	{ "000000000000", OBOL_ERR_FORMAT },
	{ "00000000000000", OBOL_ERR_FORMAT },
	{ "00000-0000-000x", OBOL_ERR_FORMAT },
	{ "00000_0000_0000", OBOL_ERR_FORMAT },
	{ "\xd9\xa1"
	  "0000-0000-0000",
	  OBOL_ERR_FORMAT },
	{ "00000-0000-0000", OBOL_ERR_AUTH },
	{ "OBOL", OBOL_ERR_FORMAT },
	{ "OBOL:", OBOL_ERR_VERSION },
	{ "OBOL:2/48213/000102030405060708090A0B0C0D0E0F", OBOL_ERR_VERSION },
	{ "OBOL:1/48213/000102030405060708090A0B0C0D0E0F", OBOL_OK },
	{ "obol:1/48213/000102030405060708090a0b0c0d0e0f/d-host:1", OBOL_OK },
	{ "OBOL:1/4821/000102030405060708090A0B0C0D0E0F", OBOL_ERR_FORMAT },
	{ "OBOL:1/482133/000102030405060708090A0B0C0D0E0F", OBOL_ERR_FORMAT },
	{ "OBOL:1/4821x/000102030405060708090A0B0C0D0E0F", OBOL_ERR_FORMAT },
	{ "OBOL:1/48213/000102030405060708090A0B0C0D0E0", OBOL_ERR_FORMAT },
	{ "OBOL:1/48213/000102030405060708090A0B0C0D0E0G", OBOL_ERR_FORMAT },
	{ "OBOL:1/48213/000102030405060708090A0B0C0D0E0:", OBOL_ERR_FORMAT },
	{ "OBOL:1/48213/000102030405060708090A0B0C0D0E0@", OBOL_ERR_FORMAT },
	{ "OBOL:1/48213/000102030405060708090A0B0C0D0E0`", OBOL_ERR_FORMAT },
	{ "OBOL:1/48213/000102030405060708090A0B0C0D0E0\xb0", OBOL_ERR_FORMAT },
	{ "OBOL:1/48213", OBOL_ERR_FORMAT },
	{ "OBOL:1/48213/000102030405060708090A0B0C0D0E0F//", OBOL_ERR_FORMAT },
	{ "OBOL:1/48213/000102030405060708090A0B0C0D0E0F/D", OBOL_ERR_FORMAT },
	{ "OBOL:1/48213/000102030405060708090A0B0C0D0E0F/D-", OBOL_ERR_FORMAT },
	{ "OBOL:1/48213/000102030405060708090A0B0C0D0E0F/D-:1", OBOL_ERR_FORMAT },
	{ "OBOL:1/48213/000102030405060708090A0B0C0D0E0F/D-h", OBOL_ERR_FORMAT },
	{ "OBOL:1/48213/000102030405060708090A0B0C0D0E0F/D-h:", OBOL_ERR_FORMAT },
	{ "OBOL:1/48213/000102030405060708090A0B0C0D0E0F/D-h:0", OBOL_ERR_FORMAT },
	{ "OBOL:1/48213/000102030405060708090A0B0C0D0E0F/D-h:65536",
	  OBOL_ERR_FORMAT },
	{ "OBOL:1/48213/000102030405060708090A0B0C0D0E0F/X-h:1", OBOL_ERR_FORMAT },
	{ "OBOL:1/48213/000102030405060708090A0B0C0D0E0F/D-h h:1",
	  OBOL_ERR_FORMAT },
	{ "OBOL:1/48213/000102030405060708090A0B0C0D0E0F/D-h:1/D-h:1/D-h:1/D-h:1/"
	  "D-h:1/D-h:1/D-h:1/D-h:1",
	  OBOL_OK },
	{ "OBOL:1/48213/000102030405060708090A0B0C0D0E0F/D-h:1/D-h:1/D-h:1/D-h:1/"
	  "D-h:1/D-h:1/D-h:1/D-h:1/D-h:1",
	  OBOL_ERR_FORMAT },
};

START_TEST(typed_texts)
{
	struct obol_transfer_code *code;

	ck_assert_msg(parse(typed_codes[_i].text, &code) == typed_codes[_i].status,
				  "%s", typed_codes[_i].text);
	obol_transfer_code_free(code);
}
END_TEST

START_TEST(zero_byte_in_a_host)
{
	static const char text[] =
		"OBOL:1/48213/000102030405060708090A0B0C0D0E0F/D-h\0st:1";
	struct obol_transfer_code *code = NULL;

	ck_assert_int_eq(
		obol_transfer_code_parse(obol_bytes(text, sizeof(text) - 1), 0, &code,
								 places, &n_places),
		OBOL_ERR_FORMAT);
}
END_TEST

START_TEST(link_there_and_back)
{
	static const struct obol_transfer_place given[] = {
		{ false, "192.0.2.7", 4502 },
		{ false, "2001:db8::1", 65535 },
		{ false, "fe80::1%eth0", 1 },
		{ true, "vpn.example.org", 443 },
	};
	struct obol_transfer_code *code, *typed;
	struct obol_secret *link;
	size_t i;

	ck_assert_int_eq(obol_transfer_code_new(NULL, 0, &code), OBOL_OK);
	ck_assert_int_eq(obol_transfer_code_link(code, given, 4, &link), OBOL_OK);
	ck_assert_int_eq(obol_transfer_code_parse(obol_secret_view(link), 0, &typed,
											  places, &n_places),
					 OBOL_OK);
	ck_assert_uint_eq(n_places, 4);
	for (i = 0; i < 4; i++)
	{
		ck_assert_int_eq(places[i].is_relay, given[i].is_relay);
		ck_assert_str_eq(places[i].host, given[i].host);
		ck_assert_uint_eq(places[i].port, given[i].port);
	}
	ck_assert_uint_eq(obol_transfer_code_number(typed),
					  obol_transfer_code_number(code));
	ck_assert_int_eq(obol_transfer_code_kind(typed), OBOL_TRANSFER_LINKED);
	ck_assert(obol_bytes_eq(obol_secret_view(obol_transfer_code_secret(
								typed, OBOL_TRANSFER_LINKED)),
							obol_secret_view(obol_transfer_code_secret(
								code, OBOL_TRANSFER_LINKED))));
	/* all of it fits QR's alphanumeric mode */
	for (i = 0; i < obol_secret_len(link); i++)
	{
		ck_assert_ptr_nonnull(
			strchr("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:",
				   obol_secret_view(link).ptr[i]));
	}
	obol_secret_free(link);
	obol_transfer_code_free(code);
	obol_transfer_code_free(typed);
}
END_TEST

START_TEST(refuse_places)
{
	struct obol_transfer_place bad[OBOL_TRANSFER_PLACES_MAX + 1];
	struct obol_transfer_code *code;
	struct obol_secret *link = NULL;
	size_t i;

	ck_assert_int_eq(obol_transfer_code_new(NULL, 0, &code), OBOL_OK);
	memset(bad, 0, sizeof(bad));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		(void)snprintf(bad[i].host, sizeof(bad[i].host), "h");
		bad[i].port = 1;
	}
	ck_assert_int_eq(
		obol_transfer_code_link(code, bad, OBOL_TRANSFER_PLACES_MAX + 1, &link),
		OBOL_ERR_ARG);
	bad[0].port = 0;
	ck_assert_int_eq(obol_transfer_code_link(code, bad, 1, &link),
					 OBOL_ERR_ARG);
	bad[0].port = 1;
	bad[0].host[0] = '/';
	ck_assert_int_eq(obol_transfer_code_link(code, bad, 1, &link),
					 OBOL_ERR_ARG);
	bad[0].host[0] = '\0';
	ck_assert_int_eq(obol_transfer_code_link(code, bad, 1, &link),
					 OBOL_ERR_ARG);
	for (i = 0; i < 8; i++)
	{
		memset(bad[i].host, 'a', OBOL_TRANSFER_HOST_MAX);
	}
	ck_assert_int_eq(obol_transfer_code_link(code, bad, 8, &link),
					 OBOL_ERR_ARG);
	ck_assert_ptr_null(link);
	obol_transfer_code_free(code);
}
END_TEST

START_TEST(spent_once)
{
	struct obol_transfer_code *code;

	ck_assert_int_eq(obol_transfer_code_new(NULL, 5000, &code), OBOL_OK);
	ck_assert(!obol_transfer_code_has_expired(code, 5000));
	ck_assert(!obol_transfer_code_has_expired(
		code, 5000 + OBOL_TRANSFER_LIFE_MS - 1));
	ck_assert(
		obol_transfer_code_has_expired(code, 5000 + OBOL_TRANSFER_LIFE_MS));
	/* a clock that went back is no longer life */
	ck_assert(obol_transfer_code_has_expired(code, 4999));
	ck_assert(!obol_transfer_code_is_spent(code));
	ck_assert(obol_transfer_code_spend(code));
	ck_assert(obol_transfer_code_is_spent(code));
	ck_assert(!obol_transfer_code_spend(code));
	obol_transfer_code_free(code);
}
END_TEST

Suite *code_suite(void)
{
	Suite *suite = suite_create("code");
	TCase *tc = tcase_create("code");

	tcase_add_test(tc, text_of_script);
	tcase_add_test(tc, no_randomness);
	tcase_add_test(tc, slips_are_noticed);
	tcase_add_loop_test(tc, typed_texts, 0,
						sizeof(typed_codes) / sizeof(typed_codes[0]));
	tcase_add_test(tc, zero_byte_in_a_host);
	tcase_add_test(tc, link_there_and_back);
	tcase_add_test(tc, refuse_places);
	tcase_add_test(tc, spent_once);
	suite_add_tcase(suite, tc);
	return suite;
}
