/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the server counts of logins and requests. */
#include "server/world.h"

#include <stdlib.h>

#include "support/run.h"

Suite *measure_suite(void);

static struct world w;
static struct link l;
static struct obol_meter *meter;
static struct obol_readings readings;

static void setup(void)
{
	meter = calloc(1, sizeof(*meter));
	ck_assert_ptr_nonnull(meter);
	world_init(&w);
	w.options.meter = meter;
	world_start(&w);
	(void)world_add(&w, "alice");
}

static void teardown(void)
{
	world_clear(&w);
	free(meter);
}

static void look(void)
{
	memset(&readings, 0, sizeof(readings));
	obol_readings_add(&readings, meter, true);
}

static uint64_t logins(enum obol_metric_kind kind, enum obol_metric_login login)
{
	look();
	return readings.cells[obol_metric_cell(OBOL_METRIC_LOGINS, kind, login)];
}

static uint64_t requests(enum obol_metric_request request,
						 enum obol_metric_result result)
{
	size_t at = obol_metric_cell(OBOL_METRIC_REQUESTS, request, result), i;
	uint64_t n = 0;

	look();
	for (i = 0; i <= OBOL_METRIC_BUCKETS; i++)
	{
		n += readings.cells[at + i];
	}
	return n;
}

/** Requests of every kind and result. */
static uint64_t all_requests(void)
{
	unsigned request, result;
	uint64_t n = 0;

	for (request = 0; request < OBOL_REQUEST_N; request++)
	{
		for (result = 0; result < OBOL_RESULT_N; result++)
		{
			n += requests((enum obol_metric_request)request,
						  (enum obol_metric_result)result);
		}
	}
	return n;
}

START_TEST(test_login)
{
	link_open(&l, &w, NULL);
	ck_assert(link_login(&l, "alice", OBOL_SLOT_ACTIVATION, NULL, CODE));
	link_close(&l);
	ck_assert_uint_eq(logins(OBOL_KIND_ACTIVATION, OBOL_LOGIN_OK), 1);
	ck_assert_uint_eq(requests(OBOL_REQUEST_LOGIN_START, OBOL_RESULT_OK), 1);
	ck_assert_uint_eq(requests(OBOL_REQUEST_LOGIN_FINISH, OBOL_RESULT_OK), 1);
	ck_assert_uint_eq(requests(OBOL_REQUEST_INFO, OBOL_RESULT_OK), 1);
	ck_assert_uint_eq(all_requests(), 3);
}
END_TEST

/* A known name, an unknown one, a kind that the account has not got. */
static const struct {
	const char *name;
	enum obol_slot_kind kind;
} failures[] = {
	{ "alice", OBOL_SLOT_ACTIVATION },
	{ "bob", OBOL_SLOT_ACTIVATION },
	{ "alice", OBOL_SLOT_RECOVERY },
};

START_TEST(test_failures_are_one_class)
{
	link_open(&l, &w, NULL);
	ck_assert(
		!link_start(&l, failures[_i].name, failures[_i].kind, NULL, "wrong"));
	link_close(&l);
	ck_assert_uint_eq(logins((enum obol_metric_kind)(failures[_i].kind - 1),
							 OBOL_LOGIN_FAILED),
					  1);
	ck_assert_uint_eq(requests(OBOL_REQUEST_LOGIN_START, OBOL_RESULT_OK), 1);
	ck_assert_uint_eq(all_requests(), 1);
}
END_TEST

START_TEST(test_refused)
{
	world_set_state(&w, "alice", OBOL_ACCOUNT_DISABLED);
	link_open(&l, &w, NULL);
	ck_assert(!link_login(&l, "alice", OBOL_SLOT_ACTIVATION, NULL, CODE));
	link_close(&l);
	ck_assert_uint_eq(logins(OBOL_KIND_ACTIVATION, OBOL_LOGIN_REFUSED), 1);
	ck_assert_uint_eq(logins(OBOL_KIND_ACTIVATION, OBOL_LOGIN_FAILED), 0);
	ck_assert_uint_eq(requests(OBOL_REQUEST_LOGIN_FINISH, OBOL_RESULT_DENIED),
					  1);
}
END_TEST

/* The tenth guess is the last: later ones hit the limit, for any name. */
START_TEST(test_limit)
{
	const char *name = _i ? "bob" : "alice";
	unsigned i;

	for (i = 0; i < 12; i++)
	{
		link_open(&l, &w, NULL);
		ck_assert(!link_start(&l, name, OBOL_SLOT_ACTIVATION, NULL, "wrong"));
		link_close(&l);
	}
	look();
	ck_assert_uint_eq(readings.cells[OBOL_METRIC_AT_LATER + OBOL_LIMIT_NAME],
					  2);
	ck_assert_uint_eq(logins(OBOL_KIND_ACTIVATION, OBOL_LOGIN_LATER), 2);
	ck_assert_uint_eq(logins(OBOL_KIND_ACTIVATION, OBOL_LOGIN_FAILED), 10);
	ck_assert_uint_eq(requests(OBOL_REQUEST_LOGIN_START, OBOL_RESULT_DENIED),
					  2);
}
END_TEST

START_TEST(test_results)
{
	struct obol_request request = { .type = OBOL_GET };

	world_activate(&w, "alice");
	link_by_device(&l, &w, "alice");
	ck_assert_uint_eq(link_put(&l, "vpn", 0, 2, "sealed"), 1);
	ck_assert_uint_eq(link_put(&l, "vpn", 7, 2, "sealed"), 0);
	request.get.name = obol_bytes_str("nothing");
	(void)link_refused(&l, &request);
	(void)link_ask_type(&l, OBOL_LIST);
	link_close(&l);
	ck_assert_uint_eq(requests(OBOL_REQUEST_PUT, OBOL_RESULT_OK), 1);
	ck_assert_uint_eq(requests(OBOL_REQUEST_PUT, OBOL_RESULT_STALE), 1);
	ck_assert_uint_eq(requests(OBOL_REQUEST_GET, OBOL_RESULT_NOT_FOUND), 1);
	ck_assert_uint_eq(requests(OBOL_REQUEST_LIST, OBOL_RESULT_OK), 1);
	ck_assert_uint_eq(requests(OBOL_REQUEST_REKEY, OBOL_RESULT_OK), 1);
}
END_TEST

Suite *measure_suite(void)
{
	Suite *s = suite_create("measure");
	TCase *tc = tcase_create("measure");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_login);
	tcase_add_loop_test(tc, test_failures_are_one_class, 0, 3);
	tcase_add_test(tc, test_refused);
	tcase_add_loop_test(tc, test_limit, 0, 2);
	tcase_add_test(tc, test_results);
	suite_add_tcase(s, tc);
	return s;
}
