/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdio.h>

#include "transfer/message.h"
#include "transfer/record.h"

Suite *message_suite(void);

/* Body of the only frame in a writer. */
static struct obol_bytes body_of(const struct obol_writer *w)
{
	struct obol_bytes frame = obol_writer_view(w);

	ck_assert_int_eq(obol_writer_status(w), OBOL_OK);
	return obol_bytes(frame.ptr + OBOL_TRANSFER_HEADER_LEN,
					  frame.len - OBOL_TRANSFER_HEADER_LEN);
}

static const struct obol_transfer_hello example = {
	.version = OBOL_TRANSFER_PROTOCOL_VERSION,
	.draft = OBOL_CPACE_DRAFT,
	.kind = 2,
	.number = 48213,
	.nonce = "0123456789abcde",
};

START_TEST(hello_layout)
{
	static const uint8_t expected[] = { 0x01, 0, 0, 24, 1,    0,
										21,   2, 0, 0,  0xbc, 0x55 };
	struct obol_transfer_hello hello;
	struct obol_writer w;
	struct obol_bytes body;
	size_t len;

	obol_writer_init(&w);
	obol_transfer_write_hello(&w, &example);
	ck_assert_mem_eq(obol_writer_view(&w).ptr, expected, sizeof(expected));
	body = body_of(&w);
	ck_assert_int_eq(obol_transfer_read_hello(body, &hello), OBOL_OK);
	ck_assert_mem_eq(&hello, &example, sizeof(hello));
	for (len = 0; len < body.len; len++)
	{
		ck_assert_int_eq(
			obol_transfer_read_hello(obol_bytes(body.ptr, len), &hello),
			OBOL_ERR_FORMAT);
	}
	/* a Welcome is shorter, and no Hello; the other way round neither */
	ck_assert_int_eq(obol_transfer_read_welcome(body, &hello), OBOL_ERR_FORMAT);
	obol_writer_clear(&w);
	obol_transfer_write_welcome(&w, &example);
	body = body_of(&w);
	ck_assert_uint_eq(body.len, 19);
	ck_assert_int_eq(obol_transfer_read_hello(body, &hello), OBOL_ERR_FORMAT);
	ck_assert_int_eq(obol_transfer_read_welcome(body, &hello), OBOL_OK);
	ck_assert_mem_eq(hello.nonce, example.nonce, sizeof(hello.nonce));
	for (len = 0; len < body.len; len++)
	{
		ck_assert_int_eq(
			obol_transfer_read_welcome(obol_bytes(body.ptr, len), &hello),
			OBOL_ERR_FORMAT);
	}
	obol_writer_clear(&w);
}
END_TEST

/* Of another version nothing is read but that. */
START_TEST(other_versions)
{
	struct obol_transfer_hello hello;
	uint8_t bytes[] = { OBOL_TRANSFER_PROTOCOL_VERSION + 1, 0,
						OBOL_CPACE_DRAFT };

	ck_assert_int_eq(
		obol_transfer_read_hello(obol_bytes(bytes, sizeof(bytes)), &hello),
		OBOL_ERR_VERSION);
	bytes[0] = OBOL_TRANSFER_PROTOCOL_VERSION;
	bytes[2]--;
	ck_assert_int_eq(
		obol_transfer_read_welcome(obol_bytes(bytes, sizeof(bytes)), &hello),
		OBOL_ERR_VERSION);
}
END_TEST

START_TEST(intro_hides_the_name)
{
	static const uint8_t opening[OBOL_TRANSFER_OPENING_LEN] = "an opening....";
	uint8_t read_opening[OBOL_TRANSFER_OPENING_LEN];
	char name[OBOL_TRANSFER_NAME_MAX + 1], longest[sizeof(name)] = "";
	struct obol_writer a, b;
	struct obol_bytes view;
	uint8_t changed[128];
	size_t len;

	memset(longest, 'x', OBOL_TRANSFER_NAME_MAX);
	obol_writer_init(&a);
	obol_writer_init(&b);
	obol_transfer_write_intro(&a, opening, "x");
	obol_transfer_write_intro(&b, opening, longest);
	view = obol_writer_view(&a);
	/* a longer name shows in no length */
	ck_assert_uint_eq(view.len, obol_writer_view(&b).len);
	ck_assert_int_eq(
		obol_transfer_read_intro(obol_bytes(view.ptr + 1, view.len - 1),
								 read_opening, name),
		OBOL_OK);
	ck_assert_str_eq(name, "x");
	ck_assert_mem_eq(read_opening, opening, sizeof(opening));
	for (len = 0; len < view.len - 1; len++)
	{
		ck_assert_int_eq(obol_transfer_read_intro(obol_bytes(view.ptr + 1, len),
												  read_opening, name),
						 OBOL_ERR_FORMAT);
	}
	/* zeros that are none, a name that acts on terminals, an empty one */
	memcpy(changed, view.ptr + 1, view.len - 1);
	changed[view.len - 2] = 1;
	ck_assert_int_eq(obol_transfer_read_intro(obol_bytes(changed, view.len - 1),
											  read_opening, name),
					 OBOL_ERR_FORMAT);
	changed[view.len - 2] = 0;
	changed[OBOL_TRANSFER_OPENING_LEN + 1] = '\033';
	ck_assert_int_eq(obol_transfer_read_intro(obol_bytes(changed, view.len - 1),
											  read_opening, name),
					 OBOL_ERR_FORMAT);
	changed[OBOL_TRANSFER_OPENING_LEN] = 0;
	ck_assert_int_eq(obol_transfer_read_intro(obol_bytes(changed, view.len - 1),
											  read_opening, name),
					 OBOL_ERR_FORMAT);
	obol_writer_clear(&a);
	obol_writer_clear(&b);
}
END_TEST

static const struct {
	const char *name;
	bool is_sound;
} names[] = {
	{ "", false },
	{ "laptop", true },
	{ "T\xc3\xa9l\xc3\xa9phone d'Andr\xc3\xa9", true },
	{ "a\nb", false },
	{ "a\x7f", false },
	{ "\xc2\x9b", false },
	{ "\xc2\xa0", true },
	{ "\xff", false },
	{ "\xc3", false },
	{ "\xed\xa0\x80", false },
};

START_TEST(sound_names)
{
	ck_assert_int_eq(
		obol_transfer_name_is_sound(obol_bytes_str(names[_i].name)),
		names[_i].is_sound);
}
END_TEST

START_TEST(commitments_differ)
{
	static const uint8_t one[OBOL_TRANSFER_OPENING_LEN] = { 1 };
	static const uint8_t two[OBOL_TRANSFER_OPENING_LEN] = { 2 };
	uint8_t a[OBOL_TRANSFER_COMMITMENT_LEN], b[sizeof(a)];

	ck_assert_int_eq(obol_transfer_commit(one, "phone", a), OBOL_OK);
	ck_assert_int_eq(obol_transfer_commit(two, "phone", b), OBOL_OK);
	ck_assert_mem_ne(a, b, sizeof(a));
	ck_assert_int_eq(obol_transfer_commit(one, "phones", b), OBOL_OK);
	ck_assert_mem_ne(a, b, sizeof(a));
}
END_TEST

static struct obol_transfer_item items[OBOL_TRANSFER_ITEMS_MAX + 1];

static void reset_items(void)
{
	size_t i;

	memset(items, 0, sizeof(items));
	for (i = 0; i < sizeof(items) / sizeof(items[0]); i++)
	{
		(void)snprintf(items[i].name, sizeof(items[i].name), "%zu", i);
		items[i].format = (uint16_t)i;
		items[i].size = i;
	}
}

static enum obol_status offer(size_t n, struct obol_transfer_item *out,
							  size_t *n_out)
{
	struct obol_writer w;
	struct obol_bytes view;
	enum obol_status status;

	obol_writer_init(&w);
	obol_transfer_write_offer(&w, items, n);
	status = obol_writer_status(&w);
	if (status == OBOL_OK)
	{
		view = obol_writer_view(&w);
		status = obol_transfer_read_offer(
			obol_bytes(view.ptr + 1, view.len - 1), out, n_out);
	}
	obol_writer_clear(&w);
	return status;
}

START_TEST(offers)
{
	struct obol_transfer_item out[OBOL_TRANSFER_ITEMS_MAX];
	size_t n;

	reset_items();
	memset(out, 0, sizeof(out));
	ck_assert_int_eq(offer(OBOL_TRANSFER_ITEMS_MAX, out, &n), OBOL_OK);
	ck_assert_uint_eq(n, OBOL_TRANSFER_ITEMS_MAX);
	ck_assert_mem_eq(out, items, sizeof(out));
	ck_assert_int_eq(offer(OBOL_TRANSFER_ITEMS_MAX + 1, out, &n), OBOL_ERR_ARG);
	ck_assert_int_eq(offer(0, out, &n), OBOL_ERR_ARG);
	items[1].size = OBOL_TRANSFER_SIZE_MAX;
	ck_assert_int_eq(offer(2, out, &n), OBOL_OK);
	items[0].size = 1;
	ck_assert_int_eq(offer(2, out, &n), OBOL_ERR_ARG);
	items[0].size = 0;
	items[1].size = OBOL_TRANSFER_SIZE_MAX + 1;
	ck_assert_int_eq(offer(2, out, &n), OBOL_ERR_ARG);
	items[1].size = UINT64_MAX;
	ck_assert_int_eq(offer(2, out, &n), OBOL_ERR_ARG);
	reset_items();
	items[1].name[0] = '0';
	ck_assert_int_eq(offer(2, out, &n), OBOL_ERR_ARG);
	items[1].name[0] = '\n';
	ck_assert_int_eq(offer(2, out, &n), OBOL_ERR_ARG);
}
END_TEST

static const struct {
	const char *what;
	uint8_t bytes[32];
	size_t len;
} bad_offers[] = {
	{ "nothing", { 0 }, 0 },
	{ "no item", { 0 }, 1 },
	{ "count above the limit", { 17 }, 1 },
	{ "an item missing", { 2, 1, 'a', 0, 7, 0, 0, 0, 0, 0, 0, 0, 1 }, 13 },
	{ "a byte too many", { 1, 1, 'a', 0, 7, 0, 0, 0, 0, 0, 0, 0, 1, 0 }, 14 },
	{ "a byte too few", { 1, 1, 'a', 0, 7, 0, 0, 0, 0, 0, 0, 0 }, 12 },
	{ "no name", { 1, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 1 }, 12 },
	{ "zero in a name", { 1, 1, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 1 }, 13 },
	{ "too large", { 1, 1, 'a', 0, 7, 0, 0, 2, 0, 0, 0, 0, 0 }, 13 },
	{ "one name twice",
	  { 2, 1,   'a', 0, 7, 0, 0, 0, 0, 0, 0, 0, 1,
		1, 'a', 0,   7, 0, 0, 0, 0, 0, 0, 0, 1 },
	  25 },
};

START_TEST(refuse_offers)
{
	struct obol_transfer_item out[OBOL_TRANSFER_ITEMS_MAX];
	size_t n;

	ck_assert_msg(obol_transfer_read_offer(
					  obol_bytes(bad_offers[_i].bytes, bad_offers[_i].len), out,
					  &n) == OBOL_ERR_FORMAT,
				  "%s", bad_offers[_i].what);
}
END_TEST

START_TEST(reasons)
{
	unsigned end;

	for (end = 0; end <= OBOL_TRANSFER_UNUSABLE; end++)
	{
		uint8_t reason = obol_transfer_reason_of((enum obol_transfer_end)end);

		ck_assert_str_ne(obol_transfer_end_name((enum obol_transfer_end)end),
						 "?");
		/* what is not sent is no reason to give up */
		ck_assert_int_eq(reason == 0, end == OBOL_TRANSFER_RUNNING ||
										  end == OBOL_TRANSFER_DONE ||
										  end == OBOL_TRANSFER_NO_CONTACT ||
										  end == OBOL_TRANSFER_LOST ||
										  end == OBOL_TRANSFER_UNCONFIRMED ||
										  end == OBOL_TRANSFER_PEER_CANCELLED);
	}
	ck_assert_str_eq(obol_transfer_end_name((enum obol_transfer_end)(end + 1)),
					 "?");
	ck_assert_int_eq(obol_transfer_end_of(0), OBOL_TRANSFER_PEER_CANCELLED);
	ck_assert_int_eq(obol_transfer_end_of(255), OBOL_TRANSFER_PEER_CANCELLED);
	ck_assert_int_eq(obol_transfer_end_of(1), OBOL_TRANSFER_PEER_CANCELLED);
	ck_assert_int_eq(obol_transfer_end_of(3), OBOL_TRANSFER_WRONG_CODE);
}
END_TEST

/*
 * Records
 */

struct two {
	struct obol_transfer_keys initiator;
	struct obol_transfer_keys responder;
};

static void two_init(struct two *two)
{
	struct obol_secret *isk = obol_secret_dup("0123456789abcdef", 16);
	struct obol_bytes sid = obol_bytes_str("a session");

	memset(two, 0, sizeof(*two));
	ck_assert_int_eq(obol_transfer_keys_derive(&two->initiator, isk, sid,
											   OBOL_TRANSFER_INITIATOR),
					 OBOL_OK);
	ck_assert_int_eq(obol_transfer_keys_derive(&two->responder, isk, sid,
											   OBOL_TRANSFER_RESPONDER),
					 OBOL_OK);
	obol_secret_free(isk);
}

static void two_clear(struct two *two)
{
	obol_transfer_keys_clear(&two->initiator);
	obol_transfer_keys_clear(&two->responder);
}

static enum obol_status open_frame(struct obol_record_key *key,
								   struct obol_bytes frame, uint8_t *content)
{
	return obol_record_open(key, frame.ptr,
							obol_bytes(frame.ptr + OBOL_TRANSFER_HEADER_LEN,
									   frame.len - OBOL_TRANSFER_HEADER_LEN),
							content);
}

START_TEST(records_in_order)
{
	static const size_t lens[] = { 0, 1, 100, OBOL_TRANSFER_CHUNK_MAX };
	static uint8_t plain[OBOL_TRANSFER_CHUNK_MAX];
	static uint8_t content[OBOL_TRANSFER_CONTENT_MAX];
	struct obol_writer w;
	struct two two;
	size_t i;

	two_init(&two);
	memset(plain, 0x5a, sizeof(plain));
	for (i = 0; i < 4; i++)
	{
		obol_writer_init(&w);
		ck_assert_int_eq(obol_record_seal(&two.initiator.send,
										  OBOL_TRANSFER_BYTES,
										  obol_bytes(plain, lens[i]), &w),
						 OBOL_OK);
		ck_assert_uint_eq(obol_writer_view(&w).len, OBOL_TRANSFER_HEADER_LEN +
														1 + lens[i] +
														OBOL_TRANSFER_SEAL_LEN);
		ck_assert_int_eq(
			open_frame(&two.responder.receive, obol_writer_view(&w), content),
			OBOL_OK);
		ck_assert_uint_eq(content[0], OBOL_TRANSFER_BYTES);
		ck_assert_mem_eq(content + 1, plain, lens[i]);
		/* the same again is another record's */
		ck_assert_int_eq(
			open_frame(&two.responder.receive, obol_writer_view(&w), content),
			OBOL_ERR_AUTH);
		two.responder.receive.number--;
		/* nor does its sender take it */
		ck_assert_int_eq(
			open_frame(&two.initiator.receive, obol_writer_view(&w), content),
			OBOL_ERR_AUTH);
		obol_writer_clear(&w);
	}
	two_clear(&two);
}
END_TEST

START_TEST(every_byte_counts)
{
	struct obol_writer w;
	uint8_t frame[64], content[64];
	struct two two;
	size_t i, len;

	two_init(&two);
	obol_writer_init(&w);
	ck_assert_int_eq(obol_record_seal(&two.responder.send, OBOL_TRANSFER_BYTES,
									  obol_bytes("plain", 5), &w),
					 OBOL_OK);
	len = obol_writer_view(&w).len;
	for (i = 0; i < len; i++)
	{
		memcpy(frame, obol_writer_view(&w).ptr, len);
		frame[i] ^= 1;
		memset(content, 0xee, sizeof(content));
		two.initiator.receive.number = 0;
		ck_assert_int_eq(
			open_frame(&two.initiator.receive, obol_bytes(frame, len), content),
			OBOL_ERR_AUTH);
		/* nothing of what was not authentic is left */
		ck_assert_uint_eq(content[1], 0);
		two.initiator.receive.number = 0;
		ck_assert_int_ne(
			open_frame(&two.initiator.receive,
					   obol_bytes(obol_writer_view(&w).ptr, i < 4 ? 4 : i),
					   content),
			OBOL_OK);
	}
	two.initiator.receive.number = 0;
	ck_assert_int_eq(
		open_frame(&two.initiator.receive, obol_writer_view(&w), content),
		OBOL_OK);
	obol_writer_clear(&w);
	two_clear(&two);
}
END_TEST

START_TEST(keys_of_another_session)
{
	struct obol_secret *isk = obol_secret_dup("0123456789abcdef", 16);
	struct obol_transfer_keys other = { .receipt = NULL };
	uint8_t content[64];
	struct obol_writer w;
	struct two two;

	two_init(&two);
	ck_assert_int_eq(obol_transfer_keys_derive(&other, isk,
											   obol_bytes_str("another one"),
											   OBOL_TRANSFER_RESPONDER),
					 OBOL_OK);
	obol_writer_init(&w);
	ck_assert_int_eq(obol_record_seal(&two.initiator.send, OBOL_TRANSFER_BYTES,
									  obol_bytes("plain", 5), &w),
					 OBOL_OK);
	ck_assert_int_eq(open_frame(&other.receive, obol_writer_view(&w), content),
					 OBOL_ERR_AUTH);
	ck_assert(!obol_bytes_eq(obol_secret_view(other.receipt),
							 obol_secret_view(two.initiator.receipt)));
	ck_assert(obol_bytes_eq(obol_secret_view(two.responder.receipt),
							obol_secret_view(two.initiator.receipt)));
	obol_writer_clear(&w);
	obol_transfer_keys_clear(&other);
	two_clear(&two);
	obol_secret_free(isk);
}
END_TEST

Suite *message_suite(void)
{
	Suite *suite = suite_create("message");
	TCase *tc = tcase_create("message");

	tcase_add_test(tc, hello_layout);
	tcase_add_test(tc, other_versions);
	tcase_add_test(tc, intro_hides_the_name);
	tcase_add_loop_test(tc, sound_names, 0, sizeof(names) / sizeof(names[0]));
	tcase_add_test(tc, commitments_differ);
	tcase_add_test(tc, offers);
	tcase_add_loop_test(tc, refuse_offers, 0,
						sizeof(bad_offers) / sizeof(bad_offers[0]));
	tcase_add_test(tc, reasons);
	tcase_add_test(tc, records_in_order);
	tcase_add_test(tc, every_byte_counts);
	tcase_add_test(tc, keys_of_another_session);
	suite_add_tcase(suite, tc);
	return suite;
}
