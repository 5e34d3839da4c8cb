/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making, listing and ending slots. */
#include "client/fail_over.h"
#include "client/internal.h"
#include "seal/code.h"

#include <stdlib.h>

_Static_assert(OBOL_CLIENT_SLOT_PASSWORD == OBOL_SLOT_PASSWORD &&
				   OBOL_CLIENT_SLOT_ACTIVATION == OBOL_SLOT_ACTIVATION &&
				   OBOL_CLIENT_SLOT_RECOVERY == OBOL_SLOT_RECOVERY &&
				   OBOL_CLIENT_SLOT_DEVICE == OBOL_SLOT_DEVICE,
			   "the interface and the protocol number slots alike");

/* What the caller must have logged in with. */
static enum obol_status need_login(struct obol_client *client,
								   enum obol_slot_kind one,
								   enum obol_slot_kind other)
{
	if (!client->session)
	{
		(void)obol_client_fail(client, OBOL_CAUSE_INTERNAL,
							   "there is no login on a connection");
		return client->error.status = OBOL_ERR_ARG;
	}
	if (client->login.kind != one && client->login.kind != other)
	{
		return obol_client_fail(client, OBOL_CAUSE_NOT_ALLOWED, "%s", "");
	}
	return OBOL_OK;
}

enum obol_status obol_client_activate(struct obol_client *client,
									  const struct obol_secret *password,
									  const char *label,
									  struct obol_device *device)
{
	enum obol_status status;

	obol_client_begin(client);
	status = need_login(client, OBOL_SLOT_ACTIVATION, OBOL_SLOT_ACTIVATION);
	if (status == OBOL_OK)
	{
		/* here a device slot is made in any case */
		status =
			obol_client_do_rekey(client, password, label ? label : "", device);
	}
	return status;
}

enum obol_status obol_client_rekey(struct obol_client *client,
								   const struct obol_secret *password,
								   const char *label,
								   struct obol_device *device)
{
	enum obol_status status;

	obol_client_begin(client);
	status = need_login(client, OBOL_SLOT_PASSWORD, OBOL_SLOT_RECOVERY);
	if (status == OBOL_OK)
	{
		status = obol_client_do_rekey(client, password, label, device);
	}
	return status;
}

/* Register a slot, prove it by a login, and log in again as before. */
static enum obol_status
register_and_return(struct obol_client *client,
					const struct obol_login_secret *made, const char *label)
{
	struct obol_login_secret before;
	enum obol_status status = obol_login_secret_dup(&client->login, &before);

	if (status != OBOL_OK)
	{
		return obol_client_fail_internal(client, status);
	}
	status = obol_client_register(client, made, label);
	if (status == OBOL_OK)
	{
		status = obol_client_prove(client, made);
	}
	/* a slot of the same kind was replaced: the new one is the login now. A
	 * login that nothing follows would count as a failed one, so this one is
	 * carried through at once */
	if (status == OBOL_OK && made->kind != before.kind)
	{
		status = obol_client_prove(client, &before);
	}
	obol_login_secret_clear(&before);
	return status;
}

enum obol_status obol_client_add_device(struct obol_client *client,
										const char *label,
										struct obol_device *device)
{
	struct obol_device made = { { 0 }, NULL };
	struct obol_login_secret login;
	enum obol_status status;

	obol_client_begin(client);
	status = need_login(client, OBOL_SLOT_PASSWORD, OBOL_SLOT_RECOVERY);
	if (status == OBOL_OK)
	{
		status = obol_client_check_label(client, label);
	}
	if (status == OBOL_OK)
	{
		status = obol_client_new_device(client, &made);
	}
	if (status == OBOL_OK)
	{
		login = obol_device_login(&made);
		status = register_and_return(client, &login, label);
	}
	if (status == OBOL_OK)
	{
		*device = made;
		made.secret = NULL; /* moved to the caller */
	}
	obol_device_clear(&made);
	return status;
}

enum obol_status obol_client_change_password(struct obol_client *client,
											 const struct obol_secret *password)
{
	struct obol_login_secret login = { OBOL_SLOT_PASSWORD, { 0 }, NULL };
	enum obol_status status;

	obol_client_begin(client);
	status = need_login(client, OBOL_SLOT_PASSWORD, OBOL_SLOT_RECOVERY);
	if (status == OBOL_OK)
	{
		status = obol_client_password(client, password, &login.secret);
	}
	if (status == OBOL_OK)
	{
		status = obol_client_register(client, &login, "");
	}
	if (status == OBOL_OK)
	{
		status = obol_client_prove(client, &login);
	}
	obol_login_secret_clear(&login);
	return status;
}

enum obol_status obol_client_new_recovery(struct obol_client *client,
										  struct obol_secret **code)
{
	struct obol_login_secret login = { OBOL_SLOT_RECOVERY, { 0 }, NULL };
	struct obol_secret *text = NULL;
	enum obol_status status;

	obol_client_begin(client);
	status = need_login(client, OBOL_SLOT_PASSWORD, OBOL_SLOT_RECOVERY);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = obol_code_new(obol_client_rng(client), OBOL_RECOVERY_BITS,
						   &login.secret, &text);
	if (status != OBOL_OK)
	{
		return obol_client_fail_internal(client, status);
	}
	status = register_and_return(client, &login, "");
	if (status == OBOL_OK)
	{
		*code = text;
		text = NULL; /* moved to the caller */
	}
	obol_login_secret_clear(&login);
	obol_secret_free(text);
	return status;
}

static void take_slot(struct obol_slot_info *info,
					  const struct obol_slot_item *item)
{
	info->kind = item->kind;
	memcpy(info->device_id, item->device_id, sizeof(info->device_id));
	obol_copy_text(info->label, sizeof(info->label), item->label);
	info->created_at = item->created_at;
	info->last_used_at = item->last_used_at;
	obol_copy_text(info->last_source, sizeof(info->last_source),
				   item->last_source);
	info->expires_at = item->expires_at;
}

static enum obol_status do_slots(struct obol_client *client,
								 struct obol_slot_info **items, size_t *n_items)
{
	struct obol_request request;
	const struct obol_answer *answer;
	struct obol_slot_info *list;
	enum obol_status status;
	size_t i;

	memset(&request, 0, sizeof(request));
	request.type = OBOL_SLOT_LIST;
	status = obol_client_ask(client, &request, &answer);
	if (status != OBOL_OK)
	{
		return status;
	}
	list = calloc((size_t)answer->slot_list.n_items + 1, sizeof(*list));
	if (!list)
	{
		return obol_client_fail_internal(client, OBOL_ERR_NOMEM);
	}
	for (i = 0; i < answer->slot_list.n_items; i++)
	{
		take_slot(&list[i], &answer->slot_list.items[i]);
	}
	*items = list;
	*n_items = answer->slot_list.n_items;
	return OBOL_OK;
}

enum obol_status obol_client_slots(struct obol_client *client,
								   struct obol_slot_info **items,
								   size_t *n_items)
{
	enum obol_status status;

	obol_client_begin(client);
	obol_fail_over_begin(client);
	do
	{
		status = do_slots(client, items, n_items);
	} while (obol_fail_over(client, &status));
	return obol_client_settle(client, status);
}

enum obol_status
obol_client_delete_slot(struct obol_client *client, uint8_t kind,
						const uint8_t device_id[OBOL_CLIENT_DEVICE_LEN])
{
	struct obol_request request;
	enum obol_status status;

	obol_client_begin(client);
	memset(&request, 0, sizeof(request));
	request.type = OBOL_SLOT_DELETE;
	request.slot_delete.kind = kind;
	if (device_id)
	{
		memcpy(request.slot_delete.device_id, device_id,
			   sizeof(request.slot_delete.device_id));
	}
	status = obol_client_tell(client, &request);
	return obol_client_settle(client, status);
}
