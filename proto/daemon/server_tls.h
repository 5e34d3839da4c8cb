/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * TLS as obold speaks it: 1.3 only, its own application protocol, no tickets,
 * no resumption, no early data.
 */
#ifndef OBOL_DAEMON_SERVER_TLS_H_
#define OBOL_DAEMON_SERVER_TLS_H_

#include <openssl/ssl.h>

#include "wire/registry.h"

/**
 * A context with certificate chain and key.
 *
 * @param why	receives a sentence for the operator on failure
 * @return		OK; NOT_FOUND; DENIED; FORMAT; ARG when key and certificate do
 *				not fit or the certificate has ended; CRYPTO
 */
enum obol_status obol_server_tls_new(const char *certificate_path,
									 const char *key_path, uint64_t now,
									 SSL_CTX **ctx, char *why,
									 size_t size) OBOL_MUST_CHECK;

/** The handshake came to what obold asks for: ALPN, and no resumption. */
bool obol_server_tls_is_good(SSL *ssl);

/** The channel's exporter value (RFC 9266). OK or CRYPTO. */
enum obol_status
obol_server_tls_exporter(SSL *ssl,
						 uint8_t exporter[OBOL_EXPORTER_LEN]) OBOL_MUST_CHECK;

#endif /* OBOL_DAEMON_SERVER_TLS_H_ */
