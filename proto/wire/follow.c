/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Follow and Report. */
#include "wire/family.h"
#include "wire/field.h"

static const struct obol_bounds serial_bounds = { 1, OBOL_SERIAL_MAX };
static const struct obol_bounds known_serial_bounds = { 0, OBOL_SERIAL_MAX };
static const struct obol_bounds subject_bounds = { 0, OBOL_TEXT_MAX };
static const struct obol_bounds identity_bounds = { 0, OBOL_NAME_MAX };
static const struct obol_bounds address_bounds = { 0, OBOL_SOURCE_MAX };
static const struct obol_bounds part_bounds = { 0, OBOL_FOLLOW_PART_MAX };

static void write_data8(struct obol_writer *w, struct obol_bytes data,
						struct obol_bounds bounds)
{
	obol_write_expect(w, data.len >= bounds.min && data.len <= bounds.max);
	obol_write_vec8(w, data);
}

static struct obol_bytes read_data8(struct obol_reader *r,
									struct obol_bounds bounds)
{
	struct obol_bytes data = obol_read_vec8(r, bounds.max);

	obol_read_expect(r, data.len >= bounds.min);
	return data;
}

/*
 * Follow
 */

static void write_follow(struct obol_writer *w, const struct obol_request *msg)
{
	obol_write_u64(w, msg->follow.since);
	obol_write_u64(w, msg->follow.crl_number);
	obol_write_u32(w, msg->follow.crl_offset);
}

static void read_follow(struct obol_reader *r, struct obol_request *msg)
{
	msg->follow.since = obol_read_u64(r);
	msg->follow.crl_number = obol_read_u64(r);
	msg->follow.crl_offset = obol_read_u32(r);
}

/* they grow, and the answer's number is not below them */
static bool number_follows(const struct obol_follow_answer *follow, size_t i)
{
	return follow->items[i].number > 0 &&
		   follow->items[i].number <= follow->sequence &&
		   (i == 0 || follow->items[i].number > follow->items[i - 1].number);
}

/* what is behind more can only be asked for with a greater number */
static bool may_have_more(const struct obol_follow_answer *follow)
{
	return !follow->more || follow->n_items > 0;
}

static bool is_part(const struct obol_follow_answer *follow)
{
	return follow->crl_part.len <= follow->crl_len &&
		   (follow->crl_number > 0 || follow->crl_len == 0);
}

static void write_follow_answer(struct obol_writer *w,
								const struct obol_answer *msg)
{
	const struct obol_follow_answer *follow = &msg->follow;
	size_t i;

	obol_write_expect(w, may_have_more(follow) && is_part(follow));
	obol_write_u64(w, follow->sequence);
	obol_write_u8(w, follow->more);
	obol_write_count16(w, follow->n_items, OBOL_FOLLOW_ITEMS_MAX);
	for (i = 0; i < follow->n_items && obol_writer_status(w) == OBOL_OK; i++)
	{
		const struct obol_follow_item *item = &follow->items[i];

		obol_write_expect(w, number_follows(follow, i));
		obol_write_u64(w, item->number);
		obol_write_u8(w, item->reason);
		obol_write_u64(w, item->revoked_at);
		write_data8(w, item->serial, serial_bounds);
		obol_write_text16(w, item->subject, subject_bounds);
	}
	obol_write_u64(w, follow->crl_number);
	obol_write_u32(w, follow->crl_len);
	obol_write_data24(w, follow->crl_part, part_bounds);
}

static void read_follow_answer(struct obol_reader *r, struct obol_answer *msg)
{
	struct obol_follow_answer *follow = &msg->follow;
	size_t i;

	follow->sequence = obol_read_u64(r);
	follow->more = obol_read_bool(r);
	follow->n_items = obol_read_count16(r, OBOL_FOLLOW_ITEMS_MAX);
	for (i = 0; i < follow->n_items && obol_reader_ok(r); i++)
	{
		struct obol_follow_item *item = &follow->items[i];

		item->number = obol_read_u64(r);
		obol_read_expect(r, number_follows(follow, i));
		item->reason = obol_read_u8(r);
		item->revoked_at = obol_read_u64(r);
		item->serial = read_data8(r, serial_bounds);
		item->subject = obol_read_text16(r, subject_bounds);
	}
	follow->crl_number = obol_read_u64(r);
	follow->crl_len = obol_read_u32(r);
	follow->crl_part = obol_read_data24(r, part_bounds);
	obol_read_expect(r, may_have_more(follow) && is_part(follow));
}

/*
 * Report
 */

static bool is_event(uint8_t what)
{
	return what == OBOL_TUNNEL_UP || what == OBOL_TUNNEL_DOWN;
}

static void write_report(struct obol_writer *w, const struct obol_request *msg)
{
	const struct obol_report_request *report = &msg->report;
	size_t i;

	obol_write_u64(w, report->run);
	obol_write_u8(w, report->sweep);
	obol_write_count16(w, report->n_events, OBOL_REPORT_EVENTS_MAX);
	for (i = 0; i < report->n_events && obol_writer_status(w) == OBOL_OK; i++)
	{
		const struct obol_report_event *event = &report->events[i];

		obol_write_expect(w, is_event(event->what));
		obol_write_u8(w, event->what);
		obol_write_bytes(w, obol_bytes(event->spis, sizeof(event->spis)));
		write_data8(w, event->serial, known_serial_bounds);
		obol_write_text8(w, event->identity, identity_bounds);
		obol_write_text8(w, event->remote, address_bounds);
		obol_write_text8(w, event->virtual_ip, address_bounds);
		obol_write_u64(w, event->at);
		obol_write_u64(w, event->bytes_in);
		obol_write_u64(w, event->bytes_out);
		obol_write_u64(w, event->revocation);
	}
}

static void read_report(struct obol_reader *r, struct obol_request *msg)
{
	struct obol_report_request *report = &msg->report;
	size_t i;

	report->run = obol_read_u64(r);
	report->sweep = obol_read_bool(r);
	report->n_events = obol_read_count16(r, OBOL_REPORT_EVENTS_MAX);
	for (i = 0; i < report->n_events && obol_reader_ok(r); i++)
	{
		struct obol_report_event *event = &report->events[i];

		event->what = obol_read_u8(r);
		obol_read_expect(r, is_event(event->what));
		obol_read_copy(r, event->spis, sizeof(event->spis));
		event->serial = read_data8(r, known_serial_bounds);
		event->identity = obol_read_text8(r, identity_bounds);
		event->remote = obol_read_text8(r, address_bounds);
		event->virtual_ip = obol_read_text8(r, address_bounds);
		event->at = obol_read_u64(r);
		event->bytes_in = obol_read_u64(r);
		event->bytes_out = obol_read_u64(r);
		event->revocation = obol_read_u64(r);
	}
}

const struct obol_request_codec obol_follow_requests[] = {
	{ OBOL_FOLLOW, write_follow, read_follow },
	{ OBOL_REPORT, write_report, read_report },
	{ 0, NULL, NULL },
};

const struct obol_answer_codec obol_follow_answers[] = {
	{ OBOL_FOLLOW_ANSWER, write_follow_answer, read_follow_answer },
	{ OBOL_REPORT_ANSWER, NULL, NULL },
	{ 0, NULL, NULL },
};
