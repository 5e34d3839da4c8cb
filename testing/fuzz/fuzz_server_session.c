/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server's session, its client and its owner played as a byte script says.
 * The client knows the password, so that whole conversations come about. */
#include "fuzz/server_play.h"

/** Orders of the script; a conversation has no more of them than this. */
#define ORDERS_MAX 48

static void login_start(struct server_play *play)
{
	struct fuzz_script *script = &play->script;
	struct obol_login_start start = {
		.suite = OBOL_SUITE_1,
		.mechanism = OBOL_MECHANISM_OPAQUE,
		.kind = (uint8_t)(OBOL_SLOT_PASSWORD + fuzz_below(script, 5)),
		.name = obol_bytes_str(FUZZ_ACCOUNT),
	};
	uint8_t change = fuzz_u8(script);

	if (start.kind == OBOL_SLOT_DEVICE)
	{
		memcpy(start.device_id, fuzz_device_id, OBOL_DEVICE_ID_LEN);
	}
	server_play_ke1(play);
	start.ke1 = obol_bytes(play->ke1, OBOL_OPAQUE_KE1_LEN);
	switch (change)
	{
		case 1:
			start.suite = fuzz_u16(script);
			break;
		case 2:
			start.mechanism = fuzz_u8(script);
			break;
		case 3:
			start.kind = fuzz_u8(script);
			break;
		case 4:
			start.name = fuzz_bytes(script);
			break;
		case 5:
			fuzz_fill_device_id(script, start.kind, start.device_id);
			break;
		case 6:
			play->ke1[fuzz_below(script, OBOL_OPAQUE_KE1_LEN)] ^=
				(uint8_t)(fuzz_u8(script) | 1);
			break;
		default:
			break;
	}
	obol_login_start_encode(&play->frames, &start);
	server_play_keep_start(play, &start);
}

/* the right one if there is one, perhaps changed */
static void login_finish(struct server_play *play)
{
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN] = { 0 };
	uint8_t change = fuzz_u8(&play->script);
	bool is_right = server_play_ke3(play, ke3);

	if (change & 1)
	{
		ke3[fuzz_below(&play->script, sizeof(ke3))] ^= (uint8_t)(change | 1);
		is_right = false;
	}
	obol_login_finish_encode(&play->frames, obol_bytes(ke3, sizeof(ke3)));
	play->ke3_was_sent = play->ke3_was_sent || is_right;
}

static void request(struct server_play *play)
{
	fuzz_request(&play->script, play->request);
	obol_request_encode(&play->frames, play->request);
	if (obol_writer_status(&play->frames) == OBOL_ERR_ARG)
	{
		/* out of bounds: an honest client has nothing to send */
		obol_writer_clear(&play->frames);
	}
}

static void any_frame(struct server_play *play)
{
	uint8_t type = fuzz_u8(&play->script);
	size_t mark = obol_frame_open(&play->frames, (enum obol_frame_type)type);

	obol_write_bytes(&play->frames, fuzz_long_bytes(&play->script));
	obol_frame_close(&play->frames, mark);
}

/* zeros, many of them: what may be held is bounded */
static void flood(struct server_play *play)
{
	obol_write_zeros(&play->frames, (size_t)fuzz_u8(&play->script) << 13);
}

/* What was written goes over: whole, twice, or cut. */
static void send_frames(struct server_play *play)
{
	struct obol_bytes frames = obol_writer_view(&play->frames);

	switch (play->send)
	{
		case SEND_TWICE:
			server_play_input(play, frames);
			break;
		case SEND_CUT:
			frames.len -= frames.len ? fuzz_u8(&play->script) % frames.len : 0;
			break;
		case SEND_WHOLE:
			break;
	}
	play->send = SEND_WHOLE;
	server_play_input(play, frames);
	obol_writer_clear(&play->frames);
}

static void order(struct server_play *play)
{
	switch (fuzz_below(&play->script, 12))
	{
		case 0:
			login_start(play);
			break;
		case 1:
			login_finish(play);
			break;
		case 2:
			request(play);
			break;
		case 3:
			any_frame(play);
			break;
		case 4:
			obol_write_bytes(&play->frames, fuzz_bytes(&play->script));
			break;
		case 5:
			play->send = SEND_TWICE;
			return;
		case 6:
			play->send = SEND_CUT;
			return;
		case 7:
			play->piece = fuzz_u8(&play->script);
			return;
		case 8:
			driven_clock_pass(&play->clock, fuzz_u16(&play->script));
			return;
		case 9:
			play->mood = fuzz_u8(&play->script);
			break;
		case 10:
			flood(play);
			break;
		default:
			obol_server_session_shutdown(play->session);
			play->is_over = true;
			break;
	}
	/* KE3 and the first request leave together: not all is sent at once */
	if (!(play->mood & MOOD_GATHER))
	{
		send_frames(play);
	}
}

static void run(struct obol_bytes in)
{
	struct server_play play;
	unsigned n;

	server_play_init(&play, in);
	for (n = 0; n < ORDERS_MAX && play.script.left; n++)
	{
		order(&play);
	}
	play.mood = 0;
	send_frames(&play);
	server_play_clear(&play);
}

/* clang-format off */
/* Each login is: order, kind, no change; KE3 as it is; what LoginDone says.
 * Behind each request stands what its answer says. */
static const uint8_t by_device[] = {
	0, 3, 0, 1, 0, 0,
	/* List */ 2, 1, 0, 0,
	/* Get of all */ 2, 2, 0, 0, 0, 0, 0, 0, 0,
	/* Delete, which it may not */ 2, 4, 1, 'a', 0, 0, 0, 0, 0, 0, 0, 1,
};
static const uint8_t by_password[] = {
	0, 0, 0, 1, 0, 0,
	/* Put */ 2, 3, 3, 'v', 'p', 'n', 0, 1, 0, 2, 0, 2, 's', 's', 0,
	/* SlotStart, SlotFinish of a recovery slot */ 2, 5, 3, 0, 0, 0,
	2, 6, 3, 0, 0, 0, 2, 4, 'w', 'r', 'a', 'p', 0,
};
static const uint8_t by_code[] = {
	0, 1, 0, 1, 0, 0,
	/* SlotStart of a device */ 2, 5, 4, 2, 0, 0, 0,
	/* Stage */ 2, 9, 1, 'a', 0, 1, 0, 2, 0, 1, 's', 0,
	/* ReKey */ 2, 10, 1, 2, 4, 2, 0, 0, 0, 2, 1, 'w', 0,
	/* List, which is too late; Info */ 2, 1, 2, 0, 0,
};
static const uint8_t wrong_ke3[] = { 0, 0, 0, 1, 1, 7 };
static const uint8_t unknown_name[] = {
	/* Info */ 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 4, 3, 'b', 'o', 'b', 1, 0,
};
static const uint8_t not_fresh[] = {
	0, 2, 0, 1, 0, 0,
	/* time */ 8, 2, 0, /* SlotStart */ 2, 5, 3, /* SlotList */ 2, 8, 0, 0,
};
/* in pieces of three bytes, KE3 and List in one flight */
static const uint8_t gathered[] = {
	7, 3, 0, 2, 0, 9, MOOD_GATHER, 1, 0, 2, 1, 9, 0, 0, 0, 0,
};
/* two requests twice while nobody reads the answers; the end */
static const uint8_t deaf[] = {
	0, 2, 0, 1, 0, 0, 9, MOOD_DEAF, 5, 2, 1, 0, 0, 0, 0, 9, 0, 11,
};
/* AccountStart and AccountCreate of bob with a password, before a login and
 * after one with an enrolment code; then AccountDelete by its password */
#define ENROL                                                                  \
	2, 14, 3, 'b', 'o', 'b', 1, 1, 0, 0, 1,                                    \
	2, 15, 3, 'b', 'o', 'b', 1, 1, 0, 1, 0, 1, 1, 'w', 0, 0
static const uint8_t enrolled[] = { ENROL };
static const uint8_t enrolled_by_code[] = { 0, 4, 0, 1, 0, 0, ENROL, 2, 1 };
static const uint8_t deleted[] = {
	0, 0, 0, 1, 0, 0, /* Anchors */ 2, 13, 1, 0, 0, 0, 0, 1, 'c',
	/* AccountDelete */ 2, 16, 0, /* List */ 2, 1,
};
/* clang-format on */

static void seed(struct fuzz_seeds *seeds)
{
	static const struct {
		const char *name;
		struct obol_bytes script;
	} rows[] = {
		{ "device", { by_device, sizeof(by_device) } },
		{ "password", { by_password, sizeof(by_password) } },
		{ "code", { by_code, sizeof(by_code) } },
		{ "wrong-ke3", { wrong_ke3, sizeof(wrong_ke3) } },
		{ "unknown-name", { unknown_name, sizeof(unknown_name) } },
		{ "not-fresh", { not_fresh, sizeof(not_fresh) } },
		{ "gathered", { gathered, sizeof(gathered) } },
		{ "deaf", { deaf, sizeof(deaf) } },
		{ "enrolled", { enrolled, sizeof(enrolled) } },
		{ "enrolled-by-code", { enrolled_by_code, sizeof(enrolled_by_code) } },
		{ "deleted", { deleted, sizeof(deleted) } },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		fuzz_seed(seeds, rows[i].name, rows[i].script);
	}
}

static struct fuzz_target target = {
	.name = "server_session",
	.what = "only a right KE3 opens, only what its kind may is asked of the "
			"owner, all that is sent can be read",
	.run = run,
	.seed = seed,
	.max_len = 1024,
};

FUZZ_TARGET(target)
