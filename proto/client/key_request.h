/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A key of the client's own, and the PKCS#10 request for it (RFC 2986).
 */
#ifndef OBOL_CLIENT_KEY_REQUEST_H_
#define OBOL_CLIENT_KEY_REQUEST_H_

#include <openssl/types.h>

#include "base/bytes.h"
#include "base/writer.h"
#include "wire/registry.h"

/**
 * Make an EC P-256 key and a request signed by it. The TLS exporter stands in
 * it as challengePassword in lower-case hexadecimal (see issue/request.h); the
 * subject is empty, as names come from the account.
 *
 * @param library	OpenSSL's library context to work in
 * @param key		receives PKCS#8 in DER
 * @param request	appended to: PKCS#10 in DER
 * @return			OK; NOMEM; CRYPTO
 */
enum obol_status obol_key_request_new(
	OSSL_LIB_CTX *library, const uint8_t exporter[OBOL_EXPORTER_LEN],
	struct obol_secret **key, struct obol_writer *request) OBOL_MUST_CHECK;

#endif /* OBOL_CLIENT_KEY_REQUEST_H_ */
