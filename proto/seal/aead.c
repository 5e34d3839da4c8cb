/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Salted and committing authenticated encryption. */
#include "seal/aead.h"

#include <limits.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "base/ct.h"
#include "base/ct_check.h"
#include "base/reader.h"
#include "pake/kdf.h"

#define KEY_LEN 32
#define NONCE_LEN 12

/* What HKDF gives for one seal, in this order. */
struct seal_keys {
	/** KEY_LEN | NONCE_LEN | OBOL_SEAL_COMMITMENT_LEN */
	struct obol_secret *okm;
	const uint8_t *key;
	const uint8_t *nonce;
	const uint8_t *commitment;
};

static enum obol_status seal_keys_init(struct seal_keys *keys,
									   const struct obol_secret *key,
									   const char *label, struct obol_bytes ad,
									   struct obol_bytes salt)
{
	/* the label with its final zero, which parts it from what follows */
	struct obol_bytes info[] = { obol_bytes(label, strlen(label) + 1), ad };
	struct obol_secret *prk = NULL;
	enum obol_status status = OBOL_ERR_NOMEM;

	memset(keys, 0, sizeof(*keys));
	keys->okm = obol_secret_new(KEY_LEN + NONCE_LEN + OBOL_SEAL_COMMITMENT_LEN);
	if (!keys->okm)
	{
		goto out;
	}
	keys->key = obol_secret_ptr(keys->okm);
	keys->nonce = keys->key + KEY_LEN;
	keys->commitment = keys->nonce + NONCE_LEN;
	status = obol_hkdf_extract(salt, key, &prk);
	if (status == OBOL_OK)
	{
		status = obol_hkdf_expand_parts(prk, info, 2, keys->okm);
	}
out:
	obol_secret_free(prk);
	return status;
}

static void seal_keys_clear(struct seal_keys *keys)
{
	obol_secret_free(keys->okm);
	memset(keys, 0, sizeof(*keys));
}

/* Ciphertext and tag, one behind the other, to out. */
static enum obol_status encrypt(const struct seal_keys *keys,
								struct obol_bytes plaintext, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	enum obol_status status = OBOL_ERR_CRYPTO;
	int len, rest;

	if (!ctx ||
		!EVP_EncryptInit_ex2(ctx, EVP_aes_256_gcm(), keys->key, keys->nonce,
							 NULL) ||
		!EVP_EncryptUpdate(ctx, out, &len, plaintext.ptr, (int)plaintext.len) ||
		!EVP_EncryptFinal_ex(ctx, out + len, &rest) ||
		(size_t)len + (size_t)rest != plaintext.len ||
		!EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, OBOL_SEAL_TAG_LEN,
							 out + plaintext.len))
	{
		goto out;
	}
	status = OBOL_OK;
out:
	EVP_CIPHER_CTX_free(ctx);
	return status;
}

/* Nothing of out is to be used unless this returns OK. */
static enum obol_status decrypt(const struct seal_keys *keys,
								struct obol_bytes ciphertext,
								struct obol_bytes tag, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t expected[OBOL_SEAL_TAG_LEN];
	enum obol_status status = OBOL_ERR_CRYPTO;
	int len, rest;

	memcpy(expected, tag.ptr, sizeof(expected));
	if (!ctx ||
		!EVP_DecryptInit_ex2(ctx, EVP_aes_256_gcm(), keys->key, keys->nonce,
							 NULL) ||
		!EVP_DecryptUpdate(ctx, out, &len, ciphertext.ptr,
						   (int)ciphertext.len) ||
		!EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, OBOL_SEAL_TAG_LEN,
							 expected))
	{
		goto out;
	}
	status = EVP_DecryptFinal_ex(ctx, out + len, &rest) == 1 ? OBOL_OK
															 : OBOL_ERR_AUTH;
out:
	EVP_CIPHER_CTX_free(ctx);
	return status;
}

enum obol_status obol_aead_seal(struct obol_rng *rng,
								const struct obol_secret *key,
								const char *label, struct obol_bytes ad,
								const struct obol_secret *plaintext,
								struct obol_writer *out)
{
	struct obol_bytes text = obol_secret_view(plaintext);
	struct seal_keys keys = { NULL, NULL, NULL, NULL };
	uint8_t salt[OBOL_SEAL_SALT_LEN];
	uint8_t *sealed = NULL;
	enum obol_status status = OBOL_ERR_ARG;

	if (text.len > INT_MAX - OBOL_SEAL_TAG_LEN)
	{
		goto out;
	}
	status = obol_rng_fill(rng, salt, sizeof(salt));
	if (status == OBOL_OK)
	{
		status = seal_keys_init(&keys, key, label, ad,
								obol_bytes(salt, sizeof(salt)));
	}
	if (status != OBOL_OK)
	{
		goto out;
	}
	sealed = malloc(text.len + OBOL_SEAL_TAG_LEN);
	status = sealed ? encrypt(&keys, text, sealed) : OBOL_ERR_NOMEM;
	if (status != OBOL_OK)
	{
		goto out;
	}
	/* public: what a seal consists of goes to the server */
	obol_ct_public(keys.commitment, OBOL_SEAL_COMMITMENT_LEN);
	obol_ct_public(sealed, text.len + OBOL_SEAL_TAG_LEN);
	obol_write_bytes(out, obol_bytes(salt, sizeof(salt)));
	obol_write_bytes(out,
					 obol_bytes(keys.commitment, OBOL_SEAL_COMMITMENT_LEN));
	obol_write_bytes(out, obol_bytes(sealed, text.len + OBOL_SEAL_TAG_LEN));
	status = obol_writer_status(out);
out:
	free(sealed);
	seal_keys_clear(&keys);
	return status;
}

enum obol_status obol_aead_open(const struct obol_secret *key,
								const char *label, struct obol_bytes ad,
								struct obol_bytes sealed,
								struct obol_secret **plaintext)
{
	struct obol_reader r = obol_reader_over(sealed);
	struct seal_keys keys = { NULL, NULL, NULL, NULL };
	struct obol_bytes salt, commitment, ciphertext, tag;
	struct obol_secret *opened = NULL;
	enum obol_status status = OBOL_ERR_FORMAT;

	if (sealed.len < OBOL_SEAL_OVERHEAD || sealed.len > INT_MAX)
	{
		goto out;
	}
	salt = obol_read_fixed(&r, OBOL_SEAL_SALT_LEN);
	commitment = obol_read_fixed(&r, OBOL_SEAL_COMMITMENT_LEN);
	ciphertext = obol_read_fixed(&r, sealed.len - OBOL_SEAL_OVERHEAD);
	tag = obol_read_fixed(&r, OBOL_SEAL_TAG_LEN);
	status = obol_read_end(&r);
	if (status == OBOL_OK)
	{
		status = seal_keys_init(&keys, key, label, ad, salt);
	}
	if (status != OBOL_OK)
	{
		goto out;
	}
	/* GCM alone would open one ciphertext under two keys made for it */
	if (!obol_ct_eq(commitment.ptr, keys.commitment, OBOL_SEAL_COMMITMENT_LEN))
	{
		status = OBOL_ERR_AUTH;
		goto out;
	}
	opened = obol_secret_new(ciphertext.len);
	status = opened ? decrypt(&keys, ciphertext, tag, obol_secret_ptr(opened))
					: OBOL_ERR_NOMEM;
	if (status != OBOL_OK)
	{
		goto out;
	}
	*plaintext = opened;
	opened = NULL; /* moved to the caller */
out:
	obol_secret_free(opened);
	seal_keys_clear(&keys);
	return status;
}
