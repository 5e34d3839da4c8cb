/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a certificate says. */
#include "tools/certificate.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "seal/bundle_check.h"

/* Characters that strongSwan's parser of names takes as they are. */
static bool is_plain(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
	{
		unsigned char c = (unsigned char)text[i];

		if (!isalnum(c) && !strchr(" .-_@()'", c))
		{
			return false;
		}
	}
	return len > 0;
}

/* strongSwan's form for any name at all: the DER in hexadecimal. */
static bool name_as_hex(const X509_NAME *name, char *out, size_t size)
{
	const unsigned char *der;
	size_t len, i;
	int used;

	if (!X509_NAME_get0_der(name, &der, &len))
	{
		return false;
	}
	used = snprintf(out, size, "asn1dn:#");
	if (used < 0 || (size_t)used + 2 * len >= size)
	{
		return false;
	}
	for (i = 0; i < len; i++)
	{
		(void)snprintf(out + used + 2 * i, 3, "%02x", der[i]);
	}
	return true;
}

/* "C=CH, O=Example, CN=Obol CA": one value after the other, in their order. */
static bool name_as_text(const X509_NAME *name, char *out, size_t size)
{
	static const int known[] = {
		NID_countryName,      NID_stateOrProvinceName,    NID_localityName,
		NID_organizationName, NID_organizationalUnitName, NID_commonName
	};
	size_t used = 0;
	int i;

	for (i = 0; i < X509_NAME_entry_count(name); i++)
	{
		X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
		const ASN1_STRING *value = X509_NAME_ENTRY_get_data(entry);
		int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
		const char *text = (const char *)ASN1_STRING_get0_data(value);
		size_t len = (size_t)ASN1_STRING_length(value);
		bool found = false;
		size_t k;
		int n;

		for (k = 0; k < sizeof(known) / sizeof(known[0]); k++)
		{
			found |= known[k] == nid;
		}
		if (!found || X509_NAME_ENTRY_set(entry) != i || !is_plain(text, len))
		{
			return false;
		}
		n = snprintf(out + used, size - used, "%s%s=%.*s", i ? ", " : "",
					 OBJ_nid2sn(nid), (int)len, text);
		if (n < 0 || (size_t)n >= size - used)
		{
			return false;
		}
		used += (size_t)n;
	}
	return used > 0;
}

static bool name_text(const X509_NAME *name, char *out, size_t size)
{
	return name_as_text(name, out, size) || name_as_hex(name, out, size);
}

static bool alt_name(const GENERAL_NAME *name, char *out, size_t size)
{
	const ASN1_STRING *value;
	const char *text;
	size_t len;

	if (name->type == GEN_IPADD)
	{
		len = (size_t)ASN1_STRING_length(name->d.iPAddress);
		return (len == 4 || len == 16) &&
			   inet_ntop(len == 4 ? AF_INET : AF_INET6,
						 ASN1_STRING_get0_data(name->d.iPAddress), out,
						 (socklen_t)size);
	}
	if (name->type != GEN_EMAIL && name->type != GEN_DNS)
	{
		return false;
	}
	value = name->d.ia5;
	text = (const char *)ASN1_STRING_get0_data(value);
	len = (size_t)ASN1_STRING_length(value);
	/* a wildcard would be a pattern where an identity is wanted */
	if (!is_plain(text, len) || len >= size)
	{
		return false;
	}
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

/* The first usable subjectAltName. */
static bool first_alt_name(const X509 *x509, char *out, size_t size)
{
	GENERAL_NAMES *names =
		X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
	bool found = false;
	int i;

	for (i = 0; !found && i < sk_GENERAL_NAME_num(names); i++)
	{
		found = alt_name(sk_GENERAL_NAME_value(names, i), out, size);
	}
	GENERAL_NAMES_free(names);
	return found;
}

static void serial_text(const X509 *x509, char *out, size_t size)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(x509);
	const unsigned char *bytes = ASN1_STRING_get0_data(serial);
	int len = ASN1_STRING_length(serial);
	int i;

	out[0] = '\0';
	for (i = 0; i < len && 2 * (size_t)i + 3 <= size; i++)
	{
		(void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	}
}

enum obol_status certificate_read(struct obol_bytes der,
								  struct certificate *out)
{
	const unsigned char *pos = der.ptr;
	struct certificate read;
	enum obol_status status = OBOL_ERR_FORMAT;
	X509 *x509;

	memset(&read, 0, sizeof(read));
	(void)ERR_set_mark();
	x509 = d2i_X509(NULL, &pos, (long)der.len);
	if (!x509 || pos != der.ptr + der.len ||
		!name_text(X509_get_subject_name(x509), read.subject,
				   sizeof(read.subject)) ||
		!name_text(X509_get_issuer_name(x509), read.issuer,
				   sizeof(read.issuer)))
	{
		goto out;
	}
	if (!first_alt_name(x509, read.ike_id, sizeof(read.ike_id)))
	{
		memcpy(read.ike_id, read.subject, sizeof(read.ike_id));
	}
	serial_text(x509, read.serial, sizeof(read.serial));
	obol_certificate_dates(der, &read.not_before, &read.not_after);
	*out = read;
	status = OBOL_OK;
out:
	X509_free(x509);
	(void)ERR_pop_to_mark();
	return status;
}
