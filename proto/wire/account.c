/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AccountStart, AccountCreate, AccountDelete. */
#include "wire/family.h"
#include "wire/field.h"
#include "wire/login.h"

static const struct obol_bounds name_bounds = { 1, OBOL_NAME_MAX };

static bool is_same_slot(uint8_t kind, const uint8_t *device_id,
						 uint8_t other_kind, const uint8_t *other_device_id)
{
	return kind == other_kind &&
		   memcmp(device_id, other_device_id, OBOL_DEVICE_ID_LEN) == 0;
}

/* one slot per kind and device id */
static bool start_has(const struct obol_account_start_request *start, size_t n)
{
	const struct obol_slot_start_request *slots = start->slots;
	size_t i;

	for (i = 0; i < n; i++)
	{
		if (is_same_slot(slots[i].kind, slots[i].device_id, slots[n].kind,
						 slots[n].device_id))
		{
			return true;
		}
	}
	return false;
}

static void write_start(struct obol_writer *w, const struct obol_request *msg)
{
	const struct obol_account_start_request *start = &msg->account_start;
	size_t i;

	obol_write_text8(w, start->name, name_bounds);
	obol_write_expect(w, start->n_slots > 0);
	obol_write_count8(w, start->n_slots, OBOL_FIRST_SLOTS_MAX);
	for (i = 0; i < start->n_slots && obol_writer_status(w) == OBOL_OK; i++)
	{
		obol_write_slot_begin(w, &start->slots[i]);
		obol_write_expect(w, !start_has(start, i));
	}
}

static void read_start(struct obol_reader *r, struct obol_request *msg)
{
	struct obol_account_start_request *start = &msg->account_start;
	size_t i;

	start->name = obol_read_text8(r, name_bounds);
	start->n_slots = obol_read_count8(r, OBOL_FIRST_SLOTS_MAX);
	obol_read_expect(r, start->n_slots > 0);
	for (i = 0; i < start->n_slots && obol_reader_ok(r); i++)
	{
		obol_read_slot_begin(r, &start->slots[i]);
		obol_read_expect(r, !start_has(start, i));
	}
}

static bool create_fits(const struct obol_account_create_request *create,
						size_t n)
{
	const struct obol_slot_message *slots = create->slots;
	size_t i;

	for (i = 0; i < n; i++)
	{
		if (is_same_slot(slots[i].kind, slots[i].device_id, slots[n].kind,
						 slots[n].device_id))
		{
			return false;
		}
	}
	return slots[n].generation == 1;
}

static void write_create(struct obol_writer *w, const struct obol_request *msg)
{
	const struct obol_account_create_request *create = &msg->account_create;
	size_t i;

	obol_write_text8(w, create->name, name_bounds);
	obol_write_expect(w, create->n_slots > 0);
	obol_write_count8(w, create->n_slots, OBOL_FIRST_SLOTS_MAX);
	for (i = 0; i < create->n_slots && obol_writer_status(w) == OBOL_OK; i++)
	{
		obol_write_expect(w, create_fits(create, i));
		obol_write_slot(w, &create->slots[i]);
	}
}

static void read_create(struct obol_reader *r, struct obol_request *msg)
{
	struct obol_account_create_request *create = &msg->account_create;
	size_t i;

	create->name = obol_read_text8(r, name_bounds);
	create->n_slots = obol_read_count8(r, OBOL_FIRST_SLOTS_MAX);
	obol_read_expect(r, create->n_slots > 0);
	for (i = 0; i < create->n_slots && obol_reader_ok(r); i++)
	{
		obol_read_slot(r, &create->slots[i]);
		obol_read_expect(r, create_fits(create, i));
	}
}

static void write_start_answer(struct obol_writer *w,
							   const struct obol_answer *msg)
{
	const struct obol_account_start_answer *start = &msg->account_start;
	size_t i;

	obol_write_expect(w, start->n_slots > 0);
	obol_write_count8(w, start->n_slots, OBOL_FIRST_SLOTS_MAX);
	for (i = 0; i < start->n_slots && obol_writer_status(w) == OBOL_OK; i++)
	{
		obol_write_slot_begun(w, &start->slots[i]);
	}
}

static void read_start_answer(struct obol_reader *r, struct obol_answer *msg)
{
	struct obol_account_start_answer *start = &msg->account_start;
	size_t i;

	start->n_slots = obol_read_count8(r, OBOL_FIRST_SLOTS_MAX);
	obol_read_expect(r, start->n_slots > 0);
	for (i = 0; i < start->n_slots && obol_reader_ok(r); i++)
	{
		obol_read_slot_begun(r, &start->slots[i]);
	}
}

static void write_create_answer(struct obol_writer *w,
								const struct obol_answer *msg)
{
	obol_write_u8(w, msg->waits);
}

static void read_create_answer(struct obol_reader *r, struct obol_answer *msg)
{
	msg->waits = obol_read_bool(r);
}

const struct obol_request_codec obol_account_requests[] = {
	{ OBOL_ACCOUNT_START, write_start, read_start },
	{ OBOL_ACCOUNT_CREATE, write_create, read_create },
	{ OBOL_ACCOUNT_DELETE, NULL, NULL },
	{ 0, NULL, NULL },
};

const struct obol_answer_codec obol_account_answers[] = {
	{ OBOL_ACCOUNT_START_ANSWER, write_start_answer, read_start_answer },
	{ OBOL_ACCOUNT_CREATE_ANSWER, write_create_answer, read_create_answer },
	{ OBOL_ACCOUNT_DELETE_ANSWER, NULL, NULL },
	{ 0, NULL, NULL },
};
