/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>

#include "support/hex.h"
#include "wire/frame.h"
#include "wire/layout.h"
#include "wire/login.h"

Suite *login_suite(void);

/* "alice" and what fills it up to 255 bytes */
#define ALICE                                                                  \
	"05616c696365" X128("00") X64("00") X32("00") X16("00") X8("00") X2("00")
#define KE1 X98("61")
#define KE2 X256("62") X2("62") "62"
#define KE3 X32("63")
#define PIN X33("65") X32("66")

/* clang-format off */
/* mode, key type, end of the account, number of the anchors, none revoked */
#define KIND "01" "01" U64("000") "00000000" "00"

/** The login's frames in both directions. */
static const struct layout good[] = {
	{ "LoginStart", OBOL_LOGIN_START,
		"0001" "01" "01" ALICE NO_DEVICE_ID KE1 },
	{ "LoginStart, device", OBOL_LOGIN_START,
		"0001" "01" "04" ALICE DEVICE_ID KE1 },
	{ "LoginStart, longest name", OBOL_LOGIN_START,
		"0001" "01" "02" "ff" X255("6e") NO_DEVICE_ID KE1 },
	{ "LoginStart, suite, mechanism, kind unknown", OBOL_LOGIN_START,
		"0002" "05" "ff" ALICE NO_DEVICE_ID KE1 },
	{ "LoginChallenge", OBOL_LOGIN_CHALLENGE, SCRYPT "00000001" KE2 },
	{ "LoginChallenge, KSF unknown", OBOL_LOGIN_CHALLENGE,
		"07ffffffffff" "ffffffff" KE2 },
	{ "LoginFinish", OBOL_LOGIN_FINISH, KE3 },
	{ "LoginDone", OBOL_LOGIN_DONE,
		"0003" "aabbcc" "00000002" U64("111") "033a3a31" U64("222") U64("333")
		"01" "02" PIN PIN "01" "01" U64("000") "00000007"
		"02" "024f2a" "14" X16("5e") X4("5e") },
	{ "LoginDone, little", OBOL_LOGIN_DONE,
		"0000" "00000000" U64("000") "00" U64("000") U64("333") "00" "00"
		"01" "00" U64("000") "00000000" "00" },
	{ "LoginDone, much", OBOL_LOGIN_DONE,
		"0100" X256("77") "ffffffff" U64("111") "40" X64("31") U64("222")
		U64("333") "00" "04" PIN PIN PIN PIN "02" "04" U64("444") "ffffffff"
		"08" X8("0101") },
	{ "LoginDone, mode and key type unknown", OBOL_LOGIN_DONE,
		"0000" "00000000" U64("000") "00" U64("000") U64("333") "00" "00"
		"ff" "ff" U64("000") "00000000" "00" },
	{ "Later", OBOL_LATER, "00000001" },
	{ "Error", OBOL_ERROR, "0217" "00000000" U64("000") "00026e6f" },
	{ "Error, stale", OBOL_ERROR, "022d" "0000003c" U64("007") "0000" },
	{ "Error, lowest", OBOL_ERROR, "0190" "00000000" U64("000") "0000" },
	{ "Error, highest", OBOL_ERROR, "0257" "00000000" U64("000")
		"0200" X256("61") X256("61") },
	{ NULL, 0, NULL },
};

static const struct layout bad[] = {
	{ "LoginDone: nine revoked", OBOL_LOGIN_DONE,
		"0000" "00000000" U64("000") "00" U64("000") U64("333") "00" "00"
		"01" "00" U64("000") "00000000" "09" X8("0101") "0101" },
	{ "LoginDone: revoked, no serial number", OBOL_LOGIN_DONE,
		"0000" "00000000" U64("000") "00" U64("000") U64("333") "00" "00"
		"01" "00" U64("000") "00000000" "01" "00" },
	{ "LoginDone: serial number of 21", OBOL_LOGIN_DONE,
		"0000" "00000000" U64("000") "00" U64("000") U64("333") "00" "00"
		"01" "00" U64("000") "00000000" "01" "15" X16("5e") X4("5e") "5e" },
	{ "LoginStart: no name", OBOL_LOGIN_START,
		"0001" "01" "01" "00" X255("00") NO_DEVICE_ID KE1 },
	{ "LoginStart: zero byte in the name", OBOL_LOGIN_START,
		"0001" "01" "01" "05616c006365" X128("00") X64("00") X32("00") X16("00")
		X8("00") X2("00") NO_DEVICE_ID KE1 },
	{ "LoginStart: something behind the name", OBOL_LOGIN_START,
		"0001" "01" "01" "05616c696365" "01" X128("00") X64("00") X32("00")
		X16("00") X8("00") "00" NO_DEVICE_ID KE1 },
	{ "LoginStart: something far behind the name", OBOL_LOGIN_START,
		"0001" "01" "01" "05616c696365" X128("00") X64("00") X32("00")
		X16("00") X8("00") "0001" NO_DEVICE_ID KE1 },
	{ "LoginStart: device id with a password", OBOL_LOGIN_START,
		"0001" "01" "01" ALICE DEVICE_ID KE1 },
	{ "LoginStart: device id with an unknown kind", OBOL_LOGIN_START,
		"0001" "01" "07" ALICE DEVICE_ID KE1 },
	{ "LoginDone: wrap of 257", OBOL_LOGIN_DONE,
		"0101" X256("77") "77" "00000000" U64("111") "00" U64("222") U64("333")
		"00" "00" KIND },
	{ "LoginDone: source of 65", OBOL_LOGIN_DONE,
		"0000" "00000000" U64("111") "41" X64("31") "31" U64("222") U64("333")
		"00" "00" KIND },
	{ "LoginDone: zero byte in the source", OBOL_LOGIN_DONE,
		"0000" "00000000" U64("111") "0100" U64("222") U64("333") "00" "00"
		KIND },
	{ "LoginDone: migrate is 2", OBOL_LOGIN_DONE,
		"0000" "00000000" U64("111") "00" U64("222") U64("333") "02" "00"
		KIND },
	{ "LoginDone: 5 pins", OBOL_LOGIN_DONE,
		"0000" "00000000" U64("111") "00" U64("222") U64("333") "00"
		"05" PIN PIN PIN PIN PIN KIND },
	{ "Later: 0", OBOL_LATER, "00000000" },
	{ "Error: reply 0", OBOL_ERROR, "0000" "00000000" U64("000") "0000" },
	{ "Error: reply 200", OBOL_ERROR, "00c8" "00000000" U64("000") "0000" },
	{ "Error: reply 399", OBOL_ERROR, "018f" "00000000" U64("000") "0000" },
	{ "Error: reply 600", OBOL_ERROR, "0258" "00000000" U64("000") "0000" },
	{ "Error: text of 513", OBOL_ERROR,
		"0217" "00000000" U64("000") "0201" X256("61") X256("61") "61" },
	{ "Error: zero byte in the text", OBOL_ERROR,
		"0217" "00000000" U64("000") "000100" },
	{ NULL, 0, NULL },
};
/* clang-format on */

/** Decode a body and, when that works, encode it again. */
static enum obol_status decode(const struct layout *row, struct obol_bytes in,
							   struct obol_writer *w)
{
	struct obol_login_start start;
	struct obol_login_challenge challenge;
	struct obol_login_done done;
	struct obol_error_message error;
	struct obol_bytes ke3;
	uint32_t seconds;
	enum obol_status status = OBOL_ERR_ARG;

	switch (row->type)
	{
		case OBOL_LOGIN_START:
			status = obol_login_start_decode(in, &start);
			if (status == OBOL_OK)
			{
				obol_login_start_encode(w, &start);
			}
			break;
		case OBOL_LOGIN_CHALLENGE:
			status = obol_login_challenge_decode(in, &challenge);
			if (status == OBOL_OK)
			{
				obol_login_challenge_encode(w, &challenge);
			}
			break;
		case OBOL_LOGIN_FINISH:
			status = obol_login_finish_decode(in, &ke3);
			if (status == OBOL_OK)
			{
				obol_login_finish_encode(w, ke3);
			}
			break;
		case OBOL_LOGIN_DONE:
			status = obol_login_done_decode(in, &done);
			if (status == OBOL_OK)
			{
				obol_login_done_encode(w, &done);
			}
			break;
		case OBOL_LATER:
			status = obol_later_decode(in, &seconds);
			if (status == OBOL_OK)
			{
				obol_later_encode(w, seconds);
			}
			break;
		case OBOL_ERROR:
			status = obol_error_decode(in, &error);
			if (status == OBOL_OK)
			{
				obol_error_encode(w, &error);
			}
			break;
		default:
			ck_abort_msg("%s: type", row->name);
	}
	return status;
}

START_TEST(round_trip_cut_longer)
{
	const struct layout *row = &good[_i];
	size_t len = strlen(row->body) / 2;
	uint8_t *body = calloc(1, len + 1);
	struct obol_writer w;
	struct obol_bytes again;
	size_t cut;

	ck_assert_ptr_nonnull(body);
	ck_assert_uint_eq(hex_decode(row->body, body, len), len);
	obol_writer_init(&w);
	ck_assert_msg(decode(row, obol_bytes(body, len), &w) == OBOL_OK, "%s",
				  row->name);
	again = obol_writer_view(&w);
	ck_assert_uint_eq(again.len, OBOL_FRAME_HEADER_LEN + len);
	ck_assert_uint_eq(again.ptr[0], row->type);
	ck_assert_msg(memcmp(again.ptr + OBOL_FRAME_HEADER_LEN, body, len) == 0,
				  "%s: not the same again", row->name);
	for (cut = 0; cut < len; cut++)
	{
		ck_assert_msg(decode(row, obol_bytes(body, cut), &w) == OBOL_ERR_FORMAT,
					  "%s cut to %zu", row->name, cut);
	}
	ck_assert_msg(decode(row, obol_bytes(body, len + 1), &w) == OBOL_ERR_FORMAT,
				  "%s with one more", row->name);
	obol_writer_clear(&w);
	free(body);
}
END_TEST

START_TEST(bad_is_refused)
{
	const struct layout *row = &bad[_i];
	size_t len = strlen(row->body) / 2;
	uint8_t *body = malloc(len);
	struct obol_writer w;

	ck_assert_ptr_nonnull(body);
	ck_assert_uint_eq(hex_decode(row->body, body, len), len);
	obol_writer_init(&w);
	ck_assert_msg(decode(row, obol_bytes(body, len), &w) == OBOL_ERR_FORMAT,
				  "%s", row->name);
	obol_writer_clear(&w);
	free(body);
}
END_TEST

START_TEST(start_has_one_size)
{
	static const char *const names[] = { "a", "alice", "alice@example.org" };
	uint8_t ke1[OBOL_OPAQUE_KE1_LEN] = { 2 };
	struct obol_login_start msg = { .suite = 1, .mechanism = 1, .kind = 1 };
	struct obol_writer w;
	size_t i;

	msg.ke1 = obol_bytes(ke1, sizeof(ke1));
	for (i = 0; i < 3; i++)
	{
		msg.name = obol_bytes_str(names[i]);
		obol_writer_init(&w);
		obol_login_start_encode(&w, &msg);
		ck_assert_uint_eq(obol_writer_view(&w).len,
						  OBOL_FRAME_HEADER_LEN + OBOL_LOGIN_START_LEN);
		obol_writer_clear(&w);
	}
	ck_assert_uint_eq(OBOL_LOGIN_START_LEN, 374);
}
END_TEST

START_TEST(start_fields)
{
	const struct layout *row = &good[1];
	uint8_t body[OBOL_LOGIN_START_LEN];
	struct obol_login_start msg;

	ck_assert_uint_eq(hex_decode(row->body, body, sizeof(body)), sizeof(body));
	ck_assert_int_eq(
		obol_login_start_decode(obol_bytes(body, sizeof(body)), &msg), OBOL_OK);
	ck_assert_uint_eq(msg.suite, OBOL_SUITE_1);
	ck_assert_uint_eq(msg.mechanism, OBOL_MECHANISM_OPAQUE);
	ck_assert_uint_eq(msg.kind, OBOL_SLOT_DEVICE);
	ck_assert(obol_bytes_eq(msg.name, obol_bytes_str("alice")));
	ck_assert_uint_eq(msg.device_id[15], 0xd1);
	ck_assert_ptr_eq(msg.ke1.ptr, body + 276);
}
END_TEST

START_TEST(context_layout)
{
	static const char want[] = "4f626f6c2d7631"
							   "0001"
							   "01"
							   "04" SCRYPT "0000000a" X32("e5");
	struct obol_login_context in = {
		.suite = 1,
		.mechanism = 1,
		.kind = OBOL_SLOT_DEVICE,
		.ksf = { OBOL_KSF_SCRYPT, 15, 8, 1 },
		.key_number = 10,
	};
	uint8_t context[OBOL_LOGIN_CONTEXT_LEN];
	char *text;

	memset(in.exporter, 0xe5, sizeof(in.exporter));
	obol_login_context(&in, context);
	text = hex_encode(obol_bytes(context, sizeof(context)));
	ck_assert_str_eq(text, want);
	free(text);
}
END_TEST

START_TEST(oprf_input)
{
	struct obol_secret *secret = obol_secret_dup("pw", 2);
	struct obol_secret *longest = obol_secret_new(OBOL_OPRF_INPUT_MAX - 2 - 5);
	struct obol_secret *longer = obol_secret_new(OBOL_OPRF_INPUT_MAX - 2 - 4);
	struct obol_secret *none = obol_secret_new(0);
	struct obol_bytes alice = obol_bytes_str("alice");
	struct obol_secret *input = NULL;
	uint8_t name[OBOL_NAME_MAX + 1];

	memset(name, 'n', sizeof(name));
	ck_assert_int_eq(obol_login_oprf_input(alice, secret, &input), OBOL_OK);
	ck_assert(
		obol_bytes_eq(obol_secret_view(input), obol_bytes("\0\5alicepw", 9)));
	obol_secret_free(input);
	input = NULL;
	ck_assert_int_eq(
		obol_login_oprf_input(obol_bytes(name, OBOL_NAME_MAX), secret, &input),
		OBOL_OK);
	obol_secret_free(input);
	ck_assert_int_eq(obol_login_oprf_input(alice, longest, &input), OBOL_OK);
	obol_secret_free(input);
	input = NULL;
	ck_assert_int_eq(obol_login_oprf_input(alice, longer, &input),
					 OBOL_ERR_ARG);
	ck_assert_int_eq(obol_login_oprf_input(alice, none, &input), OBOL_ERR_ARG);
	ck_assert_int_eq(obol_login_oprf_input(alice, NULL, &input), OBOL_ERR_ARG);
	ck_assert_int_eq(obol_login_oprf_input(obol_bytes_str(""), secret, &input),
					 OBOL_ERR_ARG);
	ck_assert_int_eq(
		obol_login_oprf_input(obol_bytes(name, sizeof(name)), secret, &input),
		OBOL_ERR_ARG);
	ck_assert_ptr_null(input);
	obol_secret_free(secret);
	obol_secret_free(longest);
	obol_secret_free(longer);
	obol_secret_free(none);
}
END_TEST

Suite *login_suite(void)
{
	Suite *suite = suite_create("login");
	TCase *tc = tcase_create("login");

	tcase_add_loop_test(tc, round_trip_cut_longer, 0,
						sizeof(good) / sizeof(*good) - 1);
	tcase_add_loop_test(tc, bad_is_refused, 0, sizeof(bad) / sizeof(*bad) - 1);
	tcase_add_test(tc, start_has_one_size);
	tcase_add_test(tc, start_fields);
	tcase_add_test(tc, context_layout);
	tcase_add_test(tc, oprf_input);
	suite_add_tcase(suite, tc);
	return suite;
}
