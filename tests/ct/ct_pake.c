/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OPRF and OPAQUE: registration, login with the right and a wrong password, an
 * unknown name. CPace of both sides. */
#include "ct/ct.h"
#include "base/ct.h"
#include "pake/cpace.h"
#include "pake/opaque_login.h"
#include "pake/opaque_registration.h"
#include "pake/oprf.h"

/** A server and what it stores. */
struct server {
	struct obol_opaque_keys keys;
	struct obol_secret *oprf_seed;
	struct obol_secret *private_key;
	uint8_t public_key[OBOL_OPAQUE_NPK];
	uint8_t record[OBOL_OPAQUE_RECORD_LEN];
};

static struct obol_bytes identifier(void)
{
	return obol_bytes_str("credential identifier");
}

static struct obol_opaque_identities identities(void)
{
	struct obol_opaque_identities ids = { .client = obol_bytes_str("alice") };

	return ids;
}

static void server_init(struct server *server)
{
	struct obol_rng *rng = obol_rng_system();

	memset(server, 0, sizeof(*server));
	CT_CHECK(obol_rng_secret(rng, OBOL_OPAQUE_NH, &server->oprf_seed) ==
			 OBOL_OK);
	CT_CHECK(obol_opaque_generate_key_pair(rng, &server->private_key,
										   server->public_key) == OBOL_OK);
	CT_CHECK(obol_opaque_local_keys_init(&server->keys, 1, server->oprf_seed,
										 server->private_key) == OBOL_OK);
	ct_probe_secret("the OPRF seed", server->oprf_seed);
	ct_probe_secret("the static private key", server->private_key);
}

static void server_clear(struct server *server)
{
	obol_opaque_local_keys_clear(&server->keys);
	obol_secret_free(server->oprf_seed);
	obol_secret_free(server->private_key);
}

/* scrypt's smallest: its time is another question, see openssl.supp */
static struct obol_ksf ksf_of(bool is_scrypt)
{
	struct obol_ksf_params params = obol_ksf_identity;
	struct obol_ksf ksf;

	if (is_scrypt)
	{
		params.id = OBOL_KSF_SCRYPT;
		params.log2_n = 4;
		params.r = 1;
		params.p = 1;
	}
	CT_CHECK(obol_ksf_init(&ksf, &params) == OBOL_OK);
	return ksf;
}

static void register_password(struct server *server, const struct obol_ksf *ksf)
{
	struct obol_secret *password = ct_password("correct horse"), *export_key;
	uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN];
	uint8_t response[OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN];
	struct obol_opaque_identities ids = identities();
	struct obol_opaque_registration *state = NULL;
	uint8_t public_key[OBOL_OPAQUE_NPK];

	ct_probe_secret("the password", password);
	CT_CHECK(obol_opaque_registration_start(obol_rng_system(), password,
											request, &state) == OBOL_OK);
	CT_CHECK(obol_opaque_registration_respond(
				 &server->keys, 1, identifier(),
				 obol_bytes(request, sizeof(request)), response) == OBOL_OK);
	CT_CHECK(obol_opaque_registration_finish(
				 state, obol_bytes(response, sizeof(response)), &ids, ksf,
				 server->record, &export_key, public_key) == OBOL_OK);
	ct_probe_secret("export_key", export_key);
	ct_probe("the masking key", server->record + OBOL_OPAQUE_NPK,
			 OBOL_OPAQUE_NH);
	obol_opaque_registration_free(state);
	obol_secret_free(export_key);
	obol_secret_free(password);
}

/* What came of a login, and the server's session key. */
static enum obol_status login(struct server *server, const char *typed,
							  const struct obol_ksf *ksf)
{
	struct obol_secret *password = ct_password(typed), *session_key = NULL;
	struct obol_opaque_client_output out = { .session_key = NULL };
	struct obol_opaque_identities ids = identities();
	struct obol_opaque_server_input in = {
		.keys = &server->keys,
		.key_number = 1,
		.credential_identifier = identifier(),
		.record = obol_bytes(server->record, sizeof(server->record)),
		.ids = ids,
		.context = obol_bytes_str("context"),
	};
	struct obol_opaque_client *client = NULL;
	struct obol_opaque_server *state = NULL;
	uint8_t ke1[OBOL_OPAQUE_KE1_LEN], ke2[OBOL_OPAQUE_KE2_LEN];
	struct obol_rng *rng = obol_rng_system();
	enum obol_status status;

	CT_CHECK(obol_opaque_generate_ke1(rng, password, ke1, &client) == OBOL_OK);
	CT_CHECK(obol_opaque_generate_ke2(rng, &in, obol_bytes(ke1, sizeof(ke1)),
									  ke2, &state) == OBOL_OK);
	status = obol_opaque_generate_ke3(client, obol_bytes(ke2, sizeof(ke2)),
									  &ids, in.context, ksf, &out);
	if (status == OBOL_OK)
	{
		ct_probe_secret("session_key", out.session_key);
		ct_probe_secret("export_key", out.export_key);
		CT_CHECK(obol_opaque_server_finish(state,
										   obol_bytes(out.ke3, sizeof(out.ke3)),
										   &session_key) == OBOL_OK);
		ct_probe_secret("the server's session_key", session_key);
	}
	else
	{
		/* KE3 of somebody who does not know the password */
		CT_CHECK(obol_opaque_server_finish(state,
										   obol_bytes(ke1, OBOL_OPAQUE_KE3_LEN),
										   &session_key) == OBOL_ERR_AUTH);
	}
	obol_secret_free(session_key);
	obol_opaque_client_output_clear(&out);
	obol_opaque_client_free(client);
	obol_opaque_server_free(state);
	obol_secret_free(password);
	return status;
}

static void oprf(void)
{
	struct obol_secret *input = ct_password("input"), *key_seed = NULL;
	struct obol_secret *output = obol_secret_new(OBOL_OPRF_OUTPUT_LEN);
	uint8_t blinded[OBOL_OPRF_ELEMENT_LEN], evaluated[OBOL_OPRF_ELEMENT_LEN];
	struct obol_scalar blind, key;

	CT_CHECK(output);
	CT_CHECK(obol_rng_secret(obol_rng_system(), OBOL_OPRF_SEED_LEN,
							 &key_seed) == OBOL_OK);
	CT_CHECK(obol_derive_key_pair(key_seed, obol_bytes_str("ct"), &key, NULL) ==
			 OBOL_OK);
	ct_probe("the OPRF key", key.limbs, sizeof(key.limbs));
	CT_CHECK(obol_oprf_blind(obol_rng_system(), input, &blind, blinded) ==
			 OBOL_OK);
	ct_probe("the blind", blind.limbs, sizeof(blind.limbs));
	CT_CHECK(obol_oprf_blind_evaluate(&key,
									  obol_bytes(blinded, sizeof(blinded)),
									  evaluated) == OBOL_OK);
	CT_CHECK(obol_oprf_finalize(input, &blind,
								obol_bytes(evaluated, sizeof(evaluated)),
								output) == OBOL_OK);
	ct_probe_secret("the OPRF's output", output);
	obol_secret_free(output);
	obol_secret_free(input);
	obol_secret_free(key_seed);
}

static void logins(bool is_scrypt)
{
	struct obol_ksf ksf = ksf_of(is_scrypt);
	struct server server;

	server_init(&server);
	register_password(&server, &ksf);
	CT_CHECK(login(&server, "correct horse", &ksf) == OBOL_OK);
	CT_CHECK(login(&server, "battery staple", &ksf) == OBOL_ERR_AUTH);
	server_clear(&server);
}

static void opaque(void)
{
	logins(false);
}

static void opaque_with_scrypt(void)
{
	logins(true);
}

static void unknown_name(void)
{
	struct obol_ksf ksf = ksf_of(false);
	struct server server;

	server_init(&server);
	CT_CHECK(obol_opaque_fake_record(server.oprf_seed,
									 obol_bytes_str("mallory"),
									 server.record) == OBOL_OK);
	CT_CHECK(login(&server, "correct horse", &ksf) == OBOL_ERR_AUTH);
	server_clear(&server);
}

struct side {
	struct obol_scalar y;
	uint8_t share[OBOL_CPACE_SHARE_LEN];
	struct obol_cpace_message message;
	struct obol_secret *isk;
};

static void cpace(void)
{
	struct obol_secret *prs = ct_password("5027916");
	struct obol_cpace_context context = { prs, obol_bytes_str("channel"),
										  obol_bytes_str("session") };
	struct side sides[2] = { { .isk = NULL }, { .isk = NULL } };
	uint8_t tags[2][OBOL_CPACE_TAG_LEN];
	int i;

	ct_probe_secret("the code", prs);
	for (i = 0; i < 2; i++)
	{
		CT_CHECK(obol_cpace_share(obol_rng_system(), &context, &sides[i].y,
								  sides[i].share) == OBOL_OK);
		ct_probe("a party's scalar", &sides[i].y, sizeof(sides[i].y));
		sides[i].message.y = obol_bytes(sides[i].share, OBOL_CPACE_SHARE_LEN);
		sides[i].message.ad = obol_bytes_str(i ? "b" : "a");
	}
	for (i = 0; i < 2; i++)
	{
		CT_CHECK(obol_cpace_isk(&sides[i].y, sides[1 - i].message.y,
								context.sid, &sides[0].message,
								&sides[1].message, &sides[i].isk) == OBOL_OK);
		ct_probe_secret("the session key", sides[i].isk);
		CT_CHECK(obol_cpace_tag(sides[i].isk, context.sid, &sides[0].message,
								tags[i]) == OBOL_OK);
		obol_secret_free(sides[i].isk);
	}
	CT_CHECK(obol_ct_eq(tags[0], tags[1], sizeof(tags[0])));
	obol_secret_free(prs);
}

const struct ct_case ct_pake_cases[] = {
	{ "cpace", cpace },
	{ "oprf", oprf },
	{ "opaque", opaque },
	{ "opaque_with_scrypt", opaque_with_scrypt },
	{ "unknown_name", unknown_name },
	{ NULL, NULL },
};
