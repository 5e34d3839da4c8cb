/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logins with somebody in between: every byte changed, every length, bad
 * points in each place, keys' operations that refuse. */
#include <check.h>

#include "pake/opaque_pair.h"
#include "support/bad_points.h"
#include "support/bad_tags.h"

Suite *opaque_hostile_suite(void);

static bool refused(enum obol_status status)
{
	return status == OBOL_ERR_AUTH || status == OBOL_ERR_FORMAT;
}

static enum obol_status server_finish(struct opaque_pair *pair,
									  const uint8_t *ke3, size_t len)
{
	struct obol_secret *session_key = NULL;
	enum obol_status status;

	status = obol_opaque_server_finish(pair->server, obol_bytes(ke3, len),
									   &session_key);
	ck_assert_int_eq(session_key != NULL, status == OBOL_OK);
	obol_secret_free(session_key);
	return status;
}

START_TEST(each_byte_of_ke1)
{
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN];
	struct opaque_pair pair;
	size_t i;

	opaque_pair_init(&pair, "secret", "alice", "");
	for (i = 0; i < OBOL_OPAQUE_KE1_LEN; i++)
	{
		enum obol_status status;

		opaque_pair_ke1(&pair);
		pair.ke1[i] ^= 1;
		status = opaque_pair_ke2(&pair);
		if (status == OBOL_OK)
		{
			status = opaque_pair_ke3(&pair, ke3);
		}
		ck_assert_msg(refused(status), "byte %zu: %s", i,
					  obol_status_name(status));
		opaque_pair_reset(&pair);
	}
	opaque_pair_clear(&pair);
}
END_TEST

START_TEST(each_byte_of_ke2)
{
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN];
	struct opaque_pair pair;
	size_t i;

	opaque_pair_init(&pair, "secret", "alice", "");
	for (i = 0; i < OBOL_OPAQUE_KE2_LEN; i++)
	{
		enum obol_status status;

		opaque_pair_ke1(&pair);
		ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_OK);
		pair.ke2[i] ^= (uint8_t)(1 << i % 8);
		status = opaque_pair_ke3(&pair, ke3);
		ck_assert_msg(refused(status), "byte %zu: %s", i,
					  obol_status_name(status));
		opaque_pair_reset(&pair);
	}
	opaque_pair_clear(&pair);
}
END_TEST

START_TEST(each_byte_of_ke3)
{
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN];
	struct opaque_pair pair;
	size_t i;

	opaque_pair_init(&pair, "secret", "alice", "");
	for (i = 0; i < OBOL_OPAQUE_KE3_LEN; i++)
	{
		opaque_pair_ke1(&pair);
		ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_OK);
		ck_assert_int_eq(opaque_pair_ke3(&pair, ke3), OBOL_OK);
		ke3[i] ^= 0x80;
		ck_assert_msg(server_finish(&pair, ke3, sizeof(ke3)) == OBOL_ERR_AUTH,
					  "byte %zu", i);
		/* no second try with the right one */
		ke3[i] ^= 0x80;
		ck_assert_int_eq(server_finish(&pair, ke3, sizeof(ke3)), OBOL_ERR_ARG);
		opaque_pair_reset(&pair);
	}
	opaque_pair_clear(&pair);
}
END_TEST

START_TEST(wrong_server_macs)
{
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN];
	struct opaque_pair pair;
	size_t i;

	opaque_pair_init(&pair, "secret", "alice", "");
	for (i = 0; i < bad_tags_count(OBOL_OPAQUE_NM); i++)
	{
		const char *what;

		opaque_pair_ke1(&pair);
		ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_OK);
		what = bad_tag_make(i, pair.ke2 + OBOL_OPAQUE_KE2_LEN - OBOL_OPAQUE_NM,
							OBOL_OPAQUE_NM);
		ck_assert_msg(opaque_pair_ke3(&pair, ke3) == OBOL_ERR_AUTH, "%s", what);
		opaque_pair_reset(&pair);
	}
	opaque_pair_clear(&pair);
}
END_TEST

/* the envelope's auth_tag is masked on the way, so bits arrive as flipped */
START_TEST(wrong_auth_tags)
{
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN], record[OBOL_OPAQUE_RECORD_LEN];
	struct opaque_pair pair;
	size_t i;

	opaque_pair_init(&pair, "secret", "alice", "");
	memcpy(record, pair.record, sizeof(record));
	for (i = 0; i < bad_tags_count(OBOL_OPAQUE_NM); i++)
	{
		const char *what = bad_tag_make(
			i, pair.record + OBOL_OPAQUE_RECORD_LEN - OBOL_OPAQUE_NM,
			OBOL_OPAQUE_NM);

		opaque_pair_ke1(&pair);
		ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_OK);
		ck_assert_msg(opaque_pair_ke3(&pair, ke3) == OBOL_ERR_AUTH, "%s", what);
		memcpy(pair.record, record, sizeof(record));
		opaque_pair_reset(&pair);
	}
	opaque_pair_clear(&pair);
}
END_TEST

START_TEST(wrong_client_macs)
{
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN];
	struct opaque_pair pair;
	size_t i;

	opaque_pair_init(&pair, "secret", "alice", "");
	for (i = 0; i < bad_tags_count(OBOL_OPAQUE_NM); i++)
	{
		const char *what;

		opaque_pair_ke1(&pair);
		ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_OK);
		ck_assert_int_eq(opaque_pair_ke3(&pair, ke3), OBOL_OK);
		what = bad_tag_make(i, ke3, sizeof(ke3));
		ck_assert_msg(server_finish(&pair, ke3, sizeof(ke3)) == OBOL_ERR_AUTH,
					  "%s", what);
		opaque_pair_reset(&pair);
	}
	opaque_pair_clear(&pair);
}
END_TEST

START_TEST(each_byte_of_the_record)
{
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN];
	struct opaque_pair pair;
	size_t i;

	opaque_pair_init(&pair, "secret", "alice", "");
	for (i = 0; i < OBOL_OPAQUE_RECORD_LEN; i++)
	{
		enum obol_status status;

		opaque_pair_ke1(&pair);
		pair.record[i] ^= 1;
		status = opaque_pair_ke2(&pair);
		if (status == OBOL_OK)
		{
			status = opaque_pair_ke3(&pair, ke3);
		}
		ck_assert_msg(refused(status), "byte %zu: %s", i,
					  obol_status_name(status));
		pair.record[i] ^= 1;
		opaque_pair_reset(&pair);
	}
	opaque_pair_clear(&pair);
}
END_TEST

START_TEST(every_length)
{
	uint8_t longer[OBOL_OPAQUE_KE2_LEN + 1] = { 0 };
	struct obol_opaque_client_output out = { 0 };
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN + 1] = { 0 };
	struct opaque_pair pair;
	size_t len;

	opaque_pair_init(&pair, "secret", "alice", "");
	for (len = 0; len <= OBOL_OPAQUE_KE2_LEN + 1; len++)
	{
		if (len == OBOL_OPAQUE_KE2_LEN)
		{
			continue;
		}
		opaque_pair_ke1(&pair);
		ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_OK);
		memcpy(longer, pair.ke2, sizeof(pair.ke2));
		ck_assert_msg(obol_opaque_generate_ke3(
						  pair.client, obol_bytes(longer, len), &pair.ids,
						  pair.context, &pair.ksf, &out) == OBOL_ERR_FORMAT,
					  "KE2 of %zu bytes", len);
		ck_assert_msg(len == OBOL_OPAQUE_KE3_LEN ||
						  len > OBOL_OPAQUE_KE3_LEN + 1 ||
						  server_finish(&pair, ke3, len) == OBOL_ERR_FORMAT,
					  "KE3 of %zu bytes", len);
		opaque_pair_reset(&pair);
	}
	opaque_pair_clear(&pair);
}
END_TEST

START_TEST(every_length_at_the_server)
{
	uint8_t longer[OBOL_OPAQUE_RECORD_LEN + 1] = { 0 };
	struct scripted_rng rng;
	struct opaque_pair pair;
	uint8_t ke1[OBOL_OPAQUE_KE1_LEN + 1] = { 0 };
	size_t len;

	opaque_pair_init(&pair, "secret", "alice", "");
	opaque_pair_ke1(&pair);
	memcpy(ke1, pair.ke1, sizeof(pair.ke1));
	memcpy(longer, pair.record, sizeof(pair.record));
	for (len = 0; len <= OBOL_OPAQUE_RECORD_LEN + 1; len++)
	{
		opaque_pair_rng(&rng, 1);
		if (len != OBOL_OPAQUE_KE1_LEN && len <= OBOL_OPAQUE_KE1_LEN + 1)
		{
			ck_assert_msg(obol_opaque_generate_ke2(
							  &rng.rng, &pair.input, obol_bytes(ke1, len),
							  pair.ke2, &pair.server) == OBOL_ERR_FORMAT,
						  "KE1 of %zu bytes", len);
		}
		if (len != OBOL_OPAQUE_RECORD_LEN)
		{
			pair.input.record = obol_bytes(longer, len);
			ck_assert_msg(opaque_pair_ke2(&pair) == OBOL_ERR_FORMAT,
						  "record of %zu bytes", len);
			pair.input.record = obol_bytes(pair.record, sizeof(pair.record));
		}
	}
	opaque_pair_clear(&pair);
}
END_TEST

/* Points of KE1, KE2 and the record in their places. */
START_TEST(bad_points_in_messages)
{
	static const size_t ke1_places[] = { 0, 65 };
	static const size_t ke2_places[] = { 0, 194 };
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN];
	struct opaque_pair pair;
	struct bad_point bad;
	size_t i;

	bad_point_get((size_t)_i, &bad);
	if (bad.len != OBOL_OPAQUE_NPK)
	{
		return;
	}
	opaque_pair_init(&pair, "secret", "alice", "");
	for (i = 0; i < 2; i++)
	{
		opaque_pair_ke1(&pair);
		memcpy(pair.ke1 + ke1_places[i], bad.bytes, bad.len);
		ck_assert_msg(opaque_pair_ke2(&pair) == OBOL_ERR_FORMAT,
					  "%s at %zu of KE1", bad.what, ke1_places[i]);
		opaque_pair_reset(&pair);
		opaque_pair_ke1(&pair);
		ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_OK);
		memcpy(pair.ke2 + ke2_places[i], bad.bytes, bad.len);
		ck_assert_msg(opaque_pair_ke3(&pair, ke3) == OBOL_ERR_FORMAT,
					  "%s at %zu of KE2", bad.what, ke2_places[i]);
		opaque_pair_reset(&pair);
	}
	opaque_pair_ke1(&pair);
	memcpy(pair.record, bad.bytes, bad.len);
	ck_assert_msg(opaque_pair_ke2(&pair) == OBOL_ERR_FORMAT, "%s in the record",
				  bad.what);
	opaque_pair_clear(&pair);
}
END_TEST

static enum obol_status deny_evaluate(struct obol_opaque_keys *keys,
									  uint32_t key_number,
									  struct obol_bytes credential_identifier,
									  struct obol_bytes blinded,
									  uint8_t evaluated[OBOL_OPAQUE_NOE])
{
	(void)keys;
	(void)key_number;
	(void)credential_identifier;
	(void)blinded;
	(void)evaluated;
	return OBOL_ERR_DENIED;
}

static enum obol_status deny_dh(struct obol_opaque_keys *keys,
								uint32_t key_number, struct obol_bytes point,
								struct obol_secret *shared)
{
	(void)keys;
	(void)key_number;
	(void)point;
	(void)shared;
	return OBOL_ERR_DENIED;
}

START_TEST(keys_refuse)
{
	struct opaque_pair pair;
	struct obol_opaque_keys kept;

	opaque_pair_init(&pair, "secret", "alice", "");
	kept = pair.keys;
	opaque_pair_ke1(&pair);
	pair.keys.oprf_evaluate = deny_evaluate;
	ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_ERR_DENIED);
	pair.keys = kept;
	pair.keys.static_dh = deny_dh;
	ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_ERR_DENIED);
	ck_assert_ptr_null(pair.server);
	pair.keys = kept;
	ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_OK);
	opaque_pair_clear(&pair);
}
END_TEST

/* an answer meant for another login is no answer */
START_TEST(replayed_ke2)
{
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN];
	struct scripted_rng rng;
	struct opaque_pair pair;

	opaque_pair_init(&pair, "secret", "alice", "");
	opaque_pair_ke1(&pair);
	ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_OK);
	obol_opaque_client_free(pair.client);
	opaque_pair_rng(&rng, 77);
	ck_assert_int_eq(obol_opaque_generate_ke1(&rng.rng, pair.password, pair.ke1,
											  &pair.client),
					 OBOL_OK);
	ck_assert_int_eq(opaque_pair_ke3(&pair, ke3), OBOL_ERR_AUTH);
	opaque_pair_clear(&pair);
}
END_TEST

Suite *opaque_hostile_suite(void)
{
	Suite *suite = suite_create("opaque_hostile");
	TCase *tc = tcase_create("opaque_hostile");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, each_byte_of_ke1);
	tcase_add_test(tc, each_byte_of_ke2);
	tcase_add_test(tc, each_byte_of_ke3);
	tcase_add_test(tc, wrong_server_macs);
	tcase_add_test(tc, wrong_auth_tags);
	tcase_add_test(tc, wrong_client_macs);
	tcase_add_test(tc, each_byte_of_the_record);
	tcase_add_test(tc, every_length);
	tcase_add_test(tc, every_length_at_the_server);
	tcase_add_loop_test(tc, bad_points_in_messages, 0, (int)bad_points_count());
	tcase_add_test(tc, keys_refuse);
	tcase_add_test(tc, replayed_ke2);
	suite_add_tcase(suite, tc);
	return suite;
}
