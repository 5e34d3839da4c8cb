/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "base/ct.h"
#include "pake/cpace.h"
#include "support/bad_points.h"
#include "support/scripted_rng.h"
#include "support/vector_suite.h"

Suite *cpace_suite(void);

static const uint8_t large[OBOL_CPACE_FIELD_MAX + 1] = { 1 };

START_TEST(draft_vectors)
{
	assert_vectors(&vector_kind_cpace, "cpace-p256.txt", 2);
}
END_TEST

/* Both sides of an exchange, each with a secret, CI, sid of its own. */
struct side {
	struct obol_secret *prs;
	struct obol_cpace_context context;
	struct obol_scalar y;
	uint8_t share[OBOL_CPACE_SHARE_LEN];
	struct obol_cpace_message message;
	struct obol_secret *isk;
	uint8_t tag[OBOL_CPACE_TAG_LEN];
};

static void side_init(struct side *side, const char *prs, const char *ci,
					  const char *sid, const char *ad)
{
	memset(side, 0, sizeof(*side));
	side->prs = obol_secret_dup(prs, strlen(prs));
	side->context.prs = side->prs;
	side->context.ci = obol_bytes_str(ci);
	side->context.sid = obol_bytes_str(sid);
	ck_assert_int_eq(obol_cpace_share(obol_rng_system(), &side->context,
									  &side->y, side->share),
					 OBOL_OK);
	side->message.y = obol_bytes(side->share, sizeof(side->share));
	side->message.ad = obol_bytes_str(ad);
}

static void side_clear(struct side *side)
{
	obol_secret_free(side->prs);
	obol_secret_free(side->isk);
}

static void finish(struct side *a, struct side *b)
{
	struct side *both[] = { a, b };
	size_t i;

	ck_assert_int_eq(obol_cpace_isk(&a->y, b->message.y, a->context.sid,
									&a->message, &b->message, &a->isk),
					 OBOL_OK);
	ck_assert_int_eq(obol_cpace_isk(&b->y, a->message.y, b->context.sid,
									&a->message, &b->message, &b->isk),
					 OBOL_OK);
	for (i = 0; i < 2; i++)
	{
		ck_assert_uint_eq(obol_scalar_is_zero(&both[i]->y), 1);
		ck_assert_int_eq(obol_cpace_tag(both[i]->isk, both[i]->context.sid,
										&both[i]->message, both[i]->tag),
						 OBOL_OK);
	}
}

static const struct {
	const char *prs, *ci, *sid;
	bool same;
} peers[] = {
	{ "1234567", "channel", "sid", true },
	{ "1234568", "channel", "sid", false },
	{ "1234567", "Channel", "sid", false },
	{ "1234567", "channel", "sie", false },
	{ "1234567", "channels", "id", false },
	{ "1234567c", "hannel", "sid", false },
};

START_TEST(both_agree_or_not)
{
	struct side a, b;
	uint8_t expected[OBOL_CPACE_TAG_LEN];

	side_init(&a, "1234567", "channel", "sid", "A");
	side_init(&b, peers[_i].prs, peers[_i].ci, peers[_i].sid, "B");
	finish(&a, &b);
	ck_assert_int_eq(obol_ct_eq(obol_secret_ptr(a.isk), obol_secret_ptr(b.isk),
								OBOL_CPACE_ISK_LEN),
					 peers[_i].same);
	ck_assert_int_eq(obol_cpace_tag(b.isk, b.context.sid, &a.message, expected),
					 OBOL_OK);
	ck_assert_int_eq(obol_ct_eq(a.tag, expected, sizeof(expected)),
					 peers[_i].same);
	/* a tag reflected is another */
	ck_assert(!obol_ct_eq(a.tag, b.tag, sizeof(expected)));
	side_clear(&a);
	side_clear(&b);
}
END_TEST

START_TEST(associated_data_is_bound)
{
	struct side a, b;
	struct obol_cpace_message changed;

	side_init(&a, "1234567", "channel", "sid", "A");
	side_init(&b, "1234567", "channel", "sid", "B");
	changed = a.message;
	changed.ad = obol_bytes_str("a");
	ck_assert_int_eq(obol_cpace_isk(&a.y, b.message.y, a.context.sid,
									&a.message, &b.message, &a.isk),
					 OBOL_OK);
	ck_assert_int_eq(obol_cpace_isk(&b.y, a.message.y, b.context.sid, &changed,
									&b.message, &b.isk),
					 OBOL_OK);
	ck_assert(!obol_ct_eq(obol_secret_ptr(a.isk), obol_secret_ptr(b.isk),
						  OBOL_CPACE_ISK_LEN));
	side_clear(&a);
	side_clear(&b);
}
END_TEST

START_TEST(refuse_shares)
{
	struct obol_secret *isk = NULL;
	struct bad_point bad;
	struct side a, b;

	bad_point_get((size_t)_i, &bad);
	if (strcmp(bad.what, "uncompressed") == 0)
	{
		/* the one row that is a share here; its y is spoiled */
		bad.bytes[OBOL_CPACE_SHARE_LEN - 1] ^= 1;
	}
	side_init(&a, "1234567", "channel", "sid", "A");
	side_init(&b, "1234567", "channel", "sid", "B");
	ck_assert_msg(obol_cpace_isk(&a.y, obol_bytes(bad.bytes, bad.len),
								 a.context.sid, &a.message, &b.message,
								 &isk) == OBOL_ERR_FORMAT,
				  "%s", bad.what);
	ck_assert_ptr_null(isk);
	ck_assert_uint_eq(obol_scalar_is_zero(&a.y), 1);
	side_clear(&a);
	side_clear(&b);
}
END_TEST

/* p in place of a coordinate stands for 0, and is refused all the same */
START_TEST(refuse_unreduced_coordinates)
{
	static const uint8_t p[OBOL_NUMBER_LEN] = {
		0xff, 0xff, 0xff, 0xff, 0,    0,    0,    1,    0,    0,    0,
		0,    0,    0,    0,    0,    0,    0,    0,    0,    0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	};
	uint8_t encoded[OBOL_P256_UNCOMPRESSED_LEN] = { 4 };
	struct obol_p256_point point;
	struct obol_p256_point zero_x;

	/* there is a point with x = 0 */
	encoded[0] = 2;
	ck_assert_int_eq(
		obol_p256_decode(obol_bytes(encoded, OBOL_P256_POINT_LEN), &zero_x),
		OBOL_OK);
	obol_p256_encode_uncompressed(encoded, &zero_x);
	ck_assert_int_eq(obol_p256_decode_uncompressed(
						 obol_bytes(encoded, sizeof(encoded)), &point),
					 OBOL_OK);
	memcpy(encoded + 1, p, sizeof(p));
	ck_assert_int_eq(obol_p256_decode_uncompressed(
						 obol_bytes(encoded, sizeof(encoded)), &point),
					 OBOL_ERR_FORMAT);
	obol_p256_encode_uncompressed(encoded, &zero_x);
	memset(encoded + 1 + OBOL_NUMBER_LEN, 0xff, OBOL_NUMBER_LEN);
	ck_assert_int_eq(obol_p256_decode_uncompressed(
						 obol_bytes(encoded, sizeof(encoded)), &point),
					 OBOL_ERR_FORMAT);
}
END_TEST

START_TEST(refuse_fields)
{
	struct obol_bytes too_long = obol_bytes(large, sizeof(large));
	struct obol_secret *empty = obol_secret_new(0), *isk = NULL;
	struct obol_secret *long_prs = obol_secret_dup(large, sizeof(large));
	struct obol_cpace_context context;
	struct obol_cpace_message changed;
	struct obol_p256_point g;
	uint8_t tag[OBOL_CPACE_TAG_LEN];
	struct side a, b;

	side_init(&a, "1234567", "channel", "sid", "A");
	side_init(&b, "1234567", "channel", "sid", "B");
	context = a.context;
	context.prs = empty;
	ck_assert_int_eq(obol_cpace_calculate_generator(&context, &g),
					 OBOL_ERR_ARG);
	context.prs = long_prs;
	ck_assert_int_eq(obol_cpace_calculate_generator(&context, &g),
					 OBOL_ERR_ARG);
	context = a.context;
	context.ci = too_long;
	ck_assert_int_eq(obol_cpace_calculate_generator(&context, &g),
					 OBOL_ERR_ARG);
	context = a.context;
	context.sid = too_long;
	ck_assert_int_eq(obol_cpace_calculate_generator(&context, &g),
					 OBOL_ERR_ARG);
	changed = a.message;
	changed.ad = too_long;
	ck_assert_int_eq(obol_cpace_tag(a.prs, a.context.sid, &changed, tag),
					 OBOL_ERR_ARG);
	ck_assert_int_eq(obol_cpace_isk(&b.y, a.message.y, b.context.sid, &changed,
									&b.message, &isk),
					 OBOL_ERR_ARG);
	ck_assert_int_eq(obol_cpace_sid_output(&changed, &b.message, tag),
					 OBOL_ERR_ARG);
	ck_assert_ptr_null(isk);
	obol_secret_free(empty);
	obol_secret_free(long_prs);
	side_clear(&a);
	side_clear(&b);
}
END_TEST

/* Lengths on both sides of where LEB128 takes a second byte: all differ. */
START_TEST(long_fields)
{
	static const size_t lens[] = { 0, 1, 127, 128, 129, OBOL_CPACE_FIELD_MAX };
	struct obol_secret *prs = obol_secret_dup("1234567", 7);
	struct obol_p256_point points[6];
	size_t i, j;

	for (i = 0; i < 6; i++)
	{
		struct obol_cpace_context context = { prs, obol_bytes(large, lens[i]),
											  obol_bytes("", 0) };

		ck_assert_int_eq(obol_cpace_calculate_generator(&context, &points[i]),
						 OBOL_OK);
		ck_assert_uint_eq(obol_p256_on_curve(&points[i]), 1);
		for (j = 0; j < i; j++)
		{
			ck_assert(!obol_ct_eq(&points[i], &points[j], sizeof(points[i])));
		}
	}
	obol_secret_free(prs);
}
END_TEST

START_TEST(no_randomness)
{
	struct obol_secret *prs = obol_secret_dup("1234567", 7);
	struct obol_cpace_context context = { prs, { NULL, 0 }, { NULL, 0 } };
	uint8_t share[OBOL_CPACE_SHARE_LEN];
	struct scripted_rng rng;
	struct obol_scalar y;

	scripted_rng_init(&rng, NULL);
	ck_assert_int_eq(obol_cpace_share(&rng.rng, &context, &y, share),
					 OBOL_ERR_CRYPTO);
	ck_assert_uint_eq(obol_scalar_is_zero(&y), 1);
	obol_secret_free(prs);
}
END_TEST

Suite *cpace_suite(void)
{
	Suite *suite = suite_create("cpace");
	TCase *tc = tcase_create("cpace");

	tcase_add_test(tc, draft_vectors);
	tcase_add_loop_test(tc, both_agree_or_not, 0,
						sizeof(peers) / sizeof(peers[0]));
	tcase_add_test(tc, associated_data_is_bound);
	tcase_add_loop_test(tc, refuse_shares, 0, (int)bad_points_count());
	tcase_add_test(tc, refuse_unreduced_coordinates);
	tcase_add_test(tc, refuse_fields);
	tcase_add_test(tc, long_fields);
	tcase_add_test(tc, no_randomness);
	suite_add_tcase(suite, tc);
	return suite;
}
