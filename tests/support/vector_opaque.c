/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vectors of OPAQUE-3DH, P256-SHA256, with the identity as KSF (RFC 9807,
 * C.1, C.2). A vector with a password is a whole registration and login; one
 * without is the answer to a name that has no record. */
#include "support/vector_check.h"
#include "support/scripted_rng.h"
#include "group/p256.h"
#include "pake/opaque_3dh.h"
#include "pake/opaque_keys.h"
#include "pake/opaque_login.h"
#include "pake/opaque_registration.h"

static const char *const opaque_keys[] = {
	"context",
	"client_identity",
	"server_identity",
	"oprf_seed",
	"credential_identifier",
	"password",
	"envelope_nonce",
	"masking_nonce",
	"server_private_key",
	"server_public_key",
	"server_nonce",
	"client_nonce",
	"client_keyshare_seed",
	"server_keyshare_seed",
	"blind_registration",
	"blind_login",
	"client_private_key",
	"client_public_key",
	"auth_key",
	"masking_key",
	"randomized_password",
	"envelope",
	"handshake_secret",
	"server_mac_key",
	"client_mac_key",
	"oprf_key",
	"registration_request",
	"registration_response",
	"registration_upload",
	"ke1",
	"ke2",
	"ke3",
	"export_key",
	"session_key",
	NULL,
};

#define KEY_NUMBER 1

/* What a vector's run holds. */
struct run {
	struct vector_check *check;
	struct obol_opaque_keys keys;
	struct obol_secret *oprf_seed;
	struct obol_secret *server_private_key;
	struct obol_secret *password;
	struct obol_ksf ksf;
	struct obol_opaque_server_input input;
	uint8_t record[OBOL_OPAQUE_RECORD_LEN];
	uint8_t response[OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN];
	uint8_t ke1[OBOL_OPAQUE_KE1_LEN];
	uint8_t ke2[OBOL_OPAQUE_KE2_LEN];
};

static bool equal(struct run *run, const char *key, const void *bytes,
				  size_t len)
{
	vector_check_equal(run->check, key, obol_bytes(bytes, len));
	return vector_check_good(run->check);
}

static bool secret_equal(struct run *run, const char *key,
						 const struct obol_secret *secret)
{
	struct obol_bytes view = obol_secret_view(secret);

	return equal(run, key, view.ptr, view.len);
}

static bool scalar_equal(struct run *run, const char *key,
						 const struct obol_scalar *scalar)
{
	uint8_t encoded[OBOL_SCALAR_LEN];

	obol_scalar_encode(encoded, scalar);
	return equal(run, key, encoded, sizeof(encoded));
}

static bool step(struct run *run, const char *name, enum obol_status status)
{
	return vector_check_step(run->check, name, status);
}

/* Add a 32-byte value of the vector to what the generator gives. */
static void script(struct run *run, struct scripted_rng *rng, const char *key)
{
	scripted_rng_add(rng, vector_check_fixed(run->check, key, 32));
}

static void run_clear(struct run *run)
{
	obol_opaque_local_keys_clear(&run->keys);
	obol_secret_free(run->oprf_seed);
	obol_secret_free(run->server_private_key);
	obol_secret_free(run->password);
}

/* What both kinds of vector have: the server's side. */
static bool run_init(struct run *run, struct vector_check *check)
{
	struct obol_scalar oprf_key;

	memset(run, 0, sizeof(*run));
	run->check = check;
	run->oprf_seed = vector_check_secret(check, "oprf_seed");
	run->server_private_key = vector_check_secret(check, "server_private_key");
	run->input.keys = &run->keys;
	run->input.key_number = KEY_NUMBER;
	run->input.credential_identifier =
		vector_check_hex(check, "credential_identifier");
	run->input.record = obol_bytes(run->record, sizeof(run->record));
	run->input.context = vector_check_optional(check, "context");
	run->input.ids.client = vector_check_optional(check, "client_identity");
	run->input.ids.server = vector_check_optional(check, "server_identity");
	if (!vector_check_good(check) ||
		!step(run, "the server's keys",
			  obol_opaque_local_keys_init(&run->keys, KEY_NUMBER,
										  run->oprf_seed,
										  run->server_private_key)) ||
		!step(run, "the OPRF key's derivation",
			  obol_opaque_oprf_key(
				  run->oprf_seed, run->input.credential_identifier, &oprf_key)))
	{
		return false;
	}
	return scalar_equal(run, "oprf_key", &oprf_key) &&
		   step(run, "identity KSF",
				obol_ksf_init(&run->ksf, &obol_ksf_identity));
}

static bool check_server_public_key(struct run *run)
{
	uint8_t public_key[OBOL_OPAQUE_NPK];

	return step(run, "the server's public key",
				run->keys.public_key(&run->keys, KEY_NUMBER, public_key)) &&
		   equal(run, "server_public_key", public_key, sizeof(public_key));
}

/* What FinalizeRegistrationRequest derives on its way. */
static bool check_registration_secrets(struct run *run)
{
	struct obol_opaque_envelope_keys keys = { 0 };
	struct obol_secret *randomized_password = NULL, *masking_key = NULL;
	struct obol_scalar blind;
	struct obol_bytes nonce =
		vector_check_fixed(run->check, "envelope_nonce", OBOL_OPAQUE_NN);
	struct obol_bytes scalar =
		vector_check_fixed(run->check, "blind_registration", OBOL_SCALAR_LEN);
	bool good;

	good =
		step(run, "blind_registration", obol_scalar_decode(scalar, &blind)) &&
		step(run, "randomized_password",
			 obol_opaque_randomized_password(
				 run->password, &blind,
				 obol_bytes(run->response, OBOL_OPAQUE_NOE), &run->ksf,
				 &randomized_password)) &&
		secret_equal(run, "randomized_password", randomized_password) &&
		step(run, "masking_key",
			 obol_opaque_masking_key(randomized_password, &masking_key)) &&
		secret_equal(run, "masking_key", masking_key) &&
		step(
			run, "envelope keys",
			obol_opaque_envelope_keys(randomized_password, nonce.ptr, &keys)) &&
		secret_equal(run, "auth_key", keys.auth_key) &&
		scalar_equal(run, "client_private_key", &keys.client_private_key) &&
		equal(run, "client_public_key", keys.client_public_key,
			  OBOL_OPAQUE_NPK);
	obol_opaque_envelope_keys_clear(&keys);
	obol_secret_free(masking_key);
	obol_secret_free(randomized_password);
	return good;
}

static bool check_registration(struct run *run)
{
	struct obol_opaque_registration *state = NULL;
	struct obol_secret *export_key = NULL;
	uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN];
	uint8_t pin[OBOL_OPAQUE_NPK];
	struct scripted_rng rng;
	bool good;

	scripted_rng_init(&rng, NULL);
	script(run, &rng, "blind_registration");
	script(run, &rng, "envelope_nonce");
	good =
		step(run, "CreateRegistrationRequest",
			 obol_opaque_registration_start(&rng.rng, run->password, request,
											&state)) &&
		equal(run, "registration_request", request, sizeof(request)) &&
		step(run, "CreateRegistrationResponse",
			 obol_opaque_registration_respond(
				 &run->keys, KEY_NUMBER, run->input.credential_identifier,
				 obol_bytes(request, sizeof(request)), run->response)) &&
		equal(run, "registration_response", run->response,
			  sizeof(run->response)) &&
		check_registration_secrets(run) &&
		step(run, "FinalizeRegistrationRequest",
			 obol_opaque_registration_finish(
				 state, obol_bytes(run->response, sizeof(run->response)),
				 &run->input.ids, &run->ksf, run->record, &export_key, pin)) &&
		equal(run, "envelope", run->record + OBOL_OPAQUE_NPK + OBOL_OPAQUE_NH,
			  OBOL_OPAQUE_ENVELOPE_LEN) &&
		equal(run, "registration_upload", run->record, sizeof(run->record)) &&
		secret_equal(run, "export_key", export_key) &&
		equal(run, "server_public_key", pin, sizeof(pin));
	obol_secret_free(export_key);
	obol_opaque_registration_free(state);
	return good;
}

/* The three Diffie-Hellman results, as the server has them. */
static bool server_ikm(struct run *run, struct obol_secret *ikm)
{
	struct obol_bytes client_keyshare = obol_bytes(
		run->ke1 + OBOL_OPAQUE_KE1_LEN - OBOL_OPAQUE_NPK, OBOL_OPAQUE_NPK);
	struct obol_bytes client_key = obol_bytes(run->record, OBOL_OPAQUE_NPK);
	struct obol_secret *seed =
		vector_check_secret(run->check, "server_keyshare_seed");
	struct obol_secret *shared = obol_secret_new(OBOL_OPAQUE_NPK);
	uint8_t keyshare[OBOL_OPAQUE_NPK];
	uint8_t *to = obol_secret_ptr(ikm);
	struct obol_scalar secret;
	bool good;

	good = shared &&
		   step(run, "the server's key share",
				obol_opaque_derive_dh_key_pair(seed, &secret, keyshare)) &&
		   step(run, "dh1",
				obol_opaque_diffie_hellman(&secret, client_keyshare, to)) &&
		   step(run, "dh2",
				run->keys.static_dh(&run->keys, KEY_NUMBER, client_keyshare,
									shared)) &&
		   step(run, "dh3",
				obol_opaque_diffie_hellman(&secret, client_key,
										   to + 2 * OBOL_OPAQUE_NPK));
	if (good)
	{
		memcpy(to + OBOL_OPAQUE_NPK, obol_secret_ptr(shared), OBOL_OPAQUE_NPK);
	}
	obol_secret_free(shared);
	obol_secret_free(seed);
	return good;
}

/* What both sides derive on their way. */
static bool check_key_schedule(struct run *run)
{
	struct obol_secret *ikm = obol_secret_new(OBOL_OPAQUE_IKM_LEN);
	struct obol_opaque_3dh keys = { 0 };
	struct obol_opaque_transcript transcript = {
		.context = run->input.context,
		.ke1 = run->ke1,
		.ke2 = run->ke2,
	};
	uint8_t server_key[OBOL_OPAQUE_NPK];
	bool good;

	good = ikm &&
		   step(run, "the server's public key",
				run->keys.public_key(&run->keys, KEY_NUMBER, server_key)) &&
		   step(run, "identities",
				obol_opaque_resolve_identities(&run->input.ids, run->record,
											   server_key, &transcript.ids)) &&
		   server_ikm(run, ikm) &&
		   step(run, "DeriveKeys", obol_opaque_3dh(ikm, &transcript, &keys)) &&
		   secret_equal(run, "handshake_secret", keys.handshake_secret) &&
		   secret_equal(run, "server_mac_key", keys.server_mac_key) &&
		   secret_equal(run, "client_mac_key", keys.client_mac_key) &&
		   secret_equal(run, "session_key", keys.session_key);
	obol_opaque_3dh_clear(&keys);
	obol_secret_free(ikm);
	return good;
}

/* KE2 and what led to it; the state goes on to ServerFinish. */
static bool check_ke2(struct run *run, struct obol_opaque_server **state)
{
	struct scripted_rng rng;

	scripted_rng_init(&rng, NULL);
	script(run, &rng, "masking_nonce");
	script(run, &rng, "server_nonce");
	script(run, &rng, "server_keyshare_seed");
	return vector_check_good(run->check) &&
		   step(run, "GenerateKE2",
				obol_opaque_generate_ke2(&rng.rng, &run->input,
										 obol_bytes(run->ke1, sizeof(run->ke1)),
										 run->ke2, state)) &&
		   check_key_schedule(run) &&
		   equal(run, "ke2", run->ke2, sizeof(run->ke2));
}

static bool check_ke1(struct run *run, struct obol_opaque_client **state)
{
	struct scripted_rng rng;

	scripted_rng_init(&rng, NULL);
	script(run, &rng, "blind_login");
	script(run, &rng, "client_nonce");
	script(run, &rng, "client_keyshare_seed");
	return vector_check_good(run->check) &&
		   step(run, "GenerateKE1",
				obol_opaque_generate_ke1(&rng.rng, run->password, run->ke1,
										 state)) &&
		   equal(run, "ke1", run->ke1, sizeof(run->ke1));
}

static bool check_login(struct run *run)
{
	struct obol_opaque_client_output out = { 0 };
	struct obol_opaque_client *client = NULL;
	struct obol_opaque_server *server = NULL;
	struct obol_secret *session_key = NULL;
	bool good;

	good =
		check_ke1(run, &client) && check_ke2(run, &server) &&
		step(run, "GenerateKE3",
			 obol_opaque_generate_ke3(
				 client, obol_bytes(run->ke2, sizeof(run->ke2)),
				 &run->input.ids, run->input.context, &run->ksf, &out)) &&
		equal(run, "ke3", out.ke3, sizeof(out.ke3)) &&
		secret_equal(run, "session_key", out.session_key) &&
		secret_equal(run, "export_key", out.export_key) &&
		equal(run, "server_public_key", out.server_public_key,
			  OBOL_OPAQUE_NPK) &&
		step(run, "ServerFinish",
			 obol_opaque_server_finish(
				 server, obol_bytes(out.ke3, sizeof(out.ke3)), &session_key)) &&
		secret_equal(run, "session_key", session_key);
	obol_secret_free(session_key);
	obol_opaque_client_output_clear(&out);
	obol_opaque_client_free(client);
	obol_opaque_server_free(server);
	return good;
}

static void check_real(struct run *run)
{
	run->password = vector_check_secret(run->check, "password");
	(void)(vector_check_good(run->check) && check_registration(run) &&
		   check_login(run));
}

/* What the client of a fake vector sent: the file has it whole, and the seed
 * of its key share; the key pair that the record's public key is from. */
static bool check_fake_client(struct run *run)
{
	struct obol_secret *seed =
		vector_check_secret(run->check, "client_keyshare_seed");
	struct obol_bytes private_key =
		vector_check_optional(run->check, "client_private_key");
	uint8_t encoded[OBOL_OPAQUE_NPK];
	struct obol_p256_point point;
	struct obol_scalar scalar;
	bool good = vector_check_good(run->check);

	if (good && private_key.len)
	{
		good =
			step(run, "client_private_key",
				 obol_scalar_decode(private_key, &scalar)) &&
			step(run, "client_public_key", obol_p256_mul_base(&scalar, &point));
		if (good)
		{
			obol_p256_encode(encoded, &point);
			good = equal(run, "client_public_key", encoded, sizeof(encoded));
		}
	}
	good = good && step(run, "client_keyshare_seed",
						obol_opaque_derive_dh_key_pair(seed, &scalar, encoded));
	if (good)
	{
		/* the vector's KE1 with our key share in place of its own */
		memcpy(run->ke1 + OBOL_OPAQUE_KE1_LEN - OBOL_OPAQUE_NPK, encoded,
			   OBOL_OPAQUE_NPK);
		good = equal(run, "ke1", run->ke1, sizeof(run->ke1));
	}
	obol_secret_free(seed);
	return good;
}

static void check_fake(struct run *run)
{
	struct vector_check *check = run->check;
	struct obol_opaque_server *state = NULL;
	struct obol_bytes public_key =
		vector_check_fixed(check, "client_public_key", OBOL_OPAQUE_NPK);
	struct obol_bytes masking_key =
		vector_check_fixed(check, "masking_key", OBOL_OPAQUE_NH);
	struct obol_bytes ke1 =
		vector_check_fixed(check, "ke1", OBOL_OPAQUE_KE1_LEN);

	if (!vector_check_good(check))
	{
		return;
	}
	memcpy(run->record, public_key.ptr, OBOL_OPAQUE_NPK);
	memcpy(run->record + OBOL_OPAQUE_NPK, masking_key.ptr, OBOL_OPAQUE_NH);
	memcpy(run->ke1, ke1.ptr, OBOL_OPAQUE_KE1_LEN);
	if (vector_check_has(check, "client_keyshare_seed") &&
		!check_fake_client(run))
	{
		return;
	}
	(void)check_ke2(run, &state);
	obol_opaque_server_free(state);
}

static void check_opaque(struct vector_check *check)
{
	struct run run;

	if (run_init(&run, check) && check_server_public_key(&run))
	{
		if (vector_check_has(check, "password"))
		{
			check_real(&run);
		}
		else
		{
			check_fake(&run);
		}
	}
	run_clear(&run);
}

const struct vector_kind vector_kind_opaque = {
	"opaque",
	opaque_keys,
	check_opaque,
};
