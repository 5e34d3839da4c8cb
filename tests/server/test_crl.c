/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a revocation list is due, and what becomes of it. */
#include "server/crl.h"

#include <openssl/x509.h>
#include <stdlib.h>

#include "server/world.h"
#include "support/run.h"

Suite *crl_suite(void);

#define LIFETIME_S 1000

static struct world w;
static char why[512];

static void setup(void)
{
	world_init(&w);
}

static void teardown(void)
{
	world_clear(&w);
}

static enum obol_status refresh(bool is_forced, bool *made)
{
	struct obol_crl_options options = { .store = w.options.store,
										.issuer = w.issuer,
										.clock = &w.clock.clock,
										.lifetime_s = LIFETIME_S };

	why[0] = '\0';
	return obol_crl_refresh(&options, is_forced, made, why, sizeof(why));
}

/** Refresh, which must work; the list's number, 0 when none was made. */
static uint64_t refreshed(bool is_forced)
{
	struct obol_store_crl_get get = { .in = { .is_brief = true } };
	bool made = false;

	ck_assert_msg(refresh(is_forced, &made) == OBOL_OK, "%s", why);
	world_run(&w, OBOL_STORE_CRL_GET, &get);
	return made ? get.out.crl.number : 0;
}

static void revoke_some(uint8_t seed)
{
	struct obol_store_issued issued = {
		.in = { .request = { .now = obol_now(&w.clock.clock) },
				.serial = { seed },
				.serial_len = 1,
				.not_after = obol_now(&w.clock.clock) + DAY }
	};
	struct obol_store_certificate_revoke revoke = {
		.in = { .serial = { seed },
				.serial_len = 1,
				.now = obol_now(&w.clock.clock) }
	};

	world_run(&w, OBOL_STORE_ISSUED, &issued);
	world_run(&w, OBOL_STORE_CERTIFICATE_REVOKE, &revoke);
}

static int n_listed(void)
{
	struct obol_store_crl_get get = { .in = { .is_brief = false } };
	const unsigned char *pos;
	X509_CRL *crl;
	int n;

	world_run(&w, OBOL_STORE_CRL_GET, &get);
	pos = get.out.crl.der.ptr;
	crl = d2i_X509_CRL(NULL, &pos, (long)get.out.crl.der.len);
	ck_assert_ptr_nonnull(crl);
	n = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl));
	X509_CRL_free(crl);
	return n < 0 ? 0 : n;
}

START_TEST(when_due)
{
	uint64_t first;

	/* none yet; then nothing new; then half of its time */
	first = refreshed(false);
	ck_assert_uint_ge(first, WORLD_NOW);
	ck_assert_uint_eq(refreshed(false), 0);
	driven_clock_pass(&w.clock, LIFETIME_S / 2 - 1);
	ck_assert_uint_eq(refreshed(false), 0);
	driven_clock_pass(&w.clock, 1);
	ck_assert_uint_gt(refreshed(false), first);
	ck_assert_uint_eq(refreshed(false), 0);
	ck_assert_uint_gt(refreshed(true), first);
}
END_TEST

START_TEST(when_something_was_revoked)
{
	uint64_t first = refreshed(false);

	ck_assert_int_eq(n_listed(), 0);
	revoke_some(1);
	/* twice in one second: the numbers differ all the same */
	ck_assert_uint_eq(refreshed(false), first + 1);
	ck_assert_int_eq(n_listed(), 1);
	revoke_some(2);
	ck_assert_uint_eq(refreshed(false), first + 2);
	ck_assert_int_eq(n_listed(), 2);
	ck_assert_uint_eq(refreshed(false), 0);
	/* they leave when they have ended */
	driven_clock_pass(&w.clock, DAY);
	ck_assert_uint_gt(refreshed(false), first + 2);
	ck_assert_int_eq(n_listed(), 0);
}
END_TEST

START_TEST(clock_set_back)
{
	uint64_t first = refreshed(false);

	w.clock.at_ms -= 2000 * DAY;
	ck_assert_uint_eq(refreshed(false), first + 1);
}
END_TEST

static enum obol_status refuse(struct obol_issuer *issuer,
							   const struct obol_crl_parts *parts,
							   uint8_t **der, size_t *len)
{
	(void)issuer;
	(void)parts;
	(void)der;
	(void)len;
	return OBOL_ERR_DENIED;
}

START_TEST(may_not_sign)
{
	struct obol_store_crl_get get = { .in = { .is_brief = true } };
	bool made = true;

	w.issuer->sign_crl = refuse;
	ck_assert_int_eq(refresh(false, &made), OBOL_ERR_DENIED);
	ck_assert(!made);
	ck_assert_ptr_nonnull(strstr(why, "cRLSign"));
	ck_assert_int_eq(obol_store_run(w.options.store, OBOL_STORE_CRL_GET, &get),
					 OBOL_ERR_NOT_FOUND);
}
END_TEST

Suite *crl_suite(void)
{
	Suite *suite = suite_create("crl");
	TCase *tc = tcase_create("crl");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, when_due);
	tcase_add_test(tc, when_something_was_revoked);
	tcase_add_test(tc, clock_set_back);
	tcase_add_test(tc, may_not_sign);
	suite_add_tcase(suite, tc);
	return suite;
}
