/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The board of meters, and what is made of it: is the server well? */
#include "daemon/board.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/health.h"
#include "support/run.h"

Suite *board_suite(void);

#define N_SLOTS 5
#define NOW_MS 100000

static struct obol_board *board;
static struct obol_readings readings;
static struct obol_health health;

static void setup(void)
{
	board = obol_board_new(N_SLOTS);
	ck_assert_ptr_nonnull(board);
}

static void teardown(void)
{
	obol_board_free(board);
}

static uint64_t total(void)
{
	obol_board_read(board, &readings);
	return readings.cells[OBOL_METRIC_AT_STORE_BUSY];
}

/** A child with a slot; it runs the action with its meter. */
static int run_child(obol_board_slot slot,
					 int (*action)(struct obol_meter *meter))
{
	static const struct rlimit none = { 0, 0 };
	int wait_status = 0;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
	{
		(void)setrlimit(RLIMIT_CORE, &none);
		(void)signal(SIGSEGV, SIG_DFL);
		(void)signal(SIGBUS, SIG_DFL);
		_exit(action(obol_board_enter(board, slot)));
	}
	obol_board_forked(board, slot, pid);
	ck_assert_int_eq(waitpid(pid, &wait_status, 0), pid);
	obol_board_ended(board, pid);
	return wait_status;
}

static int count_one(struct obol_meter *meter)
{
	obol_meter_add(meter, OBOL_METRIC_STORE_BUSY, 0, 0, 1);
	obol_meter_set(meter, OBOL_METRIC_CONNECTIONS_OPEN, 0, 9);
	return 0;
}

/* Totals go on over the end of a process, and over its successor; what was
 * open is not any more. */
START_TEST(test_totals_survive)
{
	unsigned i;
	int64_t open;

	for (i = 1; i <= 3; i++)
	{
		obol_board_slot slot = obol_board_take(board, OBOL_PROCESS_WORKER);

		ck_assert_int_ne(slot, OBOL_BOARD_NONE);
		ck_assert_int_eq(run_child(slot, count_one), 0);
		ck_assert_uint_eq(total(), i);
		ck_assert(obol_readings_gauge(&readings, OBOL_METRIC_CONNECTIONS_OPEN,
									  0, &open));
		ck_assert_int_eq(open, 0);
	}
}
END_TEST

static struct obol_meter *parents;
static struct obol_meter *another;

static int falsify_parent(struct obol_meter *meter)
{
	(void)meter;
	obol_meter_add(parents, OBOL_METRIC_STORE_BUSY, 0, 0, 1);
	return 0;
}

static int falsify_another(struct obol_meter *meter)
{
	(void)meter;
	obol_meter_add(another, OBOL_METRIC_STORE_BUSY, 0, 0, 1);
	return 0;
}

/* A process has its own meter and no other one. */
START_TEST(test_others_are_out_of_reach)
{
	obol_board_slot slot = obol_board_take(board, OBOL_PROCESS_WORKER);
	obol_board_slot other = obol_board_take(board, OBOL_PROCESS_WORKER);
	int wait_status;

	parents = obol_board_own(board);
	another = obol_board_meter(board, other);
	wait_status = run_child(slot, _i ? falsify_another : falsify_parent);
	ck_assert(WIFSIGNALED(wait_status));
	ck_assert_uint_eq(total(), 0);
}
END_TEST

static int watch(struct obol_meter *meter)
{
	return meter ? 1 : 0;
}

/* The monitor sees all and writes to its own. */
START_TEST(test_watch)
{
	obol_board_slot slot = obol_board_take(board, OBOL_PROCESS_MONITOR);
	int wait_status = 0;
	pid_t pid;

	parents = obol_board_own(board);
	obol_meter_add(parents, OBOL_METRIC_STORE_BUSY, 0, 0, 4);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
	{
		static const struct rlimit none = { 0, 0 };
		struct obol_meter *own = obol_board_watch(board, slot);

		(void)setrlimit(RLIMIT_CORE, &none);
		(void)signal(SIGSEGV, SIG_DFL);
		(void)count_one(own);
		if (total() != 5)
		{
			_exit(1);
		}
		(void)falsify_parent(own);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &wait_status, 0), pid);
	ck_assert_msg(WIFSIGNALED(wait_status), "status %x", (unsigned)wait_status);
	ck_assert_uint_eq(total(), 5);
}
END_TEST

/* More processes than slots: the last one does without. */
START_TEST(test_full)
{
	obol_board_slot last;
	unsigned i;

	for (i = 1; i < N_SLOTS; i++)
	{
		last = obol_board_take(board, OBOL_PROCESS_WORKER);
		ck_assert_int_ne(last, OBOL_BOARD_NONE);
		obol_board_forked(board, last, 1000 + (int)i);
	}
	ck_assert_int_eq(obol_board_take(board, OBOL_PROCESS_WORKER),
					 OBOL_BOARD_NONE);
	ck_assert_int_eq(run_child(OBOL_BOARD_NONE, watch), 0);
	obol_board_ended(board, 1001);
	ck_assert_int_ne(obol_board_take(board, OBOL_PROCESS_KEEPER),
					 OBOL_BOARD_NONE);
	(void)total();
	ck_assert_uint_eq(
		readings.cells[OBOL_METRIC_AT_PROCESSES + OBOL_PROCESS_WORKER], 3);
	ck_assert_uint_eq(
		readings.cells[OBOL_METRIC_AT_PROCESSES + OBOL_PROCESS_KEEPER], 1);
}
END_TEST

/* A fork that failed leaves nothing. */
START_TEST(test_not_forked)
{
	obol_board_forked(board, obol_board_take(board, OBOL_PROCESS_WORKER), -1);
	obol_board_forked(board, OBOL_BOARD_NONE, 7);
	obol_board_ended(board, 7);
	(void)total();
	ck_assert_uint_eq(
		readings.cells[OBOL_METRIC_AT_PROCESSES + OBOL_PROCESS_WORKER], 0);
	ck_assert_uint_eq(
		readings.cells[OBOL_METRIC_AT_PROCESSES + OBOL_PROCESS_PARENT], 1);
}
END_TEST

START_TEST(test_no_board)
{
	ck_assert_int_eq(obol_board_take(NULL, OBOL_PROCESS_WORKER),
					 OBOL_BOARD_NONE);
	ck_assert_ptr_null(obol_board_own(NULL));
	ck_assert_ptr_null(obol_board_enter(NULL, OBOL_BOARD_NONE));
	obol_board_ended(NULL, 7);
	obol_board_retire(NULL, 7);
	obol_board_free(NULL);
}
END_TEST

/*
 * Health
 */

/** A worker whose heart beat so long ago; 0: never yet. */
static void add_worker(pid_t pid, uint64_t age_ms)
{
	obol_board_slot slot = obol_board_take(board, OBOL_PROCESS_WORKER);

	obol_board_forked(board, slot, pid);
	obol_meter_set(obol_board_meter(board, slot), OBOL_METRIC_HEARTBEAT, 0,
				   age_ms ? (int64_t)(NOW_MS - age_ms) : 0);
}

static void check(void)
{
	obol_board_read(board, &readings);
	obol_health_check(board, &readings, NOW_MS, &health);
}

static void written(uint64_t age_ms)
{
	obol_meter_set(obol_board_own(board), OBOL_METRIC_WRITTEN, 0,
				   (int64_t)(NOW_MS - age_ms));
}

START_TEST(test_healthy)
{
	add_worker(1000, 900);
	add_worker(1001, OBOL_HEARTBEAT_MAX_MS);
	/* one that has not begun yet is not missed */
	add_worker(1002, 0);
	written(OBOL_WRITE_MAX_MS);
	obol_meter_set(obol_board_own(board), OBOL_METRIC_WRITE_FAILED, 0, 0);
	check();
	ck_assert_msg(health.is_good, "%s", health.why);
	ck_assert_str_eq(health.why, "ok");
	ck_assert(health.database_is_writable);
	ck_assert_uint_eq(health.n_workers, 2);
	ck_assert_uint_eq(health.heartbeat_age_ms, OBOL_HEARTBEAT_MAX_MS);
}
END_TEST

START_TEST(test_no_worker)
{
	written(0);
	check();
	ck_assert(!health.is_good);
	ck_assert(health.database_is_writable);
	ck_assert_str_eq(health.why, "no worker serves");
	add_worker(1000, 0);
	check();
	ck_assert(!health.is_good);
}
END_TEST

START_TEST(test_worker_hangs)
{
	add_worker(1000, 1);
	add_worker(1001, OBOL_HEARTBEAT_MAX_MS + 2000);
	written(0);
	check();
	ck_assert(!health.is_good);
	ck_assert_str_eq(health.why, "worker 1001 has not gone round its loop for "
								 "7 s");
	/* told to end, it may take its time */
	obol_board_retire(board, 1001);
	check();
	ck_assert_msg(health.is_good, "%s", health.why);
}
END_TEST

START_TEST(test_database)
{
	add_worker(1000, 1);
	check();
	ck_assert_str_eq(health.why, "the database has not been written yet");
	written(OBOL_WRITE_MAX_MS + 1);
	check();
	ck_assert(!health.is_good && !health.database_is_writable);
	ck_assert_str_eq(health.why, "the database could not be written for 12 s");
	written(1);
	obol_meter_set(obol_board_own(board), OBOL_METRIC_WRITE_FAILED, 0, 1);
	check();
	ck_assert(!health.is_good && !health.database_is_writable);
	ck_assert_str_eq(health.why, "the database cannot be written; obold's log "
								 "has why");
}
END_TEST

Suite *board_suite(void)
{
	Suite *s = suite_create("board");
	TCase *tc = tcase_create("board");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_totals_survive);
	tcase_add_loop_test(tc, test_others_are_out_of_reach, 0, 2);
	tcase_add_test(tc, test_watch);
	tcase_add_test(tc, test_full);
	tcase_add_test(tc, test_not_forked);
	tcase_add_test(tc, test_no_board);
	tcase_add_test(tc, test_healthy);
	tcase_add_test(tc, test_no_worker);
	tcase_add_test(tc, test_worker_hangs);
	tcase_add_test(tc, test_database);
	suite_add_tcase(s, tc);
	return s;
}
