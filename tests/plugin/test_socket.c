/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of plugin/obol_socket.c and plugin/obol_resolver.c. */
#include "plugin/swan.h"

#include "obol_resolver.h"
#include "obol_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static const int families[] = { AF_INET, AF_INET6 };

/* Whether this process may set marks, which policies want as well. */
static bool is_admin(int fd)
{
	uint32_t mark = 0;

	return setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) == 0;
}

START_TEST(test_mark)
{
	int fd = socket(families[_i], SOCK_STREAM, 0);
	uint32_t mark = 0;
	socklen_t len = sizeof(mark);
	bool done;

	if (fd == -1)
	{	/* a kernel without IPv6 */
		ck_assert_int_eq(errno, EAFNOSUPPORT);
		return;
	}
	done = obol_socket_prepare(fd, families[_i], 0x2a);
	ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, SO_MARK, &mark, &len), 0);
	if (is_admin(fd))
	{
		ck_assert_uint_eq(mark, 0x2a);
	}
	else
	{
		ck_assert(!done);
		ck_assert_uint_eq(mark, 0);
		ck_assert_uint_ge(swan_logged("can not be marked"), 1);
	}
	close(fd);
}
END_TEST

START_TEST(test_no_socket)
{
	ck_assert(!obol_socket_prepare(-1, AF_INET, 1));
	ck_assert_uint_eq(swan_logged("can not be exempted"), 1);
	ck_assert_uint_eq(swan_logged("can not be marked"), 1);
}
END_TEST

START_TEST(test_resolve)
{
	struct sockaddr_storage addrs[4];

	ck_assert_uint_ge(obol_resolver_resolve("localhost", addrs, 4), 1);
	ck_assert_uint_eq(obol_resolver_resolve("192.0.2.1", addrs, 4), 1);
	ck_assert_int_eq(addrs[0].ss_family, AF_INET);
	ck_assert_uint_eq(((struct sockaddr_in *)addrs)->sin_addr.s_addr,
					  htonl(0xc0000201));
	ck_assert_uint_eq(obol_resolver_resolve("2001:db8::1", addrs, 4), 1);
	ck_assert_int_eq(addrs[0].ss_family, AF_INET6);
	ck_assert_uint_eq(obol_resolver_resolve("no..name", addrs, 4), 0);
	ck_assert_uint_eq(obol_resolver_resolve("192.0.2.1", addrs, 0), 0);
}
END_TEST

START_TEST(test_resolve_during_shutdown)
{
	struct sockaddr_storage addr;

	lib->hosts->flush(lib->hosts);
	ck_assert_uint_eq(obol_resolver_resolve("localhost", &addr, 1), 0);
}
END_TEST

Suite *socket_suite(void);

Suite *socket_suite(void)
{
	Suite *suite = suite_create("socket");
	TCase *tcase = tcase_create("socket");

	tcase_add_checked_fixture(tcase, swan_setup, swan_teardown);
	tcase_add_loop_test(tcase, test_mark, 0, countof(families));
	tcase_add_test(tcase, test_no_socket);
	tcase_add_test(tcase, test_resolve);
	tcase_add_test(tcase, test_resolve_during_shutdown);
	suite_add_tcase(suite, tcase);
	return suite;
}
