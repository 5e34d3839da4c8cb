/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An issuer with the CA's key in a file, or in a token that the file names. */
#include "issue/issuer.h"

#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "issue/ca_key.h"
#include "issue/crl.h"
#include "issue/pem.h"

struct issuer_file {
	struct obol_issuer issuer;
	struct obol_rng *rng;
	struct obol_clock *clock;
	EVP_PKEY *key;
	/** the issuing CA's certificate first */
	X509 *chain[2 * OBOL_CHAIN_MAX];
	size_t n_chain;
	/** which of them sign themselves; to find out takes a verification */
	bool is_root[2 * OBOL_CHAIN_MAX];
	/** one of them has name constraints (RFC 5280, 4.2.1.10) */
	bool has_constraints;
	/** the issuing CA's own beginning, and the first end in the chain */
	uint64_t not_before;
	uint64_t not_after;
	/** owners of the views in the issuer */
	unsigned char *der[2 * OBOL_CHAIN_MAX];
};

void obol_issued_clear(struct obol_issued *issued)
{
	free(issued->certificate);
	memset(issued, 0, sizeof(*issued));
}

void obol_issuer_free(struct obol_issuer *issuer)
{
	if (issuer)
	{
		issuer->free(issuer);
	}
}

bool obol_issuer_uri_is_usable(const char *uri)
{
	const char *c = uri;

	if ((strncmp(uri, "http://", 7) != 0 && strncmp(uri, "https://", 8) != 0) ||
		strlen(uri) > OBOL_URI_MAX)
	{
		return false;
	}
	for (; *c; c++)
	{
		/* the last two separate values in OpenSSL's texts */
		if (*c <= 0x20 || *c >= 0x7f || *c == ',' || *c == ';')
		{
			return false;
		}
	}
	return true;
}

/*
 * Signing
 */

/* Does what was built verify up to the root? So the CA's own rules hold for
 * it: path length, name constraints (RFC 5280, 4.2.1.10), ends. */
static enum obol_status verify(struct issuer_file *this, X509 *x, uint64_t now)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	STACK_OF(X509) *roots = sk_X509_new_null();
	STACK_OF(X509) *others = sk_X509_new_null();
	enum obol_status status = OBOL_ERR_NOMEM;
	X509_VERIFY_PARAM *param;
	size_t i;

	if (!ctx || !roots || !others)
	{
		goto out;
	}
	for (i = 0; i < this->n_chain; i++)
	{
		if (!sk_X509_push(this->is_root[i] ? roots : others, this->chain[i]))
		{
			goto out;
		}
	}
	status = OBOL_ERR_CRYPTO;
	if (!X509_STORE_CTX_init(ctx, NULL, x, others))
	{
		goto out;
	}
	X509_STORE_CTX_set0_trusted_stack(ctx, roots);
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, (time_t)now);
	status = X509_verify_cert(ctx) == 1 ? OBOL_OK : OBOL_ERR_DENIED;
out:
	sk_X509_free(others);
	sk_X509_free(roots);
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	return status;
}

static enum obol_status record(const X509 *x, struct obol_bytes der,
							   const struct obol_certificate_parts *parts,
							   struct obol_issued *issued)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
	enum obol_status status;

	memset(issued, 0, sizeof(*issued));
	status = obol_certificate_describe(parts, issued->subject,
									   sizeof(issued->subject));
	if (status != OBOL_OK)
	{
		return status;
	}
	issued->certificate = malloc(der.len);
	if (!issued->certificate)
	{
		return OBOL_ERR_NOMEM;
	}
	memcpy(issued->certificate, der.ptr, der.len);
	issued->certificate_len = der.len;
	issued->serial_len = (uint8_t)ASN1_STRING_length(serial);
	memcpy(issued->serial, ASN1_STRING_get0_data(serial), issued->serial_len);
	issued->not_before = parts->not_before;
	issued->not_after = parts->not_after;
	return OBOL_OK;
}

/* What is told of a chain by a certificate that nobody gets (try_chain()) holds
 * for all others but for their names: those are verified where a CA constrains
 * them. It is the bytes that leave, parsed; that decodes the key, which has
 * been copied as it was (see spki.h), and takes longer than all the rest. */
static enum obol_status check_names(struct issuer_file *this,
									struct obol_bytes der, uint64_t now)
{
	const unsigned char *pos = der.ptr;
	enum obol_status status = OBOL_ERR_ARG;
	X509 *x;

	if (!this->has_constraints)
	{
		return OBOL_OK;
	}
	x = d2i_X509(NULL, &pos, (long)der.len);
	if (x && X509_get0_pubkey(x))
	{
		status = verify(this, x, now);
	}
	X509_free(x);
	ERR_clear_error();
	return status;
}

static enum obol_status finish(struct issuer_file *this, const X509 *x,
							   const struct obol_certificate_parts *parts,
							   uint64_t now, struct obol_issued *issued)
{
	unsigned char *der = NULL;
	enum obol_status status = OBOL_ERR_ARG;
	int len = i2d_X509(x, &der);

	if (len > 0 && len <= OBOL_CERTIFICATE_MAX)
	{
		status = check_names(this, obol_bytes(der, (size_t)len), now);
	}
	if (status == OBOL_OK)
	{
		status = record(x, obol_bytes(der, (size_t)len), parts, issued);
	}
	OPENSSL_free(der);
	return status;
}

static enum obol_status
sign_profile(struct issuer_file *this, struct obol_bytes public_key,
			 const struct obol_certificate_profile *profile,
			 struct obol_issued *issued)
{
	uint64_t now = obol_now(this->clock);
	struct obol_certificate_parts parts = {
		.use = profile->is_gateway ? OBOL_CERTIFICATE_GATEWAY
								   : OBOL_CERTIFICATE_USER,
		.common_name = profile->common_name,
		.public_key = public_key,
		.n_attributes = profile->n_attributes,
		.attributes = profile->attributes,
		.n_sans = profile->n_sans,
		.sans = profile->sans,
		.not_before = now - OBOL_CERTIFICATE_BACKDATE_S,
		.not_after = now + profile->lifetime_s,
		.crl_uri = profile->crl_uri,
	};
	enum obol_status status;
	X509 *x = NULL;

	if (now >= this->not_after || now < this->not_before)
	{
		return OBOL_ERR_DENIED;
	}
	if (parts.not_before < this->not_before)
	{
		parts.not_before = this->not_before;
	}
	if (parts.not_after > this->not_after)
	{
		parts.not_after = this->not_after;
	}
	status = obol_certificate_build(&parts, NULL, this->chain[0], this->key,
									this->rng, &x);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = finish(this, x, &parts, now, issued);
	X509_free(x);
	return status;
}

static enum obol_status
issue_from_file(struct obol_issuer *issuer, struct obol_bytes public_key,
				const struct obol_certificate_profile *profile,
				struct obol_issued *issued)
{
	struct issuer_file *this = issuer->ctx;

	if (!this->key)
	{
		return OBOL_ERR_DENIED;
	}
	if (profile->n_sans > sizeof(profile->sans) / sizeof(profile->sans[0]) ||
		!profile->lifetime_s || public_key.len > OBOL_PKCS10_MAX)
	{
		return OBOL_ERR_ARG;
	}
	return sign_profile(this, public_key, profile, issued);
}

/* keyUsage must allow it (RFC 5280, 4.2.1.3). */
static enum obol_status sign_crl(struct obol_issuer *issuer,
								 const struct obol_crl_parts *parts,
								 uint8_t **der, size_t *len)
{
	struct issuer_file *this = issuer->ctx;

	if (!this->key || !(X509_get_key_usage(this->chain[0]) & KU_CRL_SIGN))
	{
		return OBOL_ERR_DENIED;
	}
	return obol_crl_build(parts, this->chain[0], this->key, der, len);
}

/*
 * Loading
 */

static void free_file(struct obol_issuer *issuer)
{
	struct issuer_file *this = issuer->ctx;
	size_t i;

	for (i = 0; i < 2 * OBOL_CHAIN_MAX; i++)
	{
		OPENSSL_free(this->der[i]);
	}
	for (i = 0; i < this->n_chain; i++)
	{
		X509_free(this->chain[i]);
	}
	EVP_PKEY_free(this->key);
	free(this);
}

static enum obol_status fail(enum obol_status status, char *why, size_t size,
							 const char *path, const char *what)
{
	(void)snprintf(why, size, "%s: %s", path, what);
	return status;
}

/* basicConstraints must be there and say CA, keyUsage must allow signing
 * (RFC 5280, 4.2.1.9, 4.2.1.3). */
static bool is_ca(X509 *x)
{
	return (X509_get_extension_flags(x) & EXFLAG_CA) &&
		   (X509_get_key_usage(x) & KU_KEY_CERT_SIGN);
}

static enum obol_status add_view(struct issuer_file *this, size_t i)
{
	bool is_root = this->is_root[i];
	struct obol_issuer *issuer = &this->issuer;
	int len = i2d_X509(this->chain[i], &this->der[i]);

	if (len <= 0)
	{
		return OBOL_ERR_CRYPTO;
	}
	if (len > OBOL_CERTIFICATE_MAX ||
		(is_root ? issuer->n_cas : issuer->n_chain) == OBOL_CHAIN_MAX)
	{
		return OBOL_ERR_ARG;
	}
	if (is_root)
	{
		issuer->cas[issuer->n_cas++] = obol_bytes(this->der[i], (size_t)len);
	}
	else
	{
		issuer->chain[issuer->n_chain++] =
			obol_bytes(this->der[i], (size_t)len);
	}
	return OBOL_OK;
}

static enum obol_status take_chain(struct issuer_file *this)
{
	enum obol_status status = OBOL_OK;
	uint64_t begin, end;
	size_t i;

	this->not_before =
		obol_certificate_time(X509_get0_notBefore(this->chain[0]));
	this->issuer.not_after =
		obol_certificate_time(X509_get0_notAfter(this->chain[0]));
	this->not_after = this->issuer.not_after;
	for (i = 0; status == OBOL_OK && i < this->n_chain; i++)
	{
		end = obol_certificate_time(X509_get0_notAfter(this->chain[i]));
		if (end < this->not_after)
		{
			this->not_after = end;
		}
		begin = obol_certificate_time(X509_get0_notBefore(this->chain[i]));
		if (begin > this->not_before)
		{
			this->not_before = begin;
		}
		this->is_root[i] = obol_certificate_is_self_signed(this->chain[i]);
		this->has_constraints |=
			X509_get_ext_by_NID(this->chain[i], NID_name_constraints, -1) >= 0;
		status = add_view(this, i);
	}
	return status;
}

/* A certificate nobody gets: what would be issued, would it verify? */
static enum obol_status try_chain(struct issuer_file *this)
{
	uint64_t now = obol_now(this->clock);
	struct obol_certificate_parts parts = {
		.use = OBOL_CERTIFICATE_USER,
		.common_name = "test of the chain",
		.not_before = now - OBOL_CERTIFICATE_BACKDATE_S,
		.not_after = this->not_after,
	};
	EVP_PKEY *key = EVP_EC_gen("P-256");
	enum obol_status status = OBOL_ERR_CRYPTO;
	X509 *x = NULL;

	if (key)
	{
		status = obol_certificate_build(&parts, key, this->chain[0], this->key,
										this->rng, &x);
	}
	if (status == OBOL_OK)
	{
		status = verify(this, x, now);
	}
	X509_free(x);
	EVP_PKEY_free(key);
	return status;
}

static enum obol_status check_chain(struct issuer_file *this, const char *path,
									char *why, size_t size)
{
	size_t i;

	for (i = 0; i < this->n_chain; i++)
	{
		if (!is_ca(this->chain[i]))
		{
			return fail(OBOL_ERR_ARG, why, size, path,
						"has a certificate that is no CA's (CA:TRUE and "
						"keyCertSign are wanted)");
		}
	}
	if (!this->issuer.n_cas)
	{
		return fail(OBOL_ERR_ARG, why, size, path,
					"lacks the self-signed root; append it, clients trust "
					"nothing else");
	}
	if (obol_now(this->clock) >= this->not_after)
	{
		return fail(OBOL_ERR_ARG, why, size, path,
					"has expired; make a new CA or bring its successor");
	}
	if (obol_now(this->clock) < this->not_before)
	{
		return fail(OBOL_ERR_ARG, why, size, path,
					"is not valid yet; is this machine's clock right?");
	}
	if (this->key && try_chain(this) != OBOL_OK)
	{
		return fail(OBOL_ERR_ARG, why, size, path,
					"what this CA signs would not verify: the issuing CA's "
					"certificate comes first, then what leads to its root, and "
					"their path lengths and dates must allow it");
	}
	return OBOL_OK;
}

static enum obol_status load_key(struct issuer_file *this,
								 const struct obol_issuer_file_options *options,
								 char *why, size_t size)
{
	enum obol_status status = obol_ca_key_open(
		options->key_path, options->tokens, &this->key, why, size);

	if (status == OBOL_OK &&
		X509_check_private_key(this->chain[0], this->key) != 1)
	{
		ERR_clear_error();
		status = fail(OBOL_ERR_ARG, why, size, options->key_path,
					  "is not the key of the CA's certificate");
	}
	return status;
}

static enum obol_status load(struct issuer_file *this,
							 const struct obol_issuer_file_options *options,
							 char *why, size_t size)
{
	const char *path = options->certificate_path;
	enum obol_status status = obol_pem_read_certificates(
		path, 2 * OBOL_CHAIN_MAX, this->chain, &this->n_chain, why, size);

	if (status != OBOL_OK)
	{
		return status;
	}
	status = options->key_path ? load_key(this, options, why, size) : OBOL_OK;
	if (status != OBOL_OK)
	{
		return status;
	}
	status = take_chain(this);
	if (status != OBOL_OK)
	{
		return fail(status, why, size, path,
					"has more or larger certificates than Obol sends");
	}
	return check_chain(this, path, why, size);
}

enum obol_status
obol_issuer_file_new(const struct obol_issuer_file_options *options,
					 struct obol_issuer **issuer, char *why, size_t size)
{
	struct issuer_file *this = calloc(1, sizeof(*this));
	enum obol_status status;

	if (!this)
	{
		return fail(OBOL_ERR_NOMEM, why, size, options->certificate_path,
					"no memory for it");
	}
	this->issuer.ctx = this;
	this->issuer.issue = issue_from_file;
	this->issuer.sign_crl = sign_crl;
	this->issuer.free = free_file;
	this->rng = options->rng;
	this->clock = options->clock;
	status = load(this, options, why, size);
	if (status != OBOL_OK)
	{
		free_file(&this->issuer);
		return status;
	}
	*issuer = &this->issuer;
	return OBOL_OK;
}
