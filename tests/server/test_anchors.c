/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Anchors through the whole server. */
#include "server/world.h"

#include <stdlib.h>

#include <openssl/sha.h>

#include "store/store_anchors.h"
#include "support/pkcs10.h"
#include "support/run.h"

Suite *anchors_suite(void);

static struct world w;
static struct link l;

static void setup(void)
{
	world_begin(&w);
	(void)world_add(&w, "alice");
	world_activate(&w, "alice");
}

static void teardown(void)
{
	link_close(&l);
	world_clear(&w);
}

static void put_set(uint32_t number, const char *cms)
{
	struct obol_store_anchors_put arg = { .in = { .number = number,
												  .created_at = WORLD_NOW,
												  .cms = obol_bytes_str(cms),
												  .operation = OBOL_OP_CA_SET,
												  .now = WORLD_NOW } };

	world_run(&w, OBOL_STORE_ANCHORS_PUT, &arg);
}

static const struct obol_answer *ask(uint32_t held, uint32_t after)
{
	struct obol_request request = { .type = OBOL_ANCHORS };

	request.anchors.held = held;
	request.anchors.after = after;
	return link_ask(&l, &request);
}

static uint32_t number_told(void)
{
	return obol_client_session_login_done(l.client)->anchors_number;
}

START_TEST(test_none)
{
	const struct obol_answer *answer;

	link_by_device(&l, &w, "alice");
	ck_assert_uint_eq(number_told(), 0);
	answer = ask(0, 0);
	ck_assert_ptr_nonnull(answer);
	ck_assert(answer->anchors.unchanged);
}
END_TEST

START_TEST(test_from_set_to_set)
{
	const struct obol_answer *answer;

	put_set(1, "one");
	put_set(2, "two");
	link_by_device(&l, &w, "alice");
	ck_assert_uint_eq(number_told(), 2);
	answer = ask(0, 0);
	ck_assert_ptr_nonnull(answer);
	ck_assert(!answer->anchors.unchanged);
	ck_assert(obol_bytes_eq(answer->anchors.cms, obol_bytes_str("one")));
	answer = ask(1, 1);
	ck_assert(obol_bytes_eq(answer->anchors.cms, obol_bytes_str("two")));
	answer = ask(2, 2);
	ck_assert(answer->anchors.unchanged);
	ck_assert_str_eq(newest_line(&w, "alice"),
					 "23 200 4 holds set 2 of CA certificates");
}
END_TEST

/* a set that came during a connection's life is there at once */
START_TEST(test_comes_later)
{
	link_by_password(&l, &w, "alice");
	ck_assert_uint_eq(number_told(), 0);
	put_set(1, "one");
	ck_assert(!ask(0, 0)->anchors.unchanged);
}
END_TEST

START_TEST(test_not_by_code)
{
	struct obol_request request = { .type = OBOL_ANCHORS };

	put_set(1, "one");
	(void)world_add(&w, "bob");
	link_open(&l, &w, NULL);
	ck_assert(link_login(&l, "bob", OBOL_SLOT_ACTIVATION, NULL, CODE));
	ck_assert_uint_eq(link_refused(&l, &request), OBOL_REPLY_NOT_ALLOWED);
}
END_TEST

/* each certificate is recorded under its root */
START_TEST(test_root)
{
	struct obol_store_root_count count = { .in = { .now = WORLD_NOW } };
	struct obol_request request = { .type = OBOL_ISSUE };
	EVP_PKEY *key = pkcs10_key("P-256");
	struct pkcs10 req;

	link_by_device(&l, &w, "alice");
	pkcs10_good(&req, key, l.exporter);
	request.pkcs10 = obol_bytes(req.der, req.len);
	ck_assert_ptr_nonnull(link_ask(&l, &request));
	world_run(&w, OBOL_STORE_ROOT_COUNT, &count);
	ck_assert_uint_eq(count.out.n_accounts, 0);
	(void)SHA256(w.issuer->cas[0].ptr, w.issuer->cas[0].len, count.in.root);
	world_run(&w, OBOL_STORE_ROOT_COUNT, &count);
	ck_assert_uint_eq(count.out.n_accounts, 1);
	ck_assert_uint_eq(count.out.last_not_after, WORLD_NOW + 30 * DAY);
	EVP_PKEY_free(key);
}
END_TEST

Suite *anchors_suite(void)
{
	Suite *s = suite_create("anchors");
	TCase *tc = tcase_create("anchors");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_none);
	tcase_add_test(tc, test_from_set_to_set);
	tcase_add_test(tc, test_comes_later);
	tcase_add_test(tc, test_not_by_code);
	tcase_add_test(tc, test_root);
	suite_add_tcase(s, tc);
	return s;
}
