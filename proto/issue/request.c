/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PKCS#10 requests, checked. */
#include "issue/request.h"

#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "base/ct.h"
#include "issue/spki.h"

#define RSA_BITS_MIN 3072
/* above this, a signature costs the server more than it is worth */
#define RSA_BITS_MAX 8192
#define EXPORTER_TEXT_LEN (2 * OBOL_EXPORTER_LEN)

const char *obol_request_fault_text(enum obol_request_fault fault)
{
	switch (fault)
	{
		case OBOL_REQUEST_GOOD:
			return "the request is good";
		case OBOL_REQUEST_MALFORMED:
			return "the certificate request is no PKCS#10 in DER";
		case OBOL_REQUEST_SIGNATURE:
			return "the certificate request is not signed by its own key";
		case OBOL_REQUEST_EXPORTER:
			return "the certificate request was not made for this connection";
		case OBOL_REQUEST_WEAK_KEY:
			return "the request's key is not accepted: use EC P-256 or P-384, "
				   "Ed25519, or RSA with 3072 to 8192 bits";
		case OBOL_REQUEST_WEAK_SIGNATURE:
			return "the certificate request is signed in a way that is not "
				   "accepted: use SHA-256, SHA-384 or SHA-512, or Ed25519";
	}
	return "the certificate request cannot be used";
}

/* Explicit parameters would let the sender choose a curve of his own. */
static bool is_named_curve(EVP_PKEY *key)
{
	char group[64], encoding[32];

	return EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME,
										  group, sizeof(group), NULL) &&
		   EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING,
										  encoding, sizeof(encoding), NULL) &&
		   strcmp(encoding, OSSL_PKEY_EC_ENCODING_GROUP) == 0 &&
		   (strcmp(group, SN_X9_62_prime256v1) == 0 ||
			strcmp(group, SN_secp384r1) == 0);
}

static bool key_is_strong(EVP_PKEY *key)
{
	int bits = EVP_PKEY_get_bits(key);

	if (EVP_PKEY_is_a(key, "ED25519"))
	{
		return true;
	}
	if (EVP_PKEY_is_a(key, "RSA"))
	{
		return bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX;
	}
	return EVP_PKEY_is_a(key, "EC") && is_named_curve(key);
}

uint8_t obol_issue_key_type(struct obol_bytes public_key)
{
	struct obol_spki spki = { NULL, NULL };
	uint8_t type = 0;

	if (obol_spki_parse(public_key, &spki) == OBOL_OK)
	{
		type = obol_spki_type(&spki);
	}
	obol_spki_clear(&spki);
	return type;
}

static bool is_text(const ASN1_TYPE *value)
{
	return value->type == V_ASN1_UTF8STRING ||
		   value->type == V_ASN1_PRINTABLESTRING ||
		   value->type == V_ASN1_IA5STRING;
}

/* One challengePassword with one value (RFC 2985, 5.4.1). The header names
 * UTF8String; tools that write the same digits as another string are met. */
static bool exporter_fits(X509_REQ *req,
						  const uint8_t exporter[OBOL_EXPORTER_LEN])
{
	static const char digits[] = "0123456789abcdef";
	int at = X509_REQ_get_attr_by_NID(req, NID_pkcs9_challengePassword, -1);
	char expected[EXPORTER_TEXT_LEN];
	const ASN1_STRING *text;
	const ASN1_TYPE *value;
	X509_ATTRIBUTE *attribute;
	size_t i;

	if (at < 0 ||
		X509_REQ_get_attr_by_NID(req, NID_pkcs9_challengePassword, at) >= 0)
	{
		return false;
	}
	attribute = X509_REQ_get_attr(req, at);
	if (X509_ATTRIBUTE_count(attribute) != 1)
	{
		return false;
	}
	value = X509_ATTRIBUTE_get0_type(attribute, 0);
	if (!value || !is_text(value))
	{
		return false;
	}
	for (i = 0; i < OBOL_EXPORTER_LEN; i++)
	{
		expected[2 * i] = digits[exporter[i] >> 4];
		expected[2 * i + 1] = digits[exporter[i] & 15];
	}
	text = value->value.asn1_string;
	return ASN1_STRING_length(text) == EXPORTER_TEXT_LEN &&
		   obol_ct_eq(ASN1_STRING_get0_data(text), expected, EXPORTER_TEXT_LEN);
}

/* Who can make digests collide could have a request signed that means another;
 * a signature whose digest does not show (RSASSA-PSS) is not looked into. */
static bool signature_is_strong(const X509_REQ *req)
{
	int digest = NID_undef, algorithm = NID_undef;

	if (!OBJ_find_sigid_algs(X509_REQ_get_signature_nid(req), &digest,
							 &algorithm))
	{
		return false;
	}
	return digest == NID_sha256 || digest == NID_sha384 ||
		   digest == NID_sha512 ||
		   (digest == NID_undef && algorithm == NID_ED25519);
}

static enum obol_request_fault
check(X509_REQ *req, const uint8_t exporter[OBOL_EXPORTER_LEN], EVP_PKEY *key)
{
	/* before the signature: an oversized key would make that dear; none at all
	 * is of a kind that OpenSSL does not know */
	if (!key || !key_is_strong(key))
	{
		return OBOL_REQUEST_WEAK_KEY;
	}
	if (!signature_is_strong(req))
	{
		return OBOL_REQUEST_WEAK_SIGNATURE;
	}
	if (X509_REQ_verify(req, key) != 1)
	{
		return OBOL_REQUEST_SIGNATURE;
	}
	if (!exporter_fits(req, exporter))
	{
		return OBOL_REQUEST_EXPORTER;
	}
	return OBOL_REQUEST_GOOD;
}

enum obol_request_fault
obol_issue_request_check(struct obol_bytes pkcs10,
						 const uint8_t exporter[OBOL_EXPORTER_LEN],
						 uint8_t **public_key, size_t *public_key_len)
{
	const unsigned char *pos = pkcs10.ptr;
	enum obol_request_fault fault = OBOL_REQUEST_MALFORMED;
	X509_REQ *req = NULL;
	unsigned char *der = NULL;
	int len;

	if (!pkcs10.len || pkcs10.len > OBOL_PKCS10_MAX)
	{
		return fault;
	}
	req = d2i_X509_REQ(NULL, &pos, (long)pkcs10.len);
	if (!req || pos != pkcs10.ptr + pkcs10.len)
	{
		goto out;
	}
	fault = check(req, exporter, X509_REQ_get0_pubkey(req));
	if (fault != OBOL_REQUEST_GOOD)
	{
		goto out;
	}
	len = i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(req), &der);
	fault = OBOL_REQUEST_MALFORMED;
	if (len <= 0)
	{
		goto out;
	}
	*public_key = malloc((size_t)len);
	if (*public_key)
	{
		memcpy(*public_key, der, (size_t)len);
		*public_key_len = (size_t)len;
		fault = OBOL_REQUEST_GOOD;
	}
out:
	OPENSSL_free(der);
	X509_REQ_free(req);
	ERR_clear_error();
	return fault;
}
