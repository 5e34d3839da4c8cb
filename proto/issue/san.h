/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Subject alternative names (RFC 5280, 4.2.1.6) from text. Nobody outside
 * this room includes it.
 */
#ifndef OBOL_ISSUE_SAN_H_
#define OBOL_ISSUE_SAN_H_

#include <openssl/x509v3.h>

#include "base/bytes.h"

/** "email" when it has '@', "ip" for an address of either family, "dns". */
const char *obol_san_kind(const char *text);

/**
 * A name as it stands in a certificate.
 *
 * @return	OK; ARG when the text is no mail address, address or host name in
 *			ASCII, or a wildcard; NOMEM
 */
enum obol_status obol_san_new(const char *text,
							  GENERAL_NAME **name) OBOL_MUST_CHECK;

#endif /* OBOL_ISSUE_SAN_H_ */
