/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The race: who wins it, what is told when nobody does, and how long it may
 * take. */
#include "rig.h"
#include "support/run.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

struct peer_row {
	enum tls_peer_kind kind;
	enum obol_net_failure failure;
	/** a word of the reason */
	const char *word;
	bool takes_deadline;
};

static const struct peer_row peers[] = {
	{ PEER_OBOL, OBOL_NET_OK, "", false },
	{ PEER_TICKETS, OBOL_NET_OK, "", false },
	{ PEER_NO_ALPN, OBOL_NET_PORTAL, "obol/1", false },
	{ PEER_OTHER_ALPN, OBOL_NET_PORTAL, "TLS failed", false },
	{ PEER_TLS12, OBOL_NET_PORTAL, "protocol version", false },
	{ PEER_HTTP, OBOL_NET_PORTAL, "TLS failed", false },
	{ PEER_RESET, OBOL_NET_PORTAL, "closed", false },
	{ PEER_CLOSE, OBOL_NET_PORTAL, "closed", false },
	{ PEER_SILENT, OBOL_NET_TIMEOUT, "silent", true },
	{ PEER_HALF, OBOL_NET_TIMEOUT, "silent", true },
};

#define N_PEERS (sizeof(peers) / sizeof(peers[0]))

START_TEST(tells_peers_apart)
{
	const struct peer_row *row = &peers[_i];
	struct tls_peer_config config = { .kind = row->kind };
	struct tls_peer peer;
	struct rig rig;

	tls_peer_init(&peer, &config);
	rig_init(&rig, tls_peer_text(&peer));
	obol_wait_init(&rig.wait, obol_clock_system(),
				   row->takes_deadline ? 1000 : RIG_LONG_MS, -1);
	ck_assert_msg(rig_connect(&rig) == row->failure, "row %d: %d %s", _i,
				  rig.failure, rig.why);
	ck_assert_msg(strstr(rig.why, row->word) != NULL, "row %d: %s", _i,
				  rig.why);
	ck_assert_uint_lt(rig.ms, RIG_SOON_MS);
	ck_assert(rig.ms >= 1000 || !row->takes_deadline);
	rig_clear(&rig);
	tls_peer_clear(&peer);
}
END_TEST

/* Whatever the first one does, the second one is found. */
START_TEST(passes_by)
{
	struct tls_peer_config config = { .kind = peers[_i].kind };
	struct tls_peer_config good = { .kind = PEER_OBOL };
	struct tls_peer first;
	struct tls_peer second;
	struct rig rig;
	char servers[80];

	tls_peer_init(&first, &config);
	tls_peer_init(&second, &good);
	(void)snprintf(servers, sizeof(servers), "%s, %s", tls_peer_text(&first),
				   tls_peer_text(&second));
	rig_init(&rig, servers);
	rig_connect_to(&rig, peers[_i].failure == OBOL_NET_OK ? 0 : 1);
	/* two short waits when the first one gets as far as TCP */
	ck_assert_uint_lt(rig.ms, RIG_SOON_MS);
	rig_clear(&rig);
	tls_peer_clear(&second);
	tls_peer_clear(&first);
}
END_TEST

static size_t resolve_loopback(void *ctx, const char *host,
							   struct sockaddr_storage *addrs, size_t max)
{
	int *n_asked = ctx;
	struct sockaddr_in *in = (struct sockaddr_in *)&addrs[0];

	++*n_asked;
	if (max == 0 || strcmp(host, "nowhere.example") == 0)
	{
		return 0;
	}
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in->sin_port = htons(1); /* to be ignored */
	return 1;
}

struct ports_row {
	/** what listens on the first and second port: kind, or -1 for nobody */
	int kinds[2];
	enum obol_net_failure failure;
	const char *word;
};

static const struct ports_row both_ports[] = {
	{ { PEER_OBOL, -1 }, OBOL_NET_OK, "" },
	{ { -1, PEER_OBOL }, OBOL_NET_OK, "" },
	{ { PEER_SILENT, PEER_OBOL }, OBOL_NET_OK, "" },
	{ { PEER_NO_ALPN, PEER_OBOL }, OBOL_NET_OK, "" },
	{ { PEER_OBOL, PEER_NO_ALPN }, OBOL_NET_OK, "" },
	{ { -1, PEER_NO_ALPN }, OBOL_NET_PORTAL, "obol/1" },
	{ { PEER_HTTP, PEER_NO_ALPN }, OBOL_NET_PORTAL, "TLS" },
	{ { -1, PEER_SILENT }, OBOL_NET_TIMEOUT, "silent" },
	{ { -1, -1 }, OBOL_NET_UNREACHABLE, "refused" },
};

START_TEST(tries_both_ports)
{
	const struct ports_row *row = &both_ports[_i];
	struct tls_peer listeners[2];
	struct rig rig;
	int n_asked = 0;
	int i;

	rig_init(&rig, "server.example");
	rig.hooks.ctx = &n_asked;
	rig.hooks.resolve = resolve_loopback;
	obol_wait_init(&rig.wait, obol_clock_system(),
				   row->failure == OBOL_NET_TIMEOUT ? 1000 : RIG_LONG_MS, -1);
	rig.config.n_ports = 2;
	for (i = 0; i < 2; i++)
	{
		rig.config.ports[i] = tls_peer_dead_port();
		if (row->kinds[i] >= 0)
		{
			struct tls_peer_config config = {
				.kind = (enum tls_peer_kind)row->kinds[i]
			};

			tls_peer_init(&listeners[i], &config);
			rig.config.ports[i] = listeners[i].port;
		}
	}
	ck_assert_msg(rig_connect(&rig) == row->failure, "row %d: %d %s", _i,
				  rig.failure, rig.why);
	ck_assert_msg(strstr(rig.why, row->word) != NULL, "row %d: %s", _i,
				  rig.why);
	ck_assert_int_eq(n_asked, 1);
	rig_clear(&rig);
	for (i = 0; i < 2; i++)
	{
		if (row->kinds[i] >= 0)
		{
			tls_peer_clear(&listeners[i]);
		}
	}
}
END_TEST

START_TEST(hook_that_finds_nothing)
{
	struct rig rig;
	int n_asked = 0;

	rig_init(&rig, "nowhere.example:4501");
	rig.hooks.ctx = &n_asked;
	rig.hooks.resolve = resolve_loopback;
	ck_assert_int_eq(rig_connect(&rig), OBOL_NET_RESOLVE);
	ck_assert_ptr_nonnull(strstr(rig.why, "nowhere.example"));
	ck_assert_uint_lt(rig.ms, RIG_SOON_MS);
	rig_clear(&rig);
}
END_TEST

/* Names are asked for in turn: none when the first server answers. */
START_TEST(hook_is_asked_in_turn)
{
	struct tls_peer_config config = { .kind = PEER_OBOL };
	struct tls_peer peer;
	struct rig rig;
	char servers[80];
	int n_asked = 0;

	tls_peer_init(&peer, &config);
	(void)snprintf(servers, sizeof(servers), "%s b.example:1",
				   tls_peer_text(&peer));
	rig_init(&rig, servers);
	rig.hooks.ctx = &n_asked;
	rig.hooks.resolve = resolve_loopback;
	ck_assert_int_eq(rig_connect(&rig), OBOL_NET_OK);
	ck_assert_int_eq(n_asked, 0);
	(void)snprintf(servers, sizeof(servers), "nowhere.example %s",
				   tls_peer_text(&peer));
	ck_assert_int_eq(
		obol_endpoints_parse(servers, &rig.endpoints, rig.why, sizeof(rig.why)),
		OBOL_OK);
	ck_assert_msg(rig_connect(&rig) == OBOL_NET_OK, "%s", rig.why);
	ck_assert_int_eq(n_asked, 1);
	ck_assert_uint_eq(rig.connection.endpoint, 1);
	rig_clear(&rig);
	tls_peer_clear(&peer);
}
END_TEST

/* Five servers that drop every packet, one deadline: not one for each. */
START_TEST(keeps_the_deadline)
{
	struct black_hole hole;
	struct rig rig;
	char servers[200];

	black_hole_init(&hole);
	(void)snprintf(servers, sizeof(servers), "%s %s %s %s %s", hole.text,
				   hole.text, hole.text, hole.text, hole.text);
	rig_init(&rig, servers);
	obol_wait_init(&rig.wait, obol_clock_system(), 2000, -1);
	ck_assert_int_eq(rig_connect(&rig), OBOL_NET_UNREACHABLE);
	ck_assert_ptr_nonnull(strstr(rig.why, "no answer"));
	ck_assert_uint_ge(rig.ms, 2000);
	ck_assert_uint_lt(rig.ms, 5 * 2000);
	rig_clear(&rig);
	black_hole_clear(&hole);
}
END_TEST

START_TEST(waits_for_nobody_that_is_dead)
{
	struct black_hole hole;
	struct tls_peer_config config = { .kind = PEER_OBOL };
	struct tls_peer peer;
	struct rig rig;
	char servers[120];

	black_hole_init(&hole);
	tls_peer_init(&peer, &config);
	(void)snprintf(servers, sizeof(servers), "%s %s", hole.text,
				   tls_peer_text(&peer));
	rig_init(&rig, servers);
	ck_assert_msg(rig_connect(&rig) == OBOL_NET_OK, "%s", rig.why);
	ck_assert_uint_ge(rig.ms, OBOL_CONNECT_STAGGER_MS - 10);
	ck_assert_uint_lt(rig.ms, RIG_SOON_MS);
	rig_clear(&rig);
	tls_peer_clear(&peer);
	black_hole_clear(&hole);
}
END_TEST

struct aborter {
	pthread_t thread;
	int pipe[2];
	unsigned after_ms;
	uint64_t at_ms;
};

static void *abort_later(void *arg)
{
	struct aborter *aborter = arg;

	(void)usleep(aborter->after_ms * 1000);
	aborter->at_ms = obol_mono_ms(obol_clock_system());
	(void)!write(aborter->pipe[1], "x", 1);
	return NULL;
}

static const enum tls_peer_kind stalls[] = { PEER_SILENT, PEER_HALF };

/* 0: nobody answers, else a peer that stalls in the handshake. */
START_TEST(aborts)
{
	struct tls_peer_config config = { .kind = stalls[_i ? _i - 1 : 0] };
	struct aborter aborter = { .after_ms = 100 };
	struct black_hole hole;
	struct tls_peer peer;
	struct rig rig;
	uint64_t late;

	black_hole_init(&hole);
	tls_peer_init(&peer, &config);
	rig_init(&rig, _i ? tls_peer_text(&peer) : hole.text);
	ck_assert_int_eq(pipe2(aborter.pipe, O_CLOEXEC), 0);
	obol_wait_init(&rig.wait, obol_clock_system(), RIG_LONG_MS,
				   aborter.pipe[0]);
	ck_assert_int_eq(
		pthread_create(&aborter.thread, NULL, abort_later, &aborter), 0);
	ck_assert_int_eq(rig_connect(&rig), OBOL_NET_ABORTED);
	late = obol_mono_ms(obol_clock_system());
	(void)pthread_join(aborter.thread, NULL);
	ck_assert_uint_lt(late - aborter.at_ms, RIG_SOON_MS);
	/* it stays readable: the next one does not even start */
	ck_assert_int_eq(rig_connect(&rig), OBOL_NET_ABORTED);
	ck_assert_uint_lt(rig.ms, RIG_SOON_MS);
	rig_clear(&rig);
	tls_peer_clear(&peer);
	black_hole_clear(&hole);
	(void)close(aborter.pipe[0]);
	(void)close(aborter.pipe[1]);
}
END_TEST

static bool created(void *ctx, int fd, int family)
{
	int *n_created = ctx;
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(family, AF_INET);
	/* it is not connected yet */
	ck_assert_int_ne(getpeername(fd, (struct sockaddr *)&addr, &len), 0);
	return --*n_created < 0;
}

START_TEST(shows_sockets_first)
{
	struct tls_peer_config config = { .kind = PEER_OBOL };
	struct tls_peer peer;
	struct rig rig;
	int n_refused = 0;

	tls_peer_init(&peer, &config);
	rig_init(&rig, tls_peer_text(&peer));
	rig.hooks.ctx = &n_refused;
	rig.hooks.socket_created = created;
	ck_assert_int_eq(rig_connect(&rig), OBOL_NET_OK);
	ck_assert_int_eq(n_refused, -1);
	n_refused = 1;
	ck_assert_int_eq(rig_connect(&rig), OBOL_NET_UNREACHABLE);
	ck_assert_ptr_nonnull(strstr(rig.why, "prepared"));
	ck_assert_int_eq(atomic_load(&peer.n_accepted), 1);
	rig_clear(&rig);
	tls_peer_clear(&peer);
}
END_TEST

START_TEST(pins_the_key)
{
	struct tls_peer_config config = { .kind = PEER_OBOL };
	struct tls_peer peer;
	struct tls_peer other;
	uint8_t pins[2][OBOL_TLS_KEY_HASH_LEN] = { { 1 }, { 2 } };
	struct rig rig;
	char servers[80];

	tls_peer_init(&peer, &config);
	tls_peer_init(&other, &config);
	(void)snprintf(servers, sizeof(servers), "%s %s", tls_peer_text(&peer),
				   tls_peer_text(&other));
	rig_init(&rig, servers);
	ck_assert_int_eq(rig_connect(&rig), OBOL_NET_OK);
	rig.config.tls_pins = (const uint8_t(*)[OBOL_TLS_KEY_HASH_LEN])pins;
	memcpy(pins[1], rig.connection.tls_key_hash, sizeof(pins[1]));
	rig.config.n_tls_pins = 2;
	ck_assert_int_eq(rig_connect(&rig), OBOL_NET_OK);
	ck_assert_uint_eq(rig.connection.endpoint, 0);
	/* the same key at the other server is another one */
	rig.config.n_tls_pins = 1;
	ck_assert_int_eq(rig_connect(&rig), OBOL_NET_PIN);
	ck_assert_ptr_nonnull(strstr(rig.why, "TLS key"));
	rig_clear(&rig);
	tls_peer_clear(&peer);
	tls_peer_clear(&other);
	/* and nothing was sent to either */
	ck_assert_int_eq(atomic_load(&peer.n_received), 0);
	ck_assert_int_eq(atomic_load(&other.n_received), 0);
}
END_TEST

START_TEST(works_over_ipv6)
{
	struct tls_peer_config config = { .kind = PEER_OBOL, .family = AF_INET6 };
	struct tls_peer peer;
	struct rig rig;

	tls_peer_init(&peer, &config);
	rig_init(&rig, tls_peer_text(&peer));
	ck_assert_msg(rig_connect(&rig) == OBOL_NET_OK, "%s", rig.why);
	rig_clear(&rig);
	tls_peer_clear(&peer);
}
END_TEST

Suite *connect_suite(void);
Suite *connect_suite(void)
{
	Suite *suite = suite_create("connect");
	TCase *tcase = tcase_create("connect");

	tcase_set_timeout(tcase, 20);
	tcase_add_loop_test(tcase, tells_peers_apart, 0, N_PEERS);
	tcase_add_loop_test(tcase, passes_by, 0, N_PEERS);
	tcase_add_loop_test(tcase, tries_both_ports, 0,
						sizeof(both_ports) / sizeof(both_ports[0]));
	tcase_add_test(tcase, hook_that_finds_nothing);
	tcase_add_test(tcase, hook_is_asked_in_turn);
	tcase_add_test(tcase, keeps_the_deadline);
	tcase_add_test(tcase, waits_for_nobody_that_is_dead);
	tcase_add_loop_test(tcase, aborts, 0, 3);
	tcase_add_test(tcase, shows_sockets_first);
	tcase_add_test(tcase, pins_the_key);
	tcase_add_test(tcase, works_over_ipv6);
	suite_add_tcase(suite, tcase);
	return suite;
}
