/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Who is at the other end of the way to a signer on another machine: both ends
 * know each other's TLS key by its hash, and nothing else about each other is
 * believed, neither names nor dates nor any CA.
 *
 *   sha256:64 hexadecimal digits		of the key's SubjectPublicKeyInfo
 */
#ifndef OBOL_DAEMON_SIGNER_PIN_H_
#define OBOL_DAEMON_SIGNER_PIN_H_

#include <openssl/x509.h>

#include "base/bytes.h"

#define OBOL_SIGNER_PIN_LEN 32
/** With its zero byte. */
#define OBOL_SIGNER_PIN_TEXT 72

/** False when it is none. */
bool obol_signer_pin_parse(const char *text, uint8_t pin[OBOL_SIGNER_PIN_LEN]);

void obol_signer_pin_print(const uint8_t pin[OBOL_SIGNER_PIN_LEN],
						   char text[OBOL_SIGNER_PIN_TEXT]);

/** A certificate's key's. OK; CRYPTO. */
enum obol_status
obol_signer_pin_of(const X509 *certificate,
				   uint8_t pin[OBOL_SIGNER_PIN_LEN]) OBOL_MUST_CHECK;

#endif /* OBOL_DAEMON_SIGNER_PIN_H_ */
