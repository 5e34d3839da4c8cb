/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What bounds a login's cost at the server from below. */
#include "testing/bench/load-floor.h"

#include "daemon/server_tls.h"
#include "net/tls.h"
#include "pake/opaque_keys.h"
#include "pake/oprf.h"
#include "testing/bench/load-account.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_OF_S 1000000000ull
#define EVENTS_MAX 64
#define BACKLOG 512

static SSL_CTX *server_context(const char *certificate, const char *key)
{
	SSL_CTX *ctx = NULL;
	char why[256];

	if (obol_server_tls_new(certificate, key, obol_now(obol_clock_system()),
							&ctx, why, sizeof(why)) != OBOL_OK)
	{
		load_die("%s", why);
	}
	return ctx;
}

/*
 * The bare server
 */

struct bare_peer {
	int fd;
	SSL *ssl;
	bool is_open;
};

static void bare_close(struct bare_peer *peer)
{
	(void)SSL_shutdown(peer->ssl);
	SSL_free(peer->ssl);
	(void)close(peer->fd);
	free(peer);
}

static void bare_go_on(struct bare_peer *peer)
{
	char byte;
	int result = 1;

	if (!peer->is_open)
	{
		result = SSL_accept(peer->ssl);
		peer->is_open = result == 1;
	}
	if (peer->is_open)
	{
		/* whoever shakes hands only says nothing more but goodbye */
		result = SSL_read(peer->ssl, &byte, 1);
	}
	if (SSL_get_error(peer->ssl, result) != SSL_ERROR_WANT_READ)
	{
		bare_close(peer);
	}
}

static void bare_accept(SSL_CTX *ctx, int epoll_fd, int listener)
{
	static const int on = 1;
	struct bare_peer *peer;
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
	{
		return;
	}
	peer = calloc(1, sizeof(*peer));
	if (!peer || !(peer->ssl = SSL_new(ctx)) || SSL_set_fd(peer->ssl, fd) != 1)
	{
		load_die("no TLS");
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	peer->fd = fd;
	(void)epoll_ctl(
		epoll_fd, EPOLL_CTL_ADD, fd,
		&(struct epoll_event){ .events = EPOLLIN, .data.ptr = peer });
}

static void bare_serve(SSL_CTX *ctx, int listener)
{
	struct epoll_event events[EVENTS_MAX];
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC), n, i;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)epoll_ctl(
		epoll_fd, EPOLL_CTL_ADD, listener,
		&(struct epoll_event){ .events = EPOLLIN, .data.ptr = NULL });
	for (;;)
	{
		n = epoll_wait(epoll_fd, events, EVENTS_MAX, -1);
		for (i = 0; i < n; i++)
		{
			if (events[i].data.ptr)
			{
				bare_go_on(events[i].data.ptr);
			}
			else
			{
				bare_accept(ctx, epoll_fd, listener);
			}
		}
	}
}

void load_bare_start(const char *certificate, const char *key,
					 struct load_bare *bare)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	pid_t parent = getpid();

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, len) ||
		listen(fd, BACKLOG) || getsockname(fd, (struct sockaddr *)&addr, &len))
	{
		load_die("the bare server cannot listen: %s", strerror(errno));
	}
	bare->port = ntohs(addr.sin_port);
	bare->pid = fork();
	if (bare->pid < 0)
	{
		load_die("the bare server cannot start: %s", strerror(errno));
	}
	if (bare->pid == 0)
	{
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
		{
			bare_serve(server_context(certificate, key), fd);
		}
		_exit(1);
	}
	(void)close(fd);
}

void load_bare_stop(const struct load_bare *bare)
{
	(void)kill(bare->pid, SIGKILL);
	(void)waitpid(bare->pid, NULL, 0);
}

/*
 * In memory
 */

static uint64_t thread_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * NS_OF_S + (uint64_t)now.tv_nsec;
}

/* Bytes from the client to the server's BIO, and back. */
static bool exchange(struct obol_tls *client, BIO *in, BIO *out)
{
	struct obol_bytes bytes = obol_tls_output(client);
	uint8_t buf[16384];
	int n;

	if (bytes.len)
	{
		(void)BIO_write(in, bytes.ptr, (int)bytes.len);
		obol_tls_sent(client, bytes.len);
	}
	n = BIO_read(out, buf, sizeof(buf));
	return n <= 0 ||
		   obol_tls_input(client, obol_bytes(buf, (size_t)n)) == OBOL_OK;
}

static uint64_t one_handshake(SSL_CTX *ctx, struct obol_tls_context *context)
{
	struct obol_tls *client = NULL;
	uint64_t begun, took = 0;
	bool done = false;
	int result = -1;
	SSL *ssl;
	BIO *in, *out;

	if (obol_tls_new(context, "vpn.example.org", false, &client) != OBOL_OK)
	{
		load_die("no TLS");
	}
	begun = thread_ns();
	ssl = SSL_new(ctx);
	in = BIO_new(BIO_s_mem());
	out = BIO_new(BIO_s_mem());
	SSL_set_bio(ssl, in, out);
	took += thread_ns() - begun;
	while (result != 1 || !done)
	{
		if (obol_tls_handshake(client, &done) != OBOL_NET_OK ||
			!exchange(client, in, out))
		{
			load_die("the TLS handshake fails");
		}
		begun = thread_ns();
		result = SSL_accept(ssl);
		took += thread_ns() - begun;
	}
	begun = thread_ns();
	SSL_free(ssl);
	took += thread_ns() - begun;
	obol_tls_free(client);
	return took;
}

uint64_t load_floor_tls(const char *certificate, const char *key, unsigned n)
{
	SSL_CTX *ctx = server_context(certificate, key);
	struct obol_tls_context *context = NULL;
	uint64_t took = 0;
	char why[256];
	unsigned i;

	if (obol_tls_context_new(obol_clock_system(), NULL, &context, why,
							 sizeof(why)) != OBOL_OK)
	{
		load_die("%s", why);
	}
	for (i = 0; i < n; i++)
	{
		took += one_handshake(ctx, context);
	}
	obol_tls_context_free(context);
	SSL_CTX_free(ctx);
	return took / n;
}

/*
 * OPAQUE
 */

/** Points that a client sends, and a server's secrets. */
struct opaque_floor {
	struct obol_secret *seed;
	struct obol_scalar static_key;
	uint8_t blinded[OBOL_P256_POINT_LEN];
	uint8_t client_key[OBOL_P256_POINT_LEN];
	uint8_t client_keyshare[OBOL_P256_POINT_LEN];
};

static void must(enum obol_status status)
{
	if (status != OBOL_OK)
	{
		load_die("a primitive fails: %s", obol_status_name(status));
	}
}

static void diffie_hellman(const struct obol_scalar *key,
						   const struct obol_p256_point *point)
{
	uint8_t shared[OBOL_P256_POINT_LEN];
	struct obol_p256_point product;

	must(obol_p256_mul(key, point, &product));
	obol_p256_encode(shared, &product);
}

static void one_login(const struct opaque_floor *floor)
{
	static const uint8_t identifier[32] = { 1 };
	struct obol_p256_point client_key, client_keyshare;
	uint8_t evaluated[OBOL_OPRF_ELEMENT_LEN], keyshare[OBOL_P256_POINT_LEN];
	struct obol_scalar oprf_key, ephemeral;
	struct obol_secret *seed = NULL;

	must(obol_opaque_oprf_key(
		floor->seed, obol_bytes(identifier, sizeof(identifier)), &oprf_key));
	must(obol_oprf_blind_evaluate(
		&oprf_key, obol_bytes(floor->blinded, sizeof(floor->blinded)),
		evaluated));
	must(obol_rng_secret(obol_rng_system(), OBOL_OPAQUE_NSEED, &seed));
	must(obol_opaque_derive_dh_key_pair(seed, &ephemeral, keyshare));
	must(obol_p256_decode(
		obol_bytes(floor->client_key, sizeof(floor->client_key)), &client_key));
	must(obol_p256_decode(
		obol_bytes(floor->client_keyshare, sizeof(floor->client_keyshare)),
		&client_keyshare));
	diffie_hellman(&ephemeral, &client_keyshare);
	diffie_hellman(&floor->static_key, &client_keyshare);
	diffie_hellman(&ephemeral, &client_key);
	obol_secret_free(seed);
}

static void draw_point(uint8_t out[OBOL_P256_POINT_LEN])
{
	struct obol_p256_point point;
	struct obol_scalar k;

	must(obol_scalar_random(obol_rng_system(), &k));
	must(obol_p256_mul_base(&k, &point));
	obol_p256_encode(out, &point);
}

uint64_t load_floor_opaque(unsigned n)
{
	struct opaque_floor floor = { NULL };
	uint64_t begun;
	unsigned i;

	must(obol_rng_secret(obol_rng_system(), OBOL_OPAQUE_NH, &floor.seed));
	must(obol_scalar_random(obol_rng_system(), &floor.static_key));
	draw_point(floor.blinded);
	draw_point(floor.client_key);
	draw_point(floor.client_keyshare);
	begun = thread_ns();
	for (i = 0; i < n; i++)
	{
		one_login(&floor);
	}
	begun = thread_ns() - begun;
	obol_secret_free(floor.seed);
	return begun / n;
}
