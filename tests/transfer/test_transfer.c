/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both sides, and nobody in between. */
#include <check.h>

#include "support/scripted_rng.h"
#include "transfer/pair.h"

Suite *transfer_suite(void);

static const struct {
	uint64_t sizes[4];
	size_t n;
	size_t step;
} packages[] = {
	{ { 5000 }, 1, 0 },
	{ { 5000 }, 1, 1 },
	{ { 0 }, 1, 0 },
	{ { 0, 0, 0 }, 3, 0 },
	{ { 1, 0, 70000, 3 }, 4, 0 },
	{ { 0, 2, 0, 0 }, 4, 7 },
	{ { 65536, 65537 }, 2, 1000 },
	{ { 1000000 }, 1, 0 },
};

START_TEST(all_arrives)
{
	struct pair pair;
	size_t n;

	pair_init(&pair, packages[_i].sizes, packages[_i].n);
	pair.step = packages[_i].step;
	pair_run(&pair);
	ck_assert_int_eq(obol_transfer_end(pair.sender), OBOL_TRANSFER_DONE);
	ck_assert_int_eq(obol_transfer_end(pair.receiver), OBOL_TRANSFER_DONE);
	ck_assert(pair_is_complete(&pair));
	ck_assert_str_eq(obol_transfer_peer(pair.receiver), "laptop");
	ck_assert_str_eq(obol_transfer_peer(pair.sender), "phone");
	ck_assert_uint_eq(obol_transfer_items(pair.receiver, &n)[0].size,
					  packages[_i].sizes[0]);
	ck_assert_uint_eq(n, packages[_i].n);
	/* good for one transfer, on both sides */
	ck_assert(obol_transfer_code_is_spent(pair.sender_code));
	ck_assert(obol_transfer_code_is_spent(pair.receiver_code));
	pair_clear(&pair);
}
END_TEST

/* Hello, share, tag; then all comes, and the receipt needs no answer. With the
 * connection's own round trip these are the four. */
START_TEST(three_round_trips)
{
	static const uint64_t sizes[] = { 5000 };
	struct pair pair;

	pair_init(&pair, sizes, 1);
	pair_run(&pair);
	ck_assert_int_eq(obol_transfer_end(pair.sender), OBOL_TRANSFER_DONE);
	ck_assert_uint_eq(pair.n_round_trips, 3 + 1);
	pair_clear(&pair);
}
END_TEST

START_TEST(by_link)
{
	static const uint64_t sizes[] = { 5000 };
	char text[OBOL_TRANSFER_LINK_MAX + 1] = "";
	struct obol_secret *link;
	struct pair pair;

	pair_init(&pair, sizes, 1);
	ck_assert_int_eq(obol_transfer_code_link(pair.sender_code, NULL, 0, &link),
					 OBOL_OK);
	memcpy(text, obol_secret_view(link).ptr, obol_secret_len(link));
	pair_type(&pair, text);
	pair_run(&pair);
	ck_assert_int_eq(obol_transfer_end(pair.sender), OBOL_TRANSFER_DONE);
	ck_assert_int_eq(obol_transfer_end(pair.receiver), OBOL_TRANSFER_DONE);
	ck_assert(pair_is_complete(&pair));
	obol_secret_free(link);
	pair_clear(&pair);
}
END_TEST

/* A code with the same number, another secret, and a good check digit. */
static void other_secret(char text[16])
{
	struct obol_transfer_code *code = NULL;
	struct obol_transfer_place places[OBOL_TRANSFER_PLACES_MAX];
	size_t n_places;

	text[6] = text[6] == '9' ? '0' : (char)(text[6] + 1);
	for (text[14] = '0'; text[14] <= '9'; text[14]++)
	{
		if (obol_transfer_code_parse(obol_bytes_str(text), 0, &code, places,
									 &n_places) == OBOL_OK)
		{
			obol_transfer_code_free(code);
			return;
		}
	}
	ck_abort_msg("no check digit fits");
}

START_TEST(wrong_code)
{
	static const uint64_t sizes[] = { 5000 };
	struct pair pair;
	char text[16];

	pair_init(&pair, sizes, 1);
	pair_code(&pair, text);
	other_secret(text);
	pair_type(&pair, text);
	pair_run(&pair);
	ck_assert_int_eq(obol_transfer_end(pair.sender), OBOL_TRANSFER_WRONG_CODE);
	ck_assert_int_eq(obol_transfer_end(pair.receiver),
					 OBOL_TRANSFER_WRONG_CODE);
	ck_assert(!pair.all_came);
	ck_assert(obol_transfer_code_is_spent(pair.sender_code));
	ck_assert(obol_transfer_code_is_spent(pair.receiver_code));
	/* the right one is too late now */
	pair_code(&pair, text);
	pair_type(&pair, text);
	pair_reconnect(&pair);
	pair_run(&pair);
	ck_assert_int_eq(obol_transfer_end(pair.sender), OBOL_TRANSFER_SPENT);
	ck_assert_int_eq(obol_transfer_end(pair.receiver), OBOL_TRANSFER_SPENT);
	ck_assert(!obol_transfer_code_is_spent(pair.receiver_code));
	pair_clear(&pair);
}
END_TEST

START_TEST(other_number)
{
	static const uint64_t sizes[] = { 5000 };
	struct obol_transfer_code *other;
	struct obol_secret *secret;
	struct pair pair;
	char text[16] = "";

	pair_init(&pair, sizes, 1);
	do
	{
		ck_assert_int_eq(obol_transfer_code_new(NULL, 0, &other), OBOL_OK);
		ck_assert_int_eq(obol_transfer_code_text(other, &secret), OBOL_OK);
		memcpy(text, obol_secret_view(secret).ptr, OBOL_TRANSFER_CODE_LEN);
		obol_secret_free(secret);
		pair_type(&pair, text);
		obol_transfer_code_free(other);
	} while (obol_transfer_code_number(pair.receiver_code) ==
			 obol_transfer_code_number(pair.sender_code));
	pair_run(&pair);
	ck_assert_int_eq(obol_transfer_end(pair.sender), OBOL_TRANSFER_OTHER_CODE);
	ck_assert_int_eq(obol_transfer_end(pair.receiver),
					 OBOL_TRANSFER_OTHER_CODE);
	ck_assert(!obol_transfer_code_is_spent(pair.sender_code));
	ck_assert(!obol_transfer_code_is_spent(pair.receiver_code));
	pair_clear(&pair);
}
END_TEST

/* Time passes while a message is on its way. */
static void dawdle(struct pair *pair, struct pair_frame *frame)
{
	if (frame->type == (uint8_t)(uintptr_t)pair->middle_ctx)
	{
		pair->now_ms = OBOL_TRANSFER_LIFE_MS;
	}
}

static const uint8_t late[] = {
	OBOL_TRANSFER_HELLO,   OBOL_TRANSFER_WELCOME, OBOL_TRANSFER_SHARE_I,
	OBOL_TRANSFER_SHARE_R, OBOL_TRANSFER_TAG_I,
};

START_TEST(too_late)
{
	static const uint64_t sizes[] = { 5000 };
	struct pair pair;

	pair_init(&pair, sizes, 1);
	pair.middle = dawdle;
	pair.middle_ctx = (void *)(uintptr_t)late[_i];
	pair_run(&pair);
	ck_assert_int_eq(obol_transfer_end(pair.sender), OBOL_TRANSFER_EXPIRED);
	ck_assert_int_eq(obol_transfer_end(pair.receiver), OBOL_TRANSFER_EXPIRED);
	ck_assert(!obol_transfer_code_is_spent(pair.sender_code));
	ck_assert(!pair.all_came);
	pair_clear(&pair);
}
END_TEST

/* Once the tags have been exchanged a transfer may take its time. */
START_TEST(late_but_begun)
{
	static const uint64_t sizes[] = { 100000 };
	struct pair pair;

	pair_init(&pair, sizes, 1);
	pair.middle = dawdle;
	pair.middle_ctx = (void *)(uintptr_t)OBOL_TRANSFER_TAG_R;
	pair_run(&pair);
	ck_assert_int_eq(obol_transfer_end(pair.sender), OBOL_TRANSFER_DONE);
	pair_clear(&pair);
}
END_TEST

static const struct {
	enum obol_transfer_end answer;
	enum obol_transfer_end verdict;
	enum obol_transfer_end sender;
} answers[] = {
	{ OBOL_TRANSFER_DECLINED, OBOL_TRANSFER_DONE, OBOL_TRANSFER_DECLINED },
	{ OBOL_TRANSFER_CANCELLED, OBOL_TRANSFER_DONE,
	  OBOL_TRANSFER_PEER_CANCELLED },
	{ OBOL_TRANSFER_RUNNING, OBOL_TRANSFER_NOT_STORED,
	  OBOL_TRANSFER_NOT_STORED },
	{ OBOL_TRANSFER_RUNNING, OBOL_TRANSFER_UNUSABLE, OBOL_TRANSFER_UNUSABLE },
};

START_TEST(receiver_says_no)
{
	static const uint64_t sizes[] = { 200000 };
	struct pair pair;

	pair_init(&pair, sizes, 1);
	pair.answer = answers[_i].answer;
	pair.verdict = answers[_i].verdict;
	pair_run(&pair);
	ck_assert_int_eq(obol_transfer_end(pair.sender), answers[_i].sender);
	ck_assert_int_eq(obol_transfer_end(pair.receiver),
					 answers[_i].answer ? answers[_i].answer
										: answers[_i].verdict);
	pair_clear(&pair);
}
END_TEST

static void sender_cancels(struct pair *pair, struct pair_frame *frame)
{
	if (frame->number == (unsigned)(uintptr_t)pair->middle_ctx &&
		frame->from_sender)
	{
		obol_transfer_cancel(pair->sender, OBOL_TRANSFER_CANCELLED);
	}
}

START_TEST(sender_stops)
{
	static const uint64_t sizes[] = { 300000 };
	struct pair pair;

	pair_init(&pair, sizes, 1);
	pair.middle = sender_cancels;
	pair.middle_ctx = (void *)(uintptr_t)_i;
	pair_run(&pair);
	ck_assert_int_eq(obol_transfer_end(pair.sender), OBOL_TRANSFER_CANCELLED);
	ck_assert_int_eq(obol_transfer_end(pair.receiver),
					 OBOL_TRANSFER_PEER_CANCELLED);
	ck_assert(!pair.all_came);
	pair_clear(&pair);
}
END_TEST

START_TEST(arguments)
{
	struct obol_transfer_item item = { "name", 7, 3 };
	struct obol_transfer_code *code;
	struct obol_transfer *t = NULL;
	struct scripted_rng rng;
	size_t used, which;

	ck_assert_int_eq(obol_transfer_code_new(NULL, 0, &code), OBOL_OK);
	ck_assert_int_eq(obol_transfer_send_new(code, "", &item, 1, NULL, &t),
					 OBOL_ERR_ARG);
	ck_assert_int_eq(obol_transfer_send_new(code, "a\nb", &item, 1, NULL, &t),
					 OBOL_ERR_ARG);
	ck_assert_int_eq(obol_transfer_send_new(code, "laptop", &item, 0, NULL, &t),
					 OBOL_ERR_ARG);
	ck_assert_int_eq(obol_transfer_receive_new(code, "\xff", NULL, &t),
					 OBOL_ERR_ARG);
	scripted_rng_init(&rng, NULL);
	ck_assert_int_eq(obol_transfer_receive_new(code, "phone", &rng.rng, &t),
					 OBOL_ERR_CRYPTO);
	ck_assert_ptr_null(t);
	ck_assert_int_eq(obol_transfer_send_new(code, "laptop", &item, 1, NULL, &t),
					 OBOL_OK);
	/* nothing of this is its turn */
	ck_assert_uint_eq(obol_transfer_wanted(t, &which), 0);
	ck_assert_int_eq(obol_transfer_give(t, obol_bytes("abc", 3)), OBOL_ERR_ARG);
	ck_assert_int_eq(obol_transfer_accept(t), OBOL_ERR_ARG);
	ck_assert_int_eq(obol_transfer_confirm(t), OBOL_ERR_ARG);
	obol_transfer_cancel(t, OBOL_TRANSFER_CANCELLED);
	obol_transfer_cancel(t, OBOL_TRANSFER_INTERNAL);
	obol_transfer_closed(t);
	ck_assert_int_eq(obol_transfer_end(t), OBOL_TRANSFER_CANCELLED);
	ck_assert_int_eq(obol_transfer_event(t), OBOL_TRANSFER_OVER);
	ck_assert_int_eq(obol_transfer_event(t), OBOL_TRANSFER_NOTHING);
	obol_transfer_input(t, obol_bytes("abc", 3), 0, &used);
	ck_assert_uint_eq(used, 0);
	obol_transfer_free(t);
	obol_transfer_code_free(code);
}
END_TEST

/* More than is wanted, and nothing at all, are the caller's mistakes. */
static void give_wrongly(struct pair *pair, struct pair_frame *frame)
{
	static uint8_t bytes[11];
	size_t item, wanted;

	(void)frame;
	wanted = obol_transfer_wanted(pair->sender, &item);
	if (wanted)
	{
		ck_assert_uint_eq(wanted, 10);
		ck_assert_int_eq(
			obol_transfer_give(pair->sender, obol_bytes(bytes, 11)),
			OBOL_ERR_ARG);
		ck_assert_int_eq(obol_transfer_give(pair->sender, obol_bytes(bytes, 0)),
						 OBOL_ERR_ARG);
	}
}

START_TEST(give_what_is_wanted)
{
	static const uint64_t sizes[] = { 10 };
	struct pair pair;

	pair_init(&pair, sizes, 1);
	pair.middle = give_wrongly;
	pair_run(&pair);
	ck_assert_int_eq(obol_transfer_end(pair.sender), OBOL_TRANSFER_DONE);
	pair_clear(&pair);
}
END_TEST

Suite *transfer_suite(void)
{
	Suite *suite = suite_create("transfer");
	TCase *tc = tcase_create("transfer");

	tcase_add_loop_test(tc, all_arrives, 0,
						sizeof(packages) / sizeof(packages[0]));
	tcase_add_test(tc, three_round_trips);
	tcase_add_test(tc, by_link);
	tcase_add_test(tc, wrong_code);
	tcase_add_test(tc, other_number);
	tcase_add_loop_test(tc, too_late, 0, sizeof(late));
	tcase_add_test(tc, late_but_begun);
	tcase_add_loop_test(tc, receiver_says_no, 0,
						sizeof(answers) / sizeof(answers[0]));
	tcase_add_loop_test(tc, sender_stops, 0, 6);
	tcase_add_test(tc, arguments);
	tcase_add_test(tc, give_what_is_wanted);
	suite_add_tcase(suite, tc);
	return suite;
}
