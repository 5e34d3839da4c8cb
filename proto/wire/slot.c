/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SlotStart, SlotFinish, SlotDelete, SlotList, Stage, ReKey. */
#include "wire/family.h"
#include "wire/field.h"
#include "wire/login.h"

static const struct obol_bounds label_bounds = { 0, OBOL_LABEL_MAX };
static const struct obol_bounds source_bounds = { 0, OBOL_SOURCE_MAX };
static const struct obol_bounds wrap_bounds = { 1, OBOL_WRAP_MAX };

void obol_write_slot_begin(struct obol_writer *w,
						   const struct obol_slot_start_request *start)
{
	obol_write_u8(w, start->kind);
	obol_write_device_id(w, start->kind, start->device_id);
	obol_write_bytes(w, obol_bytes(start->request, sizeof(start->request)));
}

void obol_read_slot_begin(struct obol_reader *r,
						  struct obol_slot_start_request *start)
{
	start->kind = obol_read_u8(r);
	obol_read_device_id(r, start->kind, start->device_id);
	obol_read_copy(r, start->request, sizeof(start->request));
}

static void write_slot_start(struct obol_writer *w,
							 const struct obol_request *msg)
{
	obol_write_slot_begin(w, &msg->slot_start);
}

static void read_slot_start(struct obol_reader *r, struct obol_request *msg)
{
	obol_read_slot_begin(r, &msg->slot_start);
}

void obol_write_slot(struct obol_writer *w,
					 const struct obol_slot_message *slot)
{
	obol_write_u8(w, slot->kind);
	obol_write_device_id(w, slot->kind, slot->device_id);
	obol_write_text8(w, slot->label, label_bounds);
	obol_write_ksf_params(w, &slot->ksf);
	obol_write_u32(w, slot->key_number);
	obol_write_u32(w, slot->generation);
	obol_write_fixed(w, slot->record, OBOL_OPAQUE_RECORD_LEN);
	obol_write_data16(w, slot->wrap, wrap_bounds);
}

void obol_read_slot(struct obol_reader *r, struct obol_slot_message *slot)
{
	slot->kind = obol_read_u8(r);
	obol_read_device_id(r, slot->kind, slot->device_id);
	slot->label = obol_read_text8(r, label_bounds);
	obol_read_ksf_params(r, &slot->ksf);
	slot->key_number = obol_read_u32(r);
	slot->generation = obol_read_u32(r);
	slot->record = obol_read_fixed(r, OBOL_OPAQUE_RECORD_LEN);
	slot->wrap = obol_read_data16(r, wrap_bounds);
}

static void write_slot_finish(struct obol_writer *w,
							  const struct obol_request *msg)
{
	obol_write_slot(w, &msg->slot);
}

static void read_slot_finish(struct obol_reader *r, struct obol_request *msg)
{
	obol_read_slot(r, &msg->slot);
}

static void write_slot_delete(struct obol_writer *w,
							  const struct obol_request *msg)
{
	obol_write_u8(w, msg->slot_delete.kind);
	obol_write_device_id(w, msg->slot_delete.kind, msg->slot_delete.device_id);
}

static void read_slot_delete(struct obol_reader *r, struct obol_request *msg)
{
	msg->slot_delete.kind = obol_read_u8(r);
	obol_read_device_id(r, msg->slot_delete.kind, msg->slot_delete.device_id);
}

/* one slot per kind and device id */
static bool rekey_has(const struct obol_rekey_request *rekey, size_t n,
					  const struct obol_slot_message *slot)
{
	size_t i;

	for (i = 0; i < n; i++)
	{
		if (rekey->slots[i].kind == slot->kind &&
			memcmp(rekey->slots[i].device_id, slot->device_id,
				   OBOL_DEVICE_ID_LEN) == 0)
		{
			return true;
		}
	}
	return false;
}

static void write_rekey(struct obol_writer *w, const struct obol_request *msg)
{
	const struct obol_rekey_request *rekey = &msg->rekey;
	size_t i;

	obol_write_u32(w, rekey->generation);
	obol_write_expect(w, rekey->n_slots > 0);
	obol_write_count8(w, rekey->n_slots, OBOL_SLOTS_MAX);
	for (i = 0; i < rekey->n_slots && obol_writer_status(w) == OBOL_OK; i++)
	{
		const struct obol_slot_message *slot = &rekey->slots[i];

		obol_write_expect(w, slot->generation == rekey->generation);
		obol_write_expect(w, !rekey_has(rekey, i, slot));
		obol_write_slot(w, slot);
	}
}

static void read_rekey(struct obol_reader *r, struct obol_request *msg)
{
	struct obol_rekey_request *rekey = &msg->rekey;
	size_t i;

	rekey->generation = obol_read_u32(r);
	rekey->n_slots = obol_read_count8(r, OBOL_SLOTS_MAX);
	obol_read_expect(r, rekey->n_slots > 0);
	for (i = 0; i < rekey->n_slots && obol_reader_ok(r); i++)
	{
		struct obol_slot_message *slot = &rekey->slots[i];

		obol_read_slot(r, slot);
		obol_read_expect(r, slot->generation == rekey->generation);
		obol_read_expect(r, !rekey_has(rekey, i, slot));
	}
}

void obol_write_slot_begun(struct obol_writer *w,
						   const struct obol_slot_start_answer *begun)
{
	obol_write_bytes(w, obol_bytes(begun->response, sizeof(begun->response)));
	obol_write_u32(w, begun->key_number);
	obol_write_ksf_params(w, &begun->ksf);
}

void obol_read_slot_begun(struct obol_reader *r,
						  struct obol_slot_start_answer *begun)
{
	obol_read_copy(r, begun->response, sizeof(begun->response));
	begun->key_number = obol_read_u32(r);
	obol_read_ksf_params(r, &begun->ksf);
}

static void write_slot_start_answer(struct obol_writer *w,
									const struct obol_answer *msg)
{
	obol_write_slot_begun(w, &msg->slot_start);
}

static void read_slot_start_answer(struct obol_reader *r,
								   struct obol_answer *msg)
{
	obol_read_slot_begun(r, &msg->slot_start);
}

static bool slot_list_has(const struct obol_slot_list_answer *list, size_t n,
						  const struct obol_slot_item *item)
{
	size_t i;

	for (i = 0; i < n; i++)
	{
		if (list->items[i].kind == item->kind &&
			memcmp(list->items[i].device_id, item->device_id,
				   OBOL_DEVICE_ID_LEN) == 0)
		{
			return true;
		}
	}
	return false;
}

static void write_slot_list_answer(struct obol_writer *w,
								   const struct obol_answer *msg)
{
	const struct obol_slot_list_answer *list = &msg->slot_list;
	size_t i;

	obol_write_count16(w, list->n_items, OBOL_SLOTS_MAX);
	for (i = 0; i < list->n_items && obol_writer_status(w) == OBOL_OK; i++)
	{
		const struct obol_slot_item *item = &list->items[i];

		obol_write_expect(w, !slot_list_has(list, i, item));
		obol_write_u8(w, item->kind);
		obol_write_device_id(w, item->kind, item->device_id);
		obol_write_text8(w, item->label, label_bounds);
		obol_write_u64(w, item->created_at);
		obol_write_u64(w, item->last_used_at);
		obol_write_text8(w, item->last_source, source_bounds);
		obol_write_u64(w, item->expires_at);
	}
}

static void read_slot_list_answer(struct obol_reader *r,
								  struct obol_answer *msg)
{
	struct obol_slot_list_answer *list = &msg->slot_list;
	size_t i;

	list->n_items = obol_read_count16(r, OBOL_SLOTS_MAX);
	for (i = 0; i < list->n_items && obol_reader_ok(r); i++)
	{
		struct obol_slot_item *item = &list->items[i];

		item->kind = obol_read_u8(r);
		obol_read_device_id(r, item->kind, item->device_id);
		obol_read_expect(r, !slot_list_has(list, i, item));
		item->label = obol_read_text8(r, label_bounds);
		item->created_at = obol_read_u64(r);
		item->last_used_at = obol_read_u64(r);
		item->last_source = obol_read_text8(r, source_bounds);
		item->expires_at = obol_read_u64(r);
	}
}

static void write_rekey_answer(struct obol_writer *w,
							   const struct obol_answer *msg)
{
	obol_write_u32(w, msg->generation);
}

static void read_rekey_answer(struct obol_reader *r, struct obol_answer *msg)
{
	msg->generation = obol_read_u32(r);
}

const struct obol_request_codec obol_slot_requests[] = {
	{ OBOL_SLOT_START, write_slot_start, read_slot_start },
	{ OBOL_SLOT_FINISH, write_slot_finish, read_slot_finish },
	{ OBOL_SLOT_DELETE, write_slot_delete, read_slot_delete },
	{ OBOL_SLOT_LIST, NULL, NULL },
	{ OBOL_STAGE, obol_write_put, obol_read_put },
	{ OBOL_REKEY, write_rekey, read_rekey },
	{ 0, NULL, NULL },
};

const struct obol_answer_codec obol_slot_answers[] = {
	{ OBOL_SLOT_START_ANSWER, write_slot_start_answer, read_slot_start_answer },
	{ OBOL_SLOT_FINISH_ANSWER, NULL, NULL },
	{ OBOL_SLOT_DELETE_ANSWER, NULL, NULL },
	{ OBOL_SLOT_LIST_ANSWER, write_slot_list_answer, read_slot_list_answer },
	{ OBOL_STAGE_ANSWER, NULL, NULL },
	{ OBOL_REKEY_ANSWER, write_rekey_answer, read_rekey_answer },
	{ 0, NULL, NULL },
};
