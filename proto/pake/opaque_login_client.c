/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OPAQUE's on-line login, the client's side. */
#include "pake/opaque_login.h"
#include "base/ct.h"
#include "base/ct_check.h"
#include "pake/opaque_3dh.h"
#include "pake/opaque_keys.h"
#include "pake/oprf.h"

#include <stdlib.h>

struct obol_opaque_client {
	/* NULL once it is used up */
	struct obol_secret *password;
	struct obol_scalar blind;
	struct obol_scalar keyshare;
	uint8_t ke1[OBOL_OPAQUE_KE1_LEN];
};

static void use_up(struct obol_opaque_client *state)
{
	obol_secret_free(state->password);
	state->password = NULL;
	obol_scalar_clear(&state->blind);
	obol_scalar_clear(&state->keyshare);
}

void obol_opaque_client_free(struct obol_opaque_client *state)
{
	if (state)
	{
		use_up(state);
		free(state);
	}
}

/* client_nonce | client_public_keyshare (RFC 9807, 6.4.3: AuthClientStart) */
static enum obol_status auth_client_start(struct obol_rng *rng,
										  struct obol_opaque_client *state)
{
	uint8_t *nonce = state->ke1 + OBOL_OPAQUE_NOE;
	struct obol_secret *seed = NULL;
	enum obol_status status;

	status = obol_rng_fill(rng, nonce, OBOL_OPAQUE_NN);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = obol_rng_secret(rng, OBOL_OPAQUE_NSEED, &seed);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = obol_opaque_derive_dh_key_pair(seed, &state->keyshare,
											nonce + OBOL_OPAQUE_NN);
	obol_secret_free(seed);
	return status;
}

enum obol_status obol_opaque_generate_ke1(struct obol_rng *rng,
										  const struct obol_secret *password,
										  uint8_t ke1[OBOL_OPAQUE_KE1_LEN],
										  struct obol_opaque_client **state)
{
	struct obol_opaque_client *this = calloc(1, sizeof(*this));
	struct obol_bytes view = obol_secret_view(password);
	enum obol_status status = OBOL_ERR_NOMEM;

	if (!this)
	{
		goto out;
	}
	/* before the copy: its length is checked here */
	status = obol_oprf_blind(rng, password, &this->blind, this->ke1);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = auth_client_start(rng, this);
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
	memcpy(ke1, this->ke1, OBOL_OPAQUE_KE1_LEN);
	*state = this;
	this = NULL; /* moved to the caller */
out:
	obol_opaque_client_free(this);
	return status;
}

/* dh1 | dh2 | dh3 (RFC 9807, 6.4.3: AuthClientFinalize) */
static enum obol_status
three_diffie_hellman(const struct obol_opaque_client *state,
					 const struct obol_scalar *client_private_key,
					 const uint8_t *server_keyshare,
					 const uint8_t *server_public_key, struct obol_secret *ikm)
{
	struct obol_bytes share = obol_bytes(server_keyshare, OBOL_OPAQUE_NPK);
	struct obol_bytes key = obol_bytes(server_public_key, OBOL_OPAQUE_NPK);
	uint8_t *to = obol_secret_ptr(ikm);
	enum obol_status status;

	status = obol_opaque_diffie_hellman(&state->keyshare, share, to);
	if (status != OBOL_OK)
	{
		return status;
	}
	to += OBOL_OPAQUE_NPK;
	status = obol_opaque_diffie_hellman(&state->keyshare, key, to);
	if (status != OBOL_OK)
	{
		return status;
	}
	to += OBOL_OPAQUE_NPK;
	return obol_opaque_diffie_hellman(client_private_key, share, to);
}

/* Derive the keys and check the server's MAC. */
static enum obol_status auth_client_finalize(
	const struct obol_opaque_client *state, const uint8_t *ke2,
	const struct obol_opaque_identities *ids, struct obol_bytes context,
	const struct obol_opaque_envelope_keys *keys,
	const uint8_t *server_public_key, struct obol_opaque_3dh *out)
{
	const uint8_t *server_mac = ke2 + OBOL_OPAQUE_KE2_COVERED_LEN;
	const uint8_t *server_keyshare = server_mac - OBOL_OPAQUE_NPK;
	struct obol_secret *ikm = obol_secret_new(OBOL_OPAQUE_IKM_LEN);
	struct obol_opaque_transcript transcript = {
		.context = context,
		.ke1 = state->ke1,
		.ke2 = ke2,
	};
	enum obol_status status = OBOL_ERR_NOMEM;

	if (!ikm)
	{
		goto out;
	}
	status = obol_opaque_resolve_identities(ids, keys->client_public_key,
											server_public_key, &transcript.ids);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = three_diffie_hellman(state, &keys->client_private_key,
								  server_keyshare, server_public_key, ikm);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = obol_opaque_3dh(ikm, &transcript, out);
	/* RFC 9807, 6.4.3: ServerAuthenticationError */
	if (status == OBOL_OK &&
		!obol_ct_eq(out->server_mac, server_mac, OBOL_OPAQUE_NM))
	{
		obol_opaque_3dh_clear(out);
		status = OBOL_ERR_AUTH;
	}
out:
	obol_secret_free(ikm);
	return status;
}

enum obol_status obol_opaque_generate_ke3(
	struct obol_opaque_client *state, struct obol_bytes ke2,
	const struct obol_opaque_identities *ids, struct obol_bytes context,
	const struct obol_ksf *ksf, struct obol_opaque_client_output *out)
{
	struct obol_secret *randomized_password = NULL;
	struct obol_opaque_envelope_keys keys = { 0 };
	struct obol_opaque_3dh session = { 0 };
	uint8_t server_public_key[OBOL_OPAQUE_NPK];
	enum obol_status status = OBOL_ERR_ARG;

	if (!state->password)
	{
		return status;
	}
	status = OBOL_ERR_FORMAT;
	if (ke2.len != OBOL_OPAQUE_KE2_LEN)
	{
		goto out;
	}
	status = obol_opaque_randomized_password(
		state->password, &state->blind, obol_bytes(ke2.ptr, OBOL_OPAQUE_NOE),
		ksf, &randomized_password);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = obol_opaque_recover_credentials(randomized_password, ke2.ptr, ids,
											 &keys, server_public_key);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = auth_client_finalize(state, ke2.ptr, ids, context, &keys,
								  server_public_key, &session);
	if (status != OBOL_OK)
	{
		goto out;
	}
	memcpy(out->ke3, session.client_mac, OBOL_OPAQUE_KE3_LEN);
	/* public: it goes to the server */
	obol_ct_public(out->ke3, OBOL_OPAQUE_KE3_LEN);
	memcpy(out->server_public_key, server_public_key, OBOL_OPAQUE_NPK);
	out->session_key = session.session_key;
	session.session_key = NULL; /* moved to the caller */
	out->export_key = keys.export_key;
	keys.export_key = NULL; /* moved to the caller */
out:
	obol_opaque_3dh_clear(&session);
	obol_opaque_envelope_keys_clear(&keys);
	obol_secret_free(randomized_password);
	use_up(state);
	return status;
}

void obol_opaque_client_output_clear(struct obol_opaque_client_output *out)
{
	obol_secret_free(out->session_key);
	obol_secret_free(out->export_key);
	obol_wipe(out, sizeof(*out));
}
