/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whoever may answer at the other end of a connection. */
#include "support/tls_peer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void must(bool done)
{
	if (!done)
	{
		perror("tls_peer");
		abort();
	}
}

/* Picks its own protocol, or none at all. */
static int select_alpn(SSL *ssl, const unsigned char **out,
					   unsigned char *out_len, const unsigned char *in,
					   unsigned in_len, void *arg)
{
	const struct tls_peer *peer = arg;
	static const unsigned char obol[] = "\x06obol/1";
	static const unsigned char http[] = "\x08http/1.1";
	bool is_http = peer->config.kind == PEER_OTHER_ALPN;
	int found;

	(void)ssl;
	found = SSL_select_next_proto((unsigned char **)(uintptr_t)out, out_len,
								  is_http ? http : obol, is_http ? 9 : 7, in,
								  in_len);
	return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK
										   : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static void make_context(struct tls_peer *peer)
{
	enum tls_peer_kind kind = peer->config.kind;
	int version = kind == PEER_TLS12 ? TLS1_2_VERSION : TLS1_3_VERSION;
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	must(ctx && SSL_CTX_set_min_proto_version(ctx, version) &&
		 SSL_CTX_set_max_proto_version(ctx, version) &&
		 SSL_CTX_use_certificate(ctx, peer->identity.certificate) == 1 &&
		 SSL_CTX_use_PrivateKey(ctx, peer->identity.key) == 1);
	if (kind != PEER_TICKETS)
	{
		SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
		(void)SSL_CTX_set_num_tickets(ctx, 0);
		(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	}
	(void)SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"t", 1);
	if (kind != PEER_NO_ALPN)
	{
		SSL_CTX_set_alpn_select_cb(ctx, select_alpn, peer);
	}
	peer->ssl_ctx = ctx;
}

static void read_to_end(struct tls_peer *peer, SSL *ssl)
{
	char buf[4096];

	while (tls_peer_read(peer, ssl, buf, sizeof(buf)))
	{
	}
}

static void serve_tls(struct tls_peer *peer, int fd)
{
	SSL *ssl = SSL_new(peer->ssl_ctx);

	must(ssl && SSL_set_fd(ssl, fd));
	if (SSL_accept(ssl) == 1)
	{
		atomic_fetch_add(&peer->n_handshakes, 1);
		if (SSL_session_reused(ssl))
		{
			atomic_fetch_add(&peer->n_resumed, 1);
		}
		(peer->config.serve ? peer->config.serve : read_to_end)(peer, ssl);
		(void)SSL_shutdown(ssl);
	}
	SSL_free(ssl);
}

/* Until the client goes away or the test ends. */
static void wait_for_end(int fd)
{
	char buf[4096];

	while (recv(fd, buf, sizeof(buf), 0) > 0)
	{
	}
}

static void serve_http(int fd)
{
	static const char answer[] =
		"HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n";
	char buf[4096];

	if (recv(fd, buf, sizeof(buf), 0) > 0)
	{
		(void)!send(fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL);
		wait_for_end(fd);
	}
}

/* The first bytes of a ServerHello record that never ends. */
static void serve_half(int fd)
{
	static const unsigned char half[] = { 22, 3, 3, 0, 122, 2, 0, 0, 118, 3 };
	char buf[4096];

	if (recv(fd, buf, sizeof(buf), 0) > 0)
	{
		(void)!send(fd, half, sizeof(half), MSG_NOSIGNAL);
		wait_for_end(fd);
	}
}

static void reset(int fd)
{
	struct linger linger = { 1, 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

static void *serve(void *arg)
{
	struct tls_peer_connection *connection = arg;
	struct tls_peer *peer = connection->peer;
	int fd = connection->fd;

	switch (peer->config.kind)
	{
		case PEER_HTTP:
			serve_http(fd);
			break;
		case PEER_SILENT:
			wait_for_end(fd);
			break;
		case PEER_HALF:
			serve_half(fd);
			break;
		case PEER_RESET:
			reset(fd);
			break;
		case PEER_CLOSE:
			break;
		default:
			serve_tls(peer, fd);
			break;
	}
	(void)shutdown(fd, SHUT_WR);
	if (peer->config.kind == PEER_RESET || peer->config.kind == PEER_CLOSE)
	{
		/* at once, with all that goes with it */
		(void)dup2(peer->stop[0], fd);
	}
	return NULL;
}

static void *accept_all(void *arg)
{
	struct tls_peer *peer = arg;
	struct pollfd fds[2] = { { peer->fd, POLLIN, 0 },
							 { peer->stop[0], POLLIN, 0 } };
	struct tls_peer_connection *connection;
	int on = 1;
	int fd;

	for (;;)
	{
		if (poll(fds, 2, -1) < 0)
		{
			continue;
		}
		if (fds[1].revents)
		{
			return NULL;
		}
		fd = accept4(peer->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
		{
			continue;
		}
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		must(peer->n_connections < TLS_PEER_CONNECTIONS_MAX);
		atomic_fetch_add(&peer->n_accepted, 1);
		connection = &peer->connections[peer->n_connections++];
		connection->peer = peer;
		connection->fd = fd;
		must(pthread_create(&connection->thread, NULL, serve, connection) == 0);
	}
}

static int listen_on(int family, uint16_t port, uint16_t *bound)
{
	struct sockaddr_storage addr;
	struct sockaddr_in *in = (struct sockaddr_in *)&addr;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&addr;
	socklen_t len = family == AF_INET6 ? sizeof(*in6) : sizeof(*in);
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	memset(&addr, 0, sizeof(addr));
	addr.ss_family = (sa_family_t)family;
	if (family == AF_INET6)
	{
		in6->sin6_addr = in6addr_loopback;
		in6->sin6_port = htons(port);
	}
	else
	{
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		in->sin_port = htons(port);
	}
	must(fd >= 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	must(bind(fd, (struct sockaddr *)&addr, len) == 0);
	must(getsockname(fd, (struct sockaddr *)&addr, &len) == 0);
	*bound = ntohs(family == AF_INET6 ? in6->sin6_port : in->sin_port);
	return fd;
}

void tls_peer_init(struct tls_peer *peer, const struct tls_peer_config *config)
{
	struct test_cert cert = { .cn = "server.example",
							  .san = "DNS:server.example,IP:127.0.0.1,IP:::1" };

	memset(peer, 0, sizeof(*peer));
	/* OpenSSL's sockets raise it; the client must not, see test_stream.c */
	(void)signal(SIGPIPE, SIG_IGN);
	peer->config = *config;
	if (config->identity)
	{
		peer->identity = *config->identity;
	}
	else
	{
		test_identity_init(&peer->identity, &cert, NULL);
		peer->owns_identity = true;
	}
	make_context(peer);
	peer->fd = listen_on(config->family ? config->family : AF_INET,
						 config->port, &peer->port);
	must(listen(peer->fd, 64) == 0 && pipe2(peer->stop, O_CLOEXEC) == 0);
	must(pthread_create(&peer->acceptor, NULL, accept_all, peer) == 0);
}

void tls_peer_clear(struct tls_peer *peer)
{
	int i;

	(void)close(peer->stop[1]);
	(void)pthread_join(peer->acceptor, NULL);
	(void)close(peer->fd);
	for (i = 0; i < peer->n_connections; i++)
	{
		(void)shutdown(peer->connections[i].fd, SHUT_RDWR);
		(void)pthread_join(peer->connections[i].thread, NULL);
		(void)close(peer->connections[i].fd);
	}
	(void)close(peer->stop[0]);
	SSL_CTX_free(peer->ssl_ctx);
	if (peer->owns_identity)
	{
		test_identity_clear(&peer->identity);
	}
}

size_t tls_peer_read(struct tls_peer *peer, SSL *ssl, void *buf, size_t size)
{
	size_t got = 0;

	if (SSL_read_ex(ssl, buf, size, &got) != 1)
	{
		return 0;
	}
	atomic_fetch_add(&peer->n_received, (int)got);
	return got;
}

uint16_t tls_peer_dead_port(void)
{
	uint16_t port;

	/* bound, and without listen(): nobody else gets it */
	(void)listen_on(AF_INET, 0, &port);
	return port;
}

const char *tls_peer_text(const struct tls_peer *peer)
{
	static char ring[8][32];
	static size_t next;
	char *text = ring[next++ % 8];

	(void)snprintf(text, sizeof(ring[0]), "%s:%u",
				   peer->config.family == AF_INET6 ? "[::1]" : "127.0.0.1",
				   peer->port);
	return text;
}
