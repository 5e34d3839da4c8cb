/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose turn it is, and who leaves when there is no room. */
#include "daemon/admission.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "support/run.h"

#define START ((uint64_t)1000000)
#define PLACES 600
#define PER_SOURCE 30

static struct obol_admission *admission;
static struct obol_source_count *sources;
static struct obol_admission_place places[PLACES];

static void begin(unsigned per_source, unsigned crowd_per_second)
{
	const struct obol_admission_options options = {
		.per_source = per_source,
		.crowd_per_second = crowd_per_second,
		.rng = obol_rng_system(),
	};

	memset(places, 0, sizeof(places));
	ck_assert_int_eq(obol_admission_new(&options, &admission), OBOL_OK);
	sources = obol_source_count_new(obol_rng_system());
	ck_assert_ptr_nonnull(sources);
}

static void end(void)
{
	obol_source_count_free(sources);
	obol_admission_free(admission);
}

static struct obol_source_address address(const char *text)
{
	struct obol_source_address a = { .is_v6 = strchr(text, ':') != NULL };

	ck_assert_int_eq(inet_pton(a.is_v6 ? AF_INET6 : AF_INET, text, a.bytes), 1);
	return a;
}

/* Place i is of that address, connected and silent. */
static struct obol_admission_place *greet(size_t i, const char *from)
{
	ck_assert_uint_lt(i, PLACES);
	places[i].address = address(from);
	ck_assert(obol_source_count_add(sources, &places[i].address, PLACES));
	obol_admission_move(admission, &places[i], OBOL_ADMISSION_GREETING);
	return &places[i];
}

static struct obol_admission_place *ask(size_t i, const char *from, uint64_t ms)
{
	struct obol_admission_place *place = greet(i, from);

	obol_admission_ask(admission, place, START + ms);
	return place;
}

static struct obol_admission_place *next(uint64_t ms)
{
	return obol_admission_next(admission, START + ms);
}

/* So many of a flooding address take their turns and finish nothing. */
static void flood(size_t first, size_t n, const char *from)
{
	size_t i;

	for (i = first; i < first + n; i++)
	{
		(void)ask(i, from, 0);
	}
	for (i = 0; i < n; i++)
	{
		ck_assert_ptr_nonnull(next(0));
	}
	ck_assert_ptr_null(next(0));
}

START_TEST(test_turns_in_order)
{
	size_t i;

	begin(PER_SOURCE, 1000);
	ck_assert(!obol_admission_is_due(admission));
	ck_assert_ptr_null(next(0));
	for (i = 0; i < 3; i++)
	{
		(void)ask(i, "192.0.2.1", 0);
	}
	ck_assert(obol_admission_is_due(admission));
	for (i = 0; i < 3; i++)
	{
		ck_assert_ptr_eq(next(0), &places[i]);
		ck_assert_uint_eq(places[i].list, OBOL_ADMISSION_GREETING);
	}
	ck_assert(!obol_admission_is_due(admission));
	ck_assert(!obol_admission_is_waited_for(admission));
	end();
}
END_TEST

START_TEST(test_newcomers_before_a_flood)
{
	struct obol_admission_place *flooder, *user, *neighbour;

	begin(PER_SOURCE, 1000);
	flood(0, 20, "192.0.2.1");
	flooder = ask(20, "192.0.2.1", 0);
	user = ask(21, "192.0.2.2", 0);
	neighbour = ask(22, "2001:db8::1", 0);
	ck_assert_ptr_eq(next(0), user);
	ck_assert_ptr_eq(next(0), neighbour);
	ck_assert_ptr_eq(next(0), flooder);
	end();
}
END_TEST

/* Whoever logs in costs his network nothing. */
START_TEST(test_success_gives_back)
{
	size_t i;

	begin(PER_SOURCE, 1000);
	for (i = 0; i < 500; i++)
	{
		struct obol_admission_place *place = ask(i, "192.0.2.1", 0);

		ck_assert_uint_eq(obol_admission_class(admission), 0);
		ck_assert_ptr_eq(next(0), place);
		obol_admission_succeed(admission, place, START);
		/* and only once */
		obol_admission_succeed(admission, place, START);
	}
	ck_assert(!obol_admission_has_half_open(admission));
	end();
}
END_TEST

START_TEST(test_rate_of_one_network)
{
	struct obol_admission_place *place;
	size_t i, n;

	begin(PER_SOURCE, 1000);
	for (i = 0; i < 100; i++)
	{
		(void)ask(i, "192.0.2.1", 0);
	}
	for (n = 0; next(0); n++)
	{
	}
	/* the first ten were of no crowd, and counted for none */
	ck_assert_uint_eq(n, PER_SOURCE + 10);
	ck_assert(!obol_admission_is_due(admission));
	ck_assert(obol_admission_is_waited_for(admission));
	ck_assert_uint_ge(obol_admission_counts(admission).n_put_off, 60);
	/* thirty in fifteen seconds; another network is not meant */
	place = ask(200, "192.0.2.2", 400);
	ck_assert_ptr_eq(next(400), place);
	ck_assert_ptr_null(next(400));
	ck_assert_ptr_eq(next(500), &places[n]);
	ck_assert_ptr_null(next(501));
	for (i = 0; next(OBOL_ADMISSION_WINDOW_MS * 2); i++)
	{
	}
	ck_assert_uint_eq(i, PER_SOURCE);
	end();
}
END_TEST

/* Many networks with many each share one rate, and leave the rest to others. */
START_TEST(test_rate_of_the_crowd)
{
	struct obol_admission_place *place;
	size_t i, n, before = 0;
	char from[32];

	begin(1000, 50);
	for (i = 0; i < 500; i++)
	{
		(void)snprintf(from, sizeof(from), "192.0.2.%zu", i % 10);
		(void)ask(i, from, 0);
		before += obol_admission_class(admission) < OBOL_ADMISSION_CROWD;
	}
	for (n = 0; next(0); n++)
	{
	}
	ck_assert_uint_eq(n, 10 * 10 + 50);
	ck_assert(!obol_admission_is_due(admission));
	ck_assert(obol_admission_is_waited_for(admission));
	place = ask(500, "198.51.100.1", 0);
	ck_assert(obol_admission_is_due(admission));
	ck_assert_ptr_eq(next(0), place);
	for (n = 0; next(1000); n++)
	{
	}
	ck_assert_uint_eq(n, 50);
	end();
}
END_TEST

START_TEST(test_without_limits)
{
	size_t i;

	begin(0, 1);
	for (i = 0; i < PLACES; i++)
	{
		(void)ask(i, "192.0.2.1", 0);
	}
	for (i = 0; i < PLACES; i++)
	{
		ck_assert_ptr_eq(next(0), &places[i]);
	}
	end();
}
END_TEST

static struct obol_admission_place *victim_for(const char *from)
{
	struct obol_source_address newcomer = address(from);
	struct obol_admission_place *place;

	/* the newcomer's own is counted before room is made */
	ck_assert(obol_source_count_add(sources, &newcomer, PLACES));
	place = obol_admission_victim(admission, sources, &newcomer);
	obol_source_count_remove(sources, &newcomer);
	return place;
}

START_TEST(test_victim_waits_longest)
{
	begin(PER_SOURCE, 1000);
	ck_assert(!obol_admission_has_half_open(admission));
	ck_assert_ptr_null(victim_for("192.0.2.1"));
	(void)greet(0, "192.0.2.1");
	(void)greet(1, "192.0.2.2");
	ck_assert(obol_admission_has_half_open(admission));
	ck_assert_ptr_eq(victim_for("192.0.2.3"), &places[0]);
	/* he sent something */
	obol_admission_move(admission, &places[0], OBOL_ADMISSION_GREETING);
	ck_assert_ptr_eq(victim_for("192.0.2.3"), &places[1]);
	obol_admission_move(admission, &places[1], OBOL_ADMISSION_NOWHERE);
	ck_assert_ptr_eq(victim_for("192.0.2.3"), &places[0]);
	ck_assert_uint_eq(obol_admission_counts(admission).n_victims, 3);
	end();
}
END_TEST

START_TEST(test_victim_is_of_the_greediest)
{
	size_t i;

	begin(PER_SOURCE, 1000);
	(void)greet(0, "192.0.2.1");
	for (i = 1; i < 10; i++)
	{
		(void)greet(i, "192.0.2.2");
	}
	ck_assert_ptr_eq(victim_for("192.0.2.3"), &places[1]);
	ck_assert_ptr_eq(victim_for("192.0.2.1"), &places[1]);
	/* his own */
	ck_assert_ptr_eq(victim_for("192.0.2.2"), &places[1]);
	end();
}
END_TEST

/* Who has more than those that were looked at sends nobody away. */
START_TEST(test_greedy_newcomer)
{
	char from[32];
	size_t i;

	begin(PER_SOURCE, 1000);
	for (i = 0; i < 50; i++)
	{
		(void)snprintf(from, sizeof(from), "192.0.2.%zu", i % 25);
		(void)greet(i, from);
	}
	for (; i < 60; i++)
	{
		(void)greet(i, "198.51.100.1");
	}
	ck_assert_ptr_eq(victim_for("198.51.100.2"), &places[0]);
	ck_assert_ptr_null(victim_for("198.51.100.1"));
	ck_assert_uint_eq(obol_admission_counts(admission).n_refused, 1);
	end();
}
END_TEST

/* Of a handshake, of a login, of a goodbye: where most of them are. */
START_TEST(test_victim_is_where_most_are)
{
	static const enum obol_admission_list lists[] = {
		OBOL_ADMISSION_GREETING,
		OBOL_ADMISSION_LOGIN,
		OBOL_ADMISSION_CLOSING,
	};
	char from[32];
	size_t i;

	begin(PER_SOURCE, 1000);
	for (i = 0; i < 30; i++)
	{
		(void)snprintf(from, sizeof(from), "192.0.2.%zu", i);
		obol_admission_move(admission, greet(i, from),
							lists[i < 3 ? i : (size_t)_i]);
	}
	ck_assert_ptr_eq(victim_for("198.51.100.1"), &places[_i]);
	end();
}
END_TEST

START_TEST(test_victim_is_of_the_flood)
{
	begin(PER_SOURCE, 1000);
	(void)greet(50, "192.0.2.2");
	flood(0, 20, "192.0.2.1");
	(void)ask(20, "192.0.2.1", 0);
	(void)ask(21, "192.0.2.3", 0);
	ck_assert_ptr_eq(victim_for("192.0.2.4"), &places[20]);
	end();
}
END_TEST

Suite *admission_suite(void);

Suite *admission_suite(void)
{
	Suite *suite = suite_create("admission");
	TCase *tcase = tcase_create("admission");

	tcase_add_test(tcase, test_turns_in_order);
	tcase_add_test(tcase, test_newcomers_before_a_flood);
	tcase_add_test(tcase, test_success_gives_back);
	tcase_add_test(tcase, test_rate_of_one_network);
	tcase_add_test(tcase, test_rate_of_the_crowd);
	tcase_add_test(tcase, test_without_limits);
	tcase_add_test(tcase, test_victim_waits_longest);
	tcase_add_test(tcase, test_victim_is_of_the_greediest);
	tcase_add_test(tcase, test_greedy_newcomer);
	tcase_add_loop_test(tcase, test_victim_is_where_most_are, 0, 3);
	tcase_add_test(tcase, test_victim_is_of_the_flood);
	suite_add_tcase(suite, tcase);
	return suite;
}
