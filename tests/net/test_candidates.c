/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order in which addresses and ports are tried (RFC 8305, 4). */
#include "support/run.h"

#include <stdio.h>

#include "net/candidates.h"

struct row {
	/** a letter each: 6 and 4 by family, x for another one */
	const char *in;
	size_t n_ports;
	/** number of the address in its order, then the port's letter */
	const char *out;
};

static const struct row rows[] = {
	{ "", 2, "" },
	{ "4", 1, "0a" },
	{ "4", 2, "0a 0b" },
	{ "64", 2, "0a 1a 0b 1b" },
	{ "46", 2, "0a 1a 0b 1b" },
	{ "6644", 1, "0a 2a 1a 3a" },
	{ "6644", 2, "0a 2a 0b 2b 1a 3a 1b 3b" },
	{ "4444", 2, "0a 1a 0b 1b 2a 3a 2b 3b" },
	{ "666664", 1, "0a 5a 1a 2a 3a 4a" },
	{ "x4", 2, "1a 1b" },
	{ "66444444", 1, "0a 2a 1a 3a 4a 5a 6a 7a" },
};

static void describe(const struct sockaddr_storage *addrs, size_t n, char *text,
					 size_t size)
{
	char one[OBOL_SOCKADDR_TEXT_MAX];
	size_t used = 0;
	size_t i;

	text[0] = '\0';
	for (i = 0; i < n; i++)
	{
		const char *last;

		(void)obol_sockaddr_text(&addrs[i], one);
		last = strchr(one, ' ') - 1;
		used +=
			(size_t)snprintf(text + used, size - used, "%s%c%c", i ? " " : "",
							 *last, strstr(one, "port 1001") ? 'a' : 'b');
	}
}

START_TEST(takes_turns)
{
	const struct row *row = &rows[_i];
	static const uint16_t ports[] = { 1001, 1002 };
	struct sockaddr_storage in[OBOL_RESOLVE_MAX];
	struct sockaddr_storage out[OBOL_CANDIDATES_MAX];
	struct obol_endpoint_list list;
	char text[256];
	char why[64];
	size_t n = strlen(row->in);
	size_t i;

	memset(in, 0, sizeof(in));
	for (i = 0; i < n; i++)
	{
		(void)snprintf(text, sizeof(text),
					   row->in[i] == '6' ? "[2001:db8::1:%zu]" : "192.0.2.%zu",
					   i);
		ck_assert_int_eq(obol_endpoints_parse(text, &list, why, sizeof(why)),
						 OBOL_OK);
		in[i] = list.items[0].addr;
		if (row->in[i] == 'x')
		{
			in[i].ss_family = AF_UNIX;
		}
	}
	n = obol_candidates_order(in, n, ports, row->n_ports, out);
	describe(out, n, text, sizeof(text));
	ck_assert_str_eq(text, row->out);
}
END_TEST

Suite *candidates_suite(void);
Suite *candidates_suite(void)
{
	Suite *suite = suite_create("candidates");
	TCase *tcase = tcase_create("candidates");

	tcase_add_loop_test(tcase, takes_turns, 0, sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
