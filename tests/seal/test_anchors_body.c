/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The anchors set's body, byte by byte. */
#include "seal/anchors.h"

#include <check.h>

/* label (15) | number (4) | created at (8) | count (1) | two of 3 bytes */
static const uint8_t sample[] = { 'O', 'b', 'o', 'l', '-', 'v', '1', ' ',
								  'a', 'n', 'c', 'h', 'o', 'r', 's', 0,
								  0,   0,   7,   0,   0,   0,   0,   1,
								  2,   3,   4,   2,   0,   3,   'a', 'b',
								  'c', 0,   3,   'd', 'e', 'f' };

#define COUNT_AT 27

static struct obol_anchors_body two(void)
{
	struct obol_anchors_body body = {
		.number = 7,
		.created_at = 0x01020304,
		.n_cas = 2,
		.cas = { { (const uint8_t *)"abc", 3 }, { (const uint8_t *)"def", 3 } },
	};

	return body;
}

static enum obol_status encode(const struct obol_anchors_body *body)
{
	struct obol_writer w;
	enum obol_status status;

	obol_writer_init(&w);
	obol_anchors_body_encode(&w, body);
	status = obol_writer_status(&w);
	obol_writer_clear(&w);
	return status;
}

START_TEST(test_layout)
{
	struct obol_anchors_body body = two(), back;
	struct obol_writer w;

	obol_writer_init(&w);
	obol_anchors_body_encode(&w, &body);
	ck_assert_int_eq(obol_writer_status(&w), OBOL_OK);
	ck_assert(obol_bytes_eq(obol_writer_view(&w),
							obol_bytes(sample, sizeof(sample))));
	ck_assert_int_eq(obol_anchors_body_decode(obol_writer_view(&w), &back),
					 OBOL_OK);
	ck_assert_uint_eq(back.number, 7);
	ck_assert_uint_eq(back.created_at, 0x01020304);
	ck_assert_uint_eq(back.n_cas, 2);
	ck_assert(obol_bytes_eq(back.cas[1], body.cas[1]));
	obol_writer_clear(&w);
}
END_TEST

START_TEST(test_truncated)
{
	struct obol_anchors_body body;
	size_t len;

	for (len = 0; len < sizeof(sample); len++)
	{
		ck_assert_msg(obol_anchors_body_decode(obol_bytes(sample, len),
											   &body) == OBOL_ERR_FORMAT,
					  "%zu bytes", len);
	}
}
END_TEST

START_TEST(test_trailing)
{
	struct obol_anchors_body body;
	uint8_t bytes[sizeof(sample) + 1] = { 0 };

	memcpy(bytes, sample, sizeof(sample));
	ck_assert_int_eq(
		obol_anchors_body_decode(obol_bytes(bytes, sizeof(bytes)), &body),
		OBOL_ERR_FORMAT);
}
END_TEST

static const struct {
	const char *what;
	size_t at;
	uint8_t value;
} changes[] = {
	{ "another label", 5, 'w' },
	{ "another version", 6, '2' },
	{ "number 0", 18, 0 },
	{ "no certificate", COUNT_AT, 0 },
	{ "one fewer than there are", COUNT_AT, 1 },
	{ "one more than there are", COUNT_AT, 3 },
	{ "nine", COUNT_AT, 9 },
	{ "an empty one", 29, 0 },
	{ "one above its bound", 28, 0x20 },
};

START_TEST(test_changed)
{
	struct obol_anchors_body body;
	uint8_t bytes[sizeof(sample)];

	memcpy(bytes, sample, sizeof(sample));
	bytes[changes[_i].at] = changes[_i].value;
	ck_assert_msg(obol_anchors_body_decode(obol_bytes(bytes, sizeof(bytes)),
										   &body) == OBOL_ERR_FORMAT,
				  "%s", changes[_i].what);
}
END_TEST

START_TEST(test_twice)
{
	struct obol_anchors_body body = two();
	uint8_t bytes[sizeof(sample)];

	memcpy(bytes, sample, sizeof(sample));
	memcpy(bytes + sizeof(sample) - 3, "abc", 3);
	ck_assert_int_eq(
		obol_anchors_body_decode(obol_bytes(bytes, sizeof(bytes)), &body),
		OBOL_ERR_FORMAT);
	body = two();
	body.cas[1] = body.cas[0];
	ck_assert_int_eq(encode(&body), OBOL_ERR_ARG);
}
END_TEST

/* what a decoder refuses, the encoder refuses too */
START_TEST(test_encoder_bounds)
{
	static uint8_t large[OBOL_CERTIFICATE_MAX + 1];
	struct obol_anchors_body body = two();

	body.number = 0;
	ck_assert_int_eq(encode(&body), OBOL_ERR_ARG);
	body = two();
	body.n_cas = 0;
	ck_assert_int_eq(encode(&body), OBOL_ERR_ARG);
	body = two();
	body.n_cas = OBOL_CHAIN_MAX + 1;
	ck_assert_int_eq(encode(&body), OBOL_ERR_ARG);
	body = two();
	body.cas[0] = obol_bytes(large, sizeof(large));
	ck_assert_int_eq(encode(&body), OBOL_ERR_ARG);
	body.cas[0] = obol_bytes(large, OBOL_CERTIFICATE_MAX);
	ck_assert_int_eq(encode(&body), OBOL_OK);
	body.cas[0].len = 0;
	ck_assert_int_eq(encode(&body), OBOL_ERR_ARG);
}
END_TEST

START_TEST(test_trust)
{
	struct obol_anchors_trust trust = { .number = 0 };
	uint8_t names[OBOL_ANCHORS_TRUST_MAX + 1];
	size_t i;

	for (i = 0; i < sizeof(names); i++)
	{
		names[i] = (uint8_t)i;
		obol_anchors_trust_add(&trust, obol_bytes(names + i, 1));
		obol_anchors_trust_add(&trust, obol_bytes(names + i, 1));
	}
	ck_assert_uint_eq(trust.n_cas, OBOL_ANCHORS_TRUST_MAX);
	ck_assert(obol_anchors_trust_has(&trust, obol_bytes(names, 1)));
	ck_assert(!obol_anchors_trust_has(
		&trust, obol_bytes(names + OBOL_ANCHORS_TRUST_MAX, 1)));
}
END_TEST

Suite *anchors_body_suite(void);

Suite *anchors_body_suite(void)
{
	Suite *suite = suite_create("anchors_body");
	TCase *tcase = tcase_create("anchors_body");

	tcase_add_test(tcase, test_layout);
	tcase_add_test(tcase, test_truncated);
	tcase_add_test(tcase, test_trailing);
	tcase_add_loop_test(tcase, test_changed, 0,
						sizeof(changes) / sizeof(changes[0]));
	tcase_add_test(tcase, test_twice);
	tcase_add_test(tcase, test_encoder_bounds);
	tcase_add_test(tcase, test_trust);
	suite_add_tcase(suite, tcase);
	return suite;
}
