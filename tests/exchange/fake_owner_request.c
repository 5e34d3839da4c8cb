/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the owner answers requests: the account as it is in memory. */
#include "exchange/fake_owner_private.h"
#include "pake/opaque_registration.h"

#include <check.h>
#include <stdlib.h>

static const uint8_t certificate[] = { 0x30, 0x03, 0x02, 0x01, 0x01 };

static struct fake_credential *find_credential(struct fake_owner *owner,
											   struct obol_bytes name)
{
	size_t i;

	for (i = 0; i < owner->n_credentials; i++)
	{
		if (obol_bytes_eq(obol_bytes_str(owner->credentials[i].name), name))
		{
			return &owner->credentials[i];
		}
	}
	return NULL;
}

static enum obol_reply do_list(struct fake_owner *owner)
{
	struct obol_list_answer *list = &owner->answer->list;
	size_t i;

	for (i = 0; i < owner->n_credentials; i++)
	{
		const struct fake_credential *found = &owner->credentials[i];

		list->items[i].name = obol_bytes_str(found->name);
		list->items[i].format = found->format;
		list->items[i].version = found->version;
		list->items[i].size = (uint32_t)found->sealed_len;
		list->items[i].deleted = found->sealed_len == 0;
	}
	list->n_items = (uint16_t)owner->n_credentials;
	return OBOL_REPLY_OK;
}

static enum obol_reply do_get(struct fake_owner *owner,
							  const struct obol_get_request *get)
{
	struct obol_get_answer *answer = &owner->answer->get;
	size_t i;

	for (i = 0; i < owner->n_credentials; i++)
	{
		const struct fake_credential *found = &owner->credentials[i];
		struct obol_get_item *item = &answer->items[answer->n_items];

		if (found->sealed_len == 0 ||
			(get->name.len &&
			 !obol_bytes_eq(get->name, obol_bytes_str(found->name))))
		{
			continue;
		}
		if (get->held_version == found->version)
		{
			answer->unchanged = true;
			return OBOL_REPLY_OK;
		}
		item->name = obol_bytes_str(found->name);
		item->format = found->format;
		item->version = found->version;
		item->sealed = obol_bytes(found->sealed, found->sealed_len);
		answer->n_items++;
	}
	return get->name.len && answer->n_items == 0 ? OBOL_REPLY_NOT_FOUND
												 : OBOL_REPLY_OK;
}

static enum obol_reply do_put(struct fake_owner *owner,
							  const struct obol_put_request *put)
{
	struct fake_credential *found = find_credential(owner, put->name);

	if (!found)
	{
		ck_assert_uint_lt(owner->n_credentials, FAKE_CREDENTIALS_MAX);
		found = &owner->credentials[owner->n_credentials++];
		memcpy(found->name, put->name.ptr, put->name.len);
	}
	if (put->base_version != found->version)
	{
		return OBOL_REPLY_STALE;
	}
	free(found->sealed);
	found->sealed = malloc(put->sealed.len);
	ck_assert_ptr_nonnull(found->sealed);
	memcpy(found->sealed, put->sealed.ptr, put->sealed.len);
	found->sealed_len = put->sealed.len;
	found->format = put->format;
	found->version++;
	owner->answer->put.version = found->version;
	return OBOL_REPLY_OK;
}

static enum obol_reply do_delete(struct fake_owner *owner,
								 const struct obol_delete_request *delete_)
{
	struct fake_credential *found = find_credential(owner, delete_->name);

	if (!found || found->sealed_len == 0)
	{
		return OBOL_REPLY_NOT_FOUND;
	}
	found->sealed_len = 0;
	found->version++;
	owner->answer->deleted_version = found->version;
	return OBOL_REPLY_OK;
}

static enum obol_reply
do_slot_start(struct fake_owner *owner,
			  const struct obol_slot_start_request *start)
{
	struct obol_slot_start_answer *answer = &owner->answer->slot_start;
	uint8_t id[FAKE_IDENTIFIER_MAX];

	answer->key_number = FAKE_KEY_NUMBER;
	answer->ksf = start->kind == OBOL_SLOT_PASSWORD ? owner->least_ksf
													: obol_ksf_identity;
	return obol_opaque_registration_respond(
			   &owner->keys, FAKE_KEY_NUMBER,
			   fake_owner_identifier(start->kind, start->device_id,
									 obol_bytes_str(FAKE_ACCOUNT), id),
			   obol_bytes(start->request, sizeof(start->request)),
			   answer->response) == OBOL_OK
			   ? OBOL_REPLY_OK
			   : OBOL_REPLY_PARAMETER;
}

static void put_slot(struct fake_owner *owner,
					 const struct obol_slot_message *message)
{
	struct fake_slot *slot =
		fake_owner_make_slot(owner, message->kind, message->device_id);

	memcpy(slot->label, message->label.ptr, message->label.len);
	slot->label[message->label.len] = '\0';
	slot->ksf = message->ksf;
	memcpy(slot->record, message->record.ptr, sizeof(slot->record));
	memcpy(slot->wrap, message->wrap.ptr, message->wrap.len);
	slot->wrap_len = message->wrap.len;
}

static enum obol_reply
do_account_start(struct fake_owner *owner,
				 const struct obol_account_start_request *start)
{
	struct obol_account_start_answer answer = { .n_slots = start->n_slots };
	enum obol_reply reply = OBOL_REPLY_OK;
	size_t i;

	for (i = 0; i < start->n_slots && reply == OBOL_REPLY_OK; i++)
	{
		reply = do_slot_start(owner, &start->slots[i]);
		answer.slots[i] = owner->answer->slot_start;
	}
	owner->answer->account_start = answer;
	return reply;
}

static enum obol_reply
do_account_create(struct fake_owner *owner,
				  const struct obol_account_create_request *create)
{
	size_t i;

	for (i = 0; i < create->n_slots; i++)
	{
		put_slot(owner, &create->slots[i]);
	}
	owner->answer->waits = owner->waits;
	owner->refuse_login = owner->waits ? OBOL_REPLY_WAITING : 0;
	return OBOL_REPLY_OK;
}

static enum obol_reply do_slot_delete(struct fake_owner *owner,
									  const struct obol_slot_delete_request *d)
{
	struct fake_slot *slot = fake_owner_find_slot(owner, d->kind, d->device_id);

	if (!slot)
	{
		return OBOL_REPLY_NOT_FOUND;
	}
	*slot = owner->slots[--owner->n_slots];
	return OBOL_REPLY_OK;
}

static enum obol_reply do_slot_list(struct fake_owner *owner)
{
	struct obol_slot_list_answer *list = &owner->answer->slot_list;
	size_t i;

	for (i = 0; i < owner->n_slots; i++)
	{
		list->items[i].kind = owner->slots[i].kind;
		list->items[i].label = obol_bytes_str(owner->slots[i].label);
		memcpy(list->items[i].device_id, owner->slots[i].device_id,
			   OBOL_DEVICE_ID_LEN);
	}
	list->n_items = (uint16_t)owner->n_slots;
	return OBOL_REPLY_OK;
}

static enum obol_reply do_rekey(struct fake_owner *owner,
								const struct obol_rekey_request *rekey)
{
	size_t i;

	owner->n_slots = 0;
	for (i = 0; i < rekey->n_slots; i++)
	{
		put_slot(owner, &rekey->slots[i]);
	}
	owner->answer->generation = rekey->generation;
	return OBOL_REPLY_OK;
}

static enum obol_reply do_history(struct fake_owner *owner)
{
	struct obol_history_item *item = owner->answer->history.items;

	item->id = 4;
	item->at = FAKE_START_AT;
	item->operation = OBOL_OP_LOGIN;
	item->reply = OBOL_REPLY_OK;
	item->kind = OBOL_SLOT_DEVICE;
	item->source = obol_bytes_str("192.0.2.7");
	owner->answer->history.n_items = 1;
	return OBOL_REPLY_OK;
}

static enum obol_reply do_info(struct fake_owner *owner)
{
	struct obol_info_answer *info = &owner->answer->info;

	info->server_name = obol_bytes_str("vpn.example.org");
	info->server_time = obol_now(&owner->clock.clock);
	info->n_suites = 1;
	info->suites[0] = OBOL_SUITE_1;
	info->frame_max = OBOL_FRAME_MAX;
	return OBOL_REPLY_OK;
}

enum obol_reply fake_owner_request(struct fake_owner *owner,
								   const struct obol_request *request)
{
	enum obol_reply reply =
		owner->hooks.request ? owner->hooks.request(owner->hooks.ctx, request)
							 : (enum obol_reply)0;

	if (reply)
	{
		return reply;
	}
	switch (request->type)
	{
		case OBOL_INFO:
			return do_info(owner);
		case OBOL_LIST:
			return do_list(owner);
		case OBOL_GET:
			return do_get(owner, &request->get);
		case OBOL_PUT:
			return do_put(owner, &request->put);
		case OBOL_DELETE:
			return do_delete(owner, &request->delete_);
		case OBOL_SLOT_START:
			return do_slot_start(owner, &request->slot_start);
		case OBOL_SLOT_FINISH:
			put_slot(owner, &request->slot);
			return OBOL_REPLY_OK;
		case OBOL_SLOT_DELETE:
			return do_slot_delete(owner, &request->slot_delete);
		case OBOL_SLOT_LIST:
			return do_slot_list(owner);
		case OBOL_STAGE:
			return OBOL_REPLY_OK;
		case OBOL_REKEY:
			return do_rekey(owner, &request->rekey);
		case OBOL_ISSUE:
			owner->answer->issue.certificate =
				obol_bytes(certificate, sizeof(certificate));
			return OBOL_REPLY_OK;
		case OBOL_ANCHORS:
			owner->answer->anchors.unchanged = true;
			return OBOL_REPLY_OK;
		case OBOL_HISTORY:
			return do_history(owner);
		case OBOL_ACCOUNT_START:
			return do_account_start(owner, &request->account_start);
		case OBOL_ACCOUNT_CREATE:
			return do_account_create(owner, &request->account_create);
		case OBOL_ACCOUNT_DELETE:
			owner->n_slots = 0;
			return OBOL_REPLY_OK;
		default:
			return OBOL_REPLY_UNSUPPORTED;
	}
}
