/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OPAQUE's off-line registration. */
#include "pake/opaque_registration.h"
#include "pake/opaque_envelope.h"
#include "pake/opaque_keys.h"
#include "pake/oprf.h"

#include <stdlib.h>

struct obol_opaque_registration {
	/* NULL once it is used up */
	struct obol_secret *password;
	struct obol_scalar blind;
	uint8_t envelope_nonce[OBOL_OPAQUE_NN];
};

static void use_up(struct obol_opaque_registration *state)
{
	obol_secret_free(state->password);
	state->password = NULL;
	obol_scalar_clear(&state->blind);
}

void obol_opaque_registration_free(struct obol_opaque_registration *state)
{
	if (state)
	{
		use_up(state);
		free(state);
	}
}

enum obol_status obol_opaque_registration_start(
	struct obol_rng *rng, const struct obol_secret *password,
	uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN],
	struct obol_opaque_registration **state)
{
	struct obol_opaque_registration *this = calloc(1, sizeof(*this));
	struct obol_bytes view = obol_secret_view(password);
	uint8_t blinded[OBOL_OPAQUE_NOE];
	enum obol_status status = OBOL_ERR_NOMEM;

	if (!this)
	{
		goto out;
	}
	/* before the copy: its length is checked here */
	status = obol_oprf_blind(rng, password, &this->blind, blinded);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = obol_rng_fill(rng, this->envelope_nonce, OBOL_OPAQUE_NN);
	if (status != OBOL_OK)
	{
		goto out;
	}
	this->password = obol_secret_dup(view.ptr, view.len);
	if (!this->password)
	{
		status = OBOL_ERR_NOMEM;
		goto out;
	}
	memcpy(request, blinded, OBOL_OPAQUE_NOE);
	*state = this;
	this = NULL; /* moved to the caller */
out:
	obol_opaque_registration_free(this);
	return status;
}

enum obol_status obol_opaque_registration_respond(
	struct obol_opaque_keys *keys, uint32_t key_number,
	struct obol_bytes credential_identifier, struct obol_bytes request,
	uint8_t response[OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN])
{
	uint8_t evaluated[OBOL_OPAQUE_NOE], public_key[OBOL_OPAQUE_NPK];
	enum obol_status status;

	if (request.len != OBOL_OPAQUE_REGISTRATION_REQUEST_LEN)
	{
		return OBOL_ERR_FORMAT;
	}
	status = keys->public_key(keys, key_number, public_key);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = keys->oprf_evaluate(keys, key_number, credential_identifier,
								 request, evaluated);
	if (status != OBOL_OK)
	{
		return status;
	}
	memcpy(response, evaluated, OBOL_OPAQUE_NOE);
	memcpy(response + OBOL_OPAQUE_NOE, public_key, OBOL_OPAQUE_NPK);
	return OBOL_OK;
}

/* client_public_key | masking_key | envelope, of the randomized password */
static enum obol_status make_record(
	const struct obol_opaque_registration *state,
	const struct obol_secret *randomized_password,
	const uint8_t *server_public_key, const struct obol_opaque_identities *ids,
	uint8_t record[OBOL_OPAQUE_RECORD_LEN], struct obol_secret **export_key)
{
	struct obol_opaque_envelope_keys keys = { 0 };
	struct obol_secret *masking_key = NULL;
	uint8_t envelope[OBOL_OPAQUE_ENVELOPE_LEN];
	enum obol_status status;

	status = obol_opaque_masking_key(randomized_password, &masking_key);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = obol_opaque_envelope_keys(randomized_password,
									   state->envelope_nonce, &keys);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = obol_opaque_envelope_store(&keys, state->envelope_nonce,
										server_public_key, ids, envelope);
	if (status != OBOL_OK)
	{
		goto out;
	}
	memcpy(record, keys.client_public_key, OBOL_OPAQUE_NPK);
	memcpy(record + OBOL_OPAQUE_NPK, obol_secret_ptr(masking_key),
		   OBOL_OPAQUE_NH);
	memcpy(record + OBOL_OPAQUE_NPK + OBOL_OPAQUE_NH, envelope,
		   OBOL_OPAQUE_ENVELOPE_LEN);
	if (export_key)
	{
		*export_key = keys.export_key;
		keys.export_key = NULL; /* moved to the caller */
	}
out:
	obol_opaque_envelope_keys_clear(&keys);
	obol_secret_free(masking_key);
	return status;
}

enum obol_status obol_opaque_registration_finish(
	struct obol_opaque_registration *state, struct obol_bytes response,
	const struct obol_opaque_identities *ids, const struct obol_ksf *ksf,
	uint8_t record[OBOL_OPAQUE_RECORD_LEN], struct obol_secret **export_key,
	uint8_t server_public_key[OBOL_OPAQUE_NPK])
{
	struct obol_secret *randomized_password = NULL;
	enum obol_status status = OBOL_ERR_ARG;
	struct obol_p256_point server_point;
	const uint8_t *server_key;

	if (!state->password)
	{
		return status;
	}
	status = OBOL_ERR_FORMAT;
	if (response.len != OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN)
	{
		goto out;
	}
	server_key = response.ptr + OBOL_OPAQUE_NOE;
	/* a key that no login could ever use would only show at that login */
	status = obol_p256_decode(obol_bytes(server_key, OBOL_OPAQUE_NPK),
							  &server_point);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = obol_opaque_randomized_password(
		state->password, &state->blind,
		obol_bytes(response.ptr, OBOL_OPAQUE_NOE), ksf, &randomized_password);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = make_record(state, randomized_password, server_key, ids, record,
						 export_key);
	if (status == OBOL_OK)
	{
		memcpy(server_public_key, server_key, OBOL_OPAQUE_NPK);
	}
out:
	obol_secret_free(randomized_password);
	use_up(state);
	return status;
}
