/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Constant-time comparison and choice. */
#include "base/ct.h"
#include "base/ct_check.h"

#include <openssl/crypto.h>

bool obol_ct_eq(const void *a, const void *b, size_t len)
{
	/* public: whether a proof fits is what its reader goes by */
	return obol_ct_verdict(CRYPTO_memcmp(a, b, len) == 0);
}

void obol_ct_select(uint8_t *out, const uint8_t *a, const uint8_t *b,
					size_t len, uint8_t take)
{
	volatile uint8_t hidden = take;
	uint8_t mask = (uint8_t)(0 - hidden);
	size_t i;

	for (i = 0; i < len; i++)
	{
		out[i] = (uint8_t)((a[i] & mask) | (b[i] & (uint8_t)~mask));
	}
}
