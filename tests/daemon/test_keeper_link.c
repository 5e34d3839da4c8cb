/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way to the keeper, when what is there is none. */
#include "daemon/keeper_link.h"

#include <sys/socket.h>
#include <unistd.h>

#include "daemon/keeper_wire.h"
#include "support/run.h"

/* Some point of the curve. */
static void some_point(uint8_t point[OBOL_OPAQUE_NPK])
{
	struct obol_secret *secret = NULL;

	ck_assert_int_eq(
		obol_opaque_generate_key_pair(obol_rng_system(), &secret, point),
		OBOL_OK);
	obol_secret_free(secret);
}

START_TEST(test_bad_list)
{
	static const struct {
		size_t len;
		uint8_t bytes[2];
	} lists[] = {
		{ 0, { 0 } },         { 1, { 0 } },
		{ 2, { 0, 0 } },      { 2, { 0, 1 } },
		{ 2 + 36, { 0, 1 } }, { 2 + 38, { 0, 1 } },
		{ 2 + 37, { 1, 1 } }, { 2 + 17 * 37, { 0, 17 } },
	};
	uint8_t message[1024] = { 0 };
	struct obol_keeper_link *link = NULL;
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	memcpy(message, lists[_i].bytes, 2);
	ck_assert_int_eq(send(ends[1], message, lists[_i].len, 0),
					 (ssize_t)lists[_i].len);
	ck_assert_int_eq(obol_keeper_link_new(ends[0], &link), OBOL_ERR_IO);
	(void)close(ends[0]);
	(void)close(ends[1]);
}
END_TEST

START_TEST(test_bad_answer)
{
	static const struct {
		size_t len;
		uint8_t status;
	} answers[] = { { 1, 0 },
					{ OBOL_KEEPER_ANSWER_LEN - 1, 0 },
					{ OBOL_KEEPER_ANSWER_LEN + 1, 0 },
					{ OBOL_KEEPER_ANSWER_LEN, 6 },
					{ OBOL_KEEPER_ANSWER_LEN, 255 } };
	struct obol_bytes id = obol_bytes("identifier of thirty-two bytes..", 32);
	struct obol_keeper_list list = { .n = 1, .keys = { { .number = 1 } } };
	uint8_t message[OBOL_KEEPER_LIST_MAX] = { 0 };
	uint8_t point[OBOL_OPAQUE_NPK], out[OBOL_OPAQUE_NPK];
	struct obol_keeper_link *link = NULL;
	struct obol_opaque_keys *ops;
	int ends[2];

	some_point(point);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	ck_assert_int_gt(
		send(ends[1], message, obol_keeper_list_encode(&list, message), 0), 0);
	ck_assert_int_eq(obol_keeper_link_new(ends[0], &link), OBOL_OK);
	ops = obol_keeper_link_operations(link);
	memset(message, 0, sizeof(message));
	message[0] = answers[_i].status;
	ck_assert_int_gt(send(ends[1], message, answers[_i].len, 0), 0);
	ck_assert_int_eq(
		ops->oprf_evaluate(ops, 1, id, obol_bytes(point, sizeof(point)), out),
		OBOL_ERR_IO);
	ck_assert(obol_keeper_link_is_broken(link));
	obol_keeper_link_free(link);
	(void)close(ends[0]);
	(void)close(ends[1]);
}
END_TEST

Suite *keeper_link_suite(void);

Suite *keeper_link_suite(void)
{
	Suite *suite = suite_create("keeper: link");
	TCase *tcase = tcase_create("strange");

	tcase_add_loop_test(tcase, test_bad_list, 0, 8);
	tcase_add_loop_test(tcase, test_bad_answer, 0, 5);
	suite_add_tcase(suite, tcase);
	return suite;
}
