/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests to a relay. */
#include "wire/room.h"

#include "base/reader.h"

#define MAGIC "OBOLROOM"
#define MAGIC_LEN 8
#define VERSION 1

void obol_room_request_write(const struct obol_room_request *request,
							 uint8_t out[OBOL_ROOM_REQUEST_LEN])
{
	uint32_t number = request->number;

	memcpy(out, MAGIC, MAGIC_LEN);
	out[MAGIC_LEN] = VERSION;
	out[MAGIC_LEN + 1] = (uint8_t)request->what;
	out[MAGIC_LEN + 2] = (uint8_t)(number >> 24);
	out[MAGIC_LEN + 3] = (uint8_t)(number >> 16);
	out[MAGIC_LEN + 4] = (uint8_t)(number >> 8);
	out[MAGIC_LEN + 5] = (uint8_t)number;
}

enum obol_status obol_room_request_read(const uint8_t in[OBOL_ROOM_REQUEST_LEN],
										struct obol_room_request *request)
{
	struct obol_reader r =
		obol_reader_over(obol_bytes(in, OBOL_ROOM_REQUEST_LEN));
	struct obol_bytes magic = obol_read_fixed(&r, MAGIC_LEN);
	uint8_t version = obol_read_u8(&r), what = obol_read_u8(&r);

	if (!obol_bytes_eq(magic, obol_bytes(MAGIC, MAGIC_LEN)))
	{
		return OBOL_ERR_FORMAT;
	}
	if (version != VERSION)
	{
		return OBOL_ERR_VERSION;
	}
	if (what != OBOL_ROOM_OPEN && what != OBOL_ROOM_JOIN)
	{
		return OBOL_ERR_FORMAT;
	}
	request->what = (enum obol_room_what)what;
	request->number = obol_read_u32(&r);
	return obol_read_end(&r);
}
