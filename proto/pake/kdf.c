/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HKDF-SHA-256 and HMAC-SHA-256. */
#include "pake/kdf.h"
#include "base/ct.h"
#include "group/fixed.h"

static enum obol_status hmac(struct obol_bytes key,
							 const struct obol_bytes *parts, size_t n_parts,
							 uint8_t *out)
{
	static const uint8_t no_key[1];
	const struct obol_fixed *fixed = obol_fixed();
	EVP_MAC_CTX *ctx = fixed ? EVP_MAC_CTX_dup(fixed->hmac) : NULL;
	enum obol_status status = OBOL_ERR_CRYPTO;
	size_t i, len;

	/* OpenSSL takes NULL for "the key that was set before" */
	if (!ctx ||
		EVP_MAC_init(ctx, key.len ? key.ptr : no_key, key.len, NULL) != 1)
	{
		goto out;
	}
	for (i = 0; i < n_parts; i++)
	{
		if (parts[i].len &&
			EVP_MAC_update(ctx, parts[i].ptr, parts[i].len) != 1)
		{
			goto out;
		}
	}
	if (EVP_MAC_final(ctx, out, &len, OBOL_HMAC_LEN) == 1)
	{
		status = OBOL_OK;
	}
out:
	EVP_MAC_CTX_free(ctx);
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
