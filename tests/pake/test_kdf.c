/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include <check.h>
#include <openssl/evp.h>

#include "pake/kdf.h"
#include "support/bad_tags.h"
#include "support/hex.h"

/** Lengths of keys and messages that are compared with OpenSSL's HMAC. */
#define OTHER_HMAC_MAX 200

Suite *kdf_suite(void);

static const struct {
	const char *source;
	const char *ikm;
	const char *salt;
	const char *info;
	const char *prk;
	const char *okm;
} hkdf[] = {
	{
		"RFC 5869, A.1",
		"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
		"000102030405060708090a0b0c",
		"f0f1f2f3f4f5f6f7f8f9",
		"077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
		"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
		"34007208d5b887185865",
	},
	{
		"RFC 5869, A.3",
		"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
		"",
		"",
		"19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
		"8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
		"9d201395faa4b61a96c8",
	},
};

static void assert_secret(const struct obol_secret *secret, const char *hex)
{
	char *text = hex_encode(obol_secret_view(secret));

	ck_assert_str_eq(text, hex);
	free(text);
}

START_TEST(rfc5869)
{
	struct obol_secret *ikm = hex_secret(hkdf[_i].ikm);
	struct obol_secret *okm = obol_secret_new(strlen(hkdf[_i].okm) / 2);
	struct obol_secret *prk = NULL;
	uint8_t salt[32], info[32];
	size_t salt_len = hex_decode(hkdf[_i].salt, salt, sizeof(salt));
	size_t info_len = hex_decode(hkdf[_i].info, info, sizeof(info));

	ck_assert_int_eq(obol_hkdf_extract(obol_bytes(salt, salt_len), ikm, &prk),
					 OBOL_OK);
	assert_secret(prk, hkdf[_i].prk);
	ck_assert_int_eq(obol_hkdf_expand(prk, obol_bytes(info, info_len), okm),
					 OBOL_OK);
	assert_secret(okm, hkdf[_i].okm);
	obol_secret_free(prk);
	obol_secret_free(okm);
	obol_secret_free(ikm);
}
END_TEST

START_TEST(expand_in_parts)
{
	struct obol_secret *prk = obol_secret_new(OBOL_HMAC_LEN);
	struct obol_secret *whole = obol_secret_new(100);
	struct obol_secret *pieces = obol_secret_new(100);
	struct obol_bytes parts[] = {
		obol_bytes_str("la"),
		obol_bytes_str(""),
		obol_bytes_str("bel"),
	};

	ck_assert_int_eq(obol_hkdf_expand(prk, obol_bytes_str("label"), whole),
					 OBOL_OK);
	ck_assert_int_eq(obol_hkdf_expand_parts(prk, parts, 3, pieces), OBOL_OK);
	ck_assert_mem_eq(obol_secret_ptr(whole), obol_secret_ptr(pieces), 100);
	obol_secret_free(prk);
	obol_secret_free(whole);
	obol_secret_free(pieces);
}
END_TEST

static const struct {
	size_t prk_len;
	size_t n_parts;
	size_t out_len;
	enum obol_status status;
} bounds[] = {
	{ 32, 0, 1, OBOL_OK },
	{ 33, OBOL_HKDF_PARTS_MAX, OBOL_HKDF_EXPAND_MAX, OBOL_OK },
	{ 31, 1, 32, OBOL_ERR_ARG },
	{ 0, 1, 32, OBOL_ERR_ARG },
	{ 32, OBOL_HKDF_PARTS_MAX + 1, 32, OBOL_ERR_ARG },
	{ 32, 1, 0, OBOL_ERR_ARG },
	{ 32, 1, OBOL_HKDF_EXPAND_MAX + 1, OBOL_ERR_ARG },
};

START_TEST(expand_bounds)
{
	struct obol_bytes parts[OBOL_HKDF_PARTS_MAX + 1] = { { NULL, 0 } };
	struct obol_secret *prk = obol_secret_new(bounds[_i].prk_len);
	struct obol_secret *out = obol_secret_new(bounds[_i].out_len);

	ck_assert_int_eq(
		obol_hkdf_expand_parts(prk, parts, bounds[_i].n_parts, out),
		bounds[_i].status);
	obol_secret_free(prk);
	obol_secret_free(out);
}
END_TEST

/* Around the block's 64 bytes and the hash's 32, against OpenSSL's own. */
START_TEST(hmac_of_every_length)
{
	uint8_t bytes[OTHER_HMAC_MAX], mac[OBOL_HMAC_LEN], theirs[OBOL_HMAC_LEN];
	struct obol_bytes in;
	size_t i, len = 0;

	for (i = 0; i < sizeof(bytes); i++)
	{
		bytes[i] = (uint8_t)(i * 7 + 1);
	}
	for (i = 0; i < sizeof(bytes); i++)
	{
		in = obol_bytes(bytes, sizeof(bytes) - i);
		ck_assert_int_eq(obol_keyed_hash(obol_bytes(bytes, i), in, mac),
						 OBOL_OK);
		ck_assert_ptr_nonnull(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL,
										bytes, i, in.ptr, in.len, theirs,
										sizeof(theirs), &len));
		ck_assert_uint_eq(len, sizeof(mac));
		ck_assert_mem_eq(mac, theirs, sizeof(mac));
	}
}
END_TEST

START_TEST(hmac)
{
	/* RFC 4231, 4.3 */
	struct obol_secret *key = obol_secret_dup("Jefe", 4);
	struct obol_bytes parts[] = {
		obol_bytes_str("what do ya want "),
		obol_bytes_str("for nothing?"),
	};
	uint8_t mac[OBOL_HMAC_LEN + 1] = { 0 }, right[OBOL_HMAC_LEN];
	uint8_t again[OBOL_HMAC_LEN];
	char *text;
	size_t i;

	ck_assert_int_eq(obol_hmac_sha256(key, parts, 2, mac), OBOL_OK);
	ck_assert_int_eq(obol_keyed_hash(obol_secret_view(key),
									 obol_bytes_str("what do ya want "
													"for nothing?"),
									 again),
					 OBOL_OK);
	ck_assert_mem_eq(again, mac, OBOL_HMAC_LEN);
	text = hex_encode(obol_bytes(mac, OBOL_HMAC_LEN));
	ck_assert_str_eq(
		text,
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	free(text);
	for (i = 0; i <= sizeof(mac); i++)
	{
		ck_assert_int_eq(
			obol_hmac_sha256_verify(key, parts, 2, obol_bytes(mac, i)),
			i == OBOL_HMAC_LEN ? OBOL_OK : OBOL_ERR_AUTH);
	}
	memcpy(right, mac, OBOL_HMAC_LEN);
	for (i = 0; i < bad_tags_count(OBOL_HMAC_LEN); i++)
	{
		const char *what = bad_tag_make(i, mac, OBOL_HMAC_LEN);

		ck_assert_msg(obol_hmac_sha256_verify(key, parts, 2,
											  obol_bytes(mac, OBOL_HMAC_LEN)) ==
						  OBOL_ERR_AUTH,
					  "%s", what);
		memcpy(mac, right, OBOL_HMAC_LEN);
	}
	obol_secret_free(key);
}
END_TEST

Suite *kdf_suite(void)
{
	Suite *suite = suite_create("kdf");
	TCase *tc = tcase_create("kdf");

	tcase_add_loop_test(tc, rfc5869, 0, sizeof(hkdf) / sizeof(hkdf[0]));
	tcase_add_test(tc, expand_in_parts);
	tcase_add_loop_test(tc, expand_bounds, 0,
						sizeof(bounds) / sizeof(bounds[0]));
	tcase_add_test(tc, hmac_of_every_length);
	tcase_add_test(tc, hmac);
	suite_add_tcase(suite, tc);
	return suite;
}
