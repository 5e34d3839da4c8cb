/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses to listen on. */
#include "daemon/listen.h"

#include <netinet/in.h>
#include <unistd.h>

#include "support/run.h"

START_TEST(test_parse)
{
	static const struct {
		const char *text;
		enum obol_status status;
		int family;
		uint16_t port;
	} rows[] = {
		{ "192.0.2.1", OBOL_OK, AF_INET, 4501 },
		{ "192.0.2.1:443", OBOL_OK, AF_INET, 443 },
		{ "[2001:db8::1]:443", OBOL_OK, AF_INET6, 443 },
		{ "[::]", OBOL_OK, AF_INET6, 4501 },
		{ "2001:db8::1", OBOL_OK, AF_INET6, 4501 },
		{ "*:0", OBOL_OK, AF_INET6, 0 },
		{ "192.0.2.1:65535", OBOL_OK, AF_INET, 65535 },
		{ "192.0.2.1:65536", OBOL_ERR_FORMAT, 0, 0 },
		{ "192.0.2.1:", OBOL_ERR_FORMAT, 0, 0 },
		{ "192.0.2.1:1x", OBOL_ERR_FORMAT, 0, 0 },
		{ "192.0.2.1:-1", OBOL_ERR_FORMAT, 0, 0 },
		{ "192.0.2.300", OBOL_ERR_FORMAT, 0, 0 },
		{ "vpn.example.org", OBOL_ERR_FORMAT, 0, 0 },
		{ "[::1", OBOL_ERR_FORMAT, 0, 0 },
		{ "[::1]443", OBOL_ERR_FORMAT, 0, 0 },
		{ "[]:443", OBOL_ERR_FORMAT, 0, 0 },
		{ "", OBOL_ERR_FORMAT, 0, 0 },
		{ ":443", OBOL_ERR_FORMAT, 0, 0 },
	};
	struct sockaddr_storage addr;
	socklen_t len;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		ck_assert_msg(obol_listen_parse(rows[i].text, &addr, &len) ==
						  rows[i].status,
					  "%s", rows[i].text);
		if (rows[i].status == OBOL_OK)
		{
			/* the port lies at one place in both */
			ck_assert_int_eq(addr.ss_family, rows[i].family);
			ck_assert_uint_eq(ntohs(((struct sockaddr_in *)&addr)->sin_port),
							  rows[i].port);
		}
	}
}
END_TEST

START_TEST(test_port_taken)
{
	char name[64], why[256];
	int fd, other;

	ck_assert_int_eq(obol_listen_open("127.0.0.1:0", &fd, why, sizeof(why)),
					 OBOL_OK);
	obol_listen_name(fd, name, sizeof(name));
	ck_assert_int_eq(obol_listen_open(name, &other, why, sizeof(why)),
					 OBOL_ERR_EXISTS);
	ck_assert_ptr_nonnull(strstr(why, name));
	ck_assert_ptr_nonnull(strstr(why, "already"));
	(void)close(fd);
	ck_assert_int_eq(obol_listen_open(name, &other, why, sizeof(why)), OBOL_OK);
	(void)close(other);
}
END_TEST

START_TEST(test_foreign_address)
{
	char why[256];
	int fd;

	ck_assert_int_eq(obol_listen_open("192.0.2.77:0", &fd, why, sizeof(why)),
					 OBOL_ERR_IO);
	ck_assert_ptr_nonnull(strstr(why, "no such address"));
}
END_TEST

Suite *listen_suite(void);

Suite *listen_suite(void)
{
	Suite *s = suite_create("listen");
	TCase *tc = tcase_create("listen");

	tcase_add_test(tc, test_parse);
	tcase_add_test(tc, test_port_taken);
	tcase_add_test(tc, test_foreign_address);
	suite_add_tcase(s, tc);
	return s;
}
