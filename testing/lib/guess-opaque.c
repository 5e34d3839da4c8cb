/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checks of guess-from-transcript on OPAQUE's messages. Which there are,
 * and why there are no others, is said at the head of that program. */
#include "testing/lib/guess-opaque.h"

#include "group/p256.h"
#include "pake/opaque_retrieval.h"
#include "pake/oprf.h"

#include <stdio.h>
#include <stdlib.h>

/* A number that may be the blind, and the blinded element with it taken off:
 * the x coordinate, so that the number's negative counts as well. */
struct unblinded {
	uint8_t scalar[OBOL_SCALAR_LEN];
	uint8_t x[OBOL_P256_POINT_LEN - 1];
};

struct guess_opaque {
	const struct transcript_connection *connection;
	struct unblinded *tried;
	size_t n_tried;
};

static enum obol_status fill_one(struct obol_rng *rng, uint8_t *out, size_t len)
{
	(void)rng;
	memset(out, 0, len);
	out[len - 1] = 1;
	return OBOL_OK;
}

/* Take a number off the blinded element; false when it is no scalar. */
static bool unblind(const struct obol_p256_point *blinded, const uint8_t *bytes,
					struct unblinded *out)
{
	struct obol_scalar scalar, inverse;
	struct obol_p256_point point;
	uint8_t encoded[OBOL_P256_POINT_LEN];

	if (obol_scalar_decode(obol_bytes(bytes, OBOL_SCALAR_LEN), &scalar) !=
		OBOL_OK)
	{
		return false;
	}
	obol_scalar_invert(&inverse, &scalar);
	if (obol_p256_mul(&inverse, blinded, &point) != OBOL_OK)
	{
		return false;
	}
	obol_p256_encode(encoded, &point);
	memcpy(out->scalar, bytes, OBOL_SCALAR_LEN);
	memcpy(out->x, encoded + 1, sizeof(out->x));
	return true;
}

struct guess_opaque *
guess_opaque_new(const struct transcript_connection *connection)
{
	struct obol_bytes all = obol_writer_view(&connection->all);
	struct guess_opaque *this = calloc(1, sizeof(*this));
	struct obol_p256_point blinded;
	size_t at;

	if (!this || !(this->tried = calloc(all.len, sizeof(*this->tried))))
	{
		abort();
	}
	this->connection = connection;
	/* KE1 begins with the blinded element */
	if (obol_p256_decode(obol_bytes(connection->start.ke1.ptr, OBOL_OPAQUE_NOE),
						 &blinded) != OBOL_OK)
	{
		return this;
	}
	for (at = 0; at + OBOL_SCALAR_LEN <= all.len; at++)
	{
		this->n_tried +=
			unblind(&blinded, all.ptr + at, &this->tried[this->n_tried]);
	}
	return this;
}

void guess_opaque_free(struct guess_opaque *guess)
{
	free(guess->tried);
	free(guess);
}

size_t guess_opaque_tried(const struct guess_opaque *guess)
{
	return guess->n_tried;
}

/* Go on as the client would, with a blind and an evaluated element: does the
 * envelope open? */
static bool envelope_opens(const struct guess_opaque *this,
						   const struct obol_secret *input,
						   const uint8_t *scalar, const uint8_t *evaluated)
{
	const struct transcript_connection *connection = this->connection;
	struct obol_opaque_identities ids = { .client = connection->start.name };
	struct obol_opaque_envelope_keys keys = { 0 };
	struct obol_secret *randomized_password = NULL;
	uint8_t server_public_key[OBOL_OPAQUE_NPK];
	struct obol_scalar blind;
	struct obol_ksf ksf;
	bool opens;

	opens = obol_scalar_decode(obol_bytes(scalar, OBOL_SCALAR_LEN), &blind) ==
				OBOL_OK &&
			obol_ksf_init(&ksf, &connection->challenge.ksf) == OBOL_OK &&
			obol_opaque_randomized_password(
				input, &blind, obol_bytes(evaluated, OBOL_OPAQUE_NOE), &ksf,
				&randomized_password) == OBOL_OK &&
			obol_opaque_recover_credentials(
				randomized_password, connection->challenge.ke2.ptr, &ids, &keys,
				server_public_key) == OBOL_OK;
	obol_opaque_envelope_keys_clear(&keys);
	obol_secret_free(randomized_password);
	return opens;
}

static const char *check_blinds(const struct guess_opaque *this,
								const struct obol_secret *input,
								const uint8_t *element)
{
	size_t i;

	for (i = 0; i < this->n_tried; i++)
	{
		if (memcmp(this->tried[i].x, element + 1, sizeof(this->tried[i].x)))
		{
			continue;
		}
		if (this->connection->has_challenge &&
			envelope_opens(this, input, this->tried[i].scalar,
						   this->connection->challenge.ke2.ptr))
		{
			return "its blind is in the transcript, and the envelope opens";
		}
		return "its blind is in the transcript";
	}
	return NULL;
}

/* A server whose OPRF key is 1, or that echoes: the password alone makes the
 * key of the envelope. */
static const char *check_no_key(const struct guess_opaque *this,
								const struct obol_secret *input,
								const uint8_t *element)
{
	static const uint8_t one[OBOL_SCALAR_LEN] = { [OBOL_SCALAR_LEN - 1] = 1 };

	if (this->connection->has_challenge &&
		envelope_opens(this, input, one, element))
	{
		return "the envelope opens without the server's OPRF key";
	}
	return NULL;
}

const char *guess_opaque_check(const struct guess_opaque *guess,
							   const struct obol_secret *secret)
{
	struct obol_rng rng = { fill_one, NULL };
	struct obol_secret *input = NULL;
	struct obol_scalar one;
	/* with the blind 1 it is the password's own element */
	uint8_t element[OBOL_OPRF_ELEMENT_LEN];
	const char *found = NULL;

	if (obol_login_oprf_input(guess->connection->start.name, secret, &input) !=
			OBOL_OK ||
		obol_oprf_blind(&rng, input, &one, element) != OBOL_OK)
	{
		fprintf(stderr, "guess-from-transcript: a candidate cannot be tried\n");
		exit(3);
	}
	found = check_blinds(guess, input, element);
	if (!found)
	{
		found = check_no_key(guess, input, element);
	}
	obol_secret_free(input);
	return found;
}
