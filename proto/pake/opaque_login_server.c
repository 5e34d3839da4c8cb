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

/** One KE2 in the making. */
struct respond {
	struct obol_rng *rng;
	const struct obol_opaque_server_input *in;
	const uint8_t *ke1;
	uint8_t server_public_key[OBOL_OPAQUE_NPK];
	/** uncompressed */
	uint8_t client_keyshare[OBOL_P256_UNCOMPRESSED_LEN];
	/** dh1 | dh2 | dh3 (RFC 9807, 6.4.4) */
	struct obol_secret *ikm;
	/** dh2, as the server's keys give it */
	struct obol_secret *static_shared;
	uint8_t ke2[OBOL_OPAQUE_KE2_LEN];
};

static struct obol_bytes client_keyshare_of(const struct respond *this)
{
	return obol_bytes(this->client_keyshare, sizeof(this->client_keyshare));
}

/* All that is the server's keys' to do: BlindEvaluate (RFC 9807, 6.3.2.2) and
 * dh2 (6.4.4). Where the keys can, they begin with it now. */
static enum obol_status ask_keys(struct respond *this)
{
	const struct obol_opaque_server_input *in = this->in;

	return in->keys->ask_login
			   ? in->keys->ask_login(in->keys, in->key_number,
									 in->credential_identifier,
									 obol_bytes(this->ke1, OBOL_OPAQUE_NOE),
									 client_keyshare_of(this))
			   : OBOL_OK;
}

static enum obol_status take_from_keys(struct respond *this)
{
	const struct obol_opaque_server_input *in = this->in;
	enum obol_status status;

	if (in->keys->ask_login)
	{
		return in->keys->take_login(in->keys, this->ke2, this->static_shared);
	}
	status = in->keys->oprf_evaluate(
		in->keys, in->key_number, in->credential_identifier,
		obol_bytes(this->ke1, OBOL_OPAQUE_NOE), this->ke2);
	return status == OBOL_OK ? in->keys->static_dh(in->keys, in->key_number,
												   client_keyshare_of(this),
												   this->static_shared)
							 : status;
}

/* Whatever of CreateCredentialResponse (RFC 9807, 6.3.2.2) and
 * AuthServerRespond (6.4.4) needs none of the server's keys: dh1 and dh3 above
 * all. */
static enum obol_status respond_without_keys(struct respond *this)
{
	struct obol_bytes client_key =
		obol_bytes(this->in->record.ptr, OBOL_OPAQUE_NPK);
	uint8_t *dh = obol_secret_ptr(this->ikm);
	struct obol_scalar keyshare = { 0 };
	enum obol_status status;

	status = obol_opaque_create_credential_response(
		this->rng, this->in, this->server_public_key, this->ke2);
	if (status == OBOL_OK)
	{
		status = draw_keyshare(this->rng,
							   this->ke2 + OBOL_OPAQUE_CREDENTIAL_RESPONSE_LEN,
							   &keyshare);
	}
	if (status == OBOL_OK)
	{
		status =
			obol_opaque_diffie_hellman(&keyshare, client_keyshare_of(this), dh);
	}
	if (status == OBOL_OK)
	{
		status = obol_opaque_diffie_hellman(&keyshare, client_key,
											dh + 2 * OBOL_OPAQUE_NPK);
	}
	obol_scalar_clear(&keyshare);
	return status;
}

/* Both at the same time, where the keys are another process's. What was asked
 * for is taken in any case, or it would be the next login's. */
static enum obol_status respond(struct respond *this)
{
	enum obol_status status = ask_keys(this), own;

	if (status != OBOL_OK)
	{
		return status;
	}
	own = respond_without_keys(this);
	status = take_from_keys(this);
	if (status == OBOL_OK)
	{
		memcpy(obol_secret_ptr(this->ikm) + OBOL_OPAQUE_NPK,
			   obol_secret_view(this->static_shared).ptr, OBOL_OPAQUE_NPK);
		status = own;
	}
	return status;
}

/* The rest of AuthServerRespond (RFC 9807, 6.4.4): the key schedule. */
static enum obol_status authenticate(struct respond *this,
									 struct obol_opaque_3dh *session)
{
	struct obol_opaque_transcript transcript = {
		.context = this->in->context,
		.ke1 = this->ke1,
		.ke2 = this->ke2,
	};
	enum obol_status status = obol_opaque_resolve_identities(
		&this->in->ids, this->in->record.ptr, this->server_public_key,
		&transcript.ids);

	if (status == OBOL_OK)
	{
		status = obol_opaque_3dh(this->ikm, &transcript, session);
	}
	if (status == OBOL_OK)
	{
		memcpy(this->ke2 + OBOL_OPAQUE_KE2_COVERED_LEN, session->server_mac,
			   OBOL_OPAQUE_NM);
	}
	return status;
}

static enum obol_status make_ke2(struct respond *this,
								 struct obol_opaque_3dh *session)
{
	const struct obol_opaque_server_input *in = this->in;
	enum obol_status status;

	this->ikm = obol_secret_new(OBOL_OPAQUE_IKM_LEN);
	this->static_shared = obol_secret_new(OBOL_OPAQUE_NPK);
	if (!this->ikm || !this->static_shared)
	{
		return OBOL_ERR_NOMEM;
	}
	status =
		in->keys->public_key(in->keys, in->key_number, this->server_public_key);
	if (status == OBOL_OK)
	{
		status = decode_client_keyshare(this->ke1, this->client_keyshare);
	}
	if (status == OBOL_OK)
	{
		status = respond(this);
	}
	return status == OBOL_OK ? authenticate(this, session) : status;
}

enum obol_status obol_opaque_generate_ke2(
	struct obol_rng *rng, const struct obol_opaque_server_input *in,
	struct obol_bytes ke1, uint8_t ke2[OBOL_OPAQUE_KE2_LEN],
	struct obol_opaque_server **state)
{
	struct respond respond = { .rng = rng, .in = in, .ke1 = ke1.ptr };
	struct obol_opaque_server *this = NULL;
	struct obol_opaque_3dh session = { 0 };
	enum obol_status status = OBOL_ERR_FORMAT;

	if (ke1.len != OBOL_OPAQUE_KE1_LEN ||
		in->record.len != OBOL_OPAQUE_RECORD_LEN)
	{
		return status;
	}
	this = calloc(1, sizeof(*this));
	status = this ? make_ke2(&respond, &session) : OBOL_ERR_NOMEM;
	if (status != OBOL_OK)
	{
		goto out;
	}
	memcpy(this->expected_client_mac, session.client_mac, OBOL_OPAQUE_NM);
	this->session_key = session.session_key;
	session.session_key = NULL; /* moved into the state */
	memcpy(ke2, respond.ke2, OBOL_OPAQUE_KE2_LEN);
	/* public: it goes to the client; all but the MAC was so before */
	obol_ct_public(ke2 + OBOL_OPAQUE_KE2_COVERED_LEN, OBOL_OPAQUE_NM);
	*state = this;
	this = NULL; /* moved to the caller */
out:
	obol_opaque_3dh_clear(&session);
	obol_secret_free(respond.ikm);
	obol_secret_free(respond.static_shared);
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
