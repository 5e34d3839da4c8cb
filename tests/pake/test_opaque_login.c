/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logins that succeed, and those that fail without anybody meddling. */
#include <check.h>

#include "base/ct.h"
#include "pake/opaque_pair.h"
#include "support/vector_suite.h"

Suite *opaque_login_suite(void);

START_TEST(rfc9807_c)
{
	assert_vectors(&vector_kind_opaque, "opaque-3dh-p256-sha256.txt", 3);
}
END_TEST

static void log_in(struct opaque_pair *pair)
{
	struct obol_secret *session_key = NULL;
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN];

	opaque_pair_ke1(pair);
	ck_assert_int_eq(opaque_pair_ke2(pair), OBOL_OK);
	ck_assert_int_eq(opaque_pair_ke3(pair, ke3), OBOL_OK);
	ck_assert_int_eq(obol_opaque_server_finish(pair->server,
											   obol_bytes(ke3, sizeof(ke3)),
											   &session_key),
					 OBOL_OK);
	ck_assert_uint_eq(obol_secret_len(session_key), OBOL_OPAQUE_NX);
	obol_secret_free(session_key);
}

static const struct {
	const char *client;
	const char *server;
	const char *context;
} agreed[] = {
	{ "", "", "" },
	{ "", "", "context" },
	{ "alice", "", "context" },
	{ "", "vpn.example.org", "context" },
	{ "alice", "vpn.example.org", "" },
};

START_TEST(both_agree)
{
	struct opaque_pair pair;

	opaque_pair_init(&pair, "correct horse", agreed[_i].client,
					 agreed[_i].server);
	pair.context = obol_bytes_str(agreed[_i].context);
	pair.input.context = pair.context;
	log_in(&pair);
	opaque_pair_clear(&pair);
}
END_TEST

/* an absent identity is the public key itself (RFC 9807, 4) */
START_TEST(absent_is_the_public_key)
{
	struct opaque_pair pair;

	opaque_pair_init(&pair, "correct horse", "", "");
	pair.input.ids.client = obol_bytes(pair.record, OBOL_OPAQUE_NPK);
	pair.input.ids.server = obol_bytes(pair.public_key, OBOL_OPAQUE_NPK);
	log_in(&pair);
	opaque_pair_clear(&pair);
}
END_TEST

START_TEST(longest_inputs)
{
	static char longest[OBOL_OPAQUE_FIELD_MAX + 1];
	struct opaque_pair pair;

	memset(longest, 'x', OBOL_OPAQUE_FIELD_MAX);
	opaque_pair_init(&pair, longest, longest, longest);
	pair.context = obol_bytes_str(longest);
	pair.input.context = pair.context;
	log_in(&pair);
	opaque_pair_clear(&pair);
}
END_TEST

START_TEST(stretched)
{
	struct obol_ksf_params params = { OBOL_KSF_SCRYPT, 4, 8, 1 };
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN];
	struct opaque_pair pair;

	/* registered with the identity: stretching otherwise is another password */
	opaque_pair_init(&pair, "correct horse", "", "");
	ck_assert_int_eq(obol_ksf_init(&pair.ksf, &params), OBOL_OK);
	opaque_pair_ke1(&pair);
	ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_OK);
	ck_assert_int_eq(opaque_pair_ke3(&pair, ke3), OBOL_ERR_AUTH);
	opaque_pair_clear(&pair);
}
END_TEST

/* what the client takes for granted, against what was agreed on */
static const struct {
	const char *what;
	const char *password;
	const char *client;
	const char *server;
	const char *context;
	enum obol_status status;
} mistaken[] = {
	{ "nothing", "secret", "alice", "vpn", "ctx", OBOL_OK },
	{ "password", "Secret", "alice", "vpn", "ctx", OBOL_ERR_AUTH },
	{ "password, longer", "secret ", "alice", "vpn", "ctx", OBOL_ERR_AUTH },
	{ "client", "secret", "Alice", "vpn", "ctx", OBOL_ERR_AUTH },
	{ "client absent", "secret", "", "vpn", "ctx", OBOL_ERR_AUTH },
	{ "server", "secret", "alice", "vpn2", "ctx", OBOL_ERR_AUTH },
	{ "server absent", "secret", "alice", "", "ctx", OBOL_ERR_AUTH },
	{ "identities swapped", "secret", "vpn", "alice", "ctx", OBOL_ERR_AUTH },
	{ "identities shifted", "secret", "alicev", "pn", "ctx", OBOL_ERR_AUTH },
	{ "context", "secret", "alice", "vpn", "ctX", OBOL_ERR_AUTH },
	{ "context absent", "secret", "alice", "vpn", "", OBOL_ERR_AUTH },
};

START_TEST(client_is_mistaken)
{
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN];
	struct opaque_pair pair;

	opaque_pair_init(&pair, "secret", "alice", "vpn");
	pair.input.context = obol_bytes_str("ctx");
	obol_secret_free(pair.password);
	pair.password =
		obol_secret_dup(mistaken[_i].password, strlen(mistaken[_i].password));
	pair.ids.client = obol_bytes_str(mistaken[_i].client);
	pair.ids.server = obol_bytes_str(mistaken[_i].server);
	pair.context = obol_bytes_str(mistaken[_i].context);
	opaque_pair_ke1(&pair);
	ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_OK);
	ck_assert_msg(opaque_pair_ke3(&pair, ke3) == mistaken[_i].status, "%s",
				  mistaken[_i].what);
	opaque_pair_clear(&pair);
}
END_TEST

START_TEST(server_is_mistaken)
{
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN];
	struct opaque_pair pair;

	opaque_pair_init(&pair, "secret", "alice", "vpn");
	/* another account's OPRF key */
	pair.input.credential_identifier = obol_bytes_str("bob's identifier");
	opaque_pair_ke1(&pair);
	ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_OK);
	ck_assert_int_eq(opaque_pair_ke3(&pair, ke3), OBOL_ERR_AUTH);
	opaque_pair_reset(&pair);
	/* a key that it does not have */
	opaque_pair_ke1(&pair);
	pair.input.key_number++;
	ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_ERR_NOT_FOUND);
	ck_assert_ptr_null(pair.server);
	opaque_pair_clear(&pair);
}
END_TEST

START_TEST(fields_too_long)
{
	static uint8_t longest[OBOL_OPAQUE_FIELD_MAX + 1];
	struct obol_bytes too_long = obol_bytes(longest, sizeof(longest));
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN];
	struct opaque_pair pair;

	opaque_pair_init(&pair, "secret", "", "");
	opaque_pair_ke1(&pair);
	pair.input.context = too_long;
	ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_ERR_ARG);
	pair.input.context = pair.context;
	pair.input.ids.client = too_long;
	ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_ERR_ARG);
	pair.input.ids = pair.ids;
	pair.input.ids.server = too_long;
	ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_ERR_ARG);
	pair.input.ids = pair.ids;
	ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_OK);
	pair.ids.client = too_long;
	ck_assert_int_eq(opaque_pair_ke3(&pair, ke3), OBOL_ERR_ARG);
	opaque_pair_clear(&pair);
}
END_TEST

START_TEST(states_are_used_once)
{
	struct obol_secret *session_key = NULL;
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN];
	struct opaque_pair pair;

	opaque_pair_init(&pair, "secret", "", "");
	opaque_pair_ke1(&pair);
	ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_OK);
	ck_assert_int_eq(opaque_pair_ke3(&pair, ke3), OBOL_OK);
	ck_assert_int_eq(opaque_pair_ke3(&pair, ke3), OBOL_ERR_ARG);
	ck_assert_int_eq(obol_opaque_server_finish(
						 pair.server, obol_bytes(ke3, sizeof(ke3)), NULL),
					 OBOL_OK);
	ck_assert_int_eq(obol_opaque_server_finish(pair.server,
											   obol_bytes(ke3, sizeof(ke3)),
											   &session_key),
					 OBOL_ERR_ARG);
	ck_assert_ptr_null(session_key);
	opaque_pair_clear(&pair);
}
END_TEST

START_TEST(no_randomness)
{
	struct obol_opaque_client *client = NULL;
	struct obol_opaque_server *server = NULL;
	struct scripted_rng rng;
	struct opaque_pair pair;
	size_t len;

	opaque_pair_init(&pair, "secret", "", "");
	opaque_pair_ke1(&pair);
	for (len = 0; len < 96; len += 8)
	{
		opaque_pair_rng(&rng, 1);
		rng.len = len;
		ck_assert_int_eq(obol_opaque_generate_ke1(&rng.rng, pair.password,
												  pair.ke1, &client),
						 OBOL_ERR_CRYPTO);
		ck_assert_ptr_null(client);
		rng.used = 0;
		ck_assert_int_eq(
			obol_opaque_generate_ke2(&rng.rng, &pair.input,
									 obol_bytes(pair.ke1, sizeof(pair.ke1)),
									 pair.ke2, &server),
			OBOL_ERR_CRYPTO);
		ck_assert_ptr_null(server);
	}
	opaque_pair_clear(&pair);
}
END_TEST

START_TEST(password_out_of_bounds)
{
	struct obol_secret *none = obol_secret_new(0);
	struct obol_secret *longer = obol_secret_new(OBOL_OPRF_INPUT_MAX + 1);
	struct obol_opaque_client *client = NULL;
	uint8_t ke1[OBOL_OPAQUE_KE1_LEN];

	ck_assert_int_eq(
		obol_opaque_generate_ke1(obol_rng_system(), none, ke1, &client),
		OBOL_ERR_ARG);
	ck_assert_int_eq(
		obol_opaque_generate_ke1(obol_rng_system(), longer, ke1, &client),
		OBOL_ERR_ARG);
	ck_assert_ptr_null(client);
	obol_secret_free(none);
	obol_secret_free(longer);
}
END_TEST

START_TEST(unknown_name)
{
	static const uint8_t zeros[OBOL_OPAQUE_ENVELOPE_LEN];
	struct obol_secret *seed = obol_secret_new(32);
	uint8_t again[OBOL_OPAQUE_RECORD_LEN], bob[OBOL_OPAQUE_RECORD_LEN];
	uint8_t ke3[OBOL_OPAQUE_KE3_LEN] = { 0 };
	struct opaque_pair pair;

	opaque_pair_init(&pair, "secret", "", "");
	ck_assert_int_eq(
		obol_opaque_fake_record(seed, obol_bytes_str("alice"), pair.record),
		OBOL_OK);
	ck_assert_int_eq(
		obol_opaque_fake_record(seed, obol_bytes_str("alice"), again), OBOL_OK);
	ck_assert_int_eq(obol_opaque_fake_record(seed, obol_bytes_str("bob"), bob),
					 OBOL_OK);
	ck_assert_mem_eq(pair.record, again, sizeof(again));
	ck_assert_mem_ne(pair.record, bob, OBOL_OPAQUE_NPK);
	ck_assert_mem_ne(pair.record + OBOL_OPAQUE_NPK, bob + OBOL_OPAQUE_NPK,
					 OBOL_OPAQUE_NH);
	/* RFC 9807, 6.3.2.2 */
	ck_assert_mem_eq(pair.record + OBOL_OPAQUE_NPK + OBOL_OPAQUE_NH, zeros,
					 sizeof(zeros));
	opaque_pair_ke1(&pair);
	ck_assert_int_eq(opaque_pair_ke2(&pair), OBOL_OK);
	ck_assert_int_eq(opaque_pair_ke3(&pair, ke3), OBOL_ERR_AUTH);
	ck_assert_int_eq(obol_opaque_server_finish(
						 pair.server, obol_bytes(ke3, sizeof(ke3)), NULL),
					 OBOL_ERR_AUTH);
	/* another seed, another record */
	obol_secret_ptr(seed)[31] = 1;
	ck_assert_int_eq(
		obol_opaque_fake_record(seed, obol_bytes_str("alice"), again), OBOL_OK);
	ck_assert_mem_ne(pair.record, again, OBOL_OPAQUE_NPK);
	obol_secret_cut(seed, 31);
	ck_assert_int_eq(
		obol_opaque_fake_record(seed, obol_bytes_str("alice"), again),
		OBOL_ERR_ARG);
	obol_secret_free(seed);
	opaque_pair_clear(&pair);
}
END_TEST

Suite *opaque_login_suite(void)
{
	Suite *suite = suite_create("opaque_login");
	TCase *tc = tcase_create("opaque_login");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, rfc9807_c);
	tcase_add_loop_test(tc, both_agree, 0, sizeof(agreed) / sizeof(agreed[0]));
	tcase_add_test(tc, absent_is_the_public_key);
	tcase_add_test(tc, longest_inputs);
	tcase_add_test(tc, stretched);
	tcase_add_loop_test(tc, client_is_mistaken, 0,
						sizeof(mistaken) / sizeof(mistaken[0]));
	tcase_add_test(tc, server_is_mistaken);
	tcase_add_test(tc, fields_too_long);
	tcase_add_test(tc, states_are_used_once);
	tcase_add_test(tc, no_randomness);
	tcase_add_test(tc, password_out_of_bounds);
	tcase_add_test(tc, unknown_name);
	suite_add_tcase(suite, tc);
	return suite;
}
