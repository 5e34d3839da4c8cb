/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Server addresses as people write them. */
#include "support/run.h"

#include "net/address.h"

struct good_row {
	const char *text;
	size_t n;
	const char *host;
	uint16_t port;
	bool is_address;
};

/* the last one of the list is compared */
static const struct good_row good[] = {
	{ "vpn.example.org", 1, "vpn.example.org", 0, false },
	{ "vpn.example.org.", 1, "vpn.example.org", 0, false },
	{ "VPN.Example.ORG:4501", 1, "vpn.example.org", 4501, false },
	{ "localhost", 1, "localhost", 0, false },
	{ "a_b.example", 1, "a_b.example", 0, false },
	{ "xn--bcher-kva.example:1", 1, "xn--bcher-kva.example", 1, false },
	{ "1e100.net", 1, "1e100.net", 0, false },
	{ "192.0.2.1", 1, "192.0.2.1", 0, true },
	{ "192.0.2.1:443", 1, "192.0.2.1", 443, true },
	{ "[2001:db8::1]", 1, "2001:db8::1", 0, true },
	{ "[2001:db8::1]:65535", 1, "2001:db8::1", 65535, true },
	{ "[::ffff:192.0.2.1]:1", 1, "::ffff:192.0.2.1", 1, true },
	{ "[fe80::1%lo]:4501", 1, "fe80::1%lo", 4501, true },
	{ "a.example, b.example", 2, "b.example", 0, false },
	{ "a.example,b.example:44", 2, "b.example", 44, false },
	{ " a.example\t[::1] 192.0.2.7:9 ", 3, "192.0.2.7", 9, true },
	{ "a,b,c,d,e,f,g,h", 8, "h", 0, false },
};

START_TEST(reads_addresses)
{
	const struct good_row *row = &good[_i];
	struct obol_endpoint_list list;
	char why[160] = "";

	ck_assert_msg(obol_endpoints_parse(row->text, &list, why, sizeof(why)) ==
					  OBOL_OK,
				  "%s: %s", row->text, why);
	ck_assert_uint_eq(list.n, row->n);
	ck_assert_str_eq(list.items[row->n - 1].host, row->host);
	ck_assert_uint_eq(list.items[row->n - 1].port, row->port);
	ck_assert_int_eq(list.items[row->n - 1].is_address, row->is_address);
	ck_assert_int_eq(obol_sockaddr_len(&list.items[row->n - 1].addr) != 0,
					 row->is_address);
}
END_TEST

struct bad_row {
	const char *text;
	/** a word of the reason */
	const char *word;
};

#define LABEL_64                                                               \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct bad_row bad[] = {
	{ "", "no server" },
	{ " , ,", "no server" },
	{ ":4501", "neither" },
	{ "vpn.example.org:", "port" },
	{ "vpn.example.org:0", "port" },
	{ "vpn.example.org:65536", "port" },
	{ "vpn.example.org:123456", "port" },
	{ "vpn.example.org:+1", "port" },
	{ "vpn.example.org:44x", "port" },
	{ "2001:db8::1", "brackets" },
	{ "::1", "brackets" },
	{ "fe80::1%eth0", "brackets" },
	{ "[2001:db8::1", "brackets" },
	{ "[]", "brackets" },
	{ "[]:4501", "brackets" },
	{ "[192.0.2.1]", "brackets" },
	{ "[2001:db8::g]", "brackets" },
	{ "[fe80::1%no-such-link]", "brackets" },
	{ "[2001:db8::1]4501", "bracket" },
	{ "[2001:db8::1]:", "bracket" },
	{ "[2001:db8::1]:0", "bracket" },
	{ "256.1.1.1", "neither" },
	{ "192.0.2", "neither" },
	{ "1", "neither" },
	{ "a..b", "neither" },
	{ ".a", "neither" },
	{ ".", "neither" },
	{ "-a.example", "neither" },
	{ "a-.example", "neither" },
	{ "a.example-", "neither" },
	{ "b\xc3\xbc"
	  "cher.example",
	  "neither" },
	{ "a\x01z", "neither" },
	{ "http://a.example", "port" },
	{ "alice@a.example", "neither" },
	{ LABEL_64 ".example", "neither" },
	{ "a.example,b..c", "neither" },
	{ "a,b,c,d,e,f,g,h,i", "more than 8" },
};

START_TEST(refuses_others)
{
	const struct bad_row *row = &bad[_i];
	struct obol_endpoint_list list;
	char why[160] = "";

	ck_assert_msg(obol_endpoints_parse(row->text, &list, why, sizeof(why)) ==
					  OBOL_ERR_FORMAT,
				  "'%s' was taken", row->text);
	ck_assert_msg(strstr(why, row->word) != NULL, "'%s': %s", row->text, why);
	ck_assert_msg(!strchr(why, 1), "a control character comes back");
}
END_TEST

START_TEST(bounds_names)
{
	char text[512];
	char host[OBOL_HOST_MAX + 1];
	size_t len;

	for (len = 1; len < 300; len++)
	{
		bool ok;

		memset(text, 'a', sizeof(text));
		for (size_t i = 50; i < len; i += 50)
		{
			text[i] = '.';
		}
		if (text[len - 1] == '.')
		{
			continue;
		}
		ok = obol_host_name_parse(obol_bytes(text, len), host);
		ck_assert_msg(ok == (len <= OBOL_HOST_MAX), "length %zu", len);
	}
	ck_assert(!obol_host_name_parse(obol_bytes(text, 0), host));
	ck_assert(!obol_host_name_parse(obol_bytes("a\0b", 3), host));
}
END_TEST

START_TEST(writes_addresses)
{
	struct obol_endpoint_list list;
	char why[160];
	char text[OBOL_SOCKADDR_TEXT_MAX];
	struct sockaddr_storage other;

	ck_assert_int_eq(obol_endpoints_parse("192.0.2.1 [2001:DB8:0::1]", &list,
										  why, sizeof(why)),
					 OBOL_OK);
	obol_sockaddr_set_port(&list.items[0].addr, 4501);
	obol_sockaddr_set_port(&list.items[1].addr, 443);
	ck_assert_str_eq(obol_sockaddr_text(&list.items[0].addr, text),
					 "192.0.2.1 port 4501");
	ck_assert_str_eq(obol_sockaddr_text(&list.items[1].addr, text),
					 "2001:db8::1 port 443");
	memset(&other, 0, sizeof(other));
	other.ss_family = AF_UNIX;
	ck_assert_uint_eq(obol_sockaddr_len(&other), 0);
}
END_TEST

Suite *address_suite(void);
Suite *address_suite(void)
{
	Suite *suite = suite_create("address");
	TCase *tcase = tcase_create("address");

	tcase_add_loop_test(tcase, reads_addresses, 0,
						sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(tcase, refuses_others, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tcase, bounds_names);
	tcase_add_test(tcase, writes_addresses);
	suite_add_tcase(suite, tcase);
	return suite;
}
