/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection to PostgreSQL ends in the middle of a commit's answer, at each
 * byte of it: what was written is told as done, or as in doubt, and is there
 * once. */
#include "store/fixture.h"

#include "store/store_open.h"
#include "support/postgresql.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

Suite *store_postgresql_cut_suite(void);

/** Of backends[]. */
#define POSTGRESQL 1
#define PAIRS_MAX 16
#define CHUNK 65536

/** CommandComplete of COMMIT, and ReadyForQuery behind it. */
#define COMMITTED "C\0\0\0\13COMMIT\0"
#define COMMITTED_LEN 12
#define ANSWER_LEN (COMMITTED_LEN + 6)
/** What tells the kind and length of a message. */
#define HEAD_LEN 5

/** What the relay shall do to the next commit's answer; in memory that it
 * shares with the test. */
struct plan {
	atomic_bool is_armed;
	/** bytes of the answer that are passed on */
	size_t keep;
	/** the rest is passed on too, as bytes that nobody understands */
	bool garbles;
};

struct relay {
	struct tempdir dir;
	struct plan *plan;
	pid_t pid;
};

/*
 * In the relay's process
 */

static void write_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0)
	{
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
		{
			return;
		}
		bytes += n;
		len -= (size_t)n;
	}
}

/** Pass on what is there; false when the connection has ended. */
static bool pass(struct plan *plan, int from, int to, bool is_server)
{
	static uint8_t chunk[CHUNK];
	ssize_t n = recv(from, chunk, sizeof(chunk), 0);
	uint8_t *found = NULL;
	size_t len;

	if (n <= 0)
	{
		return false;
	}
	if (is_server && atomic_load(&plan->is_armed))
	{
		found = memmem(chunk, (size_t)n, COMMITTED, COMMITTED_LEN);
	}
	if (!found)
	{
		write_all(to, chunk, (size_t)n);
		return true;
	}
	atomic_store(&plan->is_armed, false);
	len = (size_t)(found - chunk) + plan->keep;
	if (plan->garbles)
	{
		memset(chunk + len, 0xff, (size_t)n - len);
		len = (size_t)n;
	}
	write_all(to, chunk, len);
	return false;
}

static struct sockaddr_un address_of(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	(void)strncpy(addr.sun_path, path, sizeof(addr.sun_path) - 1);
	return addr;
}

static int connect_to(const char *path)
{
	struct sockaddr_un addr = address_of(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0)
	{
		_exit(1);
	}
	return fd;
}

/** fds: who listens, then client and server of each connection. */
static void run_relay(struct plan *plan, int listener, const char *server)
{
	struct pollfd fds[1 + 2 * PAIRS_MAX] = { { listener, POLLIN, 0 } };
	nfds_t n = 1, i;

	while (poll(fds, n, -1) > 0)
	{
		for (i = 1; i < n; i++)
		{
			nfds_t other = i % 2 ? i + 1 : i - 1;

			if (fds[i].fd >= 0 && fds[i].revents &&
				!pass(plan, fds[i].fd, fds[other].fd, i % 2 == 0))
			{
				(void)close(fds[i].fd);
				(void)close(fds[other].fd);
				fds[i].fd = -1;
				fds[other].fd = -1;
			}
		}
		if (fds[0].revents && n + 2 <= sizeof(fds) / sizeof(fds[0]))
		{
			fds[n++] =
				(struct pollfd){ accept(listener, NULL, NULL), POLLIN, 0 };
			fds[n++] = (struct pollfd){ connect_to(server), POLLIN, 0 };
		}
	}
	_exit(1);
}

/*
 * In the test's
 */

static int listen_at(const char *path)
{
	struct sockaddr_un addr = address_of(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	ck_assert_int_eq(listen(fd, PAIRS_MAX), 0);
	return fd;
}

static void relay_start(struct relay *relay)
{
	char folder[80], server[100];
	int listener;

	ck_assert_int_eq(
		sscanf(postgresql_target("obol", "obol"), "host=%79s", folder), 1);
	(void)snprintf(server, sizeof(server), "%s/.s.PGSQL.5432", folder);
	tempdir_init(&relay->dir);
	listener = listen_at(tempdir_file(&relay->dir, ".s.PGSQL.5432"));
	relay->plan = mmap(NULL, sizeof(*relay->plan), PROT_READ | PROT_WRITE,
					   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(relay->plan != MAP_FAILED);
	relay->pid = fork();
	ck_assert_int_ge(relay->pid, 0);
	if (relay->pid == 0)
	{
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		run_relay(relay->plan, listener, server);
	}
	(void)close(listener);
}

static void relay_stop(struct relay *relay)
{
	(void)kill(relay->pid, SIGKILL);
	(void)waitpid(relay->pid, NULL, 0);
	(void)munmap(relay->plan, sizeof(*relay->plan));
	tempdir_clear(&relay->dir);
}

/** The fixture's database by way of the relay. */
static struct obol_store *open_by(const struct fixture *f,
								  const struct relay *relay)
{
	const char *database = strrchr(f->dir.path, '/') + 1;
	char target[512], why[512];
	struct obol_store_options options = {
		.database = target,
		.guess_rows_max = 1000,
		.rng = obol_rng_system(),
	};
	struct obol_store *store = NULL;
	const char *rest = strchr(postgresql_target(database, "obol"), ' ');

	(void)snprintf(target, sizeof(target), "host=%s%s", relay->dir.path, rest);
	ck_assert_msg(obol_store_open(&options, &store, why, sizeof(why)) ==
					  OBOL_OK,
				  "%s", why);
	return store;
}

static void check_cut(size_t keep, bool garbles, enum obol_status expected)
{
	struct obol_store_put arg;
	struct obol_store_list list;
	struct relay relay;
	struct obol_store *store;
	struct fixture f;
	int64_t id;

	fixture_init(&f, POSTGRESQL);
	id = add_active(&f, "alice");
	relay_start(&relay);
	store = open_by(&f, &relay);
	memset(&arg, 0, sizeof(arg));
	arg.in.request = as_password(id);
	arg.in.put.name = obol_bytes_str("vpn");
	arg.in.put.generation = 2;
	arg.in.put.sealed = obol_bytes_str("sealed");
	relay.plan->keep = keep;
	relay.plan->garbles = garbles;
	atomic_store(&relay.plan->is_armed, true);
	ck_assert_str_eq(
		obol_status_name(obol_store_run(store, OBOL_STORE_PUT, &arg)),
		obol_status_name(expected));
	ck_assert(!atomic_load(&relay.plan->is_armed));
	/* it is done, once, and the next one finds another connection */
	list.in = as_password(id);
	ck_assert_int_eq(obol_store_run(store, OBOL_STORE_LIST, &list), OBOL_OK);
	ck_assert_uint_eq(list.out.n_items, 1);
	ck_assert_uint_eq(list.out.items[0].version, 1);
	obol_store_close(store);
	relay_stop(&relay);
	fixture_clear(&f);
}

START_TEST(cut_off)
{
	check_cut((size_t)_i, false, _i < COMMITTED_LEN ? OBOL_ERR_IO : OBOL_OK);
}
END_TEST

START_TEST(garbled)
{
	check_cut((size_t)_i, true, OBOL_ERR_IO);
}
END_TEST

Suite *store_postgresql_cut_suite(void)
{
	Suite *suite = suite_create("store: postgresql, cut off");
	TCase *tc = tcase_create("cut");

	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, cut_off, 0, ANSWER_LEN + 1);
	tcase_add_loop_test(tc, garbled, 0, HEAD_LEN);
	suite_add_tcase(suite, tc);
	return suite;
}
