/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both machines of a transfer, and a byte script in between: it passes messages
 * on, changes them, sends its own, knows the keys when it wants, hangs up and
 * has both connect anew. */
#include "fuzz/support.h"
#include "transfer/machine.h"

#define PAYLOAD 70000
#define ROUNDS_MAX 64

enum order {
	ORDER_PASS,
	ORDER_FLIP,
	ORDER_CUT,
	ORDER_TWICE,
	ORDER_REFLECT,
	ORDER_DROP,
	/** the script's own bytes, to either side */
	ORDER_INJECT,
	/** a content under the right keys */
	ORDER_SEAL,
	ORDER_CANCEL,
	ORDER_LATER,
	ORDER_RECONNECT,
	N_ORDERS,
};

struct play {
	struct fuzz_script script;
	struct fuzz_rng rng;
	struct obol_transfer_code *codes[2];
	struct obol_transfer *sides[2];
	uint64_t now_ms;
	size_t given;
	size_t received;
	/** what came was what was sent, so far */
	bool is_right;
	bool is_forged;
	bool is_complete;
	/** tags that the receiver has sent, under one code */
	unsigned n_tags;
};

enum {
	SENDER,
	RECEIVER
};

static uint8_t payload_byte(size_t i)
{
	return (uint8_t)(i * 7 + (i >> 8));
}

static void connect_both(struct play *play)
{
	static const struct obol_transfer_item item = { "item", 7, PAYLOAD };

	obol_transfer_free(play->sides[SENDER]);
	obol_transfer_free(play->sides[RECEIVER]);
	FUZZ_CHECK(obol_transfer_send_new(play->codes[SENDER], "laptop", &item, 1,
									  &play->rng.rng,
									  &play->sides[SENDER]) == OBOL_OK);
	FUZZ_CHECK(obol_transfer_receive_new(play->codes[RECEIVER], "phone",
										 &play->rng.rng,
										 &play->sides[RECEIVER]) == OBOL_OK);
	play->given = 0;
	play->received = 0;
	play->is_right = true;
	play->is_complete = false;
}

static void start(struct play *play, struct obol_bytes in)
{
	struct obol_transfer_place places[OBOL_TRANSFER_PLACES_MAX];
	struct obol_secret *text = NULL;
	size_t n_places = 0;

	memset(play, 0, sizeof(*play));
	play->script = fuzz_script_over(in);
	fuzz_rng_init(&play->rng, 1);
	FUZZ_CHECK(obol_transfer_code_new(&play->rng.rng, 0,
									  &play->codes[SENDER]) == OBOL_OK);
	FUZZ_CHECK(obol_transfer_code_text(play->codes[SENDER], &text) == OBOL_OK);
	FUZZ_CHECK(obol_transfer_code_parse(obol_secret_view(text), 0,
										&play->codes[RECEIVER], places,
										&n_places) == OBOL_OK);
	obol_secret_free(text);
	connect_both(play);
}

static void on_data(struct play *play)
{
	struct obol_bytes data;
	size_t item, i;

	data = obol_transfer_data(play->sides[RECEIVER], &item);
	FUZZ_CHECK(item == 0 && play->received + data.len <= PAYLOAD);
	for (i = 0; i < data.len; i++)
	{
		play->is_right =
			play->is_right && data.ptr[i] == payload_byte(play->received + i);
	}
	play->received += data.len;
}

static void act(struct play *play, int side)
{
	struct obol_transfer *t = play->sides[side];
	static uint8_t chunk[OBOL_TRANSFER_CHUNK_MAX];
	size_t wanted, item, i;

	switch (obol_transfer_event(t))
	{
		case OBOL_TRANSFER_OFFER:
			FUZZ_CHECK(obol_transfer_accept(t) == OBOL_OK);
			break;
		case OBOL_TRANSFER_DATA:
			on_data(play);
			break;
		case OBOL_TRANSFER_COMPLETE:
			play->is_complete = true;
			FUZZ_CHECK(obol_transfer_confirm(t) == OBOL_OK);
			break;
		default:
			break;
	}
	wanted = obol_transfer_wanted(t, &item);
	if (wanted)
	{
		for (i = 0; i < wanted; i++)
		{
			chunk[i] = payload_byte(play->given + i);
		}
		FUZZ_CHECK(obol_transfer_give(t, obol_bytes(chunk, wanted)) == OBOL_OK);
		play->given += wanted;
	}
}

static void deliver(struct play *play, int side, struct obol_bytes bytes)
{
	struct obol_transfer *t = play->sides[side];
	size_t used = 1;

	while (bytes.len && obol_transfer_end(t) == OBOL_TRANSFER_RUNNING)
	{
		obol_transfer_input(t, bytes, play->now_ms, &used);
		FUZZ_CHECK(used <= bytes.len);
		bytes.ptr += used;
		bytes.len -= used;
		act(play, side);
		if (!used && t->event == OBOL_TRANSFER_NOTHING)
		{
			break;
		}
	}
}

/* The next frame off a side's output, changed as the order says. */
static void handle_frame(struct play *play, int side, enum order order)
{
	struct obol_bytes out = obol_transfer_output(play->sides[side]);
	int to = order == ORDER_REFLECT ? side : 1 - side;
	uint8_t *frame;
	size_t len, at;

	if (out.len < OBOL_TRANSFER_HEADER_LEN)
	{
		return;
	}
	len = OBOL_TRANSFER_HEADER_LEN +
		  ((size_t)out.ptr[1] << 16 | (size_t)out.ptr[2] << 8 | out.ptr[3]);
	FUZZ_CHECK(len <= out.len &&
			   len <= OBOL_TRANSFER_HEADER_LEN + OBOL_TRANSFER_BODY_MAX);
	play->n_tags += side == RECEIVER && out.ptr[0] == OBOL_TRANSFER_TAG_I;
	frame = malloc(len);
	FUZZ_CHECK(frame != NULL);
	memcpy(frame, out.ptr, len);
	obol_transfer_sent(play->sides[side], len);
	if (order == ORDER_FLIP)
	{
		at = fuzz_u16(&play->script) % len;
		frame[at] ^= (uint8_t)(fuzz_u8(&play->script) | 1);
	}
	if (order == ORDER_CUT)
	{
		len = fuzz_u16(&play->script) % len;
	}
	if (order != ORDER_DROP)
	{
		deliver(play, to, obol_bytes(frame, len));
	}
	if (order == ORDER_TWICE)
	{
		deliver(play, to, obol_bytes(frame, len));
	}
	free(frame);
}

static void seal(struct play *play, int side)
{
	struct obol_transfer *t = play->sides[side];
	uint8_t type = fuzz_u8(&play->script);
	struct obol_bytes content = fuzz_long_bytes(&play->script);

	if (t->is_confirmed && obol_transfer_end(t) == OBOL_TRANSFER_RUNNING &&
		content.len <= OBOL_TRANSFER_CHUNK_MAX)
	{
		play->is_forged = true;
		FUZZ_CHECK(transfer_put_record(t, (enum obol_transfer_content)type,
									   content) == OBOL_OK);
	}
}

static void obey(struct play *play)
{
	enum order order = (enum order)fuzz_below(&play->script, N_ORDERS);
	int side = fuzz_u8(&play->script) & 1;

	switch (order)
	{
		case ORDER_INJECT:
			deliver(play, side, fuzz_long_bytes(&play->script));
			break;
		case ORDER_SEAL:
			seal(play, side);
			break;
		case ORDER_CANCEL:
			obol_transfer_cancel(play->sides[side], OBOL_TRANSFER_CANCELLED);
			break;
		case ORDER_LATER:
			play->now_ms += (uint64_t)fuzz_u8(&play->script) * 4000;
			break;
		case ORDER_RECONNECT:
			obol_transfer_closed(play->sides[SENDER]);
			obol_transfer_closed(play->sides[RECEIVER]);
			connect_both(play);
			break;
		default:
			handle_frame(play, side, order);
			act(play, SENDER);
			break;
	}
}

static void check_ends(struct play *play)
{
	obol_transfer_closed(play->sides[SENDER]);
	obol_transfer_closed(play->sides[RECEIVER]);
	/* one guess, however often both come together */
	FUZZ_CHECK(play->n_tags <= 1);
	FUZZ_CHECK(play->n_tags == 0 ||
			   obol_transfer_code_is_spent(play->codes[RECEIVER]));
	if (obol_transfer_end(play->sides[SENDER]) == OBOL_TRANSFER_DONE &&
		!play->is_forged)
	{
		FUZZ_CHECK(play->is_complete);
	}
	if (play->is_complete)
	{
		FUZZ_CHECK(play->received == PAYLOAD);
		FUZZ_CHECK(play->is_right || play->is_forged);
	}
}

static void run(struct obol_bytes in)
{
	struct play play;
	int round, side;

	start(&play, in);
	for (round = 0; round < ROUNDS_MAX && play.script.left; round++)
	{
		obey(&play);
	}
	check_ends(&play);
	for (side = 0; side < 2; side++)
	{
		obol_transfer_free(play.sides[side]);
		obol_transfer_code_free(play.codes[side]);
	}
}

/* All of a transfer, in the order in which its messages come. */
static void write_honest(struct obol_writer *w)
{
	static const uint8_t sides[] = { RECEIVER, SENDER,   RECEIVER, SENDER,
									 RECEIVER, RECEIVER, SENDER,   SENDER,
									 SENDER,   SENDER,   SENDER,   SENDER,
									 RECEIVER };
	size_t i;

	for (i = 0; i < sizeof(sides); i++)
	{
		obol_write_u8(w, ORDER_PASS);
		obol_write_u8(w, sides[i]);
	}
}

static void seed_cut(struct fuzz_seeds *seeds, const char *name, size_t orders,
					 struct obol_bytes then)
{
	struct obol_writer w, whole;

	obol_writer_init(&w);
	obol_writer_init(&whole);
	write_honest(&whole);
	obol_write_bytes(&w, obol_bytes(obol_writer_view(&whole).ptr, 2 * orders));
	obol_write_bytes(&w, then);
	FUZZ_CHECK(obol_writer_status(&w) == OBOL_OK);
	fuzz_seed(seeds, name, obol_writer_view(&w));
	obol_writer_clear(&w);
	obol_writer_clear(&whole);
}

static void seed(struct fuzz_seeds *seeds)
{
	static const uint8_t flip[] = { ORDER_FLIP, SENDER, 0, 9, 1 };
	static const uint8_t again[] = { ORDER_RECONNECT, 0, ORDER_PASS, RECEIVER };
	static const uint8_t sealed[] = { ORDER_SEAL, SENDER, 3,          0,     2,
									  'a',        'b',    ORDER_PASS, SENDER };
	static const uint8_t later[] = { ORDER_LATER, 0, 80, ORDER_PASS, RECEIVER };

	seed_cut(seeds, "honest", 13, obol_bytes("", 0));
	seed_cut(seeds, "flip-share", 3, obol_bytes(flip, sizeof(flip)));
	seed_cut(seeds, "again", 5, obol_bytes(again, sizeof(again)));
	seed_cut(seeds, "sealed", 8, obol_bytes(sealed, sizeof(sealed)));
	seed_cut(seeds, "later", 4, obol_bytes(later, sizeof(later)));
}

static struct fuzz_target target = {
	.name = "transfer",
	.what = "both machines: one guess in all, and what is complete is right",
	.run = run,
	.seed = seed,
	.max_len = 2000,
};

FUZZ_TARGET(target)
