/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keeper, with workers honest and taken over. */
#include "daemon/keeper.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon/keeper_link.h"
#include "daemon/keeper_wire.h"
#include "server/keys.h"
#include "support/run.h"
#include "support/tempdir.h"

#define KEEPERS 2

static struct tempdir dir;
static struct obol_log quiet;
static struct obol_keeper_table *table;
static struct obol_ceiling_rates rates;
static struct {
	pid_t pid;
	int fd;
} keepers[KEEPERS];

static void drop_line(struct obol_log *log, enum obol_log_level level,
					  const char *line)
{
	(void)log;
	(void)level;
	(void)line;
}

static void setup(void)
{
	char why[256];

	tempdir_init(&dir);
	quiet.write = drop_line;
	ck_assert_int_eq(obol_server_keys_create(tempdir_file(&dir, "keys"),
											 obol_rng_system(), 1800000000, why,
											 sizeof(why)),
					 OBOL_OK);
	ck_assert_int_eq(obol_keeper_table_new(4096, obol_rng_system(), &table),
					 OBOL_OK);
	rates.per_slot = 40;
	rates.per_second = 1000;
}

static void keeper_start(unsigned i)
{
	struct obol_keeper_options options = {
		.keys_path = tempdir_file(&dir, "keys"),
		.rates = rates,
		.clock = obol_clock_system(),
		.log = &quiet,
	};
	int ends[2];

	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	obol_keeper_table_share(table, true);
	keepers[i].pid = fork();
	ck_assert_int_ge(keepers[i].pid, 0);
	if (keepers[i].pid == 0)
	{
		int keep[] = { ends[1] };

		options.worker_fd = ends[1];
		options.table = table;
		obol_privileges_keep_only(keep, 1);
		_exit(obol_keeper_run(&options));
	}
	obol_keeper_table_share(table, false);
	(void)close(ends[1]);
	keepers[i].fd = ends[0];
}

/* Its exit code, or -1 for a signal. */
static int keeper_wait(unsigned i)
{
	int wait_status = 0;

	ck_assert_int_eq(waitpid(keepers[i].pid, &wait_status, 0), keepers[i].pid);
	keepers[i].pid = 0;
	return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
}

static int keeper_end(unsigned i)
{
	(void)close(keepers[i].fd);
	return keeper_wait(i);
}

static void keeper_kill(unsigned i)
{
	ck_assert_int_eq(kill(keepers[i].pid, SIGKILL), 0);
	ck_assert_int_eq(keeper_wait(i), -1);
	(void)close(keepers[i].fd);
}

static void teardown(void)
{
	unsigned i;

	for (i = 0; i < KEEPERS; i++)
	{
		if (keepers[i].pid)
		{
			(void)keeper_end(i);
		}
	}
	obol_keeper_table_free(table);
	tempdir_clear(&dir);
}

/* As a worker passes a client's keyshare on. */
static struct obol_bytes uncompressed(const uint8_t in[OBOL_OPAQUE_NPK],
									  uint8_t out[OBOL_P256_UNCOMPRESSED_LEN])
{
	struct obol_p256_point point;

	ck_assert_int_eq(obol_p256_decode(obol_bytes(in, OBOL_OPAQUE_NPK), &point),
					 OBOL_OK);
	obol_p256_encode_uncompressed(out, &point);
	return obol_bytes(out, OBOL_P256_UNCOMPRESSED_LEN);
}

/* As a login does it. */
static enum obol_status
evaluate_and_dh(struct obol_opaque_keys *ops, uint32_t key_number,
				struct obol_bytes id, struct obol_bytes blinded, uint8_t *out,
				struct obol_bytes keyshare, struct obol_secret *shared)
{
	enum obol_status status =
		ops->ask_login(ops, key_number, id, blinded, keyshare);

	return status == OBOL_OK ? ops->take_login(ops, out, shared) : status;
}

/* What a worker sends as it likes. */
static enum obol_status ask(unsigned keeper, enum obol_keeper_operation what,
							unsigned identifier, const uint8_t *in,
							uint8_t *point)
{
	struct obol_keeper_request request = { .operation = what, .key_number = 1 };
	uint8_t out[OBOL_KEEPER_REQUEST_LEN], answer[OBOL_KEEPER_ANSWER_LEN];
	struct obol_keeper_points points;
	enum obol_status status;
	ssize_t n;

	memcpy(request.identifier, &identifier, sizeof(identifier));
	memcpy(request.point, in, sizeof(request.point));
	(void)uncompressed(in, request.keyshare);
	obol_keeper_request_encode(&request, out);
	if (send(keepers[keeper].fd, out, sizeof(out), MSG_NOSIGNAL) !=
		(ssize_t)sizeof(out))
	{
		return OBOL_ERR_IO;
	}
	n = recv(keepers[keeper].fd, answer, sizeof(answer), 0);
	status = n > 0 ? obol_keeper_answer_decode(obol_bytes(answer, (size_t)n),
											   &points)
				   : OBOL_ERR_IO;
	if (status == OBOL_OK)
	{
		memcpy(point, points.point, sizeof(points.point));
	}
	return status;
}

/* Some point of the curve. */
static void some_point(uint8_t point[OBOL_OPAQUE_NPK])
{
	struct obol_secret *secret = NULL;

	ck_assert_int_eq(
		obol_opaque_generate_key_pair(obol_rng_system(), &secret, point),
		OBOL_OK);
	obol_secret_free(secret);
}

/* How often one identifier gets what it asks for now. */
static unsigned times(unsigned keeper, enum obol_keeper_operation what,
					  unsigned identifier, unsigned max)
{
	uint8_t in[OBOL_OPAQUE_NPK], out[OBOL_OPAQUE_NPK];
	unsigned n = 0;

	some_point(in);
	while (n < max && ask(keeper, what, identifier, in, out) == OBOL_OK)
	{
		n++;
	}
	return n;
}

static unsigned guesses(unsigned keeper, unsigned identifier, unsigned max)
{
	return times(keeper, OBOL_KEEPER_EVALUATE, identifier, max);
}

/*
 * Honest workers
 */

START_TEST(test_same_as_the_keys)
{
	struct obol_secret *x = obol_secret_new(OBOL_OPAQUE_NPK);
	struct obol_secret *y = obol_secret_new(OBOL_OPAQUE_NPK);
	uint8_t a[OBOL_OPAQUE_NPK], b[OBOL_OPAQUE_NPK], in[OBOL_OPAQUE_NPK];
	uint8_t other[OBOL_OPAQUE_NPK], whole[OBOL_P256_UNCOMPRESSED_LEN];
	struct obol_keeper_link *link = NULL;
	struct obol_opaque_keys *far, *near;
	struct obol_server_keys *keys = NULL;
	struct obol_bytes id = obol_bytes("identifier of thirty-two bytes..", 32);
	char why[256];

	keeper_start(0);
	some_point(in);
	ck_assert_int_eq(obol_keeper_link_new(keepers[0].fd, &link), OBOL_OK);
	ck_assert_int_eq(obol_server_keys_load(tempdir_file(&dir, "keys"), &keys,
										   why, sizeof(why)),
					 OBOL_OK);
	far = obol_keeper_link_operations(link);
	near = obol_server_keys_operations(keys);
	ck_assert_uint_eq(obol_keeper_link_current(link), 1);
	ck_assert_int_eq(far->public_key(far, 1, a), OBOL_OK);
	ck_assert_int_eq(near->public_key(near, 1, b), OBOL_OK);
	ck_assert_mem_eq(a, b, sizeof(a));
	ck_assert_int_eq(
		far->oprf_evaluate(far, 1, id, obol_bytes(in, sizeof(in)), a), OBOL_OK);
	ck_assert_int_eq(
		near->oprf_evaluate(near, 1, id, obol_bytes(in, sizeof(in)), b),
		OBOL_OK);
	ck_assert_mem_eq(a, b, sizeof(a));
	ck_assert_int_eq(far->static_dh(far, 1, obol_bytes(in, sizeof(in)), x),
					 OBOL_OK);
	ck_assert_int_eq(near->static_dh(near, 1, obol_bytes(in, sizeof(in)), y),
					 OBOL_OK);
	ck_assert_mem_eq(obol_secret_ptr(x), obol_secret_ptr(y), OBOL_OPAQUE_NPK);
	/* both at once, with another point for each */
	some_point(other);
	ck_assert_int_eq(evaluate_and_dh(far, 1, id,
									 obol_bytes(other, sizeof(other)), a,
									 uncompressed(in, whole), x),
					 OBOL_OK);
	ck_assert_int_eq(
		near->oprf_evaluate(near, 1, id, obol_bytes(other, sizeof(other)), b),
		OBOL_OK);
	ck_assert_mem_eq(a, b, sizeof(a));
	ck_assert_mem_eq(obol_secret_ptr(x), obol_secret_ptr(y), OBOL_OPAQUE_NPK);
	obol_server_keys_free(keys);
	obol_keeper_link_free(link);
	obol_secret_free(x);
	obol_secret_free(y);
	ck_assert_int_eq(keeper_end(0), 0);
}
END_TEST

START_TEST(test_what_link_and_keeper_refuse)
{
	struct obol_secret *x = obol_secret_new(OBOL_OPAQUE_NPK);
	struct obol_secret *small = obol_secret_new(OBOL_OPAQUE_NPK - 1);
	uint8_t out[OBOL_OPAQUE_NPK], in[OBOL_OPAQUE_NPK], off[OBOL_OPAQUE_NPK];
	uint8_t good[OBOL_P256_UNCOMPRESSED_LEN], bad[OBOL_P256_UNCOMPRESSED_LEN];
	struct obol_bytes id = obol_bytes("identifier of thirty-two bytes..", 32);
	struct obol_bytes point = obol_bytes(in, sizeof(in)), whole;
	struct obol_keeper_link *link = NULL;
	struct obol_opaque_keys *ops;

	memset(off, 0xff, sizeof(off));
	keeper_start(0);
	some_point(in);
	whole = uncompressed(in, good);
	memcpy(bad, good, sizeof(bad));
	bad[sizeof(bad) - 1] ^= 1; /* beside the curve */
	ck_assert_int_eq(obol_keeper_link_new(keepers[0].fd, &link), OBOL_OK);
	ops = obol_keeper_link_operations(link);
	ck_assert_int_eq(ops->public_key(ops, 2, out), OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(ops->oprf_evaluate(ops, 2, id, point, out),
					 OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(ops->static_dh(ops, 2, point, x), OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(
		ops->oprf_evaluate(ops, 1, obol_bytes(id.ptr, 31), point, out),
		OBOL_ERR_ARG);
	ck_assert_int_eq(ops->static_dh(ops, 1, point, small), OBOL_ERR_ARG);
	ck_assert_int_eq(ops->oprf_evaluate(ops, 1, id, obol_bytes(in, 32), out),
					 OBOL_ERR_FORMAT);
	ck_assert_int_eq(
		ops->oprf_evaluate(ops, 1, id, obol_bytes(off, sizeof(off)), out),
		OBOL_ERR_FORMAT);
	ck_assert_int_eq(ops->static_dh(ops, 1, obol_bytes(off, sizeof(off)), x),
					 OBOL_ERR_FORMAT);
	ck_assert_int_eq(evaluate_and_dh(ops, 2, id, point, out, whole, x),
					 OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(
		evaluate_and_dh(ops, 1, obol_bytes(id.ptr, 31), point, out, whole, x),
		OBOL_ERR_ARG);
	ck_assert_int_eq(evaluate_and_dh(ops, 1, id, point, out, whole, small),
					 OBOL_ERR_ARG);
	ck_assert_int_eq(evaluate_and_dh(ops, 1, id, point, out, point, x),
					 OBOL_ERR_FORMAT);
	ck_assert_int_eq(evaluate_and_dh(ops, 1, id, point, out,
									 obol_bytes(bad, sizeof(bad)), x),
					 OBOL_ERR_FORMAT);
	ck_assert_int_eq(evaluate_and_dh(ops, 1, id, obol_bytes(off, sizeof(off)),
									 out, whole, x),
					 OBOL_ERR_FORMAT);
	/* one answer for each request, before anything else is asked */
	ck_assert_int_eq(ops->take_login(ops, out, x), OBOL_ERR_ARG);
	ck_assert_int_eq(ops->ask_login(ops, 1, id, point, whole), OBOL_OK);
	ck_assert_int_eq(ops->ask_login(ops, 1, id, point, whole), OBOL_ERR_ARG);
	ck_assert_int_eq(ops->static_dh(ops, 1, point, x), OBOL_ERR_ARG);
	ck_assert_int_eq(ops->take_login(ops, out, x), OBOL_OK);
	ck_assert_int_eq(ops->take_login(ops, out, x), OBOL_ERR_ARG);
	/* and goes on */
	ck_assert(!obol_keeper_link_is_broken(link));
	ck_assert_int_eq(ops->oprf_evaluate(ops, 1, id, point, out), OBOL_OK);
	obol_keeper_link_free(link);
	obol_secret_free(small);
	obol_secret_free(x);
}
END_TEST

START_TEST(test_killed_keeper)
{
	uint8_t out[OBOL_OPAQUE_NPK], in[OBOL_OPAQUE_NPK];
	struct obol_bytes id = obol_bytes("identifier of thirty-two bytes..", 32);
	struct obol_keeper_link *link = NULL;
	struct obol_opaque_keys *ops;

	keeper_start(0);
	some_point(in);
	ck_assert_int_eq(obol_keeper_link_new(keepers[0].fd, &link), OBOL_OK);
	ops = obol_keeper_link_operations(link);
	ck_assert_int_eq(kill(keepers[0].pid, SIGKILL), 0);
	ck_assert_int_eq(keeper_wait(0), -1);
	ck_assert_int_eq(
		ops->oprf_evaluate(ops, 1, id, obol_bytes(in, sizeof(in)), out),
		OBOL_ERR_IO);
	ck_assert(obol_keeper_link_is_broken(link));
	obol_keeper_link_free(link);
	(void)close(keepers[0].fd);
}
END_TEST

/* A second key is there, and the first one's last day is past. */
START_TEST(test_ended_key)
{
	struct obol_secret *x = obol_secret_new(OBOL_OPAQUE_NPK);
	uint8_t out[OBOL_OPAQUE_NPK], in[OBOL_OPAQUE_NPK];
	struct obol_bytes id = obol_bytes("identifier of thirty-two bytes..", 32);
	struct obol_bytes point = obol_bytes(in, sizeof(in));
	struct obol_keeper_link *link = NULL;
	struct obol_opaque_keys *ops;
	uint32_t number = 0;
	char why[256];

	ck_assert_int_eq(obol_server_keys_add(tempdir_file(&dir, "keys"),
										  obol_rng_system(), 1, 2, &number, why,
										  sizeof(why)),
					 OBOL_OK);
	keeper_start(0);
	some_point(in);
	ck_assert_int_eq(obol_keeper_link_new(keepers[0].fd, &link), OBOL_OK);
	ops = obol_keeper_link_operations(link);
	ck_assert_uint_eq(obol_keeper_link_current(link), 2);
	ck_assert_int_eq(ops->oprf_evaluate(ops, 1, id, point, out),
					 OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(ops->static_dh(ops, 1, point, x), OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(ops->oprf_evaluate(ops, 2, id, point, out), OBOL_OK);
	ck_assert_int_eq(ops->static_dh(ops, 2, point, x), OBOL_OK);
	obol_keeper_link_free(link);
	obol_secret_free(x);
}
END_TEST

START_TEST(test_without_key_file)
{
	struct obol_keeper_link *link = NULL;

	ck_assert_int_eq(unlink(tempdir_file(&dir, "keys")), 0);
	keeper_start(0);
	ck_assert_int_eq(obol_keeper_link_new(keepers[0].fd, &link), OBOL_ERR_IO);
	ck_assert_int_eq(keeper_wait(0), EXIT_FAILURE);
	(void)close(keepers[0].fd);
}
END_TEST

/*
 * A worker that was taken over
 */

START_TEST(test_ceiling_of_one)
{
	keeper_start(0);
	ck_assert_uint_eq(guesses(0, 1, 1000), rates.per_slot);
	ck_assert_uint_eq(guesses(0, 1, 1000), 0);
	ck_assert_uint_eq(guesses(0, 2, 10), 10);
}
END_TEST

START_TEST(test_ceiling_counts_logins)
{
	keeper_start(0);
	ck_assert_uint_eq(times(0, OBOL_KEEPER_LOGIN, 1, 30), 30);
	ck_assert_uint_eq(guesses(0, 1, 1000), rates.per_slot - 30);
	ck_assert_uint_eq(times(0, OBOL_KEEPER_LOGIN, 1, 10), 0);
	ck_assert_uint_eq(times(0, OBOL_KEEPER_LOGIN, 2, 10), 10);
}
END_TEST

START_TEST(test_ceiling_is_shared_and_outlives_keepers)
{
	keeper_start(0);
	keeper_start(1);
	ck_assert_uint_eq(guesses(0, 1, 25), 25);
	ck_assert_uint_eq(guesses(1, 1, 1000), rates.per_slot - 25);
	ck_assert_uint_eq(guesses(0, 1, 1000), 0);
	keeper_kill(0);
	keeper_kill(1);
	keeper_start(0);
	ck_assert_uint_eq(guesses(0, 1, 1000), 0);
	ck_assert_uint_eq(guesses(0, 2, 10), 10);
}
END_TEST

/* Killed at any moment, in the hope that it had not counted yet. */
START_TEST(test_kill_gains_no_guess)
{
	uint8_t in[OBOL_OPAQUE_NPK], out[OBOL_OPAQUE_NPK];
	unsigned i, n = 0;

	some_point(in);
	for (i = 0; i < 60; i++)
	{
		struct timespec pause = { 0, 200000L + (long)(i * 7919 % 41) * 20000L };

		keeper_start(0);
		/* let it get as far as it likes with another identifier */
		(void)!ask(0, OBOL_KEEPER_EVALUATE, 7, in, out);
		if (fork() == 0)
		{
			(void)nanosleep(&pause, NULL);
			(void)kill(keepers[0].pid, SIGKILL);
			_exit(0);
		}
		while (ask(0, OBOL_KEEPER_EVALUATE, 1, in, out) == OBOL_OK)
		{
			n++;
		}
		keeper_kill(0);
		(void)wait(NULL);
	}
	ck_assert_uint_le(n, rates.per_slot);
	keeper_start(0);
	n += guesses(0, 1, 1000);
	ck_assert_uint_le(n, rates.per_slot);
	ck_assert_uint_eq(guesses(0, 2, 10), 10);
}
END_TEST

START_TEST(test_ceiling_in_all)
{
	uint8_t in[OBOL_OPAQUE_NPK], out[OBOL_OPAQUE_NPK];
	unsigned n = 0;

	rates.per_second = 1;
	keeper_start(0);
	some_point(in);
	/* each identifier but once; what drains meanwhile comes on top */
	while (n < 1000 && ask(0, OBOL_KEEPER_EVALUATE, n, in, out) == OBOL_OK)
	{
		n++;
	}
	ck_assert_uint_ge(n, OBOL_CEILING_BURST_S);
	ck_assert_uint_le(n, OBOL_CEILING_BURST_S + 10);
	n = 0;
	while (n < 1000 && ask(0, OBOL_KEEPER_DH, 0, in, out) == OBOL_OK)
	{
		n++;
	}
	ck_assert_uint_ge(n, OBOL_CEILING_BURST_S);
	ck_assert_uint_le(n, OBOL_CEILING_BURST_S + 10);
}
END_TEST

/* clang-format off */
static const struct {
	const char *what;
	size_t len;
	uint8_t first;
} bad[] = {
	{ "one byte", 1, OBOL_KEEPER_EVALUATE },
	{ "cut short", OBOL_KEEPER_REQUEST_LEN - 1, OBOL_KEEPER_EVALUATE },
	{ "one byte too long", OBOL_KEEPER_REQUEST_LEN + 1, OBOL_KEEPER_EVALUATE },
	{ "far too long", 4000, OBOL_KEEPER_EVALUATE },
	{ "no operation", OBOL_KEEPER_REQUEST_LEN, 0 },
	{ "unknown operation", OBOL_KEEPER_REQUEST_LEN, OBOL_KEEPER_LOGIN + 1 },
};
/* clang-format on */

START_TEST(test_bad_request)
{
	uint8_t message[4096] = { bad[_i].first };
	uint8_t in[8];

	keeper_start(0);
	ck_assert_int_eq(send(keepers[0].fd, message, bad[_i].len, MSG_NOSIGNAL),
					 (ssize_t)bad[_i].len);
	ck_assert_msg(recv(keepers[0].fd, in, sizeof(in), 0) == 0, "%s",
				  bad[_i].what);
	ck_assert_msg(keeper_wait(0) == EXIT_FAILURE, "%s", bad[_i].what);
	(void)close(keepers[0].fd);
}
END_TEST

/* Reading it in another process: the signal that ends that one, 0 for none. */
static int touch_table(bool is_shared)
{
	uint8_t id[OBOL_CEILING_ID_LEN] = { 0 };
	int wait_status;
	pid_t pid;

	obol_keeper_table_share(table, is_shared);
	pid = fork();
	if (pid == 0)
	{
		(void)signal(SIGSEGV, SIG_DFL);
		(void)!obol_keeper_table_take(table, &rates, id, 1);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &wait_status, 0), pid);
	return WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
}

START_TEST(test_workers_do_not_have_the_table)
{
	ck_assert_int_eq(touch_table(true), 0);
	ck_assert_int_eq(touch_table(false), SIGSEGV);
}
END_TEST

Suite *keeper_suite(void);

Suite *keeper_suite(void)
{
	Suite *suite = suite_create("keeper");
	TCase *tcase = tcase_create("honest");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_same_as_the_keys);
	tcase_add_test(tcase, test_what_link_and_keeper_refuse);
	tcase_add_test(tcase, test_killed_keeper);
	tcase_add_test(tcase, test_ended_key);
	tcase_add_test(tcase, test_without_key_file);
	suite_add_tcase(suite, tcase);
	tcase = tcase_create("taken over");
	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_ceiling_of_one);
	tcase_add_test(tcase, test_ceiling_counts_logins);
	tcase_add_test(tcase, test_ceiling_is_shared_and_outlives_keepers);
	tcase_add_test(tcase, test_kill_gains_no_guess);
	tcase_add_test(tcase, test_ceiling_in_all);
	tcase_add_loop_test(tcase, test_bad_request, 0,
						sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tcase, test_workers_do_not_have_the_table);
	suite_add_tcase(suite, tcase);
	return suite;
}
