/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TLS to a signer on another machine. */
#include "daemon/signer_tls.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#include "base/ct.h"
#include "issue/pem.h"

#define ALPN_LEN (sizeof(OBOL_SIGNER_ALPN) - 1)

static enum obol_status fail(enum obol_status status, char *why, size_t size,
							 const char *path, const char *what)
{
	(void)snprintf(why, size, "%s: %s", path, what);
	ERR_clear_error();
	return status;
}

/* In place of a chain's verification: there is none. That the peer has the key
 * is TLS's own proof (RFC 8446, 4.4.3). */
static int verify(X509_STORE_CTX *store, void *arg)
{
	const struct obol_signer_tls_options *options = arg;
	const X509 *certificate = X509_STORE_CTX_get0_cert(store);
	uint8_t pin[OBOL_SIGNER_PIN_LEN];
	size_t i;

	if (certificate && obol_signer_pin_of(certificate, pin) == OBOL_OK)
	{
		for (i = 0; i < options->n_pins; i++)
		{
			if (obol_ct_eq(pin, options->pins[i], sizeof(pin)))
			{
				X509_STORE_CTX_set_error(store, X509_V_OK);
				return 1;
			}
		}
	}
	X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_UNTRUSTED);
	return 0;
}

static int select_alpn(SSL *ssl, const unsigned char **out,
					   unsigned char *out_len, const unsigned char *in,
					   unsigned int in_len, void *arg)
{
	(void)ssl;
	(void)arg;
	/* a client offers this one and no other */
	if (in_len != ALPN_LEN || memcmp(in, OBOL_SIGNER_ALPN, ALPN_LEN) != 0)
	{
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	}
	*out = in + 1;
	*out_len = (unsigned char)(ALPN_LEN - 1);
	return SSL_TLSEXT_ERR_OK;
}

static bool set_rules(SSL_CTX *ctx,
					  const struct obol_signer_tls_options *options)
{
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS |
									SSL_MODE_ENABLE_PARTIAL_WRITE |
									SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
					   NULL);
	/* OpenSSL does not write to it */
	SSL_CTX_set_cert_verify_callback(ctx, verify, (void *)(uintptr_t)options);
	if (options->is_server)
	{
		SSL_CTX_set_alpn_select_cb(ctx, select_alpn, NULL);
	}
	else if (SSL_CTX_set_alpn_protos(
				 ctx, (const unsigned char *)OBOL_SIGNER_ALPN, ALPN_LEN) != 0)
	{
		return false;
	}
	return SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) == 1 &&
		   SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) == 1 &&
		   SSL_CTX_set_num_tickets(ctx, 0) == 1 &&
		   SSL_CTX_set_max_early_data(ctx, 0) == 1;
}

static enum obol_status use_files(SSL_CTX *ctx,
								  const struct obol_signer_tls_options *options,
								  char *why, size_t size)
{
	EVP_PKEY *key = NULL;
	X509 *x = NULL;
	size_t n = 0;
	enum obol_status status = obol_pem_read_certificates(
		options->certificate_path, 1, &x, &n, why, size);

	if (status != OBOL_OK)
	{
		return status;
	}
	status = obol_pem_read_key(options->key_path, &key, why, size);
	if (status == OBOL_OK && X509_check_private_key(x, key) != 1)
	{
		status = fail(OBOL_ERR_ARG, why, size, options->key_path,
					  "is not the key of the TLS certificate");
	}
	if (status == OBOL_OK && (SSL_CTX_use_certificate(ctx, x) != 1 ||
							  SSL_CTX_use_PrivateKey(ctx, key) != 1))
	{
		status = fail(OBOL_ERR_CRYPTO, why, size, options->certificate_path,
					  "cannot be used for TLS 1.3");
	}
	EVP_PKEY_free(key);
	X509_free(x);
	return status;
}

enum obol_status
obol_signer_tls_new(const struct obol_signer_tls_options *options,
					SSL_CTX **out, char *why, size_t size)
{
	SSL_CTX *ctx = SSL_CTX_new(options->is_server ? TLS_server_method()
												  : TLS_client_method());
	enum obol_status status;

	if (!ctx || !set_rules(ctx, options))
	{
		SSL_CTX_free(ctx);
		return fail(OBOL_ERR_CRYPTO, why, size, options->certificate_path,
					"OpenSSL cannot do TLS 1.3 as a signer needs it");
	}
	status = use_files(ctx, options, why, size);
	if (status != OBOL_OK)
	{
		SSL_CTX_free(ctx);
		return status;
	}
	*out = ctx;
	return OBOL_OK;
}

bool obol_signer_tls_is_good(SSL *ssl, uint8_t pin[OBOL_SIGNER_PIN_LEN])
{
	const X509 *certificate = SSL_get0_peer_certificate(ssl);
	const unsigned char *alpn = NULL;
	unsigned int len = 0;

	/* a peer without the extension never gets to select_alpn() */
	SSL_get0_alpn_selected(ssl, &alpn, &len);
	return certificate && len == ALPN_LEN - 1 &&
		   memcmp(alpn, &OBOL_SIGNER_ALPN[1], len) == 0 &&
		   !SSL_session_reused(ssl) && SSL_version(ssl) == TLS1_3_VERSION &&
		   SSL_get_verify_result(ssl) == X509_V_OK &&
		   obol_signer_pin_of(certificate, pin) == OBOL_OK;
}
