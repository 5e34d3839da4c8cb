/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Bundles for the plugin's tests.
 */
#ifndef TESTS_PLUGIN_PKI_H_
#define TESTS_PLUGIN_PKI_H_

#include <obol/anchors.h>
#include <obol/bundle.h>

struct pki;

/** What a bundle shall be; all zero gives a plain one. */
struct pki_want {
	/** "EC" (the default), "RSA", "ED25519" */
	const char *key_type;
	/** subjectAltName, "email:alice@example.org" by default */
	const char *san;
	/** seconds to live from the download */
	uint32_t ttl_s;
	/** seconds until the certificate expires, a year by default */
	int64_t valid_s;
	/** issue by an intermediate CA, which comes in the chain */
	bool through_intermediate;
	/** put the intermediate CA among the CA certificates as well */
	bool intermediate_as_ca;
	/** keep the key of the last bundle */
	bool same_key;
};

/** A root CA of the given name, with an intermediate CA. */
struct pki *pki_new(const char *name);
void pki_free(struct pki *pki);

/** A bundle of that CA, to be freed by the caller. */
struct obol_bundle *pki_bundle(struct pki *pki, const struct pki_want *want);

/** A set of both roots, signed by the first one's; to be freed by the caller.
 */
struct obol_anchors *pki_anchors(struct pki *pki, struct pki *next,
								 uint32_t number);

/** The root's certificate in DER, valid as long as pki. */
struct obol_bytes pki_root(struct pki *pki);

/** The intermediate CA's certificate in DER, valid as long as pki. */
struct obol_bytes pki_intermediate(struct pki *pki);

#endif /* TESTS_PLUGIN_PKI_H_ */
