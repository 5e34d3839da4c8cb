/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests and answers built as a byte script says. */
#include "fuzz/messages.h"

/* items of a list at most: more of them reach nothing new */
#define ITEMS_MAX 4

const uint8_t fuzz_device_id[OBOL_DEVICE_ID_LEN] = { 0xd1, 2, 3, 4 };

/** A record: the generator (SEC 2, 2.4.2) as the client's public key. */
static const uint8_t record[OBOL_OPAQUE_RECORD_LEN] = {
	0x03, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc,
	0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d,
	0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
};

static const enum obol_frame_type types[] = {
	OBOL_INFO,
	OBOL_LIST,
	OBOL_GET,
	OBOL_PUT,
	OBOL_DELETE,
	OBOL_SLOT_START,
	OBOL_SLOT_FINISH,
	OBOL_SLOT_DELETE,
	OBOL_SLOT_LIST,
	OBOL_STAGE,
	OBOL_REKEY,
	OBOL_ISSUE,
	OBOL_HISTORY,
	OBOL_ANCHORS,
	OBOL_ACCOUNT_START,
	OBOL_ACCOUNT_CREATE,
	OBOL_ACCOUNT_DELETE,
};

static const uint16_t replies[] = {
	OBOL_REPLY_UNAVAILABLE, OBOL_REPLY_TEMPORARY,   OBOL_REPLY_SYNTAX,
	OBOL_REPLY_PARAMETER,   OBOL_REPLY_UNSUPPORTED, OBOL_REPLY_LOGIN_NEEDED,
	OBOL_REPLY_AUTH,        OBOL_REPLY_NOT_ALLOWED, OBOL_REPLY_DISABLED,
	OBOL_REPLY_NOT_FOUND,   OBOL_REPLY_QUOTA,       OBOL_REPLY_SEQUENCE,
	OBOL_REPLY_STALE,
};

#define N_OF(table) (sizeof(table) / sizeof((table)[0]))

void fuzz_ksf_params(struct fuzz_script *script, struct obol_ksf_params *ksf)
{
	switch (fuzz_below(script, 3))
	{
		case 0:
			*ksf = obol_ksf_identity;
			break;
		case 1:
			*ksf = obol_ksf_default;
			break;
		default:
			ksf->id = (enum obol_ksf_id)fuzz_u8(script);
			ksf->log2_n = fuzz_u8(script);
			ksf->r = fuzz_u16(script);
			ksf->p = fuzz_u16(script);
			break;
	}
}

void fuzz_fill_device_id(struct fuzz_script *script, uint8_t kind,
						 uint8_t device_id[OBOL_DEVICE_ID_LEN])
{
	memset(device_id, 0, OBOL_DEVICE_ID_LEN);
	if (kind == OBOL_SLOT_DEVICE)
	{
		memcpy(device_id, fuzz_device_id, OBOL_DEVICE_ID_LEN);
		device_id[1] = fuzz_u8(script);
	}
}

static uint32_t key_number(struct fuzz_script *script)
{
	uint8_t choice = fuzz_u8(script);

	return choice & 1 ? fuzz_u32(script) : FUZZ_KEY_NUMBER;
}

static void fill_slot(struct fuzz_script *script,
					  struct obol_slot_message *slot)
{
	slot->kind = fuzz_u8(script);
	fuzz_fill_device_id(script, slot->kind, slot->device_id);
	slot->label = fuzz_bytes(script);
	fuzz_ksf_params(script, &slot->ksf);
	slot->key_number = key_number(script);
	slot->generation = fuzz_u8(script);
	slot->record = obol_bytes(record, OBOL_OPAQUE_RECORD_LEN);
	slot->wrap = fuzz_bytes(script);
}

static void fill_put(struct fuzz_script *script, struct obol_put_request *put)
{
	put->name = fuzz_bytes(script);
	put->format = fuzz_u16(script);
	put->base_version = fuzz_u8(script);
	put->generation = fuzz_u8(script);
	put->sealed = fuzz_long_bytes(script);
}

static void fill_rekey(struct fuzz_script *script,
					   struct obol_rekey_request *rekey)
{
	size_t i, n = fuzz_below(script, ITEMS_MAX + 1);

	rekey->generation = fuzz_u8(script);
	rekey->n_slots = (uint8_t)n;
	for (i = 0; i < n; i++)
	{
		fill_slot(script, &rekey->slots[i]);
		rekey->slots[i].generation = rekey->generation;
	}
}

static void fill_slot_start(struct fuzz_script *script,
							struct obol_slot_start_request *start)
{
	start->kind = fuzz_u8(script);
	fuzz_fill_device_id(script, start->kind, start->device_id);
	/* a point will do, and a record begins with one */
	memcpy(start->request, record, sizeof(start->request));
}

static void fill_account_start(struct fuzz_script *script,
							   struct obol_account_start_request *start)
{
	size_t i;

	start->name = fuzz_bytes(script);
	start->n_slots = (uint8_t)fuzz_below(script, OBOL_FIRST_SLOTS_MAX + 1);
	for (i = 0; i < start->n_slots; i++)
	{
		fill_slot_start(script, &start->slots[i]);
	}
}

static void fill_account_create(struct fuzz_script *script,
								struct obol_account_create_request *create)
{
	size_t i;

	create->name = fuzz_bytes(script);
	create->n_slots = (uint8_t)fuzz_below(script, OBOL_FIRST_SLOTS_MAX + 1);
	for (i = 0; i < create->n_slots; i++)
	{
		fill_slot(script, &create->slots[i]);
		create->slots[i].generation = 1;
	}
}

void fuzz_request(struct fuzz_script *script, struct obol_request *request)
{
	memset(request, 0, sizeof(*request));
	request->type = types[fuzz_below(script, N_OF(types))];
	switch (request->type)
	{
		case OBOL_GET:
			request->get.name = fuzz_bytes(script);
			request->get.after = fuzz_bytes(script);
			request->get.held_version = fuzz_u8(script);
			break;
		case OBOL_PUT:
		case OBOL_STAGE:
			fill_put(script, &request->put);
			break;
		case OBOL_DELETE:
			request->delete_.name = fuzz_bytes(script);
			request->delete_.base_version = fuzz_u64(script);
			break;
		case OBOL_SLOT_START:
			fill_slot_start(script, &request->slot_start);
			break;
		case OBOL_SLOT_FINISH:
			fill_slot(script, &request->slot);
			break;
		case OBOL_SLOT_DELETE:
			request->slot_delete.kind = fuzz_u8(script);
			fuzz_fill_device_id(script, request->slot_delete.kind,
								request->slot_delete.device_id);
			break;
		case OBOL_REKEY:
			fill_rekey(script, &request->rekey);
			break;
		case OBOL_ISSUE:
			request->pkcs10 = fuzz_long_bytes(script);
			break;
		case OBOL_ANCHORS:
			request->anchors.held = fuzz_u8(script);
			request->anchors.after = fuzz_u8(script);
			break;
		case OBOL_ACCOUNT_START:
			fill_account_start(script, &request->account_start);
			break;
		case OBOL_ACCOUNT_CREATE:
			fill_account_create(script, &request->account_create);
			break;
		case OBOL_HISTORY:
			request->history.before = fuzz_u64(script);
			request->history.limit = fuzz_u8(script);
			break;
		default:
			break;
	}
}

static void fill_info(struct fuzz_script *script, struct obol_info_answer *info)
{
	info->server_name = fuzz_bytes(script);
	info->server_time = fuzz_u64(script);
	info->n_suites = fuzz_u8(script);
	info->suites[0] = OBOL_SUITE_1;
	info->n_mechanisms = fuzz_u8(script);
	info->frame_max = fuzz_u32(script);
}

static void fill_list(struct fuzz_script *script, struct obol_list_answer *list)
{
	size_t i;

	list->n_items = (uint16_t)fuzz_below(script, ITEMS_MAX + 1);
	for (i = 0; i < list->n_items; i++)
	{
		list->items[i].name = fuzz_bytes(script);
		list->items[i].version = fuzz_u64(script);
		list->items[i].size = fuzz_u32(script);
		list->items[i].deleted = fuzz_u8(script) & 1;
	}
}

static void fill_get(struct fuzz_script *script, bool fits,
					 const struct obol_request *asked,
					 struct obol_get_answer *get)
{
	size_t i;

	get->unchanged = fuzz_u8(script) & 1;
	get->more = fuzz_u8(script) & 1;
	get->n_items = (uint16_t)fuzz_below(script, ITEMS_MAX + 1);
	for (i = 0; i < get->n_items; i++)
	{
		get->items[i].name = fuzz_bytes(script);
		get->items[i].version = fuzz_u64(script);
		get->items[i].sealed = fuzz_long_bytes(script);
	}
	if (fits && asked->type == OBOL_GET && asked->get.name.len)
	{
		get->unchanged = false;
		get->more = false;
		get->n_items = 1;
		get->items[0].name = asked->get.name;
	}
}

static void fill_slot_list(struct fuzz_script *script,
						   struct obol_slot_list_answer *list)
{
	size_t i;

	list->n_items = (uint16_t)fuzz_below(script, ITEMS_MAX + 1);
	for (i = 0; i < list->n_items; i++)
	{
		list->items[i].kind = fuzz_u8(script);
		fuzz_fill_device_id(script, list->items[i].kind,
							list->items[i].device_id);
		list->items[i].label = fuzz_bytes(script);
		list->items[i].created_at = fuzz_u64(script);
		list->items[i].last_source = fuzz_bytes(script);
	}
}

static void fill_history(struct fuzz_script *script,
						 struct obol_history_answer *history)
{
	size_t i;

	history->n_items = (uint16_t)fuzz_below(script, ITEMS_MAX + 1);
	for (i = 0; i < history->n_items; i++)
	{
		history->items[i].id = 100 - i;
		history->items[i].at = fuzz_u64(script);
		history->items[i].operation = fuzz_u8(script);
		history->items[i].reply = OBOL_REPLY_OK;
		history->items[i].kind = fuzz_u8(script);
		history->items[i].detail = fuzz_bytes(script);
	}
}

static void fill_account_start_answer(struct fuzz_script *script, bool fits,
									  const struct obol_request *asked,
									  struct obol_account_start_answer *start)
{
	size_t i;

	start->n_slots =
		fits ? asked->account_start.n_slots
			 : (uint8_t)fuzz_below(script, OBOL_FIRST_SLOTS_MAX + 1);
	for (i = 0; i < start->n_slots; i++)
	{
		start->slots[i].key_number = key_number(script);
		fuzz_ksf_params(script, &start->slots[i].ksf);
	}
}

static void fill_issue(struct fuzz_script *script,
					   struct obol_issue_answer *issue)
{
	size_t i;

	issue->certificate = fuzz_bytes(script);
	issue->n_chain = (uint8_t)fuzz_below(script, ITEMS_MAX + 1);
	for (i = 0; i < issue->n_chain; i++)
	{
		issue->chain[i] = fuzz_bytes(script);
	}
	issue->n_cas = (uint8_t)fuzz_below(script, ITEMS_MAX + 1);
	for (i = 0; i < issue->n_cas; i++)
	{
		issue->cas[i] = fuzz_bytes(script);
	}
}

void fuzz_answer(struct fuzz_script *script, const struct obol_request *asked,
				 struct obol_answer *answer)
{
	bool fits = !(fuzz_u8(script) & 1);

	memset(answer, 0, sizeof(*answer));
	answer->type = (enum obol_frame_type)(asked->type + 1);
	switch (answer->type)
	{
		case OBOL_INFO_ANSWER:
			fill_info(script, &answer->info);
			break;
		case OBOL_LIST_ANSWER:
			fill_list(script, &answer->list);
			break;
		case OBOL_GET_ANSWER:
			fill_get(script, fits, asked, &answer->get);
			break;
		case OBOL_PUT_ANSWER:
			answer->put.version =
				fits ? asked->put.base_version + 1 : fuzz_u64(script);
			break;
		case OBOL_DELETE_ANSWER:
			answer->deleted_version =
				fits ? asked->delete_.base_version + 1 : fuzz_u64(script);
			break;
		case OBOL_SLOT_START_ANSWER:
			answer->slot_start.key_number = key_number(script);
			fuzz_ksf_params(script, &answer->slot_start.ksf);
			break;
		case OBOL_SLOT_LIST_ANSWER:
			fill_slot_list(script, &answer->slot_list);
			break;
		case OBOL_REKEY_ANSWER:
			answer->generation =
				fits ? asked->rekey.generation : fuzz_u32(script);
			break;
		case OBOL_ISSUE_ANSWER:
			fill_issue(script, &answer->issue);
			break;
		case OBOL_ANCHORS_ANSWER:
			answer->anchors.unchanged = fuzz_u8(script) & 1;
			answer->anchors.cms = fuzz_long_bytes(script);
			break;
		case OBOL_ACCOUNT_START_ANSWER:
			fill_account_start_answer(script, fits, asked,
									  &answer->account_start);
			break;
		case OBOL_ACCOUNT_CREATE_ANSWER:
			answer->waits = fuzz_u8(script) & 1;
			break;
		case OBOL_HISTORY_ANSWER:
			fill_history(script, &answer->history);
			break;
		default:
			break;
	}
}

void fuzz_login_done(struct fuzz_script *script, struct obol_login_done *done)
{
	uint8_t choice = fuzz_u8(script);

	done->migrate = choice & 1;
	done->mode = OBOL_MODE_PORTABLE;
	done->key_type = OBOL_KEY_EC_P256;
	if (choice & 2)
	{
		done->n_failures = fuzz_u32(script);
		done->last_failure_at = fuzz_u64(script);
		done->last_failure_source = fuzz_bytes(script);
		done->n_pins = fuzz_u8(script);
		done->mode = fuzz_u8(script);
		done->key_type = fuzz_u8(script);
		done->anchors_number = fuzz_u32(script);
	}
}

void fuzz_error(struct fuzz_script *script, struct obol_error_message *error)
{
	memset(error, 0, sizeof(*error));
	error->reply = replies[fuzz_below(script, N_OF(replies))];
	error->retry_after_s = fuzz_u8(script);
	error->text = fuzz_bytes(script);
}
