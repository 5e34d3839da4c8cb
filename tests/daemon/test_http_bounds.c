/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HTTP listener's bounds, without HTTP: who is shut down, and who is not
 * even counted. */
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/http_bounds.h"
#include "support/run.h"

Suite *http_bounds_suite(void);

#define FDS_MAX 256
/** One connection more than a network may have. */
#define MANY (OBOL_HTTP_PER_SOURCE_MAX + 1)

static struct event_base *base;
static struct obol_http_bounds *bounds;
static struct sockaddr_in http, other;
static int http_fd, other_fd;

static int listen_on(struct sockaddr_in *addr)
{
	socklen_t len = sizeof(*addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(addr, 0, sizeof(*addr));
	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)addr, len), 0);
	ck_assert_int_eq(listen(fd, MANY), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)addr, &len), 0);
	return fd;
}

static void setup(void)
{
	base = event_base_new();
	ck_assert_ptr_nonnull(base);
	http_fd = listen_on(&http);
	other_fd = listen_on(&other);
	ck_assert_int_eq(obol_http_bounds_new(base, http_fd, FDS_MAX, &bounds),
					 OBOL_OK);
}

static void teardown(void)
{
	obol_http_bounds_free(bounds);
	event_base_free(base);
	(void)close(http_fd);
	(void)close(other_fd);
}

/* Both ends of a connection, from a port or from any (0). */
static void connect_to(const struct sockaddr_in *addr, int listen_fd,
					   uint16_t port, int ends[2])
{
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_port = port };
	int on = 1;

	from.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ends[0] = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(
		setsockopt(ends[0], SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	ck_assert_int_eq(bind(ends[0], (struct sockaddr *)&from, sizeof(from)), 0);
	ck_assert_int_eq(
		connect(ends[0], (const struct sockaddr *)addr, sizeof(*addr)), 0);
	ends[1] = accept(listen_fd, NULL, NULL);
	ck_assert_int_ge(ends[1], 0);
}

static void look(void)
{
	obol_http_bounds_accepted(bounds);
	ck_assert_int_ge(event_base_loop(base, EVLOOP_NONBLOCK), 0);
}

/* Whether a byte goes over, from us to who has connected. */
static bool is_up(const int ends[2])
{
	char byte = 0;

	return send(ends[1], "x", 1, MSG_NOSIGNAL) == 1 &&
		   recv(ends[0], &byte, 1, 0) == 1 && byte == 'x';
}

static void close_both(const int ends[2])
{
	(void)close(ends[0]);
	(void)close(ends[1]);
}

START_TEST(test_eldest_goes)
{
	int peers[MANY][2], i;

	for (i = 0; i < MANY; i++)
	{
		connect_to(&http, http_fd, 0, peers[i]);
		look();
	}
	ck_assert(!is_up(peers[0]));
	for (i = 1; i < MANY; i++)
	{
		ck_assert(is_up(peers[i]));
	}
	for (i = 0; i < MANY; i++)
	{
		close_both(peers[i]);
	}
}
END_TEST

/* A connection that this process has made, to its database say. */
START_TEST(test_own_connections)
{
	int peers[MANY][2], own[2], i;

	connect_to(&other, other_fd, 0, own);
	for (i = 0; i < MANY; i++)
	{
		connect_to(&http, http_fd, 0, peers[i]);
		look();
	}
	ck_assert(is_up(own));
	ck_assert(!is_up(peers[0]));
	close_both(own);
	for (i = 0; i < MANY; i++)
	{
		close_both(peers[i]);
	}
}
END_TEST

/* Who was shut down and comes again from the same port is a newcomer. */
START_TEST(test_comes_again)
{
	struct sockaddr_in addr;
	socklen_t len = sizeof(addr);
	int peers[MANY][2], i, place;

	for (i = 0; i < MANY; i++)
	{
		connect_to(&http, http_fd, 0, peers[i]);
		look();
	}
	ck_assert(!is_up(peers[0]));
	ck_assert_int_eq(getsockname(peers[0][0], (struct sockaddr *)&addr, &len),
					 0);
	/* its descriptor becomes free first, and is kept for it */
	place = peers[0][1];
	ck_assert_int_eq(dup2(other_fd, place), place);
	(void)close(peers[0][0]);
	connect_to(&http, http_fd, addr.sin_port, peers[0]);
	ck_assert_int_eq(dup2(peers[0][1], place), place);
	(void)close(peers[0][1]);
	peers[0][1] = place;
	look();
	ck_assert(is_up(peers[0]));
	/* so another one is too many */
	ck_assert(!is_up(peers[1]));
	for (i = 0; i < MANY; i++)
	{
		close_both(peers[i]);
	}
}
END_TEST

Suite *http_bounds_suite(void)
{
	Suite *suite = suite_create("http_bounds");
	TCase *tcase = tcase_create("http_bounds");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_eldest_goes);
	tcase_add_test(tcase, test_own_connections);
	tcase_add_test(tcase, test_comes_again);
	suite_add_tcase(suite, tcase);
	return suite;
}
