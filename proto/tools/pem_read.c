/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PEM to bundle. */
#include "tools/pem_read.h"

#include <stdio.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "tools/pkcs12.h"

bool pem_is_encrypted(struct obol_bytes pem)
{
	static const char *const marks[] = { "ENCRYPTED PRIVATE KEY-----",
										 "Proc-Type: 4,ENCRYPTED" };
	size_t i;

	for (i = 0; i < 2; i++)
	{
		if (memmem(pem.ptr, pem.len, marks[i], strlen(marks[i])))
		{
			return true;
		}
	}
	return false;
}

/* OpenSSL asks for the password; a terminal is asked elsewhere. */
static int on_password(char *buf, int size, int is_writing, void *ctx)
{
	struct obol_bytes password = obol_secret_view(ctx);

	(void)is_writing;
	if (!ctx || password.len > (size_t)size)
	{
		return -1;
	}
	memcpy(buf, password.ptr, password.len);
	return (int)password.len;
}

static EVP_PKEY *read_key(struct obol_bytes pem,
						  const struct obol_secret *password)
{
	BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	EVP_PKEY *key = NULL;

	if (bio)
	{
		key = PEM_read_bio_PrivateKey(bio, NULL, on_password,
									  (void *)(uintptr_t)password);
	}
	BIO_free(bio);
	return key;
}

static STACK_OF(X509) * read_certificates(struct obol_bytes pem)
{
	BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
	STACK_OF(X509) *certificates = sk_X509_new_null();
	X509 *x509;

	while (bio && certificates &&
		   (x509 = PEM_read_bio_X509(bio, NULL, on_password, NULL)))
	{
		if (!sk_X509_push(certificates, x509))
		{
			X509_free(x509);
			break;
		}
	}
	BIO_free(bio);
	return certificates;
}

/* Take the key's own certificate out of the others; NULL when it is not there.
 */
static X509 *take_own(EVP_PKEY *key, STACK_OF(X509) * certificates)
{
	int i;

	for (i = 0; i < sk_X509_num(certificates); i++)
	{
		if (X509_check_private_key(sk_X509_value(certificates, i), key) == 1)
		{
			return sk_X509_delete(certificates, i);
		}
	}
	return NULL;
}

bool pem_read(struct obol_bytes pem, const struct obol_secret *password,
			  struct obol_bundle **bundle, char *why, size_t size)
{
	STACK_OF(X509) *certificates = read_certificates(pem);
	EVP_PKEY *key = read_key(pem, password);
	X509 *own = key ? take_own(key, certificates) : NULL;
	enum pkcs12_fault fault = PKCS12_NO_KEY;

	if (!key)
	{
		(void)snprintf(why, size, "%s",
					   password ? "the file's password is wrong"
								: "there is no private key in it that can be "
								  "read");
	}
	else
	{
		fault = own ? pkcs12_bundle_of(key, own, certificates, false, bundle)
					: PKCS12_KEY_MISMATCH;
		(void)snprintf(why, size, "%s", pkcs12_fault_text(fault));
	}
	X509_free(own);
	EVP_PKEY_free(key);
	sk_X509_pop_free(certificates, X509_free);
	ERR_clear_error();
	return fault == PKCS12_GOOD;
}
