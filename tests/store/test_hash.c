/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keyed hashes of names. */
#include "store/fixture.h"

Suite *store_hash_suite(void);

START_TEST(credential_identifiers)
{
	uint8_t device[OBOL_DEVICE_ID_LEN] = { 1 };
	uint8_t hashes[5][32];
	struct fixture f;
	size_t i, j;

	fixture_init(&f, _i);
	ck_assert_int_eq(obol_store_credential_identifier(
						 f.store, 1, obol_bytes_str("alice"), NULL, hashes[0]),
					 OBOL_OK);
	ck_assert_int_eq(obol_store_credential_identifier(
						 f.store, 2, obol_bytes_str("alice"), NULL, hashes[1]),
					 OBOL_OK);
	ck_assert_int_eq(obol_store_credential_identifier(
						 f.store, 1, obol_bytes_str("alicf"), NULL, hashes[2]),
					 OBOL_OK);
	ck_assert_int_eq(obol_store_credential_identifier(f.store, 1,
													  obol_bytes_str("alice"),
													  device, hashes[3]),
					 OBOL_OK);
	ck_assert_int_eq(obol_store_fake_seed(f.store, hashes[4]), OBOL_OK);
	for (i = 0; i < 5; i++)
	{
		for (j = 0; j < i; j++)
		{
			ck_assert_mem_ne(hashes[i], hashes[j], 32);
		}
	}
	/* the same after closing, and whether the account is there or not */
	obol_store_close(f.store);
	f.store = fixture_open(&f);
	(void)add_active(&f, "alice");
	ck_assert_int_eq(obol_store_credential_identifier(
						 f.store, 1, obol_bytes_str("alice"), NULL, hashes[1]),
					 OBOL_OK);
	ck_assert_mem_eq(hashes[0], hashes[1], 32);
	fixture_clear(&f);
}
END_TEST

START_TEST(guess_keys)
{
	uint8_t device[OBOL_DEVICE_ID_LEN] = { 1 };
	uint8_t a[OBOL_GUESS_KEY_LEN], b[OBOL_GUESS_KEY_LEN];
	struct fixture f;

	fixture_init(&f, _i);
	ck_assert_int_eq(obol_store_guess_key(f.store, OBOL_SLOT_PASSWORD,
										  obol_bytes_str("alice"), device, a),
					 OBOL_OK);
	ck_assert_int_eq(obol_store_guess_key(f.store, OBOL_SLOT_ACTIVATION,
										  obol_bytes_str("alice"), NULL, b),
					 OBOL_OK);
	ck_assert_mem_eq(a, b, sizeof(a));
	ck_assert_int_eq(obol_store_guess_key(f.store, OBOL_SLOT_RECOVERY,
										  obol_bytes_str("alice"), NULL, b),
					 OBOL_OK);
	ck_assert_mem_eq(a, b, sizeof(a));
	ck_assert_int_eq(obol_store_guess_key(f.store, OBOL_SLOT_DEVICE,
										  obol_bytes_str("alice"), device, b),
					 OBOL_OK);
	ck_assert_mem_ne(a, b, sizeof(a));
	device[0] = 2;
	ck_assert_int_eq(obol_store_guess_key(f.store, OBOL_SLOT_DEVICE,
										  obol_bytes_str("alice"), device, a),
					 OBOL_OK);
	ck_assert_mem_ne(a, b, sizeof(a));
	fixture_clear(&f);
}
END_TEST

START_TEST(masked_names)
{
	struct fixture f, g;
	char a[17], b[17];

	fixture_init(&f, _i);
	fixture_init(&g, _i);
	ck_assert_int_eq(
		obol_store_masked_name(f.store, obol_bytes_str("alice"), a), OBOL_OK);
	ck_assert_int_eq(
		obol_store_masked_name(f.store, obol_bytes_str("alicf"), b), OBOL_OK);
	ck_assert_uint_eq(strlen(a), 16);
	ck_assert_str_ne(a, b);
	/* another server's key gives other ones */
	ck_assert_int_eq(
		obol_store_masked_name(g.store, obol_bytes_str("alice"), b), OBOL_OK);
	ck_assert_str_ne(a, b);
	fixture_clear(&g);
	fixture_clear(&f);
}
END_TEST

Suite *store_hash_suite(void)
{
	Suite *suite = suite_create("store: hash");
	TCase *tc = tcase_create("hash");

	tcase_add_loop_test(tc, credential_identifiers, 0, N_BACKENDS);
	tcase_add_loop_test(tc, guess_keys, 0, N_BACKENDS);
	tcase_add_loop_test(tc, masked_names, 0, N_BACKENDS);
	suite_add_tcase(suite, tc);
	return suite;
}
