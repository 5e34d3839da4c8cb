/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TLS as obold speaks it. */
#include "daemon/server_tls.h"

#include <stdio.h>

#include <openssl/err.h>

#include "issue/certificate.h"
#include "issue/pem.h"

#define CHAIN_MAX 8
#define ALPN_LEN (sizeof(OBOL_ALPN) - 1)

static enum obol_status fail(enum obol_status status, char *why, size_t size,
							 const char *path, const char *what)
{
	(void)snprintf(why, size, "%s: %s", path, what);
	ERR_clear_error();
	return status;
}

/* RFC 7301, 3.2: no common protocol ends the handshake. */
static int select_alpn(SSL *ssl, const unsigned char **out,
					   unsigned char *out_len, const unsigned char *in,
					   unsigned int in_len, void *arg)
{
	const unsigned char *pos = in;

	(void)ssl;
	(void)arg;
	while (pos < in + in_len)
	{
		size_t len = *pos++;

		if (len > (size_t)(in + in_len - pos))
		{
			break;
		}
		if (len == ALPN_LEN && memcmp(pos, OBOL_ALPN, ALPN_LEN) == 0)
		{
			*out = pos;
			*out_len = (unsigned char)len;
			return SSL_TLSEXT_ERR_OK;
		}
		pos += len;
	}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* A ClientHello without our protocol is refused before any key is used for it;
 * select_alpn() would not be asked. */
static int check_hello(SSL *ssl, int *alert, void *arg)
{
	const unsigned char *alpn;
	size_t len;

	(void)arg;
	if (SSL_client_hello_get0_ext(
			ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &alpn,
			&len) != 1)
	{
		*alert = SSL_AD_NO_APPLICATION_PROTOCOL;
		return SSL_CLIENT_HELLO_ERROR;
	}
	return SSL_CLIENT_HELLO_SUCCESS;
}

static bool set_rules(SSL_CTX *ctx)
{
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	/* whatever has come with one call, not a record's head and its rest */
	SSL_CTX_set_read_ahead(ctx, 1);
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS |
									SSL_MODE_ENABLE_PARTIAL_WRITE |
									SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_client_hello_cb(ctx, check_hello, NULL);
	SSL_CTX_set_alpn_select_cb(ctx, select_alpn, NULL);
	return SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) == 1 &&
		   SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) == 1 &&
		   SSL_CTX_set_num_tickets(ctx, 0) == 1 &&
		   SSL_CTX_set_max_early_data(ctx, 0) == 1 &&
		   SSL_CTX_set1_groups_list(ctx, "X25519:P-256") == 1;
}

static enum obol_status use_files(SSL_CTX *ctx, const char *certificate_path,
								  const char *key_path, uint64_t now, char *why,
								  size_t size)
{
	X509 *chain[CHAIN_MAX] = { NULL };
	EVP_PKEY *key = NULL;
	enum obol_status status;
	size_t n = 0, i;

	status = obol_pem_read_certificates(certificate_path, CHAIN_MAX, chain, &n,
										why, size);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = obol_pem_read_key(key_path, &key, why, size);
	if (status != OBOL_OK)
	{
		goto out;
	}
	if (X509_check_private_key(chain[0], key) != 1)
	{
		status = fail(OBOL_ERR_ARG, why, size, key_path,
					  "is not the key of the TLS certificate");
		goto out;
	}
	if (obol_certificate_time(X509_get0_notAfter(chain[0])) <= now)
	{
		status = fail(OBOL_ERR_ARG, why, size, certificate_path,
					  "has expired; bring a new one, or remove it and its key "
					  "and run obolctl init");
		goto out;
	}
	if (SSL_CTX_use_certificate(ctx, chain[0]) != 1 ||
		SSL_CTX_use_PrivateKey(ctx, key) != 1)
	{
		status = fail(OBOL_ERR_CRYPTO, why, size, certificate_path,
					  "cannot be used for TLS 1.3");
	}
	for (i = 1; status == OBOL_OK && i < n; i++)
	{
		if (SSL_CTX_add1_chain_cert(ctx, chain[i]) != 1)
		{
			status = fail(OBOL_ERR_CRYPTO, why, size, certificate_path,
						  "has a chain that cannot be used for TLS");
		}
	}
out:
	EVP_PKEY_free(key);
	for (i = 0; i < n; i++)
	{
		X509_free(chain[i]);
	}
	return status;
}

enum obol_status obol_server_tls_new(const char *certificate_path,
									 const char *key_path, uint64_t now,
									 SSL_CTX **out, char *why, size_t size)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	enum obol_status status;

	if (!ctx || !set_rules(ctx))
	{
		SSL_CTX_free(ctx);
		return fail(OBOL_ERR_CRYPTO, why, size, certificate_path,
					"OpenSSL cannot do TLS 1.3 as obold needs it");
	}
	status = use_files(ctx, certificate_path, key_path, now, why, size);
	if (status != OBOL_OK)
	{
		SSL_CTX_free(ctx);
		return status;
	}
	*out = ctx;
	return OBOL_OK;
}

bool obol_server_tls_is_good(SSL *ssl)
{
	const unsigned char *alpn = NULL;
	unsigned int len = 0;

	SSL_get0_alpn_selected(ssl, &alpn, &len);
	return len == ALPN_LEN && memcmp(alpn, OBOL_ALPN, ALPN_LEN) == 0 &&
		   !SSL_session_reused(ssl) && SSL_version(ssl) == TLS1_3_VERSION;
}

enum obol_status obol_server_tls_exporter(SSL *ssl,
										  uint8_t exporter[OBOL_EXPORTER_LEN])
{
	/* RFC 9266, 4.1: the context is of zero length */
	if (SSL_export_keying_material(
			ssl, exporter, OBOL_EXPORTER_LEN, OBOL_EXPORTER_LABEL,
			sizeof(OBOL_EXPORTER_LABEL) - 1, NULL, 0, 1) != 1)
	{
		ERR_clear_error();
		return OBOL_ERR_CRYPTO;
	}
	return OBOL_OK;
}
