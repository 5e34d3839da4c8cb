/* SPDX-License-Identifier: GPL-2.0-or-later */
/* expand_message_xmd with SHA-256. */
#include "group/expand.h"

#include <stdlib.h>

/* Input block of SHA-256 in bytes: s_in_bytes of RFC 9380, 5.3.1. */
#define BLOCK_LEN 64

enum obol_status obol_dst_prime(struct obol_bytes dst,
								struct obol_dst_prime *out)
{
	struct obol_bytes parts[] = {
		obol_bytes_str("H2C-OVERSIZE-DST-"),
		dst,
	};
	enum obol_status status = OBOL_OK;

	if (dst.len == 0)
	{
		return OBOL_ERR_ARG;
	}
	if (dst.len > OBOL_DST_MAX)
	{
		status = obol_sha256(parts, 2, out->bytes);
		out->len = OBOL_SHA256_LEN;
	}
	else
	{
		memcpy(out->bytes, dst.ptr, dst.len);
		out->len = dst.len;
	}
	out->bytes[out->len] = (uint8_t)out->len;
	out->len++;
	return status;
}

/* b_0 = H(Z_pad || msg || l_i_b_str || 0 || DST_prime) */
static enum obol_status first_hash(const struct obol_bytes *msg, size_t n_parts,
								   const struct obol_dst_prime *dst,
								   size_t out_len, uint8_t *b0)
{
	static const uint8_t z_pad[BLOCK_LEN];
	uint8_t l_i_b[3] = { (uint8_t)(out_len >> 8), (uint8_t)out_len, 0 };
	struct obol_bytes *parts = calloc(n_parts + 3, sizeof(*parts));
	enum obol_status status;
	size_t i;

	if (!parts)
	{
		return OBOL_ERR_NOMEM;
	}
	parts[0] = obol_bytes(z_pad, sizeof(z_pad));
	for (i = 0; i < n_parts; i++)
	{
		parts[1 + i] = msg[i];
	}
	parts[1 + i] = obol_bytes(l_i_b, sizeof(l_i_b));
	parts[2 + i] = obol_bytes(dst->bytes, dst->len);
	status = obol_sha256(parts, n_parts + 3, b0);
	free(parts);
	return status;
}

enum obol_status obol_expand_message_xmd(const struct obol_bytes *msg,
										 size_t n_parts, struct obol_bytes dst,
										 uint8_t *out, size_t out_len)
{
	uint8_t b0[OBOL_SHA256_LEN], mixed[OBOL_SHA256_LEN] = { 0 };
	uint8_t b[OBOL_SHA256_LEN] = { 0 };
	struct obol_dst_prime dst_prime;
	enum obol_status status;
	size_t done, i;
	uint8_t index = 0;

	/* RFC 9380, 5.3.1: ABORT if ell > 255 or len_in_bytes > 65535; the first
	 * bound is the lower one */
	if (out_len == 0 || out_len > OBOL_EXPAND_MAX)
	{
		return OBOL_ERR_ARG;
	}
	status = obol_dst_prime(dst, &dst_prime);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = first_hash(msg, n_parts, &dst_prime, out_len, b0);
	for (done = 0; status == OBOL_OK && done < out_len; done += i)
	{
		struct obol_bytes parts[3] = {
			obol_bytes(mixed, sizeof(mixed)),
			obol_bytes(&index, 1),
			obol_bytes(dst_prime.bytes, dst_prime.len),
		};

		/* b_i = H(strxor(b_0, b_(i - 1)) || i || DST_prime), b_0 alone first */
		for (i = 0; i < sizeof(mixed); i++)
		{
			mixed[i] = b0[i] ^ b[i];
		}
		index++;
		status = obol_sha256(parts, 3, b);
		i = out_len - done < sizeof(b) ? out_len - done : sizeof(b);
		memcpy(out + done, b, i);
	}
	obol_wipe(b0, sizeof(b0));
	obol_wipe(mixed, sizeof(mixed));
	obol_wipe(b, sizeof(b));
	return status;
}
