/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bundles for the plugin's tests. */
#include "plugin/pki.h"
#include "support/test_ca.h"

#include <stdlib.h>
#include <time.h>

struct pki {
	struct test_identity root;
	struct test_identity intermediate;
	uint8_t root_der[TEST_DER_MAX];
	uint8_t intermediate_der[TEST_DER_MAX];
	struct obol_bytes root_view;
	struct obol_bytes intermediate_view;
	EVP_PKEY *key;
};

struct pki *pki_new(const char *name)
{
	struct pki *pki = calloc(1, sizeof(*pki));
	struct test_cert root = { .cn = name, .ca = true };
	struct test_cert intermediate = { .cn = "intermediate", .ca = true };

	test_identity_init(&pki->root, &root, NULL);
	test_identity_init(&pki->intermediate, &intermediate, &pki->root);
	pki->root_view =
		test_certificate_der(pki->root.certificate, pki->root_der);
	pki->intermediate_view = test_certificate_der(
		pki->intermediate.certificate, pki->intermediate_der);
	return pki;
}

void pki_free(struct pki *pki)
{
	test_identity_clear(&pki->root);
	test_identity_clear(&pki->intermediate);
	EVP_PKEY_free(pki->key);
	free(pki);
}

struct obol_bundle *pki_bundle(struct pki *pki, const struct pki_want *want)
{
	const struct test_identity *issuer =
		want->through_intermediate ? &pki->intermediate : &pki->root;
	struct test_cert cert = {
		.cn = "alice",
		.san = want->san ? want->san : "email:alice@example.org",
		.not_after = want->valid_s ? time(NULL) + want->valid_s : 0,
	};
	struct obol_bundle_parts parts = { .ttl_s = want->ttl_s };
	uint8_t der[TEST_DER_MAX];
	struct obol_bundle *bundle = NULL;
	struct obol_secret *key;
	X509 *x509;

	if (!want->same_key || !pki->key)
	{
		EVP_PKEY_free(pki->key);
		pki->key = test_key(want->key_type ? want->key_type : "EC");
	}
	key = test_key_der(pki->key);
	x509 = test_certificate(&cert, pki->key, issuer);
	parts.key = key;
	parts.chain[parts.n_chain++] = test_certificate_der(x509, der);
	if (want->through_intermediate)
	{
		parts.chain[parts.n_chain++] = pki->intermediate_view;
	}
	parts.cas[parts.n_cas++] = pki->root_view;
	if (want->intermediate_as_ca)
	{
		parts.cas[parts.n_cas++] = pki->intermediate_view;
	}
	if (obol_bundle_new(&parts, &bundle) != OBOL_OK)
	{
		abort();
	}
	X509_free(x509);
	obol_secret_free(key);
	return bundle;
}

struct obol_bytes pki_root(struct pki *pki)
{
	return pki->root_view;
}

struct obol_bytes pki_intermediate(struct pki *pki)
{
	return pki->intermediate_view;
}
