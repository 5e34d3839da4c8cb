/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Somebody in the middle, at every message in turn. Whatever he does: nothing
 * wrong is taken for good, each side says that something went wrong, and he
 * gets one guess in all for each side. */
#include <check.h>

#include "transfer/middle.h"

Suite *middle_suite(void);

static bool failed(enum obol_transfer_end end)
{
	return end != OBOL_TRANSFER_RUNNING && end != OBOL_TRANSFER_DONE;
}

/* After an attack on one message: the receiver has all or says that it failed;
 * the sender is never told of a success that was none. */
static void assert_told(struct pair *pair, int target)
{
	enum obol_transfer_end sender = obol_transfer_end(pair->sender);
	enum obol_transfer_end receiver = obol_transfer_end(pair->receiver);

	ck_assert_msg(failed(sender), "message %d: sender %s", target,
				  obol_transfer_end_name(sender));
	if (target == FROM_RECEIVER - 1)
	{
		/* the receipt: all was stored, but the sender must not know, nor
		 * say that nothing was */
		ck_assert_int_eq(sender, OBOL_TRANSFER_UNCONFIRMED);
		ck_assert_int_eq(receiver, OBOL_TRANSFER_DONE);
		ck_assert(pair_is_complete(pair));
	}
	else
	{
		ck_assert_msg(failed(receiver), "message %d: receiver %s", target,
					  obol_transfer_end_name(receiver));
		ck_assert(!pair->all_came);
	}
}

static void look(struct pair *pair, struct pair_frame *frame)
{
	(void)pair;
	(void)frame;
}

START_TEST(nobody_disturbs)
{
	struct pair pair;

	middle_start(&pair, 0, look);
	pair_run(&pair);
	ck_assert_int_eq(obol_transfer_end(pair.sender), OBOL_TRANSFER_DONE);
	ck_assert_uint_eq(pair.n_frames[0], FROM_RECEIVER);
	ck_assert_uint_eq(pair.n_frames[1], FROM_SENDER);
	pair_clear(&pair);
}
END_TEST

/* A bit flipped: where the frame begins, in the middle, at the end. */
static void flip_first(struct pair *pair, struct pair_frame *frame)
{
	if (middle_is_target(pair, frame))
	{
		frame->bytes[OBOL_TRANSFER_HEADER_LEN] ^= 1;
	}
}

static void flip_middle(struct pair *pair, struct pair_frame *frame)
{
	if (middle_is_target(pair, frame))
	{
		frame->bytes[(OBOL_TRANSFER_HEADER_LEN + frame->len) / 2] ^= 0x80;
	}
}

static void flip_last(struct pair *pair, struct pair_frame *frame)
{
	if (middle_is_target(pair, frame))
	{
		frame->bytes[frame->len - 1] ^= 1;
	}
}

static void flip_type(struct pair *pair, struct pair_frame *frame)
{
	if (middle_is_target(pair, frame))
	{
		frame->bytes[0] ^= 0x10;
	}
}

/* Cut, the header saying so or not; made longer. */
static void cut(struct pair *pair, struct pair_frame *frame)
{
	if (middle_is_target(pair, frame))
	{
		frame->len--;
		frame->hang_up = true;
	}
}

static void shorten(struct pair *pair, struct pair_frame *frame)
{
	size_t body;

	if (middle_is_target(pair, frame))
	{
		frame->len--;
		body = frame->len - OBOL_TRANSFER_HEADER_LEN;
		frame->bytes[1] = (uint8_t)(body >> 16);
		frame->bytes[2] = (uint8_t)(body >> 8);
		frame->bytes[3] = (uint8_t)body;
	}
}

static void lengthen(struct pair *pair, struct pair_frame *frame)
{
	size_t body;

	if (middle_is_target(pair, frame))
	{
		frame->bytes[frame->len++] = 0;
		body = frame->len - OBOL_TRANSFER_HEADER_LEN;
		frame->bytes[1] = (uint8_t)(body >> 16);
		frame->bytes[2] = (uint8_t)(body >> 8);
		frame->bytes[3] = (uint8_t)body;
	}
}

static void empty(struct pair *pair, struct pair_frame *frame)
{
	if (middle_is_target(pair, frame))
	{
		memset(frame->bytes + 1, 0, 3);
		frame->len = OBOL_TRANSFER_HEADER_LEN;
	}
}

static void drop(struct pair *pair, struct pair_frame *frame)
{
	if (middle_is_target(pair, frame))
	{
		frame->len = 0;
	}
}

static void hang_up_before(struct pair *pair, struct pair_frame *frame)
{
	if (middle_is_target(pair, frame))
	{
		frame->len = 0;
		frame->hang_up = true;
	}
}

static void reflect(struct pair *pair, struct pair_frame *frame)
{
	if (middle_is_target(pair, frame))
	{
		frame->reflect = true;
	}
}

static void refuse(struct pair *pair, struct pair_frame *frame)
{
	static const uint8_t bytes[] = { OBOL_TRANSFER_REFUSE, 0, 0, 1, 3 };

	if (middle_is_target(pair, frame))
	{
		memcpy(frame->bytes, bytes, sizeof(bytes));
		frame->len = sizeof(bytes);
	}
}

static void (*const attacks[])(struct pair *, struct pair_frame *) = {
	flip_first, flip_middle, flip_last, flip_type,      cut,     shorten,
	lengthen,   empty,       drop,      hang_up_before, reflect, refuse,
};

START_TEST(attack_every_message)
{
	int target = _i % MESSAGES;
	struct pair pair;

	middle_start(&pair, target, attacks[_i / MESSAGES]);
	pair_run(&pair);
	assert_told(&pair, target);
	pair_clear(&pair);
}
END_TEST

/* A message twice: the second one comes out of turn. The last one of each side
 * finds nobody who listens any more. */
static void twice(struct pair *pair, struct pair_frame *frame)
{
	if (middle_is_target(pair, frame))
	{
		frame->twice = true;
	}
}

START_TEST(replay_every_message)
{
	bool is_last = _i == FROM_RECEIVER - 1 || _i == MESSAGES - 1;
	struct pair pair;

	middle_start(&pair, _i, twice);
	pair_run(&pair);
	ck_assert_int_eq(obol_transfer_end(pair.sender) == OBOL_TRANSFER_DONE,
					 is_last);
	ck_assert_int_eq(obol_transfer_end(pair.receiver) == OBOL_TRANSFER_DONE,
					 is_last);
	pair_clear(&pair);
}
END_TEST

/* Two messages of one direction change places. */
struct swap {
	unsigned target;
	uint8_t held[PAIR_FRAME_MAX];
	size_t held_len;
};

static void swap(struct pair *pair, struct pair_frame *frame)
{
	struct swap *swap = pair->middle_ctx;

	if (!frame->from_sender)
	{
		return;
	}
	if (frame->number == swap->target)
	{
		memcpy(swap->held, frame->bytes, frame->len);
		swap->held_len = frame->len;
		frame->len = 0;
	}
	else if (frame->number == swap->target + 1)
	{
		ck_assert_uint_le(frame->len + swap->held_len, sizeof(frame->bytes));
		memcpy(frame->bytes + frame->len, swap->held, swap->held_len);
		frame->len += swap->held_len;
	}
}

START_TEST(swap_messages)
{
	static struct swap ctx;
	struct pair pair;

	memset(&ctx, 0, sizeof(ctx));
	/* tag and intro, intro and offer, offer and data; those behind are too
	 * large together, and have numbers like these */
	ctx.target = 2 + (unsigned)_i;
	middle_start(&pair, 0, swap);
	pair.middle_ctx = &ctx;
	pair_run(&pair);
	ck_assert(failed(obol_transfer_end(pair.sender)));
	ck_assert(failed(obol_transfer_end(pair.receiver)));
	ck_assert(!pair.all_came);
	pair_clear(&pair);
}
END_TEST

/* Hang up at every point, and try again with the same codes: what was not
 * spent can be used, what was cannot. */
START_TEST(hang_up_and_try_again)
{
	struct pair pair;
	bool sender_spent, receiver_spent;

	middle_start(&pair, _i, hang_up_before);
	pair_run(&pair);
	assert_told(&pair, _i);
	sender_spent = obol_transfer_code_is_spent(pair.sender_code);
	receiver_spent = obol_transfer_code_is_spent(pair.receiver_code);
	/* the receiver's tag is message 2, sent once the sender's share, message
	 * FROM_RECEIVER + 1, has come */
	ck_assert_int_eq(receiver_spent, (_i >= 2 && _i < FROM_RECEIVER) ||
										 _i >= FROM_RECEIVER + 2);
	ck_assert_int_eq(sender_spent, (_i >= 3 && _i < FROM_RECEIVER) ||
									   _i >= FROM_RECEIVER + 2);
	pair.middle = NULL;
	pair_reconnect(&pair);
	pair_run(&pair);
	ck_assert_int_eq(obol_transfer_end(pair.sender) == OBOL_TRANSFER_DONE,
					 !sender_spent && !receiver_spent);
	ck_assert_int_eq(pair.all_came, !sender_spent && !receiver_spent);
	pair_clear(&pair);
}
END_TEST

/* A peer that does not know the code guesses, as often as it can. */
struct guesser {
	unsigned n_tags;
};

static void guess(struct pair *pair, struct pair_frame *frame)
{
	struct guesser *guesser = pair->middle_ctx;

	/* the tag is the guess: a wrong one here */
	if (frame->type == OBOL_TRANSFER_TAG_I)
	{
		memset(frame->bytes + OBOL_TRANSFER_HEADER_LEN, 0, OBOL_CPACE_TAG_LEN);
	}
	if (frame->type == OBOL_TRANSFER_REFUSE && frame->bytes[4] == 3)
	{
		guesser->n_tags++;
	}
}

START_TEST(one_guess_at_the_sender)
{
	struct guesser guesser = { 0 };
	struct pair pair;
	unsigned tries;

	middle_start(&pair, 0, guess);
	pair.middle_ctx = &guesser;
	for (tries = 0; tries < 5; tries++)
	{
		char text[16];

		/* the attacker's own code is fresh each time */
		pair_code(&pair, text);
		pair_type(&pair, text);
		pair_reconnect(&pair);
		pair_run(&pair);
		ck_assert_int_eq(obol_transfer_end(pair.sender),
						 tries ? OBOL_TRANSFER_SPENT
							   : OBOL_TRANSFER_WRONG_CODE);
	}
	ck_assert_uint_eq(guesser.n_tags, 1);
	pair_clear(&pair);
}
END_TEST

static void count_tags(struct pair *pair, struct pair_frame *frame)
{
	struct guesser *guesser = pair->middle_ctx;

	if (frame->type == OBOL_TRANSFER_TAG_I)
	{
		guesser->n_tags++;
		frame->len = 0;
		frame->hang_up = true;
	}
}

START_TEST(one_guess_at_the_receiver)
{
	struct guesser guesser = { 0 };
	struct pair pair;
	unsigned tries;

	middle_start(&pair, 0, count_tags);
	pair.middle_ctx = &guesser;
	for (tries = 0; tries < 5; tries++)
	{
		pair_reconnect(&pair);
		pair_run(&pair);
		ck_assert_int_eq(obol_transfer_end(pair.receiver),
						 tries ? OBOL_TRANSFER_SPENT : OBOL_TRANSFER_LOST);
	}
	ck_assert_uint_eq(guesser.n_tags, 1);
	pair_clear(&pair);
}
END_TEST

/* Many connections at once, all of them up to the tag: the first one that
 * brings a tag is the only one that is heard. */
START_TEST(parallel_connections)
{
	struct obol_transfer *senders[4], *receivers[4];
	struct obol_transfer_code *codes[4];
	struct obol_transfer_place places[OBOL_TRANSFER_PLACES_MAX];
	const struct obol_transfer_item *items;
	size_t i, n, n_places, used, n_alive = 0;
	struct pair pair;
	char text[16];

	middle_start(&pair, 0, NULL);
	pair_code(&pair, text);
	items = obol_transfer_items(pair.sender, &n);
	for (i = 0; i < 4; i++)
	{
		int flight;

		ck_assert_int_eq(obol_transfer_code_parse(obol_bytes_str(text), 0,
												  &codes[i], places, &n_places),
						 OBOL_OK);
		ck_assert_int_eq(obol_transfer_send_new(pair.sender_code, "laptop",
												items, n, NULL, &senders[i]),
						 OBOL_OK);
		ck_assert_int_eq(
			obol_transfer_receive_new(codes[i], "phone", NULL, &receivers[i]),
			OBOL_OK);
		for (flight = 0; flight < 4; flight++)
		{
			struct obol_transfer *from = flight % 2 ? senders[i] : receivers[i];
			struct obol_transfer *to = flight % 2 ? receivers[i] : senders[i];
			struct obol_bytes out = obol_transfer_output(from);

			obol_transfer_input(to, out, 0, &used);
			ck_assert_uint_eq(used, out.len);
			obol_transfer_sent(from, out.len);
		}
	}
	for (i = 0; i < 4; i++)
	{
		ck_assert_int_eq(obol_transfer_end(senders[i]), OBOL_TRANSFER_RUNNING);
		obol_transfer_input(senders[i], obol_transfer_output(receivers[i]), 0,
							&used);
		n_alive += obol_transfer_end(senders[i]) == OBOL_TRANSFER_RUNNING;
		ck_assert_int_eq(obol_transfer_end(senders[i]),
						 i ? OBOL_TRANSFER_SPENT : OBOL_TRANSFER_RUNNING);
	}
	ck_assert_uint_eq(n_alive, 1);
	for (i = 0; i < 4; i++)
	{
		obol_transfer_free(senders[i]);
		obol_transfer_free(receivers[i]);
		obol_transfer_code_free(codes[i]);
	}
	pair_clear(&pair);
}
END_TEST

Suite *middle_suite(void)
{
	Suite *suite = suite_create("middle");
	TCase *tc = tcase_create("middle");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, nobody_disturbs);
	tcase_add_loop_test(tc, attack_every_message, 0,
						(int)(sizeof(attacks) / sizeof(attacks[0])) * MESSAGES);
	tcase_add_loop_test(tc, replay_every_message, 0, MESSAGES);
	tcase_add_loop_test(tc, swap_messages, 0, 3);
	tcase_add_loop_test(tc, hang_up_and_try_again, 0, MESSAGES);
	tcase_add_test(tc, one_guess_at_the_sender);
	tcase_add_test(tc, one_guess_at_the_receiver);
	tcase_add_test(tc, parallel_connections);
	suite_add_tcase(suite, tc);
	return suite;
}
