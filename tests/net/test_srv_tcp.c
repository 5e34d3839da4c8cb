/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SRV records whose answer is too long for a datagram. */
#include <poll.h>
#include <unistd.h>

#include "rig.h"
#include "support/dns_peer.h"
#include "support/run.h"

#define DOMAIN "vpn.example.org"
/* of what must not wait for a time limit */
#define AT_ONCE_MS (OBOL_SRV_PATIENCE_MS - 100)

static struct dns_peer dns;
static unsigned n_datagram, n_stream;
static bool refuses_streams;

static bool see_socket(void *ctx, int fd, int family)
{
	socklen_t len = sizeof(int);
	int type = 0;

	(void)ctx;
	ck_assert_int_eq(family, AF_INET);
	ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len), 0);
	n_datagram += type == SOCK_DGRAM;
	n_stream += type == SOCK_STREAM;
	return type == SOCK_DGRAM || !refuses_streams;
}

static const struct obol_client_hooks hooks = { .socket_created = see_socket };

static uint64_t now_ms(void)
{
	return obol_mono_ms(obol_clock_system());
}

/* Polled as a race does it. */
static enum obol_srv_outcome look_up(struct obol_srv_list *list)
{
	const struct obol_srv_query_config config = { &dns.servers, &hooks,
												  obol_clock_system(),
												  obol_rng_system() };
	enum obol_srv_outcome outcome;
	struct obol_srv_query *query;

	ck_assert_int_eq(obol_srv_query_new(DOMAIN, &config, &query), OBOL_OK);
	while ((outcome = obol_srv_query_go_on(query, list)) == OBOL_SRV_PENDING)
	{
		struct pollfd pfd = { obol_srv_query_fd(query),
							  obol_srv_query_events(query), 0 };
		uint64_t now = now_ms(), wake = obol_srv_query_wake(query);

		ck_assert_int_ge(pfd.fd, 0);
		(void)poll(&pfd, 1, wake > now ? (int)(wake - now) : 0);
	}
	ck_assert_int_eq(obol_srv_query_fd(query), -1);
	obol_srv_query_free(query);
	return outcome;
}

static void begin(enum dns_peer_tcp tcp, size_t n_cut)
{
	struct dns_peer_config config = { .is_cut = true,
									  .n_cut = n_cut,
									  .tcp = tcp,
									  .n_records = OBOL_SRV_MAX,
									  .records = { { 1, 0, 1, "a.example" } } };
	size_t i;

	for (i = 1; i < OBOL_SRV_MAX; i++)
	{
		config.records[i] =
			(struct dns_peer_record){ (uint16_t)(i + 1), 0, (uint16_t)(i + 1),
									  "b.example" };
	}
	dns_peer_init(&dns, &config);
	n_datagram = n_stream = 0;
	refuses_streams = false;
}

static const struct {
	enum dns_peer_tcp tcp;
	size_t n_cut;
	enum obol_srv_outcome outcome;
	size_t n;
	int n_asked_tcp;
	/** it takes a time limit */
	bool is_slow;
} rows[] = {
	/* all of them, whatever the datagram had */
	{ DNS_TCP_ANSWER, 0, OBOL_SRV_FOUND, OBOL_SRV_MAX, 1, false },
	{ DNS_TCP_ANSWER, 2, OBOL_SRV_FOUND, OBOL_SRV_MAX, 1, false },
	{ DNS_TCP_DRIP, 0, OBOL_SRV_FOUND, OBOL_SRV_MAX, 1, true },
	{ DNS_TCP_NAME_ERROR, 0, OBOL_SRV_NONE, 0, 1, false },
	/* no more than the datagram: as far as that goes */
	{ DNS_TCP_NONE, 2, OBOL_SRV_FOUND, 2, 0, false },
	{ DNS_TCP_HALF, 2, OBOL_SRV_FOUND, 2, 1, false },
	{ DNS_TCP_OTHER, 2, OBOL_SRV_FOUND, 2, 1, false },
	{ DNS_TCP_EMPTY, 2, OBOL_SRV_FOUND, 2, 1, false },
	{ DNS_TCP_SILENT, 2, OBOL_SRV_FOUND, 2, 1, true },
	/* a cut answer over TCP has what it has */
	{ DNS_TCP_CUT, 0, OBOL_SRV_FOUND, 1, 1, false },
	/* nothing from nobody: the next server, and the next round */
	{ DNS_TCP_NONE, 0, OBOL_SRV_FAILED, 0, 0, false },
	{ DNS_TCP_HALF, 0, OBOL_SRV_FAILED, 0, OBOL_SRV_ROUNDS, false },
	{ DNS_TCP_OTHER, 0, OBOL_SRV_FAILED, 0, OBOL_SRV_ROUNDS, false },
	{ DNS_TCP_EMPTY, 0, OBOL_SRV_FAILED, 0, OBOL_SRV_ROUNDS, false },
	{ DNS_TCP_SILENT, 0, OBOL_SRV_FAILED, 0, OBOL_SRV_ROUNDS, true },
};

START_TEST(over_tcp)
{
	struct obol_srv_list list = { 0 };
	uint64_t took = 0;
	size_t i;

	/* something else may have had the machine: once in some times is enough */
	for (i = 0; i < RIG_TRIES; i++)
	{
		uint64_t start = now_ms();

		list.n = 0;
		begin(rows[_i].tcp, rows[_i].n_cut);
		ck_assert_msg(look_up(&list) == rows[_i].outcome, "row %d", _i);
		took = now_ms() - start;
		if (rows[_i].is_slow || took < AT_ONCE_MS)
		{
			break;
		}
		dns_peer_clear(&dns);
	}
	ck_assert_msg(i < RIG_TRIES, "row %d: %u ms", _i, (unsigned)took);
	ck_assert_uint_eq(list.n, rows[_i].n);
	for (i = 0; i < list.n; i++)
	{
		/* of the whole: in order, all of it, and each once */
		ck_assert_uint_eq(list.items[i].port, i + 1);
	}
	ck_assert_int_eq(atomic_load(&dns.n_asked_tcp), rows[_i].n_asked_tcp);
	dns_peer_clear(&dns);
}
END_TEST

/* Whoever is silent over TCP is given up, each time after the same pause. */
START_TEST(silence_is_bounded)
{
	struct obol_srv_list list = { 0 };
	uint64_t start = now_ms();

	begin(DNS_TCP_SILENT, 0);
	ck_assert_int_eq(look_up(&list), OBOL_SRV_FAILED);
	ck_assert_uint_ge(now_ms() - start, OBOL_SRV_ROUNDS * OBOL_SRV_PATIENCE_MS);
	ck_assert_uint_lt(now_ms() - start, RIG_SOON_MS);
	dns_peer_clear(&dns);
}
END_TEST

/* An answer that is whole is not asked for again. */
START_TEST(not_without_need)
{
	struct obol_srv_list list = { 0 };

	begin(DNS_TCP_ANSWER, 0);
	dns.config.is_cut = false;
	ck_assert_int_eq(look_up(&list), OBOL_SRV_FOUND);
	ck_assert_uint_eq(list.n, OBOL_SRV_MAX);
	ck_assert_int_eq(atomic_load(&dns.n_asked_tcp), 0);
	ck_assert_uint_eq(n_stream, 0);
	dns_peer_clear(&dns);
}
END_TEST

/* The caller sees each socket before anything leaves, and may refuse it. */
START_TEST(shows_sockets)
{
	struct obol_srv_list list = { 0 };

	begin(DNS_TCP_ANSWER, 1);
	ck_assert_int_eq(look_up(&list), OBOL_SRV_FOUND);
	ck_assert_uint_eq(list.n, OBOL_SRV_MAX);
	ck_assert_uint_eq(n_datagram, 1);
	ck_assert_uint_eq(n_stream, 1);
	refuses_streams = true;
	ck_assert_int_eq(look_up(&list), OBOL_SRV_FOUND);
	ck_assert_uint_eq(list.n, 1);
	ck_assert_int_eq(atomic_load(&dns.n_asked_tcp), 1);
	dns_peer_clear(&dns);
}
END_TEST

Suite *srv_tcp_suite(void);
Suite *srv_tcp_suite(void)
{
	Suite *suite = suite_create("srv over TCP");
	TCase *tcase = tcase_create("srv over TCP");

	tcase_set_timeout(tcase, 20);
	tcase_add_loop_test(tcase, over_tcp, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, silence_is_bounded);
	tcase_add_test(tcase, not_without_need);
	tcase_add_test(tcase, shows_sockets);
	suite_add_tcase(suite, tcase);
	return suite;
}
