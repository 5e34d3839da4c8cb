/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Codes: the public number, the secrets, and whether they are spent. */
#include "transfer/code.h"

#include <stdlib.h>

#include "base/rng.h"
#include "transfer/digits.h"
#include "transfer/link.h"

struct obol_transfer_code {
	uint32_t number;
	enum obol_transfer_secret kind;
	bool is_made_here;
	bool is_spent;
	uint64_t made_ms;
	/** OBOL_TRANSFER_SECRET_DIGITS digits; NULL in a typed link */
	struct obol_secret *spoken;
	/** OBOL_TRANSFER_LINK_SECRET_LEN bytes; NULL in a typed code */
	struct obol_secret *linked;
};

enum obol_status obol_transfer_code_new(struct obol_rng *rng, uint64_t now_ms,
										struct obol_transfer_code **out)
{
	struct obol_transfer_code *code = calloc(1, sizeof(*code));
	struct obol_rng *source = rng ? rng : obol_rng_system();
	enum obol_status status = OBOL_ERR_NOMEM;

	if (!code)
	{
		return status;
	}
	code->kind = OBOL_TRANSFER_SPOKEN;
	code->is_made_here = true;
	code->made_ms = now_ms;
	status = obol_digits_number(source, &code->number);
	if (status == OBOL_OK)
	{
		status = obol_digits_secret(source, &code->spoken);
	}
	if (status == OBOL_OK)
	{
		status = obol_rng_secret(source, OBOL_TRANSFER_LINK_SECRET_LEN,
								 &code->linked);
	}
	if (status != OBOL_OK)
	{
		obol_transfer_code_free(code);
		return status;
	}
	*out = code;
	return OBOL_OK;
}

enum obol_status obol_transfer_code_parse(struct obol_bytes text,
										  uint64_t now_ms,
										  struct obol_transfer_code **out,
										  struct obol_transfer_place *places,
										  size_t *n_places)
{
	struct obol_transfer_code *code = calloc(1, sizeof(*code));
	enum obol_status status = OBOL_ERR_NOMEM;

	if (!code)
	{
		return status;
	}
	*n_places = 0;
	code->made_ms = now_ms;
	if (obol_link_is_one(text))
	{
		code->kind = OBOL_TRANSFER_LINKED;
		status = obol_link_parse(text, &code->number, &code->linked, places,
								 n_places);
	}
	else
	{
		code->kind = OBOL_TRANSFER_SPOKEN;
		status = obol_digits_parse(text, &code->number, &code->spoken);
	}
	if (status != OBOL_OK)
	{
		obol_transfer_code_free(code);
		return status;
	}
	*out = code;
	return OBOL_OK;
}

void obol_transfer_code_free(struct obol_transfer_code *code)
{
	if (code)
	{
		obol_secret_free(code->spoken);
		obol_secret_free(code->linked);
		free(code);
	}
}

uint32_t obol_transfer_code_number(const struct obol_transfer_code *code)
{
	return code->number;
}

enum obol_status obol_transfer_code_text(const struct obol_transfer_code *code,
										 struct obol_secret **text)
{
	return code->is_made_here
			   ? obol_digits_text(code->number, code->spoken, text)
			   : OBOL_ERR_ARG;
}

enum obol_status
obol_transfer_code_link(const struct obol_transfer_code *code,
						const struct obol_transfer_place *places,
						size_t n_places, struct obol_secret **link)
{
	if (!code->is_made_here || n_places > OBOL_TRANSFER_PLACES_MAX)
	{
		return OBOL_ERR_ARG;
	}
	return obol_link_write(code->number, code->linked, places, n_places, link);
}

bool obol_transfer_code_is_spent(const struct obol_transfer_code *code)
{
	return code->is_spent;
}

bool obol_transfer_code_has_expired(const struct obol_transfer_code *code,
									uint64_t now_ms)
{
	return now_ms - code->made_ms >= OBOL_TRANSFER_LIFE_MS;
}

enum obol_transfer_secret
obol_transfer_code_kind(const struct obol_transfer_code *code)
{
	return code->kind;
}

const struct obol_secret *
obol_transfer_code_secret(const struct obol_transfer_code *code,
						  enum obol_transfer_secret kind)
{
	return kind == OBOL_TRANSFER_SPOKEN   ? code->spoken
		   : kind == OBOL_TRANSFER_LINKED ? code->linked
										  : NULL;
}

bool obol_transfer_code_spend(struct obol_transfer_code *code)
{
	bool was_spent = code->is_spent;

	code->is_spent = true;
	return !was_spent;
}
