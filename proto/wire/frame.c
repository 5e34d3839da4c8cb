/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames: type, length, body. */
#include "wire/frame.h"
#include "base/reader.h"

/** bytes that a frame's length takes */
#define LENGTH_LEN 3

enum obol_status obol_frame_decode(struct obol_bytes in, size_t max,
								   struct obol_frame *frame, size_t *used)
{
	struct obol_reader r = obol_reader_over(in);
	uint8_t type;
	size_t len;

	if (in.len < OBOL_FRAME_HEADER_LEN)
	{
		*used = 0;
		return OBOL_OK;
	}
	type = obol_read_u8(&r);
	len = obol_read_u24(&r);
	if (len > max)
	{
		return OBOL_ERR_FORMAT;
	}
	if (obol_reader_left(&r) < len)
	{
		*used = 0;
		return OBOL_OK;
	}
	frame->type = type;
	frame->body = obol_read_fixed(&r, len);
	*used = OBOL_FRAME_HEADER_LEN + len;
	return OBOL_OK;
}

size_t obol_frame_open(struct obol_writer *w, enum obol_frame_type type)
{
	obol_write_u8(w, (uint8_t)type);
	return obol_write_open(w, LENGTH_LEN);
}

void obol_frame_close(struct obol_writer *w, size_t mark)
{
	if (obol_writer_status(w) == OBOL_OK &&
		obol_writer_view(w).len - mark - LENGTH_LEN > OBOL_FRAME_MAX)
	{
		obol_writer_fail(w, OBOL_ERR_ARG);
	}
	obol_write_close(w, mark, LENGTH_LEN);
}
