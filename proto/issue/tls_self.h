/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The server's self-made TLS certificate: signed by its own key, so that an
 * operator needs no PKI for it. Clients trust it through the login, or by a
 * pin of its key; so it is renewed under the same key.
 */
#ifndef OBOL_ISSUE_TLS_SELF_H_
#define OBOL_ISSUE_TLS_SELF_H_

#include "base/bytes.h"
#include "base/clock.h"

/** Validity that obolctl init gives it: three years, in seconds. */
#define OBOL_TLS_SELF_LIFETIME_S (3 * 365 * (uint32_t)86400)

/**
 * Make a key (EC P-256, mode 0600) and its certificate, two new files.
 *
 * @param name			the server's name or address, goes into the SAN
 * @param why			receives a sentence for the operator on failure
 * @return				OK; ARG when the name is no host name or address;
 *						EXISTS; IO; CRYPTO; NOMEM
 */
enum obol_status obol_tls_self_create(const char *name, uint32_t lifetime_s,
									  const char *certificate_path,
									  const char *key_path,
									  struct obol_clock *clock, char *why,
									  size_t size) OBOL_MUST_CHECK;

/**
 * Renew the certificate when it is a single self-signed one and less than a
 * third of its life is left: same key, same length of life, the given name.
 * One that an operator brought, or that is fresh enough, is left alone.
 *
 * @param renewed	whether there is a new one now
 * @return			OK; ARG when key and certificate do not fit; DENIED; IO;
 *					CRYPTO; NOMEM; the old one is there still
 */
enum obol_status obol_tls_self_renew(const char *name,
									 const char *certificate_path,
									 const char *key_path,
									 struct obol_clock *clock, bool *renewed,
									 char *why, size_t size) OBOL_MUST_CHECK;

#endif /* OBOL_ISSUE_TLS_SELF_H_ */
