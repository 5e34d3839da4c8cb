/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Whoever may answer at the other end of a connection: an honest TLS server
 * that hands each connection to the test's function, and all sorts of others.
 * Connections are served in threads of their own.
 */
#ifndef TESTS_SUPPORT_TLS_PEER_H_
#define TESTS_SUPPORT_TLS_PEER_H_

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include <openssl/ssl.h>

#include "support/test_ca.h"

enum tls_peer_kind {
	/** TLS 1.3, obol/1, no tickets */
	PEER_OBOL,
	/** the same, but it gives session tickets and takes them */
	PEER_TICKETS,
	/** TLS 1.3 without ALPN: some web server */
	PEER_NO_ALPN,
	/** TLS 1.3 for http/1.1 only, refuses others by an alert */
	PEER_OTHER_ALPN,
	/** TLS up to 1.2 */
	PEER_TLS12,
	/** answers anything by an HTTP redirect in clear */
	PEER_HTTP,
	/** accepts, then nothing */
	PEER_SILENT,
	/** accepts, then resets */
	PEER_RESET,
	/** accepts, then closes */
	PEER_CLOSE,
	/** answers the ClientHello by half of its own flight, then nothing */
	PEER_HALF,
};

struct tls_peer;

struct tls_peer_config {
	enum tls_peer_kind kind;
	/** AF_INET (0) or AF_INET6 */
	int family;
	/** bind to this port; 0 for any */
	uint16_t port;
	/** NULL makes a fresh self-signed certificate for 127.0.0.1, ::1, and
	 * server.example */
	const struct test_identity *identity;
	/** serves a connection after the handshake; NULL reads until the end */
	void (*serve)(struct tls_peer *peer, SSL *ssl);
	void *ctx;
};

#define TLS_PEER_CONNECTIONS_MAX 256

struct tls_peer {
	struct tls_peer_config config;
	struct test_identity identity;
	bool owns_identity;
	int fd;
	uint16_t port;
	int stop[2];
	SSL_CTX *ssl_ctx;
	pthread_t acceptor;
	atomic_int n_accepted;
	/** handshakes that were finished, and those of them that were resumed */
	atomic_int n_handshakes;
	atomic_int n_resumed;
	/** bytes of application data that came in, by tls_peer_read() */
	atomic_int n_received;
	struct tls_peer_connection {
		struct tls_peer *peer;
		pthread_t thread;
		int fd;
	} connections[TLS_PEER_CONNECTIONS_MAX];
	int n_connections;
};

/** Listen on loopback and start to serve. */
void tls_peer_init(struct tls_peer *peer, const struct tls_peer_config *config);

/** Stop, close all connections, wait for all threads. */
void tls_peer_clear(struct tls_peer *peer);

/** Read some; 0 at the end. */
size_t tls_peer_read(struct tls_peer *peer, SSL *ssl, void *buf, size_t size);

/** A port of loopback on which nobody listens. */
uint16_t tls_peer_dead_port(void);

/** "127.0.0.1:PORT" or "[::1]:PORT"; holds in a ring of eight. */
const char *tls_peer_text(const struct tls_peer *peer);

#endif /* TESTS_SUPPORT_TLS_PEER_H_ */
