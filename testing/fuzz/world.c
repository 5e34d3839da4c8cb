/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An account and a server's keys, the same every time. */
#include "fuzz/world.h"
#include "pake/opaque_registration.h"

#define SECRET "0123456789abcdef"

static struct fuzz_world world;

static struct obol_login_start alice(uint8_t kind)
{
	struct obol_login_start login = {
		.suite = OBOL_SUITE_1,
		.mechanism = OBOL_MECHANISM_OPAQUE,
		.kind = kind,
		.name = obol_bytes_str(FUZZ_ACCOUNT),
	};

	if (kind == OBOL_SLOT_DEVICE)
	{
		memcpy(login.device_id, fuzz_device_id, OBOL_DEVICE_ID_LEN);
	}
	return login;
}

struct obol_bytes fuzz_world_identifier(const struct obol_login_start *login,
										uint8_t out[1 + OBOL_NAME_MAX])
{
	out[0] = login->kind;
	memcpy(out + 1, login->name.ptr, login->name.len);
	return obol_bytes(out, 1 + login->name.len);
}

static void register_slot(struct obol_rng *rng, uint8_t kind)
{
	struct obol_login_start login = alice(kind);
	struct obol_opaque_identities ids = { .client = login.name };
	struct obol_opaque_registration *state = NULL;
	struct obol_secret *input = NULL, *export_key = NULL;
	uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN];
	uint8_t response[OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN];
	uint8_t id[1 + OBOL_NAME_MAX], public_key[OBOL_OPAQUE_NPK];
	struct fuzz_slot *slot = &world.slots[kind];
	struct obol_writer w;

	FUZZ_CHECK(obol_login_oprf_input(login.name, world.secret, &input) ==
			   OBOL_OK);
	FUZZ_CHECK(obol_opaque_registration_start(rng, input, request, &state) ==
			   OBOL_OK);
	FUZZ_CHECK(obol_opaque_registration_respond(
				   &world.keys, FUZZ_KEY_NUMBER,
				   fuzz_world_identifier(&login, id),
				   obol_bytes(request, sizeof(request)), response) == OBOL_OK);
	FUZZ_CHECK(obol_opaque_registration_finish(
				   state, obol_bytes(response, sizeof(response)), &ids,
				   &world.ksf, slot->record, &export_key,
				   public_key) == OBOL_OK);
	obol_writer_init(&w);
	/* a team has no account, and so no wrap */
	FUZZ_CHECK(kind == OBOL_SLOT_ENROLMENT ||
			   obol_slot_wrap(rng, export_key, (enum obol_slot_kind)kind,
							  &world.account_key, &w) == OBOL_OK);
	slot->wrap_len = obol_writer_view(&w).len;
	if (slot->wrap_len)
	{
		memcpy(slot->wrap, obol_writer_view(&w).ptr, slot->wrap_len);
	}
	obol_writer_clear(&w);
	obol_opaque_registration_free(state);
	obol_secret_free(input);
	obol_secret_free(export_key);
}

static void make(void)
{
	struct fuzz_rng rng;
	uint8_t kind;

	fuzz_rng_init(&rng, 6);
	world.secret = fuzz_secret(obol_bytes_str(SECRET));
	FUZZ_CHECK(obol_ksf_init(&world.ksf, &obol_ksf_identity) == OBOL_OK);
	FUZZ_CHECK(obol_rng_fill(&rng.rng, world.exporter,
							 sizeof(world.exporter)) == OBOL_OK);
	FUZZ_CHECK(obol_rng_secret(&rng.rng, OBOL_OPAQUE_NH, &world.oprf_seed) ==
			   OBOL_OK);
	FUZZ_CHECK(obol_opaque_generate_key_pair(&rng.rng, &world.private_key,
											 world.public_key) == OBOL_OK);
	FUZZ_CHECK(obol_opaque_local_keys_init(&world.keys, FUZZ_KEY_NUMBER,
										   world.oprf_seed,
										   world.private_key) == OBOL_OK);
	FUZZ_CHECK(obol_account_key_new(&rng.rng, &world.account_key) == OBOL_OK);
	FUZZ_CHECK(obol_opaque_fake_record(world.oprf_seed, obol_bytes_str("x"),
									   world.fake_record) == OBOL_OK);
	for (kind = OBOL_SLOT_PASSWORD; kind <= OBOL_SLOT_ENROLMENT; kind++)
	{
		register_slot(&rng.rng, kind);
	}
}

const struct fuzz_world *fuzz_world(void)
{
	if (!world.secret)
	{
		fuzz_stays_begin();
		make();
		fuzz_stays_end();
	}
	return &world;
}

struct obol_bytes fuzz_world_record(const struct obol_login_start *login)
{
	struct obol_login_start known = alice(login->kind);

	if (login->kind >= OBOL_SLOT_PASSWORD &&
		login->kind <= OBOL_SLOT_ENROLMENT &&
		obol_bytes_eq(login->name, known.name) &&
		memcmp(login->device_id, known.device_id, OBOL_DEVICE_ID_LEN) == 0)
	{
		return obol_bytes(world.slots[login->kind].record,
						  OBOL_OPAQUE_RECORD_LEN);
	}
	return obol_bytes(world.fake_record, OBOL_OPAQUE_RECORD_LEN);
}

void fuzz_world_context(const struct obol_login_start *login,
						const struct obol_ksf_params *ksf, uint32_t key_number,
						uint8_t context[OBOL_LOGIN_CONTEXT_LEN])
{
	struct obol_login_context in = {
		.suite = login->suite,
		.mechanism = login->mechanism,
		.kind = login->kind,
		.ksf = *ksf,
		.key_number = key_number,
	};

	memcpy(in.exporter, world.exporter, sizeof(in.exporter));
	obol_login_context(&in, context);
}
