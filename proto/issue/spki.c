/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SubjectPublicKeyInfo. */
#include "issue/spki.h"

#include <openssl/err.h>
#include <openssl/objects.h>

enum obol_status obol_spki_parse(struct obol_bytes der, struct obol_spki *spki)
{
	const unsigned char *pos = der.ptr;
	struct obol_spki parsed = { NULL, NULL };
	enum obol_status status = OBOL_ERR_FORMAT;
	const unsigned char *end;
	int tag, class;
	long len;

	if (!der.len || der.len > OBOL_PKCS10_MAX ||
		ASN1_get_object(&pos, &len, &tag, &class, (long)der.len) !=
			V_ASN1_CONSTRUCTED ||
		tag != V_ASN1_SEQUENCE || class != V_ASN1_UNIVERSAL)
	{
		goto out;
	}
	end = pos + len;
	if (end != der.ptr + der.len)
	{
		goto out;
	}
	parsed.algorithm = d2i_X509_ALGOR(NULL, &pos, end - pos);
	if (!parsed.algorithm)
	{
		goto out;
	}
	parsed.key = d2i_ASN1_BIT_STRING(NULL, &pos, end - pos);
	/* all of these keys are whole octets */
	if (!parsed.key || pos != end || (parsed.key->flags & 0x07))
	{
		goto out;
	}
	*spki = parsed;
	memset(&parsed, 0, sizeof(parsed)); /* moved to the caller */
	status = OBOL_OK;
out:
	obol_spki_clear(&parsed);
	ERR_clear_error();
	return status;
}

void obol_spki_clear(struct obol_spki *spki)
{
	X509_ALGOR_free(spki->algorithm);
	ASN1_BIT_STRING_free(spki->key);
	memset(spki, 0, sizeof(*spki));
}

static uint8_t type_of_curve(int type, const void *value)
{
	/* explicit parameters would be a curve of the sender's own */
	switch (type == V_ASN1_OBJECT ? OBJ_obj2nid(value) : NID_undef)
	{
		case NID_X9_62_prime256v1:
			return OBOL_KEY_EC_P256;
		case NID_secp384r1:
			return OBOL_KEY_EC_P384;
	}
	return 0;
}

uint8_t obol_spki_type(const struct obol_spki *spki)
{
	const ASN1_OBJECT *oid;
	const void *value;
	int type;

	X509_ALGOR_get0(&oid, &type, &value, spki->algorithm);
	switch (OBJ_obj2nid(oid))
	{
		case NID_X9_62_id_ecPublicKey:
			return type_of_curve(type, value);
		case NID_rsaEncryption:
			return OBOL_KEY_RSA_3072;
		case NID_ED25519:
			return OBOL_KEY_ED25519;
	}
	return 0;
}

enum obol_status obol_spki_set(const struct obol_spki *spki, X509 *certificate)
{
	int len = ASN1_STRING_length(spki->key);
	unsigned char *key = NULL;
	ASN1_OBJECT *algorithm = NULL, *curve = NULL;
	enum obol_status status = OBOL_ERR_ARG;
	const ASN1_OBJECT *oid;
	const void *value;
	int type;

	X509_ALGOR_get0(&oid, &type, &value, spki->algorithm);
	/* explicit parameters of a curve are a SEQUENCE */
	if (type != V_ASN1_OBJECT && type != V_ASN1_NULL && type != V_ASN1_UNDEF)
	{
		goto out;
	}
	status = OBOL_ERR_NOMEM;
	algorithm = OBJ_dup(oid);
	curve = type == V_ASN1_OBJECT ? OBJ_dup(value) : NULL;
	key = OPENSSL_memdup(ASN1_STRING_get0_data(spki->key), (size_t)len);
	if (!algorithm || !key || (type == V_ASN1_OBJECT && !curve) ||
		!X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(certificate), algorithm,
								type, curve, key, len))
	{
		goto out;
	}
	algorithm = curve = NULL; /* moved to the certificate */
	key = NULL;
	status = OBOL_OK;
out:
	ASN1_OBJECT_free(algorithm);
	ASN1_OBJECT_free(curve);
	OPENSSL_free(key);
	return status;
}
