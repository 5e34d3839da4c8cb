/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key stretching: scrypt by OpenSSL, and the identity. */
#include "pake/ksf.h"

#include <limits.h>

#include <openssl/evp.h>

/* Bytes of a scrypt block for r = 1 (RFC 7914, 5). */
#define BLOCK_LEN 128
#define SALT_LEN 16
/* The largest N that is of any use; keeps all sums below within 64 bits. */
#define LOG2_N_MAX 32
/* Working space beside the N blocks that the client lends at most. */
#define EXTRA_MAX ((uint64_t)1 << 20)

const struct obol_ksf_params obol_ksf_identity = { OBOL_KSF_IDENTITY, 0, 0, 0 };

const struct obol_ksf_params obol_ksf_default = { OBOL_KSF_SCRYPT, 15, 8, 1 };

/* N * r */
static uint64_t cost(const struct obol_ksf_params *params)
{
	return (uint64_t)params->r << params->log2_n;
}

/* Bytes beside the N blocks: p blocks, and what OpenSSL works in. */
static uint64_t extra(const struct obol_ksf_params *params)
{
	return (uint64_t)BLOCK_LEN * params->r * ((uint64_t)params->p + 2);
}

static bool scrypt_valid(const struct obol_ksf_params *params)
{
	if (params->log2_n < 1 || params->log2_n > LOG2_N_MAX || params->r < 1 ||
		params->p < 1)
	{
		return false;
	}
	/* RFC 7914, 2: N < 2^(128 * r / 8), p <= (2^32 - 1) * 32 / (128 * r) */
	if (params->log2_n >= 16 * (uint32_t)params->r ||
		(uint64_t)params->r * params->p >= (uint64_t)1 << 30)
	{
		return false;
	}
	/* OpenSSL's bounds */
	return (uint64_t)BLOCK_LEN * params->r * params->p <= INT_MAX &&
		   BLOCK_LEN * cost(params) + extra(params) <= SIZE_MAX / 2;
}

bool obol_ksf_params_valid(const struct obol_ksf_params *params)
{
	switch (params->id)
	{
		case OBOL_KSF_IDENTITY:
			return params->log2_n == 0 && params->r == 0 && params->p == 0;
		case OBOL_KSF_SCRYPT:
			return scrypt_valid(params);
	}
	return false;
}

enum obol_status obol_ksf_accept(const struct obol_ksf_params *params)
{
	if (params->id != OBOL_KSF_IDENTITY && params->id != OBOL_KSF_SCRYPT)
	{
		return OBOL_ERR_VERSION;
	}
	if (params->id == OBOL_KSF_IDENTITY || !scrypt_valid(params))
	{
		return OBOL_ERR_DENIED;
	}
	if (cost(params) < cost(&obol_ksf_default) ||
		params->p < obol_ksf_default.p || params->p > OBOL_KSF_P_MAX ||
		BLOCK_LEN * cost(params) > OBOL_KSF_MEMORY_MAX ||
		extra(params) > EXTRA_MAX)
	{
		return OBOL_ERR_DENIED;
	}
	return OBOL_OK;
}

bool obol_ksf_params_eq(const struct obol_ksf_params *a,
						const struct obol_ksf_params *b)
{
	return a->id == b->id && a->log2_n == b->log2_n && a->r == b->r &&
		   a->p == b->p;
}

static enum obol_status stretch_identity(const struct obol_ksf *ksf,
										 const struct obol_secret *in,
										 struct obol_secret *out)
{
	struct obol_bytes from = obol_secret_view(in);

	(void)ksf;
	if (from.len != obol_secret_len(out))
	{
		return OBOL_ERR_ARG;
	}
	if (from.len)
	{
		memcpy(obol_secret_ptr(out), from.ptr, from.len);
	}
	return OBOL_OK;
}

/* RFC 9807, 7: scrypt(S = zeroes(16), N = 32768, r = 8, p = 1, dkLen = 32). The
 * OPRF's output is already unique to account and server. */
static enum obol_status stretch_scrypt(const struct obol_ksf *ksf,
									   const struct obol_secret *in,
									   struct obol_secret *out)
{
	static const uint8_t salt[SALT_LEN];
	const struct obol_ksf_params *params = &ksf->params;
	struct obol_bytes pass = obol_secret_view(in);
	uint64_t memory = BLOCK_LEN * cost(params) + extra(params);

	/* OpenSSL grants 32 MiB unless told otherwise */
	if (EVP_PBE_scrypt((const char *)pass.ptr, pass.len, salt, sizeof(salt),
					   (uint64_t)1 << params->log2_n, params->r, params->p,
					   memory, obol_secret_ptr(out), obol_secret_len(out)) != 1)
	{
		/* the parameters were checked: what is left is memory */
		return OBOL_ERR_NOMEM;
	}
	return OBOL_OK;
}

enum obol_status obol_ksf_init(struct obol_ksf *ksf,
							   const struct obol_ksf_params *params)
{
	if (params->id != OBOL_KSF_IDENTITY && params->id != OBOL_KSF_SCRYPT)
	{
		return OBOL_ERR_VERSION;
	}
	if (!obol_ksf_params_valid(params))
	{
		return OBOL_ERR_ARG;
	}
	ksf->params = *params;
	ksf->stretch =
		params->id == OBOL_KSF_SCRYPT ? stretch_scrypt : stretch_identity;
	return OBOL_OK;
}
