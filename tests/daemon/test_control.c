/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control socket of a running obold: who gets in, and who cannot hold it
 * up. */
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/control.h"
#include "daemon/control_link.h"
#include "daemon/running.h"
#include "support/run.h"

/** nobody and nogroup, on every Linux. */
#define NOBODY 65534

static struct running r;
static struct obol_control_hello hello;
static char why[256];

static const char *path(void)
{
	return tempdir_file(&r.world.dir, "control");
}

static void configure(const char *group, unsigned changes)
{
	char extra[512];

	(void)snprintf(extra, sizeof(extra),
				   "control {\n\tsocket = \"%s\"\n\tgroup = \"%s\"\n"
				   "\tchanges_per_day = %u\n}\n",
				   path(), group, changes);
	running_configure(&r, extra);
}

static void setup(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	running_init(&r, "");
	configure(getgrgid(getegid())->gr_name, 2);
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
}

static void teardown(void)
{
	running_clear(&r);
}

static enum obol_status open_link(struct obol_store **store)
{
	return obol_control_link_new(path(), store, &hello, why, sizeof(why));
}

static enum obol_status find(struct obol_store *store, const char *name)
{
	struct obol_store_account_find arg = { .in.name = obol_bytes_str(name) };

	return obol_store_run(store, OBOL_STORE_ACCOUNT_FIND, &arg);
}

static int connect_raw(void)
{
	static const struct timeval limit = { 60, 0 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path());
	ck_assert_int_ge(fd, 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
	{
		(void)close(fd);
		return -1;
	}
	return fd;
}

static bool is_ended(int fd)
{
	char byte;

	return recv(fd, &byte, 1, 0) <= 0 && errno != EAGAIN;
}

START_TEST(test_a_help_desk)
{
	struct obol_store_slot_list *slots = calloc(1, sizeof(*slots));
	struct obol_store_account_list list = { .in.limit = 500 };
	struct obol_store_audit audit = { .in.account_id = 0 };
	struct obol_control_code code;
	struct obol_store *store = NULL;
	struct stat st;

	ck_assert_int_eq(stat(path(), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0660);
	ck_assert_uint_eq(st.st_gid, getegid());
	ck_assert_msg(open_link(&store) == OBOL_OK, "%s", why);
	ck_assert_str_eq(hello.server_name, "vpn.example.org");
	ck_assert_int_eq(find(store, "bob"), OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(find(store, "alice"), OBOL_OK);
	ck_assert_int_eq(obol_store_run(store, OBOL_STORE_SLOT_LIST, slots),
					 OBOL_OK);
	ck_assert_uint_eq(slots->out.n_slots, 1);
	ck_assert_int_eq(obol_store_run(store, OBOL_STORE_ACCOUNT_LIST, &list),
					 OBOL_OK);
	ck_assert_uint_eq(list.out.n_accounts, 1);
	ck_assert_str_eq(list.out.accounts[0].name, "alice");
	/* what is not a help desk's is not even asked for */
	ck_assert_int_eq(obol_store_run(store, OBOL_STORE_AUDIT, &audit),
					 OBOL_ERR_DENIED);
	ck_assert_int_eq(obol_control_unlock(store), OBOL_OK);
	ck_assert_int_eq(obol_control_reset(store, 3600, &code), OBOL_OK);
	obol_secret_free(code.text);
	/* the account is another one now */
	ck_assert_int_eq(obol_control_reset(store, 3600, &code), OBOL_ERR_EXISTS);
	ck_assert_int_eq(find(store, "alice"), OBOL_OK);
	ck_assert_int_eq(obol_control_reset(store, 3600, &code), OBOL_ERR_DENIED);
	obol_store_close(store);
	free(slots);
}
END_TEST

/* What a person has used up he has not back by a crash. */
START_TEST(test_killed)
{
	struct obol_control_code code;
	struct obol_store *store = NULL;
	pid_t pid;

	ck_assert_int_eq(open_link(&store), OBOL_OK);
	ck_assert_int_eq(find(store, "alice"), OBOL_OK);
	ck_assert_int_eq(obol_control_unlock(store), OBOL_OK);
	ck_assert_int_eq(obol_control_unlock(store), OBOL_OK);
	ck_assert_uint_eq(running_processes(&r, "obold-control", &pid, 1), 1);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert(running_says(&r, "control process"));
	ck_assert_int_eq(find(store, "alice"), OBOL_ERR_IO);
	obol_store_close(store);
	store = NULL;
	/* its successor has the same socket */
	ck_assert_msg(open_link(&store) == OBOL_OK, "%s", why);
	ck_assert_int_eq(find(store, "alice"), OBOL_OK);
	ck_assert_int_eq(obol_control_reset(store, 3600, &code), OBOL_ERR_DENIED);
	obol_store_close(store);
}
END_TEST

static const struct {
	const char *bytes;
	size_t len;
} garbage[] = {
	{ "", 1 },
	{ "\x0a", 1 },
	{ "GET / HTTP/1.0\r\n\r\n", 18 },
	{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	  17 },
};

START_TEST(test_garbage)
{
	static char large[4096];
	struct obol_store *store = NULL;
	pid_t before, after;
	int fd = connect_raw();

	ck_assert_uint_eq(running_processes(&r, "obold-control", &before, 1), 1);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_gt(send(fd, garbage[_i].bytes, garbage[_i].len, 0), 0);
	ck_assert(is_ended(fd));
	(void)close(fd);
	fd = connect_raw();
	ck_assert_int_gt(send(fd, large, sizeof(large), 0), 0);
	ck_assert(is_ended(fd));
	(void)close(fd);
	ck_assert(running_says(&r, "is no request"));
	ck_assert_int_eq(open_link(&store), OBOL_OK);
	obol_store_close(store);
	ck_assert_uint_eq(running_processes(&r, "obold-control", &after, 1), 1);
	ck_assert_int_eq(before, after);
}
END_TEST

/* As somebody else who may ask; the exit code of what he finds. */
static int run_as(uid_t uid, gid_t gid, int (*action)(void))
{
	int wait_status = 0;
	pid_t pid = fork();

	if (pid == 0)
	{
		_exit(setgroups(0, NULL) || setgid(gid) || setuid(uid) ? 99 : action());
	}
	ck_assert_int_eq(waitpid(pid, &wait_status, 0), pid);
	return WEXITSTATUS(wait_status);
}

static int ask_something(void)
{
	struct obol_store *store = NULL;
	enum obol_status status = open_link(&store);

	if (status == OBOL_OK)
	{
		status = find(store, "alice");
		obol_store_close(store);
	}
	return (int)status;
}

/* One who connects a hundred times and says nothing keeps nobody out. */
START_TEST(test_a_hundred_connections)
{
	unsigned i, n = 0;
	int fds[100];

	for (i = 0; i < 100; i++)
	{
		fds[i] = connect_raw();
	}
	/* the first ones are kept, within their time */
	for (i = OBOL_CONTROL_PEERS_EACH; i < 100; i++)
	{
		n += fds[i] < 0 || is_ended(fds[i]);
	}
	ck_assert_uint_eq(n, 100 - OBOL_CONTROL_PEERS_EACH);
	ck_assert_int_eq(ask_something(), OBOL_ERR_IO);
	if (geteuid() == 0)
	{
		ck_assert_int_eq(run_as(NOBODY, getegid(), ask_something), OBOL_OK);
	}
	for (i = 0; i < 100; i++)
	{
		(void)close(fds[i]);
	}
	ck_assert_int_eq(ask_something(), OBOL_OK);
	ck_assert(running_says(&r, "too many connections at once"));
}
END_TEST

/* He asks and asks, and reads no answer: his connection ends, and others are
 * served meanwhile. */
START_TEST(test_who_does_not_read)
{
	struct obol_control_request request = { .verb = OBOL_CONTROL_HELLO };
	struct obol_writer out;
	int fd = connect_raw();
	unsigned i;

	obol_writer_init(&out);
	obol_control_write_request(&out, &request);
	for (i = 0; i < 100000; i++)
	{
		if (send(fd, out.buf, out.len, MSG_NOSIGNAL) < 0)
		{
			break;
		}
	}
	ck_assert_uint_lt(i, 100000);
	ck_assert(errno == EPIPE || errno == ECONNRESET);
	ck_assert_int_eq(ask_something(), OBOL_OK);
	(void)close(fd);
	obol_writer_clear(&out);
}
END_TEST

START_TEST(test_not_of_the_group)
{
	if (geteuid() != 0)
	{
		return;
	}
	ck_assert_int_eq(run_as(NOBODY, NOBODY, ask_something), OBOL_ERR_DENIED);
	/* the permissions are not all there is */
	ck_assert_int_eq(chmod(path(), 0666), 0);
	ck_assert_int_eq(run_as(NOBODY, NOBODY, ask_something), OBOL_ERR_IO);
	ck_assert(running_says(&r, "not of the help desk's group"));
}
END_TEST

START_TEST(test_reload_and_end)
{
	struct obol_store *store = NULL;
	struct stat st;

	/* another socket takes its place, and the new process is its */
	ck_assert_int_eq(kill(r.pid, SIGHUP), 0);
	ck_assert(running_says(&r, "reloaded"));
	ck_assert_int_eq(open_link(&store), OBOL_OK);
	obol_store_close(store);
	/* one that cannot be: the present one goes on */
	configure("no-such-group", 2);
	ck_assert_int_eq(kill(r.pid, SIGHUP), 0);
	ck_assert(running_says(&r, "there is no group 'no-such-group'"));
	ck_assert(running_says(&r, "nothing was reloaded"));
	ck_assert_int_eq(ask_something(), OBOL_OK);
	ck_assert_int_eq(running_stop(&r), 0);
	ck_assert(stat(path(), &st) != 0);
	ck_assert_int_eq(open_link(&store), OBOL_ERR_NOT_FOUND);
}
END_TEST

/*
 * Who answers is not to be trusted either
 */

static const struct {
	const char *bytes;
	size_t len;
} answers[] = {
	/* no status, one that there is not, a body that is not there */
	{ "", 0 },
	{ "\x63", 1 },
	{ "\x00", 1 },
	/* server name, domain, lifetime, mode, key type, changes: a mode that there
	 * is not, a byte too many */
	{ "\x00\x00\x01v\x00\x01"
	  "e\x00\x00\x0e\x10\x09\x01\x00\x00\x00\x28",
	  17 },
	{ "\x00\x00\x01v\x00\x01"
	  "e\x00\x00\x0e\x10\x01\x01\x00\x00\x00\x28x",
	  18 },
	/* a name longer than its room */
	{ "\x00\x40\x00", 3 },
};

static void serve_one(int listener, size_t i)
{
	int fd = accept(listener, NULL, NULL);
	char in[512];

	if (recv(fd, in, sizeof(in), 0) > 0)
	{
		(void)!send(fd, answers[i].bytes, answers[i].len, 0);
	}
	_exit(0);
}

START_TEST(test_answers_of_others)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	const char *other = tempdir_file(&r.world.dir, "other");
	struct obol_store *store = NULL;
	pid_t pid;

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", other);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	pid = fork();
	if (pid == 0)
	{
		serve_one(fd, (size_t)_i);
	}
	ck_assert_int_eq(
		obol_control_link_new(other, &store, &hello, why, sizeof(why)),
		OBOL_ERR_IO);
	ck_assert_ptr_null(store);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	(void)close(fd);
}
END_TEST

Suite *control_suite(void);

Suite *control_suite(void)
{
	Suite *suite = suite_create("control");
	TCase *tcase = tcase_create("control");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_a_help_desk);
	tcase_add_test(tcase, test_killed);
	tcase_add_loop_test(tcase, test_garbage, 0,
						sizeof(garbage) / sizeof(garbage[0]));
	tcase_add_test(tcase, test_a_hundred_connections);
	tcase_add_test(tcase, test_who_does_not_read);
	tcase_add_test(tcase, test_not_of_the_group);
	tcase_add_test(tcase, test_reload_and_end);
	tcase_add_loop_test(tcase, test_answers_of_others, 0,
						sizeof(answers) / sizeof(answers[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
