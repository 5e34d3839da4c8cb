/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OPRF(P-256, SHA-256), mode 0x00. */
#include "pake/oprf.h"
#include "base/ct_check.h"
#include "group/hash_to_curve.h"
#include "group/sha256.h"

/* contextString (RFC 9497, 3.1): "OPRFV1-" || I2OSP(mode, 1) || "-" || suite.
 * The mode's byte is a zero within the string. */
#define CONTEXT_STRING "OPRFV1-\0-P256-SHA256"
/* RFC 9497, 4.3 and 3.2.1 */
static const char hash_to_group_dst[] = "HashToGroup-" CONTEXT_STRING;
static const char derive_key_pair_dst[] = "DeriveKeyPair" CONTEXT_STRING;
static const char finalize_label[] = "Finalize";

/* A string constant without its final zero, but with those inside. */
#define CONSTANT(text) obol_bytes(text, sizeof(text) - 1)

/* Counters that DeriveKeyPair tries (RFC 9497, 3.2.1). */
#define COUNTER_MAX 255

static void put_u16(uint8_t out[2], size_t value)
{
	out[0] = (uint8_t)(value >> 8);
	out[1] = (uint8_t)value;
}

static bool input_is_sound(const struct obol_secret *input)
{
	size_t len = obol_secret_len(input);

	return len >= 1 && len <= OBOL_OPRF_INPUT_MAX;
}

enum obol_status obol_oprf_blind(struct obol_rng *rng,
								 const struct obol_secret *input,
								 struct obol_scalar *blind,
								 uint8_t blinded_element[OBOL_OPRF_ELEMENT_LEN])
{
	struct obol_bytes msg = obol_secret_view(input);
	struct obol_p256_point element;
	enum obol_status status = OBOL_ERR_ARG;

	obol_scalar_clear(blind);
	if (!input_is_sound(input))
	{
		return status;
	}
	status = obol_scalar_random(rng, blind);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = obol_hash_to_curve(&msg, 1, CONSTANT(hash_to_group_dst), &element);
	if (status == OBOL_OK)
	{
		status = obol_p256_mul(blind, &element, &element);
	}
	if (status == OBOL_OK)
	{
		obol_p256_encode(blinded_element, &element);
		/* public: it goes to the server, the blind hides the password */
		obol_ct_public(blinded_element, OBOL_OPRF_ELEMENT_LEN);
	}
	else
	{
		obol_scalar_clear(blind);
	}
	obol_p256_clear(&element);
	return status;
}

enum obol_status
obol_oprf_blind_evaluate(const struct obol_scalar *key,
						 struct obol_bytes blinded_element,
						 uint8_t evaluated_element[OBOL_OPRF_ELEMENT_LEN])
{
	struct obol_p256_point element;
	enum obol_status status;

	/* RFC 9497, 4.3: refuse what is no element, and the identity */
	status = obol_p256_decode(blinded_element, &element);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = obol_p256_mul(key, &element, &element);
	if (status == OBOL_OK)
	{
		obol_p256_encode(evaluated_element, &element);
		/* public: it goes to the client */
		obol_ct_public(evaluated_element, OBOL_OPRF_ELEMENT_LEN);
	}
	obol_p256_clear(&element);
	return status;
}

/* Hash(len(input) || input || len(element) || element || "Finalize") */
static enum obol_status hash_output(const struct obol_secret *input,
									const struct obol_p256_point *element,
									struct obol_secret *output)
{
	uint8_t input_len[2], element_len[2], unblinded[OBOL_OPRF_ELEMENT_LEN];
	struct obol_bytes parts[] = {
		obol_bytes(input_len, 2),   obol_secret_view(input),
		obol_bytes(element_len, 2), obol_bytes(unblinded, sizeof(unblinded)),
		CONSTANT(finalize_label),
	};
	enum obol_status status;

	put_u16(input_len, obol_secret_len(input));
	put_u16(element_len, sizeof(unblinded));
	obol_p256_encode(unblinded, element);
	status = obol_sha256(parts, 5, obol_secret_ptr(output));
	obol_wipe(unblinded, sizeof(unblinded));
	return status;
}

enum obol_status obol_oprf_finalize(const struct obol_secret *input,
									struct obol_scalar *blind,
									struct obol_bytes evaluated_element,
									struct obol_secret *output)
{
	struct obol_p256_point element = { 0 };
	struct obol_scalar inverse = { 0 };
	enum obol_status status = OBOL_ERR_ARG;

	if (!input_is_sound(input) ||
		obol_secret_len(output) != OBOL_OPRF_OUTPUT_LEN)
	{
		goto out;
	}
	/* RFC 9497, 4.3 */
	status = obol_p256_decode(evaluated_element, &element);
	if (status != OBOL_OK)
	{
		goto out;
	}
	obol_scalar_invert(&inverse, blind);
	status = obol_p256_mul(&inverse, &element, &element);
	if (status == OBOL_OK)
	{
		status = hash_output(input, &element, output);
	}
out:
	obol_scalar_clear(blind);
	obol_scalar_clear(&inverse);
	obol_p256_clear(&element);
	return status;
}

enum obol_status obol_derive_key_pair(const struct obol_secret *seed,
									  struct obol_bytes info,
									  struct obol_scalar *private_key,
									  uint8_t *public_key)
{
	uint8_t info_len[2], counter;
	struct obol_bytes derive_input[] = {
		obol_secret_view(seed),
		obol_bytes(info_len, 2),
		info,
		obol_bytes(&counter, 1),
	};
	struct obol_p256_point point;
	enum obol_status status = OBOL_OK;
	unsigned i;

	obol_scalar_clear(private_key);
	if (obol_secret_len(seed) != OBOL_OPRF_SEED_LEN ||
		info.len > OBOL_OPRF_INFO_MAX)
	{
		return OBOL_ERR_ARG;
	}
	put_u16(info_len, info.len);
	/* public: how often it came to 0, which nobody will see happen */
	for (i = 0; i <= COUNTER_MAX && status == OBOL_OK &&
				obol_ct_verdict(obol_scalar_is_zero(private_key));
		 i++)
	{
		counter = (uint8_t)i;
		status = obol_hash_to_scalar(
			derive_input, 4, CONSTANT(derive_key_pair_dst), private_key);
	}
	/* RFC 9497, 3.2.1: DeriveKeyPairError after the last counter */
	if (status == OBOL_OK && obol_ct_verdict(obol_scalar_is_zero(private_key)))
	{
		status = OBOL_ERR_CRYPTO;
	}
	if (status == OBOL_OK && public_key)
	{
		status = obol_p256_mul_base(private_key, &point);
		if (status == OBOL_OK)
		{
			obol_p256_encode(public_key, &point);
			/* public: a public key */
			obol_ct_public(public_key, OBOL_OPRF_ELEMENT_LEN);
			obol_p256_clear(&point);
		}
	}
	if (status != OBOL_OK)
	{
		obol_scalar_clear(private_key);
	}
	return status;
}
