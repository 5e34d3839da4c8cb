/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Building X.509 certificates. */
#include "issue/certificate.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <time.h>

#include "issue/issuer.h"
#include "issue/san.h"
#include "issue/spki.h"

/* ub-common-name and its like (RFC 5280, appendix A.1), in characters */
#define COMMON_NAME_MAX 64

static size_t n_characters(const char *utf8)
{
	size_t n = 0;

	for (; *utf8; utf8++)
	{
		n += ((unsigned char)*utf8 & 0xc0) != 0x80;
	}
	return n;
}

static bool value_is_usable(const char *value)
{
	const unsigned char *c = (const unsigned char *)value;

	if (!*value || n_characters(value) > COMMON_NAME_MAX)
	{
		return false;
	}
	for (; *c; c++)
	{
		if (*c < 0x20 || *c == 0x7f)
		{
			return false;
		}
	}
	return true;
}

static bool add_attribute(X509_NAME *name, const char *type, const char *value)
{
	return value_is_usable(value) &&
		   X509_NAME_add_entry_by_txt(name, type, MBSTRING_UTF8,
									  (const unsigned char *)value, -1, -1,
									  0) == 1;
}

static enum obol_status make_subject(const struct obol_certificate_parts *parts,
									 X509_NAME **out)
{
	X509_NAME *name = X509_NAME_new();
	enum obol_status status = OBOL_OK;
	size_t i;

	if (!name)
	{
		return OBOL_ERR_NOMEM;
	}
	if (!parts->n_attributes && !add_attribute(name, "CN", parts->common_name))
	{
		status = OBOL_ERR_ARG;
	}
	for (i = 0; status == OBOL_OK && i < parts->n_attributes; i++)
	{
		if (!add_attribute(name, parts->attributes[i].type,
						   parts->attributes[i].value))
		{
			status = OBOL_ERR_ARG;
		}
	}
	if (status != OBOL_OK)
	{
		X509_NAME_free(name);
		return status;
	}
	*out = name;
	return OBOL_OK;
}

static enum obol_status set_subject(X509 *x,
									const struct obol_certificate_parts *parts)
{
	X509_NAME *name = NULL;
	enum obol_status status = make_subject(parts, &name);

	if (status == OBOL_OK)
	{
		status = X509_set_subject_name(x, name) ? OBOL_OK : OBOL_ERR_CRYPTO;
	}
	X509_NAME_free(name);
	return status;
}

bool obol_certificate_subject_is_usable(
	const struct obol_certificate_attribute *attributes, size_t n)
{
	struct obol_certificate_parts parts = { .n_attributes = n,
											.attributes = attributes };
	X509_NAME *name = NULL;
	enum obol_status status = n ? make_subject(&parts, &name) : OBOL_ERR_ARG;

	X509_NAME_free(name);
	ERR_clear_error();
	return status == OBOL_OK;
}

/* Positive, never zero, at most 20 octets (RFC 5280, 4.1.2.2). */
static enum obol_status set_serial(X509 *x, struct obol_rng *rng)
{
	uint8_t serial[OBOL_SERIAL_LEN];
	enum obol_status status = obol_rng_fill(rng, serial, sizeof(serial));
	BIGNUM *number = NULL;

	if (status != OBOL_OK)
	{
		return status;
	}
	serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40);
	number = BN_bin2bn(serial, sizeof(serial), NULL);
	status = OBOL_ERR_CRYPTO;
	if (number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)))
	{
		status = OBOL_OK;
	}
	BN_free(number);
	return status;
}

static bool add_text_extension(X509 *x, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;
	bool added;

	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	added = ext && X509_add_ext(x, ext, -1);
	X509_EXTENSION_free(ext);
	return added;
}

AUTHORITY_KEYID *obol_certificate_authority_key_id(X509 *ca)
{
	AUTHORITY_KEYID *akid = AUTHORITY_KEYID_new();
	const ASN1_OCTET_STRING *skid = X509_get0_subject_key_id(ca);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	if (!akid)
	{
		return NULL;
	}
	if (skid)
	{
		akid->keyid = ASN1_OCTET_STRING_dup(skid);
	}
	else if (X509_pubkey_digest(ca, EVP_sha1(), digest, &len))
	{
		akid->keyid = ASN1_OCTET_STRING_new();
		if (akid->keyid &&
			!ASN1_OCTET_STRING_set(akid->keyid, digest, (int)len))
		{
			ASN1_OCTET_STRING_free(akid->keyid);
			akid->keyid = NULL;
		}
	}
	if (!akid->keyid)
	{
		AUTHORITY_KEYID_free(akid);
		akid = NULL;
	}
	return akid;
}

static bool add_authority_key_id(X509 *x, X509 *ca)
{
	AUTHORITY_KEYID *akid = obol_certificate_authority_key_id(ca);
	bool added = akid && X509_add1_ext_i2d(x, NID_authority_key_identifier,
										   akid, 0, X509V3_ADD_DEFAULT) == 1;

	AUTHORITY_KEYID_free(akid);
	return added;
}

static bool add_usage(X509 *x, enum obol_certificate_use use)
{
	static const struct {
		const char *constraints;
		const char *usage;
		const char *extended;
	} texts[] = {
		[OBOL_CERTIFICATE_CA] = { "critical,CA:TRUE",
								  "critical,keyCertSign,cRLSign", NULL },
		[OBOL_CERTIFICATE_GATEWAY] = { "critical,CA:FALSE",
									   "critical,digitalSignature",
									   "serverAuth,1.3.6.1.5.5.8.2.2" },
		[OBOL_CERTIFICATE_USER] = { "critical,CA:FALSE",
									"critical,digitalSignature", "clientAuth" },
		[OBOL_CERTIFICATE_TLS] = { "critical,CA:FALSE",
								   "critical,digitalSignature", "serverAuth" },
	};

	return add_text_extension(x, NID_basic_constraints,
							  texts[use].constraints) &&
		   add_text_extension(x, NID_key_usage, texts[use].usage) &&
		   (!texts[use].extended ||
			add_text_extension(x, NID_ext_key_usage, texts[use].extended));
}

static enum obol_status add_sans(X509 *x,
								 const struct obol_certificate_parts *parts)
{
	GENERAL_NAMES *names = NULL;
	enum obol_status status = OBOL_OK;
	size_t i;

	if (!parts->n_sans)
	{
		return OBOL_OK;
	}
	names = sk_GENERAL_NAME_new_null();
	if (!names)
	{
		return OBOL_ERR_NOMEM;
	}
	for (i = 0; status == OBOL_OK && i < parts->n_sans; i++)
	{
		GENERAL_NAME *name = NULL;

		status = obol_san_new(parts->sans[i], &name);
		if (status == OBOL_OK && !sk_GENERAL_NAME_push(names, name))
		{
			GENERAL_NAME_free(name);
			status = OBOL_ERR_NOMEM;
		}
	}
	if (status == OBOL_OK && X509_add1_ext_i2d(x, NID_subject_alt_name, names,
											   0, X509V3_ADD_DEFAULT) != 1)
	{
		status = OBOL_ERR_CRYPTO;
	}
	sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
	return status;
}

const EVP_MD *obol_certificate_digest(EVP_PKEY *key)
{
	return EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448")
			   ? NULL
			   : EVP_sha256();
}

/* RFC 5280, 4.2.1.13 */
static bool add_crl_uri(X509 *x, const char *uri)
{
	char value[OBOL_URI_MAX + sizeof("URI:")];

	if (!uri)
	{
		return true;
	}
	return (size_t)snprintf(value, sizeof(value), "URI:%s", uri) <
			   sizeof(value) &&
		   add_text_extension(x, NID_crl_distribution_points, value);
}

static bool set_validity(X509 *x, const struct obol_certificate_parts *parts)
{
	return ASN1_TIME_set(X509_getm_notBefore(x), (time_t)parts->not_before) &&
		   ASN1_TIME_set(X509_getm_notAfter(x), (time_t)parts->not_after);
}

static enum obol_status
set_public_key(X509 *x, const struct obol_certificate_parts *parts,
			   EVP_PKEY *key)
{
	struct obol_spki spki = { NULL, NULL };
	enum obol_status status;

	if (key)
	{
		return X509_set_pubkey(x, key) ? OBOL_OK : OBOL_ERR_CRYPTO;
	}
	status = obol_spki_parse(parts->public_key, &spki);
	status = status == OBOL_OK ? obol_spki_set(&spki, x) : OBOL_ERR_ARG;
	obol_spki_clear(&spki);
	return status;
}

enum obol_status
obol_certificate_build(const struct obol_certificate_parts *parts,
					   EVP_PKEY *key, X509 *ca, EVP_PKEY *ca_key,
					   struct obol_rng *rng, X509 **out)
{
	X509 *x = X509_new();
	X509 *issuer = ca ? ca : x;
	enum obol_status status = OBOL_ERR_NOMEM;

	if (!x)
	{
		goto out;
	}
	status = set_subject(x, parts);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = set_serial(x, rng);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = set_public_key(x, parts, key);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = OBOL_ERR_CRYPTO;
	if (!X509_set_version(x, X509_VERSION_3) || !set_validity(x, parts) ||
		!X509_set_issuer_name(x, X509_get_subject_name(issuer)) ||
		!add_usage(x, parts->use) ||
		!add_text_extension(x, NID_subject_key_identifier, "hash") ||
		!add_authority_key_id(x, issuer))
	{
		goto out;
	}
	status = add_sans(x, parts);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = OBOL_ERR_CRYPTO;
	if (!add_crl_uri(x, parts->crl_uri) ||
		X509_sign(x, ca_key, obol_certificate_digest(ca_key)) <= 0)
	{
		goto out;
	}
	*out = x;
	x = NULL; /* moved to the caller */
	status = OBOL_OK;
out:
	X509_free(x);
	ERR_clear_error();
	return status;
}

/** Append to a text; false when it does not fit. */
static bool append(char *text, size_t size, size_t *used, const char *lead,
				   const char *kind, char separator, const char *value)
{
	int n = snprintf(text + *used, size - *used, "%s%s%c%s", lead, kind,
					 separator, value);

	if (n < 0 || (size_t)n >= size - *used)
	{
		return false;
	}
	*used += (size_t)n;
	return true;
}

enum obol_status
obol_certificate_describe(const struct obol_certificate_parts *parts,
						  char *text, size_t size)
{
	size_t used = 0, i;
	bool fits = true;

	if (!parts->n_attributes)
	{
		fits = append(text, size, &used, "", "CN", '=', parts->common_name);
	}
	for (i = 0; fits && i < parts->n_attributes; i++)
	{
		fits =
			append(text, size, &used, i ? ", " : "", parts->attributes[i].type,
				   '=', parts->attributes[i].value);
	}
	for (i = 0; fits && i < parts->n_sans; i++)
	{
		fits = append(text, size, &used, "; ", obol_san_kind(parts->sans[i]),
					  ':', parts->sans[i]);
	}
	return fits ? OBOL_OK : OBOL_ERR_ARG;
}

uint64_t obol_certificate_time(const ASN1_TIME *time)
{
	struct tm tm;
	time_t at;

	if (!time || !ASN1_TIME_to_tm(time, &tm))
	{
		return 0;
	}
	at = timegm(&tm);
	return at > 0 ? (uint64_t)at : 0;
}

bool obol_certificate_is_self_signed(X509 *certificate)
{
	bool is = X509_self_signed(certificate, 1) == 1;

	ERR_clear_error();
	return is;
}
