/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers: type | body. */
#include "fuzz/support.h"
#include "fuzz/layouts.h"
#include "wire/request.h"

static void run(struct obol_bytes in)
{
	struct obol_answer *message = malloc(sizeof(*message));
	struct fuzz_script script = fuzz_script_over(in);
	uint8_t type = fuzz_u8(&script);
	struct obol_bytes body = fuzz_rest(&script);
	enum obol_status status;
	struct obol_bytes frame;
	struct obol_writer w;

	FUZZ_CHECK(message);
	obol_writer_init(&w);
	status = obol_answer_decode(type, body, message);
	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT ||
			   status == OBOL_ERR_NOT_FOUND);
	if (status == OBOL_OK)
	{
		FUZZ_CHECK(message->type == type);
		obol_answer_encode(&w, message);
		FUZZ_CHECK(obol_writer_status(&w) == OBOL_OK);
		frame = obol_writer_view(&w);
		FUZZ_CHECK(frame.len == OBOL_FRAME_HEADER_LEN + body.len &&
				   frame.ptr[0] == type);
		FUZZ_CHECK(body.len == 0 || memcmp(frame.ptr + OBOL_FRAME_HEADER_LEN,
										   body.ptr, body.len) == 0);
	}
	obol_writer_clear(&w);
	free(message);
}

static void seed(struct fuzz_seeds *seeds)
{
	fuzz_seed_layouts(seeds, layout_answers, "good");
	fuzz_seed_layouts(seeds, layout_bad_answers, "bad");
}

static struct fuzz_target target = {
	.name = "answer",
	.what = "a answer that is taken is encoded as the same bytes",
	.run = run,
	.seed = seed,
	.max_len = 4096,
};

FUZZ_TARGET(target)
