/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * TLS for the attackers among the tests' programs: a listener with a
 * certificate of its own making, a client that checks nothing. Everything
 * blocks, and what cannot go on ends the program.
 */
#ifndef OBOL_TESTING_TLS_PEER_H_
#define OBOL_TESTING_TLS_PEER_H_

#include <openssl/ssl.h>

#include "wire/registry.h"

/** Print what is wrong and end the program with 1. */
void tls_peer_die(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/** A socket that listens on a TCP port, at all addresses of both kinds. */
int tls_peer_listen(const char *port);

/**
 * What a server's connections share: TLS 1.3, obol/1, no tickets.
 *
 * @param certificate	PEM file; NULL: a fresh key and a certificate that it
 *						signs itself
 * @param key			PEM file, with certificate
 */
SSL_CTX *tls_peer_server(const char *certificate, const char *key);

/** What a client's connections share; no certificate is checked. */
SSL_CTX *tls_peer_client(void);

/** A connection of a client; NULL when the handshake failed, and why on
 * standard output. */
SSL *tls_peer_accept(SSL_CTX *server, int listener);

/** A connection to a server. */
SSL *tls_peer_connect(SSL_CTX *client, const char *host, const char *port);

/** The channel binding (RFC 9266). */
void tls_peer_exporter(SSL *ssl, uint8_t exporter[OBOL_EXPORTER_LEN]);

/**
 * Receive what there is.
 *
 * @return	number of bytes; 0 when there is no application data yet; negative
 *			when the peer has closed
 */
int tls_peer_read(SSL *ssl, void *buffer, int size);

/** Send all of it. */
bool tls_peer_write(SSL *ssl, const void *bytes, size_t len);

/** Say goodbye, close, free. */
void tls_peer_close(SSL *ssl);

#endif /* OBOL_TESTING_TLS_PEER_H_ */
