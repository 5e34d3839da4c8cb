/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OPAQUE's on-line login, the server's side. */
#include "pake/opaque_login.h"
#include "base/ct.h"
#include "base/ct_check.h"
#include "group/p256.h"
#include "pake/kdf.h"
#include "pake/opaque_3dh.h"
#include "pake/opaque_keys.h"

#include <stdlib.h>

struct obol_opaque_server {
	/* NULL once it is used up */
	struct obol_secret *session_key;
	uint8_t expected_client_mac[OBOL_OPAQUE_NM];
};

static void use_up(struct obol_opaque_server *state)
{
	obol_secret_free(state->session_key);
	state->session_key = NULL;
	obol_wipe(state->expected_client_mac, OBOL_OPAQUE_NM);
}

void obol_opaque_server_free(struct obol_opaque_server *state)
{
	if (state)
	{
		use_up(state);
		free(state);
	}
}

/* server_nonce | server_public_keyshare (RFC 9807, 6.4.4: AuthServerRespond) */
static enum obol_status draw_keyshare(struct obol_rng *rng, uint8_t *to,
									  struct obol_scalar *keyshare)
{
	struct obol_secret *seed = NULL;
	enum obol_status status;

	status = obol_rng_fill(rng, to, OBOL_OPAQUE_NN);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = obol_rng_secret(rng, OBOL_OPAQUE_NSEED, &seed);
	if (status != OBOL_OK)
	{
		return status;
	}
	status =
		obol_opaque_derive_dh_key_pair(seed, keyshare, to + OBOL_OPAQUE_NN);
	obol_secret_free(seed);
	return status;
}

/* Two multiply it, in two processes perhaps: its square root is drawn once. */
static enum obol_status
decode_client_keyshare(const uint8_t *ke1,
					   uint8_t keyshare[OBOL_P256_UNCOMPRESSED_LEN])
{
	struct obol_p256_point point;
	enum obol_status status =
		obol_p256_decode(obol_bytes(ke1 + OBOL_OPAQUE_KE1_LEN - OBOL_OPAQUE_NPK,
									OBOL_OPAQUE_NPK),
						 &point);

	if (status == OBOL_OK)
	{
		obol_p256_encode_uncompressed(keyshare, &point);
	}
	return status;
}

/* All that the server's keys are needed for: BlindEvaluate (RFC 9807, 6.3.2.2)
 * and dh2 (6.4.4). */
static enum obol_status use_keys(const struct obol_opaque_server_input *in,
								 const uint8_t *ke1,
								 struct obol_bytes client_keyshare,
								 uint8_t evaluated[OBOL_OPAQUE_NOE],
								 struct obol_secret *static_shared)
{
	struct obol_bytes blinded = obol_bytes(ke1, OBOL_OPAQUE_NOE);
	enum obol_status status;

	if (in->keys->evaluate_and_dh)
	{
		return in->keys->evaluate_and_dh(
			in->keys, in->key_number, in->credential_identifier, blinded,
			evaluated, client_keyshare, static_shared);
	}
	status =
		in->keys->oprf_evaluate(in->keys, in->key_number,
								in->credential_identifier, blinded, evaluated);
	return status == OBOL_OK
			   ? in->keys->static_dh(in->keys, in->key_number, client_keyshare,
									 static_shared)
			   : status;
}

/* dh1 | dh2 | dh3 (RFC 9807, 6.4.4) */
static enum obol_status
three_diffie_hellman(const struct obol_opaque_server_input *in,
					 const struct obol_secret *static_shared,
					 const struct obol_scalar *keyshare,
					 struct obol_bytes client_keyshare, struct obol_secret *ikm)
{
	struct obol_bytes client_key = obol_bytes(in->record.ptr, OBOL_OPAQUE_NPK);
	uint8_t *to = obol_secret_ptr(ikm);
	enum obol_status status;

	status = obol_opaque_diffie_hellman(keyshare, client_keyshare, to);
	if (status != OBOL_OK)
	{
		return status;
	}
	to += OBOL_OPAQUE_NPK;
	memcpy(to, obol_secret_view(static_shared).ptr, OBOL_OPAQUE_NPK);
	to += OBOL_OPAQUE_NPK;
	return obol_opaque_diffie_hellman(keyshare, client_key, to);
}

/* AuthServerRespond (RFC 9807, 6.4.4), behind the credential response. */
static enum obol_status auth_server_respond(
	struct obol_rng *rng, const struct obol_opaque_server_input *in,
	const struct obol_secret *static_shared, const uint8_t *server_public_key,
	struct obol_bytes client_keyshare, const uint8_t *ke1, uint8_t *ke2,
	struct obol_opaque_3dh *session)
{
	struct obol_secret *ikm = obol_secret_new(OBOL_OPAQUE_IKM_LEN);
	struct obol_opaque_transcript transcript = {
		.context = in->context,
		.ke1 = ke1,
		.ke2 = ke2,
	};
	struct obol_scalar keyshare = { 0 };
	enum obol_status status = OBOL_ERR_NOMEM;

	if (!ikm)
	{
		goto out;
	}
	status = obol_opaque_resolve_identities(&in->ids, in->record.ptr,
											server_public_key, &transcript.ids);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = draw_keyshare(rng, ke2 + OBOL_OPAQUE_CREDENTIAL_RESPONSE_LEN,
						   &keyshare);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = three_diffie_hellman(in, static_shared, &keyshare, client_keyshare,
								  ikm);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = obol_opaque_3dh(ikm, &transcript, session);
	if (status == OBOL_OK)
	{
		memcpy(ke2 + OBOL_OPAQUE_KE2_COVERED_LEN, session->server_mac,
			   OBOL_OPAQUE_NM);
	}
out:
	obol_scalar_clear(&keyshare);
	obol_secret_free(ikm);
	return status;
}

enum obol_status obol_opaque_generate_ke2(
	struct obol_rng *rng, const struct obol_opaque_server_input *in,
	struct obol_bytes ke1, uint8_t ke2[OBOL_OPAQUE_KE2_LEN],
	struct obol_opaque_server **state)
{
	struct obol_opaque_server *this = calloc(1, sizeof(*this));
	struct obol_secret *static_shared = obol_secret_new(OBOL_OPAQUE_NPK);
	struct obol_opaque_3dh session = { 0 };
	uint8_t server_public_key[OBOL_OPAQUE_NPK], evaluated[OBOL_OPAQUE_NOE];
	uint8_t answer[OBOL_OPAQUE_KE2_LEN], keyshare[OBOL_P256_UNCOMPRESSED_LEN];
	struct obol_bytes client_keyshare = obol_bytes(keyshare, sizeof(keyshare));
	enum obol_status status = OBOL_ERR_NOMEM;

	if (!this || !static_shared)
	{
		goto out;
	}
	status = OBOL_ERR_FORMAT;
	if (ke1.len != OBOL_OPAQUE_KE1_LEN ||
		in->record.len != OBOL_OPAQUE_RECORD_LEN)
	{
		goto out;
	}
	status = in->keys->public_key(in->keys, in->key_number, server_public_key);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = decode_client_keyshare(ke1.ptr, keyshare);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = use_keys(in, ke1.ptr, client_keyshare, evaluated, static_shared);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = obol_opaque_create_credential_response(rng, in, server_public_key,
													evaluated, answer);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = auth_server_respond(rng, in, static_shared, server_public_key,
								 client_keyshare, ke1.ptr, answer, &session);
	if (status != OBOL_OK)
	{
		goto out;
	}
	memcpy(this->expected_client_mac, session.client_mac, OBOL_OPAQUE_NM);
	this->session_key = session.session_key;
	session.session_key = NULL; /* moved into the state */
	memcpy(ke2, answer, OBOL_OPAQUE_KE2_LEN);
	/* public: it goes to the client; all but the MAC was so before */
	obol_ct_public(ke2 + OBOL_OPAQUE_KE2_COVERED_LEN, OBOL_OPAQUE_NM);
	*state = this;
	this = NULL; /* moved to the caller */
out:
	obol_opaque_3dh_clear(&session);
	obol_secret_free(static_shared);
	obol_opaque_server_free(this);
	return status;
}

enum obol_status obol_opaque_server_finish(struct obol_opaque_server *state,
										   struct obol_bytes ke3,
										   struct obol_secret **session_key)
{
	enum obol_status status = OBOL_OK;

	if (!state->session_key)
	{
		return OBOL_ERR_ARG;
	}
	if (ke3.len != OBOL_OPAQUE_KE3_LEN)
	{
		status = OBOL_ERR_FORMAT;
	}
	/* RFC 9807, 6.4.4: ClientAuthenticationError */
	else if (!obol_ct_eq(ke3.ptr, state->expected_client_mac, OBOL_OPAQUE_NM))
	{
		status = OBOL_ERR_AUTH;
	}
	else if (session_key)
	{
		*session_key = state->session_key;
		state->session_key = NULL; /* moved to the caller */
	}
	use_up(state);
	return status;
}

static enum obol_status fake_secret(const struct obol_secret *seed,
									const char *label, struct obol_bytes name,
									struct obol_secret *out)
{
	struct obol_bytes info[] = { obol_bytes_str(label), name };

	return obol_hkdf_expand_parts(seed, info, 2, out);
}

enum obol_status obol_opaque_fake_record(const struct obol_secret *seed,
										 struct obol_bytes name,
										 uint8_t record[OBOL_OPAQUE_RECORD_LEN])
{
	struct obol_secret *key_seed = obol_secret_new(OBOL_OPAQUE_NSEED);
	struct obol_secret *masking_key = obol_secret_new(OBOL_OPAQUE_NH);
	struct obol_scalar private_key = { 0 };
	enum obol_status status = OBOL_ERR_NOMEM;

	if (!key_seed || !masking_key)
	{
		goto out;
	}
	/* labels of one length: no label and name reads as another pair */
	status = fake_secret(seed, "Obol-v1 fake client ", name, key_seed);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = fake_secret(seed, "Obol-v1 fake masking", name, masking_key);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = obol_opaque_derive_dh_key_pair(key_seed, &private_key, record);
	if (status != OBOL_OK)
	{
		goto out;
	}
	/* RFC 9807, 6.3.2.2: an all-zero envelope */
	memcpy(record + OBOL_OPAQUE_NPK, obol_secret_ptr(masking_key),
		   OBOL_OPAQUE_NH);
	memset(record + OBOL_OPAQUE_NPK + OBOL_OPAQUE_NH, 0,
		   OBOL_OPAQUE_ENVELOPE_LEN);
out:
	obol_scalar_clear(&private_key);
	obol_secret_free(masking_key);
	obol_secret_free(key_seed);
	return status;
}
