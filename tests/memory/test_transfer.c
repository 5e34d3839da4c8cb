/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole transfer: without memory, at any place. */
#include <check.h>

#include "memory/fail_each.h"
#include "transfer/machine.h"

Suite *memory_transfer_suite(void);

#define CONTENT "a credential"

struct two {
	struct obol_transfer_code *codes[2];
	struct obol_transfer *sender;
	struct obol_transfer *receiver;
	bool is_right;
};

static void act(struct two *two, struct obol_transfer *t)
{
	struct obol_bytes data;
	size_t item;

	switch (obol_transfer_event(t))
	{
		case OBOL_TRANSFER_OFFER:
			MUST(obol_transfer_accept(t) == OBOL_OK);
			break;
		case OBOL_TRANSFER_DATA:
			data = obol_transfer_data(t, &item);
			two->is_right =
				obol_bytes_eq(data, obol_bytes(CONTENT, sizeof(CONTENT) - 1));
			break;
		case OBOL_TRANSFER_COMPLETE:
			(void)!obol_transfer_confirm(t);
			break;
		default:
			break;
	}
	if (obol_transfer_wanted(t, &item))
	{
		(void)!obol_transfer_give(t, obol_bytes(CONTENT, sizeof(CONTENT) - 1));
	}
}

/* All that one has to say, to the other; true when there was something. */
static bool pass(struct two *two, struct obol_transfer *from,
				 struct obol_transfer *to)
{
	struct obol_bytes out = obol_transfer_output(from);
	size_t len = out.len, used = 1;

	while (out.len && used)
	{
		obol_transfer_input(to, out, 0, &used);
		out.ptr += used;
		out.len -= used;
		act(two, to);
	}
	obol_transfer_sent(from, len);
	act(two, from);
	return len > 0;
}

static bool begin(struct two *two)
{
	static const struct obol_transfer_item item = { "vpn", 7,
													sizeof(CONTENT) - 1 };
	struct obol_transfer_place places[OBOL_TRANSFER_PLACES_MAX];
	struct obol_secret *text = NULL;
	size_t n_places;
	bool good;

	good = obol_transfer_code_new(NULL, 0, &two->codes[0]) == OBOL_OK &&
		   obol_transfer_code_link(two->codes[0], NULL, 0, &text) == OBOL_OK &&
		   obol_transfer_code_parse(obol_secret_view(text), 0, &two->codes[1],
									places, &n_places) == OBOL_OK &&
		   obol_transfer_send_new(two->codes[0], "laptop", &item, 1, NULL,
								  &two->sender) == OBOL_OK &&
		   obol_transfer_receive_new(two->codes[1], "phone", NULL,
									 &two->receiver) == OBOL_OK;
	obol_secret_free(text);
	return good;
}

static bool transfer(void *ctx)
{
	struct two two = { .is_right = false };
	enum obol_transfer_end sender = OBOL_TRANSFER_INTERNAL;
	enum obol_transfer_end receiver = OBOL_TRANSFER_INTERNAL;

	(void)ctx;
	if (begin(&two))
	{
		while (pass(&two, two.receiver, two.sender) ||
			   pass(&two, two.sender, two.receiver))
		{
		}
		obol_transfer_closed(two.sender);
		obol_transfer_closed(two.receiver);
		sender = obol_transfer_end(two.sender);
		receiver = obol_transfer_end(two.receiver);
	}
	/* what came whole is never called altered, nor a right code wrong */
	MUST(sender != OBOL_TRANSFER_ALTERED && receiver != OBOL_TRANSFER_ALTERED);
	MUST(sender != OBOL_TRANSFER_WRONG_CODE &&
		 receiver != OBOL_TRANSFER_WRONG_CODE);
	MUST(sender != OBOL_TRANSFER_DONE ||
		 (receiver == OBOL_TRANSFER_DONE && two.is_right));
	obol_transfer_free(two.sender);
	obol_transfer_free(two.receiver);
	obol_transfer_code_free(two.codes[0]);
	obol_transfer_code_free(two.codes[1]);
	return sender == OBOL_TRANSFER_DONE;
}

START_TEST(transfers)
{
	static const struct story story = { .run = transfer, .n_least = 30 };

	fail_each(&story, FAILING_OWN);
}
END_TEST

START_TEST(transfers_openssl)
{
	static const struct story story = { .run = transfer,
										.may_do_without = true };

	fail_each(&story, FAILING_OPENSSL);
}
END_TEST

Suite *memory_transfer_suite(void)
{
	Suite *suite = suite_create("memory_transfer");
	TCase *tc = tcase_create("memory_transfer");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, transfers);
	tcase_add_test(tc, transfers_openssl);
	suite_add_tcase(suite, tc);
	return suite;
}
