/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Info. */
#include "wire/family.h"
#include "wire/field.h"

static const struct obol_bounds server_name_bounds = { 0, OBOL_NAME_MAX };

static void write_info_answer(struct obol_writer *w,
							  const struct obol_answer *msg)
{
	const struct obol_info_answer *info = &msg->info;
	size_t i;

	obol_write_text8(w, info->server_name, server_name_bounds);
	obol_write_u64(w, info->server_time);
	obol_write_count8(w, info->n_suites, OBOL_INFO_SUITES_MAX);
	for (i = 0; i < info->n_suites && obol_writer_status(w) == OBOL_OK; i++)
	{
		obol_write_u16(w, info->suites[i]);
	}
	obol_write_count8(w, info->n_mechanisms, OBOL_INFO_MECHANISMS_MAX);
	for (i = 0; i < info->n_mechanisms && obol_writer_status(w) == OBOL_OK; i++)
	{
		obol_write_u8(w, info->mechanisms[i]);
	}
	obol_write_u32(w, info->frame_max);
	obol_write_u32(w, info->sealed_max);
	obol_write_u16(w, info->credentials_max);
	obol_write_u16(w, info->devices_max);
}

static void read_info_answer(struct obol_reader *r, struct obol_answer *msg)
{
	struct obol_info_answer *info = &msg->info;
	size_t i;

	info->server_name = obol_read_text8(r, server_name_bounds);
	info->server_time = obol_read_u64(r);
	info->n_suites = obol_read_count8(r, OBOL_INFO_SUITES_MAX);
	for (i = 0; i < info->n_suites && obol_reader_ok(r); i++)
	{
		info->suites[i] = obol_read_u16(r);
	}
	info->n_mechanisms = obol_read_count8(r, OBOL_INFO_MECHANISMS_MAX);
	for (i = 0; i < info->n_mechanisms && obol_reader_ok(r); i++)
	{
		info->mechanisms[i] = obol_read_u8(r);
	}
	info->frame_max = obol_read_u32(r);
	info->sealed_max = obol_read_u32(r);
	info->credentials_max = obol_read_u16(r);
	info->devices_max = obol_read_u16(r);
}

const struct obol_request_codec obol_info_requests[] = {
	{ OBOL_INFO, NULL, NULL },
	{ 0, NULL, NULL },
};

const struct obol_answer_codec obol_info_answers[] = {
	{ OBOL_INFO_ANSWER, write_info_answer, read_info_answer },
	{ 0, NULL, NULL },
};
