/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of CA certificates when memory runs out. */
#include "issue/anchors_sign.h"
#include "memory/fail_each.h"
#include "support/test_ca.h"

#include <time.h>

Suite *memory_anchors_suite(void);

static struct test_identity ca;
static uint8_t der[TEST_DER_MAX];
static struct obol_anchors_body body;
static struct obol_anchors_trust trust;
static struct obol_writer cms;

static void setup(void)
{
	struct test_cert cert = { .ca = true,
							  .cn = "CA",
							  .key_usage = "keyCertSign" };
	struct obol_anchors_signer signer;

	test_identity_init(&ca, &cert, NULL);
	signer.certificate = ca.certificate;
	signer.key = ca.key;
	memset(&body, 0, sizeof(body));
	body.number = 3;
	body.created_at = (uint64_t)time(NULL);
	body.n_cas = 1;
	body.cas[0] = test_certificate_der(ca.certificate, der);
	memset(&trust, 0, sizeof(trust));
	obol_anchors_trust_add(&trust, body.cas[0]);
	obol_writer_init(&cms);
	ck_assert_int_eq(obol_anchors_sign(&body, &signer, 1, &cms), OBOL_OK);
}

static void teardown(void)
{
	obol_writer_clear(&cms);
	test_identity_clear(&ca);
}

static bool open_set(void *ctx)
{
	struct obol_anchors *set = NULL;
	bool good =
		obol_anchors_open(obol_writer_view(&cms), &trust, (uint64_t)time(NULL),
						  &set) == OBOL_ANCHORS_GOOD;

	(void)ctx;
	MUST(good == (set != NULL));
	MUST(!good || (obol_anchors_number(set) == 3 &&
				   obol_bytes_eq(obol_anchors_ca(set, 0), body.cas[0])));
	obol_anchors_free(set);
	return good;
}

static bool load_set(void *ctx)
{
	struct obol_anchors *set = NULL;
	bool good = obol_anchors_load(obol_writer_view(&cms), &set) == OBOL_OK;

	(void)ctx;
	MUST(good == (set != NULL));
	obol_anchors_free(set);
	return good;
}

static bool sign_set(void *ctx)
{
	struct obol_anchors_signer signer = { ca.certificate, ca.key };
	struct obol_writer out;
	bool good;

	(void)ctx;
	obol_writer_init(&out);
	good = obol_anchors_sign(&body, &signer, 1, &out) == OBOL_OK;
	MUST(good == (obol_writer_view(&out).len > 0));
	obol_writer_clear(&out);
	return good;
}

static const struct story stories[] = {
	{ .run = open_set, .n_least = 3 },
	{ .run = load_set, .n_least = 3 },
	{ .run = sign_set, .n_least = 2 },
};

START_TEST(own)
{
	fail_each(&stories[_i], FAILING_OWN);
}
END_TEST

START_TEST(openssl)
{
	struct story story = stories[_i];

	story.n_least = 0;
	story.may_do_without = true;
	fail_each(&story, FAILING_OPENSSL);
}
END_TEST

Suite *memory_anchors_suite(void)
{
	Suite *suite = suite_create("memory: anchors");
	TCase *tcase = tcase_create("out of memory");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, own, 0, 3);
	tcase_add_loop_test(tcase, openssl, 0, 3);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return suite;
}
