/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PEM files of certificates and keys. */
#include "fuzz/support.h"
#include "issue/pem.h"
#include "support/test_ca.h"

#define WHY_MAX 256
#define CERTIFICATES_MAX 4

static void run(struct obol_bytes in)
{
	X509 *chain[CERTIFICATES_MAX] = { NULL };
	const char *path = fuzz_file(in);
	struct obol_secret *text = NULL;
	EVP_PKEY *key = NULL;
	char why[WHY_MAX] = "";
	size_t n = 0, i;

	if (obol_pem_read_certificates(path, CERTIFICATES_MAX, chain, &n, why,
								   sizeof(why)) == OBOL_OK)
	{
		FUZZ_CHECK(n >= 1 && n <= CERTIFICATES_MAX);
		for (i = 0; i < n; i++)
		{
			FUZZ_CHECK(obol_pem_certificate(chain[i], &text) == OBOL_OK);
			obol_secret_free(text);
			X509_free(chain[i]);
		}
	}
	else
	{
		FUZZ_CHECK(why[0]);
	}
	why[0] = '\0';
	if (obol_pem_read_key(path, &key, why, sizeof(why)) == OBOL_OK)
	{
		FUZZ_CHECK(key);
		EVP_PKEY_free(key);
	}
	else
	{
		FUZZ_CHECK(why[0]);
	}
}

static void seed(struct fuzz_seeds *seeds)
{
	static const struct test_cert cert = { .cn = "a" };
	struct obol_secret *certificate = NULL, *key = NULL;
	struct test_identity identity;
	struct obol_writer w;

	test_identity_init(&identity, &cert, NULL);
	FUZZ_CHECK(obol_pem_certificate(identity.certificate, &certificate) ==
			   OBOL_OK);
	FUZZ_CHECK(obol_pem_key(identity.key, &key) == OBOL_OK);
	fuzz_seed(seeds, "certificate", obol_secret_view(certificate));
	fuzz_seed(seeds, "key", obol_secret_view(key));
	obol_writer_init(&w);
	obol_write_bytes(&w, obol_secret_view(certificate));
	obol_write_bytes(&w, obol_secret_view(key));
	obol_write_bytes(&w, obol_secret_view(certificate));
	fuzz_seed(seeds, "both", obol_writer_view(&w));
	obol_writer_clear(&w);
	fuzz_seed_text(seeds, "encrypted",
				   "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n"
				   "-----END ENCRYPTED PRIVATE KEY-----\n");
	obol_secret_free(certificate);
	obol_secret_free(key);
	test_identity_clear(&identity);
}

static struct fuzz_target target = {
	.name = "pem",
	.what = "certificates that are read are written again",
	.run = run,
	.seed = seed,
	.max_len = 3000,
};

FUZZ_TARGET(target)
