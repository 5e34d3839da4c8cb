/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way to a signer on another machine: strangers' bytes in the place of a
 * handshake, and frames in pieces behind a good one. */
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "daemon/signer_channel.h"
#include "daemon/signer_wire.h"
#include "fuzz/support.h"
#include "support/test_ca.h"

#define HEAD_LEN 4
/** Flights of a handshake, and some. */
#define STEPS_MAX 10

/** Both ends' TLS, made once. */
static struct {
	struct obol_signer_tls_options options[2];
	uint8_t pins[2][OBOL_SIGNER_PIN_LEN];
	SSL_CTX *ctx[2];
} tls;

static void make_end(size_t i)
{
	static const struct test_cert cert = { .cn = "fuzz" };
	struct test_identity identity;
	BIO *pem = BIO_new(BIO_s_mem());
	char why[512];
	char *text;
	long len;

	test_identity_init(&identity, &cert, NULL);
	FUZZ_CHECK(pem && PEM_write_bio_X509(pem, identity.certificate));
	FUZZ_CHECK(
		PEM_write_bio_PrivateKey(pem, identity.key, NULL, NULL, 0, NULL, NULL));
	len = BIO_get_mem_data(pem, &text);
	FUZZ_CHECK(obol_signer_pin_of(identity.certificate, tls.pins[i]) ==
			   OBOL_OK);
	tls.options[i].is_server = i == 0;
	tls.options[i].certificate_path =
		fuzz_file(obol_bytes((uint8_t *)text, (size_t)len));
	tls.options[i].key_path = tls.options[i].certificate_path;
	tls.options[i].n_pins = 1;
	tls.options[i].pins =
		(const uint8_t(*)[OBOL_SIGNER_PIN_LEN])tls.pins[1 - i];
	FUZZ_CHECK(obol_signer_tls_new(&tls.options[i], &tls.ctx[i], why,
								   sizeof(why)) == OBOL_OK);
	BIO_free(pem);
	test_identity_clear(&identity);
}

static void be_made(void)
{
	if (!tls.ctx[0])
	{
		/* as both programs do */
		(void)signal(SIGPIPE, SIG_IGN);
		fuzz_stays_begin();
		make_end(0);
		make_end(1);
		fuzz_stays_end();
	}
}

static void make_pair(int fds[2])
{
	FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
						  0, fds) == 0);
}

/*
 * Strangers
 */

/* Nobody gets in without the handshake, and each end ends it. */
static void check_stranger(struct fuzz_script *script)
{
	struct obol_signer_channel channel;
	struct obol_bytes message;
	enum obol_status status = OBOL_ERR_TIMEOUT;
	unsigned n;
	int fds[2];

	make_pair(fds);
	FUZZ_CHECK(obol_signer_channel_open(&channel, tls.ctx[fuzz_u8(script) & 1],
										fds[0]) == OBOL_OK);
	for (n = 0; n < STEPS_MAX && status == OBOL_ERR_TIMEOUT; n++)
	{
		struct obol_bytes piece = fuzz_long_bytes(script);

		(void)!send(fds[1], piece.ptr, piece.len, MSG_NOSIGNAL);
		if (!script->left)
		{
			(void)shutdown(fds[1], SHUT_WR);
		}
		status = obol_signer_channel_step(&channel);
		FUZZ_CHECK(status != OBOL_OK && !channel.is_up);
	}
	FUZZ_CHECK(obol_signer_channel_receive(&channel, &message) != OBOL_OK);
	obol_signer_channel_close(&channel);
	(void)close(fds[1]);
}

/*
 * Frames
 */

static void shake_hands(struct obol_signer_channel ends[2])
{
	enum obol_status status[2];
	unsigned n;

	for (n = 0; n < STEPS_MAX && !(ends[0].is_up && ends[1].is_up); n++)
	{
		status[0] = obol_signer_channel_step(&ends[0]);
		status[1] = obol_signer_channel_step(&ends[1]);
		FUZZ_CHECK(status[0] == OBOL_OK || status[0] == OBOL_ERR_TIMEOUT);
		FUZZ_CHECK(status[1] == OBOL_OK || status[1] == OBOL_ERR_TIMEOUT);
	}
	FUZZ_CHECK(ends[0].is_up && ends[1].is_up);
}

/* Length of the next frame's message; 0: there is none that may be. */
static size_t next_len(struct obol_bytes stream)
{
	struct obol_reader r = obol_reader_over(stream);
	size_t len = obol_read_u32(&r);

	return obol_reader_ok(&r) && len <= OBOL_SIGNER_MESSAGE_MAX ? len : 0;
}

/* Frame after frame of what has been sent; then it waits for more, or the
 * stream is none. */
static enum obol_status check_frames(struct obol_signer_channel *channel,
									 struct obol_bytes *unread)
{
	struct obol_bytes message;
	enum obol_status status;

	while ((status = obol_signer_channel_receive(channel, &message)) == OBOL_OK)
	{
		size_t len = next_len(*unread);

		FUZZ_CHECK(len && len == message.len);
		FUZZ_CHECK(unread->len >= HEAD_LEN + len);
		FUZZ_CHECK(
			obol_bytes_eq(message, obol_bytes(unread->ptr + HEAD_LEN, len)));
		unread->ptr += HEAD_LEN + len;
		unread->len -= HEAD_LEN + len;
	}
	if (status == OBOL_ERR_TIMEOUT)
	{
		FUZZ_CHECK(unread->len < HEAD_LEN ||
				   unread->len < HEAD_LEN + next_len(*unread));
	}
	else
	{
		FUZZ_CHECK(status == OBOL_ERR_IO);
		FUZZ_CHECK(unread->len >= HEAD_LEN && next_len(*unread) == 0);
	}
	return status;
}

static void check_stream(struct obol_signer_channel ends[2], size_t to,
						 size_t piece, struct obol_bytes stream)
{
	struct obol_bytes unread = obol_bytes(stream.ptr, 0);
	enum obol_status status = OBOL_ERR_TIMEOUT;
	size_t at = 0, n;

	while (at < stream.len && status == OBOL_ERR_TIMEOUT)
	{
		n = piece < stream.len - at ? piece : stream.len - at;
		FUZZ_CHECK(SSL_write(ends[1 - to].ssl, stream.ptr + at, (int)n) ==
				   (int)n);
		at += n;
		unread.len += n;
		status = check_frames(&ends[to], &unread);
	}
}

/* What one end sends is what the other one gets. */
static void check_message(struct obol_signer_channel ends[2], size_t from,
						  struct obol_bytes message)
{
	struct obol_bytes got;
	enum obol_status status = obol_signer_channel_send(&ends[from], message);

	FUZZ_CHECK(status == (message.len ? OBOL_OK : OBOL_ERR_ARG));
	if (status == OBOL_OK)
	{
		FUZZ_CHECK(obol_signer_channel_step(&ends[from]) == OBOL_OK);
		FUZZ_CHECK(obol_signer_channel_receive(&ends[1 - from], &got) ==
				   OBOL_OK);
		FUZZ_CHECK(obol_bytes_eq(message, got));
	}
}

static void check_good(struct fuzz_script *script)
{
	struct obol_signer_channel ends[2];
	uint8_t how = fuzz_u8(script);
	size_t piece = fuzz_u8(script) + 1u;
	int fds[2];

	make_pair(fds);
	FUZZ_CHECK(obol_signer_channel_open(&ends[0], tls.ctx[0], fds[0]) ==
			   OBOL_OK);
	FUZZ_CHECK(obol_signer_channel_open(&ends[1], tls.ctx[1], fds[1]) ==
			   OBOL_OK);
	shake_hands(ends);
	FUZZ_CHECK(memcmp(ends[0].pin, tls.pins[1], OBOL_SIGNER_PIN_LEN) == 0);
	FUZZ_CHECK(memcmp(ends[1].pin, tls.pins[0], OBOL_SIGNER_PIN_LEN) == 0);
	check_message(ends, how & 1, fuzz_bytes(script));
	check_stream(ends, how & 1, piece, fuzz_rest(script));
	obol_signer_channel_close(&ends[1]);
	obol_signer_channel_close(&ends[0]);
}

static void run(struct obol_bytes in)
{
	struct fuzz_script script = fuzz_script_over(in);

	be_made();
	if (fuzz_u8(&script) & 1)
	{
		check_stranger(&script);
	}
	else
	{
		check_good(&script);
	}
}

/* clang-format off */
/* two frames and half of a third, byte by byte; a frame of none; too long */
static const uint8_t frames[] = {
	0, 0, 0, 2, 'h', 'i', 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 1, 9, 0, 0, 1,
};
static const uint8_t empty[] = { 0, 1, 255, 0, 0, 0, 0, 1, 7, 0, 0, 0, 0, 1 };
static const uint8_t large[] = { 0, 0, 9, 0, 0xff, 0xff, 0xff, 0xff };
/* a TLS record's head */
static const uint8_t stranger[] = {
	1, 0, 0, 9, 22, 3, 1, 0, 4, 1, 0, 0, 0, 0, 1, 7,
};
/* clang-format on */

static void seed(struct fuzz_seeds *seeds)
{
	fuzz_seed(seeds, "frames", obol_bytes(frames, sizeof(frames)));
	fuzz_seed(seeds, "empty", obol_bytes(empty, sizeof(empty)));
	fuzz_seed(seeds, "large", obol_bytes(large, sizeof(large)));
	fuzz_seed(seeds, "stranger", obol_bytes(stranger, sizeof(stranger)));
}

static struct fuzz_target target = {
	.name = "signer_channel",
	.what = "between obold and a signer far away no stranger gets in, and a "
			"stream in pieces gives its frames",
	.run = run,
	.seed = seed,
	.max_len = 2048,
};

FUZZ_TARGET(target)
