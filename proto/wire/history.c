/* SPDX-License-Identifier: GPL-2.0-or-later */
/* History. */
#include "wire/family.h"
#include "wire/field.h"

static const struct obol_bounds label_bounds = { 0, OBOL_LABEL_MAX };
static const struct obol_bounds source_bounds = { 0, OBOL_SOURCE_MAX };
static const struct obol_bounds detail_bounds = { 0, OBOL_TEXT_MAX };

static bool is_limit(uint16_t limit)
{
	return limit >= 1 && limit <= OBOL_HISTORY_MAX;
}

static void write_history(struct obol_writer *w, const struct obol_request *msg)
{
	obol_write_u64(w, msg->history.before);
	obol_write_expect(w, is_limit(msg->history.limit));
	obol_write_u16(w, msg->history.limit);
}

static void read_history(struct obol_reader *r, struct obol_request *msg)
{
	msg->history.before = obol_read_u64(r);
	msg->history.limit = obol_read_u16(r);
	obol_read_expect(r, is_limit(msg->history.limit));
}

/* newest first; 0 would ask for the newest again */
static bool id_follows(const struct obol_history_answer *history, size_t i)
{
	return history->items[i].id > 0 &&
		   (i == 0 || history->items[i].id < history->items[i - 1].id);
}

static void write_history_answer(struct obol_writer *w,
								 const struct obol_answer *msg)
{
	const struct obol_history_answer *history = &msg->history;
	size_t i;

	obol_write_count16(w, history->n_items, OBOL_HISTORY_MAX);
	for (i = 0; i < history->n_items && obol_writer_status(w) == OBOL_OK; i++)
	{
		const struct obol_history_item *item = &history->items[i];

		obol_write_expect(w, id_follows(history, i));
		obol_write_u64(w, item->id);
		obol_write_u64(w, item->at);
		obol_write_u8(w, item->operation);
		obol_write_u16(w, item->reply);
		obol_write_u8(w, item->kind);
		obol_write_text8(w, item->label, label_bounds);
		obol_write_text8(w, item->source, source_bounds);
		obol_write_text16(w, item->detail, detail_bounds);
	}
}

static void read_history_answer(struct obol_reader *r, struct obol_answer *msg)
{
	struct obol_history_answer *history = &msg->history;
	size_t i;

	history->n_items = obol_read_count16(r, OBOL_HISTORY_MAX);
	for (i = 0; i < history->n_items && obol_reader_ok(r); i++)
	{
		struct obol_history_item *item = &history->items[i];

		item->id = obol_read_u64(r);
		obol_read_expect(r, id_follows(history, i));
		item->at = obol_read_u64(r);
		item->operation = obol_read_u8(r);
		item->reply = obol_read_u16(r);
		item->kind = obol_read_u8(r);
		item->label = obol_read_text8(r, label_bounds);
		item->source = obol_read_text8(r, source_bounds);
		item->detail = obol_read_text16(r, detail_bounds);
	}
}

const struct obol_request_codec obol_history_requests[] = {
	{ OBOL_HISTORY, write_history, read_history },
	{ 0, NULL, NULL },
};

const struct obol_answer_codec obol_history_answers[] = {
	{ OBOL_HISTORY_ANSWER, write_history_answer, read_history_answer },
	{ 0, NULL, NULL },
};
