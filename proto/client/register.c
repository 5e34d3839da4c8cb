/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registering slots. */
#include "client/internal.h"
#include "pake/opaque_registration.h"

#include <stdio.h>

struct obol_login_secret obol_device_login(const struct obol_device *device)
{
	struct obol_login_secret login = { OBOL_SLOT_DEVICE, { 0 }, NULL };

	memcpy(login.device_id, device->id, sizeof(login.device_id));
	login.secret = device->secret;
	return login;
}

enum obol_status obol_client_check_label(struct obol_client *client,
										 const char *label)
{
	size_t len = label ? strlen(label) : 0;
	size_t i;

	for (i = 0; i < len; i++)
	{
		if ((unsigned char)label[i] < 0x20 || label[i] == 0x7f)
		{
			len = 0;
		}
	}
	if (len == 0 || len > OBOL_LABEL_MAX)
	{
		return obol_client_fail(client, OBOL_CAUSE_CONFIG,
								"a device's name has 1 to %d bytes without "
								"control characters",
								OBOL_LABEL_MAX);
	}
	return OBOL_OK;
}

enum obol_status obol_client_new_device(struct obol_client *client,
										struct obol_device *device)
{
	struct obol_rng *rng = obol_client_rng(client);
	enum obol_status status =
		obol_rng_fill(rng, device->id, sizeof(device->id));

	device->secret = NULL;
	if (status == OBOL_OK)
	{
		status = obol_rng_secret(rng, OBOL_CLIENT_DEVICE_LEN, &device->secret);
	}
	return status == OBOL_OK ? OBOL_OK
							 : obol_client_fail_internal(client, status);
}

/* For a secret that a person chose at least the default, more if the server
 * wants more and that is within bounds; for the others the identity. */
static enum obol_status choose_ksf(struct obol_client *client,
								   enum obol_slot_kind kind,
								   const struct obol_ksf_params *least,
								   struct obol_ksf *ksf)
{
	const struct obol_ksf_params *params = &obol_ksf_identity;

	if (kind == OBOL_SLOT_PASSWORD)
	{
		params = least->id == OBOL_KSF_IDENTITY ? &obol_ksf_default : least;
		if (obol_ksf_accept(params) != OBOL_OK)
		{
			return obol_client_fail(client, OBOL_CAUSE_KSF, "log2 N %u, p %u",
									(unsigned)params->log2_n,
									(unsigned)params->p);
		}
	}
	return obol_ksf_init(ksf, params) == OBOL_OK
			   ? OBOL_OK
			   : obol_client_fail_internal(client, OBOL_ERR_CRYPTO);
}

static enum obol_status
start(struct obol_client *client, const struct obol_slot_message *message,
	  const uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN],
	  struct obol_slot_start_answer *answer)
{
	struct obol_request ask;
	const struct obol_answer *got;
	enum obol_status status;

	memset(&ask, 0, sizeof(ask));
	ask.type = OBOL_SLOT_START;
	ask.slot_start.kind = message->kind;
	memcpy(ask.slot_start.device_id, message->device_id,
		   sizeof(ask.slot_start.device_id));
	memcpy(ask.slot_start.request, request, sizeof(ask.slot_start.request));
	status = obol_client_ask(client, &ask, &got);
	if (status == OBOL_OK)
	{
		*answer = got->slot_start;
	}
	return status;
}

/* The record, and the account key under its export_key. */
enum obol_status obol_client_draft_finish(
	struct obol_client *client, struct obol_opaque_registration *state,
	const struct obol_slot_start_answer *answer,
	const struct obol_account_key *key, struct obol_slot_draft *draft)
{
	struct obol_opaque_identities ids = { obol_bytes_str(client->account),
										  { NULL, 0 } };
	uint8_t server_key[OBOL_OPAQUE_NPK];
	struct obol_secret *export_key = NULL;
	struct obol_ksf ksf;
	enum obol_status status =
		choose_ksf(client, draft->message.kind, &answer->ksf, &ksf);

	if (status != OBOL_OK)
	{
		return status;
	}
	draft->message.ksf = ksf.params;
	draft->message.key_number = answer->key_number;
	status = obol_opaque_registration_finish(
		state, obol_bytes(answer->response, sizeof(answer->response)), &ids,
		&ksf, draft->record, &export_key, server_key);
	if (status == OBOL_ERR_FORMAT)
	{
		return obol_client_fail(client, OBOL_CAUSE_PROTOCOL,
								"its part of the registration is malformed");
	}
	if (status == OBOL_OK)
	{
		status = obol_slot_wrap(obol_client_rng(client), export_key,
								draft->message.kind, key, &draft->wrap);
	}
	obol_secret_free(export_key);
	if (status != OBOL_OK)
	{
		return obol_client_fail_internal(client, status);
	}
	/* said by a server that has proved itself on this connection */
	obol_state_add_server_keys(&client->state, server_key, NULL, 0);
	draft->message.generation = key->generation;
	draft->message.record = obol_bytes(draft->record, sizeof(draft->record));
	draft->message.wrap = obol_writer_view(&draft->wrap);
	return OBOL_OK;
}

enum obol_status
obol_client_draft_begin(struct obol_client *client,
						const struct obol_login_secret *login,
						const char *label, struct obol_slot_draft *draft,
						uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN],
						struct obol_opaque_registration **state)
{
	struct obol_secret *input = NULL;
	enum obol_status status;

	memset(draft, 0, sizeof(*draft));
	obol_writer_init(&draft->wrap);
	draft->message.kind = (uint8_t)login->kind;
	memcpy(draft->message.device_id, login->device_id,
		   sizeof(draft->message.device_id));
	(void)snprintf(draft->label, sizeof(draft->label), "%s", label);
	draft->message.label = obol_bytes_str(draft->label);
	status = obol_login_oprf_input(obol_bytes_str(client->account),
								   login->secret, &input);
	if (status == OBOL_OK)
	{
		status = obol_opaque_registration_start(obol_client_rng(client), input,
												request, state);
	}
	obol_secret_free(input);
	return status == OBOL_OK ? OBOL_OK
							 : obol_client_fail_internal(client, status);
}

enum obol_status obol_client_draft_slot(struct obol_client *client,
										const struct obol_login_secret *login,
										const char *label,
										const struct obol_account_key *key,
										struct obol_slot_draft *draft)
{
	uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN];
	struct obol_opaque_registration *state = NULL;
	struct obol_slot_start_answer answer;
	enum obol_status status =
		obol_client_draft_begin(client, login, label, draft, request, &state);

	if (status == OBOL_OK)
	{
		status = start(client, &draft->message, request, &answer);
	}
	if (status == OBOL_OK)
	{
		status = obol_client_draft_finish(client, state, &answer, key, draft);
	}
	obol_opaque_registration_free(state);
	return status;
}

void obol_slot_draft_clear(struct obol_slot_draft *draft)
{
	obol_writer_clear(&draft->wrap);
	memset(draft, 0, sizeof(*draft));
}

enum obol_status obol_client_register(struct obol_client *client,
									  const struct obol_login_secret *login,
									  const char *label)
{
	const struct obol_account_key *key;
	struct obol_slot_draft draft;
	struct obol_request request;
	enum obol_status status = obol_client_need_key(client);

	if (status != OBOL_OK)
	{
		return status;
	}
	key = obol_client_session_account_key(client->session);
	status = obol_client_draft_slot(client, login, label, key, &draft);
	if (status == OBOL_OK)
	{
		memset(&request, 0, sizeof(request));
		request.type = OBOL_SLOT_FINISH;
		request.slot = draft.message;
		status = obol_client_tell(client, &request);
	}
	obol_slot_draft_clear(&draft);
	if (status == OBOL_OK)
	{
		status = obol_client_save_state(client);
	}
	return status;
}
