/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Constant-time comparison. */
#include "base/ct.h"
#include "base/ct_check.h"

#include <openssl/crypto.h>

bool obol_ct_eq(const void *a, const void *b, size_t len)
{
	/* public: whether a proof fits is what its reader goes by */
	return obol_ct_verdict(CRYPTO_memcmp(a, b, len) == 0);
}
