/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The conversation in proto/spec/vectors/transfer.txt, byte for byte. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/hex.h"
#include "support/scripted_rng.h"
#include "support/vector_file.h"
#include "transfer/pair.h"

Suite *vector_suite(void);

#define CONTENT "a credential"

static struct vector_file file;

static const char *given(const char *key)
{
	const char *text = vector_text(&file.vectors[0], key);

	ck_assert_msg(text != NULL, "%s is missing", key);
	return text;
}

static void assert_is(const char *key, struct obol_bytes bytes)
{
	char *hex = hex_encode(bytes);

	ck_assert_ptr_nonnull(hex);
	ck_assert_msg(strcmp(hex, given(key)) == 0, "%s = %s", key, hex);
	free(hex);
}

/* All that a side has to say now, to the other one. */
static void hand_over(struct obol_transfer *from, struct obol_transfer *to,
					  const char *key)
{
	struct obol_bytes out = obol_transfer_output(from);
	size_t used;

	assert_is(key, out);
	while (out.len)
	{
		obol_transfer_input(to, out, 0, &used);
		out.ptr += used;
		out.len -= used;
		switch (obol_transfer_event(to))
		{
			case OBOL_TRANSFER_OFFER:
				ck_assert_int_eq(obol_transfer_accept(to), OBOL_OK);
				break;
			case OBOL_TRANSFER_DATA:
				ck_assert_mem_eq(obol_transfer_data(to, &used).ptr, CONTENT,
								 sizeof(CONTENT) - 1);
				used = 0;
				break;
			case OBOL_TRANSFER_COMPLETE:
				ck_assert_int_eq(obol_transfer_confirm(to), OBOL_OK);
				break;
			default:
				break;
		}
	}
	obol_transfer_sent(from, obol_transfer_output(from).len);
}

static void rng_of(struct scripted_rng *rng, const char *side)
{
	static const char *const parts[] = { "nonce", "ad_random", "opening",
										 "scalar" };
	char key[64];
	uint8_t bytes[64];
	size_t i, len;

	scripted_rng_init(rng, NULL);
	for (i = 0; i < 4; i++)
	{
		(void)snprintf(key, sizeof(key), "%s_%s", side, parts[i]);
		len = hex_decode(given(key), bytes, sizeof(bytes));
		ck_assert_uint_ne(len, SIZE_MAX);
		scripted_rng_add(rng, obol_bytes(bytes, len));
	}
}

/* The sender's code out of the digits that the file has. */
static struct obol_transfer_code *code_of(const char *text)
{
	struct obol_transfer_place places[OBOL_TRANSFER_PLACES_MAX];
	struct obol_transfer_code *code;
	size_t n_places;

	ck_assert_int_eq(obol_transfer_code_parse(obol_bytes_str(text), 0, &code,
											  places, &n_places),
					 OBOL_OK);
	return code;
}

START_TEST(spec_vector)
{
	static const struct obol_transfer_item item = { "vpn", 7,
													sizeof(CONTENT) - 1 };
	struct obol_transfer_code *sender_code, *receiver_code;
	struct scripted_rng sender_rng, receiver_rng;
	struct obol_transfer *sender, *receiver;

	ck_assert_msg(
		vector_file_read(&file, SRCDIR "/proto/spec/vectors/transfer.txt"),
		"%s", file.error);
	sender_code = code_of(given("code"));
	receiver_code = code_of(given("code"));
	rng_of(&sender_rng, "sender");
	rng_of(&receiver_rng, "receiver");
	ck_assert_int_eq(obol_transfer_send_new(sender_code, given("sender_name"),
											&item, 1, &sender_rng.rng, &sender),
					 OBOL_OK);
	ck_assert_int_eq(obol_transfer_receive_new(receiver_code,
											   given("receiver_name"),
											   &receiver_rng.rng, &receiver),
					 OBOL_OK);
	hand_over(receiver, sender, "hello");
	hand_over(sender, receiver, "welcome");
	hand_over(receiver, sender, "share_i");
	hand_over(sender, receiver, "share_r");
	assert_is("sid", obol_bytes(receiver->sid, sizeof(receiver->sid)));
	assert_is("isk", obol_secret_view(receiver->isk));
	assert_is("receipt_key", obol_secret_view(receiver->keys.receipt));
	hand_over(receiver, sender, "tag_i_intro");
	hand_over(sender, receiver, "tag_r_intro_offer");
	ck_assert_int_eq(
		obol_transfer_give(sender, obol_bytes(CONTENT, sizeof(CONTENT) - 1)),
		OBOL_OK);
	hand_over(sender, receiver, "data_end");
	hand_over(receiver, sender, "receipt");
	ck_assert_int_eq(obol_transfer_end(sender), OBOL_TRANSFER_DONE);
	obol_transfer_free(sender);
	obol_transfer_free(receiver);
	obol_transfer_code_free(sender_code);
	obol_transfer_code_free(receiver_code);
	vector_file_clear(&file);
}
END_TEST

Suite *vector_suite(void)
{
	Suite *suite = suite_create("vector");
	TCase *tc = tcase_create("vector");

	tcase_add_test(tc, spec_vector);
	suite_add_tcase(suite, tc);
	return suite;
}
