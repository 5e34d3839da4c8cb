/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system's random generator. */
#include "base/rng.h"
#include "base/ct_check.h"

#include <limits.h>

#include <openssl/rand.h>

static enum obol_status fill_system(struct obol_rng *rng, uint8_t *out,
									size_t len)
{
	(void)rng;
	if (len > INT_MAX || RAND_priv_bytes(out, (int)len) != 1)
	{
		return OBOL_ERR_CRYPTO;
	}
	return OBOL_OK;
}

/* Read only after start-up: it holds a function pointer, no state. */
static struct obol_rng system_rng = { fill_system, NULL };

struct obol_rng *obol_rng_system(void)
{
	return &system_rng;
}

enum obol_status obol_rng_fill(struct obol_rng *rng, void *out, size_t len)
{
	return rng->fill(rng, out, len);
}

enum obol_status obol_rng_secret(struct obol_rng *rng, size_t len,
								 struct obol_secret **out)
{
	struct obol_secret *secret = obol_secret_new(len);
	enum obol_status status;

	if (!secret)
	{
		return OBOL_ERR_NOMEM;
	}
	status = obol_rng_fill(rng, obol_secret_ptr(secret), len);
	if (status != OBOL_OK)
	{
		obol_secret_free(secret);
		return status;
	}
	obol_ct_secret(obol_secret_ptr(secret), len);
	*out = secret;
	return OBOL_OK;
}
