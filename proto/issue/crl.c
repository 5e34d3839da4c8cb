/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Building X.509 certificate revocation lists. */
#include "issue/crl.h"

#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

/* RFC 5280, 5.3.1: the code that says nothing is left out. */
static bool add_reason(X509_REVOKED *revoked, uint8_t reason)
{
	ASN1_ENUMERATED *code;
	bool added;

	if (reason == OBOL_REVOKED_UNSPECIFIED)
	{
		return true;
	}
	code = ASN1_ENUMERATED_new();
	added = code && ASN1_ENUMERATED_set(code, reason) &&
			X509_REVOKED_add1_ext_i2d(revoked, NID_crl_reason, code, 0,
									  X509V3_ADD_APPEND) == 1;
	ASN1_ENUMERATED_free(code);
	return added;
}

/* GeneralizedTime has no year after this one (RFC 5280, 4.1.2.5.2). */
static bool is_time(uint64_t at)
{
	return at <= UINT64_C(253402300799);
}

static bool fill_entry(X509_REVOKED *revoked,
					   const struct obol_crl_entry *entry, ASN1_TIME *at)
{
	BIGNUM *number = BN_bin2bn(entry->serial, entry->serial_len, NULL);
	ASN1_INTEGER *serial = number ? BN_to_ASN1_INTEGER(number, NULL) : NULL;
	bool filled = serial && ASN1_TIME_set(at, (time_t)entry->revoked_at) &&
				  X509_REVOKED_set_serialNumber(revoked, serial) == 1 &&
				  X509_REVOKED_set_revocationDate(revoked, at) == 1 &&
				  add_reason(revoked, entry->reason);

	ASN1_INTEGER_free(serial);
	BN_free(number);
	return filled;
}

static enum obol_status
add_entry(X509_CRL *crl, const struct obol_crl_entry *entry, ASN1_TIME *at)
{
	X509_REVOKED *revoked;

	if (entry->serial_len == 0 || entry->serial_len > sizeof(entry->serial) ||
		!is_time(entry->revoked_at))
	{
		return OBOL_ERR_ARG;
	}
	revoked = X509_REVOKED_new();
	if (!revoked)
	{
		return OBOL_ERR_NOMEM;
	}
	if (!fill_entry(revoked, entry, at) ||
		X509_CRL_add0_revoked(crl, revoked) != 1)
	{
		X509_REVOKED_free(revoked);
		return OBOL_ERR_CRYPTO;
	}
	return OBOL_OK;
}

/* RFC 5280, 5.2.1 and 5.2.3 */
static bool add_extensions(X509_CRL *crl, uint64_t number, X509 *ca)
{
	AUTHORITY_KEYID *akid = obol_certificate_authority_key_id(ca);
	ASN1_INTEGER *serial = ASN1_INTEGER_new();
	bool added = akid && serial && ASN1_INTEGER_set_uint64(serial, number) &&
				 X509_CRL_add1_ext_i2d(crl, NID_authority_key_identifier, akid,
									   0, X509V3_ADD_DEFAULT) == 1 &&
				 X509_CRL_add1_ext_i2d(crl, NID_crl_number, serial, 0,
									   X509V3_ADD_DEFAULT) == 1;

	ASN1_INTEGER_free(serial);
	AUTHORITY_KEYID_free(akid);
	return added;
}

static bool add_head(X509_CRL *crl, const struct obol_crl_parts *parts,
					 X509 *ca, ASN1_TIME *at)
{
	return X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
		   X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca)) == 1 &&
		   ASN1_TIME_set(at, (time_t)parts->this_update) &&
		   X509_CRL_set1_lastUpdate(crl, at) == 1 &&
		   ASN1_TIME_set(at, (time_t)parts->next_update) &&
		   X509_CRL_set1_nextUpdate(crl, at) == 1 &&
		   add_extensions(crl, parts->number, ca);
}

static enum obol_status encode(X509_CRL *crl, uint8_t **out, size_t *len)
{
	unsigned char *pos;
	int n = i2d_X509_CRL(crl, NULL);

	if (n <= 0)
	{
		return OBOL_ERR_CRYPTO;
	}
	pos = malloc((size_t)n);
	if (!pos)
	{
		return OBOL_ERR_NOMEM;
	}
	*out = pos;
	*len = (size_t)i2d_X509_CRL(crl, &pos);
	return OBOL_OK;
}

enum obol_status obol_crl_build(const struct obol_crl_parts *parts, X509 *ca,
								EVP_PKEY *ca_key, uint8_t **der, size_t *len)
{
	enum obol_status status = OBOL_ERR_NOMEM;
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *at = ASN1_TIME_new();
	size_t i;

	if (!crl || !at)
	{
		goto out;
	}
	/* not the library's fault: a token would be taken for gone */
	if (!is_time(parts->this_update) || !is_time(parts->next_update))
	{
		status = OBOL_ERR_ARG;
		goto out;
	}
	status = add_head(crl, parts, ca, at) ? OBOL_OK : OBOL_ERR_CRYPTO;
	for (i = 0; status == OBOL_OK && i < parts->n_entries; i++)
	{
		status = add_entry(crl, &parts->entries[i], at);
	}
	if (status == OBOL_OK &&
		X509_CRL_sign(crl, ca_key, obol_certificate_digest(ca_key)) <= 0)
	{
		status = OBOL_ERR_CRYPTO;
	}
	if (status == OBOL_OK)
	{
		status = encode(crl, der, len);
	}
out:
	ASN1_TIME_free(at);
	X509_CRL_free(crl);
	ERR_clear_error();
	return status;
}
