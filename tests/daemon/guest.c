/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guests of a real obold's relay. */
#include "daemon/guest.h"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

uint16_t relay_port;

/* A port that nobody listens on now, and that the kernel, which takes them from
 * 32768 on, gives nobody else until obold has it. */
static uint16_t free_port(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	unsigned i, port = 0;
	int fd, failed = 1;

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (i = 0; i < 100 && failed; i++)
	{
		port = 10000 + ((unsigned)getpid() * 31 + i * 101) % 9000;
		addr.sin_port = htons((uint16_t)port);
		fd = socket(AF_INET, SOCK_STREAM, 0);
		failed = bind(fd, (struct sockaddr *)&addr, sizeof(addr));
		(void)close(fd);
	}
	ck_assert_int_eq(failed, 0);
	return (uint16_t)port;
}

void relay_start(struct running *r, const char *format)
{
	char extra[512];

	(void)signal(SIGPIPE, SIG_IGN);
	relay_port = free_port();
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void)snprintf(extra, sizeof(extra), format, (unsigned)relay_port);
#pragma GCC diagnostic pop
	running_init(r, extra);
	ck_assert_msg(running_start(r), "%s", running_log(r));
}

static int visit_from(unsigned host)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	addr.sin_addr.s_addr = htonl((INADDR_LOOPBACK & ~0xffU) | host);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	addr.sin_port = htons(relay_port);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

int relay_visit(void)
{
	return visit_from(1);
}

bool relay_is_listening(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
								.sin_port = htons(relay_port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool is_there;

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	is_there = connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0;
	(void)close(fd);
	return is_there;
}

void guest_put(int fd, const void *bytes, size_t len)
{
	ck_assert_int_eq(send(fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
}

int guest_ask(enum obol_room_what what, uint32_t number)
{
	return guest_ask_from(1, what, number);
}

int guest_ask_from(unsigned host, enum obol_room_what what, uint32_t number)
{
	struct obol_room_request request = { what, number };
	uint8_t bytes[OBOL_ROOM_REQUEST_LEN];
	int fd = visit_from(host);

	obol_room_request_write(&request, bytes);
	guest_put(fd, bytes, sizeof(bytes));
	return fd;
}

int guest_next(int fd, int wait_ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	uint8_t byte;

	if (poll(&pfd, 1, wait_ms) != 1)
	{
		return -2;
	}
	return recv(fd, &byte, 1, 0) == 1 ? byte : -1;
}

void guest_hears(int fd, int want)
{
	ck_assert_int_eq(guest_next(fd, WAIT_MS), want);
}

void guest_is_refused(int fd, enum obol_room_answer why)
{
	guest_hears(fd, (int)why);
	guest_hears(fd, -1);
	(void)close(fd);
}

void guests_talk(int from, int to, const char *text)
{
	char got[64] = "";
	size_t i;

	guest_put(from, text, strlen(text));
	for (i = 0; i < strlen(text); i++)
	{
		got[i] = (char)guest_next(to, WAIT_MS);
	}
	ck_assert_str_eq(got, text);
}
