/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "group/expand.h"
#include "support/vector_suite.h"

Suite *expand_suite(void);

START_TEST(rfc9380_k1)
{
	assert_vectors(&vector_kind_expand_message,
				   "expand-message-xmd-sha256-short-dst.txt", 10);
	assert_vectors(&vector_kind_expand_message,
				   "expand-message-xmd-sha256-long-dst.txt", 10);
}
END_TEST

static const struct {
	const char *what;
	size_t dst_len;
	size_t out_len;
	enum obol_status status;
} bounds[] = {
	{ "shortest", 1, 1, OBOL_OK },
	{ "longest output", 16, OBOL_EXPAND_MAX, OBOL_OK },
	{ "longest dst as it is", OBOL_DST_MAX, 32, OBOL_OK },
	{ "dst hashed", OBOL_DST_MAX + 1, 32, OBOL_OK },
	{ "dst hashed, long", 4000, 33, OBOL_OK },
	{ "no output", 16, 0, OBOL_ERR_ARG },
	/* RFC 9380, 5.3.1: ell > 255 */
	{ "output too long", 16, OBOL_EXPAND_MAX + 1, OBOL_ERR_ARG },
	{ "output far too long", 16, 65536, OBOL_ERR_ARG },
	/* RFC 9380, 3.1 */
	{ "no dst", 0, 32, OBOL_ERR_ARG },
};

START_TEST(lengths)
{
	static uint8_t dst[4000], out[65536];
	struct obol_bytes msg = obol_bytes_str("abc");

	memset(dst, 'd', sizeof(dst));
	ck_assert_msg(
		obol_expand_message_xmd(&msg, 1, obol_bytes(dst, bounds[_i].dst_len),
								out, bounds[_i].out_len) == bounds[_i].status,
		"%s", bounds[_i].what);
}
END_TEST

START_TEST(dst_prime)
{
	uint8_t dst[OBOL_DST_MAX + 1] = { 0 };
	struct obol_dst_prime prime;

	ck_assert_int_eq(obol_dst_prime(obol_bytes(dst, OBOL_DST_MAX), &prime),
					 OBOL_OK);
	ck_assert_uint_eq(prime.len, OBOL_DST_MAX + 1);
	ck_assert_uint_eq(prime.bytes[OBOL_DST_MAX], OBOL_DST_MAX);
	/* RFC 9380, 5.3.3 */
	ck_assert_int_eq(obol_dst_prime(obol_bytes(dst, sizeof(dst)), &prime),
					 OBOL_OK);
	ck_assert_uint_eq(prime.len, OBOL_SHA256_LEN + 1);
	ck_assert_uint_eq(prime.bytes[OBOL_SHA256_LEN], OBOL_SHA256_LEN);
}
END_TEST

START_TEST(parts_are_one_message)
{
	struct obol_bytes whole = obol_bytes_str("abcdef");
	struct obol_bytes parts[] = {
		obol_bytes_str("ab"),
		obol_bytes_str(""),
		obol_bytes_str("cdef"),
	};
	struct obol_bytes dst = obol_bytes_str("dst");
	uint8_t a[48], b[48];

	ck_assert_int_eq(obol_expand_message_xmd(&whole, 1, dst, a, 48), OBOL_OK);
	ck_assert_int_eq(obol_expand_message_xmd(parts, 3, dst, b, 48), OBOL_OK);
	ck_assert_mem_eq(a, b, 48);
	/* another length is another output, not a longer one */
	ck_assert_int_eq(obol_expand_message_xmd(&whole, 1, dst, b, 47), OBOL_OK);
	ck_assert_mem_ne(a, b, 47);
}
END_TEST

Suite *expand_suite(void)
{
	Suite *suite = suite_create("expand");
	TCase *tc = tcase_create("expand");

	tcase_add_test(tc, rfc9380_k1);
	tcase_add_loop_test(tc, lengths, 0, sizeof(bounds) / sizeof(bounds[0]));
	tcase_add_test(tc, dst_prime);
	tcase_add_test(tc, parts_are_one_message);
	suite_add_tcase(suite, tc);
	return suite;
}
