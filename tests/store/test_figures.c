/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The test write, how much there is, and what is counted of operations. */
#include "store/store_figures.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/fixture.h"
#include "store/store_queue.h"
#include "store/store_revocation.h"
#include "support/run.h"

Suite *store_figures_suite(void);

#define DAY ((uint64_t)86400)

static struct fixture f;

static void issue(int64_t account_id, uint8_t serial, uint64_t not_after)
{
	struct obol_store_issued issued = {
		.in = { .request = as_password(account_id),
				.serial = { serial },
				.serial_len = 1,
				.subject = obol_bytes_str("CN=moon"),
				.not_after = not_after }
	};

	if (!account_id)
	{
		issued.in.request = (struct obol_store_request){ .now = NOW };
	}
	RUN(&f, OBOL_STORE_ISSUED, &issued, OBOL_OK);
}

static struct obol_store_count count(void)
{
	struct obol_store_count arg = { .in = { .now = NOW } };

	RUN(&f, OBOL_STORE_COUNT, &arg, OBOL_OK);
	return arg;
}

START_TEST(test_empty)
{
	static const struct obol_store_count nothing = { .in = { .now = NOW } };
	struct obol_store_count arg;

	fixture_init(&f, _i);
	arg = count();
	ck_assert_mem_eq(&arg, &nothing, sizeof(arg));
	fixture_clear(&f);
}
END_TEST

START_TEST(test_accounts)
{
	struct obol_store_account_set_state state = {
		.in = { .state = OBOL_ACCOUNT_DISABLED, .now = NOW }
	};
	struct obol_store_count arg;

	fixture_init(&f, _i);
	(void)add_account(&f, "waits-for-its-user");
	(void)add_active(&f, "alice");
	(void)add_active(&f, "bob");
	state.in.account_id = add_active(&f, "carol");
	RUN(&f, OBOL_STORE_ACCOUNT_SET_STATE, &state, OBOL_OK);
	arg = count();
	ck_assert_uint_eq(arg.out.n_active, 2);
	ck_assert_uint_eq(arg.out.n_not_activated, 1);
	ck_assert_uint_eq(arg.out.n_disabled, 1);
	ck_assert_uint_eq(arg.out.n_expired, 0);
	ck_assert_uint_eq(arg.out.n_waiting, 0);
	ck_assert_uint_eq(arg.out.n_devices, 3);
	fixture_clear(&f);
}
END_TEST

/* An account's newest counts; what has ended does not, nor what is revoked. */
START_TEST(test_certificates)
{
	int64_t alice, bob;
	struct obol_store_certificate_revoke revoke = {
		.in = { .serial = { 4 }, .serial_len = 1, .now = NOW }
	};
	struct obol_store_count arg;

	fixture_init(&f, _i);
	alice = add_active(&f, "alice");
	bob = add_active(&f, "bob");
	issue(alice, 1, NOW + DAY / 2);
	issue(bob, 2, NOW + 6 * DAY);
	arg = count();
	ck_assert_uint_eq(arg.out.n_ending[0], 1);
	ck_assert_uint_eq(arg.out.n_ending[1], 2);
	ck_assert_uint_eq(arg.out.n_ending[2], 2);
	ck_assert_uint_eq(arg.out.gateway_not_after, 0);

	issue(alice, 3, NOW + 31 * DAY);
	issue(bob, 4, NOW + 32 * DAY);
	RUN(&f, OBOL_STORE_CERTIFICATE_REVOKE, &revoke, OBOL_OK);
	arg = count();
	ck_assert_uint_eq(arg.out.n_ending[0], 0);
	ck_assert_uint_eq(arg.out.n_ending[1], 1);
	ck_assert_uint_eq(arg.out.n_ending[2], 1);

	/* of a gateway's, the newest too */
	issue(0, 5, NOW + DAY);
	issue(0, 6, NOW + 90 * DAY);
	arg = count();
	ck_assert_uint_eq(arg.out.gateway_not_after, NOW + 90 * DAY);
	ck_assert_uint_eq(arg.out.n_ending[1], 1);
	fixture_clear(&f);
}
END_TEST

START_TEST(test_probe)
{
	struct obol_store_probe probe = { .in = { .now = NOW } };

	fixture_init(&f, _i);
	RUN(&f, OBOL_STORE_PROBE, &probe, OBOL_OK);
	probe.in.now++;
	RUN(&f, OBOL_STORE_PROBE, &probe, OBOL_OK);
	fixture_clear(&f);
}
END_TEST

/*
 * What is counted
 */

static struct obol_readings readings;

static void look(const struct obol_meter *meter)
{
	memset(&readings, 0, sizeof(readings));
	obol_readings_add(&readings, meter, true);
}

static uint64_t n_durations(void)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i <= OBOL_METRIC_BUCKETS; i++)
	{
		n += readings.cells[OBOL_METRIC_AT_STORE_DURATION + i];
	}
	return n;
}

/* A failed login is counted, but its time is not told. */
START_TEST(test_measured)
{
	struct obol_meter *meter = calloc(1, sizeof(*meter));
	struct obol_store_login_failed failed = { .in = { .now = NOW } };
	struct obol_store_account_find find = { .in = { .name = obol_bytes_str(
														"nobody") } };
	struct obol_store_probe probe = { .in = { .now = NOW } };

	fixture_init(&f, _i);
	ck_assert_ptr_nonnull(meter);
	f.store->meter = meter;
	RUN(&f, OBOL_STORE_PROBE, &probe, OBOL_OK);
	RUN(&f, OBOL_STORE_ACCOUNT_FIND, &find, OBOL_ERR_NOT_FOUND);
	look(meter);
	ck_assert_uint_eq(
		readings.cells[OBOL_METRIC_AT_STORE_OPERATIONS + OBOL_VERDICT_OK], 1);
	ck_assert_uint_eq(
		readings.cells[OBOL_METRIC_AT_STORE_OPERATIONS + OBOL_VERDICT_REFUSED],
		1);
	ck_assert_uint_eq(n_durations(), 2);
	RUN(&f, OBOL_STORE_LOGIN_FAILED, &failed, OBOL_OK);
	look(meter);
	ck_assert_uint_eq(
		readings.cells[OBOL_METRIC_AT_STORE_OPERATIONS + OBOL_VERDICT_OK], 2);
	ck_assert_uint_eq(n_durations(), 2);
	f.store->meter = NULL;
	free(meter);
	fixture_clear(&f);
}
END_TEST

/* Three at once are one group of three; PostgreSQL's store makes its groups
 * itself, and each of the three is counted once there too. */
START_TEST(test_group)
{
	struct obol_meter *meter = calloc(1, sizeof(*meter));
	struct obol_store_probe probe = { .in = { .now = NOW } };
	struct obol_store_op ops[3] = { { .verb = OBOL_STORE_PROBE },
									{ .verb = OBOL_STORE_PROBE },
									{ .verb = OBOL_STORE_PROBE } };
	struct obol_store *queue = NULL;
	bool gathers;
	size_t i;

	fixture_init(&f, _i);
	ck_assert_ptr_nonnull(meter);
	f.store->meter = meter;
	gathers = obol_store_descriptor(f.store) >= 0;
	ck_assert_int_eq(obol_store_queue_new(f.store, &queue), OBOL_OK);
	for (i = 0; i < 3; i++)
	{
		ops[i].arg.probe = &probe;
		obol_store_submit(queue, &ops[i]);
	}
	obol_store_flush(queue);
	obol_store_flush(queue); /* and an empty one is none */
	look(meter);
	ck_assert(gathers || readings.cells[OBOL_METRIC_AT_STORE_GROUP + 2] == 1);
	ck_assert_uint_eq(readings.cells[OBOL_METRIC_AT_STORE_GROUP_LAST], 3);
	ck_assert_uint_eq(n_durations(), 3);
	obol_store_close(queue);
	f.store = fixture_open(&f);
	free(meter);
	fixture_clear(&f);
}
END_TEST

Suite *store_figures_suite(void)
{
	Suite *s = suite_create("figures");
	TCase *tc = tcase_create("figures");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_empty, 0, N_BACKENDS);
	tcase_add_loop_test(tc, test_accounts, 0, N_BACKENDS);
	tcase_add_loop_test(tc, test_certificates, 0, N_BACKENDS);
	tcase_add_loop_test(tc, test_probe, 0, N_BACKENDS);
	tcase_add_loop_test(tc, test_measured, 0, N_BACKENDS);
	tcase_add_loop_test(tc, test_group, 0, N_BACKENDS);
	suite_add_tcase(s, tc);
	return s;
}
