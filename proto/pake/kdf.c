/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HKDF-SHA-256 and HMAC-SHA-256. */
#include "pake/kdf.h"
#include "base/ct.h"
#include "group/fixed.h"

/** SHA-256's block in bytes (RFC 2104, 2: B). */
#define BLOCK_LEN 64
#define INNER_PAD 0x36
#define OUTER_PAD 0x5c

/* K of RFC 2104, 2, XORed with the inner pad. */
static enum obol_status pad_key(struct obol_bytes key, uint8_t block[BLOCK_LEN])
{
	enum obol_status status = OBOL_OK;
	size_t i;

	memset(block, 0, BLOCK_LEN);
	if (key.len > BLOCK_LEN)
	{
		status = obol_sha256(&key, 1, block);
	}
	else if (key.len)
	{
		memcpy(block, key.ptr, key.len);
	}
	for (i = 0; i < BLOCK_LEN; i++)
	{
		block[i] ^= INNER_PAD;
	}
	return status;
}

/* Hash(block || parts) */
static bool hash_behind(EVP_MD_CTX *ctx, const EVP_MD *sha256,
						const uint8_t block[BLOCK_LEN],
						const struct obol_bytes *parts, size_t n_parts,
						uint8_t hash[OBOL_HMAC_LEN])
{
	size_t i;

	if (EVP_DigestInit_ex(ctx, sha256, NULL) != 1 ||
		EVP_DigestUpdate(ctx, block, BLOCK_LEN) != 1)
	{
		return false;
	}
	for (i = 0; i < n_parts; i++)
	{
		if (parts[i].len &&
			EVP_DigestUpdate(ctx, parts[i].ptr, parts[i].len) != 1)
		{
			return false;
		}
	}
	return EVP_DigestFinal_ex(ctx, hash, NULL) == 1;
}

/* A login takes dozens of them, most over a block or two. OpenSSL's own HMAC
 * copies digests for each, on the heap, and costs nearly three times as much.
 */
static enum obol_status hmac(struct obol_bytes key,
							 const struct obol_bytes *parts, size_t n_parts,
							 uint8_t *out)
{
	const struct obol_fixed *fixed = obol_fixed();
	EVP_MD_CTX *ctx = fixed ? EVP_MD_CTX_new() : NULL;
	uint8_t block[BLOCK_LEN], hash[OBOL_HMAC_LEN] = { 0 };
	struct obol_bytes hashed = obol_bytes(hash, sizeof(hash));
	enum obol_status status = OBOL_ERR_CRYPTO;
	size_t i;

	if (!ctx || pad_key(key, block) != OBOL_OK ||
		!hash_behind(ctx, fixed->sha256, block, parts, n_parts, hash))
	{
		goto out;
	}
	for (i = 0; i < BLOCK_LEN; i++)
	{
		block[i] ^= INNER_PAD ^ OUTER_PAD;
	}
	if (hash_behind(ctx, fixed->sha256, block, &hashed, 1, out))
	{
		status = OBOL_OK;
	}
out:
	obol_wipe(block, sizeof(block));
	obol_wipe(hash, sizeof(hash));
	EVP_MD_CTX_free(ctx);
	return status;
}

enum obol_status obol_keyed_hash(struct obol_bytes key, struct obol_bytes in,
								 uint8_t out[OBOL_HMAC_LEN])
{
	return hmac(key, &in, 1, out);
}

enum obol_status obol_hmac_sha256(const struct obol_secret *key,
								  const struct obol_bytes *parts,
								  size_t n_parts, uint8_t out[OBOL_HMAC_LEN])
{
	return hmac(obol_secret_view(key), parts, n_parts, out);
}

enum obol_status obol_hmac_sha256_verify(const struct obol_secret *key,
										 const struct obol_bytes *parts,
										 size_t n_parts, struct obol_bytes mac)
{
	uint8_t expected[OBOL_HMAC_LEN];
	enum obol_status status;

	status = obol_hmac_sha256(key, parts, n_parts, expected);
	if (status == OBOL_OK && (mac.len != sizeof(expected) ||
							  !obol_ct_eq(mac.ptr, expected, sizeof(expected))))
	{
		status = OBOL_ERR_AUTH;
	}
	obol_wipe(expected, sizeof(expected));
	return status;
}

enum obol_status obol_hkdf_extract(struct obol_bytes salt,
								   const struct obol_secret *ikm,
								   struct obol_secret **prk)
{
	/* RFC 5869, 2.2: no salt is a string of HashLen zeros, which HMAC pads an
	 * empty key to as well */
	struct obol_secret *key = obol_secret_new(OBOL_HMAC_LEN);
	struct obol_bytes part = obol_secret_view(ikm);
	enum obol_status status = OBOL_ERR_NOMEM;

	if (key)
	{
		status = hmac(salt, &part, 1, obol_secret_ptr(key));
	}
	if (status == OBOL_OK)
	{
		*prk = key;
		key = NULL; /* moved to the caller */
	}
	obol_secret_free(key);
	return status;
}

enum obol_status obol_hkdf_expand_parts(const struct obol_secret *prk,
										const struct obol_bytes *info,
										size_t n_parts, struct obol_secret *out)
{
	struct obol_bytes parts[OBOL_HKDF_PARTS_MAX + 2];
	uint8_t block[OBOL_HMAC_LEN];
	uint8_t *to = obol_secret_ptr(out);
	size_t len = obol_secret_len(out);
	enum obol_status status = OBOL_OK;
	size_t done, n;
	uint8_t index = 0;

	if (len == 0 || len > OBOL_HKDF_EXPAND_MAX ||
		n_parts > OBOL_HKDF_PARTS_MAX || obol_secret_len(prk) < OBOL_HMAC_LEN)
	{
		return OBOL_ERR_ARG;
	}
	parts[0] = obol_bytes(block, 0);
	for (n = 0; n < n_parts; n++)
	{
		parts[1 + n] = info[n];
	}
	parts[1 + n_parts] = obol_bytes(&index, 1);
	for (done = 0; status == OBOL_OK && done < len; done += n)
	{
		index++;
		status = obol_hmac_sha256(prk, parts, n_parts + 2, block);
		parts[0].len = sizeof(block);
		n = len - done < sizeof(block) ? len - done : sizeof(block);
		memcpy(to + done, block, n);
	}
	obol_wipe(block, sizeof(block));
	return status;
}

enum obol_status obol_hkdf_expand(const struct obol_secret *prk,
								  struct obol_bytes info,
								  struct obol_secret *out)
{
	return obol_hkdf_expand_parts(prk, &info, 1, out);
}
