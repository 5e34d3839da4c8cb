/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * TLS between obold and a signer on another machine: 1.3 only, an application
 * protocol of its own, a certificate on both ends, of which the key alone
 * counts (signer_pin.h). No tickets, no resumption, no early data.
 */
#ifndef OBOL_DAEMON_SIGNER_TLS_H_
#define OBOL_DAEMON_SIGNER_TLS_H_

#include <openssl/ssl.h>

#include "daemon/signer_pin.h"

/** RFC 7301, in wire form. */
#define OBOL_SIGNER_ALPN "\x0dobol-signer/1"

struct obol_signer_tls_options {
	bool is_server;
	const char *certificate_path;
	const char *key_path;
	/** who may be at the other end */
	size_t n_pins;
	const uint8_t (*pins)[OBOL_SIGNER_PIN_LEN];
};

/**
 * @param options	holds as long as the context
 * @param why		receives a sentence for the operator on failure
 * @return			OK; NOT_FOUND; DENIED; FORMAT; ARG when key and certificate
 *					do not fit; CRYPTO
 */
enum obol_status
obol_signer_tls_new(const struct obol_signer_tls_options *options,
					SSL_CTX **ctx, char *why, size_t size) OBOL_MUST_CHECK;

/** The handshake came to what both ends ask for; pin receives whom it is with.
 */
bool obol_signer_tls_is_good(SSL *ssl, uint8_t pin[OBOL_SIGNER_PIN_LEN]);

#endif /* OBOL_DAEMON_SIGNER_TLS_H_ */
