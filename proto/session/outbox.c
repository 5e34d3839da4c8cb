/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames that are to be sent. */
#include "session/outbox.h"

void obol_outbox_init(struct obol_outbox *outbox)
{
	obol_writer_init(&outbox->w);
	outbox->sent = 0;
}

void obol_outbox_clear(struct obol_outbox *outbox)
{
	obol_writer_clear(&outbox->w);
	outbox->sent = 0;
}

struct obol_bytes obol_outbox_view(const struct obol_outbox *outbox)
{
	struct obol_bytes all = obol_writer_view(&outbox->w);

	if (outbox->sent == all.len)
	{
		return obol_bytes(NULL, 0);
	}
	return obol_bytes(all.ptr + outbox->sent, all.len - outbox->sent);
}

enum obol_status obol_outbox_put(struct obol_outbox *outbox,
								 struct obol_writer *frames)
{
	struct obol_bytes waiting = obol_outbox_view(outbox);
	enum obol_status status = obol_writer_status(frames);
	struct obol_writer joined;

	if (status != OBOL_OK)
	{
		goto out;
	}
	if (waiting.len == 0)
	{
		obol_writer_clear(&outbox->w);
		outbox->w = *frames;
		outbox->sent = 0;
		obol_writer_init(frames);
		return OBOL_OK;
	}
	obol_writer_init(&joined);
	obol_write_bytes(&joined, waiting);
	obol_write_bytes(&joined, obol_writer_view(frames));
	status = obol_writer_status(&joined);
	if (status == OBOL_OK)
	{
		obol_writer_clear(&outbox->w);
		outbox->w = joined;
		outbox->sent = 0;
	}
	else
	{
		obol_writer_clear(&joined);
	}
out:
	obol_writer_clear(frames);
	return status;
}

void obol_outbox_sent(struct obol_outbox *outbox, size_t len)
{
	size_t waiting = obol_outbox_view(outbox).len;

	if (len < waiting)
	{
		outbox->sent += len;
		return;
	}
	obol_outbox_clear(outbox);
}
