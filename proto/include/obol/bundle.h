/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The bundle: a private key, its certificate chain and CA certificates, the
 * credential that a VPN client needs.
 *
 * Layout: version 1 (1) | time to live (4) in seconds from the download, 0 for
 * as long as the certificate is valid | flags (1): 1 the operator has held the
 * key | key vec16, PKCS#8 in DER | count (1), each: certificate vec16 in DER,
 * the client's own first, then intermediates | count (1), each: CA certificate
 * vec16 in DER.
 */
#ifndef OBOL_BUNDLE_H_
#define OBOL_BUNDLE_H_

#include <stdbool.h>

#include <obol/secret.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Certificates in chain and set at most, each. */
#define OBOL_BUNDLE_CERTIFICATES_MAX 8
/** Longest certificate and longest PKCS#8 key, in bytes. */
#define OBOL_BUNDLE_CERTIFICATE_MAX 8192
#define OBOL_BUNDLE_KEY_MAX 8192

struct obol_bundle;

/** Parts of a bundle that is to be made; all borrowed. */
struct obol_bundle_parts {
	uint32_t ttl_s;
	bool key_was_shared;
	/** PKCS#8 in DER */
	const struct obol_secret *key;
	size_t n_chain;
	struct obol_bytes chain[OBOL_BUNDLE_CERTIFICATES_MAX];
	size_t n_cas;
	struct obol_bytes cas[OBOL_BUNDLE_CERTIFICATES_MAX];
	/** SubjectPublicKeyInfo in DER of a key that is elsewhere, as in a hardware
	 * token; key is NULL then. Such a bundle has no bytes */
	struct obol_bytes public_key;
};

/**
 * Make a bundle; the parts are copied.
 *
 * @return	OK; ARG when a part is missing or too long; NOMEM
 */
OBOL_API enum obol_status
obol_bundle_new(const struct obol_bundle_parts *parts,
				struct obol_bundle **bundle) OBOL_MUST_CHECK;

/**
 * Read a bundle's bytes.
 *
 * @return	OK; VERSION; FORMAT; NOMEM
 */
OBOL_API enum obol_status
obol_bundle_decode(const struct obol_secret *body,
				   struct obol_bundle **bundle) OBOL_MUST_CHECK;

/** A bundle's bytes, as a new secret. OK; ARG when its key is elsewhere;
 * NOMEM. */
OBOL_API enum obol_status
obol_bundle_encode(const struct obol_bundle *bundle,
				   struct obol_secret **body) OBOL_MUST_CHECK;

/** What is wrong with a bundle. */
enum obol_bundle_fault {
	OBOL_BUNDLE_GOOD = 0,
	/** key or certificate cannot be parsed */
	OBOL_BUNDLE_MALFORMED,
	/** the key is not the certificate's */
	OBOL_BUNDLE_KEY_MISMATCH,
	/** no CA certificate of the bundle ends the chain */
	OBOL_BUNDLE_CHAIN,
	OBOL_BUNDLE_NOT_YET_VALID,
	OBOL_BUNDLE_EXPIRED,
};

/**
 * Check that key fits certificate (of a key that is elsewhere: the public
 * one), that the chain ends at a CA certificate of
 * the bundle, and the dates.
 *
 * @param now	seconds since the epoch
 * @return		the first fault found
 */
OBOL_API enum obol_bundle_fault
obol_bundle_check(const struct obol_bundle *bundle, uint64_t now);

/** The key is not in the bundle but, for instance, in a hardware token. */
OBOL_API bool obol_bundle_key_is_elsewhere(const struct obol_bundle *bundle);

/** The parts; views that hold until the bundle is freed. The key is NULL, and
 * the public key there, when the former is elsewhere. */
OBOL_API const struct obol_secret *
obol_bundle_key(const struct obol_bundle *bundle);
OBOL_API struct obol_bytes
obol_bundle_public_key(const struct obol_bundle *bundle);
OBOL_API size_t obol_bundle_n_chain(const struct obol_bundle *bundle);
OBOL_API struct obol_bytes obol_bundle_chain(const struct obol_bundle *bundle,
											 size_t i);
OBOL_API size_t obol_bundle_n_cas(const struct obol_bundle *bundle);
OBOL_API struct obol_bytes obol_bundle_ca(const struct obol_bundle *bundle,
										  size_t i);
OBOL_API uint32_t obol_bundle_ttl_s(const struct obol_bundle *bundle);
OBOL_API bool obol_bundle_key_was_shared(const struct obol_bundle *bundle);

/** Validity of the client's certificate, seconds since the epoch; 0 when it
 * cannot be parsed. */
OBOL_API uint64_t obol_bundle_not_before(const struct obol_bundle *bundle);
OBOL_API uint64_t obol_bundle_not_after(const struct obol_bundle *bundle);

/** Longest serial number of a certificate, in bytes (RFC 5280, 4.1.2.2). */
#define OBOL_BUNDLE_SERIAL_MAX 20

/** Serial number of the client's certificate; its length, 0 when it cannot be
 * parsed. */
OBOL_API size_t obol_bundle_serial(const struct obol_bundle *bundle,
								   uint8_t serial[OBOL_BUNDLE_SERIAL_MAX]);

/**
 * When to renew it: at two thirds of its certificate's life, give or take a
 * tenth of that life, so that an account's devices do not meet. The same for
 * each call with the same bundle and device. The hour by which certificates
 * are dated back is no part of their life.
 *
 * @param device_id	16 bytes; NULL for the middle
 * @return			seconds since the epoch; 0 when it cannot be parsed
 */
OBOL_API uint64_t obol_bundle_renew_at(const struct obol_bundle *bundle,
									   const uint8_t *device_id);

/** Wipe and free; NULL is fine. */
OBOL_API void obol_bundle_free(struct obol_bundle *bundle);

#ifdef __cplusplus
}
#endif

#endif /* OBOL_BUNDLE_H_ */
