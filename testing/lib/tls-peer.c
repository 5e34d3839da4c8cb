/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TLS for the attackers among the tests' programs. */
#include "testing/lib/tls-peer.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 16
#define CERTIFICATE_DAYS 30
/* ALPN's list: a length before the only name */
static const unsigned char alpn[] = "\x06" OBOL_ALPN;
#define ALPN_LEN (sizeof(alpn) - 1)

void tls_peer_die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	ERR_print_errors_fp(stderr);
	exit(1);
}

int tls_peer_listen(const char *port)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6 };
	const int on = 1, off = 0;
	char *end;
	unsigned long number = strtoul(port, &end, 10);
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (*end || number > 65535)
	{
		tls_peer_die("no port: %s", port);
	}
	address.sin6_port = htons((uint16_t)number);
	if (fd < 0 ||
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) ||
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
		bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
		listen(fd, BACKLOG))
	{
		perror("listen");
		exit(1);
	}
	return fd;
}

/* Signed by its own key, as obolctl makes it: nothing but the key differs. */
static X509 *self_signed(EVP_PKEY *key)
{
	X509 *cert = X509_new();
	X509_NAME *name = X509_NAME_new();

	if (!cert || !name ||
		!X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
									(const unsigned char *)"vpn.example.org",
									-1, -1, 0) ||
		!X509_set_version(cert, X509_VERSION_3) ||
		!ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) ||
		!X509_set_subject_name(cert, name) ||
		!X509_set_issuer_name(cert, name) ||
		!X509_gmtime_adj(X509_getm_notBefore(cert), -3600) ||
		!X509_time_adj_ex(X509_getm_notAfter(cert), CERTIFICATE_DAYS, 0,
						  NULL) ||
		!X509_set_pubkey(cert, key) || !X509_sign(cert, key, EVP_sha256()))
	{
		tls_peer_die("no certificate could be made");
	}
	X509_NAME_free(name);
	return cert;
}

static void use_own_certificate(SSL_CTX *ctx)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert;

	if (!key)
	{
		tls_peer_die("no key could be made");
	}
	cert = self_signed(key);
	if (SSL_CTX_use_certificate(ctx, cert) != 1 ||
		SSL_CTX_use_PrivateKey(ctx, key) != 1)
	{
		tls_peer_die("the certificate could not be used");
	}
	X509_free(cert);
	EVP_PKEY_free(key);
}

static int select_alpn(SSL *ssl, const unsigned char **out,
					   unsigned char *out_len, const unsigned char *in,
					   unsigned in_len, void *arg)
{
	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto((unsigned char **)out, out_len, alpn, ALPN_LEN,
							  in, in_len) != OPENSSL_NPN_NEGOTIATED)
	{
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	}
	return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *new_context(const SSL_METHOD *method)
{
	SSL_CTX *ctx = SSL_CTX_new(method);

	if (!ctx || !SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION))
	{
		tls_peer_die("TLS does not start");
	}
	/* SSL_read() comes back after a message that is no application data */
	SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
	return ctx;
}

SSL_CTX *tls_peer_server(const char *certificate, const char *key)
{
	SSL_CTX *ctx = new_context(TLS_server_method());

	if (!certificate)
	{
		use_own_certificate(ctx);
	}
	else if (SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1 ||
			 SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
	{
		tls_peer_die("%s or %s cannot be used", certificate, key);
	}
	SSL_CTX_set_alpn_select_cb(ctx, select_alpn, NULL);
	if (!SSL_CTX_set_num_tickets(ctx, 0))
	{
		tls_peer_die("TLS does not start");
	}
	return ctx;
}

SSL_CTX *tls_peer_client(void)
{
	SSL_CTX *ctx = new_context(TLS_client_method());

	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	if (SSL_CTX_set_alpn_protos(ctx, alpn, ALPN_LEN) != 0)
	{
		tls_peer_die("TLS does not start");
	}
	return ctx;
}

static SSL *new_connection(SSL_CTX *ctx, int fd)
{
	SSL *ssl = SSL_new(ctx);

	if (!ssl || SSL_set_fd(ssl, fd) != 1)
	{
		tls_peer_die("TLS does not start");
	}
	return ssl;
}

SSL *tls_peer_accept(SSL_CTX *server, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	SSL *ssl;

	if (fd < 0)
	{
		perror("accept");
		exit(1);
	}
	printf("connection\n");
	ssl = new_connection(server, fd);
	if (SSL_accept(ssl) != 1)
	{
		printf("tls failed: %s\n",
			   ERR_peek_error() ? ERR_reason_error_string(ERR_peek_error())
								: "the client closed");
		ERR_clear_error();
		SSL_free(ssl);
		close(fd);
		return NULL;
	}
	printf("tls complete\n");
	return ssl;
}

SSL *tls_peer_connect(SSL_CTX *client, const char *host, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL, *at;
	SSL *ssl;
	int fd = -1;

	if (getaddrinfo(host, port, &hints, &list) != 0)
	{
		tls_peer_die("%s does not resolve", host);
	}
	for (at = list; at && fd < 0; at = at->ai_next)
	{
		fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, 0);
		if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) != 0)
		{
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(list);
	if (fd < 0)
	{
		tls_peer_die("%s port %s does not answer", host, port);
	}
	ssl = new_connection(client, fd);
	if (SSL_connect(ssl) != 1)
	{
		tls_peer_die("no TLS with %s port %s", host, port);
	}
	return ssl;
}

void tls_peer_exporter(SSL *ssl, uint8_t exporter[OBOL_EXPORTER_LEN])
{
	if (SSL_export_keying_material(ssl, exporter, OBOL_EXPORTER_LEN,
								   OBOL_EXPORTER_LABEL,
								   sizeof(OBOL_EXPORTER_LABEL) - 1,
								   (const unsigned char *)"", 0, 1) != 1)
	{
		tls_peer_die("TLS gives no exporter");
	}
}

int tls_peer_read(SSL *ssl, void *buffer, int size)
{
	int got = SSL_read(ssl, buffer, size);

	if (got > 0)
	{
		return got;
	}
	got = SSL_get_error(ssl, got) == SSL_ERROR_WANT_READ ? 0 : -1;
	ERR_clear_error();
	return got;
}

bool tls_peer_write(SSL *ssl, const void *bytes, size_t len)
{
	size_t written;
	bool ok = len == 0 || SSL_write_ex(ssl, bytes, len, &written) == 1;

	ERR_clear_error();
	return ok;
}

void tls_peer_close(SSL *ssl)
{
	int fd = SSL_get_fd(ssl);

	(void)SSL_shutdown(ssl);
	ERR_clear_error();
	SSL_free(ssl);
	close(fd);
}
