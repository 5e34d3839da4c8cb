/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making an account as its user, and deleting it. */
#include "base/precis.h"
#include "client/internal.h"
#include "pake/opaque_registration.h"
#include "seal/code.h"

#include <stdlib.h>

enum obol_status obol_client_login_enrolment(struct obol_client *client,
											 const char *team,
											 const struct obol_secret *code)
{
	char normal[OBOL_NAME_MAX + 1];

	obol_client_begin(client);
	obol_client_logout(client);
	if (obol_precis_username(obol_bytes_str(team), normal, sizeof(normal)) !=
		OBOL_OK)
	{
		return obol_client_fail(client, OBOL_CAUSE_CONFIG,
								"this cannot be a team's name");
	}
	memcpy(client->team, normal, sizeof(normal));
	return obol_client_login_code(client, OBOL_SLOT_ENROLMENT,
								  OBOL_ACTIVATION_BITS, code);
}

/** What an account is made of. */
struct newcomer {
	struct obol_account_key key;
	/** password, device */
	struct obol_login_secret login[OBOL_FIRST_SLOTS_MAX];
	struct obol_slot_draft draft[OBOL_FIRST_SLOTS_MAX];
	struct obol_opaque_registration *state[OBOL_FIRST_SLOTS_MAX];
	struct obol_device device;
	/** too large for the stack */
	struct obol_request *request;
	bool waits;
};

static void newcomer_clear(struct newcomer *newcomer)
{
	size_t i;

	for (i = 0; i < OBOL_FIRST_SLOTS_MAX; i++)
	{
		obol_slot_draft_clear(&newcomer->draft[i]);
		obol_opaque_registration_free(newcomer->state[i]);
	}
	/* the device's is its own */
	obol_secret_free(newcomer->login[0].secret);
	obol_device_clear(&newcomer->device);
	obol_account_key_clear(&newcomer->key);
	free(newcomer->request);
}

static enum obol_status newcomer_init(struct newcomer *newcomer,
									  struct obol_client *client,
									  const struct obol_secret *password,
									  const char *label)
{
	enum obol_status status = obol_client_check_label(client, label);

	if (status == OBOL_OK)
	{
		status =
			obol_client_password(client, password, &newcomer->login[0].secret);
	}
	if (status == OBOL_OK)
	{
		status = obol_client_new_device(client, &newcomer->device);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	newcomer->login[0].kind = OBOL_SLOT_PASSWORD;
	newcomer->login[1] = obol_device_login(&newcomer->device);
	newcomer->request = calloc(1, sizeof(*newcomer->request));
	status = newcomer->request
				 ? obol_account_key_new(obol_client_rng(client), &newcomer->key)
				 : OBOL_ERR_NOMEM;
	return status == OBOL_OK ? OBOL_OK
							 : obol_client_fail_internal(client, status);
}

static enum obol_status start(struct newcomer *newcomer,
							  struct obol_client *client, const char *label)
{
	struct obol_account_start_request *ask = &newcomer->request->account_start;
	struct obol_account_start_answer begun;
	const struct obol_answer *answer;
	enum obol_status status = OBOL_OK;
	size_t i;

	newcomer->request->type = OBOL_ACCOUNT_START;
	ask->name = obol_bytes_str(client->account);
	ask->n_slots = OBOL_FIRST_SLOTS_MAX;
	for (i = 0; status == OBOL_OK && i < OBOL_FIRST_SLOTS_MAX; i++)
	{
		status = obol_client_draft_begin(
			client, &newcomer->login[i], i == 0 ? "" : label,
			&newcomer->draft[i], ask->slots[i].request, &newcomer->state[i]);
		ask->slots[i].kind = newcomer->draft[i].message.kind;
		memcpy(ask->slots[i].device_id, newcomer->login[i].device_id,
			   sizeof(ask->slots[i].device_id));
	}
	if (status == OBOL_OK)
	{
		status = obol_client_ask(client, newcomer->request, &answer);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	begun = answer->account_start;
	for (i = 0; status == OBOL_OK && i < OBOL_FIRST_SLOTS_MAX; i++)
	{
		status = obol_client_draft_finish(client, newcomer->state[i],
										  &begun.slots[i], &newcomer->key,
										  &newcomer->draft[i]);
	}
	return status;
}

static enum obol_status create(struct newcomer *newcomer,
							   struct obol_client *client)
{
	struct obol_account_create_request *ask =
		&newcomer->request->account_create;
	const struct obol_answer *answer;
	enum obol_status status;
	size_t i;

	memset(newcomer->request, 0, sizeof(*newcomer->request));
	newcomer->request->type = OBOL_ACCOUNT_CREATE;
	ask->name = obol_bytes_str(client->account);
	ask->n_slots = OBOL_FIRST_SLOTS_MAX;
	for (i = 0; i < OBOL_FIRST_SLOTS_MAX; i++)
	{
		ask->slots[i] = newcomer->draft[i].message;
	}
	status = obol_client_ask(client, newcomer->request, &answer);
	if (status == OBOL_OK)
	{
		newcomer->waits = answer->waits;
	}
	return status;
}

/* The account is the one whose id was made here, whatever this device has
 * known by its name before. */
static enum obol_status remember(const struct newcomer *newcomer,
								 struct obol_client *client)
{
	obol_state_set_account_id(&client->state, newcomer->key.account_id);
	return obol_client_save_state(client);
}

/* A login that is told to wait has proved the password: that is told behind a
 * valid KE3 only. */
static enum obol_status prove_password(struct newcomer *newcomer,
									   struct obol_client *client)
{
	enum obol_status status =
		obol_client_prove_key(client, &newcomer->login[0], &newcomer->key);

	newcomer->waits = client->error.cause == OBOL_CAUSE_WAITING;
	if (newcomer->waits)
	{
		obol_client_begin(client);
		status = OBOL_OK;
	}
	return status;
}

/* The answer did not come, so it may have been done or not: the new password
 * tells. If it does not work, what went wrong before is what is told. */
static enum obol_status ask_password(struct newcomer *newcomer,
									 struct obol_client *client)
{
	struct obol_error before = client->error;
	enum obol_status status;

	if (before.cause == OBOL_CAUSE_ABORTED)
	{
		return obol_client_fail(client, OBOL_CAUSE_ABORTED,
								"the account may have been made already: try "
								"its password first");
	}
	status = prove_password(newcomer, client);
	if (status == OBOL_OK)
	{
		obol_client_begin(client);
		return OBOL_OK;
	}
	if (client->error.cause == OBOL_CAUSE_AUTH)
	{
		client->error = before;
		return before.status;
	}
	return obol_client_fail(client, before.cause,
							"the account may have been made already: try its "
							"password first");
}

static bool is_answer_lost(const struct obol_client *client)
{
	/* a refusal is an answer, though it may end the connection */
	return client->stream == NULL && client->error.reply == 0;
}

static enum obol_status make(struct newcomer *newcomer,
							 struct obol_client *client, const char *label)
{
	enum obol_status status = start(newcomer, client, label);
	enum obol_status remembered;

	if (status != OBOL_OK)
	{
		return status;
	}
	status = create(newcomer, client);
	if (status != OBOL_OK && !is_answer_lost(client))
	{
		return status;
	}
	if (status != OBOL_OK)
	{
		struct obol_error before = client->error;

		remembered = remember(newcomer, client);
		if (remembered != OBOL_OK)
		{
			return remembered;
		}
		client->error = before;
		status = ask_password(newcomer, client);
	}
	else
	{
		status = remember(newcomer, client);
	}
	if (status == OBOL_OK && !newcomer->waits)
	{
		status = obol_client_prove(client, &newcomer->login[1]);
	}
	return status == OBOL_OK ? prove_password(newcomer, client) : status;
}

static enum obol_status enrol(struct obol_client *client,
							  const struct obol_secret *password,
							  const char *label, struct obol_device *device,
							  bool *waits)
{
	struct newcomer newcomer;
	enum obol_status status;

	memset(&newcomer, 0, sizeof(newcomer));
	newcomer.login[0].kind = OBOL_SLOT_PASSWORD;
	status = newcomer_init(&newcomer, client, password, label);
	if (status == OBOL_OK)
	{
		status = make(&newcomer, client, label);
	}
	if (status == OBOL_OK)
	{
		*waits = newcomer.waits;
		*device = newcomer.device;
		newcomer.device.secret = NULL; /* moved to the caller */
	}
	newcomer_clear(&newcomer);
	return status;
}

enum obol_status obol_client_enrol(struct obol_client *client,
								   const struct obol_secret *password,
								   const char *label,
								   struct obol_device *device, bool *waits)
{
	obol_client_begin(client);
	if (!client->session || client->login.kind != OBOL_SLOT_ENROLMENT)
	{
		(void)obol_client_fail(client, OBOL_CAUSE_INTERNAL,
							   "there is no login with an enrolment code");
		return client->error.status = OBOL_ERR_ARG;
	}
	return enrol(client, password, label, device, waits);
}

enum obol_status obol_client_enrol_open(struct obol_client *client,
										const struct obol_secret *password,
										const char *label,
										struct obol_device *device, bool *waits)
{
	enum obol_status status;

	obol_client_begin(client);
	status = obol_client_connect_verified(client);
	return status == OBOL_OK ? enrol(client, password, label, device, waits)
							 : status;
}

enum obol_status obol_client_delete_account(struct obol_client *client)
{
	struct obol_request request;
	enum obol_status status;

	obol_client_begin(client);
	memset(&request, 0, sizeof(request));
	request.type = OBOL_ACCOUNT_DELETE;
	status = obol_client_tell(client, &request);
	if (status == OBOL_OK)
	{
		obol_client_logout(client);
	}
	return status;
}
