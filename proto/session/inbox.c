/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that came in. */
#include "session/inbox.h"

#include <stdlib.h>

void obol_inbox_init(struct obol_inbox *inbox)
{
	memset(inbox, 0, sizeof(*inbox));
}

void obol_inbox_clear(struct obol_inbox *inbox)
{
	free(inbox->buf);
	free(inbox->frame);
	obol_inbox_init(inbox);
}

size_t obol_inbox_len(const struct obol_inbox *inbox)
{
	return inbox->end - inbox->start;
}

size_t obol_inbox_held(const struct obol_inbox *inbox)
{
	return inbox->size + inbox->frame_size;
}

static enum obol_status make_room(struct obol_inbox *inbox, size_t more)
{
	size_t len = obol_inbox_len(inbox);
	size_t size = inbox->size;
	uint8_t *buf;

	if (inbox->start)
	{
		memmove(inbox->buf, inbox->buf + inbox->start, len);
		inbox->start = 0;
		inbox->end = len;
	}
	if (more <= size - len)
	{
		return OBOL_OK;
	}
	if (more > SIZE_MAX / 4 || len > SIZE_MAX / 4)
	{
		return OBOL_ERR_NOMEM;
	}
	/* by half as much again: a large frame comes in many pieces */
	size += size / 2 + OBOL_INBOX_STEP;
	if (size < len + more)
	{
		size = len + more;
	}
	buf = realloc(inbox->buf, size);
	if (!buf)
	{
		return OBOL_ERR_NOMEM;
	}
	inbox->buf = buf;
	inbox->size = size;
	return OBOL_OK;
}

enum obol_status obol_inbox_put(struct obol_inbox *inbox, struct obol_bytes in)
{
	enum obol_status status;

	if (in.len == 0)
	{
		return OBOL_OK;
	}
	if (in.len > inbox->size - inbox->end)
	{
		status = make_room(inbox, in.len);
		if (status != OBOL_OK)
		{
			return status;
		}
	}
	memcpy(inbox->buf + inbox->end, in.ptr, in.len);
	inbox->end += in.len;
	return OBOL_OK;
}

void obol_inbox_drop(struct obol_inbox *inbox)
{
	free(inbox->frame);
	inbox->frame = NULL;
	inbox->frame_size = 0;
}

/* the last frame that is there needs no copy */
static void hand_over(struct obol_inbox *inbox)
{
	inbox->frame = inbox->buf;
	inbox->frame_size = inbox->size;
	inbox->buf = NULL;
	inbox->size = 0;
	inbox->start = 0;
	inbox->end = 0;
}

static enum obol_status look(const struct obol_inbox *inbox, size_t max,
							 struct obol_frame *frame, size_t *used)
{
	enum obol_status status;

	if (obol_inbox_len(inbox) == 0)
	{
		return OBOL_ERR_NOT_FOUND;
	}
	status = obol_frame_decode(
		obol_bytes(inbox->buf + inbox->start, obol_inbox_len(inbox)), max,
		frame, used);
	return status == OBOL_OK && *used == 0 ? OBOL_ERR_NOT_FOUND : status;
}

enum obol_status obol_inbox_peek(const struct obol_inbox *inbox, size_t max,
								 struct obol_frame *frame)
{
	size_t used;

	return look(inbox, max, frame, &used);
}

enum obol_status obol_inbox_take(struct obol_inbox *inbox, size_t max,
								 struct obol_frame *frame)
{
	struct obol_frame found;
	enum obol_status status;
	size_t used;

	status = look(inbox, max, &found, &used);
	if (status != OBOL_OK)
	{
		return status;
	}
	obol_inbox_drop(inbox);
	if (inbox->start + used == inbox->end)
	{
		hand_over(inbox);
		*frame = found;
		return OBOL_OK;
	}
	inbox->frame = malloc(found.body.len + 1);
	if (!inbox->frame)
	{
		return OBOL_ERR_NOMEM;
	}
	inbox->frame_size = found.body.len + 1;
	memcpy(inbox->frame, found.body.ptr, found.body.len);
	inbox->start += used;
	frame->type = found.type;
	frame->body = obol_bytes(inbox->frame, found.body.len);
	return OBOL_OK;
}
