/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several processes on one store, and one that is killed. */
#include "store/fixture.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

Suite *store_race_suite(void);

#define N_PROCESSES 5
#define N_EACH 10

/** Exits with the number of guesses that it was given. */
static void reserve_all(struct fixture *f)
{
	struct obol_store *store = fixture_open(f);
	struct obol_store_login_begin begins[N_EACH];
	struct obol_store_op ops[N_EACH];
	int n = 0;
	int i;

	for (i = 0; i < N_EACH; i++)
	{
		begins[i] = (struct obol_store_login_begin){
			.in = { .name = obol_bytes_str("alice"),
					.kind = OBOL_SLOT_PASSWORD,
					.now = NOW }
		};
		ck_assert_int_eq(obol_store_guess_key(store, OBOL_SLOT_PASSWORD,
											  begins[i].in.name, NULL,
											  begins[i].in.guess_key),
						 OBOL_OK);
		ops[i] = (struct obol_store_op){ .verb = OBOL_STORE_LOGIN_BEGIN,
										 .arg.login_begin = &begins[i] };
		obol_store_submit(store, &ops[i]);
		if (i % 3 == 2 || i == N_EACH - 1)
		{
			obol_store_flush(store);
		}
	}
	for (i = 0; i < N_EACH; i++)
	{
		if (ops[i].status != OBOL_OK)
		{
			_exit(100);
		}
		n += begins[i].out.later_s == 0;
	}
	_exit(n);
}

/** Fifty at once, over five connections, get ten guesses between them. */
START_TEST(parallel_guesses)
{
	pid_t pids[N_PROCESSES];
	struct fixture f;
	int n = 0;
	int i;

	fixture_init(&f, _i);
	(void)add_active(&f, "alice");
	for (i = 0; i < N_PROCESSES; i++)
	{
		pids[i] = fork();
		ck_assert_int_ge(pids[i], 0);
		if (pids[i] == 0)
		{
			reserve_all(&f);
		}
	}
	for (i = 0; i < N_PROCESSES; i++)
	{
		int code;

		ck_assert_int_eq(waitpid(pids[i], &code, 0), pids[i]);
		ck_assert(WIFEXITED(code));
		n += WEXITSTATUS(code);
	}
	ck_assert_int_eq(n, OBOL_GUESS_FREE);
	fixture_clear(&f);
}
END_TEST

/** Two puts on one version: one is stored, the other told so. */
START_TEST(parallel_puts)
{
	struct obol_store *other;
	struct fixture f, g;
	int64_t id;
	int i;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	other = fixture_open(&f);
	g = f;
	g.store = other;
	for (i = 0; i < 10; i++)
	{
		ck_assert_int_eq(put(i % 2 ? &f : &g, id, "vpn", (uint64_t)i, "x"),
						 OBOL_OK);
		ck_assert_int_eq(put(i % 2 ? &g : &f, id, "vpn", (uint64_t)i, "x"),
						 OBOL_ERR_EXISTS);
	}
	obol_store_close(other);
	fixture_clear(&f);
}
END_TEST

/** Puts for ever, and writes each version that was acknowledged to the pipe. */
static void put_forever(struct fixture *f, int64_t id, uint64_t base_version,
						int fd)
{
	struct obol_store *store = fixture_open(f);
	struct obol_store_put arg = {
		.in = { .request = as_password(id),
				.put = { .name = obol_bytes_str("vpn"),
						 .base_version = base_version,
						 .generation = 2,
						 .sealed = obol_bytes_str("sealed") } }
	};

	while (obol_store_run(store, OBOL_STORE_PUT, &arg) == OBOL_OK)
	{
		arg.in.put.base_version = arg.out.version;
		if (write(fd, &arg.out.version, sizeof(arg.out.version)) < 0)
		{
			break;
		}
	}
	_exit(1);
}

static uint64_t read_last(int fd)
{
	uint64_t version, last = 0;

	while (read(fd, &version, sizeof(version)) == (ssize_t)sizeof(version))
	{
		last = version;
	}
	return last;
}

START_TEST(killed)
{
	uint64_t base_version = 0;
	struct fixture f;
	int64_t id;
	int round;

	fixture_init(&f, _i);
	id = add_active(&f, "alice");
	for (round = 0; round < 5; round++)
	{
		struct obol_store_list list = { .in = as_password(id) };
		uint64_t first, last;
		int fds[2];
		pid_t pid;

		ck_assert_int_eq(pipe(fds), 0);
		pid = fork();
		ck_assert_int_ge(pid, 0);
		if (pid == 0)
		{
			(void)close(fds[0]);
			put_forever(&f, id, base_version, fds[1]);
		}
		(void)close(fds[1]);
		ck_assert_int_eq(read(fds[0], &first, sizeof(first)), sizeof(first));
		(void)usleep(20000U * (unsigned)(round + 1));
		ck_assert_int_eq(kill(pid, SIGKILL), 0);
		ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
		last = read_last(fds[0]);
		last = last ? last : first;
		(void)close(fds[0]);

		/* all that was acknowledged is there, and at most one more */
		obol_store_close(f.store);
		f.store = fixture_open(&f);
		RUN(&f, OBOL_STORE_LIST, &list, OBOL_OK);
		ck_assert_uint_eq(list.out.n_items, 1);
		ck_assert_uint_ge(list.out.items[0].version, last);
		ck_assert_uint_le(list.out.items[0].version, last + 1);
		base_version = list.out.items[0].version;
	}
	fixture_clear(&f);
}
END_TEST

Suite *store_race_suite(void)
{
	Suite *suite = suite_create("store: race");
	TCase *tc = tcase_create("race");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, parallel_guesses, 0, N_BACKENDS);
	tcase_add_loop_test(tc, parallel_puts, 0, N_BACKENDS);
	tcase_add_loop_test(tc, killed, 0, N_BACKENDS);
	suite_add_tcase(suite, tc);
	return suite;
}
