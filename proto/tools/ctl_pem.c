/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys and certificates as PEM text. */
#include "tools/ctl_pem.h"

#include "base/file.h"
#include "tools/ctl.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <time.h>

#define FILE_MAX ((size_t)256 << 10)

/** What a memory BIO holds, as a secret; wipes the BIO. */
static bool take(BIO *bio, struct obol_secret **text)
{
	char *ptr = NULL;
	long len = BIO_get_mem_data(bio, &ptr);

	*text = len > 0 ? obol_secret_dup(ptr, (size_t)len) : NULL;
	if (len > 0)
	{
		OPENSSL_cleanse(ptr, (size_t)len);
	}
	ERR_clear_error();
	if (!*text)
	{
		(void)obol_ctl_fail("key or certificate cannot be written as PEM");
	}
	return *text != NULL;
}

bool obol_ctl_pem_key(EVP_PKEY *key, struct obol_secret **text)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	bool done;

	*text = NULL;
	if (!bio)
	{
		return false;
	}
	(void)PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	done = take(bio, text);
	BIO_free(bio);
	return done;
}

bool obol_ctl_pem_certificate(struct obol_bytes der, struct obol_secret **text)
{
	const unsigned char *ptr = der.ptr;
	X509 *x = d2i_X509(NULL, &ptr, (long)der.len);
	BIO *bio = BIO_new(BIO_s_mem());
	bool done = false;

	*text = NULL;
	if (x && bio)
	{
		(void)PEM_write_bio_X509(bio, x);
		done = take(bio, text);
	}
	BIO_free(bio);
	X509_free(x);
	return done;
}

bool obol_ctl_pem_end(const char *path, uint64_t *not_after, char *why,
					  size_t size)
{
	struct obol_secret *file = NULL;
	struct tm tm = { .tm_year = 0 };
	bool done = false;
	X509 *x = NULL;
	BIO *bio;

	if (obol_file_read(path, OBOL_FILE_PUBLIC, FILE_MAX, &file, why, size) !=
		OBOL_OK)
	{
		return false;
	}
	bio =
		BIO_new_mem_buf(obol_secret_view(file).ptr, (int)obol_secret_len(file));
	x = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	if (x && ASN1_TIME_to_tm(X509_get0_notAfter(x), &tm) == 1)
	{
		*not_after = (uint64_t)timegm(&tm);
		done = true;
	}
	else
	{
		(void)snprintf(why, size, "%s: there is no certificate in it", path);
	}
	X509_free(x);
	BIO_free(bio);
	obol_secret_free(file);
	ERR_clear_error();
	return done;
}
