/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Building X.509 certificates (RFC 5280): what CA, issuer and the server's own
 * TLS certificate have in common. Nobody outside this room includes it.
 */
#ifndef OBOL_ISSUE_CERTIFICATE_H_
#define OBOL_ISSUE_CERTIFICATE_H_

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "issue/issuer.h"

/** notBefore lies this far back, for clocks that are behind; in seconds. */
#define OBOL_CERTIFICATE_BACKDATE_S 3600
/** Serial numbers, in bytes; 126 random bits, always positive. */
#define OBOL_SERIAL_LEN 16

enum obol_certificate_use {
	/** signs certificates and revocation lists */
	OBOL_CERTIFICATE_CA,
	/** a VPN gateway: serverAuth and ikeIntermediate */
	OBOL_CERTIFICATE_GATEWAY,
	/** a VPN user: clientAuth */
	OBOL_CERTIFICATE_USER,
	/** a TLS server: serverAuth */
	OBOL_CERTIFICATE_TLS,
};

struct obol_certificate_parts {
	enum obol_certificate_use use;
	/** the subject when there are no attributes */
	const char *common_name;
	/** SubjectPublicKeyInfo in DER, when no other key is given */
	struct obol_bytes public_key;
	size_t n_attributes;
	const struct obol_certificate_attribute *attributes;
	size_t n_sans;
	const char *const *sans;
	uint64_t not_before;
	uint64_t not_after;
	/** where the CA's revocation list can be had; NULL: not said */
	const char *crl_uri;
};

/**
 * Build and sign a certificate.
 *
 * @param key		the subject's public key; NULL when it is in the parts
 * @param ca		the issuer's certificate; NULL signs it by its own key
 * @param ca_key	the issuer's private key
 * @return			OK; ARG when a name cannot stand in a certificate; CRYPTO;
 *					NOMEM
 */
enum obol_status
obol_certificate_build(const struct obol_certificate_parts *parts,
					   EVP_PKEY *key, X509 *ca, EVP_PKEY *ca_key,
					   struct obol_rng *rng, X509 **out) OBOL_MUST_CHECK;

/** A subject of these attributes can be encoded. */
bool obol_certificate_subject_is_usable(
	const struct obol_certificate_attribute *attributes, size_t n);

/**
 * Subject and names as text, such as
 * "CN=alice, O=Example; email:alice@example.org".
 *
 * @return	ARG when it does not fit
 */
enum obol_status
obol_certificate_describe(const struct obol_certificate_parts *parts,
						  char *text, size_t size) OBOL_MUST_CHECK;

/** Seconds since the epoch, 0 when the time cannot be understood. */
uint64_t obol_certificate_time(const ASN1_TIME *time);

/**
 * The authorityKeyIdentifier of what a CA signs (RFC 5280, 4.2.1.1): the key
 * identifier of its own certificate, or what it would be when that has none.
 *
 * @return	to be freed; NULL when memory ran out
 */
AUTHORITY_KEYID *obol_certificate_authority_key_id(X509 *ca);

/** The digest to sign with; NULL for EdDSA, which hashes by itself (RFC 8410).
 */
const EVP_MD *obol_certificate_digest(EVP_PKEY *key);

/** Signed by its own key, whatever it says. */
bool obol_certificate_is_self_signed(X509 *certificate);

#endif /* OBOL_ISSUE_CERTIFICATE_H_ */
