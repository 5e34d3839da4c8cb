/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key pairs: made in the token, and made to sign. */
#include "token/pkcs11_private.h"

#include <string.h>
#include <sys/random.h>

#include <obol/client.h>

/** Longest EC point (uncompressed) or RSA modulus, in bytes. */
#define RAW_MAX 384
#define EXPONENT_LEN 3
#define DIGEST_INFO_MAX (19 + 64)

/* What comes before and after the public key's own bytes: all lengths are
 * fixed, as the exponent is. RFC 5480 and RFC 8017. */
static const uint8_t p256_before[] = {
	0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
	0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
	0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
};
static const uint8_t p384_before[] = {
	0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
	0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00,
};
static const uint8_t rsa_before[] = {
	0x30, 0x82, 0x01, 0xa2, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48,
	0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00, 0x03, 0x82, 0x01,
	0x8f, 0x00, 0x30, 0x82, 0x01, 0x8a, 0x02, 0x82, 0x01, 0x81, 0x00,
};
static const uint8_t rsa_after[] = { 0x02, 0x03, 0x01, 0x00, 0x01 };
static const uint8_t exponent[EXPONENT_LEN] = { 0x01, 0x00, 0x01 };
static const uint8_t p256_curve[] = { 0x06, 0x08, 0x2a, 0x86, 0x48,
									  0xce, 0x3d, 0x03, 0x01, 0x07 };
static const uint8_t p384_curve[] = {
	0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22
};

/** What PKCS#11 calls each type. */
static const struct key_kind {
	const char *name;
	CK_MECHANISM_TYPE generate;
	CK_MECHANISM_TYPE sign;
	/** DER of the curve's OID; NULL for RSA */
	const uint8_t *curve;
	size_t curve_len;
	const uint8_t *before;
	size_t before_len;
	/** the point, the modulus */
	size_t raw_len;
	size_t signature_len;
} kinds[] = {
	[OBOL_CLIENT_KEY_EC_P256] = { "P-256", CKM_EC_KEY_PAIR_GEN, CKM_ECDSA,
								  p256_curve, sizeof(p256_curve), p256_before,
								  sizeof(p256_before), 65, 64 },
	[OBOL_CLIENT_KEY_EC_P384] = { "P-384", CKM_EC_KEY_PAIR_GEN, CKM_ECDSA,
								  p384_curve, sizeof(p384_curve), p384_before,
								  sizeof(p384_before), 97, 96 },
	[OBOL_CLIENT_KEY_RSA_3072] = { "RSA with 3072 bits",
								   CKM_RSA_PKCS_KEY_PAIR_GEN, CKM_RSA_PKCS,
								   NULL, 0, rsa_before, sizeof(rsa_before), 384,
								   384 },
};

static const struct key_kind *kind_of(uint8_t type)
{
	return type < sizeof(kinds) / sizeof(kinds[0]) && kinds[type].name
			   ? &kinds[type]
			   : NULL;
}

/*
 * Making
 */

#define UNSUPPORTED                                                            \
	"it makes no keys of the type that this account's certificates are for; "  \
	"ask the operator for another type (obolctl account set --key-type), or "  \
	"use another token"

static enum obol_status check_kind(struct obol_pkcs11 *token,
								   const struct key_kind *kind)
{
	CK_MECHANISM_INFO info;
	CK_RV rv;

	if (!kind)
	{
		return obol_pkcs11_fail(token, OBOL_ERR_VERSION, UNSUPPORTED);
	}
	rv = token->module->C_GetMechanismInfo(token->slot, kind->generate, &info);
	if (rv == CKR_MECHANISM_INVALID ||
		(rv == CKR_OK && !kind->curve && info.ulMaxKeySize < 3072))
	{
		return obol_pkcs11_fail(token, OBOL_ERR_VERSION, UNSUPPORTED);
	}
	return rv == CKR_OK
			   ? OBOL_OK
			   : obol_pkcs11_fail_rv(token, rv, "asking what keys it makes");
}

static enum obol_status fail_to_make(struct obol_pkcs11 *token, CK_RV rv)
{
	switch (rv)
	{
		case CKR_MECHANISM_INVALID:
		case CKR_CURVE_NOT_SUPPORTED:
		case CKR_DOMAIN_PARAMS_INVALID:
		case CKR_KEY_SIZE_RANGE:
			return obol_pkcs11_fail(token, OBOL_ERR_VERSION, UNSUPPORTED);
		default:
			return obol_pkcs11_fail_rv(token, rv, "making a key pair");
	}
}

static enum obol_status new_id(struct obol_pkcs11 *token,
							   uint8_t id[OBOL_PKCS11_ID_LEN])
{
	size_t len = OBOL_PKCS11_ID_LEN - OBOL_PKCS11_ID_MARK_LEN;

	memcpy(id, OBOL_PKCS11_ID_MARK, OBOL_PKCS11_ID_MARK_LEN);
	return getrandom(id + OBOL_PKCS11_ID_MARK_LEN, len, 0) == (ssize_t)len
			   ? OBOL_OK
			   : obol_pkcs11_fail(token, OBOL_ERR_CRYPTO,
								  "no randomness for a key's name");
}

static enum obol_status generate(struct obol_pkcs11 *token,
								 const struct key_kind *kind, const uint8_t *id,
								 CK_OBJECT_HANDLE *public_key,
								 CK_OBJECT_HANDLE *private_key)
{
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_ULONG bits = 8 * kind->raw_len;
	size_t label_len = strlen(token->uri.object);
	CK_MECHANISM mechanism = { kind->generate, NULL, 0 };
	CK_ATTRIBUTE public_template[] = {
		obol_pkcs11_attribute(CKA_TOKEN, &yes, sizeof(yes)),
		obol_pkcs11_attribute(CKA_VERIFY, &yes, sizeof(yes)),
		obol_pkcs11_attribute(CKA_LABEL, token->uri.object, label_len),
		obol_pkcs11_attribute(CKA_ID, id, OBOL_PKCS11_ID_LEN),
		kind->curve
			? obol_pkcs11_attribute(CKA_EC_PARAMS, kind->curve, kind->curve_len)
			: obol_pkcs11_attribute(CKA_MODULUS_BITS, &bits, sizeof(bits)),
		obol_pkcs11_attribute(CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent)),
	};
	CK_ATTRIBUTE private_template[] = {
		obol_pkcs11_attribute(CKA_TOKEN, &yes, sizeof(yes)),
		obol_pkcs11_attribute(CKA_PRIVATE, &yes, sizeof(yes)),
		obol_pkcs11_attribute(CKA_SENSITIVE, &yes, sizeof(yes)),
		obol_pkcs11_attribute(CKA_EXTRACTABLE, &no, sizeof(no)),
		obol_pkcs11_attribute(CKA_SIGN, &yes, sizeof(yes)),
		obol_pkcs11_attribute(CKA_LABEL, token->uri.object, label_len),
		obol_pkcs11_attribute(CKA_ID, id, OBOL_PKCS11_ID_LEN),
	};
	CK_RV rv = token->module->C_GenerateKeyPair(
		token->session, &mechanism, public_template, kind->curve ? 5 : 6,
		private_template, 7, public_key, private_key);

	return rv == CKR_OK ? OBOL_OK : fail_to_make(token, rv);
}

/* A module may ignore what it was asked for. */
static enum obol_status check_kept(struct obol_pkcs11 *token,
								   CK_OBJECT_HANDLE private_key)
{
	CK_BBOOL sensitive = CK_FALSE, extractable = CK_TRUE;
	CK_ATTRIBUTE template[] = {
		{ CKA_SENSITIVE, &sensitive, sizeof(sensitive) },
		{ CKA_EXTRACTABLE, &extractable, sizeof(extractable) },
	};
	CK_RV rv = token->module->C_GetAttributeValue(token->session, private_key,
												  template, 2);

	if (rv != CKR_OK)
	{
		return obol_pkcs11_fail_rv(token, rv, "looking at the new key");
	}
	return sensitive && !extractable
			   ? OBOL_OK
			   : obol_pkcs11_fail(token, OBOL_ERR_TOKEN,
								  "it would give its private keys away; use "
								  "another token");
}

/* An EC point comes as an OCTET STRING, from some modules as it is. */
static enum obol_status read_public(struct obol_pkcs11 *token,
									const struct key_kind *kind,
									CK_OBJECT_HANDLE object,
									struct obol_pkcs11_key *key)
{
	uint8_t raw[RAW_MAX + 2];
	CK_ATTRIBUTE template = { kind->curve ? CKA_EC_POINT : CKA_MODULUS, raw,
							  sizeof(raw) };
	CK_RV rv = token->module->C_GetAttributeValue(token->session, object,
												  &template, 1);
	const uint8_t *at = raw;
	size_t len = template.ulValueLen;

	if (rv != CKR_OK)
	{
		return obol_pkcs11_fail_rv(token, rv, "reading the public key");
	}
	if (kind->curve && len == kind->raw_len + 2 && raw[0] == 0x04 &&
		raw[1] == kind->raw_len)
	{
		at += 2;
		len -= 2;
	}
	if (len != kind->raw_len || (kind->curve ? at[0] != 0x04 : at[0] < 0x80))
	{
		return obol_pkcs11_fail(token, OBOL_ERR_TOKEN,
								"the public key that it gives is none of its "
								"type");
	}
	memcpy(key->public_key, kind->before, kind->before_len);
	memcpy(key->public_key + kind->before_len, at, len);
	key->public_key_len = kind->before_len + len;
	if (!kind->curve)
	{
		memcpy(key->public_key + key->public_key_len, rsa_after,
			   sizeof(rsa_after));
		key->public_key_len += sizeof(rsa_after);
	}
	return OBOL_OK;
}

static enum obol_status make(struct obol_pkcs11 *token, uint8_t type,
							 struct obol_pkcs11_key *out)
{
	const struct key_kind *kind = kind_of(type);
	CK_OBJECT_HANDLE public_key, private_key;
	struct obol_pkcs11_key key;
	enum obol_status status = check_kind(token, kind);

	memset(&key, 0, sizeof(key));
	key.type = type;
	if (status == OBOL_OK)
	{
		status = new_id(token, key.id);
	}
	if (status == OBOL_OK)
	{
		status = generate(token, kind, key.id, &public_key, &private_key);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	status = check_kept(token, private_key);
	if (status == OBOL_OK)
	{
		status = read_public(token, kind, public_key, &key);
	}
	if (status != OBOL_OK)
	{
		(void)token->module->C_DestroyObject(token->session, private_key);
		(void)token->module->C_DestroyObject(token->session, public_key);
		return status;
	}
	*out = key;
	return OBOL_OK;
}

enum obol_status obol_pkcs11_make(struct obol_pkcs11 *token, uint8_t type,
								  struct obol_pkcs11_key *key, char *why,
								  size_t size)
{
	enum obol_status status;

	obol_pkcs11_begin(token, why, size);
	status = make(token, type, key);
	if (status == OBOL_ERR_IO)
	{
		/* it may be back */
		status = obol_pkcs11_enter(token);
		if (status == OBOL_OK)
		{
			status = make(token, type, key);
		}
	}
	return obol_pkcs11_end(token, status);
}

/*
 * Signing
 */

/* The DigestInfo's beginning (RFC 8017, 9.2, note 1). */
static const struct hash_kind {
	size_t digest_len;
	size_t before_len;
	uint8_t before[19];
} hashes[] = {
	[OBOL_PKCS11_SHA1] = { 20,
						   15,
						   { 0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e,
							 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14 } },
	[OBOL_PKCS11_SHA256] = { 32,
							 19,
							 { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86,
							   0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
							   0x00, 0x04, 0x20 } },
	[OBOL_PKCS11_SHA384] = { 48,
							 19,
							 { 0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86,
							   0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05,
							   0x00, 0x04, 0x30 } },
	[OBOL_PKCS11_SHA512] = { 64,
							 19,
							 { 0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86,
							   0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05,
							   0x00, 0x04, 0x40 } },
};

/* What the mechanism takes: a digest no longer than the group's order (FIPS
 * 186-5, 6.4), or a DigestInfo. */
static size_t put_input(const struct key_kind *kind, enum obol_pkcs11_hash hash,
						struct obol_bytes digest, uint8_t *input)
{
	size_t before = kind->curve ? 0 : hashes[hash].before_len;
	size_t len = digest.len;

	if (kind->curve && len > kind->signature_len / 2)
	{
		len = kind->signature_len / 2;
	}
	memcpy(input, hashes[hash].before, before);
	memcpy(input + before, digest.ptr, len);
	return before + len;
}

static enum obol_status find_private(struct obol_pkcs11 *token,
									 const uint8_t *id, CK_OBJECT_HANDLE *found)
{
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE template[] = {
		obol_pkcs11_attribute(CKA_CLASS, &class, sizeof(class)),
		obol_pkcs11_attribute(CKA_ID, id, OBOL_PKCS11_ID_LEN),
	};
	CK_ULONG n = 0;
	enum obol_status status =
		obol_pkcs11_find(token, template, 2, found, 1, &n);

	if (status == OBOL_OK && n == 0)
	{
		status = obol_pkcs11_fail(token, OBOL_ERR_NOT_FOUND,
								  "the key is no longer in it; somebody has "
								  "removed it, so have a new one made");
	}
	return status;
}

static enum obol_status sign(struct obol_pkcs11 *token,
							 const struct key_kind *kind, const uint8_t *id,
							 uint8_t *input, size_t input_len,
							 uint8_t *signature, size_t *len)
{
	CK_MECHANISM mechanism = { kind->sign, NULL, 0 };
	CK_ULONG n = OBOL_TOKEN_SIGNATURE_MAX;
	CK_OBJECT_HANDLE key;
	enum obol_status status = find_private(token, id, &key);
	CK_RV rv;

	if (status != OBOL_OK)
	{
		return status;
	}
	rv = token->module->C_SignInit(token->session, &mechanism, key);
	if (rv == CKR_OK)
	{
		rv = token->module->C_Sign(token->session, input, input_len, signature,
								   &n);
	}
	if (rv != CKR_OK)
	{
		return obol_pkcs11_fail_rv(token, rv, "signing");
	}
	if (n != kind->signature_len)
	{
		return obol_pkcs11_fail(token, OBOL_ERR_TOKEN,
								"its signature has a wrong length");
	}
	*len = n;
	return OBOL_OK;
}

enum obol_status obol_pkcs11_sign(struct obol_pkcs11 *token,
								  const struct obol_pkcs11_key *key,
								  enum obol_pkcs11_hash hash,
								  struct obol_bytes digest,
								  uint8_t signature[OBOL_TOKEN_SIGNATURE_MAX],
								  size_t *len, char *why, size_t size)
{
	const struct key_kind *kind = kind_of(key->type);
	uint8_t input[DIGEST_INFO_MAX];
	enum obol_status status;
	size_t input_len;

	obol_pkcs11_begin(token, why, size);
	if (!kind || hash >= sizeof(hashes) / sizeof(hashes[0]) ||
		digest.len != hashes[hash].digest_len)
	{
		return obol_pkcs11_end(token, obol_pkcs11_fail(token, OBOL_ERR_ARG,
													   "it cannot sign that"));
	}
	input_len = put_input(kind, hash, digest, input);
	status = sign(token, kind, key->id, input, input_len, signature, len);
	if (status == OBOL_ERR_IO)
	{
		status = obol_pkcs11_enter(token);
		if (status == OBOL_OK)
		{
			status =
				sign(token, kind, key->id, input, input_len, signature, len);
		}
	}
	return obol_pkcs11_end(token, status);
}
