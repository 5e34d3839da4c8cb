/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Activation codes and their slots, both sides of the registration. */
#include "server/activation.h"

#include "pake/opaque_registration.h"

/** The three steps of RFC 9807, 5.2, at one place. */
static enum obol_status register_code(
	const struct obol_activation_server *server, enum obol_slot_kind kind,
	struct obol_bytes name, const struct obol_secret *input,
	uint8_t record[OBOL_OPAQUE_RECORD_LEN], struct obol_secret **export_key)
{
	uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN];
	uint8_t response[OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN];
	struct obol_opaque_identities ids = { name, { NULL, 0 } };
	struct obol_opaque_registration *state = NULL;
	uint8_t public_key[OBOL_OPAQUE_NPK];
	uint8_t identifier[32];
	enum obol_status status;
	struct obol_ksf ksf;

	status = obol_store_credential_identifier(server->store, kind, name, NULL,
											  identifier);
	if (status == OBOL_OK)
	{
		status = obol_ksf_init(&ksf, &obol_ksf_identity);
	}
	if (status == OBOL_OK)
	{
		status =
			obol_opaque_registration_start(server->rng, input, request, &state);
	}
	if (status == OBOL_OK)
	{
		status = obol_opaque_registration_respond(
			server->keys, server->key_number,
			obol_bytes(identifier, sizeof(identifier)),
			obol_bytes(request, sizeof(request)), response);
	}
	if (status == OBOL_OK)
	{
		status = obol_opaque_registration_finish(
			state, obol_bytes(response, sizeof(response)), &ids, &ksf, record,
			export_key, public_key);
	}
	obol_opaque_registration_free(state);
	return status;
}

enum obol_status
obol_activation_register(const struct obol_activation_server *server,
						 const char *name, const struct obol_secret *code,
						 const struct obol_account_key *key,
						 uint64_t expires_at, struct obol_slot *slot)
{
	struct obol_secret *export_key = NULL;
	struct obol_secret *input = NULL;
	enum obol_status status;
	struct obol_writer wrap;

	obol_writer_init(&wrap);
	memset(slot, 0, sizeof(*slot));
	slot->kind = OBOL_SLOT_ACTIVATION;
	slot->ksf = obol_ksf_identity;
	slot->key_number = server->key_number;
	slot->generation = key->generation;
	slot->expires_at = expires_at;
	status = obol_login_oprf_input(obol_bytes_str(name), code, &input);
	if (status == OBOL_OK)
	{
		status =
			register_code(server, OBOL_SLOT_ACTIVATION, obol_bytes_str(name),
						  input, slot->record, &export_key);
	}
	if (status == OBOL_OK)
	{
		status = obol_slot_wrap(server->rng, export_key, OBOL_SLOT_ACTIVATION,
								key, &wrap);
	}
	if (status == OBOL_OK)
	{
		status = obol_writer_status(&wrap);
	}
	if (status == OBOL_OK && obol_writer_view(&wrap).len <= sizeof(slot->wrap))
	{
		slot->wrap_len = (uint16_t)obol_writer_view(&wrap).len;
		memcpy(slot->wrap, obol_writer_view(&wrap).ptr, slot->wrap_len);
	}
	else if (status == OBOL_OK)
	{
		status = OBOL_ERR_ARG;
	}
	obol_writer_clear(&wrap);
	obol_secret_free(export_key);
	obol_secret_free(input);
	return status;
}

enum obol_status
obol_activation_code_new(const struct obol_activation_server *server,
						 const char *name, const uint8_t *account_id,
						 uint32_t generation, uint64_t expires_at,
						 struct obol_activation_code *code)
{
	enum obol_status status;

	memset(code, 0, sizeof(*code));
	status = obol_code_new(server->rng, OBOL_ACTIVATION_BITS, &code->secret,
						   &code->text);
	if (status == OBOL_OK)
	{
		status = obol_account_key_new(server->rng, &code->key);
	}
	if (status == OBOL_OK)
	{
		code->key.generation = generation;
		if (account_id)
		{
			memcpy(code->key.account_id, account_id, OBOL_ACCOUNT_ID_LEN);
		}
		status = obol_activation_register(server, name, code->secret,
										  &code->key, expires_at, &code->slot);
	}
	if (status != OBOL_OK)
	{
		obol_activation_code_clear(code);
	}
	return status;
}

void obol_activation_code_clear(struct obol_activation_code *code)
{
	obol_secret_free(code->secret);
	obol_secret_free(code->text);
	obol_account_key_clear(&code->key);
	memset(code, 0, sizeof(*code));
}

enum obol_status
obol_enrolment_register(const struct obol_activation_server *server,
						const char *team, const struct obol_secret *code,
						uint8_t record[OBOL_OPAQUE_RECORD_LEN])
{
	struct obol_secret *export_key = NULL;
	struct obol_secret *input = NULL;
	enum obol_status status =
		obol_login_oprf_input(obol_bytes_str(team), code, &input);

	if (status == OBOL_OK)
	{
		/* there is nothing to wrap under the export_key */
		status =
			register_code(server, OBOL_SLOT_ENROLMENT, obol_bytes_str(team),
						  input, record, &export_key);
	}
	obol_secret_free(export_key);
	obol_secret_free(input);
	return status;
}
