/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates signed by their own new key: the CA's, and the server's TLS
 * certificate. */
#include "issue/issuer.h"
#include "issue/tls_self.h"

#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/err.h>

#include "base/file.h"
#include "issue/ca_key.h"
#include "issue/certificate.h"
#include "issue/pem.h"

#define KEY_MODE 0600
#define CERTIFICATE_MODE 0644

static enum obol_status fail(enum obol_status status, char *why, size_t size,
							 const char *path, const char *what)
{
	(void)snprintf(why, size, "%s: %s", path, what);
	return status;
}

/* The key first: a certificate whose key was never kept is worth nothing, and
 * a key that is left over by a failure is taken away again. */
static enum obol_status write_pair(EVP_PKEY *key, X509 *x, const char *key_path,
								   const char *certificate_path, char *why,
								   size_t size)
{
	struct obol_secret *key_text = NULL, *text = NULL;
	enum obol_status status = obol_pem_key(key, &key_text);

	if (status == OBOL_OK)
	{
		status = obol_pem_certificate(x, &text);
	}
	if (status != OBOL_OK)
	{
		(void)fail(status, why, size, key_path, "cannot be encoded");
		goto out;
	}
	status = obol_file_create(key_path, obol_secret_view(key_text), KEY_MODE,
							  why, size);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = obol_file_create(certificate_path, obol_secret_view(text),
							  CERTIFICATE_MODE, why, size);
	if (status != OBOL_OK)
	{
		(void)unlink(key_path);
	}
out:
	obol_secret_free(text);
	obol_secret_free(key_text);
	return status;
}

static enum obol_status create(const struct obol_certificate_parts *parts,
							   const char *certificate_path,
							   const char *key_path, struct obol_rng *rng,
							   char *why, size_t size)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	enum obol_status status = OBOL_ERR_CRYPTO;
	X509 *x = NULL;

	if (!key)
	{
		ERR_clear_error();
		return fail(status, why, size, key_path, "no key could be made");
	}
	status = obol_certificate_build(parts, key, NULL, key, rng, &x);
	if (status != OBOL_OK)
	{
		(void)fail(status, why, size, certificate_path,
				   status == OBOL_ERR_ARG
					   ? "this name cannot stand in a certificate"
					   : "cannot be made");
		goto out;
	}
	status = write_pair(key, x, key_path, certificate_path, why, size);
out:
	X509_free(x);
	EVP_PKEY_free(key);
	return status;
}

static struct obol_certificate_parts ca_parts(const char *name, uint64_t now,
											  uint32_t lifetime_s)
{
	struct obol_certificate_parts parts = {
		.use = OBOL_CERTIFICATE_CA,
		.common_name = name,
		.not_before = now - OBOL_CERTIFICATE_BACKDATE_S,
		.not_after = now + lifetime_s,
	};

	return parts;
}

enum obol_status obol_ca_create(const char *common_name, uint32_t lifetime_s,
								const char *certificate_path,
								const char *key_path, struct obol_clock *clock,
								char *why, size_t size)
{
	struct obol_certificate_parts parts =
		ca_parts(common_name, obol_now(clock), lifetime_s);

	return create(&parts, certificate_path, key_path, obol_rng_system(), why,
				  size);
}

enum obol_status
obol_ca_create_for(const char *common_name, uint32_t lifetime_s,
				   const char *certificate_path, const char *key_path,
				   struct obol_tokens *tokens, struct obol_clock *clock,
				   char *why, size_t size)
{
	struct obol_certificate_parts parts =
		ca_parts(common_name, obol_now(clock), lifetime_s);
	struct obol_secret *text = NULL;
	EVP_PKEY *key = NULL;
	X509 *x = NULL;
	enum obol_status status =
		obol_ca_key_open(key_path, tokens, &key, why, size);

	if (status != OBOL_OK)
	{
		return status;
	}
	status =
		obol_certificate_build(&parts, key, NULL, key, obol_rng_system(), &x);
	if (status == OBOL_OK)
	{
		status = obol_pem_certificate(x, &text);
	}
	if (status != OBOL_OK)
	{
		(void)fail(status, why, size, certificate_path,
				   "cannot be made: the key does not sign, or the name cannot "
				   "stand in a certificate");
		goto out;
	}
	status = obol_file_create(certificate_path, obol_secret_view(text),
							  CERTIFICATE_MODE, why, size);
out:
	obol_secret_free(text);
	X509_free(x);
	EVP_PKEY_free(key);
	return status;
}

static struct obol_certificate_parts tls_parts(const char *name, uint64_t now,
											   uint32_t lifetime_s)
{
	struct obol_certificate_parts parts = {
		.use = OBOL_CERTIFICATE_TLS,
		/* a long host name stands in the SAN alone; browsers of old need the
		 * subject, our clients do not */
		.common_name = strlen(name) <= 64 ? name : "obold",
		.not_before = now - OBOL_CERTIFICATE_BACKDATE_S,
		.not_after = now + lifetime_s,
	};

	return parts;
}

enum obol_status obol_tls_self_create(const char *name, uint32_t lifetime_s,
									  const char *certificate_path,
									  const char *key_path,
									  struct obol_clock *clock, char *why,
									  size_t size)
{
	struct obol_certificate_parts parts =
		tls_parts(name, obol_now(clock), lifetime_s);

	parts.n_sans = 1;
	parts.sans = &name;
	return create(&parts, certificate_path, key_path, obol_rng_system(), why,
				  size);
}

static enum obol_status write_renewed(const char *name, uint64_t lifetime_s,
									  EVP_PKEY *key,
									  const char *certificate_path,
									  struct obol_clock *clock, char *why,
									  size_t size)
{
	struct obol_certificate_parts parts =
		tls_parts(name, obol_now(clock), (uint32_t)lifetime_s);
	struct obol_secret *text = NULL;
	enum obol_status status;
	X509 *x = NULL;

	parts.n_sans = 1;
	parts.sans = &name;
	status =
		obol_certificate_build(&parts, key, NULL, key, obol_rng_system(), &x);
	if (status == OBOL_OK)
	{
		status = obol_pem_certificate(x, &text);
	}
	if (status != OBOL_OK)
	{
		(void)fail(status, why, size, certificate_path, "cannot be renewed");
		goto out;
	}
	status = obol_file_replace(certificate_path, obol_secret_view(text),
							   CERTIFICATE_MODE, why, size);
out:
	obol_secret_free(text);
	X509_free(x);
	return status;
}

enum obol_status obol_tls_self_renew(const char *name,
									 const char *certificate_path,
									 const char *key_path,
									 struct obol_clock *clock, bool *renewed,
									 char *why, size_t size)
{
	uint64_t begin, end, now = obol_now(clock);
	enum obol_status status;
	EVP_PKEY *key = NULL;
	X509 *x = NULL;
	size_t n = 0;

	*renewed = false;
	status = obol_pem_read_certificates(certificate_path, 1, &x, &n, why, size);
	if (status == OBOL_ERR_FORMAT || status == OBOL_ERR_NOT_FOUND)
	{
		/* a chain is an operator's; what cannot be read is told at start */
		return OBOL_OK;
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	begin = obol_certificate_time(X509_get0_notBefore(x));
	end = obol_certificate_time(X509_get0_notAfter(x));
	if (!obol_certificate_is_self_signed(x) || end <= begin ||
		(now < end && end - now >= (end - begin) / 3))
	{
		goto out;
	}
	status = obol_pem_read_key(key_path, &key, why, size);
	if (status != OBOL_OK)
	{
		goto out;
	}
	if (X509_check_private_key(x, key) != 1)
	{
		ERR_clear_error();
		status = fail(OBOL_ERR_ARG, why, size, key_path,
					  "is not the key of the TLS certificate");
		goto out;
	}
	status = write_renewed(name, end - begin - OBOL_CERTIFICATE_BACKDATE_S, key,
						   certificate_path, clock, why, size);
	*renewed = status == OBOL_OK;
out:
	EVP_PKEY_free(key);
	X509_free(x);
	return status;
}
