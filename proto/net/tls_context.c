/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the TLS connections of one client share. */
#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Certificates taken of one file. */
#define CA_MAX 256

/* ALPN's list of names, each behind its length (RFC 7301, 3.1). */
static const unsigned char alpn[] = {
	sizeof(OBOL_ALPN) - 1, 'o', 'b', 'o', 'l', '/', '1'
};

_Static_assert(sizeof(alpn) == sizeof(OBOL_ALPN), "ALPN list and name differ");

static enum obol_status add_certificates(struct obol_tls_context *context,
										 BIO *in, int *n)
{
	X509_STORE *store = SSL_CTX_get_cert_store(context->ssl_ctx);

	for (*n = 0; *n < CA_MAX; ++*n)
	{
		X509 *cert = X509_new_ex(context->library, NULL);
		int added;

		if (!cert)
		{
			return OBOL_ERR_NOMEM;
		}
		if (!PEM_read_bio_X509(in, &cert, NULL, NULL))
		{
			X509_free(cert);
			/* the file's end, or something that is no certificate */
			return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE
					   ? OBOL_OK
					   : OBOL_ERR_FORMAT;
		}
		added = X509_STORE_add_cert(store, cert);
		X509_free(cert);
		if (!added)
		{
			return OBOL_ERR_CRYPTO;
		}
	}
	return OBOL_ERR_FORMAT;
}

static enum obol_status load_ca(struct obol_tls_context *context,
								const char *path, char *why, size_t size)
{
	BIO *in = BIO_new_ex(context->library, BIO_s_file());
	enum obol_status status;
	int n = 0;

	if (!in)
	{
		return OBOL_ERR_NOMEM;
	}
	errno = 0;
	if (BIO_read_filename(in, path) <= 0)
	{
		(void)snprintf(why, size, "%s: cannot be read: %s", path,
					   strerror(errno));
		status = OBOL_ERR_IO;
		goto out;
	}
	status = add_certificates(context, in, &n);
	if (status == OBOL_OK && n == 0)
	{
		status = OBOL_ERR_FORMAT;
	}
	if (status == OBOL_ERR_FORMAT)
	{
		(void)snprintf(why, size, "%s: %s", path,
					   n == 0 ? "has no certificate in PEM form"
							  : "has a certificate that cannot be parsed, or "
								"too many of them");
	}
out:
	BIO_free(in);
	return status;
}

/* RFC 8446 only; nothing that could leave a session behind to resume. */
static bool configure(struct obol_tls_context *context)
{
	SSL_CTX *ctx = context->ssl_ctx;

	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
								 SSL_OP_NO_RENEGOTIATION);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(
		ctx, context->verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
	/* 0 is success here, unlike anywhere else in OpenSSL */
	return SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) == 1 &&
		   SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) == 1 &&
		   SSL_CTX_set_alpn_protos(ctx, alpn, sizeof(alpn)) == 0 &&
		   SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384") == 1;
}

enum obol_status obol_tls_context_new(struct obol_clock *clock,
									  const char *ca_file,
									  struct obol_tls_context **out, char *why,
									  size_t size)
{
	struct obol_tls_context *context = calloc(1, sizeof(*context));
	enum obol_status status = OBOL_ERR_NOMEM;

	if (!context)
	{
		return OBOL_ERR_NOMEM;
	}
	(void)snprintf(why, size, "the cryptographic library failed");
	context->verifies = ca_file != NULL;
	context->clock = clock;
	context->library = OSSL_LIB_CTX_new();
	if (!context->library)
	{
		goto out;
	}
	status = OBOL_ERR_CRYPTO;
	context->ssl_ctx =
		SSL_CTX_new_ex(context->library, NULL, TLS_client_method());
	if (!context->ssl_ctx || !configure(context))
	{
		goto out;
	}
	status = OBOL_OK;
	if (ca_file)
	{
		status = load_ca(context, ca_file, why, size);
	}
out:
	ERR_clear_error();
	if (status != OBOL_OK)
	{
		obol_tls_context_free(context);
		return status;
	}
	*out = context;
	return OBOL_OK;
}

void obol_tls_context_free(struct obol_tls_context *context)
{
	if (context)
	{
		SSL_CTX_free(context->ssl_ctx);
		OSSL_LIB_CTX_free(context->library);
		free(context);
	}
}

OSSL_LIB_CTX *obol_tls_context_library(const struct obol_tls_context *context)
{
	return context->library;
}

bool obol_tls_context_verifies(const struct obol_tls_context *context)
{
	return context->verifies;
}
