/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames of every type. */
#include "session/frames.h"
#include "support/hex.h"
#include "wire/layout.h"
#include "wire/login.h"

#include <check.h>

struct obol_bytes frame_make(uint8_t out[FRAME_SIZE], unsigned type,
							 struct obol_bytes body)
{
	ck_assert_uint_le(OBOL_FRAME_HEADER_LEN + body.len, FRAME_SIZE);
	out[0] = (uint8_t)type;
	out[1] = 0;
	out[2] = (uint8_t)(body.len >> 8);
	out[3] = (uint8_t)body.len;
	if (body.len)
	{
		memcpy(out + OBOL_FRAME_HEADER_LEN, body.ptr, body.len);
	}
	return obol_bytes(out, OBOL_FRAME_HEADER_LEN + body.len);
}

static const char *layout_of(const struct layout *rows, unsigned type)
{
	for (; rows->name; rows++)
	{
		if (rows->type == type)
		{
			return rows->body;
		}
	}
	return NULL;
}

/* bodies of the login's messages: lengths right, contents nobody's */
static size_t login_body(unsigned type, uint8_t *body)
{
	switch (type)
	{
		case OBOL_LOGIN_START:
			/* suite 1, mechanism 1, kind recovery, name "a" */
			memcpy(body, "\0\1\1\3\1a", 6);
			return OBOL_LOGIN_START_LEN;
		case OBOL_LOGIN_CHALLENGE:
			return OBOL_KSF_PARAMS_LEN + 4 + OBOL_OPAQUE_KE2_LEN;
		case OBOL_LOGIN_FINISH:
			return OBOL_OPAQUE_KE3_LEN;
		case OBOL_LOGIN_DONE:
			return 2 + 4 + 8 + 1 + 8 + 8 + 1 + 1 + 1 + 1 + 8 + 4 + 1;
		case OBOL_LATER:
			body[3] = 9;
			return 4;
		default:
			return 4;
	}
}

struct obol_bytes frame_error(uint8_t out[FRAME_SIZE], enum obol_reply reply)
{
	uint8_t body[2 + 4 + 8 + 2] = { (uint8_t)((unsigned)reply >> 8),
									(uint8_t)reply };

	return frame_make(out, OBOL_ERROR, obol_bytes(body, sizeof(body)));
}

struct obol_bytes frame_of_type(uint8_t out[FRAME_SIZE], unsigned type)
{
	const char *text = layout_of(layout_requests, type);
	uint8_t body[FRAME_SIZE - OBOL_FRAME_HEADER_LEN] = { 0 };
	size_t len;

	if (!text)
	{
		text = layout_of(layout_answers, type);
	}
	if (type == OBOL_ERROR)
	{
		return frame_error(out, OBOL_REPLY_NOT_FOUND);
	}
	if (!text)
	{
		return frame_make(out, type, obol_bytes(body, login_body(type, body)));
	}
	len = hex_decode(text, body, sizeof(body));
	ck_assert_uint_le(len, sizeof(body));
	return frame_make(out, type, obol_bytes(body, len));
}
