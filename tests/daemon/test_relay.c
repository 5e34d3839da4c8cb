/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Meeting rooms at a real obold: who meets, who is refused, and every bound. */
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/guest.h"

Suite *relay_suite(void);

static struct running r;

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

	relay_start(&r, RELAY(""));
	one = guest_ask(OBOL_ROOM_OPEN, 48213);
	guest_hears(one, OBOL_ROOM_WAITING);
	two = guest_ask(OBOL_ROOM_JOIN, 48213);
	guest_hears(two, OBOL_ROOM_PAIRED);
	guest_hears(one, OBOL_ROOM_PAIRED);
	guests_talk(one, two, "there");
	guests_talk(two, one, "and back");
	/* one says no more, and still listens */
	ck_assert_int_eq(shutdown(one, SHUT_WR), 0);
	guest_hears(two, -1);
	guests_talk(two, one, "a last word");
	(void)close(two);
	guest_hears(one, -1);
	(void)close(one);
	ck_assert(running_says(&r, "two devices met: 24 bytes"));
	/* the number is free again */
	guest_hears(one = guest_ask(OBOL_ROOM_OPEN, 48213), OBOL_ROOM_WAITING);
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

	relay_start(&r, RELAY(""));
	guest_hears(one = guest_ask(OBOL_ROOM_OPEN, 7), OBOL_ROOM_WAITING);
	obol_room_request_write(&request, bytes);
	memcpy(bytes + OBOL_ROOM_REQUEST_LEN, "hello", 5);
	two = relay_visit();
	guest_put(two, bytes, 3);
	guest_put(two, bytes + 3, sizeof(bytes) - 3);
	guest_hears(one, OBOL_ROOM_PAIRED);
	guest_hears(one, 'h');
	guest_hears(two, OBOL_ROOM_PAIRED);
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

	relay_start(&r, RELAY(""));
	guest_is_refused(guest_ask(OBOL_ROOM_JOIN, 1), OBOL_ROOM_NOBODY);
	guest_hears(one = guest_ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_WAITING);
	guest_is_refused(guest_ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_TAKEN);
	guest_is_refused(guest_ask(OBOL_ROOM_JOIN, 2), OBOL_ROOM_NOBODY);
	/* a room is for two */
	guest_hears(two = guest_ask(OBOL_ROOM_JOIN, 1), OBOL_ROOM_PAIRED);
	guest_is_refused(guest_ask(OBOL_ROOM_JOIN, 1), OBOL_ROOM_NOBODY);
	(void)close(two);
	guest_hears(one, OBOL_ROOM_PAIRED);
	guest_hears(one, -1);
	(void)close(one);

	obol_room_request_write(&request, bytes);
	bytes[0] ^= 1;
	guest_put(one = relay_visit(), bytes, sizeof(bytes));
	guest_is_refused(one, OBOL_ROOM_MALFORMED);
	bytes[0] ^= 1;
	bytes[8]++;
	guest_put(one = relay_visit(), bytes, sizeof(bytes));
	guest_is_refused(one, OBOL_ROOM_MALFORMED);
	bytes[8]--;
	bytes[9] = 3;
	guest_put(one = relay_visit(), bytes, sizeof(bytes));
	guest_is_refused(one, OBOL_ROOM_MALFORMED);
	/* half a request, and gone */
	guest_put(one = relay_visit(), bytes, 5);
	ck_assert_int_eq(shutdown(one, SHUT_WR), 0);
	guest_hears(one, -1);
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
			guest_put(fd, block, sizeof(block));
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
	unsigned long used_ms;
	int one, two;
	pid_t pid;

	relay_start(&r, RELAY(""));
	ck_assert_uint_eq(running_processes(&r, "obold-relay", &pid, 1), 1);
	guest_hears(one = guest_ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_WAITING);
	guest_hears(two = guest_ask(OBOL_ROOM_JOIN, 1), OBOL_ROOM_PAIRED);
	guest_hears(one, OBOL_ROOM_PAIRED);
	ck_assert_int_eq(shutdown(two, SHUT_WR), 0);
	guest_hears(one, -1);
	fill_up(one);
	(void)close(one);
	test_sleep(100);
	used_ms = running_cpu_ms(pid);
	test_sleep(1000);
	ck_assert_uint_lt(running_cpu_ms(pid) - used_ms, 500);
	/* and what was said is still to be had */
	while (guest_next(two, WAIT_MS) >= 0)
	{
	}
	ck_assert_int_eq(guest_next(two, WAIT_MS), -1);
	(void)close(two);
	running_clear(&r);
}
END_TEST

/* Who waits and leaves, or speaks before anybody listens, has no room. */
START_TEST(leavers)
{
	int one;

	relay_start(&r, RELAY(""));
	guest_hears(one = guest_ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_WAITING);
	(void)close(one);
	ck_assert(running_processes(&r, "obold-relay", &(pid_t){ 0 }, 1) == 1);
	while (guest_next(one = guest_ask(OBOL_ROOM_JOIN, 1), WAIT_MS) !=
		   OBOL_ROOM_NOBODY)
	{
		(void)close(one);
	}
	(void)close(one);
	guest_hears(one = guest_ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_WAITING);
	guest_put(one, "x", 1);
	guest_hears(one, -1);
	(void)close(one);
	running_clear(&r);
}
END_TEST

START_TEST(number_per_source)
{
	int rooms[2], other[2], i;

	relay_start(&r, RELAY("\trooms_per_source = 2\n"));
	for (i = 0; i < 2; i++)
	{
		guest_hears(rooms[i] = guest_ask(OBOL_ROOM_OPEN, (uint32_t)i),
					OBOL_ROOM_WAITING);
	}
	guest_is_refused(guest_ask(OBOL_ROOM_OPEN, 9), OBOL_ROOM_TOO_MANY);
	for (i = 0; i < 2; i++)
	{
		guest_hears(other[i] = guest_ask(OBOL_ROOM_JOIN, (uint32_t)i),
					OBOL_ROOM_PAIRED);
	}
	/* connections, whatever they would ask for */
	guest_is_refused(relay_visit(), OBOL_ROOM_TOO_MANY);
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

	relay_start(&r, RELAY("\trooms = 1\n"));
	guest_hears(one = guest_ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_WAITING);
	guest_is_refused(guest_ask(OBOL_ROOM_OPEN, 2), OBOL_ROOM_FULL);
	(void)close(one);
	running_clear(&r);
}
END_TEST

static int open_from(unsigned host, uint32_t number)
{
	int fd = guest_ask_from(host, OBOL_ROOM_OPEN, number);

	guest_hears(fd, OBOL_ROOM_WAITING);
	return fd;
}

/* A room with two of a network in it. */
static void meet_from(unsigned host, uint32_t number, int fds[2])
{
	fds[0] = open_from(host, number);
	fds[1] = guest_ask_from(host, OBOL_ROOM_JOIN, number);
	guest_hears(fds[1], OBOL_ROOM_PAIRED);
	guest_hears(fds[0], OBOL_ROOM_PAIRED);
}

/* When all rooms are taken, whoever has fewer than others gets one of theirs:
 * the eldest of those who have most. */
START_TEST(rooms_are_shared)
{
	int two[4], three[2], four, i;

	relay_start(&r, RELAY("\trooms = 4\n\trooms_per_source = 4\n"));
	for (i = 0; i < 4; i++)
	{
		two[i] = open_from(2, (uint32_t)i);
	}
	three[0] = open_from(3, 10);
	guest_is_refused(two[0], OBOL_ROOM_FULL);
	/* who has most takes nobody's, nor does one who would have as many */
	guest_is_refused(guest_ask_from(2, OBOL_ROOM_OPEN, 5), OBOL_ROOM_FULL);
	three[1] = open_from(3, 11);
	guest_is_refused(two[1], OBOL_ROOM_FULL);
	guest_is_refused(guest_ask_from(3, OBOL_ROOM_OPEN, 12), OBOL_ROOM_FULL);
	four = open_from(4, 20);
	guest_is_refused(two[2], OBOL_ROOM_FULL);
	/* the others' rooms are as they were */
	guest_hears(i = guest_ask(OBOL_ROOM_JOIN, 3), OBOL_ROOM_PAIRED);
	guest_hears(two[3], OBOL_ROOM_PAIRED);
	guests_talk(i, two[3], "still here");
	(void)close(i);
	(void)close(two[3]);
	(void)close(three[0]);
	(void)close(three[1]);
	(void)close(four);
	running_clear(&r);
}
END_TEST

/* A room that is in use is nobody else's, unless its network has two more: who
 * meets himself keeps nobody out. */
START_TEST(rooms_in_use)
{
	int self[2][2], one, i;

	relay_start(&r, RELAY("\trooms = 2\n"));
	meet_from(2, 0, self[0]);
	meet_from(2, 1, self[1]);
	one = open_from(3, 10);
	guest_hears(self[0][0], -1);
	guest_hears(self[0][1], -1);
	/* of two who have one each, it is the one that waits */
	i = open_from(4, 20);
	guest_is_refused(one, OBOL_ROOM_FULL);
	guests_talk(self[1][0], self[1][1], "not this one");
	guest_hears(one = guest_ask_from(4, OBOL_ROOM_JOIN, 20), OBOL_ROOM_PAIRED);
	guest_hears(i, OBOL_ROOM_PAIRED);
	guest_is_refused(guest_ask_from(5, OBOL_ROOM_OPEN, 30), OBOL_ROOM_FULL);
	guests_talk(self[1][0], self[1][1], "nor now");
	guests_talk(one, i, "nor this one");
	(void)close(i);
	(void)close(one);
	for (i = 0; i < 2; i++)
	{
		(void)close(self[i][0]);
		(void)close(self[i][1]);
	}
	running_clear(&r);
}
END_TEST

/** Beside two for each room, see relay.c. */
#define ASKING_MAX 64

/* Whoever says nothing keeps nobody out; who has asked stays. */
START_TEST(silent_ones_make_room)
{
	int silent[ASKING_MAX + 1], one, two, i, n_ended = 0;

	relay_start(&r, RELAY("\trooms = 1\n\trooms_per_source = 40\n"));
	guest_hears(one = guest_ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_WAITING);
	for (i = 0; i < ASKING_MAX + 1; i++)
	{
		silent[i] = relay_visit();
	}
	guest_hears(two = guest_ask(OBOL_ROOM_JOIN, 1), OBOL_ROOM_PAIRED);
	guest_hears(one, OBOL_ROOM_PAIRED);
	guests_talk(one, two, "in spite of them");
	for (i = 0; i < ASKING_MAX + 1; i++)
	{
		n_ended += guest_next(silent[i], 0) == -1;
		(void)close(silent[i]);
	}
	ck_assert_int_eq(n_ended, 1);
	(void)close(one);
	(void)close(two);
	running_clear(&r);
}
END_TEST

START_TEST(requests_per_source)
{
	int i;

	relay_start(&r, RELAY("\trequests_per_source = 3\n"));
	for (i = 0; i < 3; i++)
	{
		guest_is_refused(guest_ask(OBOL_ROOM_JOIN, 1), OBOL_ROOM_NOBODY);
	}
	guest_is_refused(guest_ask(OBOL_ROOM_JOIN, 1), OBOL_ROOM_TOO_MANY);
	running_clear(&r);
}
END_TEST

START_TEST(size_of_a_room)
{
	static uint8_t block[1 << 16];
	int one, two, i, n;
	uint64_t passed = 0;

	relay_start(&r, RELAY("\tsize = 1\n"));
	guest_hears(one = guest_ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_WAITING);
	guest_hears(two = guest_ask(OBOL_ROOM_JOIN, 1), OBOL_ROOM_PAIRED);
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

	relay_start(&r, RELAY("\twaiting = \"1s\"\n\ttotal = \"2s\"\n"));
	guest_hears(one = guest_ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_WAITING);
	guest_is_refused(one, OBOL_ROOM_TIME_OVER);
	guest_hears(one = guest_ask(OBOL_ROOM_OPEN, 1), OBOL_ROOM_WAITING);
	guest_hears(two = guest_ask(OBOL_ROOM_JOIN, 1), OBOL_ROOM_PAIRED);
	guest_hears(one, OBOL_ROOM_PAIRED);
	guest_hears(one, -1);
	guest_hears(two, -1);
	(void)close(one);
	(void)close(two);
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
	tcase_add_test(tc, rooms_are_shared);
	tcase_add_test(tc, rooms_in_use);
	tcase_add_test(tc, silent_ones_make_room);
	tcase_add_test(tc, requests_per_source);
	tcase_add_test(tc, size_of_a_room);
	tcase_add_test(tc, time_of_a_room);
	suite_add_tcase(suite, tc);
	return suite;
}
