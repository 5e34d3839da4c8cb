/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Building X.509 certificate revocation lists (RFC 5280, 5). Nobody outside
 * this room includes it.
 */
#ifndef OBOL_ISSUE_CRL_H_
#define OBOL_ISSUE_CRL_H_

#include "issue/certificate.h"
#include "issue/issuer.h"

/**
 * Build and sign a list.
 *
 * @param ca	the issuing CA's certificate, and its private key
 * @param der	receives the list in DER; free() it
 * @return		OK; ARG for a serial number or time that cannot stand in it;
 *				CRYPTO; NOMEM
 */
enum obol_status obol_crl_build(const struct obol_crl_parts *parts, X509 *ca,
								EVP_PKEY *ca_key, uint8_t **der,
								size_t *len) OBOL_MUST_CHECK;

#endif /* OBOL_ISSUE_CRL_H_ */
