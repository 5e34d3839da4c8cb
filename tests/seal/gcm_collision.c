/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For a ciphertext C of one block and the block L of lengths, GCM's tag is
 * C * H^2 + L * H + E(J0) in GF(2^128). Equal tags under two keys make one
 * linear equation for C: C = (L * (H1 + H2) + E1 + E2) / (H1^2 + H2^2).
 */
#include "gcm_collision.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

struct element {
	uint8_t bytes[GCM_BLOCK_LEN];
};

static struct element add(struct element a, struct element b)
{
	size_t i;

	for (i = 0; i < GCM_BLOCK_LEN; i++)
	{
		a.bytes[i] ^= b.bytes[i];
	}
	return a;
}

/* Bit by bit, in GCM's order: the first bit is the constant term. */
static struct element multiply(struct element a, struct element b)
{
	struct element product = { { 0 } };
	size_t bit, i;

	for (bit = 0; bit < 128; bit++)
	{
		uint8_t carry = b.bytes[GCM_BLOCK_LEN - 1] & 1;

		if (a.bytes[bit / 8] >> (7 - bit % 8) & 1)
		{
			product = add(product, b);
		}
		for (i = GCM_BLOCK_LEN - 1; i > 0; i--)
		{
			b.bytes[i] = (uint8_t)(b.bytes[i] >> 1 | b.bytes[i - 1] << 7);
		}
		b.bytes[0] = (uint8_t)(b.bytes[0] >> 1 ^ (carry ? 0xe1 : 0));
	}
	return product;
}

/* a^(2^128 - 2) */
static struct element invert(struct element a)
{
	struct element result = { { 0x80 } };
	int i;

	for (i = 0; i < 127; i++)
	{
		a = multiply(a, a);
		result = multiply(result, a);
	}
	return result;
}

static struct element encrypt_block(const struct gcm_key *key,
									struct element block)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	struct element out;
	int len;

	if (!ctx ||
		!EVP_EncryptInit_ex(ctx, EVP_aes_256_ecb(), NULL, key->key, NULL) ||
		!EVP_EncryptUpdate(ctx, out.bytes, &len, block.bytes, GCM_BLOCK_LEN) ||
		len != GCM_BLOCK_LEN)
	{
		abort();
	}
	EVP_CIPHER_CTX_free(ctx);
	return out;
}

static struct element first_counter(const struct gcm_key *key)
{
	struct element block = { { 0 } };

	memcpy(block.bytes, key->nonce, 12);
	block.bytes[15] = 1;
	return block;
}

void gcm_collide(const struct gcm_key *a, const struct gcm_key *b,
				 uint8_t ciphertext[GCM_BLOCK_LEN], uint8_t tag[GCM_BLOCK_LEN])
{
	struct element zero = { { 0 } }, lengths = { { 0 } };
	struct element h1 = encrypt_block(a, zero), h2 = encrypt_block(b, zero);
	struct element e1 = encrypt_block(a, first_counter(a));
	struct element e2 = encrypt_block(b, first_counter(b));
	struct element c, t;

	lengths.bytes[15] = 8 * GCM_BLOCK_LEN;
	c = add(multiply(lengths, add(h1, h2)), add(e1, e2));
	c = multiply(c, invert(add(multiply(h1, h1), multiply(h2, h2))));
	t = multiply(add(multiply(c, h1), lengths), h1);
	t = add(t, e1);
	memcpy(ciphertext, c.bytes, GCM_BLOCK_LEN);
	memcpy(tag, t.bytes, GCM_BLOCK_LEN);
}

bool gcm_opens(const struct gcm_key *key,
			   const uint8_t ciphertext[GCM_BLOCK_LEN],
			   const uint8_t tag[GCM_BLOCK_LEN])
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t out[GCM_BLOCK_LEN], expected[GCM_BLOCK_LEN];
	int len;
	bool opens;

	memcpy(expected, tag, sizeof(expected));
	opens = ctx &&
			EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->key,
							   key->nonce) &&
			EVP_DecryptUpdate(ctx, out, &len, ciphertext, GCM_BLOCK_LEN) &&
			EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, GCM_BLOCK_LEN,
								expected) &&
			EVP_DecryptFinal_ex(ctx, out + len, &len) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return opens;
}
