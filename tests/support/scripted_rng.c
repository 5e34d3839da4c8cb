/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A random generator that gives what the test wrote down. */
#include "support/scripted_rng.h"
#include "support/hex.h"

#include <stdarg.h>
#include <stdlib.h>

static enum obol_status fill_scripted(struct obol_rng *rng, uint8_t *out,
									  size_t len)
{
	struct scripted_rng *this = rng->ctx;

	if (len > this->len - this->used)
	{
		return OBOL_ERR_CRYPTO;
	}
	memcpy(out, this->script + this->used, len);
	this->used += len;
	return OBOL_OK;
}

void scripted_rng_init(struct scripted_rng *rng, ...)
{
	const char *text;
	va_list texts;

	memset(rng, 0, sizeof(*rng));
	rng->rng.fill = fill_scripted;
	rng->rng.ctx = rng;
	va_start(texts, rng);
	while ((text = va_arg(texts, const char *)))
	{
		size_t len = hex_decode(text, rng->script + rng->len,
								sizeof(rng->script) - rng->len);

		if (len == SIZE_MAX)
		{
			abort();
		}
		rng->len += len;
	}
	va_end(texts);
}

void scripted_rng_add(struct scripted_rng *rng, struct obol_bytes bytes)
{
	if (bytes.len > sizeof(rng->script) - rng->len)
	{
		abort();
	}
	memcpy(rng->script + rng->len, bytes.ptr, bytes.len);
	rng->len += bytes.len;
}
