/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bundle to PKCS#12 and PEM, the key always encrypted. */
#include "tools/pkcs12.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

/* The password is random, so the count protects nothing that 80 bits do not;
 * it is what other tools expect of a file today. */
#define ITERATIONS 100000
#define SALT_LEN 16

struct loaded {
	PKCS8_PRIV_KEY_INFO *info;
	EVP_PKEY *key;
	X509 *own;
	STACK_OF(X509) * others;
};

static X509 *load_certificate(struct obol_bytes der)
{
	const unsigned char *pos = der.ptr;

	return d2i_X509(NULL, &pos, (long)der.len);
}

static bool push(STACK_OF(X509) * certificates, X509 *x509)
{
	if (!x509 || !sk_X509_push(certificates, x509))
	{
		X509_free(x509);
		return false;
	}
	return true;
}

static bool load(const struct obol_bundle *bundle, struct loaded *out)
{
	struct obol_bytes der = obol_secret_view(obol_bundle_key(bundle));
	const unsigned char *pos = der.ptr;
	size_t i;

	out->info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &pos, (long)der.len);
	out->key = out->info ? EVP_PKCS82PKEY(out->info) : NULL;
	out->own = load_certificate(obol_bundle_chain(bundle, 0));
	out->others = sk_X509_new_null();
	if (!out->key || !out->own || !out->others)
	{
		return false;
	}
	for (i = 1; i < obol_bundle_n_chain(bundle); i++)
	{
		if (!push(out->others, load_certificate(obol_bundle_chain(bundle, i))))
		{
			return false;
		}
	}
	for (i = 0; i < obol_bundle_n_cas(bundle); i++)
	{
		if (!push(out->others, load_certificate(obol_bundle_ca(bundle, i))))
		{
			return false;
		}
	}
	return true;
}

static void loaded_clear(struct loaded *loaded)
{
	PKCS8_PRIV_KEY_INFO_free(loaded->info);
	EVP_PKEY_free(loaded->key);
	X509_free(loaded->own);
	sk_X509_pop_free(loaded->others, X509_free);
}

static const char *text_of(const struct obol_secret *password)
{
	return (const char *)obol_secret_view(password).ptr;
}

enum obol_status pkcs12_write(const struct obol_bundle *bundle,
							  const struct obol_secret *password,
							  const char *name, struct obol_secret **der)
{
	struct loaded loaded = { NULL, NULL, NULL, NULL };
	enum obol_status status = OBOL_ERR_FORMAT;
	struct obol_secret *out = NULL;
	unsigned char *bytes = NULL;
	PKCS12 *p12 = NULL;
	int len = 0;

	(void)ERR_set_mark();
	if (!load(bundle, &loaded))
	{
		goto out;
	}
	status = OBOL_ERR_CRYPTO;
	p12 = PKCS12_create(text_of(password), name, loaded.key, loaded.own,
						loaded.others, NID_aes_256_cbc, NID_aes_256_cbc,
						ITERATIONS, ITERATIONS, 0);
	len = p12 ? i2d_PKCS12(p12, &bytes) : 0;
	if (len <= 0)
	{
		goto out;
	}
	out = obol_secret_dup(bytes, (size_t)len);
	status = OBOL_ERR_NOMEM;
	if (!out)
	{
		goto out;
	}
	*der = out;
	status = OBOL_OK;
out:
	OPENSSL_free(bytes);
	PKCS12_free(p12);
	loaded_clear(&loaded);
	(void)ERR_pop_to_mark();
	return status;
}

/* PKCS#8 under PBES2; NULL when OpenSSL fails. */
static X509_SIG *encrypt_key(PKCS8_PRIV_KEY_INFO *info, const char *password)
{
	unsigned char salt[SALT_LEN];
	X509_ALGOR *pbe;
	X509_SIG *sig;

	if (RAND_bytes(salt, sizeof(salt)) != 1)
	{
		return NULL;
	}
	pbe = PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), ITERATIONS, salt, sizeof(salt),
							NULL, NID_hmacWithSHA256);
	sig =
		pbe ? PKCS8_set0_pbe(password, (int)strlen(password), info, pbe) : NULL;
	if (!sig)
	{
		X509_ALGOR_free(pbe);
	}
	return sig;
}

static bool write_all(BIO *bio, const struct loaded *loaded, X509_SIG *sig)
{
	int i;

	if (!PEM_write_bio_PKCS8(bio, sig) || !PEM_write_bio_X509(bio, loaded->own))
	{
		return false;
	}
	for (i = 0; i < sk_X509_num(loaded->others); i++)
	{
		if (!PEM_write_bio_X509(bio, sk_X509_value(loaded->others, i)))
		{
			return false;
		}
	}
	return true;
}

enum obol_status pem_write(const struct obol_bundle *bundle,
						   const struct obol_secret *password,
						   struct obol_secret **pem)
{
	struct loaded loaded = { NULL, NULL, NULL, NULL };
	enum obol_status status = OBOL_ERR_FORMAT;
	BIO *bio = BIO_new(BIO_s_mem());
	struct obol_secret *out = NULL;
	X509_SIG *sig = NULL;
	char *bytes;
	long len;

	(void)ERR_set_mark();
	if (!load(bundle, &loaded))
	{
		goto out;
	}
	status = OBOL_ERR_CRYPTO;
	sig = encrypt_key(loaded.info, text_of(password));
	if (!bio || !sig || !write_all(bio, &loaded, sig))
	{
		goto out;
	}
	len = BIO_get_mem_data(bio, &bytes);
	out = len > 0 ? obol_secret_dup(bytes, (size_t)len) : NULL;
	status = OBOL_ERR_NOMEM;
	if (!out)
	{
		goto out;
	}
	*pem = out;
	status = OBOL_OK;
out:
	X509_SIG_free(sig);
	BIO_free(bio);
	loaded_clear(&loaded);
	(void)ERR_pop_to_mark();
	return status;
}
