/* SPDX-License-Identifier: GPL-2.0-or-later */
/* List, Get, Put, Delete. */
#include "wire/family.h"
#include "wire/field.h"

static const struct obol_bounds name_bounds = { 1, OBOL_CREDENTIAL_NAME_MAX };
static const struct obol_bounds any_name_bounds = { 0,
													OBOL_CREDENTIAL_NAME_MAX };
static const struct obol_bounds sealed_bounds = { 1, OBOL_SEALED_MAX };

/* a name alone, or all behind a name */
static bool get_fits(const struct obol_get_request *get)
{
	return get->name.len ? get->after.len == 0 : get->held_version == 0;
}

static void write_get(struct obol_writer *w, const struct obol_request *msg)
{
	const struct obol_get_request *get = &msg->get;

	obol_write_expect(w, get_fits(get));
	obol_write_text8(w, get->name, any_name_bounds);
	obol_write_text8(w, get->after, any_name_bounds);
	obol_write_u64(w, get->held_version);
}

static void read_get(struct obol_reader *r, struct obol_request *msg)
{
	struct obol_get_request *get = &msg->get;

	get->name = obol_read_text8(r, any_name_bounds);
	get->after = obol_read_text8(r, any_name_bounds);
	get->held_version = obol_read_u64(r);
	obol_read_expect(r, get_fits(get));
}

/* version 2^64 - 1 has no successor */
static bool has_successor(uint64_t version)
{
	return version < UINT64_MAX;
}

void obol_write_put(struct obol_writer *w, const struct obol_request *msg)
{
	const struct obol_put_request *put = &msg->put;

	obol_write_text8(w, put->name, name_bounds);
	obol_write_u16(w, put->format);
	obol_write_expect(w, has_successor(put->base_version));
	obol_write_u64(w, put->base_version);
	obol_write_u32(w, put->generation);
	obol_write_data24(w, put->sealed, sealed_bounds);
}

void obol_read_put(struct obol_reader *r, struct obol_request *msg)
{
	struct obol_put_request *put = &msg->put;

	put->name = obol_read_text8(r, name_bounds);
	put->format = obol_read_u16(r);
	put->base_version = obol_read_u64(r);
	obol_read_expect(r, has_successor(put->base_version));
	put->generation = obol_read_u32(r);
	put->sealed = obol_read_data24(r, sealed_bounds);
}

static void write_delete(struct obol_writer *w, const struct obol_request *msg)
{
	obol_write_text8(w, msg->delete_.name, name_bounds);
	obol_write_expect(w, has_successor(msg->delete_.base_version));
	obol_write_u64(w, msg->delete_.base_version);
}

static void read_delete(struct obol_reader *r, struct obol_request *msg)
{
	msg->delete_.name = obol_read_text8(r, name_bounds);
	msg->delete_.base_version = obol_read_u64(r);
	obol_read_expect(r, has_successor(msg->delete_.base_version));
}

static bool list_names(const struct obol_list_answer *list, size_t n,
					   struct obol_bytes name)
{
	size_t i;

	for (i = 0; i < n; i++)
	{
		if (obol_bytes_eq(list->items[i].name, name))
		{
			return true;
		}
	}
	return false;
}

static void write_list_answer(struct obol_writer *w,
							  const struct obol_answer *msg)
{
	const struct obol_list_answer *list = &msg->list;
	size_t i;

	obol_write_count16(w, list->n_items, OBOL_NAMES_MAX);
	for (i = 0; i < list->n_items && obol_writer_status(w) == OBOL_OK; i++)
	{
		const struct obol_list_item *item = &list->items[i];

		obol_write_expect(w, !list_names(list, i, item->name));
		obol_write_text8(w, item->name, name_bounds);
		obol_write_u16(w, item->format);
		obol_write_u64(w, item->version);
		obol_write_u32(w, item->size);
		obol_write_u64(w, item->changed_at);
		obol_write_u8(w, item->deleted);
	}
}

static void read_list_answer(struct obol_reader *r, struct obol_answer *msg)
{
	struct obol_list_answer *list = &msg->list;
	size_t i;

	list->n_items = obol_read_count16(r, OBOL_NAMES_MAX);
	for (i = 0; i < list->n_items && obol_reader_ok(r); i++)
	{
		struct obol_list_item *item = &list->items[i];

		item->name = obol_read_text8(r, name_bounds);
		obol_read_expect(r, !list_names(list, i, item->name));
		item->format = obol_read_u16(r);
		item->version = obol_read_u64(r);
		item->size = obol_read_u32(r);
		item->changed_at = obol_read_u64(r);
		item->deleted = obol_read_bool(r);
	}
}

static bool get_names(const struct obol_get_answer *get, size_t n,
					  struct obol_bytes name)
{
	size_t i;

	for (i = 0; i < n; i++)
	{
		if (obol_bytes_eq(get->items[i].name, name))
		{
			return true;
		}
	}
	return false;
}

/* "unchanged" brings nothing; "more" comes with what to ask on from */
static bool get_answer_fits(const struct obol_get_answer *get)
{
	return (!get->unchanged || (get->n_items == 0 && !get->more)) &&
		   (!get->more || get->n_items > 0);
}

static void write_get_answer(struct obol_writer *w,
							 const struct obol_answer *msg)
{
	const struct obol_get_answer *get = &msg->get;
	size_t i;

	obol_write_expect(w, get_answer_fits(get));
	obol_write_u8(w, get->unchanged);
	obol_write_u8(w, get->more);
	obol_write_count16(w, get->n_items, OBOL_CREDENTIALS_MAX);
	for (i = 0; i < get->n_items && obol_writer_status(w) == OBOL_OK; i++)
	{
		const struct obol_get_item *item = &get->items[i];

		obol_write_expect(w, !get_names(get, i, item->name));
		obol_write_text8(w, item->name, name_bounds);
		obol_write_u16(w, item->format);
		obol_write_u64(w, item->version);
		obol_write_u64(w, item->changed_at);
		obol_write_data24(w, item->sealed, sealed_bounds);
	}
}

static void read_get_answer(struct obol_reader *r, struct obol_answer *msg)
{
	struct obol_get_answer *get = &msg->get;
	size_t i;

	get->unchanged = obol_read_bool(r);
	get->more = obol_read_bool(r);
	get->n_items = obol_read_count16(r, OBOL_CREDENTIALS_MAX);
	obol_read_expect(r, get_answer_fits(get));
	for (i = 0; i < get->n_items && obol_reader_ok(r); i++)
	{
		struct obol_get_item *item = &get->items[i];

		item->name = obol_read_text8(r, name_bounds);
		obol_read_expect(r, !get_names(get, i, item->name));
		item->format = obol_read_u16(r);
		item->version = obol_read_u64(r);
		item->changed_at = obol_read_u64(r);
		item->sealed = obol_read_data24(r, sealed_bounds);
	}
}

static void write_put_answer(struct obol_writer *w,
							 const struct obol_answer *msg)
{
	obol_write_expect(w, msg->put.version > 0);
	obol_write_u64(w, msg->put.version);
	obol_write_u64(w, msg->put.changed_at);
}

static void read_put_answer(struct obol_reader *r, struct obol_answer *msg)
{
	msg->put.version = obol_read_u64(r);
	obol_read_expect(r, msg->put.version > 0);
	msg->put.changed_at = obol_read_u64(r);
}

static void write_delete_answer(struct obol_writer *w,
								const struct obol_answer *msg)
{
	obol_write_expect(w, msg->deleted_version > 0);
	obol_write_u64(w, msg->deleted_version);
}

static void read_delete_answer(struct obol_reader *r, struct obol_answer *msg)
{
	msg->deleted_version = obol_read_u64(r);
	obol_read_expect(r, msg->deleted_version > 0);
}

const struct obol_request_codec obol_credential_requests[] = {
	{ OBOL_LIST, NULL, NULL },
	{ OBOL_GET, write_get, read_get },
	{ OBOL_PUT, obol_write_put, obol_read_put },
	{ OBOL_DELETE, write_delete, read_delete },
	{ 0, NULL, NULL },
};

const struct obol_answer_codec obol_credential_answers[] = {
	{ OBOL_LIST_ANSWER, write_list_answer, read_list_answer },
	{ OBOL_GET_ANSWER, write_get_answer, read_get_answer },
	{ OBOL_PUT_ANSWER, write_put_answer, read_put_answer },
	{ OBOL_DELETE_ANSWER, write_delete_answer, read_delete_answer },
	{ 0, NULL, NULL },
};
