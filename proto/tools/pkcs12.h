/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * PKCS#12 (RFC 7292) to bundle and back, and bundle to PEM.
 */
#ifndef OBOL_TOOLS_PKCS12_H_
#define OBOL_TOOLS_PKCS12_H_

#include <openssl/x509.h>

#include <obol/bundle.h>

#include "base/rng.h"

/** Largest file taken, in bytes. */
#define PKCS12_MAX (256 * 1024)

/** What is wrong with a PKCS#12; each needs another next step. */
enum pkcs12_fault {
	PKCS12_GOOD = 0,
	/** not PKCS#12 at all, or cut short */
	PKCS12_MALFORMED,
	/** its MAC does not verify with this password */
	PKCS12_WRONG_PASSWORD,
	/** it has no MAC, so that nothing tells a wrong password */
	PKCS12_NO_MAC,
	/** encrypted in a way that this OpenSSL does not know */
	PKCS12_UNSUPPORTED,
	PKCS12_NO_KEY,
	/** there is a key, but no certificate for it */
	PKCS12_KEY_MISMATCH,
	/** more or larger certificates than a bundle holds */
	PKCS12_TOO_LARGE,
	PKCS12_NO_MEMORY,
};

/** A sentence for people with the next step. */
const char *pkcs12_fault_text(enum pkcs12_fault fault);

/**
 * Make a bundle of a PKCS#12, old encryption (RC2, 3DES) included. The
 * certificates that are self-signed CAs become the bundle's CAs, all others
 * its chain.
 *
 * @param password		a zero byte behind its length, as prompt_line() gives it
 * @param key_was_shared	see obol_bundle_key_was_shared()
 * @param bundle		set on GOOD
 */
enum pkcs12_fault pkcs12_read(struct obol_bytes der,
							  const struct obol_secret *password,
							  bool key_was_shared, struct obol_bundle **bundle);

/**
 * Make a bundle of what was read elsewhere.
 *
 * @param others	sorted as above; NULL for none
 * @return			GOOD; TOO_LARGE; NO_MEMORY
 */
enum pkcs12_fault pkcs12_bundle_of(EVP_PKEY *key, X509 *own,
								   STACK_OF(X509) * others, bool key_was_shared,
								   struct obol_bundle **bundle);

/**
 * A PKCS#12 of a bundle: PBES2 with AES-256 and PBKDF2, MAC by SHA-256.
 *
 * @param password	a zero byte behind its length
 * @param name		the friendlyName
 * @param der		a new secret
 * @return			OK; FORMAT; NOMEM; CRYPTO
 */
enum obol_status pkcs12_write(const struct obol_bundle *bundle,
							  const struct obol_secret *password,
							  const char *name,
							  struct obol_secret **der) OBOL_MUST_CHECK;

/** PEM of a bundle: the key as encrypted PKCS#8, chain and CAs behind it. */
enum obol_status pem_write(const struct obol_bundle *bundle,
						   const struct obol_secret *password,
						   struct obol_secret **pem) OBOL_MUST_CHECK;

#endif /* OBOL_TOOLS_PKCS12_H_ */
