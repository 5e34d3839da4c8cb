/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A peer that breaks the rules, or somebody in the middle in its name: shares,
 * roles, headers, and what travels under the keys. */
#include <check.h>

#include "support/bad_points.h"
#include "transfer/middle.h"

Suite *rules_suite(void);

/* A share that is no point spends nothing: the receiver has sent no tag. */
struct bad_share {
	struct bad_point point;
	bool from_sender;
};

static void replace_share(struct pair *pair, struct pair_frame *frame)
{
	const struct bad_share *bad = pair->middle_ctx;

	if (frame->type ==
		(bad->from_sender ? OBOL_TRANSFER_SHARE_R : OBOL_TRANSFER_SHARE_I))
	{
		memset(frame->bytes + OBOL_TRANSFER_HEADER_LEN, 0,
			   OBOL_CPACE_SHARE_LEN);
		memcpy(frame->bytes + OBOL_TRANSFER_HEADER_LEN, bad->point.bytes,
			   bad->point.len < OBOL_CPACE_SHARE_LEN ? bad->point.len
													 : OBOL_CPACE_SHARE_LEN);
		/* the one good row is spoiled */
		frame->bytes[OBOL_TRANSFER_HEADER_LEN + OBOL_CPACE_SHARE_LEN - 1] ^= 1;
	}
}

START_TEST(bad_shares)
{
	struct bad_share bad = { .from_sender = _i % 2 };
	struct pair pair;

	bad_point_get((size_t)_i / 2, &bad.point);
	middle_start(&pair, 0, replace_share);
	pair.middle_ctx = &bad;
	pair_run(&pair);
	ck_assert_int_eq(obol_transfer_end(pair.sender), OBOL_TRANSFER_PROTOCOL);
	ck_assert_int_eq(obol_transfer_end(pair.receiver), OBOL_TRANSFER_PROTOCOL);
	ck_assert(!obol_transfer_code_is_spent(pair.sender_code));
	ck_assert(!obol_transfer_code_is_spent(pair.receiver_code));
	pair_clear(&pair);
}
END_TEST

/* The receiver's own share, or its random bytes, under the sender's role. */
static void mirror(struct pair *pair, struct pair_frame *frame)
{
	int what = (int)(uintptr_t)pair->middle_ctx;
	const struct transfer_share *own = &pair->receiver->own;
	uint8_t *body = frame->bytes + OBOL_TRANSFER_HEADER_LEN;

	if (frame->type != OBOL_TRANSFER_SHARE_R)
	{
		return;
	}
	switch (what)
	{
		case 0: /* the whole share, role and all */
			memcpy(body, own, sizeof(*own));
			break;
		case 1: /* the point alone */
			memcpy(body, own->y, sizeof(own->y));
			break;
		case 2: /* the random bytes alone */
			memcpy(body + sizeof(own->y) + 1, own->ad + 1,
				   OBOL_TRANSFER_AD_RANDOM_LEN);
			break;
		case 3: /* our role */
			body[sizeof(own->y)] = own->ad[0];
			break;
		default:
			break;
	}
}

START_TEST(equal_ones)
{
	struct pair pair;

	middle_start(&pair, _i, mirror);
	pair_run(&pair);
	ck_assert_int_eq(obol_transfer_end(pair.receiver), OBOL_TRANSFER_REFLECTED);
	ck_assert_int_eq(obol_transfer_end(pair.sender), OBOL_TRANSFER_PROTOCOL);
	ck_assert(!obol_transfer_code_is_spent(pair.receiver_code));
	pair_clear(&pair);
}
END_TEST

/* A role that there is none of. */
static void no_role(struct pair *pair, struct pair_frame *frame)
{
	(void)pair;
	if (frame->type == OBOL_TRANSFER_SHARE_I)
	{
		frame->bytes[OBOL_TRANSFER_HEADER_LEN + OBOL_CPACE_SHARE_LEN] = 3;
	}
}

START_TEST(unknown_role)
{
	struct pair pair;

	middle_start(&pair, 0, no_role);
	pair_run(&pair);
	ck_assert_int_eq(obol_transfer_end(pair.sender), OBOL_TRANSFER_PROTOCOL);
	ck_assert(!obol_transfer_code_is_spent(pair.sender_code));
	pair_clear(&pair);
}
END_TEST

/* Another device name, or its commitment, in the associated data. */
static void rename_device(struct pair *pair, struct pair_frame *frame)
{
	(void)pair;
	if (frame->type == OBOL_TRANSFER_SHARE_R)
	{
		frame->bytes[frame->len - 1] ^= 1;
	}
}

START_TEST(other_device)
{
	struct pair pair;

	middle_start(&pair, 0, rename_device);
	pair_run(&pair);
	/* the tags cover it */
	ck_assert_int_eq(obol_transfer_end(pair.sender), OBOL_TRANSFER_WRONG_CODE);
	ck_assert_int_eq(obol_transfer_end(pair.receiver),
					 OBOL_TRANSFER_WRONG_CODE);
	pair_clear(&pair);
}
END_TEST

/* Headers that promise more than is allowed are refused before any of it is
 * taken; records before the keys too. */
static const uint8_t headers[][OBOL_TRANSFER_HEADER_LEN] = {
	{ OBOL_TRANSFER_HELLO, 0, 1, 1 },
	{ OBOL_TRANSFER_HELLO, 0xff, 0xff, 0xff },
	{ OBOL_TRANSFER_RECORD, 0, 0, 20 },
	{ OBOL_TRANSFER_RECORD, 1, 0, 0 },
	{ 0x47, 'E', 'T', ' ' },
};

START_TEST(early_headers)
{
	struct pair pair;
	size_t used;

	middle_start(&pair, 0, NULL);
	obol_transfer_input(pair.sender, obol_bytes(headers[_i], 4), 0, &used);
	ck_assert_uint_eq(used, 4);
	ck_assert_int_eq(obol_transfer_end(pair.sender), OBOL_TRANSFER_PROTOCOL);
	ck_assert(!obol_transfer_code_is_spent(pair.sender_code));
	pair_clear(&pair);
}
END_TEST

/* Under the keys, a record longer than any. */
static void long_record(struct pair *pair, struct pair_frame *frame)
{
	if (middle_is_target(pair, frame))
	{
		frame->bytes[1] = 2;
		frame->len = OBOL_TRANSFER_HEADER_LEN;
	}
}

START_TEST(late_headers)
{
	struct pair pair;

	middle_start(&pair, FROM_RECEIVER + 5, long_record);
	pair_run(&pair);
	ck_assert_int_eq(obol_transfer_end(pair.receiver), OBOL_TRANSFER_PROTOCOL);
	ck_assert_int_eq(obol_transfer_end(pair.sender), OBOL_TRANSFER_PROTOCOL);
	pair_clear(&pair);
}
END_TEST

/* A sender that knows the code and breaks the rules under the keys. */
static const struct {
	const char *what;
	uint8_t type;
	uint8_t bytes[40];
	size_t len;
} contents[] = {
	{ "an intro again", OBOL_TRANSFER_INTRO, { 0 }, 20 },
	{ "an empty data record", OBOL_TRANSFER_BYTES, { 0 }, 0 },
	{ "the end too early", OBOL_TRANSFER_FINISHED, { 0 }, 32 },
	{ "a receipt from the wrong side", OBOL_TRANSFER_RECEIPT, { 0 }, 32 },
	{ "an unknown content", 0x77, { 0 }, 4 },
	{ "a cancel without reason", OBOL_TRANSFER_CANCEL, { 0 }, 0 },
	{ "data beyond the item", OBOL_TRANSFER_BYTES, { 0 }, 101 },
};

static void break_rules(struct pair *pair, struct pair_frame *frame)
{
	static const uint8_t zeros[128];
	int row = (int)(uintptr_t)pair->middle_ctx;

	if (frame->from_sender && frame->number == 4)
	{
		/* behind the offer */
		ck_assert_int_eq(
			transfer_put_record(pair->sender,
								(enum obol_transfer_content)contents[row].type,
								obol_bytes(zeros, contents[row].len)),
			OBOL_OK);
	}
}

START_TEST(rules_under_the_keys)
{
	struct pair pair;

	middle_start(&pair, _i, break_rules);
	pair_run(&pair);
	ck_assert_msg(obol_transfer_end(pair.receiver) == OBOL_TRANSFER_PROTOCOL,
				  "%s: %s", contents[_i].what,
				  obol_transfer_end_name(obol_transfer_end(pair.receiver)));
	ck_assert(!pair.all_came);
	pair_clear(&pair);
}
END_TEST

/* The hash behind the data is not the data's. */
static void other_hash(struct pair *pair, struct pair_frame *frame)
{
	if (frame->from_sender && frame->number == 4)
	{
		ck_assert_int_eq(transfer_hash_add(pair->sender, obol_bytes("more", 4)),
						 OBOL_OK);
	}
}

START_TEST(wrong_hash)
{
	struct pair pair;

	middle_start(&pair, 0, other_hash);
	pair_run(&pair);
	ck_assert_int_eq(obol_transfer_end(pair.receiver), OBOL_TRANSFER_ALTERED);
	ck_assert_int_eq(obol_transfer_end(pair.sender), OBOL_TRANSFER_ALTERED);
	ck_assert(!pair.all_came);
	pair_clear(&pair);
}
END_TEST

/* A receipt for something else is none. */
static void other_receipt(struct pair *pair, struct pair_frame *frame)
{
	if (frame->from_sender && frame->number == FROM_SENDER - 1)
	{
		ck_assert_int_eq(transfer_hash_add(pair->sender, obol_bytes("more", 4)),
						 OBOL_OK);
	}
}

START_TEST(wrong_receipt)
{
	struct pair pair;

	middle_start(&pair, 0, other_receipt);
	pair_run(&pair);
	ck_assert_int_eq(obol_transfer_end(pair.receiver), OBOL_TRANSFER_DONE);
	ck_assert_int_eq(obol_transfer_end(pair.sender), OBOL_TRANSFER_UNCONFIRMED);
	pair_clear(&pair);
}
END_TEST

Suite *rules_suite(void)
{
	Suite *suite = suite_create("rules");
	TCase *tc = tcase_create("rules");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, bad_shares, 0, 2 * (int)bad_points_count());
	tcase_add_loop_test(tc, equal_ones, 0, 4);
	tcase_add_test(tc, unknown_role);
	tcase_add_test(tc, other_device);
	tcase_add_loop_test(tc, early_headers, 0,
						sizeof(headers) / sizeof(headers[0]));
	tcase_add_test(tc, late_headers);
	tcase_add_loop_test(tc, rules_under_the_keys, 0,
						sizeof(contents) / sizeof(contents[0]));
	tcase_add_test(tc, wrong_hash);
	tcase_add_test(tc, wrong_receipt);
	suite_add_tcase(suite, tc);
	return suite;
}
