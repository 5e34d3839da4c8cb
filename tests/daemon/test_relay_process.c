/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relay's process: it dies, is starved, and lives through reloads. */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/guest.h"

Suite *relay_process_suite(void);

static struct running r;

/* As the process's own user: root alone may not do it everywhere. */
static void limit_files(pid_t pid, rlim_t n)
{
	char path[64];
	struct stat st;
	int wait_status;
	pid_t helper;

	(void)snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	ck_assert_int_eq(stat(path, &st), 0);
	helper = fork();
	ck_assert_int_ge(helper, 0);
	if (helper == 0)
	{
		struct rlimit limit;

		_exit(setresgid(st.st_gid, st.st_gid, st.st_gid) == 0 &&
					  setresuid(st.st_uid, st.st_uid, st.st_uid) == 0 &&
					  prlimit(pid, RLIMIT_NOFILE, NULL, &limit) == 0 &&
					  (limit.rlim_cur = n ? n : limit.rlim_max) &&
					  prlimit(pid, RLIMIT_NOFILE, &limit, NULL) == 0
				  ? 0
				  : 1);
	}
	ck_assert_int_eq(waitpid(helper, &wait_status, 0), helper);
	ck_assert_int_eq(wait_status, 0);
}

/* Without descriptors the door stays shut, and nobody runs against it. */
START_TEST(no_descriptors)
{
	unsigned long used_ms;
	pid_t pids[4];
	int fds[3];
	size_t i;

	relay_start(&r, RELAY(""));
	ck_assert_uint_eq(running_processes(&r, "obold-relay", pids, 4), 1);
	/* it has more already */
	limit_files(pids[0], 4);
	for (i = 0; i < 3; i++)
	{
		fds[i] = guest_ask(OBOL_ROOM_OPEN, (uint32_t)i);
	}
	ck_assert_msg(running_says(&r, "nobody can be let in"), "%s",
				  running_log(&r));
	used_ms = running_cpu_ms(pids[0]);
	test_sleep(1000);
	ck_assert_uint_lt(running_cpu_ms(pids[0]) - used_ms, 300);
	/* they waited at the door */
	limit_files(pids[0], 0);
	for (i = 0; i < 3; i++)
	{
		guest_hears(fds[i], OBOL_ROOM_WAITING);
		(void)close(fds[i]);
	}
	running_clear(&r);
}
END_TEST

/* It dies: there is another one soon. It ends with obold; before that, rooms
 * that are in use may go on. */
START_TEST(life_of_the_process)
{
	pid_t pids[2] = { 0 }, first;
	int one, two;

	relay_start(&r, RELAY(""));
	ck_assert_uint_eq(running_processes(&r, "obold-relay", pids, 2), 1);
	first = pids[0];
	ck_assert_int_eq(kill(first, SIGKILL), 0);
	ck_assert(running_says(&r, "the relay ended (signal 9)"));
	while (running_processes(&r, "obold-relay", pids, 2) != 1 ||
		   pids[0] == first)
	{
		test_sleep(20);
	}
	while (!relay_is_listening())
	{
		test_sleep(20);
	}
	guest_hears(one = guest_ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_WAITING);
	guest_hears(two = guest_ask(OBOL_ROOM_JOIN, 1), OBOL_ROOM_PAIRED);
	guest_hears(one, OBOL_ROOM_PAIRED);
	ck_assert_int_eq(kill(r.pid, SIGHUP), 0);
	ck_assert(running_says(&r, "reloaded"));
	guests_talk(one, two, "after the reload");
	(void)close(one);
	(void)close(two);
	guest_hears(one = guest_ask(OBOL_ROOM_OPEN, 2), OBOL_ROOM_WAITING);
	ck_assert_int_eq(running_stop(&r), 0);
	guest_hears(one, -1);
	(void)close(one);
	running_clear(&r);
}
END_TEST

/* Reload with another configuration, which is wrong, and has been told. */
static void fail_to_reload(const char *extra, const char *why)
{
	running_configure(&r, extra);
	ck_assert_int_eq(kill(r.pid, SIGHUP), 0);
	ck_assert_msg(running_says(&r, why), "%s", running_log(&r));
	ck_assert(running_says(&r, "nothing was reloaded"));
}

/* What is wrong with a configuration, in its own part or in another one, leaves
 * it as it is: the process, its port, and its rooms. */
START_TEST(wrong_reload)
{
	pid_t before = 0, now = 0;
	char extra[256];
	int one, two, taken;

	relay_start(&r, RELAY(""));
	ck_assert_uint_eq(running_processes(&r, "obold-relay", &before, 1), 1);
	guest_hears(one = guest_ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_WAITING);
	/* a port that is somebody else's: obold's own */
	taken = (int)r.port;
	(void)snprintf(extra, sizeof(extra),
				   "relay {\n\tlisten = { \"127.0.0.1:%d\" }\n}\n", taken);
	fail_to_reload(extra, "another program listens there");
	(void)snprintf(extra, sizeof(extra),
				   "relay {\n\tlisten = { \"127.0.0.1:%u\" }\n"
				   "\trooms = 1\n}\nmetrics {\n\tlisten = \"192.0.2.1:1\"\n}\n",
				   (unsigned)relay_port);
	fail_to_reload(extra, "this machine has no such address");
	ck_assert_uint_eq(running_processes(&r, "obold-relay", &now, 1), 1);
	ck_assert_int_eq(now, before);
	/* it is the old configuration's still, which takes more than one */
	guest_hears(two = guest_ask(OBOL_ROOM_OPEN, 2), OBOL_ROOM_WAITING);
	(void)close(two);
	guest_hears(two = guest_ask(OBOL_ROOM_JOIN, 1), OBOL_ROOM_PAIRED);
	guest_hears(one, OBOL_ROOM_PAIRED);
	guests_talk(one, two, "as before");
	(void)close(one);
	(void)close(two);
	running_clear(&r);
}
END_TEST

/* One who was at the door while it was dead is let in by its successor. */
START_TEST(dead_for_a_moment)
{
	pid_t pid = 0;
	int one;

	relay_start(&r, RELAY(""));
	ck_assert_uint_eq(running_processes(&r, "obold-relay", &pid, 1), 1);
	ck_assert_int_eq(kill(pid, SIGSTOP), 0);
	one = guest_ask(OBOL_ROOM_OPEN, 1);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	guest_hears(one, OBOL_ROOM_WAITING);
	(void)close(one);
	running_clear(&r);
}
END_TEST

/* However often it is killed, it is never gone for long. */
START_TEST(killed_often)
{
	pid_t now = 0, before = 0;
	uint64_t end;
	unsigned i;

	relay_start(&r, RELAY(""));
	for (i = 0; i < 7; i++)
	{
		end = test_ms() + WAIT_MS;
		while (running_processes(&r, "obold-relay", &now, 1) != 1 ||
			   now == before)
		{
			ck_assert_msg(test_ms() < end, "%s", running_log(&r));
			test_sleep(20);
		}
		before = now;
		ck_assert_int_eq(kill(now, SIGKILL), 0);
	}
	ck_assert(running_says(&r, "successor starts in 1000 ms"));
	ck_assert_int_eq(running_stop(&r), 0);
	running_clear(&r);
}
END_TEST

Suite *relay_process_suite(void)
{
	Suite *suite = suite_create("relay_process");
	TCase *tc = tcase_create("relay_process");

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, no_descriptors);
	tcase_add_test(tc, life_of_the_process);
	tcase_add_test(tc, killed_often);
	tcase_add_test(tc, wrong_reload);
	tcase_add_test(tc, dead_for_a_moment);
	suite_add_tcase(suite, tc);
	return suite;
}
