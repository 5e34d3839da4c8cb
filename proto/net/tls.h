/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The client's side of TLS, without I/O: bytes off the wire go in, bytes for
 * the wire come out. TLS 1.3 only, application protocol obol/1, nothing
 * resumed, no early data; OpenSSL in a library context of its own.
 */
#ifndef OBOL_NET_TLS_H_
#define OBOL_NET_TLS_H_

#include <openssl/types.h>

#include "base/bytes.h"
#include "net/wait.h"
#include "wire/registry.h"

/** SHA-256 of a SubjectPublicKeyInfo. */
#define OBOL_TLS_KEY_HASH_LEN 32

/** What the connections of one client share. */
struct obol_tls_context;

/**
 * Make a context.
 *
 * @param clock		its wall time is what certificates are valid at
 * @param ca_file	PEM CA certificates, of which one must have signed the
 *					server's certificate; NULL checks no certificate
 * @param why		receives a sentence when the file is no use
 * @return			OK; IO or FORMAT for the file; CRYPTO; NOMEM
 */
enum obol_status obol_tls_context_new(struct obol_clock *clock,
									  const char *ca_file,
									  struct obol_tls_context **context,
									  char *why, size_t size) OBOL_MUST_CHECK;

void obol_tls_context_free(struct obol_tls_context *context);

/** The library context, for other OpenSSL calls of the same client. */
OSSL_LIB_CTX *obol_tls_context_library(const struct obol_tls_context *context);

/** True when certificates are checked against a CA. */
bool obol_tls_context_verifies(const struct obol_tls_context *context);

/** One connection. */
struct obol_tls;

/**
 * Start a connection; the first flight becomes output.
 *
 * @param host	name for SNI and check (RFC 9525), or address for the check;
 *				copied
 * @return		OK; NOMEM; CRYPTO
 */
enum obol_status obol_tls_new(struct obol_tls_context *context,
							  const char *host, bool is_address,
							  struct obol_tls **tls) OBOL_MUST_CHECK;

/** Wipe and free; NULL is fine. */
void obol_tls_free(struct obol_tls *tls);

/** Take bytes off the wire; none of them: the peer has closed. OK or NOMEM. */
enum obol_status obol_tls_input(struct obol_tls *tls,
								struct obol_bytes in) OBOL_MUST_CHECK;

/** Bytes to send; holds until the next call for this connection. */
struct obol_bytes obol_tls_output(struct obol_tls *tls);

/** The first len bytes of the output were sent. */
void obol_tls_sent(struct obol_tls *tls, size_t len);

/**
 * Go on with the handshake, after new, and after every input.
 *
 * @param done	set when the handshake is complete: TLS 1.3, application
 *				protocol agreed upon, not resumed, certificate checked
 * @return		OK; PORTAL; TLS_CA; CLOSED when the peer closed in the middle;
 *				INTERNAL
 */
enum obol_net_failure obol_tls_handshake(struct obol_tls *tls, bool *done);

/** After TLS_CA and PORTAL: what was wrong, for people. */
const char *obol_tls_reason(const struct obol_tls *tls);

/** Encrypt; it becomes output. OK; CLOSED; INTERNAL. */
enum obol_net_failure obol_tls_write(struct obol_tls *tls,
									 struct obol_bytes bytes);

/**
 * Decrypt what has come.
 *
 * @param got	bytes written to buf, 0 when more input is needed
 * @return		OK; CLOSED once the peer has closed or broken the connection
 */
enum obol_net_failure obol_tls_read(struct obol_tls *tls, uint8_t *buf,
									size_t size, size_t *got);

/** Say goodbye; it becomes output. */
void obol_tls_close(struct obol_tls *tls);

/** Hash of the peer's public key (SubjectPublicKeyInfo, SHA-256). OK; CRYPTO.
 */
enum obol_status
obol_tls_key_hash(const struct obol_tls *tls,
				  uint8_t hash[OBOL_TLS_KEY_HASH_LEN]) OBOL_MUST_CHECK;

/** The channel binding (RFC 9266). OK; CRYPTO. */
enum obol_status
obol_tls_exporter(const struct obol_tls *tls,
				  uint8_t exporter[OBOL_EXPORTER_LEN]) OBOL_MUST_CHECK;

#endif /* OBOL_NET_TLS_H_ */
