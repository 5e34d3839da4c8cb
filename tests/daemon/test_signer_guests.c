/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who has to go when there is no room at obol-signer's door. */
#include "daemon/signer_guests.h"

#include <check.h>

#define N 8

static struct obol_signer_known known;
static struct obol_signer_guest guests[N];
static size_t n;

static void setup(void)
{
	memset(&known, 0, sizeof(known));
	memset(guests, 0, sizeof(guests));
	n = 0;
}

static struct obol_source_address v4(uint8_t last)
{
	struct obol_source_address address = { .bytes = { 192, 0, 2, last } };

	return address;
}

static struct obol_source_address v6(uint8_t network, uint8_t host)
{
	struct obol_source_address address = { .is_v6 = true };

	address.bytes[0] = 0x20;
	address.bytes[7] = network;
	address.bytes[15] = host;
	return address;
}

/* Each one younger than those before. */
static void come(struct obol_source_address address)
{
	guests[n] = (struct obol_signer_guest){ 10 + n, address, 1000 + n };
	n++;
}

static size_t victim(void)
{
	return obol_signer_guests_victim(guests, n, &known);
}

/* All alike: the eldest, as the only thing that tells them apart. */
START_TEST(test_eldest)
{
	come(v4(1));
	come(v4(2));
	come(v4(3));
	ck_assert_uint_eq(victim(), 10);
	/* not the place, the time counts */
	guests[0].deadline_ms = 2000;
	ck_assert_uint_eq(victim(), 11);
}
END_TEST

/* Who has one connection is not pushed out by a network that has many, however
 * long he is there. */
START_TEST(test_largest_network)
{
	come(v4(1));
	come(v4(2));
	come(v4(2));
	come(v4(3));
	ck_assert_uint_eq(victim(), 11);
	come(v6(1, 1));
	come(v6(1, 2));
	come(v6(1, 3));
	ck_assert_uint_eq(victim(), 14);
}
END_TEST

/* Nor by many networks, once he has been there. */
START_TEST(test_known_stay)
{
	const struct obol_source_address obold = v6(7, 1), elsewhere = v6(7, 9);

	obol_signer_known_add(&known, &obold);
	come(elsewhere);
	come(elsewhere);
	come(v4(1));
	come(v4(2));
	ck_assert_uint_eq(victim(), 12);
	/* a newcomer who is a stranger has to go himself, when no other is */
	n = 2;
	come(v4(3));
	ck_assert_uint_eq(victim(), 12);
	/* among those who are known it is as among strangers */
	n = 2;
	ck_assert_uint_eq(victim(), 10);
}
END_TEST

START_TEST(test_known_are_bounded)
{
	struct obol_source_address address = v4(0);
	unsigned i;

	for (i = 0; i < OBOL_SIGNER_KNOWN_MAX; i++)
	{
		address.bytes[3] = (uint8_t)i;
		obol_signer_known_add(&known, &address);
		obol_signer_known_add(&known, &address);
	}
	ck_assert_uint_eq(known.n, OBOL_SIGNER_KNOWN_MAX);
	come(v4(0));
	come(v4(200));
	ck_assert_uint_eq(victim(), 11);
	/* the one that came first gives way */
	address = v4(100);
	obol_signer_known_add(&known, &address);
	ck_assert_uint_eq(known.n, OBOL_SIGNER_KNOWN_MAX);
	ck_assert_uint_eq(victim(), 10);
}
END_TEST

Suite *signer_guests_suite(void);

Suite *signer_guests_suite(void)
{
	Suite *suite = suite_create("signer: guests");
	TCase *tcase = tcase_create("guests");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, test_eldest);
	tcase_add_test(tcase, test_largest_network);
	tcase_add_test(tcase, test_known_stay);
	tcase_add_test(tcase, test_known_are_bounded);
	suite_add_tcase(suite, tcase);
	return suite;
}
