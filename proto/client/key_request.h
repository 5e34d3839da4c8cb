/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A key of the client's own, and the PKCS#10 request for it (RFC 2986).
 */
#ifndef OBOL_CLIENT_KEY_REQUEST_H_
#define OBOL_CLIENT_KEY_REQUEST_H_

#include <obol/token.h>
#include <openssl/types.h>

#include "base/bytes.h"
#include "base/writer.h"
#include "wire/registry.h"

/**
 * Make a key and a request signed by it. The TLS exporter stands in
 * it as challengePassword in lower-case hexadecimal (see issue/request.h); the
 * subject is empty, as names come from the account.
 *
 * @param library	OpenSSL's library context to work in
 * @param key_type	enum obol_key_type
 * @param key		receives PKCS#8 in DER
 * @param request	appended to: PKCS#10 in DER
 * @return			OK; VERSION for a type that is not known; NOMEM; CRYPTO
 */
enum obol_status
obol_key_request_new(OSSL_LIB_CTX *library, uint8_t key_type,
					 const uint8_t exporter[OBOL_EXPORTER_LEN],
					 struct obol_secret **key,
					 struct obol_writer *request) OBOL_MUST_CHECK;

/**
 * The same for a key that is made and kept elsewhere. What is signed there is
 * verified.
 *
 * @param spki	receives the public key
 * @param why	receives a sentence for people with TOKEN
 * @return		OK; TOKEN when the maker fails; NOMEM; CRYPTO
 */
enum obol_status obol_key_request_elsewhere(
	OSSL_LIB_CTX *library, uint8_t key_type, const struct obol_key_maker *maker,
	const uint8_t exporter[OBOL_EXPORTER_LEN],
	uint8_t spki[OBOL_TOKEN_PUBLIC_KEY_MAX], size_t *spki_len,
	struct obol_writer *request, char *why, size_t size) OBOL_MUST_CHECK;

#endif /* OBOL_CLIENT_KEY_REQUEST_H_ */
