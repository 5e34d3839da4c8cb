/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PEM files of certificates and keys. */
#include "issue/pem.h"

#include <limits.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/file.h"

static enum obol_status fail(enum obol_status status, char *why, size_t size,
							 const char *path, const char *what)
{
	(void)snprintf(why, size, "%s: %s", path, what);
	return status;
}

/* Never asks at a terminal: a daemon has none. */
static int no_password(char *buf, int size, int rwflag, void *was_asked)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	*(bool *)was_asked = true;
	return -1;
}

static BIO *bio_over(const struct obol_secret *text)
{
	struct obol_bytes view = obol_secret_view(text);

	return view.len <= INT_MAX ? BIO_new_mem_buf(view.ptr, (int)view.len)
							   : NULL;
}

static bool at_end_of_pem(void)
{
	unsigned long err = ERR_peek_last_error();

	return ERR_GET_LIB(err) == ERR_LIB_PEM &&
		   ERR_GET_REASON(err) == PEM_R_NO_START_LINE;
}

static enum obol_status read_chain(BIO *bio, const char *path, size_t max,
								   X509 **chain, size_t *n, char *why,
								   size_t size)
{
	bool was_asked = false;
	X509 *x;

	*n = 0;
	ERR_clear_error();
	while ((x = PEM_read_bio_X509(bio, NULL, no_password, &was_asked)))
	{
		if (*n == max)
		{
			X509_free(x);
			return fail(OBOL_ERR_FORMAT, why, size, path,
						"has more certificates than Obol takes");
		}
		chain[(*n)++] = x;
	}
	if (!at_end_of_pem())
	{
		return fail(OBOL_ERR_FORMAT, why, size, path,
					"has a certificate that cannot be read");
	}
	if (!*n)
	{
		return fail(OBOL_ERR_FORMAT, why, size, path,
					"has no certificate in PEM form");
	}
	return OBOL_OK;
}

enum obol_status obol_pem_read_certificates(const char *path, size_t max,
											X509 **chain, size_t *n_chain,
											char *why, size_t size)
{
	struct obol_secret *text = NULL;
	BIO *bio = NULL;
	enum obol_status status = obol_file_read(
		path, OBOL_FILE_PUBLIC, OBOL_PEM_FILE_MAX, &text, why, size);
	size_t n = 0;

	if (status != OBOL_OK)
	{
		return status;
	}
	bio = bio_over(text);
	if (!bio)
	{
		status = fail(OBOL_ERR_NOMEM, why, size, path, "no memory for it");
		goto out;
	}
	status = read_chain(bio, path, max, chain, &n, why, size);
	if (status == OBOL_OK)
	{
		*n_chain = n;
		n = 0; /* moved to the caller */
	}
out:
	while (n)
	{
		X509_free(chain[--n]);
	}
	BIO_free(bio);
	obol_secret_free(text);
	ERR_clear_error();
	return status;
}

enum obol_status obol_pem_parse_key(const struct obol_secret *text,
									const char *path, EVP_PKEY **key, char *why,
									size_t size)
{
	enum obol_status status = OBOL_OK;
	bool was_asked = false;
	EVP_PKEY *pkey = NULL;
	BIO *bio = bio_over(text);

	if (bio)
	{
		pkey = PEM_read_bio_PrivateKey(bio, NULL, no_password, &was_asked);
	}
	if (pkey)
	{
		*key = pkey;
	}
	else if (was_asked)
	{
		status = fail(OBOL_ERR_FORMAT, why, size, path,
					  "is encrypted; decrypt it with openssl pkey, and keep "
					  "it mode 0600");
	}
	else
	{
		status = fail(OBOL_ERR_FORMAT, why, size, path,
					  "has no private key in PEM form");
	}
	BIO_free(bio);
	ERR_clear_error();
	return status;
}

enum obol_status obol_pem_read_key(const char *path, EVP_PKEY **key, char *why,
								   size_t size)
{
	struct obol_secret *text = NULL;
	enum obol_status status = obol_file_read(
		path, OBOL_FILE_PRIVATE, OBOL_PEM_FILE_MAX, &text, why, size);

	if (status == OBOL_OK)
	{
		status = obol_pem_parse_key(text, path, key, why, size);
	}
	obol_secret_free(text);
	return status;
}

/* What a memory BIO of the secure heap holds, as a secret. */
static enum obol_status take_text(BIO *bio, bool written,
								  struct obol_secret **text)
{
	enum obol_status status = OBOL_ERR_CRYPTO;
	char *data = NULL;
	long len = written ? BIO_get_mem_data(bio, &data) : 0;

	if (len > 0)
	{
		*text = obol_secret_dup(data, (size_t)len);
		status = *text ? OBOL_OK : OBOL_ERR_NOMEM;
		obol_wipe(data, (size_t)len);
	}
	BIO_free(bio);
	ERR_clear_error();
	return status;
}

enum obol_status obol_pem_certificate(X509 *certificate,
									  struct obol_secret **text)
{
	BIO *bio = BIO_new(BIO_s_mem());

	return take_text(bio, bio && PEM_write_bio_X509(bio, certificate), text);
}

enum obol_status obol_pem_key(EVP_PKEY *key, struct obol_secret **text)
{
	BIO *bio = BIO_new(BIO_s_secmem());

	return take_text(bio,
					 bio && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL,
														  0, NULL, NULL),
					 text);
}
