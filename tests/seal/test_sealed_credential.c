/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "seal/aead.h"
#include "seal/sealed_credential.h"

Suite *sealed_credential_suite(void);

#define HEADER_LEN 5
#define LABEL "Obol-v1 credential"

static struct obol_account_key key;

static const struct obol_credential_header vpn = {
	.name = { (const uint8_t *)"vpn", 3 },
	.format = OBOL_FORMAT_BUNDLE,
	.version = 7,
};

static void setup(void)
{
	ck_assert_int_eq(obol_account_key_new(obol_rng_system(), &key), OBOL_OK);
}

static void teardown(void)
{
	obol_account_key_clear(&key);
}

static void seal_len(size_t len, struct obol_writer *w)
{
	struct obol_secret *body = obol_secret_new(len);

	memset(obol_secret_ptr(body), 0xa5, len);
	obol_writer_init(w);
	ck_assert_int_eq(
		obol_credential_seal(obol_rng_system(), &key, &vpn, body, w), OBOL_OK);
	obol_secret_free(body);
}

static enum obol_status open_bytes(const struct obol_account_key *with,
								   const struct obol_credential_header *header,
								   struct obol_bytes sealed)
{
	struct obol_secret *body = NULL;
	enum obol_status status = obol_credential_open(with, header, sealed, &body);

	ck_assert((status == OBOL_OK) == (body != NULL));
	obol_secret_free(body);
	return status;
}

/* The length in front counts: 252 bytes are the most in a bucket of 256. */
static const struct {
	size_t body;
	size_t bucket;
} buckets[] = {
	{ 1, 256 },
	{ 252, 256 },
	{ 253, 512 },
	{ 508, 512 },
	{ 509, 1024 },
	{ 1020, 1024 },
	{ 1021, 2048 },
	{ 4092, 4096 },
	{ 4093, 8192 },
	{ 8188, 8192 },
	{ 8189, 16384 },
	{ 16380, 16384 },
	{ 16381, 32768 },
	{ 32764, 32768 },
	{ 32765, 49152 },
	{ 100000, 114688 },
	{ OBOL_CREDENTIAL_BODY_MAX, 245760 },
};

START_TEST(bucket_row)
{
	struct obol_secret *body = NULL;
	struct obol_writer w;
	size_t i;

	seal_len(buckets[_i].body, &w);
	ck_assert_uint_eq(w.len,
					  HEADER_LEN + OBOL_SEAL_OVERHEAD + buckets[_i].bucket);
	ck_assert_uint_le(w.len, OBOL_SEALED_MAX);
	ck_assert_int_eq(
		obol_credential_open(&key, &vpn, obol_writer_view(&w), &body), OBOL_OK);
	ck_assert_uint_eq(obol_secret_len(body), buckets[_i].body);
	for (i = 0; i < buckets[_i].body; i++)
	{
		ck_assert_uint_eq(obol_secret_view(body).ptr[i], 0xa5);
	}
	obol_secret_free(body);
	obol_writer_clear(&w);
}
END_TEST

START_TEST(every_bit_changed)
{
	struct obol_writer w;
	size_t i;

	seal_len(10, &w);
	for (i = 0; i < 8 * w.len; i++)
	{
		w.buf[i / 8] ^= (uint8_t)(1 << i % 8);
		ck_assert_msg(open_bytes(&key, &vpn, obol_writer_view(&w)) ==
						  (i < 8 ? OBOL_ERR_VERSION : OBOL_ERR_AUTH),
					  "bit %zu of byte %zu", i % 8, i / 8);
		w.buf[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	obol_writer_clear(&w);
}
END_TEST

START_TEST(every_length)
{
	struct obol_writer w;
	size_t i, len;

	seal_len(10, &w);
	len = w.len;
	for (i = 0; i < len; i++)
	{
		ck_assert_msg(open_bytes(&key, &vpn, obol_bytes(w.buf, i)) ==
						  (i < HEADER_LEN + OBOL_SEAL_OVERHEAD ? OBOL_ERR_FORMAT
															   : OBOL_ERR_AUTH),
					  "length %zu", i);
	}
	obol_write_u8(&w, 0);
	ck_assert_int_eq(open_bytes(&key, &vpn, obol_writer_view(&w)),
					 OBOL_ERR_AUTH);
	obol_writer_clear(&w);
}
END_TEST

START_TEST(bound_to_all)
{
	struct obol_credential_header header;
	struct obol_account_key other;
	struct obol_writer w;

	seal_len(10, &w);
	ck_assert_int_eq(open_bytes(&key, &vpn, obol_writer_view(&w)), OBOL_OK);

	header = vpn;
	header.name = obol_bytes_str("vpm");
	ck_assert_int_eq(open_bytes(&key, &header, obol_writer_view(&w)),
					 OBOL_ERR_AUTH);
	header.name = obol_bytes_str("vpn2");
	ck_assert_int_eq(open_bytes(&key, &header, obol_writer_view(&w)),
					 OBOL_ERR_AUTH);
	header = vpn;
	header.format = OBOL_FORMAT_PKCS12;
	ck_assert_int_eq(open_bytes(&key, &header, obol_writer_view(&w)),
					 OBOL_ERR_AUTH);
	header = vpn;
	header.version = 6;
	ck_assert_int_eq(open_bytes(&key, &header, obol_writer_view(&w)),
					 OBOL_ERR_AUTH);

	/* the same key, another account */
	other = key;
	other.account_id[0] ^= 1;
	ck_assert_int_eq(open_bytes(&other, &vpn, obol_writer_view(&w)),
					 OBOL_ERR_AUTH);
	/* the same key, another generation; said so in the header or not */
	other = key;
	other.generation = 2;
	ck_assert_int_eq(open_bytes(&other, &vpn, obol_writer_view(&w)),
					 OBOL_ERR_AUTH);
	w.buf[4] = 2;
	ck_assert_int_eq(open_bytes(&other, &vpn, obol_writer_view(&w)),
					 OBOL_ERR_AUTH);
	w.buf[4] = 1;
	/* another key */
	ck_assert_int_eq(obol_account_key_next(obol_rng_system(), &key, &other),
					 OBOL_OK);
	other.generation = key.generation;
	ck_assert_int_eq(open_bytes(&other, &vpn, obol_writer_view(&w)),
					 OBOL_ERR_AUTH);
	obol_account_key_clear(&other);
	obol_writer_clear(&w);
}
END_TEST

/* Plaintexts that only a holder of the account key can seal. */
static const struct {
	uint32_t length;
	size_t body;
	size_t total;
	/** where a byte is not zero, 0 for nowhere */
	size_t dirt;
	enum obol_status status;
} plaintexts[] = {
	{ 10, 10, 256, 0, OBOL_OK },
	/* padding */
	{ 10, 10, 256, 14, OBOL_ERR_FORMAT },
	{ 10, 10, 256, 255, OBOL_ERR_FORMAT },
	/* length beyond what is there, zero, none at all */
	{ 253, 10, 256, 0, OBOL_ERR_FORMAT },
	{ 0xffffffff, 10, 256, 0, OBOL_ERR_FORMAT },
	{ 0xfffffffc, 10, 256, 0, OBOL_ERR_FORMAT },
	{ 0, 0, 256, 0, OBOL_ERR_FORMAT },
	{ 0, 0, 4, 0, OBOL_ERR_FORMAT },
	/* not in its bucket */
	{ 10, 10, 14, 0, OBOL_ERR_FORMAT },
	{ 10, 10, 255, 0, OBOL_ERR_FORMAT },
	{ 10, 10, 512, 0, OBOL_ERR_FORMAT },
	{ OBOL_CREDENTIAL_BODY_MAX + 1, 10, 245760, 0, OBOL_ERR_FORMAT },
};

START_TEST(crafted_plaintext)
{
	struct obol_secret *plaintext = obol_secret_new(plaintexts[_i].total);
	uint8_t *bytes = obol_secret_ptr(plaintext);
	struct obol_writer ad, sealed;

	bytes[0] = (uint8_t)(plaintexts[_i].length >> 24);
	bytes[1] = (uint8_t)(plaintexts[_i].length >> 16);
	bytes[2] = (uint8_t)(plaintexts[_i].length >> 8);
	bytes[3] = (uint8_t)plaintexts[_i].length;
	memset(bytes + 4, 'b', plaintexts[_i].body);
	if (plaintexts[_i].dirt)
	{
		bytes[plaintexts[_i].dirt] = 1;
	}
	obol_writer_init(&ad);
	obol_write_u8(&ad, 1);
	obol_write_bytes(&ad, obol_bytes(key.account_id, OBOL_ACCOUNT_ID_LEN));
	obol_write_u32(&ad, key.generation);
	obol_write_vec8(&ad, vpn.name);
	obol_write_u16(&ad, vpn.format);
	obol_write_u64(&ad, vpn.version);
	obol_writer_init(&sealed);
	obol_write_u8(&sealed, 1);
	obol_write_u32(&sealed, key.generation);
	ck_assert_int_eq(obol_aead_seal(obol_rng_system(), key.key, LABEL,
									obol_writer_view(&ad), plaintext, &sealed),
					 OBOL_OK);
	ck_assert_int_eq(open_bytes(&key, &vpn, obol_writer_view(&sealed)),
					 plaintexts[_i].status);
	obol_writer_clear(&ad);
	obol_writer_clear(&sealed);
	obol_secret_free(plaintext);
}
END_TEST

static enum obol_status seal_with(size_t name_len, uint64_t version,
								  size_t body_len)
{
	static const uint8_t name[OBOL_CREDENTIAL_NAME_MAX + 1] = { 'n' };
	struct obol_credential_header header = {
		.name = obol_bytes(name, name_len),
		.version = version,
	};
	struct obol_secret *body = obol_secret_new(body_len);
	enum obol_status status;
	struct obol_writer w;

	obol_writer_init(&w);
	status = obol_credential_seal(obol_rng_system(), &key, &header, body, &w);
	ck_assert((status == OBOL_OK) == (w.len > 0));
	obol_writer_clear(&w);
	obol_secret_free(body);
	return status;
}

START_TEST(bad_arguments)
{
	ck_assert_int_eq(seal_with(1, 1, 1), OBOL_OK);
	ck_assert_int_eq(seal_with(OBOL_CREDENTIAL_NAME_MAX, 1, 1), OBOL_OK);
	ck_assert_int_eq(seal_with(0, 1, 1), OBOL_ERR_ARG);
	ck_assert_int_eq(seal_with(OBOL_CREDENTIAL_NAME_MAX + 1, 1, 1),
					 OBOL_ERR_ARG);
	ck_assert_int_eq(seal_with(1, 0, 1), OBOL_ERR_ARG);
	ck_assert_int_eq(seal_with(1, 1, 0), OBOL_ERR_ARG);
	ck_assert_int_eq(seal_with(1, 1, OBOL_CREDENTIAL_BODY_MAX + 1),
					 OBOL_ERR_ARG);
}
END_TEST

/* Each seal has a salt of its own. */
START_TEST(never_the_same)
{
	struct obol_writer a, b;

	seal_len(10, &a);
	seal_len(10, &b);
	ck_assert_mem_ne(a.buf + HEADER_LEN, b.buf + HEADER_LEN,
					 OBOL_SEAL_SALT_LEN);
	ck_assert_mem_ne(a.buf + HEADER_LEN + 64, b.buf + HEADER_LEN + 64, 256);
	obol_writer_clear(&a);
	obol_writer_clear(&b);
}
END_TEST

Suite *sealed_credential_suite(void)
{
	Suite *suite = suite_create("sealed_credential");
	TCase *tc = tcase_create("sealed_credential");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, bucket_row, 0,
						(int)(sizeof(buckets) / sizeof(buckets[0])));
	tcase_add_test(tc, every_bit_changed);
	tcase_add_test(tc, every_length);
	tcase_add_test(tc, bound_to_all);
	tcase_add_loop_test(tc, crafted_plaintext, 0,
						(int)(sizeof(plaintexts) / sizeof(plaintexts[0])));
	tcase_add_test(tc, bad_arguments);
	tcase_add_test(tc, never_the_same);
	suite_add_tcase(suite, tc);
	return suite;
}
