/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Servers that a domain names in SRV records: who is found, whom they have to
 * prove to be, and what is told when they are of no use. */
#include "rig.h"
#include "support/dns_peer.h"
#include "support/run.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#define DOMAIN "server.example"
/* less than the wait for an answer that does not come */
#define AT_ONCE_MS (OBOL_CONNECT_STAGGER_MS - 10)

/** Hosts that the hook knows; all are this machine. */
struct hosts {
	/** NULL for "nowhere" */
	const char *last_asked;
	char asked[256];
};

static struct hosts hosts;
static struct dns_peer dns;
static struct tls_peer peers[2];
static struct rig rig;

static size_t resolve_hosts(void *ctx, const char *host,
							struct sockaddr_storage *addrs, size_t max)
{
	struct hosts *this = ctx;
	struct sockaddr_in *in = (struct sockaddr_in *)&addrs[0];
	size_t len = strlen(this->asked);

	(void)snprintf(this->asked + len, sizeof(this->asked) - len, "%s ", host);
	if (max == 0 || strcmp(host, "nowhere.example") == 0)
	{
		return 0;
	}
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return 1;
}

/* A domain whose own address has nobody at the default ports. */
static void begin(const struct dns_peer_config *config)
{
	static const uint16_t nobody[] = { 1 };

	memset(&hosts, 0, sizeof(hosts));
	dns_peer_init(&dns, config);
	rig_init(&rig, DOMAIN);
	rig.hooks.ctx = &hosts;
	rig.hooks.resolve = resolve_hosts;
	rig.config.hooks = &rig.hooks;
	rig.config.ports[0] = nobody[0];
	rig.config.n_ports = 1;
	rig.config.name_servers = &dns.servers;
	rig.config.rng = obol_rng_system();
}

static void end(void)
{
	rig_clear(&rig);
	dns_peer_clear(&dns);
}

/* Connects without having to wait for anything; but something else may have had
 * the machine, so that once in some times is enough. */
static void begin_at_once(const struct dns_peer_config *config,
						  enum obol_net_failure failure)
{
	unsigned i = 0;

	for (;;)
	{
		begin(config);
		ck_assert_msg(rig_connect(&rig) == failure, "%s", rig.why);
		if (rig.ms < AT_ONCE_MS)
		{
			return;
		}
		ck_assert_msg(++i < RIG_TRIES, "%u ms", (unsigned)rig.ms);
		end();
	}
}

static uint16_t port_reached(void)
{
	const struct sockaddr_in *in =
		(const struct sockaddr_in *)&rig.connection.addr;

	return ntohs(in->sin_port);
}

static void start_peers(struct dns_peer_config *config)
{
	const struct tls_peer_config good = { .kind = PEER_OBOL };
	size_t i;

	for (i = 0; i < 2; i++)
	{
		tls_peer_init(&peers[i], &good);
		config->records[i].priority = (uint16_t)i;
		config->records[i].port = peers[i].port;
		config->records[i].target = i ? "b.example" : "a.example";
	}
	config->n_records = 2;
}

static void stop_peers(void)
{
	tls_peer_clear(&peers[0]);
	tls_peer_clear(&peers[1]);
}

/* 1: an answer that comes behind others' */
START_TEST(finds_the_first)
{
	struct dns_peer_config config = { .kind = _i ? DNS_FLOOD : DNS_ANSWER };

	start_peers(&config);
	begin_at_once(&config, OBOL_NET_OK);
	ck_assert_str_eq(hosts.asked, "a.example ");
	ck_assert_uint_eq(port_reached(), peers[0].port);
	ck_assert_uint_eq(rig.connection.endpoint, 0);
	ck_assert(rig.connection.has_others);
	end();
	stop_peers();
}
END_TEST

START_TEST(goes_on_at_the_second)
{
	struct dns_peer_config config = { .kind = DNS_ANSWER };

	start_peers(&config);
	tls_peer_clear(&peers[0]);
	begin_at_once(&config, OBOL_NET_OK);
	ck_assert_str_eq(hosts.asked, "a.example b.example ");
	ck_assert(!rig.connection.has_others);
	end();
	tls_peer_clear(&peers[1]);
}
END_TEST

/* What failed before is passed over, and named when there is nobody else. */
START_TEST(passes_over)
{
	struct dns_peer_config config = { .kind = DNS_ANSWER };
	struct obol_tried tried = { 0 };

	start_peers(&config);
	begin(&config);
	rig.config.tried = &tried;
	for (tried.n = 0; tried.n < 2; tried.n++)
	{
		ck_assert_msg(rig_connect(&rig) == OBOL_NET_OK, "%s", rig.why);
		ck_assert_int_eq(atomic_load(&peers[tried.n].n_accepted), 1);
		tried.items[tried.n].addr = rig.connection.addr;
		(void)snprintf(tried.items[tried.n].why, OBOL_TRIED_WHY_MAX,
					   "it failed before");
	}
	ck_assert_int_eq(rig_connect(&rig), OBOL_NET_CLOSED);
	ck_assert_msg(strstr(rig.why, "a.example at 127.0.0.1") &&
					  strstr(rig.why, "b.example at 127.0.0.1") &&
					  strstr(rig.why, "it failed before"),
				  "%s", rig.why);
	end();
	stop_peers();
}
END_TEST

/* Whoever is at the target has to prove to be the domain: a certificate for the
 * target's name is not enough, one for the domain's is. */
START_TEST(target_has_to_be_the_domain)
{
	const struct test_cert as_target = { .cn = "a.example",
										 .san = "DNS:a.example" };
	const struct test_cert as_domain = { .cn = DOMAIN, .san = "DNS:" DOMAIN };
	struct dns_peer_config config = { .kind = DNS_ANSWER, .n_records = 1 };
	struct test_identity identity;
	struct tls_peer_config peer = { .kind = PEER_OBOL, .identity = &identity };

	test_identity_init(&identity, _i ? &as_domain : &as_target, NULL);
	tls_peer_init(&peers[0], &peer);
	config.records[0].port = peers[0].port;
	config.records[0].target = "a.example";
	begin(&config);
	rig_trust(&rig, identity.certificate);
	ck_assert_int_eq(rig_connect(&rig), _i ? OBOL_NET_OK : OBOL_NET_TLS_CA);
	end();
	tls_peer_clear(&peers[0]);
	test_identity_clear(&identity);
}
END_TEST

/* Pins hold whatever SRV says. */
START_TEST(target_has_to_have_the_pinned_key)
{
	static const uint8_t pins[1][OBOL_TLS_KEY_HASH_LEN] = { { 1, 2, 3 } };
	struct dns_peer_config config = { .kind = DNS_ANSWER };

	start_peers(&config);
	begin(&config);
	rig.config.tls_pins = pins;
	rig.config.n_tls_pins = 1;
	ck_assert_int_eq(rig_connect(&rig), OBOL_NET_PIN);
	end();
	stop_peers();
}
END_TEST

struct without_row {
	enum dns_peer_kind kind;
	/** a name server in front that nobody is at */
	bool has_dead;
	unsigned at_least_ms;
	unsigned at_most_ms;
};

/* Without records the domain's own address is the server's; without an answer
 * it is tried after a moment, too. */
static const struct without_row without[] = {
	{ DNS_NAME_ERROR, false, 0, AT_ONCE_MS },
	{ DNS_ANSWER, false, 0, AT_ONCE_MS },
	{ DNS_ANSWER, true, 0, AT_ONCE_MS },
	{ DNS_SERVER_FAILURE, false, 0, AT_ONCE_MS },
	{ DNS_SILENT, false, OBOL_CONNECT_STAGGER_MS - 10, RIG_SOON_MS },
	{ DNS_GARBAGE, false, OBOL_CONNECT_STAGGER_MS - 10, RIG_SOON_MS },
};

START_TEST(domain_itself)
{
	const struct without_row *row = &without[_i];
	const struct tls_peer_config good = { .kind = PEER_OBOL };
	struct dns_peer_config config = { .kind = row->kind };
	unsigned i;

	tls_peer_init(&peers[0], &good);
	for (i = 0; i < RIG_TRIES; i++)
	{
		begin(&config);
		if (row->has_dead)
		{
			dns_peer_add_dead(&dns.servers);
		}
		rig.config.ports[0] = peers[0].port;
		ck_assert_msg(rig_connect(&rig) == OBOL_NET_OK, "row %d: %s", _i,
					  rig.why);
		ck_assert_str_eq(hosts.asked, DOMAIN " ");
		ck_assert_int_ge(atomic_load(&dns.n_asked), 1);
		ck_assert_uint_ge(rig.ms, row->at_least_ms);
		end();
		if (rig.ms <= row->at_most_ms)
		{
			break;
		}
	}
	ck_assert_msg(i < RIG_TRIES, "row %d: %u ms", _i, (unsigned)rig.ms);
	tls_peer_clear(&peers[0]);
}
END_TEST

/* "." is the domain's word: nobody is tried. */
START_TEST(no_service)
{
	struct dns_peer_config config = { .n_records = 1,
									  .records = { { 0, 0, 0, "." } } };

	begin_at_once(&config, OBOL_NET_RESOLVE);
	ck_assert_msg(strstr(rig.why, "SRV") != NULL, "%s", rig.why);
	ck_assert_str_eq(hosts.asked, "");
	end();
}
END_TEST

/* Records that come late are still of use when the domain itself is not. */
START_TEST(late_records)
{
	struct dns_peer_config config = { .delay_ms = 500 };

	start_peers(&config);
	begin(&config);
	ck_assert_msg(rig_connect(&rig) == OBOL_NET_OK, "%s", rig.why);
	ck_assert_str_eq(hosts.asked, DOMAIN " a.example ");
	ck_assert_uint_ge(rig.ms, 490);
	ck_assert_uint_lt(rig.ms, RIG_SOON_MS);
	end();
	stop_peers();
}
END_TEST

/* Records that are to be had over TCP alone, and not there either: the domain
 * itself is found meanwhile, and the one deadline holds where it is not. */
START_TEST(silent_over_tcp)
{
	const struct tls_peer_config good = { .kind = PEER_OBOL };
	struct dns_peer_config config = { .is_cut = true, .tcp = DNS_TCP_SILENT };

	tls_peer_init(&peers[0], &good);
	begin(&config);
	rig.config.ports[0] = _i ? tls_peer_dead_port() : peers[0].port;
	obol_wait_init(&rig.wait, obol_clock_system(), _i ? 1200 : RIG_LONG_MS, -1);
	ck_assert_int_eq(rig_connect(&rig),
					 _i ? OBOL_NET_UNREACHABLE : OBOL_NET_OK);
	ck_assert_int_ge(atomic_load(&dns.n_asked_tcp), 1);
	ck_assert_uint_ge(rig.ms, _i ? 1200 : AT_ONCE_MS);
	ck_assert_uint_lt(rig.ms, RIG_SOON_MS);
	end();
	tls_peer_clear(&peers[0]);
}
END_TEST

/* The whole list comes over TCP, and leads to the server. */
START_TEST(over_tcp)
{
	struct dns_peer_config config = { .is_cut = true, .tcp = DNS_TCP_ANSWER };

	start_peers(&config);
	begin(&config);
	ck_assert_msg(rig_connect(&rig) == OBOL_NET_OK, "%s", rig.why);
	ck_assert_str_eq(hosts.asked, "a.example ");
	end();
	stop_peers();
}
END_TEST

/* All are down: each is named, well within the deadline. */
START_TEST(all_down)
{
	struct dns_peer_config config = {
		.n_records = 3,
		.records = { { 0, 0, tls_peer_dead_port(), "a.example" },
					 { 1, 0, tls_peer_dead_port(), "b.example" },
					 { 2, 0, tls_peer_dead_port(), "nowhere.example" } }
	};

	begin(&config);
	ck_assert_int_eq(rig_connect(&rig), OBOL_NET_UNREACHABLE);
	ck_assert_msg(strstr(rig.why, "a.example at 127.0.0.1 port ") &&
					  strstr(rig.why, "; b.example at 127.0.0.1 port ") &&
					  strstr(rig.why, "; nowhere.example: no address"),
				  "%s", rig.why);
	ck_assert_uint_lt(rig.ms, RIG_SOON_MS);
	end();
}
END_TEST

/* Nobody asks for records of an address, of a name with a port, or of a name
 * without a dot. */
START_TEST(not_asked)
{
	static const char *const servers[] = { "127.0.0.1", DOMAIN ":1", "moon" };
	struct dns_peer_config config = { .kind = DNS_ANSWER };

	begin(&config);
	ck_assert_int_eq(obol_endpoints_parse(servers[_i], &rig.endpoints, rig.why,
										  sizeof(rig.why)),
					 OBOL_OK);
	ck_assert_int_eq(rig_connect(&rig), OBOL_NET_UNREACHABLE);
	ck_assert_int_eq(atomic_load(&dns.n_asked), 0);
	end();
}
END_TEST

static bool created(void *ctx, int fd, int family)
{
	int type = 0;
	socklen_t len = sizeof(type);

	ck_assert_int_eq(family, AF_INET);
	ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len), 0);
	hosts.last_asked = type == SOCK_DGRAM ? "dns" : hosts.last_asked;
	(void)ctx;
	return true;
}

/* The question's socket can be exempted from policies, too. */
START_TEST(shows_sockets)
{
	struct dns_peer_config config = { .kind = DNS_ANSWER };

	begin(&config);
	rig.hooks.socket_created = created;
	ck_assert_int_eq(rig_connect(&rig), OBOL_NET_UNREACHABLE);
	ck_assert_ptr_nonnull(hosts.last_asked);
	end();
}
END_TEST

/* Whatever this machine has in resolv.conf, it is at most three. */
START_TEST(knows_the_systems)
{
	struct obol_name_servers servers;
	size_t i;

	obol_name_servers_system(&servers);
	ck_assert_uint_le(servers.n, OBOL_NAME_SERVERS_MAX);
	for (i = 0; i < servers.n; i++)
	{
		ck_assert_uint_ne(obol_sockaddr_len(&servers.addrs[i]), 0);
	}
}
END_TEST

Suite *srv_connect_suite(void);
Suite *srv_connect_suite(void)
{
	Suite *suite = suite_create("connect by SRV records");
	TCase *tcase = tcase_create("connect");

	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, finds_the_first, 0, 2);
	tcase_add_test(tcase, goes_on_at_the_second);
	tcase_add_test(tcase, passes_over);
	tcase_add_loop_test(tcase, target_has_to_be_the_domain, 0, 2);
	tcase_add_test(tcase, target_has_to_have_the_pinned_key);
	tcase_add_loop_test(tcase, domain_itself, 0,
						sizeof(without) / sizeof(without[0]));
	tcase_add_test(tcase, no_service);
	tcase_add_test(tcase, late_records);
	tcase_add_loop_test(tcase, silent_over_tcp, 0, 2);
	tcase_add_test(tcase, over_tcp);
	tcase_add_test(tcase, all_down);
	tcase_add_loop_test(tcase, not_asked, 0, 3);
	tcase_add_test(tcase, shows_sockets);
	tcase_add_test(tcase, knows_the_systems);
	suite_add_tcase(suite, tcase);
	return suite;
}
