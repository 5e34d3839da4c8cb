/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OPAQUE's credential retrieval. */
#include "pake/opaque_retrieval.h"
#include "base/ct_check.h"
#include "pake/kdf.h"

/* out = in XOR Expand(masking_key, masking_nonce || "CredentialResponsePad",
 * Npk + Nn + Nm); out may be in */
static enum obol_status mask(const struct obol_secret *masking_key,
							 const uint8_t *masking_nonce, const uint8_t *in,
							 uint8_t *out)
{
	struct obol_bytes info[] = {
		obol_bytes(masking_nonce, OBOL_OPAQUE_NN),
		obol_bytes_str("CredentialResponsePad"),
	};
	struct obol_secret *pad = obol_secret_new(OBOL_OPAQUE_MASKED_LEN);
	enum obol_status status = OBOL_ERR_NOMEM;
	size_t i;

	if (!pad)
	{
		return status;
	}
	status = obol_hkdf_expand_parts(masking_key, info, 2, pad);
	for (i = 0; status == OBOL_OK && i < OBOL_OPAQUE_MASKED_LEN; i++)
	{
		out[i] = in[i] ^ obol_secret_ptr(pad)[i];
	}
	obol_secret_free(pad);
	return status;
}

enum obol_status obol_opaque_create_credential_response(
	struct obol_rng *rng, const struct obol_opaque_server_input *in,
	const uint8_t server_public_key[OBOL_OPAQUE_NPK],
	uint8_t response[OBOL_OPAQUE_CREDENTIAL_RESPONSE_LEN])
{
	const uint8_t *masking_bytes = in->record.ptr + OBOL_OPAQUE_NPK;
	const uint8_t *envelope = masking_bytes + OBOL_OPAQUE_NH;
	uint8_t *masking_nonce = response + OBOL_OPAQUE_NOE;
	uint8_t *masked = masking_nonce + OBOL_OPAQUE_NN;
	struct obol_secret *masking_key =
		obol_secret_dup(masking_bytes, OBOL_OPAQUE_NH);
	enum obol_status status = OBOL_ERR_NOMEM;

	if (!masking_key)
	{
		return status;
	}
	status = obol_rng_fill(rng, masking_nonce, OBOL_OPAQUE_NN);
	if (status != OBOL_OK)
	{
		goto out;
	}
	memcpy(masked, server_public_key, OBOL_OPAQUE_NPK);
	memcpy(masked + OBOL_OPAQUE_NPK, envelope, OBOL_OPAQUE_ENVELOPE_LEN);
	status = mask(masking_key, masking_nonce, masked, masked);
	/* public: it goes to the client, masked */
	obol_ct_public(masked, OBOL_OPAQUE_MASKED_LEN);
out:
	obol_secret_free(masking_key);
	return status;
}

enum obol_status
obol_opaque_recover_credentials(const struct obol_secret *randomized_password,
								const uint8_t *response,
								const struct obol_opaque_identities *ids,
								struct obol_opaque_envelope_keys *keys,
								uint8_t server_public_key[OBOL_OPAQUE_NPK])
{
	const uint8_t *masking_nonce = response + OBOL_OPAQUE_NOE;
	const uint8_t *masked = masking_nonce + OBOL_OPAQUE_NN;
	uint8_t clear[OBOL_OPAQUE_MASKED_LEN];
	struct obol_secret *masking_key = NULL;
	enum obol_status status;

	status = obol_opaque_masking_key(randomized_password, &masking_key);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = mask(masking_key, masking_nonce, masked, clear);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = obol_opaque_envelope_recover(randomized_password, clear,
										  clear + OBOL_OPAQUE_NPK, ids, keys);
	if (status == OBOL_OK)
	{
		memcpy(server_public_key, clear, OBOL_OPAQUE_NPK);
		/* public: a public key, once the envelope has vouched for it; with a
		 * wrong password it would tell guesses apart */
		obol_ct_public(server_public_key, OBOL_OPAQUE_NPK);
	}
out:
	obol_wipe(clear, sizeof(clear));
	obol_secret_free(masking_key);
	return status;
}
