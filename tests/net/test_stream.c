/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sending and receiving within a deadline. */
#include "rig.h"
#include "support/run.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define BIG (8 << 20)

static void echo(struct tls_peer *peer, SSL *ssl)
{
	char buf[16384];
	size_t got;

	while ((got = tls_peer_read(peer, ssl, buf, sizeof(buf))))
	{
		(void)SSL_write(ssl, buf, (int)got);
	}
}

/* Reads nothing, until the test ends. */
static void deaf(struct tls_peer *peer, SSL *ssl)
{
	struct pollfd fd = { peer->stop[0], POLLIN, 0 };

	(void)ssl;
	(void)poll(&fd, 1, -1);
}

/* Says something, takes nothing, and goes. */
static void last_words(struct tls_peer *peer, SSL *ssl)
{
	(void)peer;
	(void)SSL_write(ssl, "no", 2);
}

static void hang_up(struct tls_peer *peer, SSL *ssl)
{
	struct linger linger = { 1, 0 };
	char buf[16];

	(void)tls_peer_read(peer, ssl, buf, sizeof(buf));
	(void)setsockopt(SSL_get_fd(ssl), SOL_SOCKET, SO_LINGER, &linger,
					 sizeof(linger));
	(void)dup2(peer->stop[0], SSL_get_fd(ssl));
}

static void start(struct tls_peer *peer, struct rig *rig,
				  void (*serve)(struct tls_peer *, SSL *))
{
	struct tls_peer_config config = { .kind = PEER_OBOL, .serve = serve };

	tls_peer_init(peer, &config);
	rig_init(rig, tls_peer_text(peer));
	ck_assert_int_eq(rig_connect(rig), OBOL_NET_OK);
}

START_TEST(sends_and_receives)
{
	struct tls_peer peer;
	struct rig rig;
	uint8_t *data = malloc(BIG / 8);
	uint8_t buf[5000];
	size_t done = 0;
	size_t got;
	size_t i;

	start(&peer, &rig, echo);
	for (i = 0; i < BIG / 8; i++)
	{
		data[i] = (uint8_t)(i * 7 + i / 251);
	}
	/* in pieces that the echo can keep up with */
	while (done < BIG / 8)
	{
		size_t piece = 32768;
		size_t back = 0;

		ck_assert_int_eq(obol_stream_send(rig.connection.stream, &rig.wait,
										  obol_bytes(data + done, piece)),
						 OBOL_NET_OK);
		while (back < piece)
		{
			ck_assert_int_eq(obol_stream_recv(rig.connection.stream, &rig.wait,
											  buf, sizeof(buf), &got),
							 OBOL_NET_OK);
			ck_assert_mem_eq(buf, data + done + back, got);
			back += got;
		}
		done += piece;
	}
	free(data);
	rig_clear(&rig);
	tls_peer_clear(&peer);
}
END_TEST

START_TEST(deadline_of_receiving)
{
	struct tls_peer peer;
	struct rig rig;
	uint8_t byte;
	size_t got;
	uint64_t before;

	start(&peer, &rig, echo);
	obol_wait_init(&rig.wait, obol_clock_system(), 200, -1);
	before = obol_mono_ms(obol_clock_system());
	ck_assert_int_eq(
		obol_stream_recv(rig.connection.stream, &rig.wait, &byte, 1, &got),
		OBOL_NET_TIMEOUT);
	before = obol_mono_ms(obol_clock_system()) - before;
	ck_assert(before >= 200 && before < RIG_SOON_MS);
	rig_clear(&rig);
	tls_peer_clear(&peer);
}
END_TEST

START_TEST(deadline_of_sending)
{
	struct tls_peer peer;
	struct rig rig;
	uint8_t *data = calloc(1, BIG);
	uint64_t before;

	start(&peer, &rig, deaf);
	obol_wait_init(&rig.wait, obol_clock_system(), 300, -1);
	before = obol_mono_ms(obol_clock_system());
	ck_assert_int_eq(obol_stream_send(rig.connection.stream, &rig.wait,
									  obol_bytes(data, BIG)),
					 OBOL_NET_TIMEOUT);
	before = obol_mono_ms(obol_clock_system()) - before;
	ck_assert(before >= 300 && before < RIG_SOON_MS);
	free(data);
	rig_clear(&rig);
	tls_peer_clear(&peer);
}
END_TEST

START_TEST(aborted)
{
	struct tls_peer peer;
	struct rig rig;
	uint8_t *data = calloc(1, BIG);
	int fds[2];
	size_t got;

	start(&peer, &rig, deaf);
	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	ck_assert_int_eq(write(fds[1], "x", 1), 1);
	obol_wait_init(&rig.wait, obol_clock_system(), RIG_LONG_MS, fds[0]);
	ck_assert_int_eq(
		obol_stream_recv(rig.connection.stream, &rig.wait, data, 1, &got),
		OBOL_NET_ABORTED);
	ck_assert_int_eq(obol_stream_send(rig.connection.stream, &rig.wait,
									  obol_bytes(data, BIG)),
					 OBOL_NET_ABORTED);
	free(data);
	(void)close(fds[0]);
	(void)close(fds[1]);
	rig_clear(&rig);
	tls_peer_clear(&peer);
}
END_TEST

/* A refusal that comes before the request was whole is heard. */
START_TEST(hears_last_words)
{
	struct tls_peer peer;
	struct rig rig;
	uint8_t *data = calloc(1, BIG);
	uint8_t buf[16];
	size_t got = 0;

	start(&peer, &rig, last_words);
	ck_assert_int_eq(obol_stream_send(rig.connection.stream, &rig.wait,
									  obol_bytes(data, 100)),
					 OBOL_NET_OK);
	ck_assert_int_eq(obol_stream_recv(rig.connection.stream, &rig.wait, buf,
									  sizeof(buf), &got),
					 OBOL_NET_OK);
	ck_assert_uint_eq(got, 2);
	ck_assert_int_eq(obol_stream_recv(rig.connection.stream, &rig.wait, buf,
									  sizeof(buf), &got),
					 OBOL_NET_CLOSED);
	free(data);
	rig_clear(&rig);
	tls_peer_clear(&peer);
}
END_TEST

static volatile sig_atomic_t n_sigpipe;

static void on_sigpipe(int number)
{
	(void)number;
	n_sigpipe = n_sigpipe + 1;
}

/* A peer that is gone raises no signal, at sending or at closing. */
START_TEST(raises_no_signal)
{
	struct tls_peer peer;
	struct rig rig;
	uint8_t *data = calloc(1, BIG);
	uint8_t byte;
	size_t got;

	start(&peer, &rig, hang_up);
	(void)signal(SIGPIPE, on_sigpipe);
	ck_assert_int_eq(
		obol_stream_send(rig.connection.stream, &rig.wait, obol_bytes(data, 1)),
		OBOL_NET_OK);
	(void)usleep(50000);
	ck_assert_int_eq(obol_stream_send(rig.connection.stream, &rig.wait,
									  obol_bytes(data, BIG)),
					 OBOL_NET_OK);
	ck_assert_int_eq(
		obol_stream_recv(rig.connection.stream, &rig.wait, &byte, 1, &got),
		OBOL_NET_CLOSED);
	free(data);
	rig_clear(&rig);
	ck_assert_int_eq(n_sigpipe, 0);
	(void)signal(SIGPIPE, SIG_IGN);
	tls_peer_clear(&peer);
}
END_TEST

Suite *stream_suite(void);
Suite *stream_suite(void)
{
	Suite *suite = suite_create("stream");
	TCase *tcase = tcase_create("stream");

	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, sends_and_receives);
	tcase_add_test(tcase, deadline_of_receiving);
	tcase_add_test(tcase, deadline_of_sending);
	tcase_add_test(tcase, aborted);
	tcase_add_test(tcase, hears_last_words);
	tcase_add_test(tcase, raises_no_signal);
	suite_add_tcase(suite, tcase);
	return suite;
}
