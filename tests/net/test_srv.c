/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SRV records: what is asked, what is taken of an answer, in which order. */
#include "net/srv.h"
#include "support/dns_peer.h"
#include "support/hex.h"
#include "support/run.h"
#include "support/scripted_rng.h"

#include <stdlib.h>

#define DOMAIN "vpn.example.org"

static struct obol_writer question;
static struct obol_writer answer;

static void setup(void)
{
	obol_writer_init(&question);
	obol_writer_init(&answer);
	ck_assert_int_eq(obol_srv_ask(DOMAIN, 0x1234, &question), OBOL_OK);
}

static void teardown(void)
{
	obol_writer_clear(&question);
	obol_writer_clear(&answer);
}

static enum obol_status decode(struct obol_bytes message,
							   enum obol_srv_outcome *outcome,
							   struct obol_srv_list *list)
{
	return obol_srv_decode(message, obol_writer_view(&question), outcome, list);
}

static struct obol_bytes answer_of(const struct dns_peer_config *config)
{
	dns_peer_answer(config, obol_writer_view(&question), &answer);
	return obol_writer_view(&answer);
}

/* RFC 1035, 4.1; RFC 2782; RFC 6891, 6.1.2 */
START_TEST(asks)
{
	static const char expected[] = "123401000001000000000001"
								   "055f6f626f6c045f74637003"
								   "76706e076578616d706c65036f726700"
								   "00210001"
								   "00002904d0000000000000";
	char *text = hex_encode(obol_writer_view(&question));

	ck_assert_str_eq(text, expected);
	free(text);
}
END_TEST

START_TEST(names_that_are_looked_up)
{
	struct obol_writer w;
	char name[OBOL_HOST_MAX + 1];

	ck_assert(obol_srv_is_for("example.org"));
	ck_assert(!obol_srv_is_for("moon"));
	/* _obol._tcp. in front of 242 characters makes the longest name */
	memset(name, 'a', sizeof(name));
	name[60] = name[120] = name[180] = name[240] = '.';
	name[242] = '\0';
	obol_writer_init(&w);
	ck_assert_int_eq(obol_srv_ask(name, 1, &w), OBOL_OK);
	obol_writer_clear(&w);
	name[242] = 'a';
	name[243] = '\0';
	obol_writer_init(&w);
	ck_assert_int_eq(obol_srv_ask(name, 1, &w), OBOL_ERR_ARG);
	obol_writer_clear(&w);
}
END_TEST

struct answer_row {
	struct dns_peer_config config;
	enum obol_srv_outcome outcome;
	size_t n;
	/** the first one's */
	const char *host;
	uint16_t port;
};

static const struct answer_row answers[] = {
	{ { .kind = DNS_NAME_ERROR }, OBOL_SRV_NONE, 0, NULL, 0 },
	{ { .kind = DNS_ANSWER }, OBOL_SRV_NONE, 0, NULL, 0 },
	{ { .kind = DNS_SERVER_FAILURE }, OBOL_SRV_FAILED, 0, NULL, 0 },
	{ { .n_records = 1, .records = { { 0, 0, 4501, "a.example" } } },
	  OBOL_SRV_FOUND,
	  1,
	  "a.example",
	  4501 },
	/* RFC 4343: case does not matter */
	{ { .n_records = 2,
		.records = { { 10, 0, 443, "A.Example" }, { 0, 5, 1, "b" } } },
	  OBOL_SRV_FOUND,
	  2,
	  "a.example",
	  443 },
	/* RFC 2782, "Target": "." says that the service is not available */
	{ { .n_records = 1, .records = { { 0, 0, 0, "." } } },
	  OBOL_SRV_ABSENT,
	  0,
	  NULL,
	  0 },
	/* beside others it says nothing */
	{ { .n_records = 2,
		.records = { { 0, 0, 1, "." }, { 1, 1, 2, "b.example" } } },
	  OBOL_SRV_FOUND,
	  1,
	  "b.example",
	  2 },
	/* no port, no host names, an address in a host name's place */
	{ { .n_records = 4,
		.records = { { 0, 0, 0, "a.example" },
					 { 0, 0, 1, "a b.example" },
					 { 0, 0, 1, "192.0.2.1" },
					 { 0, 0, 1, "-a.example" } } },
	  OBOL_SRV_NONE,
	  0,
	  NULL,
	  0 },
	/* more than are taken */
	{ { .n_records = 10,
		.records = { { 0, 0, 1, "a.example" },
					 { 0, 0, 2, "a.example" },
					 { 0, 0, 3, "a.example" },
					 { 0, 0, 4, "a.example" },
					 { 0, 0, 5, "a.example" },
					 { 0, 0, 6, "a.example" },
					 { 0, 0, 7, "a.example" },
					 { 0, 0, 8, "a.example" },
					 { 0, 0, 9, "a.example" },
					 { 0, 0, 10, "a.example" } } },
	  OBOL_SRV_FOUND,
	  OBOL_SRV_MAX,
	  "a.example",
	  1 },
};

START_TEST(takes_answers)
{
	const struct answer_row *row = &answers[_i];
	enum obol_srv_outcome outcome = OBOL_SRV_PENDING;
	struct obol_srv_list list = { 0 };

	ck_assert_msg(decode(answer_of(&row->config), &outcome, &list) == OBOL_OK,
				  "row %d", _i);
	ck_assert_msg(outcome == row->outcome, "row %d: %d", _i, outcome);
	ck_assert_uint_eq(list.n, row->n);
	if (row->n)
	{
		ck_assert_str_eq(list.items[0].host, row->host);
		ck_assert_uint_eq(list.items[0].port, row->port);
	}
}
END_TEST

static const struct dns_peer_config two = {
	.n_records = 2,
	.records = { { 1, 2, 4501, "a.example" }, { 1, 2, 4502, "b.example" } }
};

/* Cut at every length: never more than what was there, and no answer at all
 * unless the name server said that it was cut; then nobody takes it for whole.
 */
START_TEST(refuses_cut_answers)
{
	struct obol_bytes whole = answer_of(&two);
	size_t len;

	for (len = 0; len < whole.len; len++)
	{
		/* of its own size, so that reading over its end shows */
		uint8_t *cut = malloc(len + 1);
		enum obol_srv_outcome outcome = OBOL_SRV_PENDING;
		struct obol_srv_list list = { 0 };

		memcpy(cut, whole.ptr, len);
		ck_assert_msg(decode(obol_bytes(cut, len), &outcome, &list) ==
						  OBOL_ERR_FORMAT,
					  "%zu bytes", len);
		if (len > 12)
		{
			cut[2] |= 0x02;
			if (decode(obol_bytes(cut, len), &outcome, &list) == OBOL_OK)
			{
				ck_assert_uint_lt(list.n, 2);
				ck_assert_int_eq(outcome, OBOL_SRV_CUT);
			}
		}
		free(cut);
	}
}
END_TEST

struct byte_row {
	const char *what;
	size_t at;
	uint8_t flip;
};

static const struct byte_row others[] = {
	{ "another id", 1, 1 },
	{ "a question", 2, 0x80 },
	{ "another operation", 2, 0x08 },
	{ "two questions", 5, 3 },
	{ "another name", 14, 0x01 },
	{ "another type", 41, 1 },
	{ "another class", 43, 2 },
	{ "more answers than there are", 7, 1 },
	/* RFC 1035, 4.1.4: a pointer to itself */
	{ "a loop", 45, 12 ^ 44 },
	{ "a record's length", 45 + 10, 1 },
};

START_TEST(refuses_others_answers)
{
	const struct byte_row *row = &others[_i];
	struct obol_bytes whole = answer_of(&two);
	enum obol_srv_outcome outcome = OBOL_SRV_PENDING;
	struct obol_srv_list list = { 0 };
	uint8_t bytes[512];

	memcpy(bytes, whole.ptr, whole.len);
	bytes[row->at] ^= row->flip;
	ck_assert_msg(decode(obol_bytes(bytes, whole.len), &outcome, &list) ==
					  OBOL_ERR_FORMAT,
				  "%s", row->what);
	ck_assert_int_eq(outcome, OBOL_SRV_PENDING);
}
END_TEST

static void check_order(const char *expected, struct obol_srv_list *list,
						struct obol_rng *rng)
{
	char order[OBOL_SRV_MAX + 1] = "";
	size_t i;

	ck_assert_int_eq(obol_srv_order(list, rng), OBOL_OK);
	for (i = 0; i < list->n; i++)
	{
		order[i] = list->items[i].host[0];
	}
	ck_assert_str_eq(order, expected);
}

/* Four bytes for each place, as this machine has them in memory. */
static void script(struct scripted_rng *rng, uint32_t first)
{
	uint32_t chances[OBOL_SRV_MAX] = { first };

	scripted_rng_init(rng, NULL);
	scripted_rng_add(rng, obol_bytes(chances, sizeof(chances)));
}

/* RFC 2782: c comes last whatever its weight; of a and b, a has one chance in
 * four, and z a very small one. */
START_TEST(orders)
{
	static const struct obol_srv_list list = { 4,
											   { { 20, 100, 1, "c" },
												 { 10, 1, 1, "a" },
												 { 10, 3, 1, "b" },
												 { 10, 0, 1, "z" } } };
	static const char *const expected[] = { "zabc", "azbc", "bzac",
											"bzac", "bzac", "zabc" };
	struct scripted_rng rng;
	struct obol_srv_list copy = list;

	script(&rng, (uint32_t)_i);
	check_order(expected[_i], &copy, &rng.rng);
	scripted_rng_init(&rng, "00", NULL);
	ck_assert_int_eq(obol_srv_order(&copy, &rng.rng), OBOL_ERR_CRYPTO);
}
END_TEST

START_TEST(divides_by_weight)
{
	unsigned n_first = 0;
	int i;

	for (i = 0; i < 4000; i++)
	{
		struct obol_srv_list list = { 2,
									  { { 1, 1, 1, "a" }, { 1, 3, 1, "b" } } };

		ck_assert_int_eq(obol_srv_order(&list, obol_rng_system()), OBOL_OK);
		n_first += list.items[0].host[0] == 'a';
	}
	/* chances are 0 to 4 of a sum of 4: two in five, RFC 2782 has it so; ten
	 * standard deviations are allowed */
	ck_assert_uint_gt(n_first, 1290);
	ck_assert_uint_lt(n_first, 1910);
}
END_TEST

Suite *srv_suite(void);
Suite *srv_suite(void)
{
	Suite *suite = suite_create("srv");
	TCase *tcase = tcase_create("srv");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, asks);
	tcase_add_test(tcase, names_that_are_looked_up);
	tcase_add_loop_test(tcase, takes_answers, 0,
						sizeof(answers) / sizeof(answers[0]));
	tcase_add_test(tcase, refuses_cut_answers);
	tcase_add_loop_test(tcase, refuses_others_answers, 0,
						sizeof(others) / sizeof(others[0]));
	tcase_add_loop_test(tcase, orders, 0, 6);
	tcase_add_test(tcase, divides_by_weight);
	suite_add_tcase(suite, tcase);
	return suite;
}
