/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program's connections: TLS, time, numbers, memory. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/running.h"
#include "support/run.h"

#define WAIT_MS 60000

static struct running r;

static void setup(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
}

static void teardown(void)
{
	running_clear(&r);
}

static void begin(const char *extra)
{
	running_init(&r, extra);
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
}

START_TEST(test_tls_as_it_must_be)
{
	static const struct tls_wish bad[] = {
		{ TLS1_2_VERSION, TLS1_2_VERSION, "\x06obol/1" },
		{ TLS1_3_VERSION, TLS1_3_VERSION, NULL },
		{ TLS1_3_VERSION, TLS1_3_VERSION, "\x02h2\x08http/1.1" },
		{ TLS1_3_VERSION, TLS1_3_VERSION, "\x06obol/2" },
	};
	const unsigned char *alpn;
	unsigned len;
	SSL *ssl;
	size_t i;

	begin("");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		ck_assert_ptr_null(tls_connect(&r, &bad[i]));
	}
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	SSL_get0_alpn_selected(ssl, &alpn, &len);
	ck_assert(len == 6 && memcmp(alpn, "obol/1", 6) == 0);
	tls_close(ssl);
}
END_TEST

static int n_tickets;

static int count_ticket(SSL *ssl, SSL_SESSION *session)
{
	(void)ssl;
	(void)session;
	n_tickets++;
	return 0;
}

START_TEST(test_no_tickets)
{
	SSL *ssl;
	char byte;

	begin(SHORT);
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	SSL_CTX_set_session_cache_mode(SSL_get_SSL_CTX(ssl), SSL_SESS_CACHE_CLIENT);
	SSL_CTX_sess_set_new_cb(SSL_get_SSL_CTX(ssl), count_ticket);
	/* until the server ends it */
	ck_assert_int_le(SSL_read(ssl, &byte, 1), 0);
	ck_assert_int_eq(n_tickets, 0);
	ck_assert(!SSL_SESSION_is_resumable(SSL_get_session(ssl)));
	tls_close(ssl);
}
END_TEST

START_TEST(test_garbage)
{
	static const char http[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	uint8_t noise[4096];
	SSL *ssl;
	int fd;

	begin(SHORT);
	fd = tcp_connect(&r);
	ck_assert_int_gt(send(fd, http, sizeof(http) - 1, 0), 0);
	ck_assert(tcp_is_ended(fd, WAIT_MS));
	(void)close(fd);
	ck_assert_int_eq(obol_rng_fill(obol_rng_system(), noise, sizeof(noise)),
					 OBOL_OK);
	fd = tcp_connect(&r);
	ck_assert_int_gt(send(fd, noise, sizeof(noise), 0), 0);
	ck_assert(tcp_is_ended(fd, WAIT_MS));
	(void)close(fd);
	/* noise inside of TLS: a frame that is far too long */
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	memset(noise, 0xff, sizeof(noise));
	ck_assert_int_gt(SSL_write(ssl, noise, sizeof(noise)), 0);
	ck_assert(tls_is_ended(ssl, WAIT_MS));
	tls_close(ssl);
	/* and it still serves */
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	tls_close(ssl);
}
END_TEST

START_TEST(test_silence_is_bounded)
{
	SSL *silent, *half;
	int nothing, hello;

	begin(SHORT);
	/* not a byte; half a ClientHello; a handshake and no more; half a frame */
	nothing = tcp_connect(&r);
	hello = tcp_connect(&r);
	ck_assert_int_eq(send(hello, "\x16\x03\x01\x01\x00\x01\x00", 7, 0), 7);
	silent = tls_connect(&r, &good_wish);
	half = tls_connect(&r, &good_wish);
	ck_assert(silent && half);
	ck_assert_int_eq(SSL_write(half, "\x01\x00\x01", 3), 3);
	ck_assert(tcp_is_ended(nothing, WAIT_MS));
	ck_assert(tcp_is_ended(hello, WAIT_MS));
	ck_assert(tls_is_ended(silent, WAIT_MS));
	ck_assert(tls_is_ended(half, WAIT_MS));
	(void)close(nothing);
	(void)close(hello);
	tls_close(silent);
	tls_close(half);
}
END_TEST

START_TEST(test_login_and_idle_end)
{
	struct obol_credential_info *items = NULL;
	struct obol_client *c;
	size_t n = 0;

	begin(SHORT);
	c = running_client(&r);
	ck_assert_msg(log_in_by_code(c) == OBOL_OK, "%s",
				  obol_client_error(c)->text);
	ck_assert_msg(obol_client_list(c, &items, &n) == OBOL_OK, "%s",
				  obol_client_error(c)->text);
	ck_assert_uint_eq(n, 0);
	free(items);
	ck_assert(running_says(&r, "login of account 'alice' by activation code "
							   "from 127.0.0.1"));
	test_sleep(4500);
	ck_assert_int_ne(obol_client_list(c, &items, &n), OBOL_OK);
	obol_client_free(c);
}
END_TEST

START_TEST(test_connections_per_source)
{
	uint64_t end;
	int fds[3];
	size_t i;

	/* one worker, so that all of them meet */
	begin("workers = 1\nlimits {\n\tconnections_per_source = 2\n}\n");
	for (i = 0; i < 3; i++)
	{
		fds[i] = tcp_connect(&r);
	}
	ck_assert(tcp_is_ended(fds[2], WAIT_MS));
	ck_assert(!tcp_is_ended(fds[0], 100));
	ck_assert(!tcp_is_ended(fds[1], 100));
	(void)close(fds[0]);
	(void)close(fds[2]);
	/* there is room as soon as the worker knows that one has left */
	end = test_ms() + WAIT_MS;
	fds[0] = tcp_connect(&r);
	while (tcp_is_ended(fds[0], 300))
	{
		ck_assert_uint_lt(test_ms(), end);
		(void)close(fds[0]);
		fds[0] = tcp_connect(&r);
	}
	(void)close(fds[0]);
	(void)close(fds[1]);
}
END_TEST

START_TEST(test_connections_in_all)
{
	SSL *ssl;
	int fd;

	begin("workers = 1\nlimits {\n\tconnections = 1\n}\n" SHORT);
	fd = tcp_connect(&r);
	/* the second one waits until the silent first one is dropped */
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	ck_assert(tcp_is_ended(fd, WAIT_MS));
	tls_close(ssl);
	(void)close(fd);
}
END_TEST

#define FULL 20

/* Nobody keeps others out by saying nothing, half of a hello, or no login. */
START_TEST(test_room_is_made)
{
	SSL *ssl, *strangers[FULL / 2];
	unsigned n_ended = 0;
	int fds[FULL / 2];
	size_t i;

	begin("workers = 1\nlimits {\n\tconnections = 20\n}\n");
	for (i = 0; i < FULL / 2; i++)
	{
		strangers[i] = tls_connect(&r, &good_wish);
		ck_assert_ptr_nonnull(strangers[i]);
	}
	for (i = 0; i < FULL / 2; i++)
	{
		fds[i] = tcp_connect(&r);
		if (i % 2)
		{
			ck_assert_int_eq(send(fds[i], "\x16\x03\x01\x01", 4, 0), 4);
		}
	}
	for (i = 0; i < 3; i++)
	{
		ssl = tls_connect(&r, &good_wish);
		ck_assert_ptr_nonnull(ssl);
		tls_close(ssl);
	}
	ck_assert(running_says(&r, "many connections without a login: 1 dropped"));
	for (i = 0; i < FULL / 2; i++)
	{
		n_ended += tls_is_ended(strangers[i], 20);
		n_ended += tcp_is_ended(fds[i], 20);
		tls_close(strangers[i]);
		(void)close(fds[i]);
	}
	ck_assert_uint_ge(n_ended, 1);
	ck_assert_uint_le(n_ended, 3);
}
END_TEST

#ifndef __SANITIZE_ADDRESS__

static unsigned long pss_kib(pid_t pid)
{
	char path[64], line[256];
	unsigned long kib = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f))
	{
		if (strncmp(line, "Pss:", 4) == 0)
		{
			kib = strtoul(line + 4, NULL, 10);
		}
	}
	(void)fclose(f);
	return kib;
}

#define MANY 100

START_TEST(test_memory)
{
	struct obol_client *clients[MANY];
	unsigned long idle, after_one, with_many;
	pid_t pids[8];
	size_t i;

	begin("workers = 1\n");
	ck_assert_uint_eq(running_workers(&r, pids, 8), 1);
	if (geteuid() != 0)
	{
		return; /* a process without dumps shows its memory to root alone */
	}
	idle = pss_kib(pids[0]);
	for (i = 0; i < MANY; i++)
	{
		clients[i] = running_client(&r);
		ck_assert_int_eq(log_in_by_code(clients[i]), OBOL_OK);
		ck_assert_int_eq(obol_client_list(clients[i],
										  &(struct obol_credential_info *){ 0 },
										  &(size_t){ 0 }),
						 OBOL_OK);
		if (i == 0)
		{
			after_one = pss_kib(pids[0]);
		}
	}
	with_many = pss_kib(pids[0]);
	ck_assert_msg(idle <= 15 * 1024, "idle: %lu KiB", idle);
	ck_assert_msg((with_many - after_one) / (MANY - 1) <= 48,
				  "one connection: %lu KiB",
				  (with_many - after_one) / (MANY - 1));
	if (getenv("OBOL_SHOW_MEMORY"))
	{
		(void)printf("idle %lu KiB, each logged-in connection %lu KiB\n", idle,
					 (with_many - after_one) / (MANY - 1));
	}
	for (i = 0; i < MANY; i++)
	{
		obol_client_free(clients[i]);
	}
}
END_TEST

#endif

/* The largest credential there can be, as an old PKI's operator puts it. */
static void put_big(void)
{
	static char big[OBOL_SEALED_MAX];
	struct obol_store_put put;

	memset(&put, 0, sizeof(put));
	memset(big, 'x', sizeof(big));
	put.in.request.account_id = world_account(&r.world, "alice").id;
	put.in.request.generation = 1;
	put.in.put.name = obol_bytes_str("big");
	put.in.put.format = OBOL_FORMAT_OPAQUE;
	put.in.put.generation = 1;
	put.in.put.sealed = obol_bytes(big, sizeof(big));
	world_run(&r.world, OBOL_STORE_PUT, &put);
}

static void send_output(SSL *ssl, struct obol_client_session *session)
{
	struct obol_bytes out = obol_client_session_output(session);

	if (out.len)
	{
		ck_assert_int_eq(SSL_write(ssl, out.ptr, (int)out.len), (int)out.len);
		obol_client_session_sent(session, out.len);
	}
}

/* A login by hand, up to KE3 with a first request. */
static struct obol_client_session *log_in(SSL *ssl,
										  const struct obol_request *request)
{
	struct obol_client_session_config config = { .rng = obol_rng_system() };
	struct obol_secret *code = obol_secret_dup(CODE, strlen(CODE));
	struct obol_client_login login = {
		.kind = OBOL_SLOT_ACTIVATION,
		.name = obol_bytes_str("alice"),
		.secret = code,
	};
	struct obol_client_session *session = NULL;
	char buf[4096];
	int n;

	ck_assert_int_eq(
		SSL_export_keying_material(ssl, config.exporter, OBOL_EXPORTER_LEN,
								   OBOL_EXPORTER_LABEL,
								   strlen(OBOL_EXPORTER_LABEL), NULL, 0, 1),
		1);
	ck_assert_int_eq(obol_client_session_new(&config, &session), OBOL_OK);
	ck_assert_int_eq(obol_client_session_login(session, &login), OBOL_OK);
	while (obol_client_session_state(session) != OBOL_CLIENT_READY)
	{
		send_output(ssl, session);
		n = SSL_read(ssl, buf, sizeof(buf));
		ck_assert_int_gt(n, 0);
		ck_assert_int_eq(
			obol_client_session_input(session, obol_bytes(buf, (size_t)n)),
			OBOL_OK);
	}
	ck_assert_int_eq(obol_client_session_request(session, request), OBOL_OK);
	send_output(ssl, session);
	obol_secret_free(code);
	return session;
}

/* Until it takes no more, and then until it hangs up. */
static void ask_and_never_read(SSL *ssl, const struct obol_request *request)
{
	uint64_t start = test_ms();
	struct obol_writer w;
	struct obol_bytes out;
	int n = 1;

	obol_writer_init(&w);
	obol_request_encode(&w, request);
	out = obol_writer_view(&w);
	ck_assert_int_eq(fcntl(SSL_get_fd(ssl), F_SETFL, O_NONBLOCK), 0);
	while (n > 0 || SSL_get_error(ssl, n) == SSL_ERROR_WANT_WRITE)
	{
		ck_assert_uint_lt(test_ms() - start, WAIT_MS);
		n = SSL_write(ssl, out.ptr, (int)out.len);
		if (n <= 0)
		{
			test_sleep(5);
		}
	}
	obol_writer_clear(&w);
}

START_TEST(test_reader_that_stops)
{
	struct obol_request request = { .type = OBOL_GET };
	struct obol_client_session *session;
	SSL *ssl;

	running_init(&r, SHORT "log_level = \"debug\"\n");
	put_big();
	ck_assert_msg(running_start(&r), "%s", running_log(&r));
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	request.get.name = obol_bytes_str("big");
	session = log_in(ssl, &request);
	ask_and_never_read(ssl, &request);
	ck_assert(running_says(&r, "dropped: too slow"));
	obol_client_session_free(session);
	tls_close(ssl);
	/* nobody else noticed */
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	tls_close(ssl);
}
END_TEST

/* A ClientHello as obold takes it. */
static size_t make_hello(uint8_t *out, size_t size)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	BIO *in = BIO_new(BIO_s_mem()), *wire = BIO_new(BIO_s_mem());
	SSL *ssl = SSL_new(ctx);
	int n;

	ck_assert_int_eq(
		SSL_set_alpn_protos(ssl, (const unsigned char *)good_wish.alpn, 7), 0);
	SSL_set_bio(ssl, in, wire);
	ck_assert_int_le(SSL_connect(ssl), 0);
	n = BIO_read(wire, out, (int)size);
	ck_assert_int_gt(n, 0);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	return (size_t)n;
}

/* Leaves with a reset, as a machine does that forgets its connection. */
static void reset(int fd)
{
	static const struct linger at_once = { 1, 0 };

	ck_assert_int_eq(
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
	(void)close(fd);
}

#define WAITING 40

/* Whoever waits for his turn and is gone has no turn, and is not asked after
 * again and again. */
START_TEST(test_gone_while_waiting)
{
	unsigned long used_ms;
	uint8_t hello[4096];
	int fds[WAITING];
	pid_t pids[2];
	size_t len, i;

	/* a crowd has one turn in a second */
	begin("workers = 1\nkeeper {\n\tper_second = 1\n}\n");
	ck_assert_uint_eq(running_workers(&r, pids, 2), 1);
	len = make_hello(hello, sizeof(hello));
	for (i = 0; i < WAITING; i++)
	{
		fds[i] = tcp_connect(&r);
		ck_assert_int_eq(send(fds[i], hello, len, MSG_NOSIGNAL), (ssize_t)len);
	}
	test_sleep(500);
	for (i = 0; i < WAITING; i++)
	{
		reset(fds[i]);
	}
	test_sleep(200);
	used_ms = running_cpu_ms(pids[0]);
	test_sleep(1000);
	ck_assert_uint_lt(running_cpu_ms(pids[0]) - used_ms, 400);
}
END_TEST

/* New keys, n times (RFC 8446, 4.6.3); false when the peer takes no more. */
static bool update_keys(SSL *ssl, unsigned n, int type)
{
	bool takes = true;

	while (n-- && takes)
	{
		takes = SSL_key_update(ssl, type) == 1 && SSL_do_handshake(ssl) == 1;
	}
	return takes;
}

/* Each costs us as much as it costs the peer, and says nothing. */
START_TEST(test_new_keys_without_end)
{
	struct obol_request request = { .type = OBOL_LIST };
	SSL *ssl;

	begin("workers = 1\n");
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	/* some are good manners */
	ck_assert(update_keys(ssl, 100, SSL_KEY_UPDATE_REQUESTED));
	obol_client_session_free(log_in(ssl, &request));
	ck_assert(running_says(&r, "login of account 'alice'"));
	ck_assert(update_keys(ssl, 100, SSL_KEY_UPDATE_NOT_REQUESTED));
	ck_assert(!tls_is_ended(ssl, 100));
	(void)update_keys(ssl, 20000, SSL_KEY_UPDATE_NOT_REQUESTED);
	ck_assert(tls_is_ended(ssl, WAIT_MS));
	tls_close(ssl);
	/* and without a login */
	ssl = tls_connect(&r, &good_wish);
	ck_assert_ptr_nonnull(ssl);
	(void)update_keys(ssl, 20000, SSL_KEY_UPDATE_NOT_REQUESTED);
	ck_assert(tls_is_ended(ssl, WAIT_MS));
	tls_close(ssl);
}
END_TEST

Suite *obold_peer_suite(void);

Suite *obold_peer_suite(void)
{
	Suite *s = suite_create("obold_peer");
	TCase *tc = tcase_create("obold_peer");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_tls_as_it_must_be);
	tcase_add_test(tc, test_no_tickets);
	tcase_add_test(tc, test_garbage);
	tcase_add_test(tc, test_silence_is_bounded);
	tcase_add_test(tc, test_login_and_idle_end);
	tcase_add_test(tc, test_connections_per_source);
	tcase_add_test(tc, test_connections_in_all);
	tcase_add_test(tc, test_room_is_made);
	tcase_add_test(tc, test_reader_that_stops);
	tcase_add_test(tc, test_gone_while_waiting);
	tcase_add_test(tc, test_new_keys_without_end);
#ifndef __SANITIZE_ADDRESS__
	tcase_add_test(tc, test_memory);
#endif
	suite_add_tcase(s, tc);
	return s;
}
