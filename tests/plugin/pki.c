/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bundles for the plugin's tests. */
#include "plugin/pki.h"
#include "seal/anchors.h"
#include "support/test_ca.h"

#include <stdlib.h>
#include <time.h>

#include <openssl/cms.h>

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
	struct test_cert root = { .cn = name,
							  .ca = true,
							  .key_usage = "keyCertSign,cRLSign" };
	struct test_cert intermediate = { .cn = "intermediate", .ca = true };

	test_identity_init(&pki->root, &root, NULL);
	test_identity_init(&pki->intermediate, &intermediate, &pki->root);
	pki->root_view = test_certificate_der(pki->root.certificate, pki->root_der);
	pki->intermediate_view = test_certificate_der(pki->intermediate.certificate,
												  pki->intermediate_der);
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

/* As an operator's openssl cms does it. */
static int sign(struct pki *pki, struct obol_bytes body, unsigned char **der)
{
	unsigned flags = CMS_BINARY | CMS_PARTIAL | CMS_NOCERTS | CMS_NOSMIMECAP;
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
	BIO *bio = BIO_new_mem_buf(body.ptr, (int)body.len);
	int len;

	if (!CMS_add1_signer(cms, pki->root.certificate, pki->root.key,
						 EVP_sha256(), flags) ||
		CMS_final(cms, bio, NULL, CMS_BINARY) != 1)
	{
		abort();
	}
	len = i2d_CMS_ContentInfo(cms, der);
	BIO_free(bio);
	CMS_ContentInfo_free(cms);
	return len;
}

struct obol_anchors *pki_anchors(struct pki *pki, struct pki *next,
								 uint32_t number)
{
	struct obol_anchors_body body = { .number = number,
									  .created_at = (uint64_t)time(NULL),
									  .n_cas = 2,
									  .cas = { pki->root_view,
											   next->root_view } };
	struct obol_anchors *set = NULL;
	unsigned char *der = NULL;
	struct obol_writer w;
	int len;

	obol_writer_init(&w);
	obol_anchors_body_encode(&w, &body);
	len = sign(pki, obol_writer_view(&w), &der);
	if (obol_anchors_load(obol_bytes(der, (size_t)len), &set) != OBOL_OK)
	{
		abort();
	}
	OPENSSL_free(der);
	obol_writer_clear(&w);
	return set;
}

struct obol_bytes pki_root(struct pki *pki)
{
	return pki->root_view;
}

struct obol_bytes pki_intermediate(struct pki *pki)
{
	return pki->intermediate_view;
}
