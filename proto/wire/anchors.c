/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Anchors. */
#include "wire/family.h"
#include "wire/field.h"

static const struct obol_bounds cms_bounds = { 0, OBOL_ANCHORS_MAX };

static void write_anchors(struct obol_writer *w, const struct obol_request *msg)
{
	obol_write_expect(w, msg->anchors.after >= msg->anchors.held);
	obol_write_u32(w, msg->anchors.held);
	obol_write_u32(w, msg->anchors.after);
}

static void read_anchors(struct obol_reader *r, struct obol_request *msg)
{
	msg->anchors.held = obol_read_u32(r);
	msg->anchors.after = obol_read_u32(r);
	obol_read_expect(r, msg->anchors.after >= msg->anchors.held);
}

/* a set, or none because nothing has changed */
static bool is_answer(const struct obol_anchors_answer *anchors)
{
	return anchors->unchanged == (anchors->cms.len == 0);
}

static void write_anchors_answer(struct obol_writer *w,
								 const struct obol_answer *msg)
{
	obol_write_expect(w, is_answer(&msg->anchors));
	obol_write_u8(w, msg->anchors.unchanged);
	obol_write_data24(w, msg->anchors.cms, cms_bounds);
}

static void read_anchors_answer(struct obol_reader *r, struct obol_answer *msg)
{
	msg->anchors.unchanged = obol_read_bool(r);
	msg->anchors.cms = obol_read_data24(r, cms_bounds);
	obol_read_expect(r, is_answer(&msg->anchors));
}

const struct obol_request_codec obol_anchors_requests[] = {
	{ OBOL_ANCHORS, write_anchors, read_anchors },
	{ 0, NULL, NULL },
};

const struct obol_answer_codec obol_anchors_answers[] = {
	{ OBOL_ANCHORS_ANSWER, write_anchors_answer, read_anchors_answer },
	{ 0, NULL, NULL },
};
