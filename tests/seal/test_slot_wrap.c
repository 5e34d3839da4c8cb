/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "seal/account_key.h"
#include "seal/aead.h"
#include "support/hex.h"
#include "support/scripted_rng.h"

Suite *slot_wrap_suite(void);

#define EXPORT_KEY                                                             \
	"101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"
#define OTHER_KEY                                                              \
	"111112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"
#define HEADER_LEN 24
#define LABEL "Obol-v1 slot wrap"

static void make_wrap(enum obol_slot_kind kind, struct obol_account_key *key,
					  struct obol_writer *wrap)
{
	struct obol_secret *export_key = hex_secret(EXPORT_KEY);

	obol_writer_init(wrap);
	ck_assert_int_eq(obol_account_key_new(obol_rng_system(), key), OBOL_OK);
	ck_assert_int_eq(
		obol_slot_wrap(obol_rng_system(), export_key, kind, key, wrap),
		OBOL_OK);
	ck_assert_uint_le(wrap->len, OBOL_WRAP_MAX);
	obol_secret_free(export_key);
}

static enum obol_status unwrap(const char *export_hex, enum obol_slot_kind kind,
							   struct obol_bytes wrap)
{
	struct obol_secret *export_key = hex_secret(export_hex);
	struct obol_account_key key = { .generation = 0 };
	enum obol_status status = obol_slot_unwrap(export_key, kind, wrap, &key);

	ck_assert((status == OBOL_OK) == (key.key != NULL));
	obol_account_key_clear(&key);
	obol_secret_free(export_key);
	return status;
}

static const enum obol_slot_kind kinds[] = {
	OBOL_SLOT_PASSWORD,
	OBOL_SLOT_ACTIVATION,
	OBOL_SLOT_RECOVERY,
	OBOL_SLOT_DEVICE,
};

START_TEST(each_kind)
{
	struct obol_secret *export_key = hex_secret(EXPORT_KEY);
	struct obol_account_key key, again;
	struct obol_writer wrap;
	int i;

	make_wrap(kinds[_i], &key, &wrap);
	ck_assert_int_eq(obol_slot_unwrap(export_key, kinds[_i],
									  obol_writer_view(&wrap), &again),
					 OBOL_OK);
	ck_assert_mem_eq(again.account_id, key.account_id, OBOL_ACCOUNT_ID_LEN);
	ck_assert_uint_eq(again.generation, 1);
	ck_assert(
		obol_bytes_eq(obol_secret_view(again.key), obol_secret_view(key.key)));
	for (i = 0; i < 4; i++)
	{
		ck_assert_int_eq(unwrap(EXPORT_KEY, kinds[i], obol_writer_view(&wrap)),
						 i == _i ? OBOL_OK : OBOL_ERR_AUTH);
	}
	ck_assert_int_eq(unwrap(OTHER_KEY, kinds[_i], obol_writer_view(&wrap)),
					 OBOL_ERR_AUTH);
	/* another kind written over it does not open as that one either */
	for (i = 0; i < 4; i++)
	{
		wrap.buf[3] = (uint8_t)kinds[i];
		ck_assert_int_eq(unwrap(EXPORT_KEY, kinds[i], obol_writer_view(&wrap)),
						 i == _i ? OBOL_OK : OBOL_ERR_AUTH);
	}
	obol_account_key_clear(&again);
	obol_account_key_clear(&key);
	obol_writer_clear(&wrap);
	obol_secret_free(export_key);
}
END_TEST

START_TEST(every_bit_changed)
{
	struct obol_account_key key;
	struct obol_writer wrap;
	size_t i;

	make_wrap(OBOL_SLOT_PASSWORD, &key, &wrap);
	for (i = 0; i < 8 * wrap.len; i++)
	{
		wrap.buf[i / 8] ^= (uint8_t)(1 << i % 8);
		ck_assert_msg(
			unwrap(EXPORT_KEY, OBOL_SLOT_PASSWORD, obol_writer_view(&wrap)) ==
				(i < 3 * 8 ? OBOL_ERR_VERSION : OBOL_ERR_AUTH),
			"bit %zu of byte %zu", i % 8, i / 8);
		wrap.buf[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	obol_account_key_clear(&key);
	obol_writer_clear(&wrap);
}
END_TEST

START_TEST(every_length)
{
	struct obol_account_key key;
	struct obol_writer wrap;
	size_t i, len;

	make_wrap(OBOL_SLOT_PASSWORD, &key, &wrap);
	len = wrap.len;
	for (i = 0; i < len; i++)
	{
		ck_assert_msg(
			unwrap(EXPORT_KEY, OBOL_SLOT_PASSWORD, obol_bytes(wrap.buf, i)) ==
				(i < HEADER_LEN + OBOL_SEAL_OVERHEAD ? OBOL_ERR_FORMAT
													 : OBOL_ERR_AUTH),
			"length %zu", i);
	}
	obol_write_u8(&wrap, 0);
	ck_assert_int_eq(
		unwrap(EXPORT_KEY, OBOL_SLOT_PASSWORD, obol_writer_view(&wrap)),
		OBOL_ERR_AUTH);
	obol_account_key_clear(&key);
	obol_writer_clear(&wrap);
}
END_TEST

/* What only the holder of the export_key can make: a good seal over a header
 * that its content contradicts. */
static enum obol_status crafted(const char *content_hex)
{
	static const char header_hex[] = "01"
									 "0001"
									 "01"
									 "00112233445566778899aabbccddeeff"
									 "00000001";
	struct obol_secret *export_key = hex_secret(EXPORT_KEY);
	struct obol_secret *content = hex_secret(content_hex);
	uint8_t header[HEADER_LEN];
	struct obol_writer wrap;
	enum obol_status status;

	ck_assert_uint_eq(hex_decode(header_hex, header, sizeof(header)),
					  HEADER_LEN);
	obol_writer_init(&wrap);
	obol_write_bytes(&wrap, obol_bytes(header, HEADER_LEN));
	ck_assert_int_eq(obol_aead_seal(obol_rng_system(), export_key, LABEL,
									obol_bytes(header, HEADER_LEN), content,
									&wrap),
					 OBOL_OK);
	status = unwrap(EXPORT_KEY, OBOL_SLOT_PASSWORD, obol_writer_view(&wrap));
	obol_writer_clear(&wrap);
	obol_secret_free(content);
	obol_secret_free(export_key);
	return status;
}

static const struct {
	const char *content;
	enum obol_status status;
} contents[] = {
	{ "00112233445566778899aabbccddeeff"
	  "00000001" EXPORT_KEY,
	  OBOL_OK },
	/* another account */
	{ "01112233445566778899aabbccddeeff"
	  "00000001" EXPORT_KEY,
	  OBOL_ERR_AUTH },
	/* another generation */
	{ "00112233445566778899aabbccddeeff"
	  "00000002" EXPORT_KEY,
	  OBOL_ERR_AUTH },
	/* too short, too long */
	{ "00112233445566778899aabbccddeeff"
	  "00000001",
	  OBOL_ERR_FORMAT },
	{ "00112233445566778899aabbccddeeff"
	  "00000001" EXPORT_KEY "00",
	  OBOL_ERR_FORMAT },
};

START_TEST(contradictions)
{
	ck_assert_int_eq(crafted(contents[_i].content), contents[_i].status);
}
END_TEST

START_TEST(generations)
{
	struct obol_account_key key, next, after;

	ck_assert_int_eq(obol_account_key_new(obol_rng_system(), &key), OBOL_OK);
	ck_assert_uint_eq(key.generation, 1);
	ck_assert_uint_eq(obol_secret_len(key.key), OBOL_ACCOUNT_KEY_LEN);
	ck_assert_int_eq(obol_account_key_next(obol_rng_system(), &key, &next),
					 OBOL_OK);
	ck_assert_uint_eq(next.generation, 2);
	ck_assert_mem_eq(next.account_id, key.account_id, OBOL_ACCOUNT_ID_LEN);
	ck_assert(
		!obol_bytes_eq(obol_secret_view(next.key), obol_secret_view(key.key)));
	next.generation = UINT32_MAX;
	ck_assert_int_eq(obol_account_key_next(obol_rng_system(), &next, &after),
					 OBOL_ERR_ARG);
	obol_account_key_clear(&next);
	obol_account_key_clear(&key);
	ck_assert_ptr_null(key.key);
}
END_TEST

START_TEST(bad_arguments)
{
	struct obol_secret *export_key = hex_secret(EXPORT_KEY);
	struct obol_secret *short_key = hex_secret("00");
	struct obol_account_key key;
	struct scripted_rng rng;
	struct obol_writer wrap;

	obol_writer_init(&wrap);
	ck_assert_int_eq(obol_account_key_new(obol_rng_system(), &key), OBOL_OK);
	ck_assert_int_eq(obol_slot_wrap(obol_rng_system(), short_key,
									OBOL_SLOT_PASSWORD, &key, &wrap),
					 OBOL_ERR_ARG);
	key.generation = 0;
	ck_assert_int_eq(obol_slot_wrap(obol_rng_system(), export_key,
									OBOL_SLOT_PASSWORD, &key, &wrap),
					 OBOL_ERR_ARG);
	obol_account_key_clear(&key);
	scripted_rng_init(&rng, "00112233445566778899aabbccddeeff", NULL);
	ck_assert_int_eq(obol_account_key_new(&rng.rng, &key), OBOL_ERR_CRYPTO);
	obol_writer_clear(&wrap);
	obol_secret_free(export_key);
	obol_secret_free(short_key);
}
END_TEST

Suite *slot_wrap_suite(void)
{
	Suite *suite = suite_create("slot_wrap");
	TCase *tc = tcase_create("slot_wrap");

	tcase_add_loop_test(tc, each_kind, 0, 4);
	tcase_add_test(tc, every_bit_changed);
	tcase_add_test(tc, every_length);
	tcase_add_loop_test(tc, contradictions, 0,
						(int)(sizeof(contents) / sizeof(contents[0])));
	tcase_add_test(tc, generations);
	tcase_add_test(tc, bad_arguments);
	suite_add_tcase(suite, tc);
	return suite;
}
