/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdlib.h>

#include "gcm_collision.h"
#include "seal/aead.h"
#include "support/bad_tags.h"
#include "support/hex.h"
#include "support/scripted_rng.h"

Suite *aead_suite(void);

#define KEY_1 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define KEY_2 "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SALT "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"

static enum obol_status open_with(const char *key_hex, const char *label,
								  const char *ad, struct obol_bytes sealed,
								  struct obol_secret **plaintext)
{
	struct obol_secret *key = hex_secret(key_hex);
	enum obol_status status =
		obol_aead_open(key, label, obol_bytes_str(ad), sealed, plaintext);

	obol_secret_free(key);
	return status;
}

static void seal_text(const char *text, struct obol_writer *out)
{
	struct obol_secret *plaintext = obol_secret_dup(text, strlen(text));
	struct obol_secret *key = hex_secret(KEY_1);
	struct scripted_rng rng;

	scripted_rng_init(&rng, SALT, NULL);
	obol_writer_init(out);
	ck_assert_int_eq(obol_aead_seal(&rng.rng, key, "label",
									obol_bytes_str("ad"), plaintext, out),
					 OBOL_OK);
	ck_assert_uint_eq(obol_writer_view(out).len,
					  OBOL_SEAL_OVERHEAD + strlen(text));
	obol_secret_free(key);
	obol_secret_free(plaintext);
}

START_TEST(round_trip)
{
	static const char *const texts[] = { "", "x",
										 "a longer text than a block" };
	struct obol_secret *plaintext = NULL;
	struct obol_writer w;

	seal_text(texts[_i], &w);
	ck_assert_int_eq(
		open_with(KEY_1, "label", "ad", obol_writer_view(&w), &plaintext),
		OBOL_OK);
	ck_assert(
		obol_bytes_eq(obol_secret_view(plaintext), obol_bytes_str(texts[_i])));
	obol_secret_free(plaintext);
	obol_writer_clear(&w);
}
END_TEST

/* key | nonce | commitment, by OpenSSL's own HKDF */
static void derive(const char *key_hex, uint8_t okm[76])
{
	static char info[] = "label\0ad";
	uint8_t key[32], salt[32];
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	static char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key, sizeof(key)),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt,
										  sizeof(salt)),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info,
										  sizeof(info) - 1),
		OSSL_PARAM_construct_end(),
	};

	ck_assert_uint_eq(hex_decode(key_hex, key, sizeof(key)), sizeof(key));
	ck_assert_uint_eq(hex_decode(SALT, salt, sizeof(salt)), sizeof(salt));
	ck_assert_int_eq(EVP_KDF_derive(ctx, okm, 76, params), 1);
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
}

/* Salt, commitment, ciphertext and tag stand where the layout says, and are
 * what OpenSSL's HKDF and AES-GCM give. */
START_TEST(layout)
{
	uint8_t okm[76];
	struct gcm_key key = { okm, okm + 32 };
	struct obol_bytes sealed;
	struct obol_writer w;

	seal_text("sixteen letters.", &w);
	sealed = obol_writer_view(&w);
	derive(KEY_1, okm);
	ck_assert_mem_eq(sealed.ptr + 32, okm + 44, 32);
	ck_assert(gcm_opens(&key, sealed.ptr + 64, sealed.ptr + 80));
	obol_writer_clear(&w);
}
END_TEST

START_TEST(every_bit_changed)
{
	struct obol_secret *plaintext = NULL;
	struct obol_writer w;
	size_t i;

	seal_text("text", &w);
	for (i = 0; i < 8 * w.len; i++)
	{
		w.buf[i / 8] ^= (uint8_t)(1 << i % 8);
		ck_assert_msg(open_with(KEY_1, "label", "ad", obol_writer_view(&w),
								&plaintext) == OBOL_ERR_AUTH,
					  "bit %zu of byte %zu", i % 8, i / 8);
		w.buf[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	ck_assert_ptr_null(plaintext);
	obol_writer_clear(&w);
}
END_TEST

/** What proves a seal: its commitment, and the tag at its end. */
static const struct {
	const char *what;
	size_t len;
	/** from the start, or with 0 at the end */
	size_t at;
} proofs[] = {
	{ "commitment", OBOL_SEAL_COMMITMENT_LEN, OBOL_SEAL_SALT_LEN },
	{ "tag", OBOL_SEAL_TAG_LEN, 0 },
};

START_TEST(wrong_proofs)
{
	size_t len = proofs[_i].len, i;
	struct obol_secret *plaintext = NULL;
	struct obol_writer w;
	uint8_t right[OBOL_SEAL_COMMITMENT_LEN], *place;

	seal_text("text", &w);
	place = w.buf + (proofs[_i].at ? proofs[_i].at : w.len - len);
	memcpy(right, place, len);
	for (i = 0; i < bad_tags_count(len); i++)
	{
		const char *what = bad_tag_make(i, place, len);

		ck_assert_msg(open_with(KEY_1, "label", "ad", obol_writer_view(&w),
								&plaintext) == OBOL_ERR_AUTH,
					  "%s: %s", proofs[_i].what, what);
		memcpy(place, right, len);
	}
	ck_assert_int_eq(
		open_with(KEY_1, "label", "ad", obol_writer_view(&w), &plaintext),
		OBOL_OK);
	obol_secret_free(plaintext);
	obol_writer_clear(&w);
}
END_TEST

START_TEST(every_length)
{
	struct obol_secret *plaintext = NULL;
	struct obol_writer w;
	size_t i, len;

	seal_text("text", &w);
	len = w.len;
	for (i = 0; i < len; i++)
	{
		ck_assert_msg(
			open_with(KEY_1, "label", "ad", obol_bytes(w.buf, i), &plaintext) ==
				(i < OBOL_SEAL_OVERHEAD ? OBOL_ERR_FORMAT : OBOL_ERR_AUTH),
			"length %zu", i);
	}
	obol_write_u8(&w, 0);
	ck_assert_int_eq(
		open_with(KEY_1, "label", "ad", obol_writer_view(&w), &plaintext),
		OBOL_ERR_AUTH);
	ck_assert_ptr_null(plaintext);
	obol_writer_clear(&w);
}
END_TEST

START_TEST(wrong_inputs)
{
	static const struct {
		const char *key, *label, *ad;
	} rows[] = {
		{ KEY_2, "label", "ad" }, { KEY_1, "labem", "ad" },
		{ KEY_1, "", "ad" },      { KEY_1, "label", "ae" },
		{ KEY_1, "label", "" },   { KEY_1, "label", "ad " },
	};
	struct obol_secret *plaintext = NULL;
	struct obol_writer w;

	seal_text("text", &w);
	ck_assert_int_eq(open_with(rows[_i].key, rows[_i].label, rows[_i].ad,
							   obol_writer_view(&w), &plaintext),
					 OBOL_ERR_AUTH);
	ck_assert_ptr_null(plaintext);
	obol_writer_clear(&w);
}
END_TEST

/* A ciphertext that AES-GCM opens under both keys opens under one of them
 * only, because the commitment can be one key's only. */
START_TEST(two_keys)
{
	uint8_t okm_1[76], okm_2[76], ciphertext[16], tag[16], salt[32];
	struct gcm_key key_1 = { okm_1, okm_1 + 32 };
	struct gcm_key key_2 = { okm_2, okm_2 + 32 };
	struct obol_secret *plaintext = NULL;
	struct obol_writer w;

	derive(KEY_1, okm_1);
	derive(KEY_2, okm_2);
	gcm_collide(&key_1, &key_2, ciphertext, tag);
	ck_assert(gcm_opens(&key_1, ciphertext, tag));
	ck_assert(gcm_opens(&key_2, ciphertext, tag));

	ck_assert_uint_eq(hex_decode(SALT, salt, sizeof(salt)), sizeof(salt));
	obol_writer_init(&w);
	obol_write_bytes(&w, obol_bytes(salt, sizeof(salt)));
	obol_write_bytes(&w, obol_bytes(okm_1 + 44, 32));
	obol_write_bytes(&w, obol_bytes(ciphertext, sizeof(ciphertext)));
	obol_write_bytes(&w, obol_bytes(tag, sizeof(tag)));
	ck_assert_int_eq(
		open_with(KEY_2, "label", "ad", obol_writer_view(&w), &plaintext),
		OBOL_ERR_AUTH);
	ck_assert_ptr_null(plaintext);
	ck_assert_int_eq(
		open_with(KEY_1, "label", "ad", obol_writer_view(&w), &plaintext),
		OBOL_OK);
	obol_secret_free(plaintext);
	obol_writer_clear(&w);
}
END_TEST

START_TEST(no_randomness)
{
	struct obol_secret *key = hex_secret(KEY_1);
	struct scripted_rng rng;
	struct obol_writer w;

	scripted_rng_init(&rng, "00", NULL);
	obol_writer_init(&w);
	ck_assert_int_eq(
		obol_aead_seal(&rng.rng, key, "label", obol_bytes(NULL, 0), key, &w),
		OBOL_ERR_CRYPTO);
	ck_assert_uint_eq(w.len, 0);
	obol_writer_clear(&w);
	obol_secret_free(key);
}
END_TEST

Suite *aead_suite(void)
{
	Suite *suite = suite_create("aead");
	TCase *tc = tcase_create("aead");

	tcase_add_loop_test(tc, round_trip, 0, 3);
	tcase_add_test(tc, layout);
	tcase_add_test(tc, every_bit_changed);
	tcase_add_loop_test(tc, wrong_proofs, 0, 2);
	tcase_add_test(tc, every_length);
	tcase_add_loop_test(tc, wrong_inputs, 0, 6);
	tcase_add_test(tc, two_keys);
	tcase_add_test(tc, no_randomness);
	suite_add_tcase(suite, tc);
	return suite;
}
