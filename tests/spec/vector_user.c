/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logins and registrations, written down. */
#include "spec/vector_user.h"

#include <stdlib.h>

#include "base/ct.h"
#include "pake/opaque_registration.h"

/*
 * Logins
 */

static struct obol_secret *describe(struct vector_text *out,
									const struct vector_login *login)
{
	vector_bytes(out, "account_name", obol_bytes_str(login->name));
	if (login->device_id)
	{
		vector_bytes(out, "device_id",
					 obol_bytes(login->device_id, OBOL_DEVICE_ID_LEN));
	}
	vector_secret(out, "secret", login->secret);
	return vector_oprf_input(out, login->name, login->secret);
}

static struct obol_ksf_params ksf_of(const uint8_t *challenge)
{
	struct obol_ksf_params ksf = {
		.id = (enum obol_ksf_id)challenge[0],
		.log2_n = challenge[1],
		.r = (uint16_t)(challenge[2] << 8 | challenge[3]),
		.p = (uint16_t)(challenge[4] << 8 | challenge[5]),
	};

	return ksf;
}

bool vector_login_start(struct vector_link *l, const struct vector_login *login,
						struct obol_secret **export_key)
{
	struct vector_world *w = l->world;
	struct obol_client_login begin = {
		.kind = login->kind,
		.name = obol_bytes_str(login->name),
		.secret = login->secret,
	};
	struct obol_secret *randomized;
	struct vector_stretch in = { .input = describe(w->out, login) };
	bool verified;

	if (login->device_id)
	{
		memcpy(begin.device_id, login->device_id, sizeof(begin.device_id));
	}
	vector_rng_expect(&w->client_rng, w->out, "blind", "client_nonce",
					  "client_keyshare_seed", NULL);
	vector_rng_expect(&w->server_rng, w->out, "masking_nonce", "server_nonce",
					  "server_keyshare_seed", NULL);
	must(obol_client_session_login(l->client, &begin) == OBOL_OK);
	vector_link_run(l);
	verified = obol_client_session_state(l->client) == OBOL_CLIENT_READY;
	must(l->challenge_len > OBOL_KSF_PARAMS_LEN + 4);
	vector_context(w->out, login->kind, l->challenge, l->exporter);
	in.blind = w->client_rng.drawn[0];
	in.evaluated = l->challenge + OBOL_KSF_PARAMS_LEN + 4;
	in.ksf = ksf_of(l->challenge);
	randomized = vector_randomize(w->out, &in);
	*export_key =
		verified ? vector_unmask(w->out, randomized, l->challenge) : NULL;
	obol_secret_free(randomized);
	obol_secret_free(in.input);
	return verified;
}

const struct obol_answer *
vector_login_done(struct vector_link *l, const struct obol_secret *export_key,
				  const struct obol_request *first)
{
	const struct obol_answer *answer = vector_link_ask(l, first);
	const struct obol_account_key *key =
		obol_client_session_account_key(l->client);

	must(key);
	vector_wrap(l->world->out, export_key,
				obol_client_session_login_done(l->client)->wrap);
	vector_account_key(l->world->out, key);
	return answer;
}

const struct obol_answer *vector_login(struct vector_link *l,
									   const struct vector_login *login,
									   const struct obol_request *first)
{
	struct obol_secret *export_key = NULL;
	const struct obol_answer *answer;

	must(vector_login_start(l, login, &export_key));
	answer = vector_login_done(l, export_key, first);
	obol_secret_free(export_key);
	return answer;
}

/*
 * Registrations
 */

/* The client's second step: record and wrap, by the code and by hand. */
static void finish(struct vector_world *w, struct vector_slot *slot,
				   struct obol_opaque_registration *state,
				   struct obol_bytes response,
				   const struct obol_account_key *key,
				   struct obol_slot_message *message)
{
	struct vector_rng *rng = &w->client_rng;
	struct obol_opaque_identities ids = { .client = obol_bytes_str(
											  slot->login.name) };
	struct vector_stretch in = {
		.input =
			vector_oprf_input(w->out, slot->login.name, slot->login.secret),
		.blind = rng->drawn[0],
		.evaluated = response.ptr,
		.ksf = message->ksf,
	};
	struct obol_secret *export_key = NULL, *randomized, *same;
	uint8_t server_key[OBOL_OPAQUE_NPK];
	struct obol_writer wrap;
	struct obol_ksf ksf;

	must(obol_ksf_init(&ksf, &message->ksf) == OBOL_OK);
	must(obol_opaque_registration_finish(state, response, &ids, &ksf,
										 slot->record, &export_key,
										 server_key) == OBOL_OK);
	randomized = vector_randomize(w->out, &in);
	same = vector_export_key(w->out, randomized, rng->drawn[1]);
	must(obol_ct_eq(obol_secret_ptr(same), obol_secret_ptr(export_key),
					OBOL_OPAQUE_NH));
	vector_bytes(w->out, "record",
				 obol_bytes(slot->record, OBOL_OPAQUE_RECORD_LEN));
	vector_rng_expect(rng, w->out, "wrap_random_salt", NULL);
	obol_writer_init(&wrap);
	must(obol_slot_wrap(&rng->rng, export_key, slot->login.kind, key, &wrap) ==
		 OBOL_OK);
	vector_wrap(w->out, export_key, obol_writer_view(&wrap));
	message->wrap = obol_bytes(slot->wrap, obol_writer_view(&wrap).len);
	must(message->wrap.len <= sizeof(slot->wrap));
	memcpy(slot->wrap, obol_writer_view(&wrap).ptr, message->wrap.len);
	message->record = obol_bytes(slot->record, OBOL_OPAQUE_RECORD_LEN);
	obol_writer_clear(&wrap);
	obol_secret_free(same);
	obol_secret_free(randomized);
	obol_secret_free(export_key);
	obol_secret_free(in.input);
}

/* The client's first step. */
static struct obol_opaque_registration *
start(struct vector_world *w, struct vector_slot *slot,
	  uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN])
{
	struct obol_opaque_registration *state = NULL;
	struct obol_secret *input = NULL;

	must(obol_login_oprf_input(obol_bytes_str(slot->login.name),
							   slot->login.secret, &input) == OBOL_OK);
	vector_rng_expect(&w->client_rng, w->out, "blind", "envelope_nonce", NULL);
	must(obol_opaque_registration_start(&w->client_rng.rng, input, request,
										&state) == OBOL_OK);
	obol_secret_free(input);
	return state;
}

void vector_register(struct vector_link *l, struct vector_slot *slot,
					 const struct obol_account_key *key,
					 struct obol_slot_message *message)
{
	struct vector_text *out = l->world->out;
	struct obol_opaque_registration *state;
	struct obol_request request = { .type = OBOL_SLOT_START };
	const struct obol_answer *answer;

	memset(message, 0, sizeof(*message));
	out->prefix = slot->prefix;
	vector_secret(out, "secret", slot->login.secret);
	request.slot_start.kind = message->kind = (uint8_t)slot->login.kind;
	if (slot->login.device_id)
	{
		vector_bytes(out, "id",
					 obol_bytes(slot->login.device_id, OBOL_DEVICE_ID_LEN));
		memcpy(request.slot_start.device_id, slot->login.device_id,
			   OBOL_DEVICE_ID_LEN);
		memcpy(message->device_id, slot->login.device_id, OBOL_DEVICE_ID_LEN);
	}
	state = start(l->world, slot, request.slot_start.request);
	answer = vector_link_ask(l, &request);
	message->label = obol_bytes_str(slot->label);
	message->ksf = answer->slot_start.ksf;
	message->key_number = answer->slot_start.key_number;
	message->generation = key->generation;
	finish(l->world, slot, state,
		   obol_bytes(answer->slot_start.response,
					  OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN),
		   key, message);
	obol_opaque_registration_free(state);
	out->prefix = NULL;
}

void vector_register_here(struct vector_world *w, struct vector_slot *slot,
						  const struct obol_account_key *key)
{
	uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN];
	uint8_t response[OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN];
	uint8_t identifier[32], device_id[OBOL_DEVICE_ID_LEN] = { 0 };
	struct obol_slot_message message = { .ksf = obol_ksf_identity };
	struct obol_opaque_registration *state;

	w->out->prefix = slot->prefix;
	must(obol_store_credential_identifier(w->options.store,
										  (uint8_t)slot->login.kind,
										  obol_bytes_str(slot->login.name),
										  device_id, identifier) == OBOL_OK);
	vector_bytes(w->out, "credential_identifier",
				 obol_bytes(identifier, sizeof(identifier)));
	state = start(w, slot, request);
	must(obol_opaque_registration_respond(
			 w->options.keys, w->options.current_key,
			 obol_bytes(identifier, sizeof(identifier)),
			 obol_bytes(request, sizeof(request)), response) == OBOL_OK);
	vector_bytes(w->out, "registration_request",
				 obol_bytes(request, sizeof(request)));
	vector_bytes(w->out, "registration_response",
				 obol_bytes(response, sizeof(response)));
	finish(w, slot, state, obol_bytes(response, sizeof(response)), key,
		   &message);
	obol_opaque_registration_free(state);
	w->out->prefix = NULL;
}

/*
 * Credentials
 */

void vector_seal(struct vector_world *w, const struct obol_account_key *key,
				 const struct obol_credential_header *header,
				 const struct obol_secret *body, struct obol_writer *sealed)
{
	obol_writer_init(sealed);
	vector_rng_expect(&w->client_rng, w->out, "random_salt", NULL);
	must(obol_credential_seal(&w->client_rng.rng, key, header, body, sealed) ==
		 OBOL_OK);
	vector_credential(w->out, key, header, obol_writer_view(sealed));
}
