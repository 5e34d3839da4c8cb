/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PKCS#12 input. The password is part of the input, so that small changes
 * behind a right MAC are reached: MACs are made anew where that is possible. */
#include <openssl/err.h>
#include <openssl/pkcs12.h>

#include "fuzz/support.h"
#include "seal/bundle_check.h"
#include "support/test_ca.h"
#include "tools/pkcs12.h"

#define PASSWORD "p"

/* The same file with a MAC that fits what is in it; NULL when it is none. */
static uint8_t *with_mac(struct obol_bytes der, size_t *len)
{
	const unsigned char *pos = der.ptr;
	PKCS12 *p12 = d2i_PKCS12(NULL, &pos, (long)der.len);
	unsigned char *out = NULL;
	int out_len;

	if (p12 && PKCS12_set_mac(p12, PASSWORD, -1, NULL, 0, 1, EVP_sha256()))
	{
		out_len = i2d_PKCS12(p12, &out);
		*len = out_len > 0 ? (size_t)out_len : 0;
	}
	PKCS12_free(p12);
	ERR_clear_error();
	return out;
}

static void read_one(struct obol_bytes der)
{
	struct obol_secret *password = obol_secret_dup(PASSWORD, sizeof(PASSWORD));
	struct obol_bundle *bundle = NULL;
	enum pkcs12_fault fault;

	FUZZ_CHECK(password);
	obol_secret_cut(password, sizeof(PASSWORD) - 1);
	fault = pkcs12_read(der, password, true, &bundle);
	FUZZ_CHECK(pkcs12_fault_text(fault)[0]);
	FUZZ_CHECK((fault == PKCS12_GOOD) == (bundle != NULL));
	if (bundle)
	{
		FUZZ_CHECK(obol_bundle_key_was_shared(bundle));
		FUZZ_CHECK(obol_bundle_n_chain(bundle) > 0);
		/* the key fits, whatever else may be wrong */
		FUZZ_CHECK(obol_bundle_check(bundle, 1800000000) !=
				   OBOL_BUNDLE_KEY_MISMATCH);
	}
	obol_bundle_free(bundle);
	obol_secret_free(password);
}

static void run(struct obol_bytes in)
{
	uint8_t *again;
	size_t len = 0;

	read_one(in);
	again = with_mac(in, &len);
	if (again)
	{
		read_one(obol_bytes(again, len));
		OPENSSL_free(again);
	}
}

static void seed_one(struct fuzz_seeds *seeds, const char *name,
					 const struct test_identity *own, X509 *ca, int cipher,
					 int mac_iterations)
{
	STACK_OF(X509) *others = sk_X509_new_null();
	unsigned char *der = NULL;
	PKCS12 *p12;
	int len;

	FUZZ_CHECK(others && (!ca || sk_X509_push(others, ca)));
	p12 = PKCS12_create(PASSWORD, "a", own->key, own->certificate, others,
						cipher, cipher, 1, mac_iterations, 0);
	FUZZ_CHECK(p12);
	len = i2d_PKCS12(p12, &der);
	FUZZ_CHECK(len > 0);
	fuzz_seed(seeds, name, obol_bytes(der, (size_t)len));
	OPENSSL_free(der);
	PKCS12_free(p12);
	sk_X509_free(others);
}

static void seed(struct fuzz_seeds *seeds)
{
	static const struct test_cert root = { .cn = "r", .ca = true };
	static const struct test_cert leaf = { .cn = "a" };
	struct test_identity ca, own;

	test_identity_init(&ca, &root, NULL);
	test_identity_init(&own, &leaf, &ca);
	seed_one(seeds, "clear", &own, ca.certificate, -1, 1);
	seed_one(seeds, "alone", &own, NULL, -1, 1);
	seed_one(seeds, "aes", &own, ca.certificate, NID_aes_256_cbc, 1);
	seed_one(seeds, "3des", &own, NULL, NID_pbe_WithSHA1And3_Key_TripleDES_CBC,
			 1);
	seed_one(seeds, "no-mac", &own, NULL, -1, -1);
	test_identity_clear(&own);
	test_identity_clear(&ca);
}

static struct fuzz_target target = {
	.name = "pkcs12",
	.what = "a bundle that comes out has a key that fits its certificate",
	.run = run,
	.seed = seed,
	.max_len = 3000,
};

FUZZ_TARGET(target)
