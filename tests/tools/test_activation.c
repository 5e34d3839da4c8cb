/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An activation slot that the operator's tool made opens by its code. */
#include <check.h>

#include "pake/opaque_login.h"
#include "seal/code.h"
#include "store/store_sqlite.h"
#include "support/tempdir.h"
#include "server/activation.h"

Suite *activation_suite(void);

#define END 1800000000

struct fixture {
	struct tempdir dir;
	struct obol_secret *seed;
	struct obol_secret *private_key;
	struct obol_opaque_keys keys;
	struct obol_store *store;
	struct obol_activation_server server;
};

static void setup(struct fixture *f)
{
	struct obol_store_sqlite_options options = { .create = true,
												 .guess_rows_max = 10,
												 .rng = obol_rng_system() };
	uint8_t public_key[OBOL_OPAQUE_NPK];
	char why[256];

	memset(f, 0, sizeof(*f));
	tempdir_init(&f->dir);
	options.path = tempdir_file(&f->dir, "obol.db");
	ck_assert_int_eq(
		obol_store_sqlite_open(&options, &f->store, why, sizeof(why)), OBOL_OK);
	ck_assert_int_eq(obol_rng_secret(obol_rng_system(), 32, &f->seed), OBOL_OK);
	ck_assert_int_eq(obol_opaque_generate_key_pair(obol_rng_system(),
												   &f->private_key, public_key),
					 OBOL_OK);
	ck_assert_int_eq(
		obol_opaque_local_keys_init(&f->keys, 3, f->seed, f->private_key),
		OBOL_OK);
	f->server.rng = obol_rng_system();
	f->server.store = f->store;
	f->server.keys = &f->keys;
	f->server.key_number = 3;
}

static void teardown(struct fixture *f)
{
	obol_opaque_local_keys_clear(&f->keys);
	obol_secret_free(f->seed);
	obol_secret_free(f->private_key);
	obol_store_close(f->store);
	tempdir_clear(&f->dir);
}

/** A login as a client and a server do it; its export_key, or NULL. */
static struct obol_secret *login(struct fixture *f, const char *name,
								 const struct obol_secret *code,
								 const struct obol_slot *slot)
{
	struct obol_opaque_identities ids = { obol_bytes_str(name), { NULL, 0 } };
	struct obol_opaque_client_output out = { .session_key = NULL };
	uint8_t ke1[OBOL_OPAQUE_KE1_LEN], ke2[OBOL_OPAQUE_KE2_LEN];
	struct obol_opaque_client *client = NULL;
	struct obol_opaque_server *server = NULL;
	struct obol_secret *input, *export_key = NULL;
	uint8_t identifier[32];
	struct obol_opaque_server_input in = {
		.keys = &f->keys,
		.key_number = slot->key_number,
		.credential_identifier = obol_bytes(identifier, 32),
		.record = obol_bytes(slot->record, sizeof(slot->record)),
		.ids = ids,
		.context = obol_bytes_str("context"),
	};
	struct obol_ksf ksf;

	ck_assert_int_eq(obol_store_credential_identifier(
						 f->store, OBOL_SLOT_ACTIVATION, obol_bytes_str(name),
						 NULL, identifier),
					 OBOL_OK);
	ck_assert_int_eq(obol_ksf_init(&ksf, &slot->ksf), OBOL_OK);
	ck_assert_int_eq(obol_login_oprf_input(obol_bytes_str(name), code, &input),
					 OBOL_OK);
	ck_assert_int_eq(
		obol_opaque_generate_ke1(obol_rng_system(), input, ke1, &client),
		OBOL_OK);
	ck_assert_int_eq(obol_opaque_generate_ke2(obol_rng_system(), &in,
											  obol_bytes(ke1, sizeof(ke1)), ke2,
											  &server),
					 OBOL_OK);
	if (obol_opaque_generate_ke3(client, obol_bytes(ke2, sizeof(ke2)), &ids,
								 in.context, &ksf, &out) == OBOL_OK)
	{
		ck_assert_int_eq(
			obol_opaque_server_finish(
				server, obol_bytes(out.ke3, sizeof(out.ke3)), NULL),
			OBOL_OK);
		export_key = out.export_key;
		out.export_key = NULL;
	}
	obol_opaque_client_output_clear(&out);
	obol_opaque_client_free(client);
	obol_opaque_server_free(server);
	obol_secret_free(input);
	return export_key;
}

START_TEST(opens)
{
	struct obol_account_key key, got;
	struct obol_secret *code, *text, *typed, *export_key;
	struct obol_slot slot;
	struct fixture f;

	setup(&f);
	ck_assert_int_eq(
		obol_code_new(f.server.rng, OBOL_ACTIVATION_BITS, &code, &text),
		OBOL_OK);
	ck_assert_int_eq(obol_account_key_new(f.server.rng, &key), OBOL_OK);
	key.generation = 5;
	ck_assert_int_eq(
		obol_activation_register(&f.server, "alice", code, &key, END, &slot),
		OBOL_OK);
	ck_assert_uint_eq(slot.kind, OBOL_SLOT_ACTIVATION);
	ck_assert_uint_eq(slot.generation, 5);
	ck_assert_uint_eq(slot.key_number, 3);
	ck_assert_uint_eq(slot.expires_at, END);
	ck_assert_uint_eq(slot.ksf.id, OBOL_KSF_IDENTITY);

	/* as a person types it */
	ck_assert_int_eq(
		obol_code_parse(obol_secret_view(text), OBOL_ACTIVATION_BITS, &typed),
		OBOL_OK);
	export_key = login(&f, "alice", typed, &slot);
	ck_assert_ptr_nonnull(export_key);
	ck_assert_int_eq(obol_slot_unwrap(export_key, OBOL_SLOT_ACTIVATION,
									  obol_bytes(slot.wrap, slot.wrap_len),
									  &got),
					 OBOL_OK);
	ck_assert_mem_eq(got.account_id, key.account_id, OBOL_ACCOUNT_ID_LEN);
	ck_assert_uint_eq(got.generation, 5);
	ck_assert(
		obol_bytes_eq(obol_secret_view(got.key), obol_secret_view(key.key)));
	obol_account_key_clear(&got);
	obol_secret_free(export_key);

	/* another's name, another code */
	ck_assert_ptr_null(login(&f, "bob", typed, &slot));
	obol_secret_ptr(typed)[0] ^= 1;
	ck_assert_ptr_null(login(&f, "alice", typed, &slot));
	obol_secret_free(typed);
	obol_secret_free(code);
	obol_secret_free(text);
	obol_account_key_clear(&key);
	teardown(&f);
}
END_TEST

START_TEST(refused)
{
	struct obol_secret *code = obol_secret_dup("0123456789", 10);
	char name[OBOL_NAME_MAX + 2];
	struct obol_account_key key;
	struct obol_slot slot;
	struct fixture f;

	setup(&f);
	ck_assert_int_eq(obol_account_key_new(f.server.rng, &key), OBOL_OK);
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ck_assert_int_eq(
		obol_activation_register(&f.server, "", code, &key, END, &slot),
		OBOL_ERR_ARG);
	ck_assert_int_eq(
		obol_activation_register(&f.server, name, code, &key, END, &slot),
		OBOL_ERR_ARG);
	name[OBOL_NAME_MAX] = '\0';
	ck_assert_int_eq(
		obol_activation_register(&f.server, name, code, &key, END, &slot),
		OBOL_OK);
	f.server.key_number = 9;
	ck_assert_int_eq(
		obol_activation_register(&f.server, "alice", code, &key, END, &slot),
		OBOL_ERR_NOT_FOUND);
	obol_account_key_clear(&key);
	obol_secret_free(code);
	teardown(&f);
}
END_TEST

Suite *activation_suite(void)
{
	Suite *suite = suite_create("activation");
	TCase *tc = tcase_create("activation");

	tcase_add_test(tc, opens);
	tcase_add_test(tc, refused);
	suite_add_tcase(suite, tc);
	return suite;
}
