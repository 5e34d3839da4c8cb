/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>

#include "base/ct.h"
#include "pake/opaque_pair.h"
#include "pake/oprf.h"
#include "support/bad_points.h"

Suite *opaque_registration_suite(void);

#define REQUEST_LEN OBOL_OPAQUE_REGISTRATION_REQUEST_LEN
#define RESPONSE_LEN OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN

static enum obol_status start(const struct obol_secret *password, uint8_t tag,
							  uint8_t request[REQUEST_LEN],
							  struct obol_opaque_registration **state)
{
	struct scripted_rng rng;

	opaque_pair_rng(&rng, tag);
	return obol_opaque_registration_start(&rng.rng, password, request, state);
}

static enum obol_status respond(struct opaque_pair *pair,
								struct obol_bytes request,
								uint8_t response[RESPONSE_LEN])
{
	return obol_opaque_registration_respond(&pair->keys, PAIR_KEY_NUMBER,
											pair->input.credential_identifier,
											request, response);
}

static enum obol_status finish(struct opaque_pair *pair,
							   struct obol_opaque_registration *state,
							   struct obol_bytes response, uint8_t *record)
{
	uint8_t pin[OBOL_OPAQUE_NPK];

	return obol_opaque_registration_finish(state, response, &pair->ids,
										   &pair->ksf, record, NULL, pin);
}

START_TEST(same_again_and_differently)
{
	struct obol_opaque_registration *state = NULL;
	uint8_t request[REQUEST_LEN], response[RESPONSE_LEN];
	uint8_t record[OBOL_OPAQUE_RECORD_LEN];
	struct opaque_pair pair;

	opaque_pair_init(&pair, "password", "alice", "");
	/* the tag of opaque_pair_init() */
	ck_assert_int_eq(start(pair.password, 1, request, &state), OBOL_OK);
	ck_assert_int_eq(respond(&pair, obol_bytes(request, REQUEST_LEN), response),
					 OBOL_OK);
	ck_assert_int_eq(
		finish(&pair, state, obol_bytes(response, RESPONSE_LEN), record),
		OBOL_OK);
	ck_assert_mem_eq(record, pair.record, sizeof(record));
	/* used up */
	ck_assert_int_eq(
		finish(&pair, state, obol_bytes(response, RESPONSE_LEN), record),
		OBOL_ERR_ARG);
	obol_opaque_registration_free(state);
	/* another blind and nonce give another key pair and envelope; the masking
	 * key is the password's */
	ck_assert_int_eq(start(pair.password, 2, request, &state), OBOL_OK);
	ck_assert_int_eq(respond(&pair, obol_bytes(request, REQUEST_LEN), response),
					 OBOL_OK);
	ck_assert_int_eq(
		finish(&pair, state, obol_bytes(response, RESPONSE_LEN), record),
		OBOL_OK);
	ck_assert_mem_ne(record, pair.record, OBOL_OPAQUE_NPK);
	ck_assert_mem_eq(record + OBOL_OPAQUE_NPK, pair.record + OBOL_OPAQUE_NPK,
					 OBOL_OPAQUE_NH);
	obol_opaque_registration_free(state);
	opaque_pair_clear(&pair);
}
END_TEST

static const struct {
	size_t len;
	enum obol_status status;
} passwords[] = {
	{ 0, OBOL_ERR_ARG },
	{ 1, OBOL_OK },
	{ OBOL_OPRF_INPUT_MAX, OBOL_OK },
	{ OBOL_OPRF_INPUT_MAX + 1, OBOL_ERR_ARG },
};

START_TEST(password_lengths)
{
	struct obol_secret *password = obol_secret_new(passwords[_i].len);
	struct obol_opaque_registration *state = NULL;
	uint8_t request[REQUEST_LEN];

	ck_assert_int_eq(start(password, 1, request, &state), passwords[_i].status);
	ck_assert_int_eq(state != NULL, passwords[_i].status == OBOL_OK);
	obol_opaque_registration_free(state);
	obol_secret_free(password);
}
END_TEST

START_TEST(no_randomness)
{
	struct obol_secret *password = obol_secret_dup("password", 8);
	struct obol_opaque_registration *state = NULL;
	uint8_t request[REQUEST_LEN];
	struct scripted_rng rng;
	size_t len;

	/* blind and envelope_nonce are 64 bytes */
	for (len = 0; len < 64; len += 8)
	{
		opaque_pair_rng(&rng, 1);
		rng.len = len;
		ck_assert_int_eq(
			obol_opaque_registration_start(&rng.rng, password, request, &state),
			OBOL_ERR_CRYPTO);
		ck_assert_ptr_null(state);
	}
	obol_secret_free(password);
}
END_TEST

START_TEST(server_refuses_points)
{
	uint8_t response[RESPONSE_LEN];
	struct opaque_pair pair;
	struct bad_point bad;

	opaque_pair_init(&pair, "password", "", "");
	bad_point_get((size_t)_i, &bad);
	ck_assert_msg(respond(&pair, obol_bytes(bad.bytes, bad.len), response) ==
					  OBOL_ERR_FORMAT,
				  "%s", bad.what);
	opaque_pair_clear(&pair);
}
END_TEST

START_TEST(client_refuses_points)
{
	uint8_t request[REQUEST_LEN], response[RESPONSE_LEN], broken[RESPONSE_LEN];
	struct obol_opaque_registration *state = NULL;
	uint8_t record[OBOL_OPAQUE_RECORD_LEN];
	struct opaque_pair pair;
	struct bad_point bad;
	size_t place;

	bad_point_get((size_t)_i, &bad);
	if (bad.len != OBOL_OPAQUE_NPK)
	{
		return;
	}
	opaque_pair_init(&pair, "password", "", "");
	for (place = 0; place < 2; place++)
	{
		ck_assert_int_eq(start(pair.password, 1, request, &state), OBOL_OK);
		ck_assert_int_eq(
			respond(&pair, obol_bytes(request, REQUEST_LEN), response),
			OBOL_OK);
		memcpy(broken, response, RESPONSE_LEN);
		memcpy(broken + place * OBOL_OPAQUE_NOE, bad.bytes, bad.len);
		ck_assert_msg(finish(&pair, state, obol_bytes(broken, RESPONSE_LEN),
							 record) == OBOL_ERR_FORMAT,
					  "%s", bad.what);
		obol_opaque_registration_free(state);
	}
	opaque_pair_clear(&pair);
}
END_TEST

START_TEST(every_wrong_length)
{
	uint8_t request[REQUEST_LEN + 1] = { 0 };
	uint8_t response[RESPONSE_LEN + 1] = { 0 };
	uint8_t record[OBOL_OPAQUE_RECORD_LEN];
	struct obol_opaque_registration *state = NULL;
	struct opaque_pair pair;
	size_t len;

	opaque_pair_init(&pair, "password", "", "");
	for (len = 0; len <= RESPONSE_LEN + 1; len++)
	{
		ck_assert_int_eq(start(pair.password, 1, request, &state), OBOL_OK);
		ck_assert_int_eq(
			respond(&pair, obol_bytes(request, REQUEST_LEN), response),
			OBOL_OK);
		ck_assert_msg(finish(&pair, state, obol_bytes(response, len), record) ==
						  (len == RESPONSE_LEN ? OBOL_OK : OBOL_ERR_FORMAT),
					  "response of %zu bytes", len);
		obol_opaque_registration_free(state);
		ck_assert_msg(len > REQUEST_LEN + 1 ||
						  respond(&pair, obol_bytes(request, len), response) ==
							  (len == REQUEST_LEN ? OBOL_OK : OBOL_ERR_FORMAT),
					  "request of %zu bytes", len);
	}
	opaque_pair_clear(&pair);
}
END_TEST

START_TEST(identities_too_long)
{
	static uint8_t longest[OBOL_OPAQUE_FIELD_MAX + 1];
	uint8_t request[REQUEST_LEN], response[RESPONSE_LEN];
	uint8_t record[OBOL_OPAQUE_RECORD_LEN];
	struct obol_opaque_registration *state = NULL;
	struct opaque_pair pair;
	size_t len;
	int side;

	opaque_pair_init(&pair, "password", "", "");
	for (side = 0; side < 2; side++)
	{
		for (len = sizeof(longest) - 1; len <= sizeof(longest); len++)
		{
			pair.ids.client = obol_bytes(longest, side ? 0 : len);
			pair.ids.server = obol_bytes(longest, side ? len : 0);
			ck_assert_int_eq(start(pair.password, 1, request, &state), OBOL_OK);
			ck_assert_int_eq(
				respond(&pair, obol_bytes(request, REQUEST_LEN), response),
				OBOL_OK);
			ck_assert_int_eq(finish(&pair, state,
									obol_bytes(response, RESPONSE_LEN), record),
							 len > OBOL_OPAQUE_FIELD_MAX ? OBOL_ERR_ARG
														 : OBOL_OK);
			obol_opaque_registration_free(state);
		}
	}
	opaque_pair_clear(&pair);
}
END_TEST

START_TEST(another_key_number)
{
	uint8_t request[REQUEST_LEN], response[RESPONSE_LEN];
	struct obol_opaque_registration *state = NULL;
	struct obol_secret *shared = obol_secret_new(OBOL_OPAQUE_NPK);
	struct opaque_pair pair;

	opaque_pair_init(&pair, "password", "", "");
	ck_assert_int_eq(start(pair.password, 1, request, &state), OBOL_OK);
	ck_assert_int_eq(obol_opaque_registration_respond(
						 &pair.keys, PAIR_KEY_NUMBER + 1,
						 pair.input.credential_identifier,
						 obol_bytes(request, REQUEST_LEN), response),
					 OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(
		pair.keys.oprf_evaluate(&pair.keys, 0, pair.input.credential_identifier,
								obol_bytes(request, REQUEST_LEN), response),
		OBOL_ERR_NOT_FOUND);
	ck_assert_int_eq(pair.keys.static_dh(&pair.keys, 0,
										 obol_bytes(request, REQUEST_LEN),
										 shared),
					 OBOL_ERR_NOT_FOUND);
	obol_secret_cut(shared, OBOL_OPAQUE_NPK - 1);
	ck_assert_int_eq(pair.keys.static_dh(&pair.keys, PAIR_KEY_NUMBER,
										 obol_bytes(request, REQUEST_LEN),
										 shared),
					 OBOL_ERR_ARG);
	obol_secret_free(shared);
	obol_opaque_registration_free(state);
	opaque_pair_clear(&pair);
}
END_TEST

/* lengths of oprf_seed and private key, and the key's first byte */
static const struct {
	size_t seed_len;
	size_t key_len;
	uint8_t first;
	enum obol_status status;
} server_keys[] = {
	{ 32, 32, 1, OBOL_OK },
	{ 31, 32, 1, OBOL_ERR_FORMAT },
	{ 33, 32, 1, OBOL_ERR_FORMAT },
	{ 32, 31, 1, OBOL_ERR_FORMAT },
	{ 32, 33, 1, OBOL_ERR_FORMAT },
	{ 32, 0, 0, OBOL_ERR_FORMAT },
	/* zero */
	{ 32, 32, 0, OBOL_ERR_FORMAT },
};

START_TEST(keys_of_a_server)
{
	struct obol_secret *seed = obol_secret_new(server_keys[_i].seed_len);
	struct obol_secret *key = obol_secret_new(server_keys[_i].key_len);
	struct obol_opaque_keys keys = { 0 };

	if (server_keys[_i].key_len)
	{
		obol_secret_ptr(key)[0] = server_keys[_i].first;
	}
	ck_assert_int_eq(obol_opaque_local_keys_init(&keys, 1, seed, key),
					 server_keys[_i].status);
	obol_opaque_local_keys_clear(&keys);
	/* n and above */
	if (server_keys[_i].key_len == 32)
	{
		memset(obol_secret_ptr(key), 0xff, 32);
		ck_assert_int_eq(obol_opaque_local_keys_init(&keys, 1, seed, key),
						 OBOL_ERR_FORMAT);
	}
	obol_secret_free(seed);
	obol_secret_free(key);
}
END_TEST

START_TEST(new_key_pairs_differ)
{
	struct obol_secret *a = NULL, *b = NULL;
	uint8_t public_a[OBOL_OPAQUE_NPK], public_b[OBOL_OPAQUE_NPK];
	struct scripted_rng rng;

	ck_assert_int_eq(
		obol_opaque_generate_key_pair(obol_rng_system(), &a, public_a),
		OBOL_OK);
	ck_assert_int_eq(
		obol_opaque_generate_key_pair(obol_rng_system(), &b, public_b),
		OBOL_OK);
	ck_assert(!obol_ct_eq(obol_secret_ptr(a), obol_secret_ptr(b), 32));
	ck_assert_mem_ne(public_a, public_b, sizeof(public_a));
	obol_secret_free(a);
	obol_secret_free(b);
	scripted_rng_init(&rng, NULL);
	ck_assert_int_eq(obol_opaque_generate_key_pair(&rng.rng, &a, public_a),
					 OBOL_ERR_CRYPTO);
}
END_TEST

Suite *opaque_registration_suite(void)
{
	Suite *suite = suite_create("opaque_registration");
	TCase *tc = tcase_create("opaque_registration");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, same_again_and_differently);
	tcase_add_loop_test(tc, password_lengths, 0,
						sizeof(passwords) / sizeof(passwords[0]));
	tcase_add_test(tc, no_randomness);
	tcase_add_loop_test(tc, server_refuses_points, 0, (int)bad_points_count());
	tcase_add_loop_test(tc, client_refuses_points, 0, (int)bad_points_count());
	tcase_add_test(tc, every_wrong_length);
	tcase_add_test(tc, identities_too_long);
	tcase_add_test(tc, another_key_number);
	tcase_add_loop_test(tc, keys_of_a_server, 0,
						sizeof(server_keys) / sizeof(server_keys[0]));
	tcase_add_test(tc, new_key_pairs_differ);
	suite_add_tcase(suite, tc);
	return suite;
}
