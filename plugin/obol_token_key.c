/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private keys whose signatures a hardware token makes. */

#include "obol_token_key.h"

#include <asn1/asn1.h>
#include <utils/debug.h>

typedef struct private_obol_token_key_t private_obol_token_key_t;

/**
 * Private data of such a key.
 */
struct private_obol_token_key_t {

	/**
	 * Public private_key_t interface.
	 */
	private_key_t public;

	/**
	 * Token
	 */
	obol_token_t *token;

	/**
	 * Key pair in it
	 */
	struct obol_pkcs11_key key;

	/**
	 * The same public key as an object of strongSwan's
	 */
	public_key_t *pubkey;

	/**
	 * TRUE if it has been replaced
	 */
	bool retired;

	/**
	 * Reference counter
	 */
	refcount_t ref;
};

/**
 * What can be signed
 */
static const struct {
	signature_scheme_t scheme;
	hash_algorithm_t hash;
	enum obol_pkcs11_hash token_hash;
	/** type of the key, and its size if the scheme asks for one */
	key_type_t type;
	int keysize;
	/** r and s go into a SEQUENCE */
	bool der;
} schemes[] = {
	{ SIGN_ECDSA_256, HASH_SHA256, OBOL_PKCS11_SHA256,
		KEY_ECDSA, 256, FALSE },
	{ SIGN_ECDSA_384, HASH_SHA384, OBOL_PKCS11_SHA384,
		KEY_ECDSA, 384, FALSE },
	{ SIGN_ECDSA_WITH_SHA256_DER, HASH_SHA256, OBOL_PKCS11_SHA256,
		KEY_ECDSA, 0, TRUE },
	{ SIGN_ECDSA_WITH_SHA384_DER, HASH_SHA384, OBOL_PKCS11_SHA384,
		KEY_ECDSA, 0, TRUE },
	{ SIGN_ECDSA_WITH_SHA512_DER, HASH_SHA512, OBOL_PKCS11_SHA512,
		KEY_ECDSA, 0, TRUE },
	{ SIGN_RSA_EMSA_PKCS1_SHA1, HASH_SHA1, OBOL_PKCS11_SHA1,
		KEY_RSA, 0, FALSE },
	{ SIGN_RSA_EMSA_PKCS1_SHA2_256, HASH_SHA256, OBOL_PKCS11_SHA256,
		KEY_RSA, 0, FALSE },
	{ SIGN_RSA_EMSA_PKCS1_SHA2_384, HASH_SHA384, OBOL_PKCS11_SHA384,
		KEY_RSA, 0, FALSE },
	{ SIGN_RSA_EMSA_PKCS1_SHA2_512, HASH_SHA512, OBOL_PKCS11_SHA512,
		KEY_RSA, 0, FALSE },
};

/**
 * Index of a scheme that this key can sign with, -1 if it can not
 */
static int find_scheme(private_obol_token_key_t *this,
					   signature_scheme_t scheme)
{
	public_key_t *pubkey = this->pubkey;
	int i;

	for (i = 0; i < (int)countof(schemes); i++)
	{
		if (schemes[i].scheme == scheme &&
			schemes[i].type == pubkey->get_type(pubkey) &&
			(!schemes[i].keysize ||
			 schemes[i].keysize == pubkey->get_keysize(pubkey)))
		{
			return i;
		}
	}
	return -1;
}

METHOD(private_key_t, get_type, key_type_t,
	private_obol_token_key_t *this)
{
	return this->pubkey->get_type(this->pubkey);
}

METHOD(private_key_t, get_keysize, int,
	private_obol_token_key_t *this)
{
	return this->pubkey->get_keysize(this->pubkey);
}

CALLBACK(filter_schemes, bool,
	private_obol_token_key_t *this, enumerator_t *orig, va_list args)
{
	signature_params_t *params, **out;

	VA_ARGS_VGET(args, out);
	while (orig->enumerate(orig, &params))
	{
		if (find_scheme(this, params->scheme) >= 0)
		{
			*out = params;
			return TRUE;
		}
	}
	return FALSE;
}

METHOD(private_key_t, supported_signature_schemes, enumerator_t*,
	private_obol_token_key_t *this)
{
	return enumerator_create_filter(
				signature_schemes_for_key(get_type(this), get_keysize(this)),
				filter_schemes, this, NULL);
}

/**
 * Hash what is to be signed
 */
static bool hash(hash_algorithm_t algorithm, chunk_t data, chunk_t *digest)
{
	hasher_t *hasher = lib->crypto->create_hasher(lib->crypto, algorithm);
	bool done;

	if (!hasher)
	{
		DBG1(DBG_LIB, "obol: hash algorithm %N is not there",
			 hash_algorithm_names, algorithm);
		return FALSE;
	}
	done = hasher->allocate_hash(hasher, data, digest);
	hasher->destroy(hasher);
	return done;
}

/**
 * r and s as a SEQUENCE of INTEGERs; the raw ones are adopted
 */
static chunk_t to_der(chunk_t raw)
{
	chunk_t r, s, der;

	r = chunk_create(raw.ptr, raw.len / 2);
	s = chunk_create(raw.ptr + raw.len / 2, raw.len / 2);
	der = asn1_wrap(ASN1_SEQUENCE, "mm",
					asn1_integer("c", chunk_skip_zero(r)),
					asn1_integer("c", chunk_skip_zero(s)));
	chunk_free(&raw);
	return der;
}

METHOD(private_key_t, sign, bool,
	private_obol_token_key_t *this, signature_scheme_t scheme, void *params,
	chunk_t data, chunk_t *signature)
{
	chunk_t digest = chunk_empty;
	int i = find_scheme(this, scheme);
	bool done;

	if (i < 0)
	{
		DBG1(DBG_LIB, "obol: a key in a token does not sign with scheme %N",
			 signature_scheme_names, scheme);
		return FALSE;
	}
	done = hash(schemes[i].hash, data, &digest) &&
		   this->token->sign(this->token, &this->key, schemes[i].token_hash,
							 digest, signature);
	chunk_free(&digest);
	if (done && schemes[i].der)
	{
		*signature = to_der(*signature);
	}
	return done;
}

METHOD(private_key_t, get_public_key, public_key_t*,
	private_obol_token_key_t *this)
{
	return this->pubkey->get_ref(this->pubkey);
}

METHOD(private_key_t, get_fingerprint, bool,
	private_obol_token_key_t *this, cred_encoding_type_t type,
	chunk_t *fingerprint)
{
	return this->pubkey->get_fingerprint(this->pubkey, type, fingerprint);
}

METHOD(private_key_t, get_ref, private_key_t*,
	private_obol_token_key_t *this)
{
	ref_get(&this->ref);
	return &this->public;
}

METHOD(private_key_t, destroy, void,
	private_obol_token_key_t *this)
{
	if (ref_put(&this->ref))
	{
		this->token->end_key(this->token, &this->key, this->retired);
		this->token->destroy(this->token);
		this->pubkey->destroy(this->pubkey);
		free(this);
	}
}

/*
 * see header file
 */
void obol_token_key_retire(private_key_t *key)
{
	private_obol_token_key_t *this = (private_obol_token_key_t*)key;

	this->retired = TRUE;
}

/*
 * see header file
 */
private_key_t *obol_token_key_create(obol_token_t *token,
									 const struct obol_pkcs11_key *key)
{
	private_obol_token_key_t *this;
	public_key_t *pubkey;

	pubkey = lib->creds->create(lib->creds, CRED_PUBLIC_KEY, KEY_ANY,
						BUILD_BLOB_ASN1_DER,
						chunk_create((u_char*)key->public_key,
									 key->public_key_len), BUILD_END);
	if (!pubkey)
	{
		DBG1(DBG_CFG, "obol: a token's public key can not be decoded, is one "
			 "of the plugins openssl and pkcs1 loaded?");
		return NULL;
	}
	INIT(this,
		.public = {
			.get_type = _get_type,
			.supported_signature_schemes = _supported_signature_schemes,
			.sign = _sign,
			/* it differs between versions; nothing is decrypted here */
			.decrypt = (void*)return_false,
			.get_keysize = _get_keysize,
			.get_public_key = _get_public_key,
			.equals = private_key_equals,
			.belongs_to = private_key_belongs_to,
			.get_fingerprint = _get_fingerprint,
			.has_fingerprint = private_key_has_fingerprint,
			/* it does not leave the token */
			.get_encoding = (void*)return_false,
			.get_ref = _get_ref,
			.destroy = _destroy,
		},
		.token = token->get_ref(token),
		.key = *key,
		.pubkey = pubkey,
		.ref = 1,
	);
	return &this->public;
}
