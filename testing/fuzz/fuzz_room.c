/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests to a relay. */
#include "fuzz/support.h"
#include "wire/room.h"

static void run(struct obol_bytes in)
{
	uint8_t written[OBOL_ROOM_REQUEST_LEN];
	struct obol_room_request request;

	if (in.len >= OBOL_ROOM_REQUEST_LEN &&
		obol_room_request_read(in.ptr, &request) == OBOL_OK)
	{
		obol_room_request_write(&request, written);
		FUZZ_CHECK(memcmp(written, in.ptr, sizeof(written)) == 0);
	}
}

static void seed(struct fuzz_seeds *seeds)
{
	struct obol_room_request request = { OBOL_ROOM_JOIN, 48213 };
	uint8_t bytes[OBOL_ROOM_REQUEST_LEN];

	obol_room_request_write(&request, bytes);
	fuzz_seed(seeds, "join", obol_bytes(bytes, sizeof(bytes)));
	request.what = OBOL_ROOM_OPEN;
	obol_room_request_write(&request, bytes);
	fuzz_seed(seeds, "open", obol_bytes(bytes, sizeof(bytes)));
}

static struct fuzz_target target = {
	.name = "room",
	.what = "a request to a relay that is taken is written as the same bytes",
	.run = run,
	.seed = seed,
	.max_len = OBOL_ROOM_REQUEST_LEN,
};

FUZZ_TARGET(target)
