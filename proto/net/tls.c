/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client's side of TLS, over memory. */
#include "net/tls_context.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Bytes handed out for sending at once: a full record and its header. */
#define CHUNK_LEN (16384 + 256)

struct obol_tls {
	SSL *ssl;
	/** owned by ssl: bytes off the wire, bytes for the wire */
	BIO *in;
	BIO *out;
	OSSL_LIB_CTX *library;
	struct obol_clock *clock;
	bool verifies;
	bool peer_closed;
	char reason[192];
	size_t chunk_pos;
	size_t chunk_len;
	uint8_t chunk[CHUNK_LEN];
};

/* RFC 9525: names from subjectAltName only; a wildcard is a whole label. */
static bool set_expected_name(struct obol_tls *tls, const char *host,
							  bool is_address)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(tls->ssl);

	X509_VERIFY_PARAM_set_time(param, (time_t)obol_now(tls->clock));
	X509_VERIFY_PARAM_set_hostflags(param,
									X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
										X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	/* the operator's choice of CA, be it an intermediate one, is enough */
	if (X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN) != 1)
	{
		return false;
	}
	return is_address ? X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1
					  : X509_VERIFY_PARAM_set1_host(param, host, 0) == 1;
}

/* A zone is for this machine alone and stands in no certificate. */
static void without_zone(const char *host, char *out, size_t size)
{
	(void)snprintf(out, size, "%.*s", (int)strcspn(host, "%"), host);
}

static bool set_host(struct obol_tls *tls, const char *host, bool is_address)
{
	char address[64];

	if (!is_address && SSL_set_tlsext_host_name(tls->ssl, host) != 1)
	{
		return false;
	}
	if (!tls->verifies)
	{
		return true;
	}
	if (is_address)
	{
		without_zone(host, address, sizeof(address));
		host = address;
	}
	return set_expected_name(tls, host, is_address);
}

enum obol_status obol_tls_new(struct obol_tls_context *context,
							  const char *host, bool is_address,
							  struct obol_tls **out)
{
	struct obol_tls *tls = calloc(1, sizeof(*tls));
	enum obol_status status = OBOL_ERR_CRYPTO;

	if (!tls)
	{
		return OBOL_ERR_NOMEM;
	}
	tls->library = context->library;
	tls->clock = context->clock;
	tls->verifies = context->verifies;
	tls->ssl = SSL_new(context->ssl_ctx);
	tls->in = BIO_new_ex(context->library, BIO_s_mem());
	tls->out = BIO_new_ex(context->library, BIO_s_mem());
	if (!tls->ssl || !tls->in || !tls->out)
	{
		BIO_free(tls->in);
		BIO_free(tls->out);
		goto out;
	}
	SSL_set_bio(tls->ssl, tls->in, tls->out);
	if (!set_host(tls, host, is_address))
	{
		goto out;
	}
	SSL_set_connect_state(tls->ssl);
	status = OBOL_OK;
out:
	ERR_clear_error();
	if (status != OBOL_OK)
	{
		obol_tls_free(tls);
		return status;
	}
	*out = tls;
	return OBOL_OK;
}

void obol_tls_free(struct obol_tls *tls)
{
	if (tls)
	{
		SSL_free(tls->ssl);
		free(tls);
	}
}

enum obol_status obol_tls_input(struct obol_tls *tls, struct obol_bytes in)
{
	if (in.len == 0)
	{
		/* from now on an empty buffer reads as the end, not as "later" */
		tls->peer_closed = true;
		BIO_set_mem_eof_return(tls->in, 0);
		return OBOL_OK;
	}
	if (in.len > INT_MAX ||
		BIO_write(tls->in, in.ptr, (int)in.len) != (int)in.len)
	{
		ERR_clear_error();
		return OBOL_ERR_NOMEM;
	}
	return OBOL_OK;
}

struct obol_bytes obol_tls_output(struct obol_tls *tls)
{
	if (tls->chunk_pos == tls->chunk_len)
	{
		int len = BIO_read(tls->out, tls->chunk, sizeof(tls->chunk));

		tls->chunk_pos = 0;
		tls->chunk_len = len > 0 ? (size_t)len : 0;
	}
	return obol_bytes(tls->chunk + tls->chunk_pos,
					  tls->chunk_len - tls->chunk_pos);
}

void obol_tls_sent(struct obol_tls *tls, size_t len)
{
	tls->chunk_pos += len;
}

static bool alpn_agreed(const SSL *ssl)
{
	const unsigned char *name = NULL;
	unsigned len = 0;

	SSL_get0_alpn_selected(ssl, &name, &len);
	return obol_bytes_eq(obol_bytes(name, len), obol_bytes_str(OBOL_ALPN));
}

static enum obol_net_failure portal(struct obol_tls *tls, const char *reason)
{
	(void)snprintf(tls->reason, sizeof(tls->reason), "%s", reason);
	return OBOL_NET_PORTAL;
}

static void tell_certificate_fault(struct obol_tls *tls, long fault)
{
	char at[32] = "";
	time_t now = (time_t)obol_now(tls->clock);
	struct tm tm;

	if (fault != X509_V_ERR_CERT_NOT_YET_VALID &&
		fault != X509_V_ERR_CERT_HAS_EXPIRED)
	{
		(void)snprintf(tls->reason, sizeof(tls->reason), "%s",
					   X509_verify_cert_error_string(fault));
		return;
	}
	if (gmtime_r(&now, &tm))
	{
		(void)strftime(at, sizeof(at), "%Y-%m-%d %H:%M UTC", &tm);
	}
	(void)snprintf(tls->reason, sizeof(tls->reason),
				   "%s, or this device's clock is wrong: it says %s",
				   X509_verify_cert_error_string(fault), at);
}

/* Why the handshake broke. The certificate comes after the application
 * protocol (RFC 8446, 4.3), so a certificate is faulted only where an obold
 * answers: any web server has some other certificate. */
static enum obol_net_failure explain(struct obol_tls *tls, int error)
{
	long fault = SSL_get_verify_result(tls->ssl);
	unsigned long code = ERR_peek_error();

	if (tls->verifies && fault != X509_V_OK && alpn_agreed(tls->ssl))
	{
		tell_certificate_fault(tls, fault);
		return OBOL_NET_TLS_CA;
	}
	if (error == SSL_ERROR_SYSCALL || tls->peer_closed)
	{
		(void)portal(tls, "the connection was closed during the TLS "
						  "handshake");
		return OBOL_NET_CLOSED;
	}
	if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
	{
		return OBOL_NET_INTERNAL;
	}
	if (fault != X509_V_OK || ERR_GET_LIB(code) != ERR_LIB_SSL)
	{
		return portal(tls, "its TLS is not obold's");
	}
	(void)snprintf(tls->reason, sizeof(tls->reason), "TLS failed: %s",
				   ERR_reason_error_string(code) ? ERR_reason_error_string(code)
												 : "no reason given");
	return OBOL_NET_PORTAL;
}

enum obol_net_failure obol_tls_handshake(struct obol_tls *tls, bool *done)
{
	enum obol_net_failure failure = OBOL_NET_OK;
	int result;
	int error;

	*done = false;
	ERR_clear_error();
	result = SSL_do_handshake(tls->ssl);
	if (result != 1)
	{
		error = SSL_get_error(tls->ssl, result);
		if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
		{
			failure = explain(tls, error);
		}
		ERR_clear_error();
		return failure;
	}
	if (SSL_version(tls->ssl) != TLS1_3_VERSION)
	{
		return portal(tls, "it does not speak TLS 1.3");
	}
	if (!alpn_agreed(tls->ssl))
	{
		return portal(tls, "it does not know the protocol " OBOL_ALPN);
	}
	if (SSL_session_reused(tls->ssl))
	{
		return portal(tls, "it resumed a TLS session that nobody had offered");
	}
	*done = true;
	return OBOL_NET_OK;
}

const char *obol_tls_reason(const struct obol_tls *tls)
{
	return tls->reason;
}

enum obol_net_failure obol_tls_write(struct obol_tls *tls,
									 struct obol_bytes bytes)
{
	size_t written = 0;
	enum obol_net_failure failure = OBOL_NET_OK;

	if (bytes.len == 0)
	{
		return OBOL_NET_OK;
	}
	ERR_clear_error();
	/* memory never asks to try again, but the peer may have closed */
	if (SSL_write_ex(tls->ssl, bytes.ptr, bytes.len, &written) != 1 ||
		written != bytes.len)
	{
		failure = OBOL_NET_CLOSED;
	}
	ERR_clear_error();
	return failure;
}

enum obol_net_failure obol_tls_read(struct obol_tls *tls, uint8_t *buf,
									size_t size, size_t *got)
{
	enum obol_net_failure failure = OBOL_NET_OK;

	*got = 0;
	ERR_clear_error();
	if (SSL_read_ex(tls->ssl, buf, size, got) != 1)
	{
		*got = 0;
		if (SSL_get_error(tls->ssl, 0) != SSL_ERROR_WANT_READ)
		{
			failure = OBOL_NET_CLOSED;
		}
	}
	ERR_clear_error();
	return failure;
}

void obol_tls_close(struct obol_tls *tls)
{
	ERR_clear_error();
	if (SSL_is_init_finished(tls->ssl))
	{
		(void)SSL_shutdown(tls->ssl);
	}
	ERR_clear_error();
}

enum obol_status obol_tls_key_hash(const struct obol_tls *tls,
								   uint8_t hash[OBOL_TLS_KEY_HASH_LEN])
{
	X509 *cert = SSL_get0_peer_certificate(tls->ssl);
	unsigned char *der = NULL;
	enum obol_status status = OBOL_ERR_CRYPTO;
	EVP_MD *md = NULL;
	int len;

	if (!cert)
	{
		return OBOL_ERR_CRYPTO;
	}
	len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	md = EVP_MD_fetch(tls->library, "SHA256", NULL);
	if (len > 0 && md && EVP_Digest(der, (size_t)len, hash, NULL, md, NULL))
	{
		status = OBOL_OK;
	}
	EVP_MD_free(md);
	OPENSSL_free(der);
	ERR_clear_error();
	return status;
}

enum obol_status obol_tls_exporter(const struct obol_tls *tls,
								   uint8_t exporter[OBOL_EXPORTER_LEN])
{
	/* RFC 9266, 4: a context of no bytes */
	int ok = SSL_export_keying_material(
		tls->ssl, exporter, OBOL_EXPORTER_LEN, OBOL_EXPORTER_LABEL,
		sizeof(OBOL_EXPORTER_LABEL) - 1, (const unsigned char *)"", 0, 1);

	ERR_clear_error();
	return ok == 1 ? OBOL_OK : OBOL_ERR_CRYPTO;
}
