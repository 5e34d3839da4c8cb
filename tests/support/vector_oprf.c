/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vectors of OPRF(P-256, SHA-256), mode 0x00 (RFC 9497). */
#include "support/vector_check.h"
#include "support/scripted_rng.h"
#include "pake/oprf.h"

static const char *const oprf_keys[] = {
	"seed",   "keyInfo",        "skSm",
	"pkSm",   "Input",          "Blind",
	"Output", "BlindedElement", "EvaluationElement",
	NULL,
};

static void point_equal(struct vector_check *check, const char *key,
						const struct obol_scalar *scalar)
{
	uint8_t encoded[OBOL_P256_POINT_LEN];
	struct obol_p256_point point;

	if (vector_check_step(check, "the public key's multiplication",
						  obol_p256_mul_base(scalar, &point)))
	{
		obol_p256_encode(encoded, &point);
		vector_check_equal(check, key, obol_bytes(encoded, sizeof(encoded)));
	}
}

/* The server's key: derived when there is a seed, else as given. */
static void server_key(struct vector_check *check, struct obol_scalar *key)
{
	uint8_t encoded[OBOL_SCALAR_LEN];
	struct obol_secret *seed;

	if (!vector_check_has(check, "seed"))
	{
		struct obol_bytes given =
			vector_check_fixed(check, "skSm", OBOL_SCALAR_LEN);

		(void)vector_check_step(check, "skSm", obol_scalar_decode(given, key));
		return;
	}
	seed = vector_check_secret(check, "seed");
	if (vector_check_good(check) &&
		vector_check_step(
			check, "DeriveKeyPair",
			obol_derive_key_pair(seed, vector_check_optional(check, "keyInfo"),
								 key, NULL)))
	{
		obol_scalar_encode(encoded, key);
		vector_check_equal(check, "skSm", obol_bytes(encoded, sizeof(encoded)));
	}
	obol_secret_free(seed);
}

static void check_exchange(struct vector_check *check,
						   const struct obol_scalar *key,
						   const struct obol_secret *input,
						   struct obol_rng *rng)
{
	uint8_t blinded[OBOL_OPRF_ELEMENT_LEN], evaluated[OBOL_OPRF_ELEMENT_LEN];
	struct obol_bytes blinded_view = obol_bytes(blinded, sizeof(blinded));
	struct obol_bytes evaluated_view = obol_bytes(evaluated, sizeof(evaluated));
	struct obol_secret *output = obol_secret_new(OBOL_OPRF_OUTPUT_LEN);
	struct obol_scalar blind;

	if (!vector_check_step(check, "Blind",
						   obol_oprf_blind(rng, input, &blind, blinded)))
	{
		goto out;
	}
	vector_check_equal(check, "BlindedElement", blinded_view);
	if (!vector_check_step(
			check, "BlindEvaluate",
			obol_oprf_blind_evaluate(key, blinded_view, evaluated)))
	{
		goto out;
	}
	vector_check_equal(check, "EvaluationElement", evaluated_view);
	if (vector_check_step(
			check, "Finalize",
			obol_oprf_finalize(input, &blind, evaluated_view, output)))
	{
		vector_check_equal(check, "Output", obol_secret_view(output));
	}
out:
	obol_secret_free(output);
}

static void check_oprf(struct vector_check *check)
{
	struct obol_secret *input = vector_check_secret(check, "Input");
	struct scripted_rng rng;
	struct obol_scalar key;

	scripted_rng_init(&rng, NULL);
	scripted_rng_add(&rng, vector_check_fixed(check, "Blind", OBOL_SCALAR_LEN));
	server_key(check, &key);
	if (vector_check_good(check) && vector_check_has(check, "pkSm"))
	{
		point_equal(check, "pkSm", &key);
	}
	if (vector_check_good(check))
	{
		check_exchange(check, &key, input, &rng.rng);
	}
	obol_secret_free(input);
}

const struct vector_kind vector_kind_oprf = { "oprf", oprf_keys, check_oprf };
