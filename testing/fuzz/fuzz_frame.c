/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames out of a stream that comes in pieces. */
#include "fuzz/support.h"
#include "session/inbox.h"

/* What the inbox must give: frame after frame of the whole stream. */
static void check_frame(struct obol_bytes *stream, size_t max,
						const struct obol_frame *frame)
{
	struct obol_frame expected;
	size_t used;

	FUZZ_CHECK(obol_frame_decode(*stream, max, &expected, &used) == OBOL_OK);
	FUZZ_CHECK(used == OBOL_FRAME_HEADER_LEN + expected.body.len);
	FUZZ_CHECK(frame->type == expected.type && frame->body.len <= max);
	FUZZ_CHECK(obol_bytes_eq(frame->body, expected.body));
	stream->ptr += used;
	stream->len -= used;
}

static void run(struct obol_bytes in)
{
	struct fuzz_script script = fuzz_script_over(in);
	size_t max = fuzz_u16(&script), piece = fuzz_u8(&script) + 1u;
	struct obol_bytes stream = fuzz_rest(&script);
	struct obol_bytes unread = stream;
	enum obol_status status = OBOL_OK;
	struct obol_inbox inbox;
	struct obol_frame frame;
	size_t pos = 0, n;

	obol_inbox_init(&inbox);
	while (status != OBOL_ERR_FORMAT && pos < stream.len)
	{
		n = piece < stream.len - pos ? piece : stream.len - pos;
		FUZZ_CHECK(obol_inbox_put(&inbox, obol_bytes(stream.ptr + pos, n)) ==
				   OBOL_OK);
		pos += n;
		while ((status = obol_inbox_take(&inbox, max, &frame)) == OBOL_OK)
		{
			check_frame(&unread, max, &frame);
		}
		FUZZ_CHECK(status == OBOL_ERR_NOT_FOUND || status == OBOL_ERR_FORMAT);
		/* no more is held than was not taken */
		FUZZ_CHECK(obol_inbox_len(&inbox) ==
				   pos - (size_t)(unread.ptr - stream.ptr));
	}
	obol_inbox_clear(&inbox);
}

static void seed(struct fuzz_seeds *seeds)
{
	static const uint8_t largest[] = { 0, 3, 0, 0x22, 0, 0, 3, 1, 2, 3 };
	static const uint8_t above[] = { 0, 3, 5, 0x22, 0, 0, 4, 1, 2, 3, 4 };
	static const uint8_t several[] = { 16,   0, 0, 1, 0, 0, 2, 'a', 'b',
									   0x10, 0, 0, 0, 3, 0, 0, 1,   'c' };

	fuzz_seed(seeds, "largest", obol_bytes(largest, sizeof(largest)));
	fuzz_seed(seeds, "above", obol_bytes(above, sizeof(above)));
	fuzz_seed(seeds, "several", obol_bytes(several, sizeof(several)));
}

static struct fuzz_target target = {
	.name = "frame",
	.what = "a stream in pieces gives the frames that the whole stream has",
	.run = run,
	.seed = seed,
	.max_len = 4096,
};

FUZZ_TARGET(target)
