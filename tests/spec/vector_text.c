/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of vectors, and random numbers that become lines. */
#include "spec/vector_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "support/hex.h"

static const char seed[] = "Obol wire vectors";

void vector_fault(const char *file, int line, const char *what)
{
	(void)fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	exit(1);
}

/*
 * Lines
 */

static void put(struct vector_text *out, const char *text)
{
	obol_write_bytes(&out->w, obol_bytes_str(text));
}

void vector_comment(struct vector_text *out, const char *text)
{
	put(out, "# ");
	put(out, text);
	put(out, "\n");
}

void vector_section(struct vector_text *out, const char *name)
{
	put(out, "\n[");
	put(out, name);
	put(out, "]\n");
}

void vector_bytes(struct vector_text *out, const char *name,
				  struct obol_bytes bytes)
{
	char *text = hex_encode(bytes);

	put(out, out->prefix ? out->prefix : "");
	put(out, name);
	put(out, " =");
	put(out, bytes.len ? " " : "");
	put(out, text);
	put(out, "\n");
	free(text);
}

void vector_secret(struct vector_text *out, const char *name,
				   const struct obol_secret *secret)
{
	vector_bytes(out, name, obol_secret_view(secret));
}

void vector_number(struct vector_text *out, const char *name, uint64_t number,
				   size_t len)
{
	uint8_t bytes[8];
	size_t i;

	for (i = 0; i < len; i++)
	{
		bytes[len - 1 - i] = (uint8_t)(number >> 8 * i);
	}
	vector_bytes(out, name, obol_bytes(bytes, len));
}

/*
 * Draws
 */

static void hmac(struct vector_rng *this, uint8_t mac[EVP_MAX_MD_SIZE])
{
	uint8_t message[64];
	size_t len = strlen(this->side);
	int i;

	must(len + 4 <= sizeof(message));
	memcpy(message, this->side, len);
	for (i = 24; i >= 0; i -= 8)
	{
		message[len++] = (uint8_t)(this->n >> i);
	}
	must(HMAC(EVP_sha256(), seed, (int)strlen(seed), message, len, mac, NULL));
	this->n++;
}

static enum obol_status fill_named(struct obol_rng *rng, uint8_t *bytes,
								   size_t len)
{
	struct vector_rng *this = rng->ctx;
	uint8_t mac[EVP_MAX_MD_SIZE];
	size_t i = this->n_drawn;

	must(i < this->n_names && len <= VECTOR_DRAW_MAX);
	hmac(this, mac);
	memcpy(bytes, mac, len);
	memcpy(this->drawn[i], mac, len);
	vector_bytes(this->out, this->names[i], obol_bytes(mac, len));
	this->n_drawn++;
	return OBOL_OK;
}

void vector_rng_init(struct vector_rng *rng, const char *side)
{
	memset(rng, 0, sizeof(*rng));
	rng->rng.fill = fill_named;
	rng->rng.ctx = rng;
	rng->side = side;
}

void vector_rng_expect(struct vector_rng *rng, struct vector_text *out, ...)
{
	const char *name;
	va_list names;

	must(rng->n_drawn == rng->n_names);
	rng->out = out;
	rng->n_drawn = rng->n_names = 0;
	va_start(names, out);
	while ((name = va_arg(names, const char *)))
	{
		must(rng->n_names < VECTOR_DRAWS);
		rng->names[rng->n_names++] = name;
	}
	va_end(names);
}

void vector_rng_draw(struct vector_rng *rng, struct vector_text *out,
					 const char *name, void *bytes, size_t len)
{
	vector_rng_expect(rng, out, name, NULL);
	must(obol_rng_fill(&rng->rng, bytes, len) == OBOL_OK);
}
