/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client's session, its caller and a server played as a byte script says.
 * The server has the account's record, so that whole conversations come about.
 * Kinds with the identity as stretching only: scrypt would take all the time.
 */
#include "fuzz/client_play.h"

/** Orders of the script; a conversation has no more of them than this. */
#define ORDERS_MAX 48

static void challenge(struct client_play *play)
{
	struct obol_login_challenge message = {
		.ksf = obol_ksf_identity,
		.key_number = FUZZ_KEY_NUMBER,
		.ke2 = obol_bytes(play->ke2, sizeof(play->ke2)),
	};
	uint8_t change = fuzz_u8(&play->script), ke2[OBOL_OPAQUE_KE2_LEN];

	if (!play->has_ke2)
	{
		return;
	}
	switch (change)
	{
		case 1:
			fuzz_ksf_params(&play->script, &message.ksf);
			break;
		case 2:
			message.key_number = fuzz_u32(&play->script);
			break;
		case 3:
			memcpy(ke2, play->ke2, sizeof(ke2));
			ke2[fuzz_u16(&play->script) % sizeof(ke2)] ^=
				(uint8_t)(fuzz_u8(&play->script) | 1);
			message.ke2.ptr = ke2;
			break;
		default:
			break;
	}
	obol_login_challenge_encode(&play->frames, &message);
	/* key number and KSF are in the context: another one is another KE2 */
	play->challenge_was_sent =
		play->challenge_was_sent ||
		(change != 3 && message.key_number == FUZZ_KEY_NUMBER &&
		 obol_ksf_params_eq(&message.ksf, &obol_ksf_identity));
}

static void login_done(struct client_play *play)
{
	const struct fuzz_slot *slot = &play->world->slots[play->kind];
	struct obol_login_done done = { .server_time = 1800000000 };
	uint8_t wrap[OBOL_WRAP_MAX];
	uint8_t change = fuzz_u8(&play->script);

	memcpy(wrap, slot->wrap, slot->wrap_len);
	done.wrap = obol_bytes(wrap, slot->wrap_len);
	if (change == 1 && slot->wrap_len)
	{
		wrap[fuzz_below(&play->script, slot->wrap_len)] ^=
			(uint8_t)(fuzz_u8(&play->script) | 1);
	}
	else if (change == 2)
	{
		done.wrap = fuzz_bytes(&play->script);
	}
	fuzz_login_done(&play->script, &done);
	obol_login_done_encode(&play->frames, &done);
	play->wrap_was_sent = play->wrap_was_sent || (change != 1 && change != 2);
}

static void answer(struct client_play *play)
{
	fuzz_answer(&play->script, play->request, play->answer);
	obol_answer_encode(&play->frames, play->answer);
}

static void error(struct client_play *play)
{
	struct obol_error_message message;

	fuzz_error(&play->script, &message);
	obol_error_encode(&play->frames, &message);
}

static void any_frame(struct client_play *play)
{
	uint8_t type = fuzz_u8(&play->script);
	size_t mark = obol_frame_open(&play->frames, (enum obol_frame_type)type);

	obol_write_bytes(&play->frames, fuzz_long_bytes(&play->script));
	obol_frame_close(&play->frames, mark);
}

/* What was written goes over: whole, twice, or cut. */
static void send_frames(struct client_play *play)
{
	struct obol_bytes frames;

	if (obol_writer_status(&play->frames) != OBOL_OK)
	{
		/* fields out of bounds: no frame came of it */
		obol_writer_clear(&play->frames);
	}
	frames = obol_writer_view(&play->frames);
	if (play->is_twice)
	{
		client_play_input(play, frames);
	}
	if (play->is_cut && frames.len)
	{
		frames.len -= fuzz_u8(&play->script) % frames.len;
	}
	play->is_twice = false;
	play->is_cut = false;
	client_play_input(play, frames);
	obol_writer_clear(&play->frames);
}

static void order(struct client_play *play)
{
	switch (fuzz_below(&play->script, 13))
	{
		case 0:
			client_play_login(play);
			return;
		case 1:
			client_play_request(play);
			return;
		case 2:
			challenge(play);
			break;
		case 3:
			login_done(play);
			break;
		case 4:
			answer(play);
			break;
		case 5:
			error(play);
			break;
		case 6:
			obol_later_encode(&play->frames, fuzz_u8(&play->script));
			break;
		case 7:
			any_frame(play);
			break;
		case 8:
			obol_write_bytes(&play->frames, fuzz_bytes(&play->script));
			break;
		case 9:
			play->is_twice = true;
			return;
		case 10:
			play->is_cut = true;
			return;
		case 11:
			play->piece = fuzz_u8(&play->script);
			return;
		default:
			/* LoginDone and the first answer come together */
			play->gathers = fuzz_u8(&play->script) & 1;
			break;
	}
	if (!play->gathers)
	{
		send_frames(play);
	}
}

static void run(struct obol_bytes in)
{
	struct client_play play;
	unsigned n;

	client_play_init(&play, in);
	for (n = 0; n < ORDERS_MAX && play.script.left; n++)
	{
		order(&play);
	}
	send_frames(&play);
	client_play_clear(&play);
}

/* clang-format off */
/* Each login is: order, kind, right secret, no pin; the challenge as it is;
 * the first request; LoginDone with the wrap as it is; the answer. */
static const uint8_t by_device[] = {
	0, 2, 0, 0, 2, 0, /* List */ 1, 1, 3, 0, 0, 4, 0, 1, 1, 'a',
	0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9, 0,
	/* Get of one, held in version 3 */ 1, 2, 3, 'v', 'p', 'n', 0, 3,
	4, 0, 0, 0, 1, 3, 'v', 'p', 'n', 0, 0, 0, 0, 0, 0, 0, 4, 0, 2, 's', 's',
};
static const uint8_t pinned[] = { 0, 1, 0, 1, 2, 0, 1, 1, 3, 0, 0, 4, 0, 0 };
static const uint8_t wrong_pin[] = { 0, 1, 0, 2, 2, 0, 1, 1 };
static const uint8_t wrong_secret[] = { 0, 1, 1, 0, 2, 0, 1, 1 };
static const uint8_t changed_ke2[] = { 0, 1, 0, 0, 2, 3, 0, 200, 1 };
static const uint8_t changed_wrap[] = { 0, 1, 0, 0, 2, 0, 1, 1, 3, 1, 40, 1 };
static const uint8_t later[] = { 0, 0, 0, 0, 6, 60 };
static const uint8_t refusals[] = {
	0, 0, 0, 0, 2, 0, /* Put */ 1, 3, 1, 'a', 0, 1, 0, 1, 0, 1, 's', 3, 0, 0,
	/* quota */ 5, 10, 0, 2, 'n', 'o', /* ReKey */ 1, 10, 1, 2, 1, 0, 0, 0, 2,
	1, 'w', 4, 0, /* sequence */ 1, 8, 5, 11, 0, 0,
};
/* Info before the login; pieces; LoginDone and the answer in one flight */
static const uint8_t gathered[] = {
	1, 0, 4, 0, 3, 'v', 'p', 'n', 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0,
	11, 5, 0, 0, 0, 0, 2, 0, 1, 1, 12, 1, 3, 0, 0, 4, 0, 0, 12, 0,
};
/* clang-format on */

static void seed(struct fuzz_seeds *seeds)
{
	static const struct {
		const char *name;
		struct obol_bytes script;
	} rows[] = {
		{ "device", { by_device, sizeof(by_device) } },
		{ "pinned", { pinned, sizeof(pinned) } },
		{ "wrong-pin", { wrong_pin, sizeof(wrong_pin) } },
		{ "wrong-secret", { wrong_secret, sizeof(wrong_secret) } },
		{ "changed-ke2", { changed_ke2, sizeof(changed_ke2) } },
		{ "changed-wrap", { changed_wrap, sizeof(changed_wrap) } },
		{ "later", { later, sizeof(later) } },
		{ "refusals", { refusals, sizeof(refusals) } },
		{ "gathered", { gathered, sizeof(gathered) } },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		fuzz_seed(seeds, rows[i].name, rows[i].script);
	}
}

static struct fuzz_target target = {
	.name = "client_session",
	.what = "only a server that has the record is believed, KE3 goes to nobody "
			"else, answers fit what was asked",
	.run = run,
	.seed = seed,
	.max_len = 1024,
};

FUZZ_TARGET(target)
