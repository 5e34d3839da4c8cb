/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 over bytes that lie in several places. */
#include "group/sha256.h"
#include "group/fixed.h"

enum obol_status obol_sha256(const struct obol_bytes *parts, size_t n_parts,
							 uint8_t out[OBOL_SHA256_LEN])
{
	const struct obol_fixed *fixed = obol_fixed();
	EVP_MD_CTX *ctx = fixed ? EVP_MD_CTX_new() : NULL;
	enum obol_status status = OBOL_ERR_CRYPTO;
	size_t i;

	if (!ctx || EVP_DigestInit_ex(ctx, fixed->sha256, NULL) != 1)
	{
		goto out;
	}
	for (i = 0; i < n_parts; i++)
	{
		if (parts[i].len &&
			EVP_DigestUpdate(ctx, parts[i].ptr, parts[i].len) != 1)
		{
			goto out;
		}
	}
	if (EVP_DigestFinal_ex(ctx, out, NULL) == 1)
	{
		status = OBOL_OK;
	}
out:
	EVP_MD_CTX_free(ctx);
	return status;
}
