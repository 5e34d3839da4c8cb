/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bundle's encoding; nothing in here is a real key or certificate. */
#include <check.h>
#include <stdlib.h>

#include <obol/bundle.h>

#include "base/writer.h"

Suite *bundle_suite(void);

static struct obol_bundle *sample(void)
{
	struct obol_secret *key = obol_secret_dup("key", 3);
	struct obol_bundle_parts parts = {
		.ttl_s = 86400,
		.key_was_shared = true,
		.key = key,
		.n_chain = 2,
		.chain = { obol_bytes_str("own"), obol_bytes_str("intermediate") },
		.n_cas = 1,
		.cas = { obol_bytes_str("ca") },
	};
	struct obol_bundle *bundle = NULL;

	ck_assert_int_eq(obol_bundle_new(&parts, &bundle), OBOL_OK);
	obol_secret_free(key);
	return bundle;
}

START_TEST(round_trip)
{
	static const uint8_t expected[] = "\x01\x00\x01\x51\x80\x01\x00\x03"
									  "key\x02\x00\x03"
									  "own\x00\x0c"
									  "intermediate\x01\x00\x02"
									  "ca";
	struct obol_bundle *bundle = sample(), *again = NULL;
	struct obol_secret *body = NULL;

	ck_assert_int_eq(obol_bundle_encode(bundle, &body), OBOL_OK);
	ck_assert(obol_bytes_eq(obol_secret_view(body),
							obol_bytes(expected, sizeof(expected) - 1)));
	ck_assert_int_eq(obol_bundle_decode(body, &again), OBOL_OK);
	obol_secret_free(body);
	obol_bundle_free(bundle);

	ck_assert_uint_eq(obol_bundle_ttl_s(again), 86400);
	ck_assert(obol_bundle_key_was_shared(again));
	ck_assert(obol_bytes_eq(obol_secret_view(obol_bundle_key(again)),
							obol_bytes_str("key")));
	ck_assert_uint_eq(obol_bundle_n_chain(again), 2);
	ck_assert(
		obol_bytes_eq(obol_bundle_chain(again, 0), obol_bytes_str("own")));
	ck_assert(obol_bytes_eq(obol_bundle_chain(again, 1),
							obol_bytes_str("intermediate")));
	ck_assert_ptr_null(obol_bundle_chain(again, 2).ptr);
	ck_assert_uint_eq(obol_bundle_n_cas(again), 1);
	ck_assert(obol_bytes_eq(obol_bundle_ca(again, 0), obol_bytes_str("ca")));
	ck_assert_ptr_null(obol_bundle_ca(again, 1).ptr);
	ck_assert_uint_eq(obol_bundle_not_before(again), 0);
	ck_assert_uint_eq(obol_bundle_not_after(again), 0);
	ck_assert_int_eq(obol_bundle_check(again, 1), OBOL_BUNDLE_MALFORMED);
	obol_bundle_free(again);
	obol_bundle_free(NULL);
}
END_TEST

/* There are no bytes of what is not here, so nobody can seal or send it. */
START_TEST(key_is_elsewhere)
{
	struct obol_secret *key = obol_secret_dup("key", 3), *body = NULL;
	struct obol_bundle_parts parts = {
		.public_key = obol_bytes_str("spki"),
		.n_chain = 1,
		.chain = { obol_bytes_str("own") },
	};
	struct obol_bundle *bundle = NULL;

	ck_assert_int_eq(obol_bundle_new(&parts, &bundle), OBOL_OK);
	ck_assert(obol_bundle_key_is_elsewhere(bundle));
	ck_assert_ptr_null(obol_bundle_key(bundle));
	ck_assert(
		obol_bytes_eq(obol_bundle_public_key(bundle), obol_bytes_str("spki")));
	ck_assert_int_eq(obol_bundle_encode(bundle, &body), OBOL_ERR_ARG);
	ck_assert_int_eq(obol_bundle_check(bundle, 1), OBOL_BUNDLE_MALFORMED);
	obol_bundle_free(bundle);
	bundle = NULL;
	/* it is one or the other */
	parts.key = key;
	ck_assert_int_eq(obol_bundle_new(&parts, &bundle), OBOL_ERR_ARG);
	parts.public_key.len = 0;
	ck_assert_int_eq(obol_bundle_new(&parts, &bundle), OBOL_OK);
	ck_assert(!obol_bundle_key_is_elsewhere(bundle));
	ck_assert_uint_eq(obol_bundle_public_key(bundle).len, 0);
	obol_bundle_free(bundle);
	obol_secret_free(key);
}
END_TEST

static enum obol_status decode(const void *bytes, size_t len)
{
	struct obol_secret *body = obol_secret_dup(bytes, len);
	struct obol_bundle *bundle = NULL;
	enum obol_status status = obol_bundle_decode(body, &bundle);

	ck_assert((status == OBOL_OK) == (bundle != NULL));
	obol_bundle_free(bundle);
	obol_secret_free(body);
	return status;
}

START_TEST(truncated_and_longer)
{
	struct obol_bundle *bundle = sample();
	struct obol_secret *body = NULL;
	uint8_t bytes[256];
	size_t len, i;

	ck_assert_int_eq(obol_bundle_encode(bundle, &body), OBOL_OK);
	len = obol_secret_len(body);
	memcpy(bytes, obol_secret_view(body).ptr, len);
	for (i = 0; i < len; i++)
	{
		ck_assert_msg(decode(bytes, i) == OBOL_ERR_FORMAT, "length %zu", i);
	}
	ck_assert_int_eq(decode(bytes, len), OBOL_OK);
	bytes[len] = 0;
	ck_assert_int_eq(decode(bytes, len + 1), OBOL_ERR_FORMAT);
	bytes[0] = 2;
	ck_assert_int_eq(decode(bytes, len), OBOL_ERR_VERSION);
	obol_secret_free(body);
	obol_bundle_free(bundle);
}
END_TEST

/* A bundle written by hand, each field of it wrong once. */
struct shape {
	uint8_t flags;
	size_t key_len;
	size_t n_chain;
	size_t chain_len;
	size_t n_cas;
	size_t ca_len;
	enum obol_status status;
};

static const struct shape shapes[] = {
	{ 0, 1, 1, 1, 1, 1, OBOL_OK },
	{ 0, OBOL_BUNDLE_KEY_MAX, 8, OBOL_BUNDLE_CERTIFICATE_MAX, 8,
	  OBOL_BUNDLE_CERTIFICATE_MAX, OBOL_OK },
	{ 0, 1, 1, 1, 0, 1, OBOL_OK },
	{ 2, 1, 1, 1, 1, 1, OBOL_ERR_FORMAT },
	{ 0x80, 1, 1, 1, 1, 1, OBOL_ERR_FORMAT },
	{ 0, 0, 1, 1, 1, 1, OBOL_ERR_FORMAT },
	{ 0, OBOL_BUNDLE_KEY_MAX + 1, 1, 1, 1, 1, OBOL_ERR_FORMAT },
	{ 0, 1, 0, 1, 1, 1, OBOL_ERR_FORMAT },
	{ 0, 1, 9, 1, 1, 1, OBOL_ERR_FORMAT },
	{ 0, 1, 1, 0, 1, 1, OBOL_ERR_FORMAT },
	{ 0, 1, 1, OBOL_BUNDLE_CERTIFICATE_MAX + 1, 1, 1, OBOL_ERR_FORMAT },
	{ 0, 1, 1, 1, 9, 1, OBOL_ERR_FORMAT },
	{ 0, 1, 1, 1, 1, 0, OBOL_ERR_FORMAT },
	{ 0, 1, 1, 1, 1, OBOL_BUNDLE_CERTIFICATE_MAX + 1, OBOL_ERR_FORMAT },
};

static void write_list(struct obol_writer *w, size_t n, size_t len)
{
	size_t i;

	obol_write_u8(w, (uint8_t)n);
	for (i = 0; i < n; i++)
	{
		obol_write_u16(w, (uint16_t)len);
		obol_write_zeros(w, len);
	}
}

START_TEST(decode_bounds)
{
	const struct shape *shape = &shapes[_i];
	struct obol_writer w;

	obol_writer_init(&w);
	obol_write_u8(&w, 1);
	obol_write_u32(&w, 0);
	obol_write_u8(&w, shape->flags);
	obol_write_u16(&w, (uint16_t)shape->key_len);
	obol_write_zeros(&w, shape->key_len);
	write_list(&w, shape->n_chain, shape->chain_len);
	write_list(&w, shape->n_cas, shape->ca_len);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_OK);
	ck_assert_int_eq(decode(obol_writer_view(&w).ptr, obol_writer_view(&w).len),
					 shape->status);
	obol_writer_clear(&w);
}
END_TEST

/* The same bounds where a bundle is made; there they are the caller's fault. */
START_TEST(new_bounds)
{
	static const uint8_t zeros[OBOL_BUNDLE_CERTIFICATE_MAX + 1];
	const struct shape *shape = &shapes[_i];
	struct obol_bundle_parts parts = { .n_chain = shape->n_chain,
									   .n_cas = shape->n_cas };
	struct obol_secret *key = obol_secret_new(shape->key_len);
	struct obol_bundle *bundle = NULL;
	size_t i;

	parts.key = key;
	for (i = 0; i < OBOL_BUNDLE_CERTIFICATES_MAX; i++)
	{
		parts.chain[i] = obol_bytes(zeros, shape->chain_len);
		parts.cas[i] = obol_bytes(zeros, shape->ca_len);
	}
	ck_assert_int_eq(obol_bundle_new(&parts, &bundle),
					 shape->status == OBOL_OK || shape->flags ? OBOL_OK
															  : OBOL_ERR_ARG);
	obol_bundle_free(bundle);
	obol_secret_free(key);
}
END_TEST

START_TEST(new_without_key)
{
	struct obol_bundle_parts parts = { .n_chain = 1,
									   .chain = { obol_bytes_str("own") } };
	struct obol_bundle *bundle = NULL;

	ck_assert_int_eq(obol_bundle_new(&parts, &bundle), OBOL_ERR_ARG);
	ck_assert_ptr_null(bundle);
}
END_TEST

Suite *bundle_suite(void)
{
	Suite *suite = suite_create("bundle");
	TCase *tc = tcase_create("bundle");
	int n = (int)(sizeof(shapes) / sizeof(shapes[0]));

	tcase_add_test(tc, round_trip);
	tcase_add_test(tc, key_is_elsewhere);
	tcase_add_test(tc, truncated_and_longer);
	tcase_add_loop_test(tc, decode_bounds, 0, n);
	tcase_add_loop_test(tc, new_bounds, 0, n);
	tcase_add_test(tc, new_without_key);
	suite_add_tcase(suite, tc);
	return suite;
}
