/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client and a server of OPAQUE in one process. */
#include "pake/opaque_pair.h"

#include <check.h>

#include "base/ct.h"

void opaque_pair_rng(struct scripted_rng *rng, uint8_t tag)
{
	uint8_t bytes[192];
	size_t i;

	scripted_rng_init(rng, NULL);
	for (i = 0; i < sizeof(bytes); i++)
	{
		bytes[i] = (uint8_t)(tag + i);
	}
	scripted_rng_add(rng, obol_bytes(bytes, sizeof(bytes)));
}

static void register_client(struct opaque_pair *pair)
{
	uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN];
	uint8_t response[OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN];
	struct obol_opaque_registration *state = NULL;
	uint8_t pin[OBOL_OPAQUE_NPK];
	struct scripted_rng rng;

	opaque_pair_rng(&rng, 1);
	ck_assert_int_eq(obol_opaque_registration_start(&rng.rng, pair->password,
													request, &state),
					 OBOL_OK);
	ck_assert_int_eq(obol_opaque_registration_respond(
						 &pair->keys, PAIR_KEY_NUMBER,
						 pair->input.credential_identifier,
						 obol_bytes(request, sizeof(request)), response),
					 OBOL_OK);
	ck_assert_int_eq(obol_opaque_registration_finish(
						 state, obol_bytes(response, sizeof(response)),
						 &pair->ids, &pair->ksf, pair->record,
						 &pair->export_key, pin),
					 OBOL_OK);
	ck_assert_mem_eq(pin, pair->public_key, sizeof(pin));
	obol_opaque_registration_free(state);
}

void opaque_pair_init(struct opaque_pair *pair, const char *password,
					  const char *client, const char *server)
{
	struct scripted_rng rng;

	memset(pair, 0, sizeof(*pair));
	opaque_pair_rng(&rng, 99);
	pair->oprf_seed = obol_secret_dup("an OPRF seed of thirty-two bytes", 32);
	pair->password = obol_secret_dup(password, strlen(password));
	ck_assert_int_eq(obol_opaque_generate_key_pair(&rng.rng, &pair->private_key,
												   pair->public_key),
					 OBOL_OK);
	ck_assert_int_eq(obol_opaque_local_keys_init(&pair->keys, PAIR_KEY_NUMBER,
												 pair->oprf_seed,
												 pair->private_key),
					 OBOL_OK);
	ck_assert_int_eq(obol_ksf_init(&pair->ksf, &obol_ksf_identity), OBOL_OK);
	pair->ids.client = obol_bytes_str(client);
	pair->ids.server = obol_bytes_str(server);
	pair->context = obol_bytes_str("context");
	pair->input.keys = &pair->keys;
	pair->input.key_number = PAIR_KEY_NUMBER;
	pair->input.credential_identifier = obol_bytes_str("alice's identifier");
	pair->input.record = obol_bytes(pair->record, sizeof(pair->record));
	pair->input.ids = pair->ids;
	pair->input.context = pair->context;
	register_client(pair);
}

void opaque_pair_reset(struct opaque_pair *pair)
{
	obol_opaque_client_free(pair->client);
	obol_opaque_server_free(pair->server);
	pair->client = NULL;
	pair->server = NULL;
}

void opaque_pair_clear(struct opaque_pair *pair)
{
	opaque_pair_reset(pair);
	obol_opaque_local_keys_clear(&pair->keys);
	obol_secret_free(pair->oprf_seed);
	obol_secret_free(pair->private_key);
	obol_secret_free(pair->password);
	obol_secret_free(pair->export_key);
}

void opaque_pair_ke1(struct opaque_pair *pair)
{
	struct scripted_rng rng;

	opaque_pair_rng(&rng, 20);
	ck_assert_int_eq(obol_opaque_generate_ke1(&rng.rng, pair->password,
											  pair->ke1, &pair->client),
					 OBOL_OK);
	ck_assert_uint_eq(rng.used, 96);
}

enum obol_status opaque_pair_ke2(struct opaque_pair *pair)
{
	struct scripted_rng rng;

	opaque_pair_rng(&rng, 40);
	return obol_opaque_generate_ke2(&rng.rng, &pair->input,
									obol_bytes(pair->ke1, sizeof(pair->ke1)),
									pair->ke2, &pair->server);
}

enum obol_status opaque_pair_ke3(struct opaque_pair *pair,
								 uint8_t ke3[OBOL_OPAQUE_KE3_LEN])
{
	struct obol_opaque_client_output out = { 0 };
	enum obol_status status;

	status = obol_opaque_generate_ke3(
		pair->client, obol_bytes(pair->ke2, sizeof(pair->ke2)), &pair->ids,
		pair->context, &pair->ksf, &out);
	if (status == OBOL_OK)
	{
		memcpy(ke3, out.ke3, OBOL_OPAQUE_KE3_LEN);
		ck_assert_mem_eq(out.server_public_key, pair->public_key,
						 OBOL_OPAQUE_NPK);
		ck_assert(obol_ct_eq(obol_secret_ptr(out.export_key),
							 obol_secret_ptr(pair->export_key),
							 OBOL_OPAQUE_NH));
	}
	else
	{
		/* nothing comes out of a failed login */
		ck_assert_ptr_null(out.session_key);
		ck_assert_ptr_null(out.export_key);
	}
	obol_opaque_client_output_clear(&out);
	return status;
}
