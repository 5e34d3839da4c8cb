/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The login's messages. */
#include "fuzz/support.h"
#include "support/hex.h"
#include "wire/frame.h"
#include "wire/login.h"

#include <stdio.h>

/* Decode, and encode again what was understood. */
static enum obol_status again(uint8_t type, struct obol_bytes body,
							  struct obol_writer *w)
{
	union {
		struct obol_login_start start;
		struct obol_login_challenge challenge;
		struct obol_bytes ke3;
		struct obol_login_done done;
		uint32_t seconds;
		struct obol_error_message error;
	} as;
	enum obol_status status = OBOL_ERR_NOT_FOUND;

	switch (type)
	{
		case OBOL_LOGIN_START:
			status = obol_login_start_decode(body, &as.start);
			status == OBOL_OK ? obol_login_start_encode(w, &as.start) : (void)0;
			break;
		case OBOL_LOGIN_CHALLENGE:
			status = obol_login_challenge_decode(body, &as.challenge);
			status == OBOL_OK ? obol_login_challenge_encode(w, &as.challenge)
							  : (void)0;
			break;
		case OBOL_LOGIN_FINISH:
			status = obol_login_finish_decode(body, &as.ke3);
			status == OBOL_OK ? obol_login_finish_encode(w, as.ke3) : (void)0;
			break;
		case OBOL_LOGIN_DONE:
			status = obol_login_done_decode(body, &as.done);
			status == OBOL_OK ? obol_login_done_encode(w, &as.done) : (void)0;
			break;
		case OBOL_LATER:
			status = obol_later_decode(body, &as.seconds);
			status == OBOL_OK ? obol_later_encode(w, as.seconds) : (void)0;
			break;
		case OBOL_ERROR:
			status = obol_error_decode(body, &as.error);
			status == OBOL_OK ? obol_error_encode(w, &as.error) : (void)0;
			break;
		default:
			break;
	}
	return status;
}

static void run(struct obol_bytes in)
{
	struct fuzz_script script = fuzz_script_over(in);
	uint8_t type = fuzz_u8(&script);
	struct obol_bytes body = fuzz_rest(&script);
	struct obol_writer w;
	struct obol_bytes frame;
	enum obol_status status;

	obol_writer_init(&w);
	status = again(type, body, &w);
	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT ||
			   status == OBOL_ERR_NOT_FOUND);
	if (status == OBOL_OK)
	{
		frame = obol_writer_view(&w);
		FUZZ_CHECK(frame.len == OBOL_FRAME_HEADER_LEN + body.len &&
				   frame.ptr[0] == type);
		FUZZ_CHECK(
			memcmp(frame.ptr + OBOL_FRAME_HEADER_LEN, body.ptr, body.len) == 0);
	}
	obol_writer_clear(&w);
}

/* type | body, of the frame that w holds */
static void seed_frame(struct fuzz_seeds *seeds, const char *name,
					   struct obol_writer *w)
{
	struct obol_bytes frame = obol_writer_view(w);
	struct obol_writer seed;

	FUZZ_CHECK(obol_writer_status(w) == OBOL_OK);
	obol_writer_init(&seed);
	obol_write_u8(&seed, frame.ptr[0]);
	obol_write_bytes(&seed, obol_bytes(frame.ptr + OBOL_FRAME_HEADER_LEN,
									   frame.len - OBOL_FRAME_HEADER_LEN));
	fuzz_seed(seeds, name, obol_writer_view(&seed));
	obol_writer_clear(&seed);
	obol_writer_clear(w);
}

static void seed(struct fuzz_seeds *seeds)
{
	static const uint8_t bytes[OBOL_OPAQUE_KE2_LEN] = { 2, 3, 4 };
	struct obol_login_start start = {
		.suite = OBOL_SUITE_1,
		.mechanism = OBOL_MECHANISM_OPAQUE,
		.kind = OBOL_SLOT_DEVICE,
		.name = obol_bytes_str("alice"),
		.device_id = { 1, 2, 3 },
		.ke1 = obol_bytes(bytes, OBOL_OPAQUE_KE1_LEN),
	};
	struct obol_login_challenge challenge = {
		.ksf = obol_ksf_default,
		.key_number = 7,
		.ke2 = obol_bytes(bytes, OBOL_OPAQUE_KE2_LEN),
	};
	struct obol_login_done done = {
		.wrap = obol_bytes(bytes, 172),
		.n_failures = 2,
		.last_failure_at = 1800000000,
		.last_failure_source = obol_bytes_str("2001:db8::7"),
		.last_login_at = 1799990000,
		.server_time = 1800000300,
		.migrate = true,
		.n_pins = 2,
		.mode = OBOL_MODE_DEVICE,
		.key_type = OBOL_KEY_EC_P256,
		.account_expires_at = 1900000000,
		.anchors_number = 3,
	};
	struct obol_error_message error = {
		.reply = OBOL_REPLY_STALE,
		.retry_after_s = 60,
		.version = 9,
		.text = obol_bytes_str("try again later"),
	};
	struct obol_writer w;

	obol_writer_init(&w);
	obol_login_start_encode(&w, &start);
	seed_frame(seeds, "start", &w);
	obol_login_challenge_encode(&w, &challenge);
	seed_frame(seeds, "challenge", &w);
	obol_login_finish_encode(&w, obol_bytes(bytes, OBOL_OPAQUE_KE3_LEN));
	seed_frame(seeds, "finish", &w);
	obol_login_done_encode(&w, &done);
	seed_frame(seeds, "done", &w);
	obol_later_encode(&w, 60);
	seed_frame(seeds, "later", &w);
	obol_error_encode(&w, &error);
	seed_frame(seeds, "error", &w);
}

static struct fuzz_target target = {
	.name = "login",
	.what = "a login message that is taken is encoded as the same bytes",
	.run = run,
	.seed = seed,
	.max_len = 1024,
};

FUZZ_TARGET(target)
