/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Meeting rooms at a real obold: who meets, who is refused, and every bound. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/running.h"
#include "support/run.h"
#include "wire/room.h"

Suite *relay_suite(void);

#define WAIT_MS 5000
#define RELAY(more)                                                            \
	"relay {\n\tlisten = { \"127.0.0.1:%u\" }\n" more "}\n" SHORT

static struct running r;
static uint16_t port;

/* A port that nobody listens on now. */
static uint16_t free_port(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	(void)close(fd);
	return ntohs(addr.sin_port);
}

static void start(const char *format)
{
	char extra[512];

	(void)signal(SIGPIPE, SIG_IGN);
	port = free_port();
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void)snprintf(extra, sizeof(extra), format, (unsigned)port);
#pragma GCC diagnostic pop
	running_init(&r, extra);
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
}

static int visit(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
								.sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

static bool is_listening(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
								.sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool is_there;

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	is_there = connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0;
	(void)close(fd);
	return is_there;
}

static void put(int fd, const void *bytes, size_t len)
{
	ck_assert_int_eq(send(fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
}

static int ask(enum obol_room_what what, uint32_t number)
{
	struct obol_room_request request = { what, number };
	uint8_t bytes[OBOL_ROOM_REQUEST_LEN];
	int fd = visit();

	obol_room_request_write(&request, bytes);
	put(fd, bytes, sizeof(bytes));
	return fd;
}

/* The next byte; -1 at the end, -2 when none comes in time. */
static int next(int fd, int wait_ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	uint8_t byte;

	if (poll(&pfd, 1, wait_ms) != 1)
	{
		return -2;
	}
	return recv(fd, &byte, 1, 0) == 1 ? byte : -1;
}

static void assert_answer(int fd, int want)
{
	ck_assert_int_eq(next(fd, WAIT_MS), want);
}

/* Refused: the answer, and then the end. */
static void assert_refused(int fd, enum obol_room_answer why)
{
	assert_answer(fd, (int)why);
	assert_answer(fd, -1);
	(void)close(fd);
}

static void assert_passes(int from, int to, const char *text)
{
	char got[64] = "";
	size_t i;

	put(from, text, strlen(text));
	for (i = 0; i < strlen(text); i++)
	{
		got[i] = (char)next(to, WAIT_MS);
	}
	ck_assert_str_eq(got, text);
}

START_TEST(off_by_default)
{
	pid_t pids[4];

	running_init(&r, SHORT);
	ck_assert(running_start(&r));
	ck_assert_uint_eq(running_processes(&r, "obold-relay", pids, 4), 0);
	running_clear(&r);
}
END_TEST

START_TEST(two_meet)
{
	int one, two;

	start(RELAY(""));
	one = ask(OBOL_ROOM_OPEN, 48213);
	assert_answer(one, OBOL_ROOM_WAITING);
	two = ask(OBOL_ROOM_JOIN, 48213);
	assert_answer(two, OBOL_ROOM_PAIRED);
	assert_answer(one, OBOL_ROOM_PAIRED);
	assert_passes(one, two, "there");
	assert_passes(two, one, "and back");
	/* one says no more, and still listens */
	ck_assert_int_eq(shutdown(one, SHUT_WR), 0);
	assert_answer(two, -1);
	assert_passes(two, one, "a last word");
	(void)close(two);
	assert_answer(one, -1);
	(void)close(one);
	ck_assert(running_says(&r, "two devices met: 24 bytes"));
	/* the number is free again */
	assert_answer(one = ask(OBOL_ROOM_OPEN, 48213), OBOL_ROOM_WAITING);
	(void)close(one);
	running_clear(&r);
}
END_TEST

/* What comes right behind the request is the other one's. */
START_TEST(early_words)
{
	struct obol_room_request request = { OBOL_ROOM_JOIN, 7 };
	uint8_t bytes[OBOL_ROOM_REQUEST_LEN + 5];
	int one, two;

	start(RELAY(""));
	assert_answer(one = ask(OBOL_ROOM_OPEN, 7), OBOL_ROOM_WAITING);
	obol_room_request_write(&request, bytes);
	memcpy(bytes + OBOL_ROOM_REQUEST_LEN, "hello", 5);
	two = visit();
	put(two, bytes, 3);
	put(two, bytes + 3, sizeof(bytes) - 3);
	assert_answer(one, OBOL_ROOM_PAIRED);
	assert_answer(one, 'h');
	assert_answer(two, OBOL_ROOM_PAIRED);
	(void)close(one);
	(void)close(two);
	running_clear(&r);
}
END_TEST

START_TEST(refusals)
{
	uint8_t bytes[OBOL_ROOM_REQUEST_LEN];
	struct obol_room_request request = { OBOL_ROOM_OPEN, 1 };
	int one, two;

	start(RELAY(""));
	assert_refused(ask(OBOL_ROOM_JOIN, 1), OBOL_ROOM_NOBODY);
	assert_answer(one = ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_WAITING);
	assert_refused(ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_TAKEN);
	assert_refused(ask(OBOL_ROOM_JOIN, 2), OBOL_ROOM_NOBODY);
	/* a room is for two */
	assert_answer(two = ask(OBOL_ROOM_JOIN, 1), OBOL_ROOM_PAIRED);
	assert_refused(ask(OBOL_ROOM_JOIN, 1), OBOL_ROOM_NOBODY);
	(void)close(two);
	assert_answer(one, OBOL_ROOM_PAIRED);
	assert_answer(one, -1);
	(void)close(one);

	obol_room_request_write(&request, bytes);
	bytes[0] ^= 1;
	put(one = visit(), bytes, sizeof(bytes));
	assert_refused(one, OBOL_ROOM_MALFORMED);
	bytes[0] ^= 1;
	bytes[8]++;
	put(one = visit(), bytes, sizeof(bytes));
	assert_refused(one, OBOL_ROOM_MALFORMED);
	bytes[8]--;
	bytes[9] = 3;
	put(one = visit(), bytes, sizeof(bytes));
	assert_refused(one, OBOL_ROOM_MALFORMED);
	/* half a request, and gone */
	put(one = visit(), bytes, 5);
	ck_assert_int_eq(shutdown(one, SHUT_WR), 0);
	assert_answer(one, -1);
	(void)close(one);
	running_clear(&r);
}
END_TEST

/* Until the relay takes no more of it, as its other guest does not. */
static void fill_up(int fd)
{
	static const uint8_t block[1 << 14];
	uint64_t end = test_ms() + 10 * WAIT_MS;
	unsigned n_full = 0;

	while (n_full < 5)
	{
		ck_assert_uint_lt(test_ms(), end);
		if (tcp_unread(fd) == 0)
		{
			n_full = 0;
			put(fd, block, sizeof(block));
		}
		else
		{
			n_full++;
			test_sleep(20);
		}
	}
}

/* One who has said all does not read; the other one has said more than fits,
 * and left. The relay waits, and does not ask again and again. */
START_TEST(full_and_left)
{
	unsigned long before;
	int one, two;
	pid_t pid;

	start(RELAY(""));
	ck_assert_uint_eq(running_processes(&r, "obold-relay", &pid, 1), 1);
	assert_answer(one = ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_WAITING);
	assert_answer(two = ask(OBOL_ROOM_JOIN, 1), OBOL_ROOM_PAIRED);
	assert_answer(one, OBOL_ROOM_PAIRED);
	ck_assert_int_eq(shutdown(two, SHUT_WR), 0);
	assert_answer(one, -1);
	fill_up(one);
	(void)close(one);
	test_sleep(100);
	before = running_ticks(pid);
	test_sleep(1000);
	ck_assert_uint_lt(running_ticks(pid) - before,
					  (unsigned long)sysconf(_SC_CLK_TCK) / 2);
	/* and what was said is still to be had */
	while (next(two, WAIT_MS) >= 0)
	{
	}
	ck_assert_int_eq(next(two, WAIT_MS), -1);
	(void)close(two);
	running_clear(&r);
}
END_TEST

/* Who waits and leaves, or speaks before anybody listens, has no room. */
START_TEST(leavers)
{
	int one;

	start(RELAY(""));
	assert_answer(one = ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_WAITING);
	(void)close(one);
	ck_assert(running_processes(&r, "obold-relay", &(pid_t){ 0 }, 1) == 1);
	while (next(one = ask(OBOL_ROOM_JOIN, 1), WAIT_MS) != OBOL_ROOM_NOBODY)
	{
		(void)close(one);
	}
	(void)close(one);
	assert_answer(one = ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_WAITING);
	put(one, "x", 1);
	assert_answer(one, -1);
	(void)close(one);
	running_clear(&r);
}
END_TEST

START_TEST(number_per_source)
{
	int rooms[2], other[2], i;

	start(RELAY("\trooms_per_source = 2\n"));
	for (i = 0; i < 2; i++)
	{
		assert_answer(rooms[i] = ask(OBOL_ROOM_OPEN, (uint32_t)i),
					  OBOL_ROOM_WAITING);
	}
	assert_refused(ask(OBOL_ROOM_OPEN, 9), OBOL_ROOM_TOO_MANY);
	for (i = 0; i < 2; i++)
	{
		assert_answer(other[i] = ask(OBOL_ROOM_JOIN, (uint32_t)i),
					  OBOL_ROOM_PAIRED);
	}
	/* connections, whatever they would ask for */
	assert_refused(visit(), OBOL_ROOM_TOO_MANY);
	for (i = 0; i < 2; i++)
	{
		(void)close(rooms[i]);
		(void)close(other[i]);
	}
	running_clear(&r);
}
END_TEST

START_TEST(rooms_in_all)
{
	int one;

	start(RELAY("\trooms = 1\n"));
	assert_answer(one = ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_WAITING);
	assert_refused(ask(OBOL_ROOM_OPEN, 2), OBOL_ROOM_FULL);
	(void)close(one);
	running_clear(&r);
}
END_TEST

START_TEST(requests_per_source)
{
	int i;

	start(RELAY("\trequests_per_source = 3\n"));
	for (i = 0; i < 3; i++)
	{
		assert_refused(ask(OBOL_ROOM_JOIN, 1), OBOL_ROOM_NOBODY);
	}
	assert_refused(ask(OBOL_ROOM_JOIN, 1), OBOL_ROOM_TOO_MANY);
	running_clear(&r);
}
END_TEST

START_TEST(size_of_a_room)
{
	static uint8_t block[1 << 16];
	int one, two, i, n;
	uint64_t passed = 0;

	start(RELAY("\tsize = 1\n"));
	assert_answer(one = ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_WAITING);
	assert_answer(two = ask(OBOL_ROOM_JOIN, 1), OBOL_ROOM_PAIRED);
	for (i = 0; i < 64; i++)
	{
		if (send(one, block, sizeof(block), MSG_NOSIGNAL) < 0)
		{
			break;
		}
		while ((n = (int)recv(two, block, sizeof(block), MSG_DONTWAIT)) > 0)
		{
			passed += (uint64_t)n;
		}
	}
	while ((n = (int)recv(two, block, sizeof(block), 0)) > 0)
	{
		passed += (uint64_t)n;
	}
	/* a buffer's worth more at most */
	ck_assert_uint_le(passed, (1 << 20) + sizeof(block));
	(void)close(one);
	(void)close(two);
	running_clear(&r);
}
END_TEST

START_TEST(time_of_a_room)
{
	int one, two;

	start(RELAY("\twaiting = \"1s\"\n\ttotal = \"2s\"\n"));
	assert_answer(one = ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_WAITING);
	assert_refused(one, OBOL_ROOM_TIME_OVER);
	assert_answer(one = ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_WAITING);
	assert_answer(two = ask(OBOL_ROOM_JOIN, 1), OBOL_ROOM_PAIRED);
	assert_answer(one, OBOL_ROOM_PAIRED);
	assert_answer(one, -1);
	assert_answer(two, -1);
	(void)close(one);
	(void)close(two);
	running_clear(&r);
}
END_TEST

/* It dies: there is another one soon. It ends with obold; before that, rooms
 * that are in use may go on. */
/* So many milliseconds of processor time has it taken. */
static unsigned long cpu_ms(pid_t pid)
{
	unsigned long user, system;
	char path[64];
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	ck_assert_ptr_nonnull(file);
	/* behind the name, which has no blank */
	ck_assert_int_eq(fscanf(file,
							"%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u "
							"%*u %lu %lu",
							&user, &system),
					 2);
	(void)fclose(file);
	return (user + system) * 1000 / (unsigned long)sysconf(_SC_CLK_TCK);
}

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

	start(RELAY(""));
	ck_assert_uint_eq(running_processes(&r, "obold-relay", pids, 4), 1);
	/* it has more already */
	limit_files(pids[0], 4);
	for (i = 0; i < 3; i++)
	{
		fds[i] = ask(OBOL_ROOM_OPEN, (uint32_t)i);
	}
	ck_assert_msg(running_says(&r, "nobody can be let in"), "%s",
				  running_log(&r));
	used_ms = cpu_ms(pids[0]);
	test_sleep(1000);
	ck_assert_uint_lt(cpu_ms(pids[0]) - used_ms, 300);
	/* they waited at the door */
	limit_files(pids[0], 0);
	for (i = 0; i < 3; i++)
	{
		assert_answer(fds[i], OBOL_ROOM_WAITING);
		(void)close(fds[i]);
	}
	running_clear(&r);
}
END_TEST

START_TEST(life_of_the_process)
{
	pid_t pids[2] = { 0 }, first;
	int one, two;

	start(RELAY(""));
	ck_assert_uint_eq(running_processes(&r, "obold-relay", pids, 2), 1);
	first = pids[0];
	ck_assert_int_eq(kill(first, SIGKILL), 0);
	ck_assert(running_says(&r, "the relay ended (signal 9)"));
	while (running_processes(&r, "obold-relay", pids, 2) != 1 ||
		   pids[0] == first)
	{
		test_sleep(20);
	}
	while (!is_listening())
	{
		test_sleep(20);
	}
	assert_answer(one = ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_WAITING);
	assert_answer(two = ask(OBOL_ROOM_JOIN, 1), OBOL_ROOM_PAIRED);
	assert_answer(one, OBOL_ROOM_PAIRED);
	ck_assert_int_eq(kill(r.pid, SIGHUP), 0);
	ck_assert(running_says(&r, "reloaded"));
	assert_passes(one, two, "after the reload");
	(void)close(one);
	(void)close(two);
	assert_answer(one = ask(OBOL_ROOM_OPEN, 2), OBOL_ROOM_WAITING);
	ck_assert_int_eq(running_stop(&r), 0);
	assert_answer(one, -1);
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

	start(RELAY(""));
	for (i = 0; i < 7; i++)
	{
		end = test_ms() + 4000;
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

Suite *relay_suite(void)
{
	Suite *suite = suite_create("relay");
	TCase *tc = tcase_create("relay");

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, off_by_default);
	tcase_add_test(tc, two_meet);
	tcase_add_test(tc, early_words);
	tcase_add_test(tc, refusals);
	tcase_add_test(tc, full_and_left);
	tcase_add_test(tc, leavers);
	tcase_add_test(tc, number_per_source);
	tcase_add_test(tc, rooms_in_all);
	tcase_add_test(tc, requests_per_source);
	tcase_add_test(tc, size_of_a_room);
	tcase_add_test(tc, time_of_a_room);
	tcase_add_test(tc, no_descriptors);
	tcase_add_test(tc, life_of_the_process);
	tcase_add_test(tc, killed_often);
	suite_add_tcase(suite, tc);
	return suite;
}
