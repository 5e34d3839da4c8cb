/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OPAQUE's messages and records as the other side, or a store, gives them: any
 * bytes, or good ones of which some are changed. */
#include "fuzz/world.h"
#include "pake/opaque_registration.h"

static const struct obol_opaque_identities ids = {
	.client = { (const uint8_t *)FUZZ_ACCOUNT, sizeof(FUZZ_ACCOUNT) - 1 },
};

/* Changes as the script says: some bytes, or another length altogether. */
static struct obol_bytes change(struct fuzz_script *script, uint8_t *bytes,
								size_t len)
{
	size_t n = fuzz_below(script, 5), i;

	if (n == 4)
	{
		return fuzz_long_bytes(script);
	}
	for (i = 0; i < n; i++)
	{
		size_t at = fuzz_u16(script) % len;

		bytes[at] ^= fuzz_u8(script);
	}
	return obol_bytes(bytes, len);
}

static struct obol_secret *oprf_input(const struct fuzz_world *world)
{
	struct obol_secret *input = NULL;

	FUZZ_CHECK(obol_login_oprf_input(ids.client, world->secret, &input) ==
			   OBOL_OK);
	return input;
}

static void registration(const struct fuzz_world *world,
						 struct fuzz_script *script, struct obol_rng *rng)
{
	struct obol_opaque_keys *keys = (struct obol_opaque_keys *)&world->keys;
	uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN];
	uint8_t response[OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN];
	uint8_t record[OBOL_OPAQUE_RECORD_LEN], public_key[OBOL_OPAQUE_NPK];
	struct obol_secret *input = oprf_input(world), *export_key = NULL;
	struct obol_opaque_registration *state = NULL;
	enum obol_status status;

	FUZZ_CHECK(obol_opaque_registration_start(rng, input, request, &state) ==
			   OBOL_OK);
	status = obol_opaque_registration_respond(
		keys, FUZZ_KEY_NUMBER, obol_bytes_str("id"),
		change(script, request, sizeof(request)), response);
	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT);
	if (status == OBOL_OK)
	{
		status = obol_opaque_registration_finish(
			state, change(script, response, sizeof(response)), &ids,
			&world->ksf, record, &export_key, public_key);
		FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT);
		FUZZ_CHECK((status == OBOL_OK) == (export_key != NULL));
	}
	obol_opaque_registration_free(state);
	obol_secret_free(export_key);
	obol_secret_free(input);
}

/* what has passed both sides unchanged is what both sides hold */
static void check_done(const struct fuzz_world *world, bool is_changed,
					   struct obol_opaque_server *server,
					   struct obol_opaque_client_output *out)
{
	struct obol_secret *session_key = NULL;

	FUZZ_CHECK(!is_changed);
	FUZZ_CHECK(memcmp(out->server_public_key, world->public_key,
					  OBOL_OPAQUE_NPK) == 0);
	FUZZ_CHECK(obol_opaque_server_finish(server,
										 obol_bytes(out->ke3, sizeof(out->ke3)),
										 &session_key) == OBOL_OK);
	FUZZ_CHECK(obol_bytes_eq(obol_secret_view(session_key),
							 obol_secret_view(out->session_key)));
	obol_secret_free(session_key);
}

static void login(const struct fuzz_world *world, struct fuzz_script *script,
				  struct obol_rng *rng)
{
	uint8_t record[OBOL_OPAQUE_RECORD_LEN], ke1[OBOL_OPAQUE_KE1_LEN];
	uint8_t ke2[OBOL_OPAQUE_KE2_LEN], id[1 + OBOL_NAME_MAX];
	uint8_t sent[OBOL_OPAQUE_KE1_LEN], answered[OBOL_OPAQUE_KE2_LEN];
	struct obol_login_start start = { .kind = OBOL_SLOT_RECOVERY,
									  .name = ids.client };
	struct obol_opaque_server_input in = {
		.keys = (struct obol_opaque_keys *)&world->keys,
		.key_number = FUZZ_KEY_NUMBER,
		.ids = ids,
		.context = obol_bytes_str("context"),
	};
	struct obol_opaque_client_output out = { .session_key = NULL };
	struct obol_secret *input = oprf_input(world);
	struct obol_opaque_client *client = NULL;
	struct obol_opaque_server *server = NULL;
	struct obol_bytes to_server, to_client;
	enum obol_status status;

	FUZZ_CHECK(obol_opaque_generate_ke1(rng, input, ke1, &client) == OBOL_OK);
	memcpy(sent, ke1, sizeof(ke1));
	memcpy(record, world->slots[OBOL_SLOT_RECOVERY].record, sizeof(record));
	in.credential_identifier = fuzz_world_identifier(&start, id);
	in.record = change(script, record, sizeof(record));
	to_server = change(script, ke1, sizeof(ke1));
	status = obol_opaque_generate_ke2(rng, &in, to_server, ke2, &server);
	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT);
	if (status == OBOL_OK)
	{
		memcpy(answered, ke2, sizeof(ke2));
		to_client = change(script, ke2, sizeof(ke2));
		status = obol_opaque_generate_ke3(client, to_client, &ids, in.context,
										  &world->ksf, &out);
		FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT ||
				   status == OBOL_ERR_AUTH);
		if (status == OBOL_OK)
		{
			check_done(
				world,
				!obol_bytes_eq(to_server, obol_bytes(sent, sizeof(sent))) ||
					!obol_bytes_eq(to_client,
								   obol_bytes(answered, sizeof(answered))),
				server, &out);
		}
	}
	obol_opaque_client_output_clear(&out);
	obol_opaque_client_free(client);
	obol_opaque_server_free(server);
	obol_secret_free(input);
}

static void run(struct obol_bytes in)
{
	struct fuzz_script script = fuzz_script_over(in);
	const struct fuzz_world *world = fuzz_world();
	struct fuzz_rng rng;

	fuzz_rng_init(&rng, 9);
	if (fuzz_u8(&script) & 1)
	{
		registration(world, &script, &rng.rng);
	}
	else
	{
		login(world, &script, &rng.rng);
	}
}

static void seed(struct fuzz_seeds *seeds)
{
	/* changes of record, KE1, KE2; of request, response */
	static const uint8_t honest[] = { 0, 0, 0, 0 };
	static const uint8_t masking_key[] = { 0, 1, 0, 40, 1, 0, 0 };
	static const uint8_t ke1[] = { 0, 0, 1, 0, 0, 1, 0 };
	static const uint8_t ke2[] = { 0, 0, 0, 2, 0, 9, 4, 1, 0x30, 1 };
	static const uint8_t any[] = { 0, 0, 4, 0, 3, 1, 2, 3 };
	static const uint8_t registered[] = { 1, 0, 0 };
	static const uint8_t response[] = { 1, 0, 1, 0, 33, 1 };

	fuzz_seed(seeds, "honest", obol_bytes(honest, sizeof(honest)));
	fuzz_seed(seeds, "record", obol_bytes(masking_key, sizeof(masking_key)));
	fuzz_seed(seeds, "ke1", obol_bytes(ke1, sizeof(ke1)));
	fuzz_seed(seeds, "ke2", obol_bytes(ke2, sizeof(ke2)));
	fuzz_seed(seeds, "any", obol_bytes(any, sizeof(any)));
	fuzz_seed(seeds, "registered", obol_bytes(registered, sizeof(registered)));
	fuzz_seed(seeds, "response", obol_bytes(response, sizeof(response)));
}

static struct fuzz_target target = {
	.name = "opaque",
	.what = "a login succeeds only when KE1 and KE2 came unchanged, and both "
			"sides hold the same key then",
	.run = run,
	.seed = seed,
	.max_len = 600,
};

FUZZ_TARGET(target)
