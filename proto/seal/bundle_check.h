/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What is right or wrong about a bundle's key and certificates (OpenSSL's
 * X.509). What was in a seal is believed only as far as this goes.
 */
#ifndef OBOL_SEAL_BUNDLE_CHECK_H_
#define OBOL_SEAL_BUNDLE_CHECK_H_

#include <obol/bundle.h>

/** Certificates in DER; views that somebody else owns. */
struct obol_bundle_certificates {
	size_t n_chain;
	/** the client's own first */
	struct obol_bytes chain[OBOL_BUNDLE_CERTIFICATES_MAX];
	size_t n_cas;
	struct obol_bytes cas[OBOL_BUNDLE_CERTIFICATES_MAX];
};

/**
 * The checks of obol_bundle_check(), in the order of the faults: everything
 * parses, with no byte left over; a signature made with the key verifies with
 * the client's certificate; the chain ends at a self-signed CA certificate
 * among the CAs, which alone are trusted; dates. Purposes are not looked at:
 * a certificate for IKE has none that OpenSSL knows.
 *
 * @param key	PKCS#8 in DER
 * @param now	seconds since the epoch
 * @return		the first fault found; MALFORMED also when memory runs out
 */
enum obol_bundle_fault
obol_bundle_check_parts(const struct obol_secret *key,
						const struct obol_bundle_certificates *certificates,
						uint64_t now);

/**
 * The same where the private key is elsewhere: the certificate has this public
 * key. That somebody has the private one was proved by the request.
 *
 * @param spki	SubjectPublicKeyInfo in DER
 */
enum obol_bundle_fault
obol_bundle_check_public(struct obol_bytes spki,
						 const struct obol_bundle_certificates *certificates,
						 uint64_t now);

/**
 * A certificate's validity.
 *
 * @param certificate	in DER
 * @param not_before	seconds since the epoch; 0 when it cannot be parsed
 * @param not_after		likewise
 */
void obol_certificate_dates(struct obol_bytes certificate, uint64_t *not_before,
							uint64_t *not_after);

/** A certificate's serial number; its length, 0 when it cannot be parsed. */
size_t obol_certificate_serial(struct obol_bytes certificate,
							   uint8_t serial[OBOL_BUNDLE_SERIAL_MAX]);

#endif /* OBOL_SEAL_BUNDLE_CHECK_H_ */
